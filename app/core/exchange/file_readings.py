"""The readings of a file that are to be imported, under the names by which the study knows their readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.errors import UserError
from app.core.exchange.bundle import ANSWER_FIELDS, Imported, ReadingExtras
from app.core.exchange.phrases import shorten
from app.core.reading import ReaderIdentity, ReaderKind, Reading, person
from app.core.same_names import person_key, show_unseen, without_controls


@dataclass(frozen=True, slots=True)
class FileReading:
    """One reading of a file with what is beside it; `recording` is its place among the file's recordings,
    `places` says where its answers stand, `fields` what of an answer its file can tell, and `written_by` is
    the reader's name as the file spells it, "" for none."""

    recording: int
    reading: Reading
    beside: ReadingExtras
    places: Mapping[str, str]
    fields: frozenset[str] = ANSWER_FIELDS
    written_by: str = ""


def choose_readings(
    imported: Imported,
    reader: str | None,
    people: Iterable[ReaderIdentity],
    viewers: Iterable[ReaderIdentity] = (),
) -> tuple[FileReading, ...]:
    """The readings of a file that are to be imported, under the names of the `people` whom the study knows.

    With `reader` those of that name, or those that the file gives no name, which then are that
    person's. Without, all, under the names of the file. A name that one of the `viewers` has exactly is
    that person. Raises UserError when there are none, when a file without names is read without one, when
    two of the people could be meant, and for a name of which nothing can be seen.
    """
    readings = _all_readings(imported)
    people_of_file = (one for one in readings if one.reading.reader.kind is ReaderKind.PERSON)
    written = dict.fromkeys(one.written_by for one in people_of_file)
    asked = () if reader is None else (reader,)
    known = [one.name for one in people if one.kind is ReaderKind.PERSON]
    known += [one.name for one in viewers if one.name in (*written, *asked) and one.name not in known]
    for name in (*filter(str.strip, written), *asked):  # a blank one says in a file that there is none
        _check_seen(name, known)
    found = _under_known_names(readings, known)
    if reader is None:
        if any(not one.reading.reader.name for one in found):
            raise UserError("The file does not say who answered; give the reader's name.")
        return found
    (name,) = _known_names([reader], known).values()
    meant = tuple(_named(one, name) for one in found if _is_meant(one.reading.reader, name))
    if not meant:
        names = sorted({one.reading.reader.name for one in found} - {""})
        others = f"; it has {', '.join(shorten(one) for one in names[:5])}" if names else ""
        raise UserError(f"The file has no answers by {shorten(reader)}{others}.")
    return meant


def describe_spellings(readings: Iterable[FileReading]) -> tuple[str, ...]:
    """A sentence on each name of a reader that was taken for another spelling of a person's name."""
    names = ((one.written_by, one.reading.reader.name) for one in readings)
    said = (
        f"“{shorten(_shown(written))}” was taken for “{shorten(_shown(known))}”."
        for written, known in names
        if written and _shown(written) != _shown(known)
    )
    return tuple(dict.fromkeys(said))


def _shown(name: str) -> str:
    """The name as a sentence shows it, in which all blanks look alike and nothing is unseen."""
    return " ".join(show_unseen(name).split())


def _check_seen(name: str, known: Sequence[str]) -> None:
    """Raises UserError for a name of which nothing can be seen, unless a known person has exactly that."""
    if not person_key(name) and name not in known:
        raise UserError(f"The reader's name “{shorten(show_unseen(name))}” has no letter that can be seen.")


def _all_readings(imported: Imported) -> tuple[FileReading, ...]:
    return tuple(
        FileReading(place, reading, beside, places, entry.fields, reading.reader.name)
        for place, entry in enumerate(imported.bundle.recordings)
        for (reading, beside), places in zip(entry.with_beside(), entry.all_places(), strict=True)
    )


def _is_meant(reader: ReaderIdentity, name: str) -> bool:
    return not reader.name or person_key(reader.name) == person_key(name)


def _named(one: FileReading, name: str) -> FileReading:
    if one.reading.reader.name:
        return one
    return replace(one, reading=replace(one.reading, reader=person(name)))


def _under_known_names(readings: Sequence[FileReading], known: Sequence[str]) -> tuple[FileReading, ...]:
    """The readings with people's names as the study spells them, else as the file first does."""
    people = [one.reading.reader.name for one in readings if one.reading.reader.kind is ReaderKind.PERSON]
    names = _known_names(dict.fromkeys(people), known)
    return tuple(
        replace(one, reading=replace(one.reading, reader=_renamed(one.reading.reader, names)))
        for one in readings
    )


def _renamed(reader: ReaderIdentity, names: Mapping[str, str]) -> ReaderIdentity:
    if reader.kind is not ReaderKind.PERSON:
        return reader
    return replace(reader, name=names[reader.name])


def _known_names(names: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """For each name of a file the name of the same person. Raises UserError when it could be two people's."""
    exact = set(known)
    spelled: dict[str, list[str]] = {}
    for name in known:
        spelled.setdefault(person_key(name), []).append(name)
    found: dict[str, str] = {}
    for name in names:
        same = [name] if name in exact else spelled.setdefault(person_key(name), [without_controls(name)])
        if len(same) > 1:
            several = " and ".join(f"“{shorten(one)}”" for one in same[:2])
            raise UserError(f"“{shorten(name)}” can be {several}; write the name as the study does.")
        found[name] = same[0]
    return found
