"""Which files a study's folder holds, and that none of them leads out of it."""

from __future__ import annotations

from pathlib import Path

from app.core.containment import check_inside, files_inside

_ITS_FILES = (
    "study.sqlite",
    "study.sqlite-wal",
    "study.sqlite-shm",
    "study.sqlite-journal",
    "writer.lock",
    "backups",
)


def check_study(folder: Path) -> None:
    """Raise LeadsOutsideError (a UserError) when one of the study's own files is a link."""
    for name in _ITS_FILES:
        check_inside(folder / name, folder)


def check_copy(path: Path, folder: Path) -> None:
    """The same for the copy at `path` of the study in `folder`, and for what SQLite may find beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        check_inside(path.with_name(path.name + suffix), folder)


def copies_in(folder: Path) -> tuple[Path, ...]:
    """The plain files in the folder of the study's copies, links left out."""
    return files_inside(folder / "backups", folder)
