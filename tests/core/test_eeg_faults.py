"""EEG files that are none, lie, change while they are open, or name somebody."""

from __future__ import annotations

import json
import logging
import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from app import cli
from app.commands.eeg import describe_eeg, to_dict
from app.core.eeg import (
    first_timeline,
    open_eeg,
    opened_eeg,
    read_identity,
    read_page,
    read_recording,
    read_values,
    scan_records,
)
from app.core.errors import UserError
from tests.core.eeg_files import PATIENT, SECRETS, TECHNICIAN, Channel, Note, Plan, edf, with_noise

F = Fraction
Run = Callable[..., tuple[int, str, str]]
PLAN = with_noise(
    Plan(
        onsets=tuple(F(number) for number in (0, 1, 2, 50, 51, 52)),
        channels=(Channel(), Channel("EEG T3", per_record=5), Channel("SpO2", "%", 1, ("0", "100"))),
        notes=(Note(1, F("1.5"), F(2)), Note(3, F(51), None, ("a", "b"), 1)),
        annotation_channels=2,
    )
)
NAMED = replace(PLAN, kind="EDF+C", patient=PATIENT, recording=TECHNICIAN)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main(["eeg", *(str(argument) for argument in argv)])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.edf"
    made.write_bytes(edf(PLAN))
    return made


# what is no EDF


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


# changing while open


def test_a_file_that_becomes_shorter_ends_in_a_sentence_and_not_the_process(path: Path) -> None:
    """In a process of its own: under a memory map this would be a SIGBUS, which no test survives."""
    program = f"""
from pathlib import Path
from app.core.eeg import *
from app.core.errors import UserError
path = Path({str(path)!r})
eeg = open_eeg(path)
timeline, signals = first_timeline(eeg), eeg.header.signals
path.open("r+b").truncate(eeg.header.header_bytes + 10)
said = []
for read in (
    lambda: read_values(eeg, timeline, signals[0], 0, 40),
    lambda: read_page(eeg, timeline, signals, 0, 5),
    lambda: list(scan_records(eeg)),
    lambda: first_timeline(eeg),
    lambda: read_recording(eeg),
    lambda: eeg.records(0, 3),
):
    try:
        read()
    except UserError as error:
        said.append(str(error))
print(len(said), all("open it again" in text for text in said), eeg.change_message())
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("6 True “a.edf” has become shorter")


def test_a_file_that_grows_is_read_as_it_was_and_told(path: Path) -> None:
    with opened_eeg(path) as eeg:
        before = read_recording(eeg)
        assert eeg.change_message() is None
        with path.open("ab") as file:
            file.write(bytes(eeg.header.record_bytes * 3))
        after = read_recording(eeg)
        assert "is growing" in (eeg.change_message() or "")
    assert after.segments == before.segments
    assert [warning.code for warning in after.warnings if warning not in before.warnings] == ["changed"]


def test_a_file_that_is_replaced_or_gone_is_told(path: Path) -> None:
    with opened_eeg(path) as eeg:
        other = path.with_name("b.edf")
        other.write_bytes(edf(PLAN))
        other.replace(path)
        with pytest.raises(UserError, match="has changed"):
            list(scan_records(eeg))
        path.unlink()
        assert "is gone" in (eeg.change_message() or "")
        with pytest.raises(UserError, match="was not found"):
            list(scan_records(eeg))


def test_a_drive_that_does_not_answer_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> bytes:
        raise OSError(5, "Input/output error")

    with opened_eeg(path) as eeg:
        monkeypatch.setattr(os, "pread", fails, raising=False)
        with pytest.raises(UserError, match="can no longer be read"):
            read_page(eeg, first_timeline(eeg), eeg.header.signals, 0, 1)


def test_where_positioned_reads_are_missing_files_are_read_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened_eeg(path) as eeg:
        expected = read_recording(eeg).annotations
        monkeypatch.delattr(os, "pread", raising=False)
        monkeypatch.delattr(os, "posix_fadvise", raising=False)
        assert read_recording(eeg).annotations == expected
        assert len(read_values(eeg, first_timeline(eeg), eeg.header.signals[0], 0, 5)) == 5


def test_files_are_closed(path: Path) -> None:
    with opened_eeg(path) as eeg:
        pass
    with pytest.raises(ValueError, match="closed"):
        eeg.records(0, 1)
    path.write_bytes(b"no EDF")
    with pytest.raises(UserError):
        open_eeg(path)
    handles = Path("/proc/self/fd")
    if handles.exists():
        assert path not in [link.resolve() for link in handles.iterdir() if link.exists()]


@pytest.mark.skipif(not hasattr(os, "pread"), reason="positioned reads are of POSIX")
def test_a_file_is_closed_only_when_nobody_reads_from_it_any_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of a closed handle may be given to another file, of which the reader would then read."""
    eeg = open_eeg(path)
    closed: list[int] = []
    read, close = os.pread, os.close

    def closes_meanwhile(handle: int, count: int, offset: int) -> bytes:
        eeg.contents.close()
        assert handle not in closed
        return read(handle, count, offset)

    def noted(handle: int) -> None:
        closed.append(handle)
        close(handle)

    monkeypatch.setattr(os, "pread", closes_meanwhile)
    monkeypatch.setattr(os, "close", noted)
    assert len(eeg.contents.read(0, 100)) == 100
    assert len(closed) == 1
    eeg.contents.close()
    assert len(closed) == 1
    with pytest.raises(ValueError, match="closed"):
        eeg.contents.read(0, 100)


