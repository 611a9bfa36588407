"""Which question is asked of which clip."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields

from app.core.enhance.enhancement import Enhancement, enhancement_of, features_of
from app.core.semiology import Feature

ASKING = "asking"
"""The detail of a reading that says so."""
SLEEP = "occur_during_sleep"
"""Asked where the event begins alone: what state it begins in is seen nowhere else."""
OF_THE_WHOLE_EVENT = frozenset({"close_eyes"})
"""Features that hold for all or most of the event, so that no single segment can answer."""
NEEDS_SHOULDERS = "head_turning"
"""A turn of the head is one relative to the shoulders, which a crop of the face does not show."""


@dataclass(frozen=True, slots=True)
class AskingWays:
    """The ways in which questions are given to clips. Without any it is as in version 1 of the prompts: each
    question of each segment, by the group of the feature.

    `sleep_once`: whether the event begins in sleep is asked where it begins; `whole_event`: features of the
    whole event are asked once, of a sparse clip of all of it; `with_shoulders`: head turning is judged from
    the whole picture; `with_picture`: the picture goes along with the sound; `earlier`: a prompt tells what
    was found in earlier segments; `long_sound`: sound in pieces of up to ten minutes instead of segments.
    """

    sleep_once: bool = False
    whole_event: bool = False
    with_shoulders: bool = False
    with_picture: bool = False
    earlier: bool = False
    long_sound: bool = False

    @property
    def text(self) -> str:
        """The ways that are on, as text for the description of a run; "" for none."""
        return ",".join(field.name for field in fields(self) if getattr(self, field.name))

    def features_by_clip(
        self, enhancements: Collection[Enhancement]
    ) -> dict[Enhancement, tuple[Feature, ...]]:
        """The features of the groups in `enhancements` by the kind of clip that they are asked of."""
        found: dict[Enhancement, tuple[Feature, ...]] = {}
        for group in Enhancement:
            for feature in features_of(group) if group in enhancements else ():
                clip = self.clip_of(feature)
                found[clip] = (*found.get(clip, ()), feature)
        return {clip: found[clip] for clip in Enhancement if clip in found}

    def clip_of(self, feature: Feature) -> Enhancement:
        """The kind of clip that a feature is asked of."""
        whole = self.with_shoulders and feature.id == NEEDS_SHOULDERS
        return Enhancement.POSE if whole else enhancement_of(feature)


def asking_from_text(text: str) -> AskingWays:
    """The inverse of `AskingWays.text`. Raises ValueError for an unknown word."""
    words = [word for word in text.split(",") if word]
    if set(words) - {field.name for field in fields(AskingWays)}:
        raise ValueError("asked in a way that this version does not know")
    return AskingWays(**dict.fromkeys(words, True))
