"""What was seen of the patient, for how long, and why not: the condition of every answer from the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.grid import FEWEST_FRAMES, Grid
from app.core.readers.signal.measures.hiding import HIDING_TEXTS, Hiding
from app.core.readers.signal.measures.limbs import LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import Mask, percentile
from app.core.readers.signal.rules.answering import absent, capital, join_words, not_assessable
from app.core.readers.signal.thresholds import limit
from app.core.semiology import FEATURE, Answer

NO_FACE = "The patient's face was not found in the picture."
STILL_PICTURE = "The patient is only shown in a picture that does not change at all."
NO_HEAD = "The patient's head was not found in the picture."


@dataclass(frozen=True, slots=True)
class PartSeen:
    """How long a part of the body was seen: `name` as in "the left arm", `share` of the recording, `seconds`,
    and `why` it was not seen in the rest ("" when it was seen throughout); `empty` is the share of the
    recording in which nobody was in the picture."""

    name: str
    share: float
    seconds: float
    why: str
    empty: float = 0.0

    @property
    def for_yes(self) -> bool:
        """Whether a sign could show itself in what was seen."""
        return self.seconds >= limit("seconds_seen") and self.share >= limit("share_seen")

    @property
    def for_no(self) -> bool:
        """Whether so much was seen that the absence of a sign means something."""
        return self.for_yes and self.for_most

    @property
    def for_most(self) -> bool:
        """Whether it was seen for most of the time in which somebody was in the picture."""
        return self.share >= limit("share_for_no") * (1 - self.empty)

    @property
    def in_brief(self) -> bool:
        """Whether it was seen for too short to recognise a sign, but long enough to see that it rests."""
        enough = self.share >= limit("share_seen") and self.for_most
        return enough and limit("seconds_brief") <= self.seconds < limit("seconds_seen")

    @property
    def words(self) -> str:
        why = f", else {self.why}" if self.why else ""
        was = "were" if self.name.endswith("hips") else "was"
        if self.share == 0:
            return f"{self.name} {was} never seen ({self.why or 'not found'})"
        share = f"{100 * self.share:.0f} % of the recording"
        return f"{self.name} {was} seen in {share} ({self.seconds:.1f} s{why})"


def absent_if_seen(
    feature: str, parts: Sequence[PartSeen], text: str, margin: float, *, alone: str = ""
) -> Answer:
    """*No* when all `parts` were seen for most of the recording; else *not assessable* with what was not
    seen, and `alone`, that only the rest ("right arm only") is what `text` is about.

    The share of the recording that was seen lowers the confidence.
    """
    missing = [part for part in parts if not part.for_no]
    if not missing:
        seen = min((part.share for part in parts), default=1.0)
        return absent(feature, f"{text}{_rest_was_empty(parts, seen)}", margin, seen=seen)
    only = f"{alone}: {text[:1].lower()}{text[1:]} " if alone and len(missing) < len(parts) else ""
    return not_assessable(feature, f"{only}{capital(join_words(part.words for part in missing))}.")


def absent_in_limbs(feature: str, measures: Measures, text: str, margin: float) -> Answer:
    """*No* of a sign that any limb can show, when both arms were seen for most of the recording; else *not
    assessable*. Legs are often under a blanket: where they were not seen, the *no* says that it is about the
    arms only, and the share of the limbs that were seen lowers the confidence.
    """
    limbs = [limb_seen(measures, limb) for limb in measures.limbs]
    arms = limbs[: len(measures.arms)]
    only = only_seen(limbs)
    unseen = [part for part in limbs if not part.for_no]
    if not unseen or any(part in unseen for part in arms):
        return absent_if_seen(feature, arms, text, margin, alone=only)
    share = min(part.share for part in arms)
    said = f"{only}: {text[:1].lower()}{text[1:]}{_rest_was_empty(arms, share)}"
    words = capital(join_words(part.words for part in unseen))
    return absent(feature, f"{said} {words}.", margin, seen=share * (1 - len(unseen) / len(limbs)))


def _rest_was_empty(parts: Sequence[PartSeen], seen: float) -> str:
    """That nobody was in the picture for much of the recording, where only that allows a *no*."""
    if seen >= limit("share_for_no"):
        return ""
    return f" Nobody was in the picture for {100 * parts[0].empty:.0f} % of the recording."


def part_seen(name: str, grid: Grid, seen: Mask, why: str) -> PartSeen:
    share = float(seen.mean()) if len(seen) else 0.0
    empty = float(grid.empty.mean()) if len(seen) else 0.0
    return PartSeen(name, share, float(seen.sum()) / grid.rate, why if share < 1 else "", empty)


def limb_seen(measures: Measures, limb: LimbMeasures) -> PartSeen:
    """How long a limb was seen from its root to hand or foot."""
    assert measures.grid is not None
    seen = limb.seen & limb.end_seen
    name = f"the {limb.name.side.value} {limb.name.kind}"
    return part_seen(name, measures.grid, seen, _usual_reason(limb.hiding[~seen]))


def hips_seen(measures: Measures) -> PartSeen:
    """How long both hips were seen themselves; guessed ones under a blanket or a table are not."""
    assert measures.grid is not None
    if measures.trunk is None:
        return PartSeen("the hips", 0.0, 0.0, HIDING_TEXTS[Hiding.NOT_FOUND])
    hiding = measures.trunk.hips_hiding
    return part_seen("the hips", measures.grid, hiding == Hiding.SEEN, _usual_reason(hiding[hiding > 0]))


def trunk_seen(measures: Measures) -> PartSeen:
    """How long both shoulders were seen."""
    assert measures.grid is not None
    if measures.trunk is None:
        return PartSeen("the trunk", 0.0, 0.0, HIDING_TEXTS[Hiding.NOT_FOUND])
    hiding = measures.trunk.hiding
    return part_seen("the trunk", measures.grid, hiding == Hiding.SEEN, _usual_reason(hiding[hiding > 0]))


def head_seen(measures: Measures) -> PartSeen:
    """How long the direction of the head could be measured, by the face or by nose and ears."""
    assert measures.grid is not None
    grid = measures.grid
    seen = np.zeros(len(grid.times), dtype=bool)
    if measures.head is not None:
        seen = np.isfinite(measures.head.yaw)
    return part_seen("the head", grid, seen, _usual_reason(grid.hiding[~seen, Joint.NOSE]))


def face_seen(measures: Measures) -> PartSeen:
    """How long the face was seen, turned to the camera and large enough."""
    assert measures.grid is not None
    grid = measures.grid
    seen = grid.face_seen
    if measures.face is None:
        seen = np.zeros(len(seen), dtype=bool)
    return part_seen("the face", grid, seen, _why_no_face_there(grid, ~seen))


def _why_no_face_there(grid: Grid, rows: Mask) -> str:
    if not rows.any():
        return ""
    if float(np.nan_to_num(percentile(grid.brightness, 50), nan=255.0)) < limit("dark"):
        return "the picture is too dark"
    head = grid.hiding[rows, Joint.NOSE]
    return "turned away or covered" if (head == 0).mean() >= 0.5 else _usual_reason(head)


def _usual_reason(hiding: np.ndarray) -> str:  # type: ignore[type-arg]
    """The most frequent reason of not being seen."""
    codes = hiding[hiding > 0]
    if not len(codes):
        return HIDING_TEXTS[Hiding.NOT_FOUND]
    return HIDING_TEXTS[Hiding(int(np.bincount(codes).argmax()))]


def why_no_picture(feature: str, measures: Measures) -> str | None:
    """The reason why the picture does not allow an answer to this feature; None when it does."""
    grid = measures.grid
    if grid is None and 0 < measures.frames < FEWEST_FRAMES:
        return f"The recording has only {measures.frames} pictures, which is too short to judge this."
    if grid is None:
        return "There is no picture with a person in it."
    if is_too_slow(feature, grid):
        needed = FEATURE[feature].min_fps
        return f"The picture has {grid.rate:.1f} frames a second; this feature needs {needed:.0f} to be seen."
    if grid.duration < limit("seconds_seen"):
        return f"The recording lasts {grid.duration:.1f} s, which is too short to judge this."
    if not (np.isfinite(grid.joints).any() or grid.face_seen.any()):
        return STILL_PICTURE if grid.still_picture.any() else "Nobody was found in the picture."
    return None


def is_too_slow(feature: str, grid: Grid) -> bool:
    """Whether there are fewer pictures a second than the feature needs to be seen."""
    needed = FEATURE[feature].min_fps
    return needed is not None and grid.rate < 0.95 * needed


def nobody_there(measures: Measures) -> bool:
    """Whether there is a picture and nobody is seen in it for long enough to be the patient."""
    grid = measures.grid
    if grid is None:
        return measures.frames >= FEWEST_FRAMES or (measures.frames > 0 and not measures.somebody)
    found = (grid.hiding == 0).any(axis=1) | grid.face_seen | grid.still_picture
    return bool(found.sum() < limit("seconds_seen") * grid.rate)


def why_no_body(feature: str, measures: Measures) -> str | None:
    """The reason why the body cannot be judged; None when it can."""
    reason = why_no_picture(feature, measures)
    if reason:
        return reason
    if measures.body is None:
        return "The patient's body was not found in the picture."
    if measures.body.unit < limit("smallest_body"):
        return f"The patient is too small in the picture ({measures.body.unit:.0f} px between the shoulders)."
    return None


def why_no_head(feature: str, measures: Measures) -> str | None:
    """The reason why the direction of the head cannot be judged; None when it can."""
    reason = why_no_picture(feature, measures)
    if reason:
        return reason
    large_face = measures.face is not None and measures.face.unit >= limit("smallest_face")
    large_body = measures.body is not None and measures.body.unit >= limit("smallest_body")
    if measures.head is None:
        return NO_HEAD
    return None if large_face or large_body else "The head is too small in the picture."


def why_no_limbs(feature: str, measures: Measures, kind: str, at_least: int = 1) -> str | None:
    """The reason why limbs of a kind ("arm" or "leg") cannot be judged (fewer than `at_least` were seen);
    None when they can."""
    reason = why_no_body(feature, measures)
    if reason:
        return reason
    limbs = measures.arms if kind == "arm" else measures.legs
    hidden = [seen for limb in limbs if not (seen := limb_seen(measures, limb)).for_yes]
    if len(limbs) - len(hidden) >= at_least:
        return None
    return f"Not enough of the {kind}s was seen: {join_words(part.words for part in hidden)}."


def why_no_face(feature: str, measures: Measures) -> str | None:
    """The reason why the face cannot be judged; None when it can."""
    reason = why_no_picture(feature, measures)
    if reason or measures.grid is None:
        return reason
    seen = face_seen(measures)
    if measures.face is None or not seen.for_yes:
        return f"The patient's face was not seen for long enough: {seen.words}."
    if measures.face.unit < limit("smallest_face"):
        return f"The face is too small in the picture ({measures.face.unit:.0f} px between the eye corners)."
    return None


def arms_seen(measures: Measures) -> list[PartSeen]:
    """How long each arm was seen, left first."""
    return [limb_seen(measures, arm) for arm in measures.arms]


def only_seen(parts: Iterable[PartSeen]) -> str:
    """What an answer is about when not all parts were seen for most of the time: "Right arm only"."""
    seen = [part.name.removeprefix("the ") for part in parts if part.for_no]
    return capital(f"{join_words(seen)} only") if seen else ""
