"""The stretches of a recording that a reading names: the seizure, or one for each feature that it saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.deidentify.clip_choice import ClipStretch
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURES, Presence, Span
from app.core.study.full_reading import FullReading
from app.core.study.marks import MarkKind, first_moment
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL, Seal, Viewer, sealed_error, sealed_from, settle_seal

MARGIN = 2.0
"""Seconds that a feature's clip begins before its evidence and ends after it."""

_PURPOSE = "de-identified clip"
_KINDS = (ReaderKind.PERSON, ReaderKind.SIGNAL, ReaderKind.MODEL, ReaderKind.PHANTOM)


@dataclass(frozen=True, slots=True)
class ReadStretches:
    """The stretches, the reader who named them, and what is sealed from the viewer."""

    stretches: tuple[ClipStretch, ...]
    reader: ReaderIdentity
    seal: Seal


def seizure_stretch(
    study: Study, number: int, viewer: Viewer, duration: float, *, reader: str | None = None,
    me: ReaderIdentity | None = None,
) -> ReadStretches:  # fmt: skip
    """From the onset to the end of the seizure, or of the recording (`duration`, s), as the first reader says
    who marked an onset: `me`, then other people, then programs; or the reader of the name `reader`.

    Raises UserError where no reading that the viewer may see has an onset.
    """
    readings, seal = _readings(study, number, viewer, reader, me)
    for full in readings:
        onset = first_moment(full.marks, MarkKind.ONSET)
        if onset is not None and onset < duration:
            end = first_moment(full.marks, MarkKind.END)
            last = duration if end is None or end <= onset else min(end, duration)
            return ReadStretches((ClipStretch(Span(onset, last)),), full.reading.reader, seal)
    raise sealed_error(seal, "No onset of a seizure is marked, so there is no clip of it.")


def feature_stretches(
    study: Study, number: int, viewer: Viewer, duration: float, *, reader: str | None = None,
    me: ReaderIdentity | None = None,
) -> ReadStretches:  # fmt: skip
    """The longest evidence of each feature that is answered *yes*, with a margin, by the first reader who
    answered so: `me`, then other people, then programs; or the reader of the name `reader`.

    Raises UserError where no reading that the viewer may see has such an answer.
    """
    readings, seal = _readings(study, number, viewer, reader, me)
    for full in readings:
        found = tuple(_stretches_of(full, duration))
        if found:
            return ReadStretches(found, full.reading.reader, seal)
    raise sealed_error(seal, "No feature is answered yes with evidence, so there are no clips of any.")


def _stretches_of(full: FullReading, duration: float) -> Iterable[ClipStretch]:
    for feature in FEATURES:
        answer = full.reading.answer(feature.id)
        spans = [span for span in answer.evidence if span.start < duration]
        if answer.presence is Presence.YES and spans:
            longest = max(spans, key=lambda span: span.duration)
            start, end = max(longest.start - MARGIN, 0.0), min(longest.end + MARGIN, duration)
            yield ClipStretch(Span(start, end), feature.id)


def _readings(
    study: Study, number: int, viewer: Viewer, name: str | None, me: ReaderIdentity | None
) -> tuple[list[FullReading], Seal]:
    """The readings that the viewer may see, in order of preference, and what is sealed from them."""
    hidden = study.sealed_readers(number, sealed_from(study, viewer))
    every = study.full_readings(number, viewer=SEES_ALL)
    seen = [full for full in every if full.reading.reader.exact_key not in hidden]
    seal = settle_seal(study, viewer, len(every) - len(seen), _PURPOSE)
    if name is not None:
        seen = [full for full in seen if full.reading.reader.name == name]
        if not seen:
            raise sealed_error(seal, f"The study has no reading of “{name}” of this recording.")
    return sorted(seen, key=lambda full: _preference(full.reading.reader, me)), seal


def _preference(reader: ReaderIdentity, me: ReaderIdentity | None) -> tuple[bool, int, str]:
    return me is None or not reader.is_same(me), _KINDS.index(reader.kind), reader.name
