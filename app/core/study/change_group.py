"""What has changed in a study: one change, and those that were made, undone or redone together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.plain_text import plain
from app.core.study.edits import Edit
from app.core.study.history import Operation

_LONGEST_WHY = 80
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a study, on disk.

    `seq` is the row of the history, `at` when in UTC (ISO 8601, microseconds), `who` the author;
    `recording_id` is 0 for the study itself; `edit` is what was really done (for an undo the inverse
    of what it undid), None when a whole reading was kept or the others' were revealed.
    """

    seq: int
    at: str
    who: str
    operation: Operation
    recording_id: int
    edit: Edit | None

    @property
    def feature(self) -> str | None:
        """The feature that was changed, None when it was something else."""
        return getattr(self.edit, "feature", None)


@dataclass(frozen=True, slots=True)
class NotChanged:
    """An edit of a group that could not be undone or redone: where it is (0: the study), and `why`."""

    recording_id: int
    feature: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes that belong together: they were made in one step, and one undo takes all of them back.

    `left` are those of an undone or redone group that stay as they are; `why` is what the history says
    of the edits that were made together.
    """

    operation: Operation
    changes: tuple[Change, ...]
    left: tuple[NotChanged, ...] = ()
    why: str = ""

    @property
    def count(self) -> int:
        """How many changes were made."""
        return len(self.changes)

    @property
    def features(self) -> tuple[str, ...]:
        """The features that were changed, each once, in the order of the changes."""
        return tuple(dict.fromkeys(one.feature for one in self.changes if one.feature is not None))

    @property
    def recordings(self) -> tuple[int, ...]:
        """The numbers of the recordings that were changed; the study itself is none."""
        return tuple(dict.fromkeys(one.recording_id for one in self.changes if one.recording_id))

    @property
    def phrase(self) -> str:
        """What was changed, for people: “40 answers in 2 recordings (imported from labels.csv)”."""
        edits = [one.edit for one in self.changes if one.edit is not None]
        where = f" in {len(self.recordings)} recordings" if len(self.recordings) > 1 else ""
        why = f" ({plain(self.why, _LONGEST_WHY)})" if self.why else ""
        return f"{_counted(edits)}{where}{why}{self._stay}"

    @property
    def _stay(self) -> str:
        """How many stay as they are, and why, the most frequent reasons first."""
        if not self.left:
            return ""
        reasons = [why for why, _count in Counter(one.why for one in self.left).most_common(_MOST_REASONS)]
        return f"; {len(self.left)} could not be changed back: {' '.join(reasons)}"


def _counted(edits: Iterable[Edit]) -> str:
    """How many of which kind: “38 answers, 1 note”; one edit alone by its name."""
    counts = Counter((edit.label, edit.plural) for edit in edits)
    if counts.total() == 1:
        return next(label for label, _plural in counts)
    parts = (f"{count} {one if count == 1 else many}" for (one, many), count in counts.most_common())
    return ", ".join(parts)
