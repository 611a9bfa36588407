"""EEG files that become shorter, grow, change or go away while they are open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.eeg.eeg_file import open_eeg, opened_eeg
from app.core.eeg.record_scan import first_timeline, read_recording, scan_records
from app.core.eeg.samples import read_page, read_values
from app.core.errors import UserError
from tests.core.eeg_files import edf
from tests.core.eeg_with_gaps import PLAN, path

__all__ = ["path"]


def test_a_file_that_becomes_shorter_ends_in_a_sentence_and_not_the_process(path: Path) -> None:
    """In a separate process: under a memory map this would be a SIGBUS, which no test survives."""
    program = f"""
from pathlib import Path
from app.core.eeg.eeg_file import open_eeg
from app.core.eeg.record_scan import first_timeline, read_recording, scan_records
from app.core.eeg.samples import read_page, read_values
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
@pytest.mark.parametrize("parts", ["whole", "short", "not positioned"])
def test_many_small_reads_are_those_of_one_at_a_time(
    path: Path, monkeypatch: pytest.MonkeyPatch, parts: str
) -> None:
    whole, places, read = path.read_bytes(), [(300, 9), (0, 20), (17, 0), (256, 1)], os.pread
    with opened_eeg(path) as eeg:
        if parts == "short":
            monkeypatch.setattr(os, "pread", lambda handle, count, at: read(handle, min(count, 7), at))
        elif parts == "not positioned":
            monkeypatch.delattr(os, "pread")
        found = eeg.contents.read_each(places)
        assert found == [whole[at : at + count] for at, count in places]
        path.open("r+b").truncate(100)
        with pytest.raises(UserError, match="become shorter"):
            eeg.contents.read_each(places)
    with pytest.raises(ValueError, match="closed"):
        eeg.contents.read_each(places)


@pytest.mark.skipif(not hasattr(os, "pread"), reason="positioned reads are of POSIX")
@pytest.mark.parametrize("together", [False, True])
def test_a_file_is_closed_only_when_nobody_reads_from_it_any_more(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, together: bool
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
    contents = eeg.contents
    (found,) = contents.read_each([(0, 100)]) if together else [contents.read(0, 100)]
    assert len(found) == 100
    assert len(closed) == 1
    eeg.contents.close()
    assert len(closed) == 1
    with pytest.raises(ValueError, match="closed"):
        eeg.contents.read(0, 100)
