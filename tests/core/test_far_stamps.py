"""Packets stamped hours away: memory and time follow from what a recording holds."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.noise_profile import search_profile
from app.core.enhance.pose_analysis import assemble
from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.request_plan import requests
from app.core.readers.models.segments import segments, stretches_from, stretches_text
from app.core.readers.signal import reader as signal
from app.core.reading import RecordingIdentity
from app.core.recording.clock_mapping import map_to_clock
from app.core.recording.frames import FrameReader
from app.core.recording.index import StreamIndex
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.seekable_copy import write_seekable_copy
from app.core.recording.sparse_time import KeptCells, ShortClock, is_thin, joined, stretches_of
from app.core.recording.spectrogram import build_spectrogram
from app.core.recording.waveform import build_waveform
from app.core.report.blocks import Timeline
from app.core.report.timeline_layout import lay_out_timeline
from app.core.semiology import FEATURES, Span
from tests.media import tone, write_recording
from tests.odd_recordings import stamped, two_cameras

FAR = 100_000.0
_MOST = 60 << 20
"""Bytes of memory that Python and NumPy may take for recordings of two seconds."""

Make = Callable[[Path], Path]


def last_frame_far(folder: Path) -> Path:
    return stamped(folder / "a.mkv", picture=lambda n: FAR if n == 49 else n / 25)


def sound_far(folder: Path) -> Path:
    return stamped(folder / "a.mkv", sound=lambda n: n * 1024 / 48_000 + (FAR if n >= 60 else 0.0))


def all_but_one_far(folder: Path) -> Path:
    return stamped(
        folder / "a.mp4",
        picture=lambda n: n / 25 + (FAR if n else 0.0),
        sound=lambda n: n * 1024 / 48_000 + FAR,
    )


def hours_apart(folder: Path) -> Path:
    return stamped(folder / "a.mkv", picture=lambda n: 9000.0 * n)


def sound_hours_apart(folder: Path) -> Path:
    return stamped(folder / "a.mkv", sound=lambda n: 3600.0 * n)


def an_age(folder: Path) -> Path:
    return stamped(folder / "a.mkv", picture=lambda n: 4e9 if n == 49 else n / 25)


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (last_frame_far, sound_far, all_but_one_far, hours_apart, sound_hours_apart, an_age)
}


@pytest.fixture(params=CASES, ids=str)
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Recording:
    return open_recording(CASES[request.param](tmp_path))


def test_everything_that_goes_through_it_stays_small(recording: Recording, tmp_path: Path) -> None:
    assert recording.duration > FAR / 2
    tracemalloc.start()
    try:
        waveform = build_waveform(recording)
        spectrogram = build_spectrogram(recording)
        assert waveform is not None
        assert spectrogram is not None
        assert waveform.envelope(0.0, recording.duration, 500)[1].max() > 0.1
        assert spectrogram.picture(0.0, recording.duration, 500).any()
        search_profile(recording, None, no_report)
        with FrameReader(recording) as reader:
            assert len(list(reader.frames())) == 50
        heard = signal._read_sound(recording)
        assert heard.short is not None
        assert heard.sound is not None
        assert np.abs(heard.sound).max() > 0.1
        copied = _copied(recording, tmp_path / "copy.mp4")
        assert copied is None or copied == pytest.approx(recording.duration, abs=1.5)
        assert tracemalloc.get_traced_memory()[1] < _MOST
    finally:
        tracemalloc.stop()


def _copied(recording: Recording, out: Path) -> float | None:
    """The seconds of a seekable copy; None where an MP4 cannot hold gaps so long, which is said."""
    try:
        write_seekable_copy(recording, out)
    except UserError:
        assert not out.exists()
        return None
    return open_recording(out).duration


def test_the_gap_is_marked(tmp_path: Path) -> None:
    recording = open_recording(last_frame_far(tmp_path))
    (gap,) = recording.gaps
    assert (gap.start, gap.end) == pytest.approx((1.96, FAR), abs=0.03)
    with FrameReader(recording) as reader:
        assert [reader.frame_at(seconds).number for seconds in (1.0, 5.0, FAR / 2, FAR + 0.01)] == [
            25,
            48,
            48,
            49,
        ]


def test_sound_is_drawn_where_it_is(tmp_path: Path) -> None:
    waveform = build_waveform(open_recording(sound_far(tmp_path)))
    assert waveform is not None
    heard = {
        begin: float(waveform.envelope(begin, begin + 0.1, 20)[1].max())
        for begin in (0.5, 1.0, 1.5, FAR / 2, FAR + 1.0, FAR + 1.5)
    }
    assert {begin for begin, level in heard.items() if level > 0.1} == {0.5, FAR + 1.5}


def test_a_frame_stamped_far_off_takes_nothing_with_it(tmp_path: Path) -> None:
    """Only the one frame is far: those after it, and the sound, stay where they were."""
    streams = np.tile([0, 1], 50)
    times = np.repeat(np.arange(50) / 25, 2)
    shown = times.copy()
    shown[40] = times[40] = 5000.0
    for forward in (np.inf, 10.0):
        mapping = map_to_clock(
            streams, times, shown, np.full(100, 0.04), forward=forward, backward=0.02, wrap=None, leading=0
        )
        moved = np.flatnonzero(np.abs(mapping.offsets) > 1e-6)
        assert set(moved) <= {40}


def test_the_signal_reader_answers_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = open_recording(last_frame_far(tmp_path))
    assert recording.video is not None
    n = recording.video.n

    def track(*_: Any, **__: Any) -> PoseTrack:
        del _, __
        return assemble([], (128, 96), (128, 96))

    monkeypatch.setattr(signal, "pose_track", track)
    reading = signal.SignalReader().read(recording, report=no_report, cancel=CancelToken())
    assert n == 50
    assert set(reading.answers) == {feature.id for feature in FEATURES}
    assert reading.recording.duration == recording.duration


def test_answers_from_another_picture_of_the_file_are_another_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def track(*_: Any, **__: Any) -> PoseTrack:
        return assemble([], (128, 96), (128, 96))

    monkeypatch.setattr(signal, "pose_track", track)
    path = two_cameras(tmp_path / "a.mkv")
    readers = [
        signal.SignalReader()
        .read(open_recording(path, picture=picture), report=no_report, cancel=CancelToken())
        .reader
        for picture in (None, 0, 1)
    ]
    assert readers[0] == readers[1] == signal.IDENTITY
    assert readers[2].details == {**signal.IDENTITY.details, "picture_track": "2"}


def test_sound_with_hardly_a_byte_for_its_hours_is_left_out() -> None:
    def sound(packets: int, step: float, size: int) -> StreamIndex:
        numbers = np.arange(packets)
        flags = np.ones(packets, np.bool_)
        sizes = np.full(packets, size)
        return StreamIndex(
            1, Fraction(1, 1000), numbers, numbers, numbers, sizes, flags, flags, numbers * step,
            np.full(packets, step),
        )  # fmt: skip

    assert is_thin(sound(200_000, 0.1, 2))
    assert is_thin(sound(20_000, 1.9, 2))
    assert not is_thin(sound(200_000, 0.1, 30))
    assert not is_thin(sound(100_000, 0.1, 2))  # under three hours
    assert not is_thin(sound(1_000, 100.0, 2))  # mostly nothing, which takes no memory


def test_a_model_is_not_asked_about_nothing(tmp_path: Path) -> None:
    recording = open_recording(last_frame_far(tmp_path))
    identity = RecordingIdentity(recording.name, "ab" * 32, recording.duration)
    choice = ModelChoice(provider="openai", model="tiny", base_url="http://127.0.0.1:9/v1")
    plan = plan_reading(choice, identity, tmp_path, content=recording)
    starts = {request.segment.span.start for request in plan.requests}
    assert len(starts) <= 3
    assert {0.0} < starts
    kept = requests(recording.duration, stretches=stretches_from(plan.what["stretches"]))
    assert {request.segment for request in kept} == {request.segment for request in plan.requests}


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 100)), min_size=1, max_size=30))
def test_segments_hold_every_stretch_and_no_other(parts: list[tuple[float, float]]) -> None:
    found = joined(np.array([begin for begin, _ in parts]), np.array([length for _, length in parts]))
    duration = float(found.ends[-1])
    spans = found.spans()
    made = segments(duration, stretches=spans)
    assert stretches_from(stretches_text(spans)) == spans
    whole = segments(duration)
    assert set(made) <= set(whole)
    for segment in set(whole) - set(made):
        assert not any(
            span.start < segment.span.end - 1e-9 and segment.span.start < span.end for span in spans
        )


@given(st.lists(st.tuples(st.floats(0, 1e7), st.floats(0, 50)), min_size=1, max_size=20))
def test_the_short_clock_goes_there_and_back(parts: list[tuple[float, float]]) -> None:
    found = joined(np.array([begin for begin, _ in parts]), np.array([length for _, length in parts]))
    short = ShortClock.of(found)
    assert (np.diff(short.short) >= -1e-9).all()
    assert short.duration <= float((found.ends - found.starts).sum()) * 2 + 70
    for span in found.spans():
        for seconds in (span.start, (span.start + span.end) / 2, span.end):
            assert short.lengthened(float(short.shortened(seconds))) == pytest.approx(seconds, abs=1e-3)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 20)), min_size=1, max_size=10))
def test_runs_know_what_is_kept(parts: list[tuple[int, int]]) -> None:
    firsts, lengths, at = [], [], 0
    for gap, length in parts:
        firsts.append(at + gap)
        lengths.append(length)
        at += gap + length
    runs = KeptCells.of(firsts, lengths)
    cells = np.concatenate(
        [np.arange(first, first + length) for first, length in zip(firsts, lengths, strict=True)]
    )
    assert np.array_equal(runs.kept(cells), np.arange(len(cells)))
    every = np.arange(at + 5)
    assert np.array_equal(np.flatnonzero(runs.kept(every + 1) > runs.kept(every)), cells)


def test_ordinary_recordings_are_not_sparse(tmp_path: Path) -> None:
    assert stretches_of(open_recording(stamped(tmp_path / "a.mp4"))) is None
    gap = stamped(tmp_path / "b.mp4", picture=lambda n: n / 25 + (30.0 if n > 20 else 0.0))
    assert stretches_of(open_recording(gap)) is None


def test_a_report_of_years_has_few_ticks() -> None:
    assert len(lay_out_timeline(Timeline(1e9, (), ())).ticks) < 20


def test_a_recording_of_years_is_too_long_for_a_model() -> None:
    with pytest.raises(UserError, match="too long"):
        segments(1e12)
    assert segments(1e12, stretches=(Span(0.0, 2.0), Span(9e11, 9e11)))


@pytest.mark.parametrize(("channels", "rate"), [(1, 1), (1, 2**31 - 1), (60_000, 48_000)])
def test_sound_that_no_microphone_gives_is_not_believed(tmp_path: Path, channels: int, rate: int) -> None:
    path = write_recording(tmp_path / "a.avi", frames=10, sound=tone(0.4), sound_codec="pcm_s16le")
    data = bytearray(path.read_bytes())
    form = data.index(b"strf", data.index(b"strf") + 4) + 8
    data[form + 2 : form + 8] = struct.pack("<HI", channels, rate)
    path.write_bytes(data)
    recording = open_recording(path)
    assert recording.audio is None
    assert recording.duration == pytest.approx(0.4, abs=0.01)
    assert "sound_unreadable" in {warning.code for warning in recording.warnings}


@pytest.mark.parametrize("side", [16_000, 65_500])
def test_pictures_of_a_claimed_size_are_refused(tmp_path: Path, side: int) -> None:
    path = write_recording(tmp_path / "a.avi", frames=5, codec="mjpeg", pixel_format="yuvj420p")
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"\xff\xc0\x00", at + 1)) >= 0:
        data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    path.write_bytes(data)
    with pytest.raises(UserError):
        open_recording(path)
