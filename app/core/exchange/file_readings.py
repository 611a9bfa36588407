"""The readings of a file that are to be imported, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.core.errors import UserError
from app.core.exchange.bundle import Imported, ReadingExtras, ReadRecording, answers_given
from app.core.exchange.match_recordings import Unmatched
from app.core.exchange.phrases import shorten
from app.core.reading import Reading, person
from app.core.semiology import FEATURE
from app.core.study.marks import MarkKind, sort_marks


@dataclass(frozen=True, slots=True)
class FileReading:
    """One reading of a file with what is beside it; `recording` is its place among the file's recordings."""

    recording: int
    reading: Reading
    beside: ReadingExtras


def choose_readings(imported: Imported, reader: str | None) -> tuple[FileReading, ...]:
    """The readings of a file that are to be imported.

    With `reader` those of that name, or those that the file gives no name, which then are that
    person's. Without, all, under the names of the file. Raises UserError when there are none, or when
    a file without names is read without one.
    """
    found = tuple(
        FileReading(place, reading, beside)
        for place, entry in enumerate(imported.bundle.recordings)
        for reading, beside in entry.with_beside()
    )
    if reader is None:
        if any(not one.reading.reader.name for one in found):
            raise UserError("The file does not say who answered; give the reader's name.")
        return found
    meant = tuple(_named(one, reader) for one in found if one.reading.reader.name in ("", reader))
    if not meant:
        names = sorted({one.reading.reader.name for one in found} - {""})
        others = f"; it has {', '.join(shorten(name) for name in names[:5])}" if names else ""
        raise UserError(f"The file has no answers by {shorten(reader)}{others}.")
    return meant


def _named(one: FileReading, reader: str) -> FileReading:
    if one.reading.reader.name:
        return one
    return replace(one, reading=replace(one.reading, reader=person(reader)))


_TWICE = "The file holds the reading of “{}” by {} twice; it was imported once."
_CONTRADICT = (
    "The file holds different readings of “{}” by {}, which contradict each other in {}; none of them was "
    "imported: remove all but one and import again."
)


def join_repeated(
    readings: Sequence[FileReading], entries: Sequence[ReadRecording], numbers: Sequence[int | Unmatched]
) -> tuple[tuple[FileReading, ...], tuple[str, ...]]:
    """Each reader's reading of a recording once, and a sentence on each that the file holds several times.

    Identical ones are one, and those that complete each other are joined. Those that contradict each other
    are all left out: a file does not say which of them is meant. `numbers` are the study's recordings.
    """
    groups: dict[tuple[object, str], list[FileReading]] = {}
    for one in readings:
        number = numbers[one.recording]
        place = (number, one.recording) if isinstance(number, Unmatched) else number
        groups.setdefault((place, one.reading.reader.exact_key), []).append(one)
    joined, sentences = list[FileReading](), list[str]()
    for group in groups.values():
        first = group[0]
        names = shorten(entries[first.recording].recording.name), shorten(first.reading.reader.name)
        contradiction = _contradiction(group)
        if contradiction:
            sentences.append(_CONTRADICT.format(*names, contradiction))
            continue
        if any(_parts(one) == _parts(other) for one, other in pairwise(group)):
            sentences.append(_TWICE.format(*names))
        joined.append(first if len(group) == 1 else _join(group))
    return tuple(joined), tuple(sentences)


_Part = tuple[str, str]
"""Something that a reading says once: what, for people, and of which feature."""


def _contradiction(group: Sequence[FileReading]) -> str:
    """What the readings of one reader and recording say differently, for people; "" for nothing."""
    if len(group) == 1:
        return ""
    said: dict[_Part, object] = {}
    for one in group:
        for (what, feature), value in _parts(one).items():
            if said.setdefault((what, feature), value) != value:
                return f"the {what} for “{FEATURE[feature].name}”" if feature else f"the {what}"
    return ""


def _parts(one: FileReading) -> Mapping[_Part, object]:
    """Everything that a reading says."""
    return dict(_parts_of(one.reading, one.beside))


def _parts_of(reading: Reading, beside: ReadingExtras) -> Iterator[tuple[_Part, object]]:
    for feature, answer in answers_given(reading.answers).items():
        yield ("answer", feature), answer
    for feature, note in beside.notes.items():
        yield ("note", feature), note
    for mark in beside.marks:
        # Of phases there can be many.
        phase = f" at {mark.seconds} s: {mark.label}" if mark.kind is MarkKind.PHASE else ""
        yield (f"{mark.kind.value}{phase}", ""), mark
    for rating in beside.ratings:
        yield (f"rating by {shorten(rating.rater.name)}", rating.feature), rating


def _join(group: Sequence[FileReading]) -> FileReading:
    """What all of them say."""
    answers = {name: one for each in group for name, one in answers_given(each.reading.answers).items()}
    notes = {name: note for each in group for name, note in each.beside.notes.items()}
    marks = sort_marks({mark for each in group for mark in each.beside.marks})
    ratings = {(one.feature, one.rater.exact_key): one for each in group for one in each.beside.ratings}
    first = group[0]
    return replace(
        first,
        reading=replace(first.reading, answers=answers),
        beside=ReadingExtras(notes, marks, tuple(ratings.values())),
    )
