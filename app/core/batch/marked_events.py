"""Onset and end of recordings by the marks of one reader of a study, for models that are asked by them.

Marks that are sealed from anybody who reads the study blind are never used, except for those of who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.batch.batch_reader import UNMARKED, BatchReader
from app.core.batch.recording_list import ListedRecording
from app.core.errors import UserError
from app.core.exchange.phrases import normalise_name, shorten
from app.core.readers.models.marked_event import event_marked_by
from app.core.readers.models.model_choice import ModelChoice, needs_marks
from app.core.readers.models.reading_range import EventTimes, RangeKind, parse_range
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.recording.identity import fingerprint
from app.core.study.consensus import CONSENSUS
from app.core.study.database import FILE_NAME
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL, every_reader, sealed_from

REFERENCE = "Reference"
"""The name that means the study's reference, else its consensus, where no reader is called so."""

_MARKED_BY = (ReaderKind.PERSON, ReaderKind.PHANTOM)
"""Readers that mark onset and end."""

EventsOf = Callable[[ListedRecording, BatchReader], EventTimes]
"""Gives what is marked of a recording where a reader needs it. Raises UserError with the reason why it cannot
be asked by marks."""


@dataclass(frozen=True, slots=True)
class WhoseMarks:
    """The folder of a study, the name of the reader whose marks are used there, and who asks."""

    study: Path
    name: str
    asks: ReaderIdentity


@contextmanager
def events_of(readers: Iterable[BatchReader], whose: WhoseMarks | None) -> Iterator[EventsOf]:
    """What is marked, from the study, which is only read and belongs to this thread; nothing for readers that
    need no marks. Raises UserError when some are needed and nobody there is called so."""
    if not any(reader.needs_marks for reader in readers):
        yield lambda _recording, _reader: UNMARKED
        return
    if whose is None or not (whose.study / FILE_NAME).is_file():
        raise UserError(
            "A model is to be asked by marks of onset and end, but there is no study that has any: name one "
            "with --study."
        )
    with Study.open_for_viewing(whose.study) as study:
        events = _MarkedEvents(study, whose)
        yield lambda recording, reader: events.of(recording, reader.choice)


class _MarkedEvents:
    """The marks of a reader in an open study. Raises UserError when nobody is called so."""

    def __init__(self, study: Study, whose: WhoseMarks) -> None:
        self._study, self._whose = study, whose
        self._name, self._wanted = shorten(whose.name), normalise_name(whose.name)
        self._numbers = {row.fingerprint: row.id for row in study.recordings()}
        if self._wanted != normalise_name(REFERENCE) and not self._is_known():
            known = ", ".join(one.name for one in study.people()) or "none"
            raise UserError(
                f"The study has no reader “{self._name}” whose marks could be used; it has {known}."
            )

    def of(self, recording: ListedRecording, choice: ModelChoice | None) -> EventTimes:
        """As `EventsOf`."""
        if choice is None or not needs_marks(choice):
            return UNMARKED
        number = self._number_of(recording)
        reader = self._reader_of(number)
        if not self._may_be_used(number, reader):
            raise UserError(
                f"The marks of “{self._name}” are not used, because somebody reads this recording blind."
            )
        event = event_marked_by(self._study, number, reader)
        by_onset = parse_range(choice.range).kind is RangeKind.EVENT
        if event.onset is None if by_onset else not event.marked:
            what = "The onset is not marked" if by_onset else "Neither onset nor end is marked"
            raise UserError(f"{what} by “{self._name}”.")
        return event

    def _is_known(self) -> bool:
        if any(normalise_name(one.name) == self._wanted for one in (*self._study.people(), CONSENSUS)):
            return True
        return any(self._called_so(number) for number in self._numbers.values())

    def _number_of(self, recording: ListedRecording) -> int:
        """The recording's number in the study, where it is known by its content. Raises UserError."""
        try:
            found = self._numbers.get(recording.fingerprint or fingerprint(recording.path))
        except OSError as error:
            raise UserError("The file is not where it was, or may not be read.") from error
        if found is None:
            raise UserError(f"The study does not have this recording, so no marks of “{self._name}” either.")
        return found

    def _called_so(self, number: int) -> list[ReaderIdentity]:
        """The readers of that name who have a reading of the recording, persons first."""
        present = (one.reader for one in self._study.readers(number, viewer=SEES_ALL))
        return [one for one in present if one.kind in _MARKED_BY and normalise_name(one.name) == self._wanted]

    def _reader_of(self, number: int) -> ReaderIdentity:
        """The reader whose marks are meant. Raises UserError."""
        found = self._called_so(number)
        if not found and self._wanted == normalise_name(REFERENCE):
            present = {
                one.reader.exact_key: one.reader for one in self._study.readers(number, viewer=SEES_ALL)
            }
            wanted = (self._study.settings().reference, CONSENSUS)
            keys = (one.exact_key for one in wanted if one is not None)
            found = [present[key] for key in keys if key in present]
        if not found:
            raise UserError(f"“{self._name}” has no reading of this recording, so nothing is marked.")
        return found[0]

    def _may_be_used(self, number: int, reader: ReaderIdentity) -> bool:
        if reader.is_same(self._whose.asks):
            return True
        # Asked anew for each recording: a batch runs for hours, in which people decide how they read.
        anybody = replace(every_reader(self._study), until_decided=True)
        return reader.exact_key not in self._study.sealed_readers(number, sealed_from(self._study, anybody))
