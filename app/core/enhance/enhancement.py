"""What a model can be shown of a recording, and which features each kind is for."""

from __future__ import annotations

from enum import StrEnum

from app.core.semiology import FEATURES, Feature, Group


class Enhancement(StrEnum):
    """What a model is shown for a group of features."""

    POSE = "pose"
    FACE = "face"
    SOUND = "sound"


_GROUP_OF: dict[Enhancement, Group] = {
    Enhancement.POSE: Group.BODY,
    Enhancement.FACE: Group.FACE,
    Enhancement.SOUND: Group.SOUND,
}


def features_of(enhancement: Enhancement) -> tuple[Feature, ...]:
    """The features that are asked about with this enhancement: 11, 7 and 2."""
    return tuple(feature for feature in FEATURES if feature.group is _GROUP_OF[enhancement])


def enhancement_of(feature: Feature) -> Enhancement:
    """The enhancement with which `feature` is asked about."""
    return next(enhancement for enhancement, group in _GROUP_OF.items() if group is feature.group)
