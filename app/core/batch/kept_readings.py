"""The readings of a batch in a study as well, each kept once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.batch.results import ResultFolder
from app.core.batch.unit import Unit
from app.core.errors import UserError
from app.core.reading import Reading
from app.core.recording.identity import fingerprint
from app.core.study.moved_recordings import FoundRecording
from app.core.study.store import Study
from app.core.study.writable_study import writable_study

_WHY = "batch"


class KeptReadings:
    """Keeps readings in a study, if there is one."""

    def __init__(self, study: Study | None, results: ResultFolder) -> None:
        self._study, self._results = study, results
        rows = () if study is None else study.recordings()
        self._fingerprints = {row.id: row.fingerprint for row in rows}

    @classmethod
    @contextmanager
    def opened(cls, folder: Path | None, results: ResultFolder) -> Iterator[KeptReadings]:
        """The study in the folder, made when there is none. Raises UserError when it cannot be written."""
        if folder is None:
            yield cls(None, results)
            return
        with writable_study(folder) as study:
            yield cls(study, results)

    def keep(self, unit: Unit, reading: Reading) -> None:
        """Keep the reading in the study. Raises UserError."""
        if self._study is None:
            return
        number, known = unit.recording.number, unit.recording.fingerprint
        # What is listed by one study and kept in another has another number there.
        if number is None or not known or self._fingerprints.get(number) != known:
            number = _number(self._study, unit.recording.path, reading.recording.duration)
        self._study.set_sha256(number, reading.recording.sha256)
        self._study.keep_reading(number, reading, why=_WHY)
        self._results.note_kept(unit.key)

    def catch_up(self, unit: Unit) -> None:
        """Keep a result that was finished just before the program was killed. Raises UserError."""
        if self._study is not None and not self._results.is_kept(unit.key):
            self.keep(unit, self._results.reading(unit.key))


def _number(study: Study, path: Path, duration: float) -> int:
    try:
        return study.recording(FoundRecording(path, fingerprint(path), duration))
    except OSError as error:
        raise UserError(f"“{path.name}” cannot be read.") from error
