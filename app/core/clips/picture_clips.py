"""The picture clips of a recording, made in one pass over it. Imports cv2 and av: for the clip process
only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from app.core.clips.clip import Clip, ClipOptions, ClipSpec, sampling_times
from app.core.clips.clip_remarks import with_remarks
from app.core.clips.covering import CoveredPicture, FrameCovers, HeadCovers, Mask
from app.core.clips.cuts import find_cuts
from app.core.clips.drawn_pictures import crop_upright, draw_skeleton
from app.core.clips.mp4_writer import Mp4Writer
from app.core.clips.people_shown import PeopleShown
from app.core.clips.text_covers import TextCovers
from app.core.clips.text_shown import TextShown
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.face_crop import CropPlace, FaceCrop, face_crop
from app.core.enhance.pose_track import PoseTrack
from app.core.hiding.face_memory import FaceMemory
from app.core.picture_box import Box
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording

Image = npt.NDArray[np.uint8]

JPEG_QUALITY = 85
GREY = 6.0
"""The highest mean difference between the colours of a pixel (0–255) in a picture without colour; the
compression of grey video leaves 1 to 3."""
NO_PICTURE = "The recording has no picture."
NO_FACE = "The patient's face was not seen in this stretch."
ALL_COARSE = (
    "The patient was not found with certainty in this stretch, so everything in it is coarse: any head in it "
    "may be somebody else's."
)


def make_picture_clips(
    recording: Recording,
    track: PoseTrack | None,
    specs: Sequence[ClipSpec],
    *,
    options: ClipOptions,
    folder: Path,
    patient: Box | None = None,
    text: TextCovers | None,
    step: Callable[[float], None],
) -> Iterator[Clip]:
    """The picture clips; each is written while it is decoded, so that memory does not grow with its
    length.

    `text` is what is covered because it can be read, None where that was not looked for. Each frame is
    decoded, and its heads are looked for, once for all clips that sample it.
    """
    if recording.video is None:
        for spec in specs:
            yield Clip(spec.name, spec.enhancement, spec.span, spec.fps, 0.0, NO_PICTURE, unusable=NO_PICTURE)
        return
    if not specs:
        return
    moments = _sampled_times(specs)
    memory = FaceMemory(recording)
    covers = HeadCovers(track, options, patient, memory=memory)
    making: dict[str, _PictureClip] = {}
    waiting = _openers(recording, track, specs, options, folder, text=text)
    last = {spec.name: max(sampling_times(spec.span, spec.fps)) for spec in specs}
    try:
        with FrameReader(recording) as reader:
            for number, (moment, names) in enumerate(moments):
                shown = reader.frame_at(moment)
                image = np.asarray(shown.image)
                frame = covers.frame(image, shown.time, _readable(text, moment, image))
                for name in names:
                    if name in waiting:
                        making[name] = waiting.pop(name)()
                    making[name].add(moment, frame)
                for name in [name for name in making if last[name] <= moment + 1e-6]:
                    yield making.pop(name).finish()
                step((number + 1) / len(moments))
    finally:
        memory.save()
        for unfinished in making.values():
            unfinished.close()


def _openers(
    recording: Recording,
    track: PoseTrack | None,
    specs: Sequence[ClipSpec],
    options: ClipOptions,
    folder: Path,
    *,
    text: TextCovers | None,
) -> dict[str, Callable[[], _PictureClip]]:
    """What begins each clip, by its name."""
    cropped = [spec for spec in specs if track is not None and options.face and _is_face(spec)]
    cuts = find_cuts(recording, [spec.span for spec in cropped]) if cropped else ()

    def opener(spec: ClipSpec) -> Callable[[], _PictureClip]:
        return lambda: _PictureClip(
            spec, track, options, folder, cuts if spec in cropped else None, text=text
        )

    return {spec.name: opener(spec) for spec in specs}


def _readable(text: TextCovers | None, moment: float, image: Image) -> Mask | None:
    """(h, w) what can be read in the picture that is on screen at a moment (s), which may be of earlier."""
    return None if text is None else text.places.at(moment, (image.shape[1], image.shape[0]))


def _is_face(spec: ClipSpec) -> bool:
    return spec.enhancement is Enhancement.FACE


def _sampled_times(specs: Sequence[ClipSpec]) -> list[tuple[float, set[str]]]:
    """Every sampled time (s), in order, with the names of the clips that sample it."""
    wanted: dict[int, tuple[float, set[str]]] = {}
    for spec in specs:
        for moment in sampling_times(spec.span, spec.fps):
            wanted.setdefault(round(moment * 1000), (moment, set()))[1].add(spec.name)
    return [wanted[key] for key in sorted(wanted)]


class _PictureClip:
    """One picture clip while it is made; with `cuts` (s) it is a crop of the face where there is one."""

    def __init__(
        self,
        spec: ClipSpec,
        track: PoseTrack | None,
        options: ClipOptions,
        folder: Path,
        cuts: Sequence[float] | None,
        *,
        text: TextCovers | None,
    ) -> None:
        self._spec = spec
        self._track = track
        self._options = options
        self._folder = folder
        self._crop: FaceCrop | None = None
        self._film: Mp4Writer | None = None
        self._pictures: list[tuple[int, str]] = []
        self._turns: list[tuple[int, int]] = []
        self._people = PeopleShown()
        self._text = None if text is None else TextShown(drawn=text.drawn)
        self._seen = 0
        self._colours: list[float] = []
        if track is not None and cuts is not None:
            self._crop = face_crop(track, spec.span.start, spec.span.end, cuts)

    def add(self, moment: float, frame: FrameCovers) -> None:
        """Add the frame that is on screen at `moment` seconds."""
        self._colours.append(colourfulness(frame.image))
        covered = frame.covered(patient=self._options.cover_patient and not _is_face(self._spec))
        milliseconds = round((moment - self._spec.span.start) * 1000)
        shown, found = self._cropped(milliseconds, covered) if self._crop else self._whole(covered)
        self._seen += found
        self._write(milliseconds, shown)

    def _cropped(self, milliseconds: int, covered: CoveredPicture) -> tuple[Image, bool]:
        side = self._options.face_side
        place = self._crop.at(covered.seconds) if self._crop is not None else None
        self._people += covered.people_in(place)
        if self._crop is None or place is None:
            self._count_text(None, on_face=False)
            return np.zeros((side, side, 3), np.uint8), False
        self._count_text(_cropped_mask(covered.text, place, side), on_face=covered.text_on_face)
        if not self._turns or self._turns[-1][1] != place.turn:
            self._turns.append((milliseconds, place.turn))
        seen = self._crop.seen_at(covered.seconds) and not covered.blank
        return crop_upright(covered.image, place, side), seen

    def _whole(self, covered: CoveredPicture) -> tuple[Image, bool]:
        image = covered.image
        self._people += covered.people
        self._count_text(covered.text, on_face=covered.text_on_face)
        factor = min(1.0, self._options.side / max(image.shape[:2]))
        size = (_even(image.shape[1] * factor), _even(image.shape[0] * factor))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shown, drawn = _views(small, beside=self._beside)
        row = self._track.row_at(covered.seconds) if self._track is not None else None
        if self._track is None or row is None:
            return shown, False
        if _is_face(self._spec):
            return shown, bool(self._track.face_found[row]) and not covered.blank
        if not self._track.found[row]:
            return shown, False
        if self._options.pose:
            scale = np.array([size[0] / self._track.width, size[1] / self._track.height, 1.0], np.float32)
            draw_skeleton(drawn, self._track.joints[row] * scale)
        return shown, True

    def _count_text(self, covered: Mask | None, *, on_face: bool) -> None:
        """Count one more picture, of which this is covered because it can be read."""
        if self._text is not None:
            share = 0.0 if covered is None else float(covered.mean())
            self._text += TextShown(1, int(share > 0.0), share, on_face=int(on_face))

    @property
    def _beside(self) -> bool:
        """Whether a second picture with the skeleton stands below the plain one."""
        wanted = self._options.pose and self._options.beside
        return wanted and self._track is not None and not _is_face(self._spec)

    def _write(self, milliseconds: int, shown: Image) -> None:
        name = f"{self._spec.name}-{len(self._pictures):03d}.jpg"
        coded, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not coded:
            raise ValueError("a picture could not be written as JPEG")
        (self._folder / name).write_bytes(jpeg.tobytes())
        if self._film is None:
            self._film = Mp4Writer(self._folder / self._video, shown.shape[1], shown.shape[0], self._spec.fps)
        self._film.add(shown)
        self._pictures.append((milliseconds, name))

    @property
    def _video(self) -> str:
        return f"{self._spec.name}.mp4"

    def finish(self) -> Clip:
        """The finished clip, whose files are complete."""
        self.close()
        seen, is_face = self._seen / len(self._pictures), _is_face(self._spec)
        clip = Clip(
            self._spec.name,
            self._spec.enhancement,
            self._spec.span,
            self._spec.fps,
            seen,
            self._note(seen),
            self._video,
            tuple(self._pictures),
            unusable=self._unusable(),
            enhanced=self._crop is not None if is_face else self._options.pose and self._seen > 0,
            people=self._people if self._options.covers else None,
            text=self._text,
            turns=tuple(self._turns),
            cuts=self._cuts(),
            grey=float(np.median(self._colours)) <= GREY,
        )
        return with_remarks(clip)

    def _unusable(self) -> str:
        # A face that was never found cannot be judged; a body without a skeleton still can.
        if _is_face(self._spec) and self._track is not None and self._seen == 0:
            return NO_FACE
        return ALL_COARSE if self._people.blank == self._people.pictures else ""

    def _cuts(self) -> tuple[int, ...]:
        start = self._spec.span.start
        return tuple(round((cut - start) * 1000) for cut in self._crop.cuts) if self._crop is not None else ()

    def close(self) -> None:
        if self._film is not None:
            self._film.close()
            self._film = None

    def _note(self, seen: float) -> str:
        if self._track is None:
            return "The picture is as recorded."
        if _is_face(self._spec):
            where = "" if self._crop is not None else "; the whole picture is shown"
            return f"The face was seen in {seen:.0%} of the pictures{where}."
        return f"The patient was found in {seen:.0%} of the pictures."


def _cropped_mask(mask: Mask | None, place: CropPlace, side: int) -> Mask | None:
    """What of a picture's mask is in the crop."""
    if mask is None:
        return None
    white = np.broadcast_to(mask[:, :, None] * np.uint8(255), (*mask.shape, 3))
    return np.asarray(crop_upright(white, place, side)[:, :, 0] > 0)


def _views(plain: Image, *, beside: bool) -> tuple[Image, Image]:
    """The picture that is shown, and the part of it in which the skeleton is drawn."""
    if not beside:
        return plain, plain
    both = np.concatenate([plain, plain])
    return both, both[plain.shape[0] :]


def colourfulness(image: Image) -> float:
    """The mean difference between the strongest and the weakest colour of a pixel, 0–255; every 64th pixel is
    looked at."""
    few = image[::8, ::8].astype(np.int16)
    return float(np.mean(few.max(axis=2) - few.min(axis=2)))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
