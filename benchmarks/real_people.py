"""The real clips in `shared/media/people`, their variants, and the answers that a careful person accepts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from app.core.jobs import CancelToken, no_report
from app.core.readers.signal.reader import SignalReader
from app.core.reading import Reading
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Presence
from benchmarks.kept_results import name_with_content
from benchmarks.stage import ROOT

FOLDER = ROOT.parent / "shared" / "media" / "people"
_PRESENCES = {"yes": Presence.YES, "no": Presence.NO, "na": Presence.NOT_ASSESSABLE}
_CLOCK = Fraction(1, 90_000)

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Clip:
    """A real clip: name, length, accepted answers by feature, how much of the person is seen (percent)."""

    name: str
    seconds: float
    accepted: dict[str, frozenset[Presence]]
    seen: dict[str, int]

    @property
    def never_seen(self) -> frozenset[str]:
        """The features of parts that are nowhere in the clip."""
        parts = _NEEDS.items()
        return frozenset(name for name, needed in parts if any(not self.seen[part] for part in needed))


_FACE, _BOTH_ARMS = ("face_seen_share",), ("left_arm_seen", "right_arm_seen")
_NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("blank_stare", "close_eyes", "eye_blinking", "face_pulling", "face_twitching", "oral_automatisms"),
        _FACE,
    ),
    **dict.fromkeys(("arms_move_simultaneously", "figure4", "full_body_shaking"), _BOTH_ARMS),
    **dict.fromkeys(("arm_flexion", "arm_straightening", "limb_automatisms"), _BOTH_ARMS),
    "pelvic_thrusting": ("hips_seen",),
}


def clips(folder: Path = FOLDER) -> tuple[Clip, ...]:
    """The clips of the table; none where the folder is missing."""
    table = folder / "truth.csv"
    if not table.is_file():
        return ()
    with table.open(encoding="utf-8", newline="") as file:
        return tuple(_clip(row) for row in csv.DictReader(file))


def _clip(row: dict[str, str]) -> Clip:
    accepted = {f.id: frozenset(_PRESENCES[name] for name in row[f.id].split("|")) for f in FEATURES}
    columns = ("face_seen_share", "left_arm_seen", "right_arm_seen", "hips_seen", "legs_seen")
    return Clip(
        row["file"], float(row["seconds"]), accepted, {column: int(row[column]) for column in columns}
    )


def _dark(picture: Picture) -> Picture:
    """A tenth of the light, with the noise of a sensor."""
    noise = np.random.default_rng(int(picture[::16, ::16].sum())).normal(0, 3, picture.shape)
    return np.clip(picture * 0.1 + 6 + noise, 0, 255).astype(np.uint8)


def _blurred(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), picture.shape[1] / 150), np.uint8)


def _turned(quarters: int) -> Callable[[Picture], Picture]:
    return lambda picture: np.ascontiguousarray(np.rot90(picture, quarters))


PICTURES: dict[str, Callable[[Picture], Picture]] = {
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    "turned_90": _turned(1),
    "turned_180": _turned(2),
    "turned_270": _turned(3),
    "dark": _dark,
    "blurred": _blurred,
    "2_fps": lambda picture: picture,
    "soundless": lambda picture: picture,
}
VARIANTS = ("plain", *PICTURES)
_LESS_SEEN = frozenset({"dark", "blurred", "2_fps"})
"""Variants in which a part that was seen may be said to be no longer assessable."""


def accepted(clip: Clip, variant: str, feature: str) -> frozenset[Presence]:
    """The answers that are accepted to a feature in a variant of the clip."""
    if variant == "soundless" and feature in ("verbal_responsiveness", "ictal_vocalization"):
        return frozenset({Presence.NOT_ASSESSABLE})
    more = {Presence.NOT_ASSESSABLE} if variant in _LESS_SEEN else set()
    return clip.accepted[feature] | more


def variant_of(source: Path, variant: str, folder: Path) -> Path:
    """The recording with this variant's pictures and sound, written to `folder` unless it is there."""
    if variant == "plain":
        return source
    stem = f"{name_with_content(source)}-{variant}".replace(" ", "-")
    target = folder / f"{stem}.mkv"
    if not target.exists():
        part = folder / f"{stem}.part.mkv"
        _write(source, variant, part)
        part.rename(target)
    return target


