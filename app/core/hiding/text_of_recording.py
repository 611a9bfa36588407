"""Where text is burned into a stretch of a recording: looked for once, in a process, and kept in memory.

The search takes ten seconds and more of a processor, and pictures are taken one after the other about the
same time: the next one of the same stretch costs nothing.
"""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces
from app.core.jobs import CancelToken, Report
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.recording import Recording
from app.core.semiology import Span

WHAT = "Looking for text in the picture"
LONGEST = 60.0
"""Seconds of the longest stretch. The search sees some 36 pictures of a stretch, whatever its length: over a
night a title that is shown for minutes would be between two of them; in a minute one is seen each 2 s. A
frame alone is not searched: without others to average, more was taken for text."""
_BEYOND = 5.0
"""Seconds that a stretch reaches over its ends, so that a title near one is amid its pictures."""
_MOST = 256
"""Stretches of which the text is kept."""
_PROCESS = "app.core.hiding.text_process"
_FAILED = "The search for text in the picture stopped unexpectedly, so names in it cannot be covered."

_kept: OrderedDict[tuple[str, Span], CoveredPlaces] = OrderedDict()
_lock = threading.Lock()


def text_of_recording(
    recording: Recording, span: Span, *, report: Report, cancel: CancelToken
) -> CoveredPlaces:
    """Where text is burned into the displayed picture between the ends of `span` (s), and when.

    Raises UserError where the search is not possible, and Cancelled.
    """
    key = (recording.picture_key, span)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    job = {**recording_job(recording), "span": asdict(span)}
    rows = json.loads(run_process(_PROCESS, job, failed=_FAILED, report=report, cancel=cancel))
    found = places_from_rows(rows)
    with _lock:
        _kept[key] = found
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found


def stretch_about(duration: float, seconds: float) -> Span:
    """The stretch of a recording of that length (s) in which text is looked for that may show at `seconds`:
    one of equal ones, all of a recording that is not longer than `LONGEST`."""
    count = max(math.ceil(duration / LONGEST), 1)
    length = duration / count
    number = min(max(int(seconds / length), 0), count - 1) if length > 0.0 else 0
    return Span(max(number * length - _BEYOND, 0.0), min((number + 1) * length + _BEYOND, duration))


def places_to_rows(places: CoveredPlaces) -> list[list[Any]]:
    """Each place as `[outline, start, end]`; the ends of time are infinite."""
    return [[place.outline, place.start, place.end] for place in places.places]


def places_from_rows(rows: Iterable[list[Any]]) -> CoveredPlaces:
    """The inverse."""
    return CoveredPlaces(
        tuple(CoveredPlace(tuple((x, y) for x, y in outline), start, end) for outline, start, end in rows)
    )
