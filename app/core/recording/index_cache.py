"""Serialisation of a recording's packet index and further facts for the cache."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.recording.array_cache import Arrays
from app.core.recording.decoding import PictureForm
from app.core.recording.display_matrix import DisplayOrientation
from app.core.recording.index import PacketIndex, stream_arrays, stream_from
from app.core.recording.recording import PictureTrack


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """One sound track as described by its decoder and the container; `rate` in Hz."""

    codec: str
    rate: int
    channels: int
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """Facts about a recording besides its index: `declared` duration (s) in the header, `corrupt` number of
    damaged packets and reading errors, `hidden` number of picture tracks that cannot be decoded, `unfilled`
    number of bytes at the end that were never written; `pictures`, `picture` and `started_at` as in
    `Recording`."""

    video_codec: str
    form: PictureForm
    tracks: tuple[TrackFacts, ...]
    declared: float
    corrupt: int
    unreadable_sound: bool
    started_at: datetime | None
    pictures: tuple[PictureTrack, ...]
    picture: int = 0
    hidden: int = 0
    unfilled: int = 0


def to_arrays(index: PacketIndex, facts: RecordingFacts) -> Arrays:
    """The index and the facts as arrays; the inverse is `from_arrays`."""
    form = facts.form
    arrays: dict[str, npt.NDArray[Any]] = {
        "container": np.array(index.container),
        "order": index.order,
        "jumps": index.jumps,
        "cuts": index.cuts,
        "codec": np.array(facts.video_codec),
        "look": np.array([form.width, form.height, int(form.interlaced)]),
        "placing": np.array(
            [form.orientation.rotation, form.orientation.mirrored, form.orientation.askew], np.int64
        ),
        "pictures": np.array([[p.width, p.height, p.packets] for p in facts.pictures], np.int64).reshape(
            -1, 3
        ),
        "picture_names": np.array([[p.codec, p.title] for p in facts.pictures], np.str_).reshape(-1, 2),
        "picture": np.array([facts.picture, facts.hidden]),
        "unfilled": np.array(facts.unfilled, np.int64),
        "numbers": np.array([form.aspect, facts.declared]),
        "counts": np.array([facts.corrupt, int(facts.unreadable_sound), len(facts.tracks)]),
        "sound": np.array([[t.rate, t.channels] for t in facts.tracks], np.int64).reshape(-1, 2),
        "names": np.array([[t.codec, t.title, t.language] for t in facts.tracks], np.str_).reshape(-1, 3),
        "started": np.array(facts.started_at.isoformat() if facts.started_at is not None else ""),
    }
    arrays |= stream_arrays(index.video, "video")
    for number, track in enumerate(index.tracks):
        arrays |= stream_arrays(track, f"audio{number}")
    return arrays


def from_arrays(arrays: Arrays) -> tuple[PacketIndex, RecordingFacts]:
    """The inverse of `to_arrays`. Raises KeyError, ValueError or IndexError when it is damaged."""
    video = stream_from(arrays, "video")
    order = arrays["order"].astype(np.int64)
    if order.ndim != 1 or len(order) == 0 or order.min() < 0 or order.max() >= len(video):
        raise ValueError("order out of range")
    corrupt, unreadable, tracks = (int(x) for x in arrays["counts"])
    index = PacketIndex(
        container=str(arrays["container"]),
        video=video,
        order=order,
        tracks=tuple(stream_from(arrays, f"audio{number}") for number in range(tracks)),
        jumps=arrays["jumps"].astype(np.float64),
        cuts=arrays["cuts"].astype(np.int64).reshape(-1, 3),
    )
    width, height, interlaced = (int(x) for x in arrays["look"])
    rotation, mirrored, askew = (int(x) for x in arrays["placing"])
    orientation = DisplayOrientation(rotation, bool(mirrored), bool(askew))
    aspect, declared = (float(x) for x in arrays["numbers"])
    sound = tuple(
        TrackFacts(str(codec), int(rate), int(channels), str(title), str(language))
        for (codec, title, language), (rate, channels) in zip(arrays["names"], arrays["sound"], strict=True)
    )
    if len(sound) != tracks:
        raise ValueError("tracks without facts")
    started = str(arrays["started"])
    pictures = tuple(
        PictureTrack(str(codec), int(wide), int(high), int(packets), str(title))
        for (codec, title), (wide, high, packets) in zip(
            arrays["picture_names"], arrays["pictures"], strict=True
        )
    )
    picture, hidden = (int(x) for x in arrays["picture"])
    if not 0 <= picture < len(pictures):
        raise ValueError("no such picture track")
    return index, RecordingFacts(
        str(arrays["codec"]),
        PictureForm(width, height, aspect, orientation, bool(interlaced)),
        sound,
        declared,
        corrupt,
        bool(unreadable),
        datetime.fromisoformat(started) if started else None,
        pictures,
        picture,
        hidden,
        int(arrays.get("unfilled", 0)),  # missing in what earlier versions kept
    )