def _write(source: Path, variant: str, target: Path) -> None:
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        heard = old.streams.audio[0] if old.streams.audio and variant != "soundless" else None
        sound = new.add_stream_from_template(heard) if heard is not None else None
        picture: Any = None
        latest = -1.0
        packets: list[Any] = []
        for packet in old.demux([old.streams.video[0], *([heard] if heard is not None else [])]):
            if packet.stream.type == "audio":
                if packet.dts is not None and sound is not None:
                    packet.stream = sound
                    packets.append(packet)
                continue
            for decoded in packet.decode():
                frame: Any = decoded
                seconds = float(frame.time or 0.0)
                if variant == "2_fps" and seconds < latest + 0.49:
                    continue
                latest = seconds
                shown = PICTURES[variant](frame.to_ndarray(format="bgr24"))
                if picture is None:
                    picture = _picture_stream(new, shown)
                packets += picture.encode(_frame(shown, seconds))
        packets += picture.encode(None)
        for packet in sorted(packets, key=lambda one: float(one.dts * one.time_base)):
            new.mux(packet)


def _picture_stream(new: Any, shown: Picture) -> Any:
    stream = new.add_stream("libx264", rate=30, options={"crf": "16", "preset": "veryfast"})
    stream.height, stream.width = shown.shape[:2]
    stream.pix_fmt, stream.codec_context.time_base = "yuv420p", _CLOCK
    return stream


def _frame(shown: Picture, seconds: float) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
    frame.pts, frame.time_base = round(seconds / _CLOCK), _CLOCK
    return frame


def reading_of(path: Path) -> Reading:
    """The signal reader's reading of a file, by the program's own pose and sound."""
    return SignalReader().read(open_recording(path), report=no_report, cancel=CancelToken())


@dataclass(frozen=True, slots=True)
class Tally:
    """What clips were read as: `answers` in all, those `assessed` (*yes* or *no*), `wrong` ones as sentences,
    false *yes* and *no* about parts that are nowhere in the picture.

    To `assessable` ones a person accepts *yes* or *no*, to `certain` ones nothing else.
    """

    answers: int
    assessed: int
    assessable: int
    certain: int
    wrong: tuple[str, ...]
    false_yes: tuple[str, ...]
    unseen_no: tuple[str, ...]

    @property
    def accepted_share(self) -> float:
        return 1 - len(self.wrong) / max(self.answers, 1)

    @property
    def accepted_of_silence(self) -> float:
        """The share that would be accepted of a reader that calls everything not assessable."""
        return 1 - self.certain / max(self.answers, 1)


def tally(readings: Iterable[tuple[Clip, str, Reading]]) -> Tally:
    """The readings of clips and variants compared with the accepted answers."""
    answers = assessed = assessable = certain = 0
    wrong: list[str] = []
    false_yes: list[str] = []
    unseen_no: list[str] = []
    for clip, variant, reading in readings:
        for feature in FEATURES:
            answer, right = reading.answer(feature.id), accepted(clip, variant, feature.id)
            answers += 1
            assessable += right != {Presence.NOT_ASSESSABLE}
            certain += Presence.NOT_ASSESSABLE not in right
            assessed += answer.presence is not Presence.NOT_ASSESSABLE
            text = (
                f"{clip.name} {variant} {feature.id}: {answer.presence} {answer.confidence} "
                f"{answer.explanation}"
            )
            if answer.presence not in right:
                wrong.append(text)
                if answer.presence is Presence.YES:
                    false_yes.append(text)
            if answer.presence is Presence.NO and feature.id in clip.never_seen:
                unseen_no.append(text)
    return Tally(answers, assessed, assessable, certain, tuple(wrong), tuple(false_yes), tuple(unseen_no))
