"""Single frames of a recording in which nobody can be recognised, for the pictures that are handed on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.closing import Closing
from app.core.enhance.pose_track import PoseTrack
from app.core.hiding.covered_places import covered_boxes
from app.core.hiding.face_detector import CUT_OFF, SEARCH_PIXELS, CenterFace
from app.core.hiding.face_memory import FaceMemory
from app.core.hiding.heads import NEAR
from app.core.hiding.picture_hider import HiddenPicture, PictureHider
from app.core.hiding.text_of_recording import stretch_about, text_of_recording
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.picture_box import Box
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.recording import Recording

_WHAT = "Covering people and text"
_TEXT_SHARE = 0.8
"""Share of the work that the search for text is."""


@dataclass(frozen=True, slots=True)
class HiddenFrame:
    """The frame of this number (from 0) and time (s), hidden."""

    seconds: float
    number: int
    picture: HiddenPicture


class HiddenFrames(Closing):
    """Hides single frames of one recording: people, text that is burned in about them, and what was `drawn`.

    `track` is the patient's; without one every frame is coarse. Raises UserError where a detector is missing
    or the recording has no picture.
    """

    def __init__(self, recording: Recording, track: PoseTrack | None, drawn: Iterable[Box] = ()) -> None:
        self._recording = recording
        self._track = track
        self._drawn = covered_boxes(drawn)
        self._eye = CenterFace(pixels=SEARCH_PIXELS, cut_off=CUT_OFF)
        self._memory = FaceMemory(recording)
        self._reader = FrameReader(recording)

    def close(self) -> None:
        self._memory.save()
        self._reader.close()

    def at(self, seconds: float, *, report: Report, cancel: CancelToken) -> HiddenFrame:
        """The frame on screen at `seconds`. Raises UserError when it cannot be hidden, and Cancelled."""
        report(Progress(_WHAT, 0.0))
        shown = self._reader.frame_at(seconds)
        stretch = stretch_about(self._recording.duration, shown.time)
        text = text_of_recording(
            self._recording, stretch, report=share_of(report, 0.0, _TEXT_SHARE), cancel=cancel
        )
        report(Progress(_WHAT, _TEXT_SHARE))
        hider = PictureHider(self._track, text=text, drawn=self._drawn, eye=self._eye, memory=self._memory)
        return self._hidden(hider, shown, cancel)

    def _hidden(self, hider: PictureHider, shown: Frame, cancel: CancelToken) -> HiddenFrame:
        """The frame hidden by what is found in it and in its neighbours up to `NEAR` before and after it."""
        self._offer(hider, shown.time - NEAR, shown.time, cancel)
        hider.hide(shown.image, shown.time)  # searches the frame itself, as none after it has been searched
        self._offer(hider, shown.time, shown.time + NEAR, cancel)
        hider.end()
        return HiddenFrame(shown.time, shown.number, hider.hide(shown.image, shown.time))

    def _offer(self, hider: PictureHider, start: float, end: float, cancel: CancelToken) -> None:
        for frame in self._reader.frames(start, end):
            cancel.check()
            if frame.time >= start:  # the first one may be of before, and tells nothing
                hider.offer(frame.image, frame.time)
