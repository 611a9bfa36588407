"""Anything but an EEG file is refused in one sentence."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.core.eeg_files import SECRETS, edf
from tests.core.eeg_with_gaps import NAMED, Run, path, run

__all__ = ["path", "run"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.edf", b"", "empty (0 bytes)"),
        ("a.edf", bytes(5000), "nothing but zeros"),
        ("a.edf", random.Random(1).randbytes(5000), "not an EDF or BDF file"),
        ("a.edf", b"Dear colleague,\n" * 100, "not an EDF or BDF file"),
        ("a.edf", b"0", "not an EDF or BDF file"),
        ("a.edf", b"0       ", "ends within its header"),
        ("a.edf", b"0       ".ljust(256), "number of signals"),
        ("a.edf", b"0       ".ljust(252) + b"-4  ", "number of signals"),
        ("a.edf", b"0       ".ljust(252) + b"0   ", "no signals"),
        ("a.edf", b"0       ".ljust(252) + b"9999", "ends within its header"),
        ("a.edf", b"0       ".ljust(252) + b"9e99", "ends within its header"),
        ("a.edf", b"\xffBIOSEMI".ljust(252) + b"2   " + b" " * 512, "samples of its signals"),
        ("a.eeg", b"EEG-1100A V01.00" + bytes(100), "Nihon Kohden"),
        ("a.lay", b"[FileInfo]\r\nFile=a.dat", "Persyst"),
        ("a.trc", b"* MICROMED  Brain-Quick file *" + bytes(100), "Micromed"),
        ("a.TRC", b"anything else", "Micromed"),
        ("a.vhdr", b"Brain Vision Data Exchange Header File Version 1.0", "BrainVision"),
        ("a.edf", b"\xef\xbb\xbfBrainVision Data Exchange Header File", "BrainVision"),
        ("a.gdf", b"GDF 2.20", "GDF"),
        ("a.set", b"MATLAB 5.0 MAT-file", "EEGLAB"),
        ("a.erd", b"\x01\x02\x03", "Natus"),
        ("a.edf.gz", b"\x1f\x8b\x08", "unpack"),
        ("a.edf", b"PK\x03\x04", "unpack"),
        ("a.mp4", b"\0\0\0\x18ftypisom", "a video"),
    ],
)
def test_what_is_no_edf_is_refused_in_one_sentence(
    run: Run, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    made = tmp_path / name
    made.write_bytes(content)
    for command in (("probe", made), ("samples", made, "--signal", 0, "--at", 0, "--count", 1)):
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        (line,) = err.splitlines()
        assert words in line
        assert name in line


def test_a_format_of_another_program_says_which_program_exports_edf(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "a.lay"
    made.write_bytes(b"[FileInfo]\n")
    assert "export it as EDF+ with Persyst" in run("probe", made)[2]


def test_what_is_no_file_is_refused(run: Run, tmp_path: Path) -> None:
    assert "is a folder" in run("probe", tmp_path)[2]
    assert "was not found" in run("probe", tmp_path / "none.edf")[2]
    assert run("probe", "a\0b.edf")[0] == 1
    assert run("probe", "x" * 5000)[0] == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_a_pipe_without_a_writer_does_not_hold_up(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.edf")
    assert "is not a file" in run("probe", tmp_path / "a.edf")[2]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(run: Run, path: Path) -> None:
    path.chmod(0)
    assert "no permission" in run("probe", path)[2]


@pytest.mark.parametrize("shift", [-40, -8, -5, -2, -1, 1, 2, 5, 8, 40])
def test_a_header_out_of_place_is_refused_without_quoting_it(run: Run, tmp_path: Path, shift: int) -> None:
    raw = edf(NAMED)
    made = tmp_path / "a.edf"
    made.write_bytes(raw[:20] + (raw[20 - shift :] if shift < 0 else b"x" * shift + raw[20:]))
    code, out, err = run("probe", made)
    assert code == 1
    assert "not in their places" in err
    assert not any(secret in out + err for secret in SECRETS)
