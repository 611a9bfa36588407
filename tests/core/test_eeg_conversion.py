"""EEG files of other systems as EDF+: values, times, gaps and annotations stay, names go."""

from __future__ import annotations

import contextlib
import stat
import sys
import threading
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import cli
from app.core.eeg import conversion, opened_eeg, read_page, read_recording, read_values
from app.core.eeg.conversion import edf_of, is_converted
from app.core.eeg.conversion_process import open_other
from app.core.eeg.edf_streaming import StreamedEdf, write_edf_blocks
from app.core.eeg.edf_writing import WrittenAnnotation
from app.core.eeg.other_formats import recognised_format
from app.core.eeg.other_recording import (
    Block,
    OtherChannel,
    OtherRecording,
    OtherStretch,
    StatedTime,
    second_of,
    stretches_of,
)
from app.core.eeg.other_times import brainvision_moments, nihon_blocks, nihon_events, persyst_moments
from app.core.errors import Cancelled, UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken
from app.core.recording.analysis_process import CRASH_VARIABLE
from tests.core import other_eeg_files as other
from tests.core.other_eeg_files import MAKERS, RATE, brainvision

F = Fraction
has_extra = pytest.mark.skipif(
    find_spec("mne") is None or find_spec("neo") is None,
    reason="the extra eeg-formats is not installed (requirements-eeg-formats.lock)",
)

STUB = """
import numpy as np

class Annotations:
    onset = duration = np.zeros(0)
    description = np.zeros(0, "U1")

class Raw:
    info = {{"sfreq": 100.0, "meas_date": None, "chs": [{{"unit": 107, "cal": 0.1, "range": 1e-6}}]}}
    ch_names, n_times, orig_format, _orig_units, annotations = ["Fp1"], {count}, "short", {{}}, Annotations()

    def __getitem__(self, key):
        {body}
        first, last = key[1].start, min(key[1].stop, self.n_times)
        return np.arange(first, last, dtype=float)[None] % 1000 * 1e-7, None

class io:
    @staticmethod
    def read_raw_brainvision(path, preload, verbose):
        return Raw()
"""
"""What stands for the library where only the process around it is tried."""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "patient"
    folder.mkdir()
    return brainvision(folder).path


