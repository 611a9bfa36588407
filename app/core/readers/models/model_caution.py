"""The caution beside a model's answer: what was published for its family and what it was shown."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.bounded_json import read_json
from app.core.enhance.enhancement import Enhancement
from app.core.published import PublishedArm, caution
from app.core.reader_details import HEARD_BY, SEEN_BY
from app.core.readers.models.asking import ASKING, AskingWays, asking_from_text
from app.core.readers.models.families import UNKNOWN, family_of
from app.core.reading import ReaderIdentity
from app.core.semiology import FEATURE, Group


def published_caution(reader: ReaderIdentity, feature: str) -> str:
    """What was published for a feature, the model's family and the arm; "" without any score."""
    reader = who_answered(reader, feature)
    details = reader.details
    family = family_of(details.get("provider", ""), reader.name, details.get("family", ""))
    name = "" if family.id == UNKNOWN else family.name
    return caution(feature, family.id, name, arm_shown(details, feature))


def who_answered(reader: ReaderIdentity, feature: str) -> ReaderIdentity:
    """The model of a composite reader that answered a feature; any other reader itself."""
    audible = FEATURE[feature].group is Group.SOUND
    text = reader.details.get(HEARD_BY if audible else SEEN_BY)
    if text is None:
        return reader
    unknown = ReaderIdentity(reader.kind, "", "")
    try:
        found = read_json(text)
    except ValueError:
        return unknown
    if not isinstance(found, list) or len(found) != 3 or not isinstance(found[2], dict):
        return unknown
    details = {str(key): str(value) for key, value in found[2].items()}
    return ReaderIdentity(reader.kind, str(found[0]), str(found[1]), details)


def arm_shown(details: Mapping[str, str], feature: str) -> PublishedArm:
    """What a model was shown for a feature, by the details of its reading, which may come from a file of
    somebody else."""
    asking, options = _asking(details.get(ASKING, "")), _options(details.get("clips", ""))
    clip = asking.clip_of(FEATURE[feature])
    if clip is Enhancement.SOUND:
        return _sound(options, asking)
    if clip is Enhancement.FACE:
        return PublishedArm.CROP if options.get("face") is True else PublishedArm.PLAIN
    if options.get("pose") is not True:
        return PublishedArm.PLAIN
    return PublishedArm.BESIDE if options.get("beside") is True else PublishedArm.SKELETON


def _sound(options: Mapping[str, object], asking: AskingWays) -> PublishedArm:
    if asking.with_picture:
        return PublishedArm.SEEN_SOUND
    if options.get("transcript"):
        return PublishedArm.TRANSCRIPT
    return PublishedArm.DENOISED if options.get("denoise") is True else PublishedArm.SOUND


def _asking(text: str) -> AskingWays:
    try:
        return asking_from_text(text)
    except ValueError:
        return AskingWays()


def _options(text: str) -> Mapping[str, object]:
    try:
        found = read_json(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
