"""The channels of an EEG in BIDS: their types, which of them lie in or on the brain, their table.

https://bids-specification.readthedocs.io (modality-specific files, EEG and iEEG)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.channel_names import ChannelName, channel_names
from app.core.eeg.eeg_recording import EegHeader, Signal
from app.core.exchange.bids_filters import recorder_filters
from app.core.exchange.phrases import neutralise_everywhere
from app.core.exchange.tsv import MISSING
from app.core.plain_text import plain

_TYPES = {
    ChannelKind.EEG: "EEG",
    ChannelKind.EOG: "EOG",
    ChannelKind.ECG: "ECG",
    ChannelKind.EMG: "EMG",
    ChannelKind.RESPIRATION: "RESP",
    ChannelKind.SOUND: "AUDIO",
}
INTRACRANIAL = ("SEEG", "ECOG")
_UNITS = {"uV": "µV", "μV": "µV"}
_TRIGGERS = ("status", "trig")
_COLUMNS = (
    *("name", "type", "units", "low_cutoff", "high_cutoff", "notch"),
    *("sampling_frequency", "reference", "status", "description"),
)
"""The first five are required in this order for iEEG."""

_STATED = re.compile(r"^\s*(seeg|ieeg|ecog)\b", re.IGNORECASE)
_SHAFT = re.compile(r"^(.*?)(\d+)$")
_LONGEST_SHAFT = 20
"""Contacts of a depth electrode at most; the shafts of caps have 32."""


def channel_types(header: EegHeader) -> tuple[str, ...]:
    """The type of each signal. Contacts are SEEG or ECOG where their label says so, and SEEG where several
    rows of contacts are numbered as depth electrodes are; those of a numbered cap are MISC."""
    names = names_of(header)
    depth = _is_depth(names)
    return tuple(_type(signal, name, depth=depth) for signal, name in zip(header.signals, names, strict=True))


def channels_table(header: EegHeader, bad: frozenset[str]) -> bytes:
    """`channels.tsv`: every signal in the order of the file; `bad` are exact labels."""
    names, types = names_of(header), channel_types(header)
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for signal, name, kind in zip(header.signals, names, types, strict=True):
        filters = recorder_filters(signal.prefilter)
        rows.append(
            (
                cell(signal.name),
                kind,
                cell(_UNITS.get(signal.unit, signal.unit)),
                *(_cut(one) for one in (filters.low_cut, filters.high_cut, filters.notch)),
                MISSING if signal.rate is None else f"{float(signal.rate):.9g}",
                cell(name.against),
                "bad" if signal.label in bad else "good",
                _description(signal, name, kind),
            )
        )
    return table_of(rows)


def contacts_of(header: EegHeader) -> tuple[str, ...]:
    """The contacts in or on the brain, each once, as `electrodes.tsv` names them."""
    some = zip(names_of(header), channel_types(header), strict=True)
    found = (cell(name.electrode or name.label) for name, kind in some if kind in INTRACRANIAL)
    return tuple(dict.fromkeys(found))


def electrodes_table(contacts: Iterable[str]) -> bytes:
    """`electrodes.tsv`, which iEEG requires: an EEG file does not say where contacts are."""
    unknown = (MISSING,) * 4
    return table_of([("name", "x", "y", "z", "size"), *((name, *unknown) for name in contacts)])


COORDINATES = {
    "iEEGCoordinateSystem": "Other",
    "iEEGCoordinateUnits": "n/a",
    "iEEGCoordinateSystemDescription": "The positions of the contacts are not known.",
}
"""`coordsystem.json`, which has to stand beside `electrodes.tsv`."""


def names_of(header: EegHeader) -> tuple[ChannelName, ...]:
    """The parsed names of all signals."""
    return channel_names([signal.label or signal.name for signal in header.signals])


def table_of(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows of cells as a table of BIDS."""
    return ("\n".join("\t".join(row) for row in rows) + "\n").encode("utf-8", "replace")


def cell(text: str) -> str:
    """Untrusted text as one cell that no spreadsheet takes for a formula, and no library for a quoted one."""
    words = " ".join(plain(text, 200).split()).replace('"', "'")
    return neutralise_everywhere(words, ",;") or MISSING


def _type(signal: Signal, name: ChannelName, *, depth: bool) -> str:
    if signal.label.strip().lower().startswith(_TRIGGERS):
        return "TRIG"
    if stated := _STATED.match(signal.label):
        return "ECOG" if stated[1].lower() == "ecog" else "SEEG"
    if name.kind is ChannelKind.DEPTH and depth:
        return "SEEG"
    return _TYPES.get(name.kind, "MISC")


def _is_depth(names: Sequence[ChannelName]) -> bool:
    """Whether contacts without a stated type are numbered as those of several depth electrodes."""
    shafts: dict[str, int] = defaultdict(int)
    for name in names:
        found = _SHAFT.match(name.electrode) if name.kind is ChannelKind.DEPTH else None
        if found:
            shafts[found[1]] = max(shafts[found[1]], int(found[2]))
    return len(shafts) > 1 and max(shafts.values()) <= _LONGEST_SHAFT


def _description(signal: Signal, name: ChannelName, kind: str) -> str:
    if name.kind is not ChannelKind.DEPTH:
        return MISSING
    if kind in INTRACRANIAL:
        return MISSING if _STATED.match(signal.label) else "type after the numbers of the contacts"
    return "intracranial or numbered contact"


def _cut(hertz: float | None) -> str:
    return MISSING if hertz is None else f"{hertz:.9g}"