def stub_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str = "pass", count: int = 1000
) -> None:
    """Let a small module stand for MNE-Python, here and in the process."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "mne.py").write_text(STUB.format(body=body, count=count))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(str(folder))


# whole files, by the real libraries


@has_extra
@pytest.mark.parametrize("kind", MAKERS)
def test_a_file_of_another_system_is_what_it_was(tmp_path: Path, kind: str) -> None:
    made = MAKERS[kind](tmp_path)
    assert is_converted(made.path)
    path = tmp_path / "out.edf"
    cost = written(path, read_here(made, tmp_path))
    assert cost.worst_error < 0.005, "stored numbers stay what they are"
    with opened_eeg(path) as eeg:
        read = read_recording(eeg)
        assert eeg.header.format == "EDF+D"
        assert not read.warnings
        assert [signal.label.split("-")[0].lower() for signal in eeg.header.signals] == ["fp1", "o2"]
        assert {signal.unit for signal in eeg.header.signals} == {"uV"}
        assert {signal.rate for signal in eeg.header.signals} == {RATE}
        first, second = read.segments
        assert first.start == 0.0
        assert second.start == pytest.approx(2.5 + other.GAP, abs=made.resolution)
        for segment, begin, count in zip((first, second), (0, 500), other.COUNTS, strict=True):
            assert segment.duration == pytest.approx(count / RATE)
            for number, signal in enumerate(eeg.header.signals):
                found = read_values(eeg, read.timeline, signal, segment.start, count)
                expected = made.values[number, begin : begin + count]
                assert np.abs(found - expected).max() < 0.005
        (note,) = read.annotations
        assert note.text == other.NOTE
        assert note.onset == pytest.approx(2.5 + other.GAP + 0.5, abs=made.resolution)
        assert note.duration == made.end_of_note
    begun = read.start
    assert begun is not None
    if kind != "micromed":  # whose date is that of the first sample that was ever recorded
        assert begun == other.BEGAN
    raw = path.read_bytes()
    for secret in (other.PATIENT.encode(), b"Harry", b"4711"):
        assert secret not in raw


@has_extra
def test_numbers_with_more_bits_are_rounded_and_say_how_much(tmp_path: Path) -> None:
    made = brainvision(tmp_path, form="IEEE_FLOAT_32")
    cost = written(tmp_path / "out.edf", read_here(made, tmp_path))
    steps = np.ptp(made.values, axis=1) / 65_535
    assert 0 < cost.worst_error < 0.51 * steps.max()


@has_extra
@pytest.mark.parametrize("kind", MAKERS)
def test_a_damaged_file_ends_in_a_sentence(tmp_path: Path, kind: str) -> None:
    made = MAKERS[kind](tmp_path)
    made.path.write_bytes(made.path.read_bytes()[:700])
    with contextlib.suppress(UserError):  # anything else fails the test
        assert written(tmp_path / "out.edf", read_here(made, tmp_path)).not_finite == 0


def read_here(made: other.Made, folder: Path) -> OtherRecording:
    """The recording, read without a process of its own."""
    form = recognised_format(made.path.name, made.path.read_bytes()[:100])
    assert form is not None
    private = folder / "private"
    private.mkdir()
    return open_other(made.path, form.name, private)


# the process around them


def test_it_is_converted_once_and_only_for_this_account(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub_library(tmp_path, monkeypatch)
    before = sorted(one.name for one in made.parent.iterdir())
    first = edf_of(made)
    assert first.parent == cache_folder() / "eeg"
    if sys.platform != "win32":
        assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(first.stat().st_mode) == 0o600
    born = first.stat().st_ino
    assert edf_of(made) == first
    assert edf_of(made.with_suffix(".vmrk")).is_file()
    assert first.stat().st_ino == born, "the second time nothing is converted"
    assert sorted(one.name for one in made.parent.iterdir()) == before
    data = made.with_suffix(".eeg")
    data.write_bytes(data.read_bytes()[::-1])
    assert edf_of(made) != first, "other content is another file"
    with opened_eeg(first) as eeg:
        read = read_recording(eeg)
        values = read_page(eeg, read.timeline, eeg.header.signals, 0.0, 2.0)[0]
    assert values == pytest.approx(np.arange(200) * 0.1, abs=1e-3)
    assert edf_of(first) == first, "EDF stays where it is"


def test_the_cache_is_swept_by_size(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub_library(tmp_path, monkeypatch)
    first = edf_of(made)
    monkeypatch.setattr(conversion, "CACHE_LIMIT", int(first.stat().st_size * 1.5))
    data = made.with_suffix(".eeg")
    data.write_bytes(data.read_bytes()[::-1])
    second = edf_of(made)
    assert second.is_file()
    assert not first.exists()


def test_without_the_extra_the_sentence_names_it(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "find_spec", lambda _name: None)
    with pytest.raises(UserError, match=r"BrainVision Analyzer.*\[eeg-formats\]") as told:
        edf_of(made)
    assert "“a.vhdr”" in str(told.value)
    assert is_converted(made)


def test_the_data_file_of_brainvision_is_known_by_its_header(made: Path) -> None:
    assert is_converted(made.with_suffix(".eeg"))
    made.unlink()
    assert not is_converted(made.with_suffix(".eeg"))


def test_a_crash_of_the_library_is_a_sentence(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub_library(tmp_path, monkeypatch)
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    with pytest.raises(UserError, match="could not be converted"):
        edf_of(made)
    assert not list((cache_folder() / "eeg").iterdir())


def test_an_error_of_the_library_is_a_sentence(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub_library(tmp_path, monkeypatch, 'raise RuntimeError("Haagse_Harry in " + __file__)')
    with pytest.raises(UserError, match="damaged or cut off") as told:
        edf_of(made)
    assert "Harry" not in str(told.value)
    assert not list((cache_folder() / "eeg").iterdir())


def test_cancelled_it_leaves_nothing(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub_library(tmp_path, monkeypatch, "import time; time.sleep(60)")
    cancel = CancelToken()
    begun = threading.Event()
    failed: list[BaseException] = []

    def convert() -> None:
        try:
            edf_of(made, report=lambda _progress: begun.set(), cancel=cancel)
        except Cancelled as error:
            failed.append(error)

    thread = threading.Thread(target=convert)
    thread.start()
    assert begun.wait(120)
    cancel.cancel()
    thread.join(60)
    assert len(failed) == 1
    assert not list((cache_folder() / "eeg").iterdir())


def test_command(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stub_library(tmp_path, monkeypatch)
    out = tmp_path / "out.edf"
    assert cli.main(["eeg", "convert", str(made), "--out", str(out)]) == 0
    assert "at most 0.0" in capsys.readouterr().out
    with opened_eeg(out) as eeg:
        assert read_recording(eeg).duration == 37.5, "10 s and the pause"
    assert cli.main(["eeg", "convert", str(out), "--out", str(tmp_path / "b.edf")]) == 1
    assert "not of a format that can be converted" in capsys.readouterr().err
    assert cli.main(["eeg", "convert", str(made), "--out", str(made)]) == 1
    assert "name of the original" in capsys.readouterr().err
    assert cli.main(["eeg", "probe", str(made)]) == 0
    assert "Fp1" in capsys.readouterr().out


# blocks


@st.composite
def recordings(draw: st.DrawFn) -> tuple[OtherRecording, Block]:
    """Recordings of odd rates, with gaps, and their values."""
    rate = draw(st.sampled_from([F(256), F(200), F(1), F(10000, 39), F(5000, 3), F(499)]))
    counts = draw(st.lists(st.integers(1, 900), min_size=1, max_size=4))
    stretches, first, start = [], 0, F(0)
    for count in counts:
        stretches.append(OtherStretch(first, count, start))
        first += count
        start += count / rate + draw(st.sampled_from([F(1), F(7, 3), F(3600), F(1, 10**6)])) + 20 / rate
    total = sum(counts)
    channels = draw(st.integers(1, 3))
    generator = np.random.default_rng(draw(st.integers(0, 100)))
    scale = draw(st.sampled_from([0.1, 0.048828125, 1.0, 30.0]))
    values = generator.integers(-30_000, 30_000, (channels, total)) * scale
    step = draw(st.sampled_from([scale, None]))
    notes = tuple(
        WrittenAnnotation(draw(st.integers(0, 5000)) / 1000, None, text)
        for text in draw(st.lists(st.sampled_from(["Spasm", "Überleitung", "a, b"]), max_size=5))
    )
    started = draw(st.sampled_from([None, datetime(2024, 1, 2, 3, 4, 5, 250_000)]))  # noqa: DTZ001
    recording = OtherRecording(
        tuple(OtherChannel(f"C{number}", "uV", step) for number in range(channels)),
        rate,
        tuple(stretches),
        notes,
        started,
        lambda first, count: values[:, first : first + count],
    )
    return recording, values


@settings(max_examples=60)
@given(recordings())
def test_blocks_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[OtherRecording, Block]
) -> None:
    recording, values = drawn
    path = tmp_path_factory.mktemp("blocks") / "a.edf"
    shares: list[float] = []
    cost = written(path, recording, shares)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    largest = max(np.ptp(row) for row in values) / 65_535
    assert cost.worst_error <= max(0.51 * largest, 0.02)
    with opened_eeg(path) as eeg:
        read = read_recording(eeg)
        expected = recording.start
        assert read.start == expected if expected else read.header.format.startswith("EDF+")
        assert len(read.annotations) == len(recording.annotations)
        assert not {one.code for one in read.warnings} - {"overlap", "bad_start"}
        for number, signal in enumerate(eeg.header.signals):
            assert signal.rate == recording.rate
            for stretch in recording.stretches:
                found = read_values(eeg, read.timeline, signal, stretch.start, stretch.count)
                wanted = values[number, stretch.first : stretch.first + stretch.count]
                assert np.abs(found - wanted).max() <= cost.worst_error + 1e-9


def written(path: Path, recording: OtherRecording, shares: list[float] | None = None) -> StreamedEdf:
    with path.open("wb") as file:
        return write_edf_blocks(file, recording, (shares if shares is not None else []).append)


def test_values_that_are_no_numbers_are_counted(tmp_path: Path) -> None:
    values = np.array([[1.0, np.nan, 3.0, np.inf] * 25])
    recording = OtherRecording(
        (OtherChannel("C1", "uV"),),
        F(100),
        (OtherStretch(0, 100, F(0)),),
        (),
        None,
        lambda first, count: values[:, first : first + count],
    )
    cost = written(tmp_path / "a.edf", recording)
    assert cost.not_finite == 50
    assert cost.worst_error < 1e-4
    nothing = replace(recording, read=lambda _first, count: np.full((1, count), np.nan))
    assert written(tmp_path / "b.edf", nothing).not_finite == 100


def test_a_rate_that_fits_no_record_is_refused(tmp_path: Path) -> None:
    recording = OtherRecording(
        (OtherChannel("C1", "uV"),),
        F(1_000_003, 7919),
        (OtherStretch(0, 10, F(0)),),
        (),
        None,
        lambda _first, count: np.zeros((1, count)),
    )
    with pytest.raises(UserError, match="sampling rate"):
        written(tmp_path / "a.edf", recording)


# times


def test_pauses_are_found_by_the_times_that_a_file_states() -> None:
    rate = F(100)
    moments = [StatedTime(0, F(50)), StatedTime(200, F(52)), StatedTime(300, F(60)), StatedTime(400, F(59))]
    found = stretches_of(moments, 500, rate, F(1, 20))
    assert found == (OtherStretch(0, 300, F(0)), OtherStretch(300, 200, F(10)))
    assert second_of(found, 350, rate) == 10.5
    assert second_of(found, 100, rate) == 1.0
    assert stretches_of([], 500, rate, F(1, 20)) == (OtherStretch(0, 500, F(0)),)
    assert stretches_of([StatedTime(900, F(1))], 500, rate, F(1, 20)) == (OtherStretch(0, 500, F(0)),)


def test_brainvision_dates() -> None:
    text = "Mk1=New Segment,,1,1,0,20240229235950000000\nMk2=New Segment,,11,1,0,20240301000000250000\n"
    first, second = brainvision_moments(text + "Mk3=New Segment,,20,1,0,20249999999999999999\n")
    assert (first.sample, second.sample) == (0, 10)
    assert second.seconds - first.seconds == F(41, 4)


def test_persyst_times_begin_anew_at_midnight() -> None:
    found = persyst_moments({"0": "86390.5", "100": "10", "x": "1", "200": "nothing", "300": "1/0"})
    assert found == [StatedTime(0, F("86390.5")), StatedTime(100, F(86_410))]


def test_nihon_kohden_blocks_and_events(tmp_path: Path) -> None:
    made = other.nihon_kohden(tmp_path)
    blocks = list(nihon_blocks(made.path))
    assert [samples for _, samples in blocks] == list(other.COUNTS)
    assert blocks[0][0] == other.BEGAN
    assert blocks[1][0] == other.second_start().replace(microsecond=0)
    assert list(nihon_events(made.path.with_suffix(".LOG"))) == [(33.0, other.NOTE)]


@settings(max_examples=200)
@given(st.binary(max_size=400), st.integers(0, 0x1040))
def test_a_damaged_log_ends(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = other.nihon_kohden(folder).path.with_suffix(".LOG")
    raw = bytearray(log.read_bytes())
    raw[at : at + len(noise)] = noise
    log.write_bytes(raw)
    assert len(list(nihon_events(log))) < 256 * 256
