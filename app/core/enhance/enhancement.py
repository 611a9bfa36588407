"""The enhancements of a recording for models, and the features that each is used for."""

from __future__ import annotations

from enum import StrEnum

from app.core.semiology import FEATURES, Feature, Group


class Enhancement(StrEnum):
    """The kind of clip for a group of features."""

    POSE = "pose"
    FACE = "face"
    SOUND = "sound"


_GROUP_OF: dict[Enhancement, Group] = {
    Enhancement.POSE: Group.BODY,
    Enhancement.FACE: Group.FACE,
    Enhancement.SOUND: Group.SOUND,
}


def features_of(enhancement: Enhancement) -> tuple[Feature, ...]:
    """The features for this enhancement: 11, 7 or 2."""
    return tuple(feature for feature in FEATURES if feature.group is _GROUP_OF[enhancement])


def enhancement_of(feature: Feature) -> Enhancement:
    """The enhancement for `feature`."""
    return next(enhancement for enhancement, group in _GROUP_OF.items() if group is feature.group)
