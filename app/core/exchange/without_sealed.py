"""A study's bundle without what is sealed from a person who reads blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.exchange.bundle import Bundle, ReadingExtras, ReadRecording
from app.core.reading import ReaderIdentity
from app.core.study.store import Study
from app.core.study.viewer import is_sealed


@dataclass(frozen=True, slots=True)
class OpenBundle:
    """The part of a study that may be given, the number of withheld readings, and whether the history is."""

    bundle: Bundle
    withheld: int = 0
    without_history: bool = False


def without_sealed(bundle: Bundle, study: Study, readers: Sequence[ReaderIdentity]) -> OpenBundle:
    """The bundle of `study` without what is sealed from any of the readers.

    With a sealed reading or rating goes the history, which would tell it. Without readers nothing is sealed.
    """
    entries, withheld, rated = [], 0, False
    for row, entry in zip(study.recordings(), bundle.recordings, strict=True):
        kept = _open_readings(entry, study.sealed_readers(row.id, readers))
        withheld += len(entry.readings) - len(kept.readings)
        if is_sealed(study, row.id, readers):
            rated = rated or any(each.ratings for each in kept.beside)
            # Other persons' ratings of the viewer's explanations are as sealed as their answers.
            kept = replace(kept, beside=tuple(replace(each, ratings=()) for each in kept.beside))
        entries.append(kept)
    without_history = bool(withheld or rated)
    history = () if without_history else bundle.history
    return OpenBundle(Bundle(tuple(entries), history), withheld, without_history)


def _open_readings(entry: ReadRecording, hidden: frozenset[str]) -> ReadRecording:
    kept = [pair for pair in entry.with_beside() if pair[0].reader.exact_key not in hidden]
    beside: tuple[ReadingExtras, ...] = tuple(each for _reading, each in kept) if entry.beside else ()
    return replace(entry, readings=tuple(reading for reading, _each in kept), beside=beside)
