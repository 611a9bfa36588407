"""A batch: every reader over every recording, each once, whatever stopped earlier attempts.

Results are written whole under the name of their content and question (`results.py`), which is what makes a
batch resumable, not what runs it. Only as many readings are in memory as run at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from app.core.batch.batch_reader import BatchReader
from app.core.batch.kept_readings import KeptReadings
from app.core.batch.marked_events import EventsOf, WhoseMarks, events_of
from app.core.batch.recording_list import ListedRecording
from app.core.batch.results import SUMMARY, ResultFolder, open_results
from app.core.batch.summary import BatchOutcome, SummaryRow, UnitState, summary_to_csv
from app.core.batch.unit import ReadUnit, Unit, unit_of
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate
from app.core.reading import Reading

_POLL = 0.2
_COPY_FAILED = "Another recording with the same content failed."
_BUG = "This failed because of a fault in the program; the log says more."

_log = logging.getLogger(__name__)


class Recordings(Protocol):
    """Recordings in the order in which they are read, and how many they are as far as is known."""

    def __iter__(self) -> Iterator[ListedRecording]: ...
    def __len__(self) -> int: ...


Settled = Callable[[Unit, SummaryRow], None]
"""Takes what became of a unit, in the thread of the batch."""


def _tell_nobody(_unit: Unit, _row: SummaryRow) -> None:
    """The caller waits for the outcome."""


@dataclass(frozen=True, slots=True)
class BatchChoice:
    """What is read by whom: at most `jobs` readings at once, results in the folder `results`, readings kept
    in the study in the folder `study` as well; `marks` are those by which models are asked about the event.

    `recordings` are taken one by one, each when there is room for it, so that a queue can change meanwhile.
    """

    recordings: Recordings
    readers: tuple[BatchReader, ...]
    results: Path
    study: Path | None = None
    jobs: int = 1
    marks: WhoseMarks | None = None


def run_batch(
    choice: BatchChoice,
    read: ReadUnit,
    *,
    report: Report,
    cancel: CancelToken,
    settled: Settled = _tell_nobody,
) -> BatchOutcome:
    """Read what has not been read yet, and give what became of everything.

    `read` may raise Cancelled to leave one recording; `report` is called several times a second. One
    recording that cannot be read never stops the rest. Raises UserError when the results cannot be written,
    and Cancelled; what was finished by then is kept, and the summary says so.
    """
    with (
        open_results(choice.results) as results,
        KeptReadings.opened(choice.study, results) as kept,
        events_of(choice.readers, choice.marks) as events,
    ):
        batch = _Batch(choice, results, kept, events, report=report, cancel=cancel, settled=settled)
        try:
            batch.run(read)
        finally:
            batch.settle_copies()
            results.write(SUMMARY, summary_to_csv(batch.rows))
    failures = tuple(row.failure for row in batch.rows if row.state is UnitState.FAILED)
    counts = [sum(row.state is state for row in batch.rows) for state in (UnitState.READ, UnitState.EARLIER)]
    return BatchOutcome(counts[0], counts[1], failures, tuple(batch.rows))


class _Batch:
    """The progress of one batch."""

    def __init__(
        self,
        choice: BatchChoice,
        results: ResultFolder,
        kept: KeptReadings,
        events: EventsOf,
        *,
        report: Report,
        cancel: CancelToken,
        settled: Settled,
    ) -> None:
        self.rows: list[SummaryRow] = []
        self._settled = settled
        self._choice, self._results, self._kept, self._events = choice, results, kept, events
        self._report, self._cancel = report, cancel
        self._stop = CancelToken()
        self._shares: dict[str, float] = {}
        self._begun: dict[str, Path] = {}
        self._without_result: set[str] = set()
        self._estimate = TimeEstimate()

    def run(self, read: ReadUnit) -> None:
        """Raises UserError, Cancelled."""
        units = self._units()
        running: dict[Future[Reading], Unit] = {}
        with ThreadPoolExecutor(max_workers=self._choice.jobs, thread_name_prefix="batch") as pool:
            try:
                while self._fill(pool, read, units, running) or running:
                    self._cancel.check()
                    done, _ = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._take(running.pop(future), future)
                    self._tell()
            except BaseException:
                self._stop.cancel()  # running readings end, and the pool with them
                raise

    def _fill(
        self,
        pool: ThreadPoolExecutor,
        read: ReadUnit,
        units: Iterator[Unit],
        running: dict[Future[Reading], Unit],
    ) -> bool:
        """Start readings while there is room; whether anything was started."""
        began = False
        while len(running) < self._choice.jobs:
            unit = next(units, None)
            if unit is None:
                return began
            running[pool.submit(read, unit, self._reporter(unit), self._stop)] = unit
            began = True
        return began

    def _units(self) -> Iterator[Unit]:
        """What is left to be read; what needs no work is settled on the way."""
        for recording in self._choice.recordings:
            self._cancel.check()
            try:
                sha256 = self._content(recording)
            except UserError as error:
                for reader in self._choice.readers:
                    self._settle_failure(Unit(recording, reader, "", ""), str(error))
                continue
            for reader in self._choice.readers:
                try:
                    unit = unit_of(recording, reader, sha256, self._events)
                except UserError as error:
                    self._settle_failure(Unit(recording, reader, sha256, ""), str(error))
                    continue
                if self._is_new(unit):
                    yield unit

    def _content(self, recording: ListedRecording) -> str:
        """The SHA-256 of the recording. Raises UserError when it cannot be read, Cancelled."""
        if recording.refusal:
            raise UserError(recording.refusal)
        known = self._results.known_sha256(recording.path)
        if known is not None:
            return known
        recording.check_content()
        return self._results.sha256_of(recording.path, self._cancel)

    def _is_new(self, unit: Unit) -> bool:
        """Whether the unit is to be read; one that is there already, or the same twice, is settled."""
        if unit.key in self._begun and not self._is_tried_again(unit):
            self._settle(unit, UnitState.EARLIER)
            return False
        self._begun[unit.key] = unit.recording.path
        if not self._results.has(unit.key):
            return True
        try:
            self._kept.catch_up(unit)
            self._settle(unit, UnitState.EARLIER)
        except UserError as error:
            self._settle_failure(unit, str(error))
        return False

    def _is_tried_again(self, unit: Unit) -> bool:
        """Whether this very file came to nothing before in this batch: a queue asks for it once more."""
        return unit.key in self._without_result and self._begun[unit.key] == unit.recording.path

    def _take(self, unit: Unit, future: Future[Reading]) -> None:
        """Keep a result or why there is none. Raises UserError when the results cannot be written."""
        self._shares.pop(unit.key, None)
        try:
            reading = future.result()
        except Cancelled:
            self._cancel.check()
            self._settle(unit, UnitState.LEFT)
            return
        except UserError as error:
            # Ctrl+C also reaches the processes, whose end can be noticed before the token is set.
            self._cancel.check()
            self._settle_failure(unit, str(error))
            return
        except Exception:  # noqa: BLE001 - a fault in one reading must not cost the others; it is logged
            _log.exception("a reading of a batch failed")
            self._settle_failure(unit, _BUG)
            return
        self._results.put(unit.key, reading)
        try:
            self._kept.keep(unit, reading)
        except UserError as error:
            self._settle_failure(unit, f"Read, but not kept in the study: {error}")
            return
        self._settle(unit, UnitState.READ)

    def settle_copies(self) -> None:
        """Say of recordings with the content of another one what became of that."""
        for place, row in enumerate(self.rows):
            if row.state is UnitState.EARLIER and not self._results.has(row.key):
                self.rows[place] = replace(row, state=UnitState.FAILED, reason=_COPY_FAILED)

    def _settle(self, unit: Unit, state: UnitState, reason: str = "") -> SummaryRow:
        row = SummaryRow(unit.recording.name, unit.reader.name, state, unit.key, reason)
        self.rows.append(row)
        if state in (UnitState.FAILED, UnitState.LEFT):
            self._without_result.add(unit.key)
        self._settled(unit, row)
        return row

    def _settle_failure(self, unit: Unit, reason: str) -> None:
        row = self._settle(unit, UnitState.FAILED, reason)
        if unit.key:
            self._results.put_failure(unit.key, row.failure)

    # progress

    def _reporter(self, unit: Unit) -> Report:
        def report(progress: Progress) -> None:
            self._shares[unit.key] = progress.done

        return report

    @property
    def _total(self) -> int:
        return len(self._choice.recordings) * len(self._choice.readers)

    @property
    def _share(self) -> float:
        return min((len(self.rows) + sum([*self._shares.values()])) / max(self._total, 1), 1.0)

    @property
    def _remaining(self) -> float | None:
        """The seconds left, by what was read in this run alone."""
        earlier = sum(row.state is UnitState.EARLIER for row in self.rows) / max(self._total, 1)
        return None if earlier >= 1 else self._estimate.remaining((self._share - earlier) / (1 - earlier))

    def _tell(self) -> None:
        self._report(Progress(f"Reading, {len(self.rows)} of {self._total}", self._share, self._remaining))
