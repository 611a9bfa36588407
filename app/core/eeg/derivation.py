"""A montage applied to the channels of a file: the input channels and the values of each row.

A row that cannot be derived is reported with the reason, never guessed: its electrode is missing, was only
recorded bipolar, or has a different sampling rate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.channel_names import ChannelName, channel_names
from app.core.eeg.electrodes import Side, is_scalp, side_of_pair
from app.core.eeg.montages import AS_RECORDED, CHANNEL, Against, Montage, MontageRow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Values: TypeAlias = "npt.NDArray[np.floating[Any]]"

_MICROVOLTS = {"uv": 1.0, "µv": 1.0, "μv": 1.0, "mv": 1e3, "v": 1e6, "nv": 1e-3, "": 1.0}
_UNKNOWN_UNITS = frozenset(("n/a", "na", "none", "unknown", "?", "-", "--", "unit", "units"))
"""What files write where they do not know the unit, apart from nothing, which is read as µV."""
_FEWEST_OF_AVERAGE = 3
_LEAST_OF_MEAN = 0.5
"""More than this share of the electrodes of a mean must be available."""


@dataclass(frozen=True, slots=True)
class InputChannel:
    """A channel of a file: its label, sampling rate in Hz, and the unit of its values."""

    label: str
    rate: Fraction
    unit: str = "uV"


@dataclass(frozen=True, slots=True)
class DerivedRow:
    """One trace of the page.

    Its values are the sum of the channels `inputs` (channel numbers) times `weights`, in `unit` ("µV" for
    voltages, "" where it is not known) at `rate` Hz. `has_bad` is True when a bad channel is part of the
    difference; `note` is a remark to show, mostly "".
    """

    name: str
    kind: ChannelKind
    side: Side
    rate: Fraction
    unit: str
    inputs: tuple[int, ...]
    weights: tuple[float, ...]
    gap: bool = False
    has_bad: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A row of the montage that cannot be shown, and the reason in a few words."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """The rows of a montage that can be derived from the channels, and those that cannot."""

    title: str
    rows: tuple[DerivedRow, ...]
    missing: tuple[MissingRow, ...]


def derive(montage: Montage, channels: Sequence[InputChannel], bad: Collection[int] = ()) -> Derivation:
    """The rows of a montage for the channels of a file; `bad` are numbers of bad channels.

    Bad channels are excluded from averages and means; a row that has one directly in its difference is kept
    and marked. A row is derived from channels of one sampling rate only.
    """
    given = _ChannelTable(channels, bad)
    rows: list[DerivedRow] = []
    missing: list[MissingRow] = []
    for row in montage.rows:
        gap = row.gap
        for one in given.rows(row):
            if isinstance(one, DerivedRow):
                rows.append(replace(one, gap=gap and bool(rows)))
                gap = False
            else:
                missing.append(one)
    return Derivation(montage.title, tuple(rows), tuple(missing))


def fitting_montage(montages: Sequence[Montage], channels: Sequence[InputChannel]) -> Montage:
    """The first montage whose EEG rows can be derived at least by half, else `AS_RECORDED`."""
    for montage in montages:
        derived = derive(montage, channels)
        shown = sum(row.kind is ChannelKind.EEG for row in derived.rows)
        if shown and shown >= len(derived.missing):
            return montage
    return AS_RECORDED


def row_values(rows: Sequence[DerivedRow], values: Sequence[Values]) -> tuple[Values, ...]:
    """The values of each row, (n,) in its unit, from `values[i]` (n,) of channel i over the same time.

    Values are NaN exactly where one of the row's own inputs is not finite. All inputs of rows with the same
    rate must have the same length (raises ValueError).
    """
    result: list[Values | None] = [None] * len(rows)
    for rate in {row.rate for row in rows}:
        numbers = [number for number, row in enumerate(rows) if row.rate == rate]
        for number, one in zip(numbers, _products([rows[n] for n in numbers], values), strict=True):
            result[number] = one
    return tuple(one for one in result if one is not None)


def _products(rows: Sequence[DerivedRow], values: Sequence[Values]) -> Values:
    """(rows, n) the values of rows of one rate."""
    import numpy as np

    used = sorted({number for row in rows for number in row.inputs})
    if not used:
        return np.zeros((len(rows), 0), np.float32)
    if all(len(row.inputs) == 1 for row in rows):
        return _recorded(rows, values)
    stacked: Values = np.stack([values[number] for number in used])
    column = {number: place for place, number in enumerate(used)}
    weights = np.zeros((len(rows), len(used)), stacked.dtype)
    for place, row in enumerate(rows):
        weights[place, [column[number] for number in row.inputs]] = row.weights
    if np.isfinite(stacked.sum()):  # the usual case, checked in one pass
        return np.asarray(weights @ stacked)
    missing = ~np.isfinite(stacked)
    # A product with NaN is NaN even where the weight is 0, so gaps are put in afterwards.
    product = weights @ np.where(missing, 0, stacked)
    product[(weights != 0).astype(np.float32) @ missing.astype(np.float32) > 0] = np.nan
    return np.asarray(product)


def _recorded(rows: Sequence[DerivedRow], values: Sequence[Values]) -> Values:
    """(rows, n) the values of rows that are single channels: for hundreds of them much less work than the
    product of all rows with all channels."""
    import numpy as np

    found: Values = np.stack([values[row.inputs[0]] for row in rows])
    found *= np.array([row.weights[0] for row in rows], found.dtype)[:, None]
    if not np.isfinite(found.sum()):
        found[~np.isfinite(found)] = np.nan
    return found


@dataclass(frozen=True, slots=True)
class _Potential:
    """The potential of an electrode: `number` of its channel (None for the file's reference, which is 0 by
    definition), and the name of its reference."""

    number: int | None
    reference: str


class _ChannelTable:
    """The channels of a file by electrode and kind."""

    def __init__(self, channels: Sequence[InputChannel], bad: Collection[int]) -> None:
        self._channels = channels
        self._names = channel_names([channel.label for channel in channels])
        self._bad = frozenset(bad)
        self._potentials: dict[str, _Potential] = {}
        self._pairs: dict[tuple[str, str], int] = {}
        for number, name in enumerate(self._names):
            if name.bipolar:
                self._pairs.setdefault((name.electrode, name.against), number)
            elif name.electrode:
                self._potentials.setdefault(name.electrode, _Potential(number, name.against))
        for number, channel in enumerate(channels):
            self._potentials.setdefault(
                channel.label.strip(), _Potential(number, self._names[number].against)
            )
        self._add_reference()

    def _add_reference(self) -> None:
        """Add the scalp electrode that is the reference of all others, with a potential of 0."""
        references = {one.against for one in self._names if one.kind is ChannelKind.EEG and not one.bipolar}
        if len(references) == 1 and is_scalp(reference := references.pop()):
            self._potentials.setdefault(reference, _Potential(None, reference))

    def rows(self, row: MontageRow) -> Iterator[DerivedRow | MissingRow]:
        if not row.each:
            yield self._row(row.name, row.electrode, row.against)
            return
        for number, name in enumerate(self._names):
            if row.electrode not in (CHANNEL, name.kind.value):
                continue
            if not row.against.electrodes and not row.against.average:
                yield self._recorded(number)
            elif name.electrode and not name.bipolar:
                if (name.electrode,) != row.against.electrodes:
                    yield self._row("", name.electrode, row.against)
            elif name.electrode:
                yield MissingRow(name.label.strip(), "it was recorded as a difference of two electrodes")

    def _recorded(self, number: int) -> DerivedRow:
        """The row of a channel as it was recorded."""
        name = self._names[number]
        return self._derived(_recorded_name(name), name, ((number, 1.0),), name.side)

    def _row(self, name: str, electrode: str, against: Against) -> DerivedRow | MissingRow:
        shown = name or _name_of(electrode, against)
        if not against.average and len(against.electrodes) == 1:
            return self._difference(shown, electrode, against.electrodes[0])
        found = self._potentials.get(electrode)
        if found is None:
            return MissingRow(shown, self._why_missing(electrode))
        if not against.average and not against.electrodes:
            return self._referential(shown, electrode, found)
        others, note = self._others(electrode, against)
        if isinstance(others, str):
            return MissingRow(shown, others)
        weights = {one.number: -1.0 / len(others) for one in others if one.number is not None}
        if found.number is not None:
            weights[found.number] = weights.get(found.number, 0.0) + 1.0
        return self._summed(shown, weights, side_of_pair(electrode, electrode), note)

    def _referential(self, shown: str, electrode: str, found: _Potential) -> DerivedRow | MissingRow:
        if found.number is None:
            return MissingRow(shown, f"{electrode} is the reference of the recording, so it is flat")
        return self._derived(
            shown, self._names[found.number], ((found.number, 1.0),), side_of_pair(electrode, electrode)
        )

    def _difference(self, shown: str, first: str, second: str) -> DerivedRow | MissingRow:
        side = side_of_pair(first, second)
        for pair, sign in (((first, second), 1.0), ((second, first), -1.0)):
            if (number := self._pairs.get(pair)) is not None:
                return self._derived(shown, self._names[number], ((number, sign),), side)
        found, other = self._potentials.get(first), self._potentials.get(second)
        # What is recorded against the other electrode is the difference already.
        for one, against, sign in ((found, second, 1.0), (other, first, -1.0)):
            if one is not None and one.number is not None and one.reference == against:
                return self._derived(shown, self._names[one.number], ((one.number, sign),), side)
        if found is None or other is None:
            lacking = [name for name, one in ((first, found), (second, other)) if one is None]
            return MissingRow(shown, "; ".join(self._why_missing(name) for name in lacking))
        rates = {self._channels[n].rate for n in (found.number, other.number) if n is not None}
        if len(rates) > 1:
            return MissingRow(shown, "the sampling rates of its electrodes differ")
        note = ""
        if found.reference != other.reference:
            references = " and ".join(one.reference or "nothing named" for one in (found, other))
            note = f"recorded against {references}"
        weights = {number: 1.0 for number in (found.number,) if number is not None}
        if other.number is not None:
            weights[other.number] = weights.get(other.number, 0.0) - 1.0
        return self._summed(shown, weights, side, note)

    def _summed(
        self, shown: str, weights: dict[int, float], side: Side, note: str
    ) -> DerivedRow | MissingRow:
        if not weights:
            return MissingRow(shown, "it would be flat")
        main = max(weights, key=lambda number: weights[number])
        return self._derived(shown, self._names[main], tuple(sorted(weights.items())), side, note)

    def _others(self, electrode: str, against: Against) -> tuple[list[_Potential] | str, str]:
        """The electrodes to subtract, or the reason why that is impossible; and a note."""
        wanted = self._averaged(against) if against.average else against.electrodes
        rate = self._rate(electrode)
        usable = [one for name in wanted if (one := self._usable(name, rate)) is not None]
        lacking = [name for name in wanted if self._usable(name, rate) is None]
        if against.average:
            if len(usable) < _FEWEST_OF_AVERAGE:
                return "there are too few electrodes for an average", ""
            slower = [name for name in lacking if not self._is_bad(name)]
            return usable, f"average without {', '.join(slower)} (another sampling rate)" if slower else ""
        if len(usable) <= _LEAST_OF_MEAN * len(wanted):
            return "; ".join(self._why_missing(name) for name in lacking), ""
        return usable, f"without {', '.join(lacking)}" if lacking else ""

    def _averaged(self, against: Against) -> list[str]:
        """All electrodes of the common average, usable or not."""
        return [name for name in self._potentials if is_scalp(name) and name not in against.electrodes]

    def _usable(self, electrode: str, rate: Fraction | None) -> _Potential | None:
        found = self._potentials.get(electrode)
        if found is None or self._is_bad(electrode):
            return None
        if found.number is None or rate is None or self._channels[found.number].rate == rate:
            return found
        return None

    def _is_bad(self, electrode: str) -> bool:
        found = self._potentials.get(electrode)
        return found is not None and found.number in self._bad

    def _rate(self, electrode: str) -> Fraction | None:
        number = self._potentials[electrode].number
        return self._channels[number].rate if number is not None else None

    def _why_missing(self, electrode: str) -> str:
        if any(electrode in pair for pair in self._pairs):
            return f"{electrode} was recorded only as a difference"
        if self._is_bad(electrode):
            return f"{electrode} is marked bad"
        if electrode in self._potentials:
            return f"{electrode} has another sampling rate"
        return f"{electrode} is missing"

    def _derived(
        self,
        shown: str,
        name: ChannelName,
        parts: tuple[tuple[int, float], ...],
        side: Side,
        note: str = "",
    ) -> DerivedRow:
        first = self._channels[parts[0][0]]
        scales = [_MICROVOLTS.get(self._channels[number].unit.strip().lower()) for number, _ in parts]
        in_volts = all(scale is not None for scale in scales)
        return DerivedRow(
            shown,
            name.kind,
            side,
            first.rate,
            "µV" if in_volts else _known(first.unit),
            tuple(number for number, _ in parts),
            tuple(weight * (scale or 1.0) for (_, weight), scale in zip(parts, scales, strict=True)),
            has_bad=any(number in self._bad and abs(weight) > 0.5 for number, weight in parts),
            note=note,
        )


def _known(unit: str) -> str:
    """The unit, "" for a word that says that it is not known."""
    return "" if unit.strip().lower() in _UNKNOWN_UNITS else unit.strip()


def _recorded_name(name: ChannelName) -> str:
    """The name of a channel as it was recorded."""
    if not name.electrode or name.kind not in (ChannelKind.EEG, ChannelKind.DEPTH):
        return name.label.strip() or "(no label)"
    return f"{name.electrode}-{name.against}" if name.against else name.electrode


def _name_of(electrode: str, against: Against) -> str:
    if against.average:
        return f"{electrode}-Avg"
    if len(against.electrodes) == 1:
        return f"{electrode}-{against.electrodes[0]}"
    return f"{electrode}-mean" if against.electrodes else electrode
