"""How well the models of a study answer its own recordings, by the study's reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.agreement.study_readings import (
    RecordingReadings,
    answered_readings,
    default_reference,
    possible_references,
    visible_recordings,
)
from app.core.plural import plural
from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading
from app.core.semiology import FEATURES, Presence
from app.core.study.blind_readings import AnswersUsed
from app.core.study.store import Study
from app.core.study.viewer import Viewer

ENOUGH = 20
"""Recordings with a reference and an answer from which on the study's own figures come first."""
_DECIDED = (Presence.YES, Presence.NO)


@dataclass(frozen=True, slots=True)
class StudyFigure:
    """A model's F1 for one feature on `recordings` of the study that both it and the reference decided,
    `positives` of them *yes* by the reference; `always_yes` is the F1 of always answering so. `f1` is None
    where neither says yes."""

    recordings: int
    positives: int
    f1: float | None
    always_yes: float

    @property
    def sentence(self) -> str:
        """The figures as a caution."""
        if self.f1 is None or not self.positives:
            said = "the model never says yes" if self.f1 is None else "the model says yes in some"
            return (
                f"In this study: none of {self.recordings} recordings has it, {said}; so no F1 says how "
                "well it is found."
            )
        better = "" if self.f1 > self.always_yes else " Always saying yes does as well."
        return (
            f"In this study: F1 {_short(self.f1)} ({plural(self.recordings, 'recording')}, {self.positives} "
            f"with it); always saying yes scores {_short(self.always_yes)} on the same ones.{better}"
        )


def study_figures(
    study: Study, viewer: Viewer, me: ReaderIdentity | None = None
) -> Mapping[ReaderKey, Mapping[str, StudyFigure]]:
    """The figures of each model of the study by feature, where there are at least `ENOUGH` recordings; the
    models by the key of the reader that each is `anywhere`.

    Nothing that is sealed from the viewer counts, and of what was read blind the answers as locked. Empty
    without a reference.
    """
    found = visible_recordings(study, viewer, used=AnswersUsed.LOCKED)
    references = possible_references(found)
    name = default_reference(references, study.settings().reference, me)
    if name is None:
        return {}
    right = {one.recording.sha256: one for one in references[name]}
    models: dict[ReaderKey, list[Reading]] = {}
    for one in _of_models(found):
        models.setdefault(one.reader.anywhere.key, []).append(one)
    return {key: _figures(readings, right) for key, readings in models.items()}


def _of_models(found: Sequence[RecordingReadings]) -> list[Reading]:
    return [one for one in answered_readings(found) if one.reader.kind is ReaderKind.MODEL]


def _figures(readings: Sequence[Reading], right: Mapping[str, Reading]) -> Mapping[str, StudyFigure]:
    # Of several readings of one recording, as with another version of the server, the first is the latest.
    latest = {one.recording.sha256: one for one in reversed(readings)}
    pairs = [(latest[key], right[key]) for key in latest if key in right]
    figures = {}
    for feature in FEATURES:
        said = [(one.answer(feature.id).presence, true.answer(feature.id).presence) for one, true in pairs]
        decided = [row for row in said if row[0] in _DECIDED and row[1] in _DECIDED]
        if len(decided) >= ENOUGH:
            figures[feature.id] = _figure(decided)
    return figures


def _figure(decided: Sequence[tuple[Presence | None, Presence | None]]) -> StudyFigure:
    positives = sum(true is Presence.YES for _, true in decided)
    claimed = sum(said is Presence.YES for said, _ in decided)
    both = sum(said is true is Presence.YES for said, true in decided)
    f1 = 2 * both / (positives + claimed) if positives + claimed else None
    always = 2 * positives / (len(decided) + positives)
    return StudyFigure(len(decided), positives, f1, always)


def _short(score: float) -> str:
    """The score in the form `.41`."""
    return f"{score:.2f}".removeprefix("0")
