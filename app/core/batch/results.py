"""The folder of a batch's results: each written whole under the name of its content and question.

`results/KEY.json` is a reading (semioscope-reading/1), `failed/KEY.json` says why there is none. A program
that is killed at any moment leaves whole files alone, so that what is finished is never done again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.core.atomic import remove_unfinished, write_atomically
from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.exports import check_free
from app.core.jobs import CancelToken
from app.core.reading import Reading, from_json, to_json
from app.core.recording.identity import content_sha256
from app.core.study.writer_lock import WriterLock

_CONTENTS, _RESULTS, _FAILED, _KEPT = "contents.jsonl", "results", "failed", "kept.jsonl"
SUMMARY, MANIFEST = "summary.csv", "manifest.json"
"""Files beside the results, which each run writes anew."""
_LARGEST_LINE = 10_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnitFailure:
    """Why a reader has no answers to a recording."""

    recording: str
    reader: str
    reason: str


class ResultFolder:
    """The results of a batch; one program at a time writes into it. May be used by one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._contents = dict(_lines(folder / _CONTENTS))
        self._kept = {key for key, _ in _lines(folder / _KEPT)}
        self._known = {path.stem for path in (folder / _RESULTS).glob("*.json")}

    def sha256_of(self, path: Path, cancel: CancelToken) -> str:
        """The SHA-256 of a file's bytes, known again by size and time of change.

        Raises UserError, Cancelled.
        """
        place = _place(path)
        known = self._contents.get(place)
        if known is None:
            known = content_sha256(path, cancel=cancel)
            self._contents[place] = known
            _append(self.folder / _CONTENTS, place, known)
        return known

    def known_sha256(self, path: Path) -> str | None:
        """The same without reading the file; None when that would be needed. Raises UserError."""
        return self._contents.get(_place(path))

    def has(self, key: str) -> bool:
        return key in self._known

    def path_of(self, key: str) -> Path:
        """The file of a result."""
        return self.folder / _RESULTS / f"{key}.json"

    def reading(self, key: str) -> Reading:
        """A result that is there. Raises UserError when its file was changed by somebody else."""
        try:
            return from_json(self.path_of(key).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"The result {key[:8]}… of the batch cannot be read.") from error

    def put(self, key: str, reading: Reading) -> None:
        """Keep a result; on disk as a whole when this returns. Raises UserError."""
        write_atomically(self.path_of(key), to_json(reading).encode(), private=True)
        self._known.add(key)
        (self.folder / _FAILED / f"{key}.json").unlink(missing_ok=True)

    def put_failure(self, key: str, failure: UnitFailure) -> None:
        """Keep why there is no result. Raises UserError."""
        text = json.dumps(asdict(failure), ensure_ascii=True, indent=2) + "\n"
        write_atomically(self.folder / _FAILED / f"{key}.json", text.encode(), private=True)

    def is_kept(self, key: str) -> bool:
        """Whether a study was given this result."""
        return key in self._kept

    def note_kept(self, key: str) -> None:
        self._kept.add(key)
        _append(self.folder / _KEPT, key, "")

    def write(self, name: str, content: bytes) -> None:
        """Write a file beside the results. Raises UserError."""
        write_atomically(self.folder / name, content, private=True)


def has_results(folder: Path) -> bool:
    """Whether a batch has begun in this folder."""
    return (folder / _RESULTS).is_dir()


@contextmanager
def open_results(folder: Path) -> Iterator[ResultFolder]:
    """The results in a folder, made when it is missing, for one program at a time. Raises UserError, also
    when a batch would begin over a file that is not its own."""
    if not has_results(folder):
        check_free((folder / name for name in (SUMMARY, MANIFEST)), "choose another folder for the results")
    try:
        for name in (_RESULTS, _FAILED):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = WriterLock.acquire(folder)
    except OSError as error:
        raise UserError(f"The folder “{folder.name}” for the results cannot be written.") from error
    if lock is None:
        raise UserError(f"Another program is writing results into “{folder.name}”; wait until it is done.")
    try:
        for name in ("", _RESULTS, _FAILED):
            remove_unfinished(folder / name)
        yield ResultFolder(folder)
    finally:
        lock.release()


def _place(path: Path) -> str:
    """What tells a file from a changed one without reading it. Raises UserError when it is not there."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise UserError("The file is not where it was, or may not be read.") from error
    return f"{path.absolute()}|{status.st_size}|{status.st_mtime_ns}"


def _append(path: Path, key: str, value: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\n" * _ends_torn(path) + json.dumps([key, value]) + "\n")
    except OSError as error:
        _log.warning("what is known of a file was not written down: %s", error)


def _ends_torn(path: Path) -> bool:
    """Whether a killed program left the last line without its end."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """The pairs of a file; a line that a killed program cut short is left out."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                pair = _pair(line)
                if pair is not None:
                    yield pair
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"“{path.name}” of the batch cannot be read.") from error


def _pair(line: str) -> tuple[str, str] | None:
    try:
        pair = read_json(line, largest=_LARGEST_LINE)
    except ValueError:
        return None
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair):
        return pair[0], pair[1]
    return None
