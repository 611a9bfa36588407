"""Published scores of models for each feature, shown as a caution and never as this product's accuracy.

From arXiv 2605.03352. Scores of a model say nothing of another family or of other clips, so each names the
model, the arm and the number of recordings that it was measured on.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from app.core.plural import plural
from app.core.semiology import Group, in_group

FILE_NAME = "published_f1.csv"
STUDY_RECORDINGS = 90


class PublishedArm(StrEnum):
    """What the models of the study were shown, in words."""

    PLAIN = "the picture as recorded"
    SKELETON = "the skeleton drawn over the picture"
    BESIDE = "the skeleton in a second picture"
    CROP = "the face cut out"
    SOUND = "the sound as recorded"
    DENOISED = "the sound with its noise reduced"
    TRANSCRIPT = "the sound with what is spoken as text"
    SEEN_SOUND = "the sound along with the picture"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: the model's family (an id of `families.toml`), its name, and whether its clips
    were enhanced. With the skeleton only `with_skeleton` of the 90 recordings were judged."""

    family: str
    model: str
    arm: PublishedArm | None = None
    enhanced: bool = False
    with_skeleton: int = STUDY_RECORDINGS


_COLUMNS: Mapping[str, _Column] = {
    "qwen2.5-vl-32b": _Column("qwen2.5-vl", "Qwen2.5-VL-32B"),
    "internvl3.5-38b": _Column("internvl3.5", "InternVL3.5-38B"),
    "enhanced_qwen2.5-vl-32b": _Column("qwen2.5-vl", "Qwen2.5-VL-32B", enhanced=True, with_skeleton=81),
    "enhanced_internvl3.5-38b": _Column("internvl3.5", "InternVL3.5-38B", enhanced=True, with_skeleton=84),
    "af3": _Column("audio-flamingo-3", "Audio Flamingo 3", PublishedArm.SOUND),
    "segan_af3": _Column("audio-flamingo-3", "Audio Flamingo 3", PublishedArm.DENOISED),
    "asr_af3": _Column("audio-flamingo-3", "Audio Flamingo 3", PublishedArm.TRANSCRIPT),
}


@dataclass(frozen=True, slots=True)
class Published:
    """One published score of one feature: `model` of a `family`, shown the `arm`, judged on `recordings`.

    `always_yes` are the lowest and the highest F1 that always answering *yes* can have on the same
    recordings; they differ where it was not published which recordings were left out.
    """

    feature: str
    family: str
    model: str
    arm: PublishedArm
    f1: float
    recordings: int
    always_yes: tuple[float, float]

    @property
    def words(self) -> str:
        """The score with what it was measured on."""
        recordings = plural(self.recordings, "recording")
        return (
            f"F1 {_short(self.f1)} ({self.model}, {self.arm}, {recordings}); always saying yes scores "
            f"{self._trivial} on the same ones"
        )

    @property
    def beats_always_yes(self) -> bool:
        """Whether it is better than always answering *yes*, whichever recordings were left out."""
        return self.f1 > self.always_yes[1]

    @property
    def _trivial(self) -> str:
        low, high = (_short(bound) for bound in self.always_yes)
        return low if low == high else f"{low} to {high} (the recordings left out were not named)"


def published(feature: str) -> tuple[Published, ...]:
    """All published scores of models for a feature; () without any."""
    return _table().get(feature, ())


def caution(feature: str, family: str, family_name: str, arm: PublishedArm) -> str:
    """The caution beside an answer of a model of this family that was shown this arm; "" without any score.

    Where nothing was published for the family, the best model of the same arm stands in for it and is named;
    where nothing was for the arm, that is said too.
    """
    scores = published(feature)
    if not scores:
        return ""
    own = [score for score in scores if score.family == family]
    same = [score for score in own if score.arm is arm]
    if same:
        return f"Published for this feature: {same[0].words}.{_not_better(same[0])}"
    if own:
        best = max(own, key=lambda score: score.f1)
        return f"Nothing is published for {arm}. Of this family: {best.words}.{_not_better(best)}"
    alike = [score for score in scores if score.arm is arm] or list(scores)
    best = max(alike, key=lambda score: score.f1)
    whose = family_name or "this model"
    return f"Nothing is published for {whose}. The best of another family: {best.words}.{_not_better(best)}"


def _not_better(score: Published) -> str:
    return "" if score.beats_always_yes else " Always saying yes does as well."


@cache
def _table() -> dict[str, tuple[Published, ...]]:
    text = resources.files("app.core").joinpath(FILE_NAME).read_text(encoding="utf-8")
    return {row["feature"]: tuple(_scores(row)) for row in csv.DictReader(text.splitlines())}


def _scores(row: Mapping[str, str]) -> list[Published]:
    # Only the features of limbs and body were shown with the skeleton; those of the face as a crop.
    enhanced = PublishedArm.CROP if row["feature"] in _OF_THE_FACE else PublishedArm.SKELETON
    found = []
    for name, column in _COLUMNS.items():
        if not row[name]:
            continue
        arm = column.arm or (enhanced if column.enhanced else PublishedArm.PLAIN)
        most = column.with_skeleton if arm is PublishedArm.SKELETON else STUDY_RECORDINGS
        n, positives = int(row["n"]), int(row["positives"])
        judged = min(n, most)
        always = (
            (float(row["always_yes_f1"]),) * 2
            if most == STUDY_RECORDINGS
            else _always_yes(n, positives, STUDY_RECORDINGS - most)
        )
        found.append(
            Published(row["feature"], column.family, column.model, arm, float(row[name]), judged, always)
        )
    return found


_OF_THE_FACE = frozenset(feature.id for feature in in_group(Group.FACE))


def _always_yes(n: int, positives: int, left_out: int) -> tuple[float, float]:
    """The bounds of the F1 of always answering *yes* when up to so many of `n` cases are left out: it is
    lowest when all of them are positive, highest when none is."""
    fewest = max(positives - left_out, 0)
    low = 2 * fewest / (n - (positives - fewest) + fewest)
    cases = max(n - left_out, positives)
    return low, 2 * positives / (cases + positives)


def _short(score: float) -> str:
    """The score in the form `.41`."""
    return f"{score:.2f}".removeprefix("0")