# privacy


def test_nobody_is_named(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = tmp_path / "a.edf"
    made.write_bytes(edf(NAMED))
    shown = []
    with opened_eeg(made) as eeg:
        recording = read_recording(eeg)
        identity = read_identity(eeg)
        *_, last = scan_records(eeg)
        shown += [repr(found) for found in (eeg, eeg.header, eeg.contents, recording, last, identity)]
        shown += [str(identity), f"{eeg}", describe_eeg(recording), json.dumps(to_dict(recording))]
        shown += [str(vars_of(found)) for found in (eeg.header, recording, last)]
    for command in (
        ("probe", made),
        ("probe", made, "--json"),
        ("samples", made, "--signal", 0, "--at", 0, "--count", 3),
        ("samples", made, "--signal", 99, "--at", 0, "--count", 3),
    ):
        shown += [str(part) for part in run(*command)]
    shown.append(caplog.text)
    for secret in SECRETS:
        assert not any(secret in text for text in shown), secret


def vars_of(found: object) -> list[object]:
    """All that an object with slots holds."""
    return [getattr(found, name) for name in getattr(type(found), "__slots__", ())]


def test_who_was_recorded_is_shown_when_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "a.edf"
    made.write_bytes(edf(NAMED))
    assert PATIENT in run("probe", made, "--identity")[1]
    found = json.loads(run("probe", made, "--identity", "--json")[1])
    assert found["identity"] == {"patient": PATIENT, "recording": TECHNICIAN}


# the commands


def test_probe_and_samples_as_json(run: Run, path: Path) -> None:
    code, out, err = run("probe", path, "--json")
    assert code == 0
    found = json.loads(out)
    assert list(found) == [
        "format", "start", "duration", "signals", "segments", "annotations", "warnings",
    ]  # fmt: skip
    assert found["start"] == "2002-03-02T08:15:04.000000"
    assert found["segments"] == [{"start": 0.0, "duration": 3.0}, {"start": 50.0, "duration": 3.0}]
    assert found["annotations"][0] == {"onset": 1.5, "duration": 2.0, "text": "Spasm"}
    assert found["annotations"][1] == {"onset": 51.0, "duration": None, "text": "a"}
    assert found["signals"][2] == {"label": "SpO2", "name": "SpO2", "rate": 1.0, "unit": "%", "samples": 6}
    code, out, err = run("samples", path, "--signal", 2, "--at", "1", "--count", "4", "--json")
    found = json.loads(out)
    assert list(found) == ["values", "unit", "rate"]
    assert found["values"][2:] == [None, None]
    assert (found["unit"], found["rate"]) == ("%", 1.0)
    assert "Spasm" in run("probe", path)[1]
    assert "–" in run("samples", path, "--signal", 2, "--at", "-1", "--count", "4")[1]
    assert err == "" or "100%" in err


@pytest.mark.parametrize(
    "options",
    [
        ("--signal", "x", "--at", "0", "--count", "1"),
        ("--signal", "0", "--at", "nan", "--count", "1"),
        ("--signal", "0", "--at", "1e300", "--count", "1"),
        ("--signal", "0", "--at", "0", "--count", "0"),
        ("--signal", "0", "--at", "0", "--count", "99999999999"),
        ("--signal", "0", "--at", "0"),
    ],
)
def test_usage(run: Run, path: Path, options: tuple[str, ...]) -> None:
    code, out, _ = run("samples", path, *options)
    assert (code, out) == (2, "")


def test_a_signal_that_is_not_there_or_has_no_rate_is_told(run: Run, path: Path) -> None:
    for number in (3, -1):
        code, _, err = run("samples", path, f"--signal={number}", "--at", 0, "--count", 1)
        assert code == 1
        assert "has 3 signals" in err
    path.write_bytes(edf(replace(PLAN, seconds=F(0))))
    assert "no sampling rate" in run("samples", path, "--signal", 0, "--at", 0, "--count", 1)[2]


# hostile files


HOSTILE = (
    b"99999999",
    b"-9999999",
    b"9e99",
    b"1e-99",
    b"nan",
    b"inf",
    b"",
    b"0",
    b"1",
    b"\xff" * 8,
    b"\0\0\0\0",
)
NUMBERS = [
    *((at, 8) for at in (184, 236, 244)),
    (252, 4),
    *((256 + 5 * part, 8) for part in (104, 112, 120, 128, 216)),
    *((256 + 5 * part + 8, 8) for part in (104, 112, 120, 128, 216)),
]
"""Where the numbers stand in the header of a file of five signals."""


def spoilt(raw: bytes, chance: random.Random) -> bytes:
    """A file with a few of the faults that an attacker or a bad disk makes."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        kind = chance.randrange(6)
        at = chance.randrange(max(len(found), 1))
        if kind == 0 and found:
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[at:]
        elif kind == 2:
            place, width = chance.choice(NUMBERS)
            found[place : place + width] = chance.choice(HOSTILE)[:width].ljust(width)
        elif kind == 3:
            found[at:at] = chance.randbytes(chance.randint(1, 9))
        elif kind == 4:
            del found[at : at + chance.randint(1, 9)]
        else:
            found[at : at + 20] = b"+%d\x14\x14\0+1\x15%d\x14x\x14" % (10 ** chance.randint(0, 19), 10**9)
    return bytes(found)


def read_all_of(path: Path) -> None:
    """Everything that can be asked of a file."""
    with opened_eeg(path) as eeg:
        recording = read_recording(eeg)
        json.dumps(to_dict(recording), allow_nan=False)
        describe_eeg(recording, read_identity(eeg))
        signals = [signal for signal in eeg.header.signals if signal.rate]
        for at in (0.0, -1e9, 50.5, 1e9):
            for signal in signals[:4]:
                assert len(read_values(eeg, recording.timeline, signal, at, 100)) == 100
        small = [signal for signal in signals if float(signal.rate or 0) < 1e6]
        read_page(eeg, recording.timeline, small[:9], 0.5, 0.5)
        change_message = eeg.change_message()
        assert change_message is None


def attack(folder: Path, seeds: range) -> int:
    """Read spoilt files; how many of them were refused."""
    refused = 0
    raws = [edf(PLAN), edf(replace(with_noise(PLAN), kind="BDF+C"))]
    for seed in seeds:
        chance = random.Random(seed)
        path = folder / "spoilt.edf"
        path.write_bytes(spoilt(chance.choice(raws), chance))
        tracemalloc.start()
        try:
            read_all_of(path)
        except UserError:
            refused += 1
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 30_000_000, seed
    return refused


def test_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    refused = attack(tmp_path, range(200))
    assert 0 < refused < 200


@pytest.mark.slow
def test_thousands_of_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    refused = attack(tmp_path, range(1000, 6000))
    assert 0 < refused < 5000


def test_work_follows_what_is_there_and_not_what_a_number_says(tmp_path: Path) -> None:
    """Records of 2 TB in a file of 5 kB, 9999 signals, an annotation channel of all of a record."""
    raw = bytearray(edf(PLAN))
    raw[256 + 5 * 216 : 256 + 5 * 224] = b"99999999" * 5
    path = tmp_path / "a.edf"
    path.write_bytes(raw)
    read_all_of(path)
    with opened_eeg(path) as eeg:
        assert eeg.header.records == 0
        assert {"records_missing", "truncated"} <= {warning.code for warning in eeg.header.warnings}
    many = b"0       ".ljust(252) + b"9999" + b"1" * 256 * 9999
    path.write_bytes(many + bytes(40_000))
    tracemalloc.start()
    read_all_of(path)
    assert tracemalloc.get_traced_memory()[1] < 150_000_000
    tracemalloc.stop()
    first_timeline_of(path)


def first_timeline_of(path: Path) -> None:
    with opened_eeg(path) as eeg:
        assert first_timeline(eeg).records == eeg.header.records
