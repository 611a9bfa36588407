"""The readers of EEG formats other than EDF, from MNE-Python and Neo, which are an optional extra.

For the conversion process only: their import is heavy, and a damaged file may end the process. MNE-Python and
Neo give the values; gaps are found by `other_times`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.eeg.edf_writing import WrittenAnnotation
from app.core.eeg.other_recording import (
    Block,
    OtherChannel,
    OtherRecording,
    OtherStretch,
    StatedTime,
    second_of,
    stretches_of,
)
from app.core.eeg.other_times import (
    brainvision_moments,
    nihon_blocks,
    nihon_events,
    persyst_moments,
    text_of,
)
from app.core.errors import UserError

if TYPE_CHECKING:
    from mne.io import BaseRaw

MICROVOLTS = 1e6
_UNIT_VOLT = 107
"""The code of volts in MNE-Python (FIFF_UNIT_V)."""

_TOLERANCE = Fraction(1, 20)
_WHOLE_SECONDS = Fraction(2)
"""The tolerance (s) of gaps where times are stated in whole seconds."""

_SEGMENT = "New Segment/"
"""The annotation of MNE-Python at the start of a stretch."""

Reader = Callable[[Path, Path], OtherRecording]
"""Reads a file; the folder is private and temporary, for what the library wants to find there."""


def read_brainvision(path: Path, _folder: Path) -> OtherRecording:
    """A BrainVision recording by its header, its markers or its data file."""
    import mne

    header = _sibling(path, ".vhdr", ".ahdr")
    if header is None:
        raise UserError(f"“{path.name}” belongs to a BrainVision recording whose header (.vhdr) is missing.")
    raw = mne.io.read_raw_brainvision(header, preload=False, verbose="ERROR")
    markers = _sibling(path, ".vmrk", ".amrk")
    moments = brainvision_moments(text_of(markers)) if markers else []
    stretches = stretches_of(moments, raw.n_times, _rate(raw), _TOLERANCE)
    # Other kinds of numbers have more than 16 bits.
    is_short = raw.orig_format == "short"
    steps = [float(one["cal"] * one["range"]) * MICROVOLTS for one in raw.info["chs"]] if is_short else []
    return _recording(raw, stretches, _start(raw), _annotations(raw, stretches), steps=steps)


def read_nihon(path: Path, folder: Path) -> OtherRecording:
    """A Nihon Kohden recording with its electrodes (.21E) and events (.LOG); never its patient file."""
    import mne

    blocks = list(nihon_blocks(path))
    begun = blocks[0][0]
    linked = folder / "recording.EEG"
    _link(path, linked)
    if (electrodes := _sibling(path, ".21E")) is not None:
        _link(electrodes, linked.with_suffix(".21E"))
    raw = mne.io.read_raw_nihon(linked, preload=False, verbose="ERROR")
    moments, first = [], 0
    for started, samples in blocks:
        moments.append(StatedTime(first, Fraction((started - begun).total_seconds())))
        first += samples
    stretches = stretches_of(moments, raw.n_times, _rate(raw), _WHOLE_SECONDS)
    log = _sibling(path, ".LOG")
    # MNE-Python drops the events after a pause, whose times it takes for those of samples.
    events = nihon_events(log) if log else ()
    notes = tuple(WrittenAnnotation(onset, None, text) for onset, text in events)
    steps = [_nihon_step(float(one["range"])) for one in raw.info["chs"]]
    recording = _recording(raw, stretches, begun, notes, volts=True, steps=steps)
    # It reads only within one data block rightly.
    return _read_between(recording, [moment.sample for moment in moments[1:]])


def _nihon_step(span: float) -> float:
    """The step (µV) of a channel whose whole range is 6.4 (mV, stated in µV) or 24 (V, stated in mV)."""
    return span / 65_535 * (1.0 if span < 10_000 else 1000.0)


def read_persyst(path: Path, folder: Path) -> OtherRecording:
    """A Persyst recording by its layout (.lay). A layout without the section of the patient is read."""
    import mne

    layout = _sibling(path, ".lay")
    if layout is None:
        raise UserError(f"“{path.name}” belongs to a Persyst recording whose layout (.lay) is missing.")
    sections = _sections(text_of(layout))
    info = {key.lower(): value for key, value in sections.get("fileinfo", {}).items()}
    # Only the name: a layout from elsewhere names no file of another folder.
    named = info.get("file", "").replace("\\", "/").rsplit("/", 1)[-1]
    data = _named(layout.parent, named) or _sibling(layout, ".dat")
    if data is None:
        raise UserError(f"The data file of “{layout.name}” is missing; it has to be in the same folder.")
    _link(data, folder / "recording.dat")
    channels = tuple(sections.get("channelmap", {}))
    (folder / "recording.lay").write_text(_layout(info, len(channels)), encoding="utf-8")
    raw = mne.io.read_raw_persyst(folder / "recording.lay", preload=False, verbose="ERROR")
    moments = persyst_moments(sections.get("sampletimes", {}))
    stretches = stretches_of(moments, raw.n_times, _rate(raw), _TOLERANCE)
    notes = _persyst_notes(text_of(layout), stretches, _rate(raw))
    start = _persyst_start(sections.get("patient", {}), moments)
    is_short = info.get("datatype", "0") == "0"
    steps = [float(info["calibration"])] * len(channels) if is_short else []
    return _recording(raw, stretches, start, notes, labels=channels, steps=steps)


def read_micromed(path: Path, _folder: Path) -> OtherRecording:
    """A Micromed recording (header type 4)."""
    from neo.rawio import MicromedRawIO

    trace = MicromedRawIO(str(path))
    trace.parse_header()
    signals = trace.header["signal_channels"]
    rate = Fraction(float(signals["sampling_rate"][0])).limit_denominator(1000)
    begins = [Fraction(trace.get_signal_t_start(0, number, 0)) for number in range(trace.segment_count(0))]
    stretches, first = [], 0
    for number, begin in enumerate(begins):
        count = trace.get_signal_size(0, number, 0)
        stretches.append(OtherStretch(first, count, (begin - begins[0]).limit_denominator(10**6)))
        first += count
    scale = np.array([_MICROVOLT.get(str(unit), 1.0) for unit in signals["units"]])[:, None]

    def read(start: int, count: int) -> Block:
        number = max(place for place, one in enumerate(stretches) if one.first <= start)
        inside = start - stretches[number].first
        chunk = trace.get_analogsignal_chunk(0, number, inside, inside + count, 0)
        values = chunk.T.astype(np.float64) * signals["gain"][:, None] + signals["offset"][:, None]
        found: Block = values * scale
        return found

    channels = tuple(
        OtherChannel(str(name), "uV", float(gain) * _MICROVOLT[str(unit)])
        if str(unit) in _MICROVOLT
        else OtherChannel(str(name), str(unit))
        for name, unit, gain in zip(signals["name"], signals["units"], signals["gain"], strict=True)
    )
    started = trace.raw_annotations["blocks"][0]["rec_datetime"] + timedelta(seconds=float(begins[0]))
    notes = _micromed_notes(trace, begins[0], stretches, rate)
    return OtherRecording(channels, rate, tuple(stretches), notes, started, read)


_MICROVOLT = {"nV": 1e-3, "uV": 1.0, "mV": 1e3}


def _micromed_notes(
    trace: Any, zero: Fraction, stretches: Sequence[OtherStretch], rate: Fraction
) -> tuple[WrittenAnnotation, ...]:
    """Triggers, notes and events of all segments. Their times count samples; Neo adds those before the first
    segment (`zero` s)."""
    found = []
    for segment in range(trace.segment_count(0)):
        for channel, kind in enumerate(trace.header["event_channels"]["name"]):
            times, durations, labels = trace.get_event_timestamps(0, segment, channel)
            seconds = trace.rescale_event_timestamp(times, "float64", channel)
            lasting = [None] * len(times) if durations is None else (durations / float(rate)).tolist()
            for onset, duration, label in zip(seconds.tolist(), lasting, labels.tolist(), strict=True):
                text = label.strip("\0 ") if kind == "Note" else f"{kind} {label}"
                at = second_of(stretches, (onset - float(zero)) * float(rate), rate)
                found.append(WrittenAnnotation(at, duration, text))
    return tuple(found)


READERS: Mapping[str, Reader] = {
    "a BrainVision recording": read_brainvision,
    "a Nihon Kohden EEG": read_nihon,
    "a Persyst recording": read_persyst,
    "a Micromed recording": read_micromed,
}
"""The readers by the name of their format in `other_formats`."""


# parts of all of them


def _rate(raw: BaseRaw) -> Fraction:
    return Fraction(float(raw.info["sfreq"])).limit_denominator(1000)


def _start(raw: BaseRaw) -> datetime | None:
    """The local time, which MNE-Python calls UTC."""
    date = raw.info["meas_date"]
    return None if date is None else date.replace(tzinfo=None)


def _recording(
    raw: BaseRaw,
    stretches: tuple[OtherStretch, ...],
    start: datetime | None,
    annotations: tuple[WrittenAnnotation, ...],
    *,
    volts: bool = False,
    labels: Sequence[str] = (),
    steps: Sequence[float] = (),
) -> OtherRecording:
    """`volts` for readers that give volts without saying so; `steps` in µV if the numbers have 16 bits."""
    are_volts = [volts or int(one["unit"]) == _UNIT_VOLT for one in raw.info["chs"]]
    scale = np.where(are_volts, MICROVOLTS, 1.0)[:, None]
    units = raw._orig_units
    each: Sequence[float | None] = steps or [None] * len(are_volts)
    channels = tuple(
        OtherChannel(label, "uV", step)
        if is_volt
        else OtherChannel(label, str(units.get(name, "")).replace("n/a", ""))
        for label, name, is_volt, step in zip(
            labels or raw.ch_names, raw.ch_names, are_volts, each, strict=True
        )
    )

    def read(first: int, count: int) -> Block:
        values: Block = raw[:, first : first + count][0] * scale
        return values

    return OtherRecording(channels, _rate(raw), stretches, annotations, start, read)


def _read_between(recording: OtherRecording, edges: Sequence[int]) -> OtherRecording:
    """The recording, read in parts that never go across one of the `edges` (samples)."""

    def read(first: int, count: int) -> Block:
        ends = [edge for edge in edges if first < edge < first + count] + [first + count]
        begins = [first, *ends[:-1]]
        parts = [recording.read(begin, end - begin) for begin, end in zip(begins, ends, strict=True)]
        return np.concatenate(parts, axis=1)

    return OtherRecording(
        recording.channels,
        recording.rate,
        recording.stretches,
        recording.annotations,
        recording.start,
        read,
    )


def _annotations(raw: BaseRaw, stretches: Sequence[OtherStretch]) -> tuple[WrittenAnnotation, ...]:
    """The annotations of the file, whose times count samples."""
    rate = _rate(raw)
    found = []
    for onset, duration, text in zip(
        raw.annotations.onset.tolist(),
        raw.annotations.duration.tolist(),
        raw.annotations.description.tolist(),
        strict=True,
    ):
        if text != _SEGMENT:
            at = second_of(stretches, onset * float(rate), rate)
            lasts = duration if duration * rate > 1.5 else None  # a single sample is a moment
            found.append(WrittenAnnotation(at, lasts, text.removeprefix("Comment/")))
    return tuple(found)


def _sibling(path: Path, *suffixes: str) -> Path | None:
    """The file of the same name with one of the suffixes, in any case."""
    if path.suffix.lower() in {suffix.lower() for suffix in suffixes}:
        return path
    return next(
        (found for suffix in suffixes if (found := _named(path.parent, path.stem + suffix)) is not None), None
    )


def _named(folder: Path, name: str) -> Path | None:
    """The file of this name, in any case."""
    wanted = name.casefold()
    return next((one for one in folder.iterdir() if one.name.casefold() == wanted and one.is_file()), None)


def _link(path: Path, place: Path) -> None:
    """Let `place` lead to the file: the libraries want names in one case."""
    try:
        place.symlink_to(path.absolute())
    except OSError:  # Windows without the permission for links
        place.hardlink_to(path.absolute())


# Persyst


def _sections(text: str) -> dict[str, dict[str, str]]:
    """The sections of a layout by their names in lower case, rows in their order."""
    found: dict[str, dict[str, str]] = {}
    rows: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            rows = found.setdefault(line[1:-1].lower(), {})
        elif "=" in line:
            # A label may hold the sign itself; numbers after it do not.
            key, _, value = line.rpartition("=")
            rows[key.strip()] = value.strip()
    return found


def _layout(info: Mapping[str, str], channels: int) -> str:
    """A layout that names nobody, with numbered channels."""
    kept = ("filetype", "samplingrate", "calibration", "waveformcount", "datatype")
    lines = ["[FileInfo]", "File=recording.dat", *(f"{key}={info[key]}" for key in kept if key in info)]
    # MNE-Python fails without any of these.
    patient = ("BirthDate=01/01/00", "Sex=", "Hand=", "TestDate=01/01/2000", "TestTime=00:00:00")
    lines += ["[Patient]", *patient, "[ChannelMap]"]
    return "\n".join([*lines, *(f"C{number}={number}" for number in range(1, channels + 1))]) + "\n"


def _persyst_notes(
    text: str, stretches: Sequence[OtherStretch], rate: Fraction
) -> tuple[WrittenAnnotation, ...]:
    """The section Comments: seconds of recorded signal, duration, two numbers, and the text."""
    found, is_inside = [], False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            is_inside = line.lower() == "[comments]"
        elif is_inside and line.count(",") >= 4:
            onset, duration, _, _, words = line.split(",", 4)
            try:
                at = second_of(stretches, float(onset) * float(rate), rate)
                found.append(WrittenAnnotation(at, float(duration) or None, words))
            except ValueError:
                continue
    return tuple(found)


_DATES = ("%m/%d/%Y", "%d-%m-%Y", "%Y.%m.%d", "%Y-%m-%d")


def _persyst_start(patient: Mapping[str, str], moments: Sequence[StatedTime]) -> datetime | None:
    """The date of the test and the time of the first sample, as exactly as it is stated."""
    rows = {key.lower(): value for key, value in patient.items()}
    for form in _DATES:
        try:
            day = datetime.strptime(rows.get("testdate", ""), form)  # noqa: DTZ007 - local time
            clock = datetime.strptime(rows.get("testtime", ""), "%H:%M:%S")  # noqa: DTZ007 - local time
        except ValueError:
            continue
        if moments and moments[0].sample == 0:
            return day + timedelta(seconds=float(moments[0].seconds))
        return day + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    return None
