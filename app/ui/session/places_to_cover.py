"""The places that a person has drawn over the picture, to be covered in clips: kept with the recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.deidentify.drawn_covers import CoversByRecording, DrawnCovers
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.edits import Edit
    from app.core.study.hidden_places import HiddenPlaces


class PlacesToCover:
    """Drawing has an undo by itself; what was drawn becomes one edit of the study when the drawing ends."""

    def __init__(self, opened: OpenedRecording, study: OpenedStudy, drawn: CoversByRecording) -> None:
        """`drawn` are those of this window, with what undoes them."""
        self._opened = opened
        self._study = study
        self._drawn = drawn
        self._before: HiddenPlaces = {}

    def covers(self) -> DrawnCovers:
        """The places of the open recording, to be changed from now on; none that are kept without one."""
        recording = self._opened.recording
        if recording is None:
            return DrawnCovers()
        self._before = dict(self._study.content.hidden_places)
        kept = self._before.get(recording.picture_key, ())
        return self._drawn.of(self._study.folder, recording, kept, can_keep=not self._study.read_only)

    @property
    def shown(self) -> tuple[Box, ...]:
        """The places that the study held when it was last looked at, or that were kept in it since."""
        recording = self._opened.recording
        return () if recording is None else self._before.get(recording.picture_key, ())

    def elsewhere(self) -> int:
        """How many places the study keeps for the mirrored or another picture of the open recording."""
        shown = self._opened.recording and self._opened.recording.picture_key
        kept = self._study.content.hidden_places.items()
        return sum(len(boxes) for picture, boxes in kept if picture != shown)

    def keep(self, covers: DrawnCovers, recording: Recording | None) -> None:
        """Keep the places of this recording in its study, unless another one is open or nothing was drawn.

        It is a change of what the study held when the drawing began, so that no place that somebody else has
        added since is taken away: then it is refused.
        """
        if recording is None or recording is not self._opened.recording or self._study.read_only:
            return
        before = self._before
        others = {key: boxes for key, boxes in before.items() if key != recording.picture_key}
        after = {**others, recording.picture_key: covers.places} if covers.places else others
        if after != before and self._study.apply(
            lambda: self._edit(before, after), done="places to cover saved"
        ):
            self._before = after

    def _edit(self, before: HiddenPlaces, after: HiddenPlaces) -> Edit:
        from app.core.study.edits import SetHiddenPlaces

        return SetHiddenPlaces(self._study.opened(), before, after)
