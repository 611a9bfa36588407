"""A sync in the making: pairs of marks that are set, nudged and removed before anything is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.eeg.sync import MarkPair, Sync, SyncFit, sync_from_pairs
from app.core.errors import UserError

_LARGEST_DRIFT = 0.01
"""Seconds per second: a study holds no larger one."""

_LONGEST_ORIGIN = 400
_BY_HAND = "moved by hand"
_COUNTS = {1: "one pair of marks", 2: "two pairs of marks"}


@dataclass(frozen=True, slots=True)
class ClockDraft:
    """What has been marked so far.

    `pairs` are complete; of the next one `trace` (seconds on the EEG's clock) or `picture` (on the
    recording's) may be set. Without a pair the EEG is moved by `shift` seconds on the recording's clock.
    """

    pairs: tuple[MarkPair, ...] = ()
    trace: float | None = None
    picture: float | None = None
    shift: float = 0.0


def with_mark(draft: ClockDraft, *, trace: float | None = None, picture: float | None = None) -> ClockDraft:
    """The draft with one side of the next pair marked; when both are, they become a pair."""
    trace = draft.trace if trace is None else trace
    picture = draft.picture if picture is None else picture
    if trace is None or picture is None:
        return replace(draft, trace=trace, picture=picture)
    pairs = tuple(sorted((*draft.pairs, MarkPair(trace, picture))))
    return ClockDraft(pairs)


def without_pair(draft: ClockDraft, number: int) -> ClockDraft:
    """The draft without one of its pairs."""
    return replace(draft, pairs=(*draft.pairs[:number], *draft.pairs[number + 1 :]))


def with_pair(draft: ClockDraft, number: int, pair: MarkPair) -> ClockDraft:
    """The draft with another pair in the place of one."""
    return replace(draft, pairs=(*draft.pairs[:number], pair, *draft.pairs[number + 1 :]))


def moved_by(draft: ClockDraft, seconds: float) -> ClockDraft:
    """The draft with the whole EEG so many seconds later on the recording's clock."""
    if not draft.pairs:
        return replace(draft, shift=draft.shift + seconds)
    return replace(draft, pairs=tuple(MarkPair(one.eeg, one.recording + seconds) for one in draft.pairs))


def fit_of(draft: ClockDraft, agreed: Sync) -> SyncFit:
    """The sync that the draft gives, where `agreed` holds now. Raises UserError for marks that give none."""
    if not draft.pairs:
        return SyncFit(Sync(agreed.offset + draft.shift, agreed.drift), ())
    fit = sync_from_pairs(draft.pairs)
    if abs(fit.sync.drift) > _LARGEST_DRIFT:
        raise UserError(
            "By these marks one clock is more than a hundredth faster than the other; one of them is wrong."
        )
    return fit


def origin_of(draft: ClockDraft, before: str) -> str:
    """What the sync rests on, in a few words; `before` says it of the agreed sync."""
    count = len(draft.pairs)
    if count:
        return _COUNTS.get(count, f"{count} pairs of marks")
    if not before:
        return _BY_HAND
    return before if before.endswith(_BY_HAND) else f"{before[:_LONGEST_ORIGIN]}, {_BY_HAND}"


def is_changed(draft: ClockDraft, agreed: Sequence[MarkPair]) -> bool:
    """Whether something would be lost without the draft."""
    half = draft.trace is not None or draft.picture is not None
    return half or draft.shift != 0 or sorted(draft.pairs) != sorted(agreed)
