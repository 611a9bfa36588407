"""The cuts of a recording: where a frame shows something else than the frame before.

Imports cv2: for the clip process only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.core.enhance.detector_pictures import picture_change, thumbnail
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording
from app.core.semiology import Span, joined

_SIZE = (64, 36)
"""Of the decoded frames in pixels; `thumbnail` takes half of it."""
_CUT = 16.0
"""Change of the picture that counts: real cuts gave 23–36, walking crowds at 5 frames a second 7.

Less than for the detectors, which lose their patient at a false cut; a crop only starts anew."""


def find_cuts(recording: Recording, spans: Iterable[Span]) -> tuple[float, ...]:
    """The times (s) of the first frames after cuts, as far as they are in one of the spans.

    Raises UserError when the recording has no picture.
    """
    with FrameReader(recording, size=_SIZE) as reader:
        return tuple(cut for span in joined(tuple(spans)) for cut in _cuts_in(span, reader))


def _cuts_in(span: Span, reader: FrameReader) -> Iterator[float]:
    before = None
    for frame in reader.frames(span.start, span.end):
        small = thumbnail(frame.image)
        if before is not None and picture_change(before, small) > _CUT:
            yield frame.time
        before = small
