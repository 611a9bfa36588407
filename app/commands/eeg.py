"""`semioscope eeg`: what an EEG file (EDF, EDF+, BDF) holds, its samples, and its pages as pictures."""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import arguments, eeg_anonymise, eeg_page
from app.commands.console import write_json
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option
from app.commands.terminal import ProgressLine, one_line
from app.core.errors import UserError
from app.core.times import clock

if TYPE_CHECKING:
    from app.core.eeg.eeg_file import EegFile
    from app.core.eeg.eeg_recording import EegRecording, Signal
    from app.core.eeg.patient_fields import Identity
    from app.core.jobs import CancelToken

COUNT_LIMIT = 10_000_000
"""Values that are given at a time."""

_SHOWN = 20


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "eeg",
        help="what an EEG file holds, its samples, its pages as pictures",
        description="Reads EDF, EDF+C, EDF+D, BDF and BDF+. The file itself is never changed.",
    )
    commands = parser.add_subparsers(dest="eeg_command", required=True, metavar="COMMAND")
    probe = commands.add_parser(
        "probe",
        help="signals, segments, annotations and warnings",
        description="Shows the signals, the stretches without a gap, the annotations and the warnings of an "
        "EEG file. Seconds count from the first sample, whose moment is the start.",
    )
    _file_argument(probe)
    probe.add_argument(
        "--identity", action="store_true", help="also who was recorded and by whom, as the header says it"
    )
    probe.set_defaults(run=run_probe)
    samples = commands.add_parser(
        "samples",
        help="values of one signal in physical units",
        description="Gives COUNT values of a signal from TIME after the first sample on; nothing (null) "
        "in gaps.",
    )
    _file_argument(samples)
    samples.add_argument(
        "--signal",
        metavar="INDEX",
        type=int,
        required=True,
        help="number of the signal from 0, annotation channels left out",
    )
    samples.add_argument("--at", metavar="TIME", type=_time, required=True, help=eeg_page.AT_HELP)
    samples.add_argument("--count", metavar="N", type=_count, required=True, help="how many values")
    samples.set_defaults(run=run_samples)
    eeg_page.register(commands, _time)
    eeg_anonymise.register(commands)

    _register_convert(commands)


def _register_convert(commands: arguments.Subparsers) -> None:
    convert = commands.add_parser(
        "convert",
        help="EDF+ of a file of another system",
        description="Converts a recording of Nihon Kohden, Persyst, BrainVision or Micromed to EDF+, with "
        "its gaps and annotations, without the patient's name. Needs the extra eeg-formats.",
    )
    convert.add_argument("file", metavar="FILE", type=Path, help="the recording")
    result_option(convert, "--out", "FILE.edf", "the EDF+ to write", required=True, writes=(".edf",))
    convert.set_defaults(run=run_convert)


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the EEG file")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run_convert(args: argparse.Namespace) -> int:
    from app.core.eeg.conversion import convert_eeg

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        converted = convert_eeg(args.file, args.out, replace=args.replace, report=report, cancel=cancel)
    print(f"{one_line(args.out.name)}: voltages differ by at most {converted.worst_error:.4f} µV.")
    if converted.not_finite:
        print(f"{converted.not_finite} values that were not numbers became 0.")
    return 0


def run_probe(args: argparse.Namespace) -> int:
    from app.core.eeg.eeg_file import opened_eeg
    from app.core.eeg.patient_fields import read_identity
    from app.core.eeg.record_scan import read_recording

    with cancelled_by_signals() as cancel, opened_eeg(_readable(args.file, cancel)) as eeg:
        with ProgressLine() as report:
            found = read_recording(eeg, report=report, cancel=cancel)
        identity = read_identity(eeg) if args.identity else None
    recording = replace(found, name=args.file.name)  # that of a converted file says nothing
    if args.json:
        write_json(json.dumps(to_dict(recording, identity), ensure_ascii=False, allow_nan=False))
    else:
        print(describe_eeg(recording, identity))
    return 0


