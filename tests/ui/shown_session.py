"""A real session that shows a recording which no file has to be decoded for: made, with a separate study.

Nothing runs in the background and a stand-in plays; everything else is the session's, its study on disk too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from app.core.jobs import CancelToken
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.index import PacketIndex, StreamIndex
from app.core.recording.recording import AudioStream, Recording, VideoStream
from app.core.recording.waveform import Waveform
from app.core.semiology import Answer, Presence, Span
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.session import Session
from tests.ui.made_poses import DURATION, RATE
from tests.ui.stand_in_player import StandInPlayer

_NO_NUMBERS, _NO_TIMES, _NONE = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
_NO_PACKETS = StreamIndex(
    stream=0,
    time_base=Fraction(1, 1000),
    pts=_NO_NUMBERS,
    dts=_NO_NUMBERS,
    pos=_NO_NUMBERS,
    size=_NO_NUMBERS,
    key=_NONE,
    shown=_NONE,
    times=_NO_TIMES,
    lengths=_NO_TIMES,
)


@contextmanager
def no_recording() -> Iterator[Session]:
    """A session with nothing open, which opens made recordings; closed afterwards."""
    session = Session(make_player=StandInPlayer)  # type: ignore[arg-type]
    session.analysis.runner.analyse = lambda *_arguments: None  # type: ignore[method-assign]
    try:
        yield session
    finally:
        session.close()


@contextmanager
def shown_session(folder: Path, recording: Recording | None = None) -> Iterator[Session]:
    """A session that shows a made recording, by default `a_recording` in the folder; closed afterwards."""
    with no_recording() as session:
        show(session, recording or a_recording(folder))
        yield session


def show(session: Session, recording: Recording) -> None:
    """Open a made recording as if it had been read from a file, and its study."""
    study = session.study.of_recording
    study.found(study.opener(recording.path).open(recording, CancelToken()))
    session.analysis.runner.opened.emit(recording)


def player_of(session: Session) -> StandInPlayer:
    """What plays, with what was asked of it."""
    player: Any = session.opening._player
    assert isinstance(player, StandInPlayer)
    return player


def a_recording(
    folder: Path,
    duration: float = DURATION,
    *,
    sound: bool = True,
    width: int = 640,
    height: int = 360,
    **more: Any,
) -> Recording:
    """A recording that was never a file, with `more` of its fields."""
    times = np.arange(round(duration * RATE)) / RATE
    audio = AudioStream("aac", 48_000, 1, 0.0, duration) if sound else None
    name = f"recording {width} {sound}.mp4"
    recording = Recording(
        path=folder / name,
        name=name,
        fingerprint=f"{width}x{height} {sound} {duration}",
        duration=duration,
        video=VideoStream("h264", width, height, times, RATE),
        audio=audio,
        warnings=(),
        index=_index(),
        tracks=(audio,) if audio is not None else (),
    )
    return replace(recording, **more)


def _index(jumps: tuple[float, ...] = ()) -> PacketIndex:
    return PacketIndex("mp4", _NO_PACKETS, np.zeros(0, np.int64), (), np.array(jumps))


def with_jumps(recording: Recording, *seconds: float) -> Recording:
    """The same recording, whose time stamps break off at these seconds."""
    return replace(recording, index=_index(seconds))


def a_waveform(duration: float = DURATION) -> Waveform:
    """A sound that is loud between 20 and 40 s."""
    times = np.arange(round(duration * 100)) / 100
    loud = np.where((times > 20) & (times < 40), 0.6, 0.08) * (0.7 + 0.3 * np.sin(times * 9))
    return a_waveform_of(loud, duration)


def a_waveform_of(loudness: Any, duration: float = DURATION) -> Waveform:
    """A sound of this loudness (n,), 0–1, evenly over `duration` seconds."""
    high = np.rint(np.asarray(loudness) * 32767).astype(np.int16)
    return Waveform((np.column_stack([-high, high]),), duration, bin_seconds=duration / len(high))


def a_reading(kind: ReaderKind, name: str, answers: tuple[Answer, ...] = ()) -> Reading:
    return Reading(
        RecordingIdentity("recording.mp4", "0" * 64, DURATION),
        ReaderIdentity(kind, name, "1"),
        {answer.feature: answer for answer in answers},
    )


def yes(feature: str, *spans: tuple[float, float], confidence: int | None = None, why: str = "") -> Answer:
    evidence = tuple(Span(start, end) for start, end in spans)
    return Answer(feature, Presence.YES, confidence, evidence, None, why)


def answer_all(session: Session, *answers: Answer) -> None:
    """Let the person answer so; every feature that is not named stays as it is."""
    for answer in answers:
        _put(session.study, session.answers.mine.answer(answer.feature), answer)


def _put(study: OpenedStudy, before: Answer, after: Answer) -> None:
    assert study.apply(lambda: study.of_recording.label_edits.answer(before, after))


def read_by(session: Session, *readings: Reading) -> None:
    """Let others have read the recording; the last one has changed last."""
    for reading in readings:
        session.study.keep_reading(reading)
