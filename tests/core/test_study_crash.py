"""Nothing acknowledged is ever lost: killed, disk full, disk failing, several programs at once."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from tests.core.study_cases import (
    ANA,
    ON_THEIR_WAY,
    Clip,
    acknowledged_but_missing,
    numbered,
    presence,
    start_writer,
    tick,
)

_POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clip.semioscope"


def _numbers(lines: list[str]) -> list[int]:
    # A line that a kill cut short was not received.
    return [int(line) for line in lines if line.endswith("\n") and line.strip().isdigit()]


def _assert_nothing_lost(folder: Path, acknowledged: list[int], *, on_their_way: int = 1) -> None:
    """The study opens for writing, is whole, and holds every acknowledged tick and at most so many more."""
    with Study.open(folder, author="Bo") as study:
        assert not study.read_only, "the lock went with the process"
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        assert acknowledged_but_missing(study, recording, "Ana", acknowledged) == []
        assert study.verify_history() == ()
        rows = study.history(recording, viewer=None)
        assert 0 <= len(rows) - len(acknowledged) <= on_their_way
        if rows:
            feature, answer = numbered(len(rows) - 1)
            assert study.reading(recording, ANA, viewer=None).answer(feature) == answer
        tick(study, recording, "tonic", Presence.NO)


def _kill_after(folder: Path, acknowledgements: int, *, queued: bool = False) -> None:
    with start_writer(folder, 100_000, queued=queued) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledgements)]
        writer.kill()
        lines += writer.stdout.readlines()
    _assert_nothing_lost(folder, _numbers(lines), on_their_way=ON_THEIR_WAY if queued else 1)


@pytest.mark.parametrize("queued", [False, True])
@pytest.mark.parametrize("acknowledgements", [0, 1, 7, 60])
def test_a_killed_program_has_lost_nothing(folder: Path, acknowledgements: int, *, queued: bool) -> None:
    _kill_after(folder, acknowledgements, queued=queued)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_a_program_killed_at_any_moment_has_lost_nothing(folder: Path, seed: int) -> None:
    _kill_after(folder, random.Random(seed).randrange(400))


_STRACE = shutil.which("strace")


def _can_trace() -> bool:
    if _STRACE is None:
        return False
    # Some containers have the program and forbid what it does.
    tried = subprocess.run([_STRACE, "-f", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    return tried.returncode == 0


_NEEDS_STRACE = pytest.mark.skipif(not _can_trace(), reason="needs strace to fail single calls")


def _traced(*options: str) -> tuple[str, ...]:
    assert _STRACE is not None
    return (_STRACE, "-f", "-qq", *options)


def _kill_at_storage_call(folder: Path, call: str, when: int, trace: Path, *, ticks: int = 25) -> bool:
    under = _traced("-o", str(trace), "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}")
    with start_writer(folder, ticks, under=under) as writer:
        output, _errors = writer.communicate(timeout=60)
    _assert_nothing_lost(folder, _numbers(output.splitlines(keepends=True)))
    return writer.returncode != 0


@_NEEDS_STRACE
@pytest.mark.parametrize(
    ("call", "when"), [("pwrite64", 4), ("pwrite64", 60), ("fdatasync", 9), ("unlink", 1)]
)
def test_a_program_killed_at_a_storage_call_has_lost_nothing(
    folder: Path, tmp_path: Path, call: str, when: int
) -> None:
    assert _kill_at_storage_call(folder, call, when, tmp_path / "trace"), "the kill must have happened"


@_NEEDS_STRACE
@pytest.mark.slow
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"])
def test_a_program_killed_at_every_storage_call_has_lost_nothing(tmp_path: Path, call: str) -> None:
    when = 1
    while _kill_at_storage_call(tmp_path / f"{when}.semioscope", call, when, tmp_path / "trace", ticks=6):
        when += 1
    assert when > 1


@_NEEDS_STRACE
@pytest.mark.parametrize(
    ("call", "error"), [("fdatasync", "EIO"), ("pwrite64", "EIO"), ("pwrite64", "ENOSPC")]
)
def test_a_failing_disk_is_told_and_the_study_goes_on(
    folder: Path, tmp_path: Path, call: str, error: str
) -> None:
    """Calls 30 to 31 of a kind fail: the tick is refused in one sentence, then made again."""
    with Study.open(folder, author="Bo") as study:
        study.recording(Clip(folder.parent / "clip.mp4"))
    under = _traced("-o", str(tmp_path / "trace"), "-e", f"inject={call}:error={error}:when=30..31")
    with start_writer(folder, 50, under=under) as writer:
        output, errors = writer.communicate(timeout=60)
    assert writer.returncode == 0, errors
    refused = [line for line in output.splitlines() if line.startswith("refused")]
    assert 1 <= len(refused) <= 2
    reason = "the disk is full" if error == "ENOSPC" else "the disk or share that holds the study failed"
    assert all(line.endswith(f": The change was not kept because {reason}.") for line in refused)
    with Study.open(folder, author="Bo") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        assert acknowledged_but_missing(study, recording, "Ana", list(range(50))) == []
        assert study.verify_history() == ()


@_NEEDS_STRACE
def test_every_acknowledgement_comes_after_its_sync(folder: Path, tmp_path: Path) -> None:
    """Between what a tick writes to the log and its acknowledgement the log is synced."""
    trace = tmp_path / "trace"
    calls = "trace=pwrite64,fdatasync,fsync,write"
    with start_writer(folder, 20, under=_traced("-y", "-o", str(trace), "-e", calls)) as writer:
        writer.communicate(timeout=60)
    unsynced, ticks, written = False, 0, 0
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if "study.sqlite-wal>" in line:
            unsynced = "pwrite64(" in line
            written += unsynced
        elif re.search(r'write\(1<[^>]*>, "\d+\\n"', line):
            assert not unsynced, f"acknowledged before it was synced: {line}"
            ticks += 1
    assert ticks == 20
    assert written >= 20


@contextmanager
def _files_no_larger_than(size: int) -> Iterator[None]:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@_POSIX
def test_a_write_that_fails_is_told_and_the_same_study_goes_on(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        tick(study, recording, "tonic", Presence.YES)
        with _files_no_larger_than(32):  # the header of the log; no page can be written from then on
            for _ in range(3):
                with pytest.raises(UserError, match="The change was not kept because the disk"):
                    tick(study, recording, "clonic", Presence.YES)
            assert presence(study, recording, "tonic") is Presence.YES
            assert presence(study, recording, "clonic") is None
        tick(study, recording, "clonic", Presence.NO)
        assert len(study.history(viewer=None)) == 2
    with Study.open(folder, author="Ana") as study:
        assert presence(study, recording, "clonic") is Presence.NO
        assert study.verify_history() == ()


def test_a_full_disk_is_told_and_the_same_study_goes_on(folder: Path) -> None:
    long = Answer("clonic", Presence.YES, explanation="x" * 100_000)
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        with study._database.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        edit = SetAnswer(recording, ANA, Answer("clonic"), long)
        with pytest.raises(UserError, match="not kept because the disk is full"):
            study.apply(edit)
        assert presence(study, recording, "clonic") is None
        with study._database.reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        study.apply(edit)
        assert study.reading(recording, ANA, viewer=None).answer("clonic") == long
        assert len(study.history(viewer=None)) == 1


@contextmanager
def _small_disk(place: Path, size: str) -> Iterator[Path]:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only the superuser of Linux can make a small disk")
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=False)
    if made.returncode != 0:
        pytest.skip("no small disk can be made here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_really_full_disk_loses_nothing_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk", "2m") as disk:
        ballast = disk / "ballast"
        study = Study.open(disk / "clip.semioscope", author="Ana")
        recording = study.recording(Clip(disk / "clip.mp4"))
        ballast.write_bytes(bytes(1024 * 1024))
        kept = _write_until_refused(study, recording)
        with pytest.raises(UserError, match="The change was not kept because the disk"):
            _write_number(study, recording, kept)
        assert acknowledged_but_missing(study, recording, "Ana", list(range(kept))) == []
        ballast.unlink()
        for number in range(kept, kept + 20):
            _write_number(study, recording, number)
        study.close()
        with Study.open(disk / "clip.semioscope", author="Ana") as study:
            assert acknowledged_but_missing(study, recording, "Ana", list(range(kept + 20))) == []
            assert len(study.history(viewer=None)) == kept + 20
            assert study.verify_history() == ()


def _write_until_refused(study: Study, recording: int) -> int:
    for number in range(1000):
        try:
            _write_number(study, recording, number)
        except UserError:
            return number
    raise AssertionError("the disk did not become full")


def _write_number(study: Study, recording: int, number: int) -> None:
    feature, after = numbered(number)
    before = study.reading(recording, ANA, viewer=None).answer(feature)
    study.apply(SetAnswer(recording, ANA, before, after))


def test_no_study_can_be_made_on_a_full_disk_and_that_is_told(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk", "16k") as disk:
        (disk / "ballast").write_bytes(bytes(8 * 1024))
        with pytest.raises(UserError, match=r"clip\.semioscope.*disk"):
            Study.open(disk / "clip.semioscope", author="Ana")
        (disk / "ballast").unlink()


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("told", [False, True])
def test_a_disk_that_became_read_only_can_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, killed: bool, told: bool
) -> None:
    """Whether the system says at once that nothing can be written, or only at the first write."""
    with _small_disk(tmp_path / "disk", "8m") as disk:
        folder = disk / "clip.semioscope"
        with start_writer(folder, 100_000 if killed else 30) as writer:
            assert writer.stdout is not None
            for _ in range(30):
                writer.stdout.readline()
            if killed:
                writer.kill()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        if not told:
            monkeypatch.setattr(os, "access", lambda _path, _mode: True)
        with Study.open(folder, author="Ana") as study:
            assert study.read_only
            recording = study.recording(Clip(disk / "clip.mp4"))
            assert acknowledged_but_missing(study, recording, "Ana", list(range(30))) == []


def test_a_log_cut_anywhere_keeps_every_tick_before_the_cut(folder: Path, tmp_path: Path) -> None:
    """What a power cut leaves: the log up to some byte, then nothing or garbage."""
    log = folder / "study.sqlite-wal"
    ends = []
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip.mp4"))
        for number in range(12):
            _write_number(study, recording, number)
            ends.append(log.stat().st_size)
        database, content = (folder / "study.sqlite").read_bytes(), log.read_bytes()
    chance = random.Random(1)
    for trial in range(40):
        cut = chance.randrange(ends[0], len(content) + 1)
        place = tmp_path / f"cut{trial}"
        place.mkdir()
        (place / "study.sqlite").write_bytes(database)
        (place / "study.sqlite-wal").write_bytes(content[:cut] + chance.randbytes(trial % 2 * 5000))
        with Study.open(place, author="Ana") as study:
            assert len(study.history(viewer=None)) == sum(end <= cut for end in ends)
            assert study.verify_history() == ()


def test_four_programs_write_500_ticks_each_into_one_study(folder: Path) -> None:
    names = [f"Reader {number}" for number in range(4)]
    writers = [start_writer(folder, 500, name=name, shared=True) for name in names]
    outputs = [writer.communicate(timeout=120) for writer in writers]
    assert [errors for _output, errors in outputs] == [""] * 4
    assert [writer.returncode for writer in writers] == [0] * 4
    with Study.open(folder, author="Bo") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        assert "refused" not in "".join(output for output, _errors in outputs)
        for name in names:
            assert acknowledged_but_missing(study, recording, name, list(range(500))) == []
        assert len(study.history(viewer=None)) == 2000
        assert len(study.readings(recording, viewer=None)) == 4
        assert study.verify_history() == ()


@_POSIX
@pytest.mark.parametrize("move", [True, False])
def test_a_study_that_vanished_takes_no_more_ticks(folder: Path, tmp_path: Path, *, move: bool) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip.mp4"))
        tick(study, recording, "tonic", Presence.YES)
        if move:
            folder.rename(tmp_path / "elsewhere")
        else:
            shutil.rmtree(folder)
        with pytest.raises(UserError, match="moved or deleted"):
            tick(study, recording, "clonic", Presence.YES)
    if move:
        with Study.open(tmp_path / "elsewhere", author="Ana") as study:
            assert list(study.reading(recording, ANA, viewer=None).answers) == ["tonic"]


def test_a_busy_study_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.study.store._WINDOW_BUSY_SECONDS", 0.05)
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        other = sqlite3.connect(folder / "study.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="busy"):
            tick(study, recording, "tonic", Presence.YES)
        other.close()
        tick(study, recording, "tonic", Presence.YES)


def test_a_bug_inside_a_change_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a bug")

    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        with monkeypatch.context() as patch:
            patch.setattr("app.core.study.answer_table.put_answer_rows", broken)
            with pytest.raises(RuntimeError):
                tick(study, recording, "tonic", Presence.YES)
        assert study.history(viewer=None) == ()
        for feature in FEATURES[:3]:
            tick(study, recording, feature.id, Presence.YES)
        assert study.verify_history() == ()
