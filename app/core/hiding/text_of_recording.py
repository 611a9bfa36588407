"""Where text is burned into a stretch of a recording: looked for once, in a process, and kept in memory.

The search takes ten seconds and more of a processor, and pictures are taken one after the other about the
same time: the next one of the same stretch costs nothing.
"""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import reduce
from typing import Any

from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces
from app.core.jobs import CancelToken, Report
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.recording import Recording
from app.core.semiology import Span

WHAT = "Looking for text in the picture"
LONGEST = 120.0
"""Seconds of the longest stretch. The search sees some 36 pictures of a stretch, whatever its length: over a
night a title that is shown for minutes would be between two of them. In two minutes one is seen each 3.5 s,
while most recordings of one seizure are one stretch or two, so that few searches serve all their pictures."""
_BEYOND = 5.0
"""Seconds that a stretch reaches over its ends, so that a title near an end is amid its pictures, too."""
_MOST = 256
"""Spans of which the text is kept."""
_PROCESS = "app.core.hiding.text_process"
_FAILED = "The search for text in the picture stopped unexpectedly, so names in it cannot be covered."

_kept: OrderedDict[tuple[str, Span], CoveredPlaces] = OrderedDict()
_lock = threading.Lock()


def text_of_recording(
    recording: Recording, spans: Sequence[Span], *, report: Report, cancel: CancelToken
) -> CoveredPlaces:
    """Where text is burned into the displayed picture between the ends of one of the `spans` (s), and when;
    a span without length is the frame on screen there.

    Raises UserError where the search is not possible, and Cancelled.
    """
    keys = [(recording.picture_key, span) for span in spans]
    with _lock:
        known = {key: _kept[key] for key in keys if key in _kept}
    new = [key for key in keys if key not in known]
    if new:
        job = {**recording_job(recording), "spans": [asdict(span) for _, span in new]}
        found = json.loads(run_process(_PROCESS, job, failed=_FAILED, report=report, cancel=cancel))
        known.update(zip(new, map(places_from_rows, found), strict=True))
    with _lock:
        for key in keys:
            _kept[key] = known[key]
            _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return reduce(CoveredPlaces.joined, (known[key] for key in keys), CoveredPlaces())


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
