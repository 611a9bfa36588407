"""The places that a person has drawn over the picture, to be covered in clips: kept with the recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.deidentify.drawn_covers import CoversByRecording, DrawnCovers
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.core.study.edits import Edit


class PlacesToCover:
    """Drawing has an undo by itself; what was drawn becomes one edit of the study when the drawing ends."""

    def __init__(self, opened: OpenedRecording, study: OpenedStudy, drawn: CoversByRecording) -> None:
        """`drawn` are those of this window, with what undoes them."""
        self._opened = opened
        self._study = study
        self._drawn = drawn

    def covers(self) -> DrawnCovers:
        """The places of the open recording, to be changed; none that are kept without one."""
        recording = self._opened.recording
        if recording is None:
            return DrawnCovers()
        kept = self._study.content.hidden_places.get(recording.picture_key, ())
        return self._drawn.of(recording, kept, can_keep=not self._study.read_only)

    def elsewhere(self) -> int:
        """How many places the study keeps for the mirrored or another picture of the open recording."""
        shown = self._opened.recording and self._opened.recording.picture_key
        kept = self._study.content.hidden_places.items()
        return sum(len(boxes) for picture, boxes in kept if picture != shown)

    def keep(self, covers: DrawnCovers, recording: Recording | None) -> None:
        """Keep the places of this recording in its study, unless another one is open or nothing changed."""
        if recording is not None and recording is self._opened.recording and not self._study.read_only:
            self._study.apply(lambda: self._edit(covers, recording), done="places to cover saved")

    def _edit(self, covers: DrawnCovers, recording: Recording) -> Edit | None:
        from app.core.study.edits import SetHiddenPlaces

        before = self._study.content.hidden_places
        others = {key: boxes for key, boxes in before.items() if key != recording.picture_key}
        after = {**others, recording.picture_key: covers.places} if covers.places else others
        return None if after == dict(before) else SetHiddenPlaces(self._study.opened(), before, after)
