"""What is covered in the pictures of clips because it can be read: burned-in text, and the places that a
person drew for it. For the clip process only: imports cv2.

As for de-identified clips the whole recording is searched, and the stretch that is shown. A model is shown
many clips of the same stretch, so the recording is searched in pieces that all of them share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.hiding.burned_in_text import ShareReport
from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces, covered_boxes
from app.core.hiding.text_memory import text_of_stretches
from app.core.picture_box import Box
from app.core.recording.recording import Recording
from app.core.semiology import Span

PIECE, STEP = 30.0, 25.0
"""Seconds of a piece, and from one to the next: those of the segments of a whole recording."""


@dataclass(frozen=True, slots=True)
class TextCovers:
    """The places that are covered, and how many of them a person has drawn."""

    places: CoveredPlaces
    drawn: int


def text_covers(
    recording: Recording, spans: Sequence[Span], drawn: Sequence[Box], report: ShareReport
) -> TextCovers:
    """What is covered in pictures of these spans of the recording, and when.

    `report` is called only while text is looked for. Raises UserError as `text_of_stretches`.
    """
    whole, pieces = Span(0.0, recording.duration), searched_pieces(recording.duration, spans)
    found, *of_pieces = text_of_stretches(recording, (whole, *pieces), report)
    for piece, places in zip(pieces, of_pieces, strict=True):
        found = found.joined(CoveredPlaces(tuple(_about(piece, places))))
    return TextCovers(found.joined(covered_boxes(drawn)), len(drawn))


def searched_pieces(duration: float, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The pieces of a recording of `duration` seconds that have something of these spans; none of one that is
    not longer than a piece."""
    if duration <= PIECE:
        return ()
    count = math.ceil((duration - PIECE) / STEP - 1e-9) + 1
    pieces = (Span(n * STEP, min(n * STEP + PIECE, duration)) for n in range(count))
    return tuple(piece for piece in pieces if any(piece.overlaps(span) for span in spans))


def _about(piece: Span, found: CoveredPlaces) -> Iterator[CoveredPlace]:
    """The places of a piece: what stands in it is covered for the length of a piece before and after it too,
    so throughout every segment that has something of it, and what is there for a time only then."""
    for place in found.places:
        reach = PIECE if (place.start, place.end) == (-math.inf, math.inf) else 0.0
        start, end = piece.start - reach, piece.end + reach
        yield replace(place, start=max(place.start, start), end=min(place.end, end))
