"""The embedding of every segment of a recording by a frozen network, stored in the cache by content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate
from app.core.readers.models.segments import segments
from app.core.readers.trained.video.backbone import LARGEST_EMBEDDING, Backbone, Pictures
from app.core.recording.array_cache import Arrays, load_arrays, save_arrays
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording, VideoStream
from app.core.recording.sparse_time import stretches_of
from app.core.semiology import Span

VERSION = "video-inputs/1"
_KIND = "embeddings"


@dataclass(frozen=True, slots=True, eq=False)
class VideoEmbeddings:
    """The segments of a recording and the embedding of each: `rows` (s, d)."""

    spans: tuple[Span, ...]
    rows: NDArray[np.float64]


def inputs_version(backbone: Backbone) -> str:
    """What the inputs of a head are: these embeddings, by this network."""
    return f"{VERSION} {backbone.digest}"


def video_embeddings(
    recording: Recording, backbone: Backbone, *, report: Report, cancel: CancelToken
) -> VideoEmbeddings:
    """The embeddings of a recording, none without a picture. Raises UserError, Cancelled."""
    if recording.video is None:
        return VideoEmbeddings((), np.zeros((0, 0)))
    key = hashlib.sha256(f"{recording.picture_key}|{inputs_version(backbone)}".encode()).hexdigest()
    stored = _stored(load_arrays(_KIND, key))
    if stored is not None:
        return stored
    found = _embedded(recording, recording.video, backbone, report, cancel)
    spans = np.array([(span.start, span.end) for span in found.spans])
    save_arrays(_KIND, key, {"rows": found.rows, "spans": spans})
    return found


def _stored(arrays: Arrays | None) -> VideoEmbeddings | None:
    """The embeddings of a cache file, None for one that does not hold any."""
    if arrays is None or not {"rows", "spans"} <= arrays.keys():
        return None
    rows, spans = arrays["rows"], arrays["spans"]
    if rows.ndim != 2 or spans.shape != (len(rows), 2) or rows.shape[1] > LARGEST_EMBEDDING:
        return None
    return VideoEmbeddings(tuple(Span(float(start), float(end)) for start, end in spans), rows)


def _embedded(
    recording: Recording, video: VideoStream, backbone: Backbone, report: Report, cancel: CancelToken
) -> VideoEmbeddings:
    wanted = backbone.preprocessing
    present = stretches_of(recording)
    parts = segments(
        recording.duration,
        wanted.segment_seconds,
        wanted.overlap_seconds,
        stretches=() if present is None else present.spans(),
    )
    estimate = TimeEstimate()
    rows = []
    size = scaled_size(video.width, video.height, wanted.resize)
    with FrameReader(recording, size=size, keep=0) as reader:
        for number, part in enumerate(parts):
            done = number / len(parts)
            report(
                Progress(f"Looking at segment {number + 1} of {len(parts)}", done, estimate.remaining(done))
            )
            pictures = []
            for frame in frame_numbers(video.times, part.span, wanted.frames):
                cancel.check()
                picture = reader.frame(frame).image[:, :, ::-1]
                pictures.append(middle(picture, wanted.size))
            rows.append(backbone.embed(np.stack(pictures)))
    if not rows:
        raise UserError(f"“{recording.name}” has no picture that lasts.")
    return VideoEmbeddings(tuple(part.span for part in parts), np.stack(rows))


def frame_numbers(times: NDArray[np.float64], span: Span, count: int) -> Sequence[int]:
    """The frames that are on the screen in the middle of `count` equal parts of a span."""
    moments = span.start + (np.arange(count) + 0.5) * span.duration / count
    found = np.searchsorted(times, moments, side="right") - 1
    return [int(number) for number in np.clip(found, 0, len(times) - 1)]


def scaled_size(width: int, height: int, shorter: int) -> tuple[int, int]:
    """Width and height with the shorter side of that many pixels."""
    factor = shorter / min(width, height)
    return max(shorter, round(width * factor)), max(shorter, round(height * factor))


def middle(image: Pictures, size: int) -> Pictures:
    """The middle `size` × `size` of a picture (h, w, 3)."""
    top, left = ((side - size) // 2 for side in image.shape[:2])
    return image[top : top + size, left : left + size]
