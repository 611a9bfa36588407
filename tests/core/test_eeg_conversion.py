"""EEG files of other systems as EDF+: values, times, gaps and annotations stay, names go."""

from __future__ import annotations

import contextlib
import stat
import sys
import threading
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from app import cli
from app.core.eeg import conversion
from app.core.eeg.conversion import edf_of
from app.core.eeg.conversion_process import open_other
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.other_formats import recognised_format
from app.core.eeg.other_recording import (
    OtherRecording,
)
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_page, read_values
from app.core.errors import Cancelled, UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken
from app.core.recording.analysis_process import CRASH_VARIABLE
from tests.core import other_eeg_files as other
from tests.core.other_eeg_files import MAKERS, RATE, brainvision, written

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
    """The recording, read without a separate process."""
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


def test_the_data_file_of_brainvision_is_known_by_its_header(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "find_spec", lambda _name: None)
    data = made.with_suffix(".eeg")
    with pytest.raises(UserError, match="BrainVision Analyzer"):
        edf_of(data)
    made.unlink()
    assert edf_of(data) == data


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
    assert cli.main(["eeg", "convert", str(made), "--out", str(made), "--replace"]) == 1
    assert "never written over" in capsys.readouterr().err
    assert cli.main(["eeg", "probe", str(made)]) == 0
    assert "Fp1" in capsys.readouterr().out


# blocks


# times
