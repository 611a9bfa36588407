"""Where text is burned into stretches of a recording, kept by its content, so that none is searched twice.

What is kept are outlines and times, nothing of a picture. Imports cv2: for the processes that make pictures
only.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

import numpy as np

from app.core.hiding.burned_in_text import ShareReport, text_in
from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces
from app.core.recording.array_cache import Arrays, load_arrays, save_arrays
from app.core.recording.recording import Recording
from app.core.semiology import Span

SEARCH_VERSION = 1
"""Part of the cache's key, to be raised whenever the same stretch would give other places."""
_KIND = "text"
_CORNERS, _COUNTS, _TIMES = "corners", "counts", "times"

logger = logging.getLogger(__name__)


def text_of_stretches(
    recording: Recording,
    stretches: Sequence[Span],
    report: ShareReport = lambda _share: None,
) -> tuple[CoveredPlaces, ...]:
    """Where text is burned into each of the stretches, and when; what was searched before is not again.

    `report` is called only while something is searched. Raises UserError when the recording cannot be read,
    and where the detector of text is missing.
    """
    found = [_from_arrays(load_arrays(_KIND, _key(recording, stretch)) or {}) for stretch in stretches]
    unknown = [number for number, places in enumerate(found) if places is None]
    for done, number in enumerate(unknown):
        part = partial(_report_part, report, done, len(unknown))
        places = text_in(recording, stretches[number], report=part)
        # At once, so that what is cancelled later goes on from here.
        save_arrays(_KIND, _key(recording, stretches[number]), _to_arrays(places))
        found[number] = places
    return tuple(places for places in found if places is not None)


def _key(recording: Recording, stretch: Span) -> str:
    start, end = round(stretch.start * 1000), round(stretch.end * 1000)
    return f"{recording.picture_key}-{start}-{end}-{SEARCH_VERSION}"


def _report_part(report: ShareReport, number: int, parts: int, share: float) -> None:
    report((number + share) / parts)


def _to_arrays(found: CoveredPlaces) -> Arrays:
    """The corners of all outlines, how many belong to each, and from when to when (s) each is covered."""
    corners = [corner for place in found.places for corner in place.outline]
    return {
        _CORNERS: np.array(corners, np.float64).reshape(-1, 2),
        _COUNTS: np.array([len(place.outline) for place in found.places], np.int64),
        _TIMES: np.array([(place.start, place.end) for place in found.places], np.float64).reshape(-1, 2),
    }


def _from_arrays(arrays: Arrays) -> CoveredPlaces | None:
    """The inverse; None for nothing, and for anything that is damaged, because a text that is forgotten would
    be shown."""
    if not arrays:
        return None
    try:
        corners, counts, times = arrays[_CORNERS], arrays[_COUNTS], arrays[_TIMES]
        sound = (
            corners.shape == (counts.sum(), 2)
            and times.shape == (len(counts), 2)
            and bool((counts > 0).all() and np.isfinite(corners).all() and not np.isnan(times).any())
        )
        if sound:
            ends = np.cumsum(counts).tolist()
            outlines = [corners[end - count : end] for end, count in zip(ends, counts.tolist(), strict=True)]
            return CoveredPlaces(
                tuple(
                    CoveredPlace(tuple((x, y) for x, y in outline.tolist()), start, end)
                    for outline, (start, end) in zip(outlines, times.tolist(), strict=True)
                )
            )
    except (KeyError, TypeError, ValueError):
        pass
    logger.warning("The places of text in the cache are damaged and are searched again")
    return None
