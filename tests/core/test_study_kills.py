"""Killed at any moment of what changes or copies a study as a whole: nothing that was there is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.core.semiology import FEATURES, Presence
from app.core.study.backup import backups
from app.core.study.copy_schedule import HOURLY
from app.core.study.replacing import restore_from_copy
from app.core.study.restoring import inspect_copy
from app.core.study.store import Study
from tests.core.study_cases import Clip, presence, tick

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")

QUICK, ALL = range(6), range(6, 200)


def _in_a_process(work: Callable[[], object]) -> int:
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return child


def _killed_within(chance: random.Random, work: Callable[[], object], patience: float) -> None:
    """Do the work in a separate process and kill it after a random part of the time that it needs."""
    child = _in_a_process(work)
    time.sleep(chance.uniform(0, patience))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _seconds(work: Callable[[], object]) -> float:
    """What the whole work takes in a separate process."""
    begun = time.monotonic()
    os.waitpid(_in_a_process(work), 0)
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with 20 answers and two copies, of 10 answers and of 20."""
    folder = tmp_path_factory.mktemp("whole") / "clip.semioscope"
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        for number, feature in enumerate(FEATURES):
            if number == 10:
                study.back_up_if_due()
            tick(study, recording, feature.id, Presence.YES)
        study.back_up_now()
    return folder


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of version 1."""
    folder = tmp_path_factory.mktemp("old") / "clip.semioscope"
    folder.mkdir()
    stored = Path(__file__).parent / "studies" / "version_1.sql"
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
    return folder


def _copied(folder: Path, place: Path) -> Path:
    place.mkdir()
    return Path(shutil.copytree(folder, place / folder.name))


def _open(folder: Path) -> None:
    Study.open(folder, author="Ana").close()


def _copy(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        tick(study, 1, "tonic", Presence.NO)
        study.back_up_if_changed(HOURLY)


def _back(folder: Path) -> None:
    restore_from_copy(folder, backups(folder)[0], "Ana")


def _try(folder: Path, place: Path, work: Callable[[Path], object], seed: int) -> Path:
    patience = _seconds(lambda: work(_copied(folder, place / "timed")))
    tried = _copied(folder, place / "tried")
    _killed_within(random.Random(seed), lambda: work(tried), patience)
    return tried


def _seeds(test: Callable[..., None]) -> Callable[..., None]:
    slow = [pytest.param(seed, marks=pytest.mark.slow) for seed in ALL]
    seeded: Callable[..., None] = pytest.mark.parametrize("seed", [*QUICK, *slow])(test)
    return seeded


@_seeds
def test_killed_while_it_is_brought_up_to_date(old: Path, tmp_path: Path, seed: int) -> None:
    tried = _try(old, tmp_path, _open, seed)
    _open(old_whole := _copied(old, tmp_path / "whole"))
    with Study.open(tried, author="Ana") as study, Study.open(old_whole, author="Ana") as expected:
        assert study.history(viewer=None) == expected.history(viewer=None)
        assert study.verify_history() == ()
        assert [study.readings(row.id, viewer=None) for row in study.recordings()] == [
            expected.readings(row.id, viewer=None) for row in expected.recordings()
        ]
        assert all(not inspect_copy(one).fault for one in study.backups() if one.what == "v1")


@_seeds
def test_killed_while_it_is_copied(whole: Path, tmp_path: Path, seed: int) -> None:
    tried = _try(whole, tmp_path, _copy, seed)
    with Study.open(tried, author="Ana", create=False) as study:
        assert study.verify_history() == ()
        assert all(presence(study, 1, feature.id) for feature in FEATURES)
        copies = study.backups()
    assert all(not inspect_copy(one).fault for one in copies)
    assert max(inspect_copy(one).answers for one in copies) == 20
    with Study.open(tried, author="Ana", create=False) as study:
        tick(study, 1, "clonic", Presence.NO)
        assert study.back_up_if_changed(HOURLY) is not None


@_seeds
@pytest.mark.parametrize("damaged", [False, True])
def test_killed_while_it_is_put_back(whole: Path, tmp_path: Path, seed: int, damaged: bool) -> None:
    study = whole
    if damaged:
        study = _copied(whole, tmp_path / "damaged")
        (study / "study.sqlite").write_bytes(b"noise" * 5000)
    tried = _try(study, tmp_path, _back, seed)
    former, now = (study / "study.sqlite").read_bytes(), (tried / "study.sqlite").read_bytes()
    if damaged and now == former:
        _back(tried)
    elif damaged:
        (aside,) = (tried / "backups").glob("damaged-*/study.sqlite")
        assert aside.read_bytes() == former
    with Study.open(tried, author="Ana", create=False) as opened:
        assert opened.verify_history() == ()
        assert all(presence(opened, 1, feature.id) for feature in FEATURES)
        assert {one.what for one in opened.backups()} >= {"day", "now"}
        assert all(not inspect_copy(one).fault for one in opened.backups())
