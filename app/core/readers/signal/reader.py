"""The signal reader: 20 answers with reasons from pose, face and sound."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose import pose_track
from app.core.enhance.pose_track import PoseTrack
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.picture_box import Box
from app.core.program_log import OwnText
from app.core.readers.signal.measures.measures import MeasureFailedError, Measures, measure
from app.core.readers.signal.rules.answering import not_assessable, times_mapped_by
from app.core.readers.signal.rules.brief import or_brief_look
from app.core.readers.signal.rules.left_out import left_out_text, unchanged_text, with_left_out
from app.core.readers.signal.rules.table import RULES
from app.core.readers.signal.thresholds import THRESHOLDS
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.identity import content_sha256
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples, sound_runs
from app.core.recording.sparse_time import ShortClock, joined, seen_stretches, stretches_of
from app.core.semiology import FEATURES, Answer, Span

VERSION = "1"
SOUND_RATE = 16000
CAUTION = "A rule-based measurement of movement, face and sound; not validated on patients."

_FAULT = "This could not be measured because of a fault in the program."

_log = logging.getLogger(__name__)


def _thresholds_digest() -> str:
    text = ";".join(f"{name}={threshold.value!r}" for name, threshold in sorted(THRESHOLDS.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


IDENTITY = ReaderIdentity(
    ReaderKind.SIGNAL,
    "signal",
    VERSION,
    {"caution": CAUTION, "thresholds": _thresholds_digest()},
)


def of_picture(reader: ReaderIdentity, recording: Recording) -> ReaderIdentity:
    """The identity of the reader for this recording: with the number of the picture track, from 1, unless it
    is the default track, because another picture gives another reading."""
    if recording.picture == recording.default_picture:
        return reader
    return replace(reader, details={**reader.details, "picture_track": str(recording.picture + 1)})


def signal_reading(
    recording: RecordingIdentity, track: PoseTrack | None, sound: npt.NDArray[np.float32] | None
) -> Reading:
    """The reading of a pose track (None: no picture) and mono sound of 16 kHz (None: no sound).

    A pure function: the same input always gives the same answers.
    """
    return reading_of_measures(recording, track, measure(track, sound))


def reading_of_measures(recording: RecordingIdentity, track: PoseTrack | None, measures: Measures) -> Reading:
    """The reading of what was measured in a pose track and a sound."""
    left_out = f"{left_out_text(track)} {unchanged_text(measures.grid)}".strip()
    answers = {
        key: _clip_to_duration(with_left_out(_answer(key, measures), left_out), recording.duration)
        for key in (feature.id for feature in FEATURES)
    }
    return Reading(recording, IDENTITY, answers)


def _answer(feature: str, measures: Measures) -> Answer:
    """The answer of a feature's rule; a fault in it, or in a measure it rests on, costs this answer and is
    logged."""
    try:
        return or_brief_look(RULES[feature](measures), measures)
    except MeasureFailedError:
        return not_assessable(feature, _FAULT)
    except Exception:  # noqa: BLE001 - whatever it is, it must not cost the other answers
        _log.exception("the rule for %s failed", OwnText(feature))
        return not_assessable(feature, _FAULT)


def _clip_to_duration(answer: Answer, duration: float) -> Answer:
    """The answer with its evidence limited to the recording, because rules extend spans after an event."""
    evidence = tuple(Span(min(span.start, duration), min(span.end, duration)) for span in answer.evidence)
    return replace(answer, evidence=evidence)


class SignalReader:
    """The built-in reader, without network or key; `patient` is the box drawn around the patient, if any."""

    identity = IDENTITY

    def __init__(self, patient: Box | None = None) -> None:
        self._patient = patient

    def read(self, recording: Recording, *, report: Report, cancel: CancelToken) -> Reading:
        """The reading of a recording, by its pose track (cached or computed), its sound and the rules.

        Raises UserError when the recording cannot be read and Cancelled after `cancel` was set.
        """
        return self.read_measured(recording, report=report, cancel=cancel).reading

    def read_measured(self, recording: Recording, *, report: Report, cancel: CancelToken) -> MeasuredReading:
        """As `read`, with the measures that the answers rest on."""
        track = None
        if recording.video is not None:
            track = pose_track(
                recording, patient=self._patient, report=share_of(report, 0.0, 0.93), cancel=cancel
            )
        cancel.check()
        report(Progress("Reading the sound", 0.94))
        heard = _read_sound(recording)
        cancel.check()
        report(Progress("Measuring movement, face and voice", 0.96))
        started = time.monotonic()
        sha256 = content_sha256(recording.path, cancel=cancel)
        identity = RecordingIdentity(recording.name, sha256, recording.duration)
        found = _read(identity, track, heard.sound, heard.short)
        reading = replace(found.reading, reader=of_picture(IDENTITY, recording))
        _log.info("signal reading took %.1f s", time.monotonic() - started)
        report(Progress("Answers ready", 1.0))
        return replace(found, reading=reading)


@dataclass(frozen=True, slots=True)
class MeasuredReading:
    """A reading, and the measures it rests on, which are on `clock` where most of the time is empty."""

    reading: Reading
    measures: Measures
    clock: ShortClock | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _SoundInput:
    """The sound (n,) float32, None without one; on the `short` clock if there is one."""

    sound: npt.NDArray[np.float32] | None
    short: ShortClock | None = None


def _read_sound(recording: Recording) -> _SoundInput:
    """The sound of the recording; on a short clock without empty time where most of the time is empty."""
    if stretches_of(recording) is None:
        return _SoundInput(read_samples(recording, rate=SOUND_RATE) if recording.audio is not None else None)
    runs = [(first, np.concatenate([*parts])) for first, parts in sound_runs(recording, SOUND_RATE)]
    begins, lengths = seen_stretches(recording)
    short = ShortClock.of(
        joined(
            np.append(begins, [first / SOUND_RATE for first, _ in runs]),
            np.append(lengths, [len(sound) / SOUND_RATE for _, sound in runs]),
        )
    )
    if recording.audio is None:
        return _SoundInput(None, short)
    whole = np.zeros(round(short.duration * SOUND_RATE) + 1, np.float32)
    for first, sound in runs:
        place = round(float(short.shortened(first / SOUND_RATE)) * SOUND_RATE)
        whole[place : place + len(sound)] = sound[: len(whole) - place]
    return _SoundInput(whole, short)


def _read(
    identity: RecordingIdentity,
    track: PoseTrack | None,
    sound: npt.NDArray[np.float32] | None,
    short: ShortClock | None,
) -> MeasuredReading:
    """The reading on the recording's clock, measured on the short clock if there is one."""
    if short is None:
        measures = measure(track, sound)
        return MeasuredReading(reading_of_measures(identity, track, measures), measures)
    if track is not None:
        track = replace(track, times=short.shortened(track.times))
    measures = measure(track, sound)
    with times_mapped_by(short.lengthened):
        reading = reading_of_measures(replace(identity, duration=short.duration), track, measures)
    answers = {key: _to_recording_clock(answer, short) for key, answer in reading.answers.items()}
    return MeasuredReading(replace(reading, recording=identity, answers=answers), measures, short)


def _to_recording_clock(answer: Answer, short: ShortClock) -> Answer:
    spans = (Span(short.lengthened(span.start), short.lengthened(span.end)) for span in answer.evidence)
    return replace(answer, evidence=tuple(spans))
