"""The files of BIDS-EEG that describe an EEG: sidecar, channels and events. Times on the EEG's clock, in s.

https://bids-specification.readthedocs.io (modality-specific files, EEG)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from app.core.eeg.channel_names import ChannelKind, ChannelName, channel_names
from app.core.eeg.eeg_recording import EegHeader, EegRecording, Signal
from app.core.eeg.sync import Sync
from app.core.exchange.bids import labels_of_readers
from app.core.exchange.bids_sidecar import event_levels
from app.core.exchange.bundle import ReadingExtras, ReadRecording
from app.core.exchange.fidelity import microseconds
from app.core.exchange.hed import HED
from app.core.exchange.phrases import neutralise_everywhere
from app.core.exchange.tsv import MISSING
from app.core.plain_text import plain
from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence
from app.core.study.marks import MarkKind, find_phases, first_moment

TASK = "seizure"
SEIZURE, ONSET, END, PHASE = "seizure", "seizure_onset", "seizure_end", "seizure_phase"
_TYPES = {
    ChannelKind.EEG: "EEG",
    ChannelKind.EOG: "EOG",
    ChannelKind.ECG: "ECG",
    ChannelKind.EMG: "EMG",
    ChannelKind.RESPIRATION: "RESP",
    ChannelKind.SOUND: "AUDIO",
}
_COUNTS = {
    "EEGChannelCount": "EEG",
    "EOGChannelCount": "EOG",
    "ECGChannelCount": "ECG",
    "EMGChannelCount": "EMG",
    "MiscChannelCount": "MISC",
    "TriggerChannelCount": "TRIG",
}
_UNITS = {"uV": "µV", "μV": "µV"}
_TRIGGERS = ("status", "trig")


def channels_table(header: EegHeader, bad: frozenset[str]) -> bytes:
    """`channels.tsv`: every signal in the order of the file; `bad` are exact labels."""
    names = _names(header)
    rows = [("name", "type", "units", "sampling_frequency", "reference", "status", "description")]
    for signal, name in zip(header.signals, names, strict=True):
        rows.append(
            (
                _cell(signal.name),
                _type(signal, name),
                _cell(_UNITS.get(signal.unit, signal.unit)),
                MISSING if signal.rate is None else f"{float(signal.rate):.9g}",
                _cell(name.against),
                "bad" if signal.label in bad else "good",
                "intracranial or numbered contact" if name.kind is ChannelKind.DEPTH else MISSING,
            )
        )
    return table_of(rows)


def eeg_sidecar(recording: EegRecording, sync: Sync) -> dict[str, Any]:
    """`_eeg.json`: what the header says of filters and rates, never who was recorded."""
    header = recording.header
    names = _names(header)
    types = Counter(_type(signal, name) for signal, name in zip(header.signals, names, strict=True))
    rates = Counter(float(signal.rate) for signal in header.signals if signal.rate)
    references = Counter(name.against for name in names if name.kind is ChannelKind.EEG and name.against)
    (fastest,) = rates.most_common(1) or [(0.0, 0)]
    return {
        "TaskName": TASK,
        "TaskDescription": "Video-EEG of an event; nothing was asked of the patient.",
        "EEGReference": references.most_common(1)[0][0] if references else MISSING,
        "SamplingFrequency": fastest[0],
        "PowerLineFrequency": MISSING,
        "SoftwareFilters": MISSING,
        "RecordingDuration": recording.duration,
        "RecordingType": "continuous" if len(recording.segments) <= 1 else "discontinuous",
        **{key: types[name] for key, name in _COUNTS.items()},
        "Semioscope": {
            "format": "semioscope-sync/1",
            "description": "The recording's clock = offset + (1 + drift) * the EEG's clock, in seconds",
            "offset": sync.offset,
            "drift": sync.drift,
        },
    }


def eeg_events(entry: ReadRecording, sync: Sync) -> bytes:
    """`events.tsv`: the marks of each reader, and the evidence of every yes."""
    rows = []
    labels = labels_of_readers(entry)
    for label, (reading, beside) in zip(labels, entry.with_beside(), strict=True):
        for start, end, kind, feature in (*_seizure(reading, beside), *_evidence(reading)):
            onset = microseconds(sync.to_eeg(start))
            lasts = MISSING if end is None else _number(microseconds(sync.to_eeg(end)) - onset)
            rows.append((onset, (_number(onset), lasts, kind, _cell(feature), _cell(label))))
    rows.sort(key=lambda row: row[0])
    return table_of([("onset", "duration", "trial_type", "phase", "reader"), *(cells for _, cells in rows)])


def eeg_events_sidecar() -> dict[str, Any]:
    """`events.json`: the meaning of the columns, with HED tags."""
    return {
        "onset": {"Description": "Begin, from the first sample of the EEG", "Units": "s"},
        "duration": {"Description": "Length; n/a where only a moment was marked", "Units": "s"},
        "trial_type": {
            "LongName": "Seizure, its marks, and features of semiology that a reader saw",
            "Levels": {
                SEIZURE: "From the seizure's onset to its end",
                ONSET: "Onset of the seizure, whose end was not marked",
                END: "End of the seizure, whose onset was not marked",
                PHASE: "A phase of the seizure, named in the column phase",
                **event_levels(),
            },
            "HED": {SEIZURE: "Episode", **HED},
        },
        "phase": {"Description": "Name of the phase"},
        "reader": {"Description": "Who marked it"},
    }


def table_of(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows of cells as a table of BIDS."""
    return ("\n".join("\t".join(row) for row in rows) + "\n").encode("utf-8", "replace")


def _seizure(reading: Reading, beside: ReadingExtras) -> Iterator[tuple[float, float | None, str, str]]:
    onset, end = first_moment(beside.marks, MarkKind.ONSET), first_moment(beside.marks, MarkKind.END)
    if onset is not None and end is not None and end >= onset:
        yield onset, end, SEIZURE, ""
    else:
        yield from ((moment, None, kind, "") for moment, kind in ((onset, ONSET), (end, END))
                    if moment is not None)  # fmt: skip
    for phase in find_phases(beside.marks, reading.recording.duration):
        yield phase.span.start, phase.span.end, PHASE, phase.label


def _evidence(reading: Reading) -> Iterator[tuple[float, float | None, str, str]]:
    for feature in FEATURES:
        answer = reading.answer(feature.id)
        if answer.presence is Presence.YES:
            yield from ((span.start, span.end, feature.id, "") for span in answer.evidence)


def _names(header: EegHeader) -> tuple[ChannelName, ...]:
    return channel_names([signal.label or signal.name for signal in header.signals])


def _type(signal: Signal, name: ChannelName) -> str:
    if signal.label.strip().lower().startswith(_TRIGGERS):
        return "TRIG"
    return _TYPES.get(name.kind, "MISC")


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _cell(text: str) -> str:
    """Untrusted text as one cell that no spreadsheet takes for a formula."""
    return neutralise_everywhere(" ".join(plain(text, 200).split()), ",;") or MISSING