def run_samples(args: argparse.Namespace) -> int:
    from app.core.eeg.eeg_file import opened_eeg
    from app.core.eeg.record_scan import timeline_until
    from app.core.eeg.samples import read_values

    with cancelled_by_signals() as cancel, opened_eeg(_readable(args.file, cancel)) as eeg:
        signal = _signal(eeg, args.signal)
        rate = float(signal.rate or 0)
        timeline = timeline_until(eeg, args.at + args.count / rate, cancel=cancel)
        values = read_values(eeg, timeline, signal, args.at, args.count).tolist()
    given = [None if math.isnan(value) else value for value in values]
    if args.json:
        found = {"values": given, "unit": signal.unit, "rate": rate}
        write_json(json.dumps(found, ensure_ascii=False, allow_nan=False))
    else:
        for number, value in enumerate(given):
            shown = "–" if value is None else f"{value:.6g} {one_line(signal.unit)}"
            print(f"{args.at + number / rate:14.6f} s  {shown}")
    return 0


def _readable(path: Path, cancel: CancelToken) -> Path:
    """The file, or the EDF+ that it is converted to."""
    from app.core.eeg.conversion import edf_of

    with ProgressLine() as report:
        return edf_of(path, report=report, cancel=cancel)


def to_dict(recording: EegRecording, identity: Identity | None = None) -> dict[str, Any]:
    """The recording in the form that other programs rely on (docs/formats.md)."""
    start = recording.start
    found: dict[str, Any] = {
        "format": recording.header.format,
        "start": start and start.isoformat(timespec="microseconds"),
        "duration": recording.duration,
        "signals": [
            {
                "label": signal.label,
                "name": signal.name,
                "rate": None if signal.rate is None else float(signal.rate),
                "unit": signal.unit,
                "samples": signal.samples,
            }
            for signal in recording.header.signals
        ],
        "segments": [{"start": part.start, "duration": part.duration} for part in recording.segments],
        "annotations": [
            {
                "onset": note.onset,
                "duration": note.duration,
                "text": f"{note.text}@@{note.channel}" if note.channel else note.text,
            }
            for note in recording.annotations
        ],
        "warnings": [{"code": warning.code, "text": warning.text} for warning in recording.warnings],
    }
    if identity:
        found["identity"] = {"patient": identity.patient, "recording": identity.recording}
    return found


def describe_eeg(recording: EegRecording, identity: Identity | None = None) -> str:
    """The EEG file as lines of text; of long lists only the beginning."""
    header, start = recording.header, recording.start
    begun = start.isoformat(" ", timespec="microseconds") if start else "unknown"
    lines = [
        one_line(recording.name),
        f"  format      {header.format}",
        f"  start       {begun}",
        f"  duration    {clock(recording.duration)} ({recording.duration:.6g} s)",
    ]
    if identity:
        lines += [f"  patient     {identity.patient}", f"  recording   {identity.recording}"]
    lines += _some("signal", [_signal_line(signal) for signal in header.signals], len(header.signals))
    lines += _some(
        "segment",
        [f"{part.start:.6f}–{part.start + part.duration:.6f} s" for part in recording.segments],
    )
    lines += _some(
        "annotation", [f"{note.onset:.3f} s  {one_line(note.text)}" for note in recording.annotations]
    )
    lines += _some(
        "warning", [f"{one_line(warning.text)} ({warning.code})" for warning in recording.warnings]
    )
    return "\n".join(lines)


def _signal_line(signal: Signal) -> str:
    rate = "no rate" if signal.rate is None else f"{float(signal.rate):.6g} Hz"
    return f"{signal.number}: {one_line(signal.name)}, {rate}, {one_line(signal.unit) or 'no unit'}"


def _some(what: str, lines: list[str], limit: int = _SHOWN) -> list[str]:
    more = [f"and {len(lines) - limit} more"] if len(lines) > limit else []
    return [f"  {what:<11} {line}" for line in [*lines[:limit], *more]]


def _signal(eeg: EegFile, number: int) -> Signal:
    signals = eeg.header.signals
    if not 0 <= number < len(signals):
        raise UserError(f"“{eeg.name}” has {len(signals)} signals, numbered from 0; there is no {number}.")
    if signals[number].rate is None:
        raise UserError(f"Signal {number} of “{eeg.name}” has no sampling rate, so its samples have no time.")
    return signals[number]


def _time(text: str) -> float:
    """A time in seconds, also before the first sample."""
    return arguments.time_within(text, 1e10)


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a whole number: {text!r}") from None
    if not 1 <= value <= COUNT_LIMIT:
        raise argparse.ArgumentTypeError(f"must be 1 to {COUNT_LIMIT}")
    return value
