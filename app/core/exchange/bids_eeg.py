"""The sidecar and events of an EEG by BIDS-EEG and BIDS-iEEG. Times on the EEG's clock, in s.

https://bids-specification.readthedocs.io (modality-specific files, EEG and iEEG)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from app.core.eeg.eeg_recording import EegHeader, EegRecording
from app.core.eeg.sync import Sync
from app.core.exchange.bids import labels_of_readers
from app.core.exchange.bids_channels import INTRACRANIAL, cell, channel_types, names_of, table_of
from app.core.exchange.bids_filters import hardware_filters, mains_frequency, recorder_filters
from app.core.exchange.bids_sidecar import event_levels
from app.core.exchange.bundle import ReadingExtras, ReadRecording
from app.core.exchange.fidelity import microseconds
from app.core.exchange.hed import HED
from app.core.exchange.tsv import MISSING
from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence
from app.core.study.marks import MarkKind, find_phases, first_moment

TASK = "seizure"
SEIZURE, ONSET, END, PHASE = "seizure", "seizure_onset", "seizure_end", "seizure_phase"
_COUNTS = {
    "EEGChannelCount": "EEG",
    "EOGChannelCount": "EOG",
    "ECGChannelCount": "ECG",
    "EMGChannelCount": "EMG",
    "SEEGChannelCount": "SEEG",
    "ECOGChannelCount": "ECOG",
    "MiscChannelCount": "MISC",
    "TriggerChannelCount": "TRIG",
}


def datatype_of(header: EegHeader) -> str:
    """`ieeg` where contacts lie in or on the brain, else `eeg`; BIDS has no BDF for the former."""
    inside = any(kind in INTRACRANIAL for kind in channel_types(header))
    return "ieeg" if inside and not header.format.startswith("BDF") else "eeg"


def eeg_sidecar(recording: EegRecording, sync: Sync) -> dict[str, Any]:
    """`_eeg.json` or `_ieeg.json`: what the header says of filters and rates, never who was recorded."""
    header = recording.header
    names, types = names_of(header), channel_types(header)
    is_inside = datatype_of(header) == "ieeg"
    of_brain = INTRACRANIAL if is_inside else ("EEG",)
    some = [number for number, kind in enumerate(types) if kind in of_brain]
    against = [names[number].against for number in some if not names[number].bipolar]
    references = Counter(one for one in against if one)
    filters = [recorder_filters(header.signals[number].prefilter) for number in some]
    rates = Counter(float(signal.rate) for signal in header.signals if signal.rate)
    (fastest,) = rates.most_common(1) or [(0.0, 0)]
    return {
        "TaskName": TASK,
        "TaskDescription": "Video-EEG of an event; nothing was asked of the patient.",
        "iEEGReference" if is_inside else "EEGReference": (
            references.most_common(1)[0][0] if references else MISSING
        ),
        "SamplingFrequency": fastest[0],
        "PowerLineFrequency": mains_frequency(filters),
        "SoftwareFilters": MISSING,
        "HardwareFilters": hardware_filters(filters),
        "RecordingDuration": recording.duration,
        "RecordingType": "continuous" if len(recording.segments) <= 1 else "discontinuous",
        **_counts(types, is_inside=is_inside),
        "Semioscope": {
            "format": "semioscope-sync/1",
            "description": "The recording's clock = offset + (1 + drift) * the EEG's clock, in seconds",
            "offset": sync.offset,
            "drift": sync.drift,
        },
    }


def _counts(types: Sequence[str], *, is_inside: bool) -> dict[str, int]:
    """How many channels there are of each type; the types of contacts are fields of iEEG only."""
    counted = Counter(types)
    return {key: counted[name] for key, name in _COUNTS.items() if is_inside or name not in INTRACRANIAL}


def eeg_events(entry: ReadRecording, sync: Sync) -> bytes:
    """`events.tsv`: the marks of each reader, and the evidence of every yes."""
    rows = []
    labels = labels_of_readers(entry)
    for label, (reading, beside) in zip(labels, entry.with_beside(), strict=True):
        for start, end, kind, feature in (*_seizure(reading, beside), *_evidence(reading)):
            onset = microseconds(sync.to_eeg(start))
            lasts = MISSING if end is None else _number(microseconds(sync.to_eeg(end)) - onset)
            rows.append((onset, (_number(onset), lasts, kind, cell(feature), cell(label))))
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


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"
