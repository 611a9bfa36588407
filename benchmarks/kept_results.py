"""What a benchmark measures piece by piece, kept on disk, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from app.core.folders import cache_folder
from benchmarks.stage import ROOT

_SOURCES = ("*.py", "*.csv", "*.toml")
_LOCKS = "requirements*.lock"
"""The versions of the libraries, which measure as much as this code does."""


@cache
def hash_of_code(*sources: str) -> str:
    """16 hex digits that change with every source in these files and folders of the repository, and with the
    versions of the libraries."""
    found = hashlib.sha256()
    every = {path for source in sources for path in _files(ROOT / source)}
    for path in sorted(every.union(ROOT.glob(_LOCKS))):
        found.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for kind in _SOURCES:
        yield from place.rglob(kind)


def name_with_content(path: Path) -> str:
    """The name of a file with what changes when another one is put in its place."""
    known = path.stat()
    return f"{path.name} {known.st_size} {known.st_mtime_ns}"


def folder_of_code(name: str, *sources: str) -> Path:
    """A folder in the cache for what these sources make; those of other code go."""
    cache = cache_folder() / "bench"
    folder = cache / f"{name}-{hash_of_code(*sources)}"
    for other in cache.glob(f"{name}-*"):
        if other != folder:
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def kept_poses() -> Iterator[Path]:
    """A home whose cache has the poses that this very code has found in earlier runs: after a change of the
    rules, or of how people are hidden, none is looked for again."""
    before = os.environ.get("SEMIOSCOPE_HOME")
    home = folder_of_code("poses", "app/core/enhance", "app/core/recording")
    os.environ["SEMIOSCOPE_HOME"] = str(home)
    try:
        yield home
    finally:
        del os.environ["SEMIOSCOPE_HOME"]
        if before is not None:
            os.environ["SEMIOSCOPE_HOME"] = before


class KeptResults:
    """The results of one benchmark by name, each a value of JSON on a line of a file.

    They are of this very code: after a change of core or of the benchmarks everything is measured anew.
    """

    def __init__(self, benchmark: str, *, again: bool = False) -> None:
        """`again`: begin anew."""
        folder = cache_folder() / "bench" / "kept"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{benchmark}-{hash_of_code('app/core', 'benchmarks')}.jsonl"
        for path in folder.glob(f"{benchmark}-*.jsonl"):
            if again or path != self._path:
                path.unlink()
        self._known: dict[str, Any] = dict(_lines(self._path))
        self._earlier = 0

    def result(self, name: str, measure: Callable[[], Any]) -> Any:
        """The kept result of that name, else what `measure` gives now, which is kept; not its exceptions."""
        if name in self._known:
            self._earlier += 1
        else:
            self._known[name] = measure()
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n" + json.dumps([name, self._known[name]]))
        return self._known[name]

    @property
    def note(self) -> tuple[str, ...]:
        """A sentence on how many results an earlier run of the same code has measured; none for none."""
        if not self._earlier:
            return ()
        return (f"Of an earlier run of the same code: {self._earlier} results (--again measures anew).",)


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    """The whole lines of the file; one that was cut off is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            name, value = json.loads(line)
        except ValueError:
            continue
        yield name, value
