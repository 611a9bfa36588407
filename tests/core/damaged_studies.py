"""Studies whose files are damaged in every way, and the check that the newest copy comes back."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.core.semiology import FEATURES, Presence
from app.core.study.backup import Backup, backups
from app.core.study.store import Study
from tests.core.study_cases import Clip, presence, tick

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with 20 answers, a copy of them, and one change since that only the log holds."""
    place = tmp_path_factory.mktemp("made")
    live = place / "live.semioscope"
    with Study.open(live, author="Ana") as study:
        recording = study.recording(Clip(place / "clip.mp4"))
        for feature in FEATURES:
            tick(study, recording, feature.id, Presence.YES)
        study.back_up_if_due()
    with Study.open(live, author="Ana") as study:
        tick(study, 1, "tonic", Presence.NO)
        shutil.copytree(live, place / "with_log.semioscope")
    shutil.copytree(live, place / "without_log.semioscope")
    return place


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another study with a log."""
    place = tmp_path_factory.mktemp("other")
    with Study.open(place / "live", author="Bo") as study:
        for feature in FEATURES[:5]:
            tick(study, study.recording(Clip(place / "other.mp4", "e" * 64)), feature.id, Presence.NO)
        shutil.copytree(place / "live", place / "kept")
    return place / "kept" / "study.sqlite"


def log_of(path: Path) -> Path:
    return path.with_name("study.sqlite-wal")


def noise(count: int) -> bytes:
    return random.Random(7).randbytes(count)


def overwrite(begin: int, data: bytes) -> Damage:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[begin : begin + len(data)] = data
        path.write_bytes(content)

    return damage


def cut_off(count: int) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:count])

    return damage


def _replace(content: bytes) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(content)

    return damage


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
        connection.commit()


KINDS: dict[str, Damage] = {
    "missing": lambda path: path.unlink(),
    "empty": _replace(b""),
    "half": halve,
    "cut in the header": cut_off(60),
    "cut in the first page": cut_off(1000),
    "zeroed": _zeroed,
    "header zeroed": overwrite(0, bytes(100)),
    "header of noise": overwrite(0, noise(16)),
    "a form of definitions that is unknown": overwrite(44, b"\0\0\0\x09"),
    "first page of noise": overwrite(0, noise(4096)),
    "all noise": _replace(noise(40_000)),
    "a text": _replace(b"Dear colleague,\n" * 500),
    "a foreign database": replace_by_foreign,
    "a folder": _folder,
}
"""Damage that shows at once."""


def _pages_of_noise(path: Path) -> None:
    """Every page but the first."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + noise(len(content) - 4096))


def _last_page(path: Path) -> None:
    overwrite(path.stat().st_size - 4096, noise(4096))(path)


def _tables_zeroed(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:8192] + bytes(len(content) - 8192))


DEEP: dict[str, Damage] = {
    "all but the first page": _pages_of_noise,
    "the last page": _last_page,
    "no tables": _tables_zeroed,
}
"""Damage that shows where these pages are read."""

LOGS = pytest.mark.parametrize("kept", ["with_log", "without_log"])


def copy_study(made: Path, kept: str, tmp_path: Path) -> Path:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(made / f"{kept}.semioscope", folder)
    return folder


def study_files_content(folder: Path) -> dict[str, bytes]:
    """The study's own files, without the index that every opening may make anew."""
    found = (folder / f"study.sqlite{ending}" for ending in ("", "-wal", "-journal"))
    return {place.name: place.read_bytes() for place in found if place.is_file()}


def newest_copy(folder: Path) -> Backup:
    return backups(folder)[0]


def assert_restored(folder: Path) -> None:
    """Every answer of the copy is there, the history is whole and says what was done, and work goes on."""
    with Study.open(folder, author="Ana", create=False) as study:
        study.check_pages()
        assert [presence(study, 1, feature.id) for feature in FEATURES] == [Presence.YES] * 20
        assert study.verify_history() == ()
        assert study.history(viewer=None)[-1].operation == "restored"
        tick(study, 1, "clonic", Presence.NO)
        assert study.verify_history() == ()


def write_noise_as_log(_other: Path, path: Path) -> None:
    log_of(path).write_bytes(noise(20_000))
