"""Nothing that is sealed from a person who reads blind leaves the study with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.core.exchange.bundle import Bundle
from app.core.reading import ReaderIdentity
from app.core.study.store import Study


def without_sealed(bundle: Bundle, study: Study, viewers: Sequence[ReaderIdentity]) -> tuple[Bundle, int]:
    """The bundle of `study` without what is sealed from any of the viewers, and how many readings that were.

    With a sealed reading goes the history, which would tell it. Without viewers nothing is sealed.
    """
    entries, sealed = [], 0
    for row, entry in zip(study.recordings(), bundle.recordings, strict=True):
        hidden = study.sealed_readers(row.id, viewers)
        kept = [pair for pair in entry.with_beside() if pair[0].reader.exact_key not in hidden]
        sealed += len(entry.readings) - len(kept)
        # Who else has rated a person's own explanations is as sealed as their answers.
        every = (replace(each, ratings=()) if hidden else each for _reading, each in kept)
        beside = tuple(every) if entry.beside else ()
        entries.append(replace(entry, readings=tuple(reading for reading, _each in kept), beside=beside))
    return replace(bundle, recordings=tuple(entries), history=() if sealed else bundle.history), sealed
