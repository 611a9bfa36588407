"""Further cameras of the open recording: which are shown, which is large, and their clocks' offsets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.recording.presentation import PLAIN, Presentation
from app.core.study.camera_places import (
    FARTHEST,
    StoredPlace,
    find_at,
    find_same,
    offset_text,
    short_name,
    track_name,
)
from app.ui.session.camera_alignment import Aligning
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.playback import Playback
from app.ui.session.sound import RecordingSound
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.core.study.cameras import Camera
    from app.core.study.edits import Edit
    from app.ui.player.cameras import Companion
    from app.ui.player.player import Player

_CALM = 700
"""Milliseconds without a further nudge after which the offset is kept: one row of the history, not twenty."""


class Cameras(QObject):
    """The further cameras of the open recording. What is changed is kept in the study, as one edit.

    The open recording leads: its clock is the study's, and every label belongs to it.
    """

    changed = Signal()
    """Which there are, their offsets, which picture is large, what is known for aligning them."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        playback: Playback,
        sound: RecordingSound,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._opened_study = study
        self._sound = sound
        self._status = status
        self._player: Player | None = None
        self._kept: dict[Companion, Camera | None] = {}
        self._places: dict[Companion, StoredPlace] = {}
        self._stored: tuple[Camera, ...] = ()
        self._large: Companion | None = None
        self._looks: dict[Companion, Presentation] = {}
        self._chosen: Companion | None = None
        self._side_by_side = False
        self.aligning = Aligning(opened, playback, status, self, self)
        self.aligning.changed.connect(self.changed)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self.keep)
        opened.recording_changed.connect(self._on_recording)
        study.edited.connect(self._on_edit)
        study.reread.connect(self._load)

    # what there is

    @property
    def shown(self) -> tuple[Companion, ...]:
        """The cameras in the order in which they were added."""
        return tuple(self._kept)

    @property
    def large(self) -> Companion | None:
        """The camera whose picture is large; None is the leading one."""
        return self._large

    @property
    def chosen(self) -> Companion | None:
        """The camera that commands speak of; None without cameras."""
        return self._chosen if self._chosen in self._kept else next(iter(self._kept), None)

    @property
    def side_by_side(self) -> bool:
        """Whether all pictures are of one size."""
        return self._side_by_side

    def is_missing(self, camera: Companion) -> bool:
        """Whether the camera is kept, and its file could not be opened."""
        return camera.recording is None and self._kept.get(camera) is not None and bool(camera.words)

    def offered(self, camera: Companion) -> Path | None:
        """A place that the study names for a missing camera and that is opened only when somebody asks."""
        place = self._places.get(camera)
        return place.offered if place is not None and self.is_missing(camera) else None

    # which are shown

    def use(self, player: Player) -> None:
        """Let the cameras follow this player."""
        self._player = player

    def add(self, paths: Iterable[Path]) -> None:
        """Show further recordings of the same event; what cannot be shown is said."""
        from app.core.study.cameras import MOST_CAMERAS

        recording = self._opened.recording
        if recording is None or self._player is None:
            return
        for path in paths:
            if len(self._kept) >= MOST_CAMERAS:
                most = f"At most {MOST_CAMERAS + 1} cameras can be shown at once; close one first."
                self._status.show_message(most)
                break
            self._made(path.name, 0.0, None).open(find_at(path))
        self.changed.emit()

    def add_pictures(self) -> None:
        """Show the other picture tracks of the open recording, on its clock."""
        from app.core.study.cameras import MOST_CAMERAS

        recording = self._opened.recording
        if recording is None or self._player is None:
            return
        shown = {recording.picture, *(camera.picture for camera in self._kept)}
        moving = (number for number, track in enumerate(recording.pictures) if track.packets > 1)
        others = [number for number in moving if number not in shown]
        if not others:
            self._status.say("this file holds no other picture")
        for number in others[: MOST_CAMERAS - len(self._kept)]:
            self._made(track_name(recording.name, number), 0.0, None).open(find_at(recording.path), number)
        self.changed.emit()

    def remove(self, camera: Companion) -> None:
        """Show this camera no more; undo brings it back."""
        self._forget(camera)
        self.keep()
        self._status.say(f"closed {short_name(camera.name)}; Undo brings it back")
        self.changed.emit()

    def open_offered(self, camera: Companion) -> None:
        """Open the place that the study names for this camera."""
        place = self.offered(camera)
        if place is not None:
            self.find(camera, place)

    def find(self, camera: Companion, path: Path) -> None:
        """The camera's file lies here now; another recording is refused."""
        kept = self._kept.get(camera)
        if kept is not None:
            camera.open(find_same(kept, path), kept.track)
            self.changed.emit()

    # how they are shown and heard

    @property
    def heard(self) -> Companion | None:
        """The camera whose sound is heard; None is the leading recording."""
        return self._sound.camera

    def hear(self, camera: Companion | None) -> None:
        """Hear this camera in place of the leading recording, or that again."""
        if camera is not None and (camera.recording is None or camera.recording.audio is None):
            self._status.say(f"{short_name(camera.name)} has no sound")
            return
        self._sound.hear(camera)
        self.changed.emit()

    def enlarge(self, camera: Companion | None) -> None:
        """Make one picture large; None is the leading one. The clock stays."""
        self._large = camera if camera in self._kept else None
        self._side_by_side = False
        if camera is not None:
            self._chosen = camera
        self.changed.emit()

    def enlarge_next(self) -> None:
        """Make the next picture large, after the last camera the leading one again."""
        order = [None, *self._kept]
        self.enlarge(order[(order.index(self._large) + 1) % len(order)])

    def choose(self, camera: Companion) -> None:
        """Let commands speak of this camera."""
        if camera in self._kept and camera is not self._chosen:
            self._chosen = camera
            self.changed.emit()

    def set_side_by_side(self, on: bool) -> None:
        self._side_by_side = on
        self.changed.emit()

    def look_of(self, camera: Companion) -> Presentation:
        """How the camera's picture is turned and lit."""
        return self._looks.get(camera, PLAIN)

    def set_look(self, camera: Companion, look: Presentation) -> None:
        """Show the camera's picture so."""
        if camera in self._kept and look != self.look_of(camera):
            self._looks[camera] = look
            self.changed.emit()

    # their clocks

    def set_offset(self, camera: Companion, seconds: float) -> None:
        """Let the camera's clock show so many seconds more than the leading one."""
        self._place(camera, seconds)
        self.keep()

    def shift(self, camera: Companion, seconds: float) -> None:
        """The same while somebody is still turning: kept when they rest."""
        self._place(camera, seconds)
        self._later.start()

    def nudge(self, frames: int) -> None:
        """Show the chosen camera so many of its frames further on."""
        camera = self.chosen
        if camera is None or camera.recording is None or camera.recording.video is None:
            self._status.say("there is no camera to shift")
            return
        self.shift(camera, camera.offset + frames / max(camera.recording.video.rate, 1.0))

    def _move(self, camera: Companion, seconds: float) -> None:
        camera.set_offset(seconds)
        if camera is self.heard:
            self.hear(camera)

    def _place(self, camera: Companion, seconds: float) -> None:
        seconds = round(min(max(seconds, -FARTHEST), FARTHEST), 9)
        kept = self._kept.get(camera)
        if kept is None:
            return
        self._move(camera, seconds)
        self._kept[camera] = replace(kept, offset=seconds)
        self._chosen = camera
        self._status.say(f"{short_name(camera.name)} {offset_text(seconds)}")
        self.changed.emit()

    # what is kept

    def keep(self) -> None:
        """Keep which cameras there are and their offsets, if that has changed."""
        from app.core.study.edits import SetCameras

        self._later.stop()
        after = tuple(camera for camera in self._kept.values() if camera is not None)
        number = self._opened_study.recording_number
        if after == self._stored or not number:
            return
        before, self._stored = self._stored, after
        # What cannot be kept is shown all the same until the recording is closed.
        if not self._opened_study.apply(lambda: SetCameras(number, before, after)):
            self._stored = before

    def keep_now(self) -> None:
        """Keep an offset that somebody is still turning, before another recording is opened."""
        if self._later.isActive():
            self.keep()

    def close(self) -> None:
        """End every camera; returns when their threads have ended."""
        self.keep_now()
        self._leave()

    def _leave(self) -> None:
        """End the cameras of the recording that was open."""
        self._later.stop()
        for camera in tuple(self._kept):
            self._forget(camera)
        self._stored, self._large = (), None

    def _on_recording(self) -> None:
        if self._kept or self._stored:
            self._leave()
            self.changed.emit()
        self._load()

    def _on_edit(self, edit: Edit) -> None:
        from app.core.study.edits import SetCameras

        if isinstance(edit, SetCameras):
            self._load()

    def _load(self) -> None:
        """Show what the study holds, also after an undo."""
        recording, study = self._opened.recording, self._opened_study
        if recording is None or study.folder is None or not study.recording_number or self._player is None:
            return
        stored = study.content.cameras
        if stored != self._stored:
            self._show(stored, study.folder, recording.path.parent)

    def _show(self, stored: tuple[Camera, ...], folder: Path, beside: Path) -> None:
        """Show these: those that are open already stay, only their offsets change."""
        from app.core.study.cameras import MOST_CAMERAS

        self._later.stop()
        self._stored = stored
        wanted = {camera.key for camera in stored}
        for companion, kept in tuple(self._kept.items()):
            if kept is not None and kept.key not in wanted:
                self._forget(companion)
        there = {kept.key: companion for companion, kept in self._kept.items() if kept is not None}
        # A study that was not written by this program may name any number of files.
        for camera in stored[:MOST_CAMERAS]:
            if camera.key not in there:
                name = camera.name if camera.track is None else track_name(camera.name, camera.track)
                made = self._made(name, camera.offset, camera)
                self._places[made] = StoredPlace(camera, folder, beside)
                made.open(self._places[made], camera.track)
            else:
                self._kept[there[camera.key]] = camera
                self._move(there[camera.key], camera.offset)
        self.changed.emit()

    def _made(self, name: str, offset: float, kept: Camera | None) -> Companion:
        from app.ui.player.cameras import Companion

        companion = Companion(name, offset, self)
        companion.opened.connect(lambda recording: self._on_opened(companion, recording))
        companion.failed.connect(lambda why: self._on_failed(companion, why))
        self._kept[companion] = kept
        if self._player is not None:
            self._player.companions.add(companion)
        return companion

    def _forget(self, camera: Companion) -> None:
        if camera is self.heard:
            self.hear(None)
        del self._kept[camera]
        self._looks.pop(camera, None)
        self._places.pop(camera, None)
        if self._player is not None:
            self._player.companions.remove(camera)
        if self._large is camera:
            self._large = None
        self.aligning.forget(camera)

    def _on_opened(self, camera: Companion, recording: Recording) -> None:
        from app.core.study.cameras import camera_of

        leader = self._opened.recording
        if leader is None or camera not in self._kept:
            return
        known = self._kept[camera]
        others = [one for one, kept in self._kept.items() if kept is not None and one is not camera]
        shown = {one.recording.picture_key for one in others if one.recording is not None}
        if known is not None and recording.picture_key == leader.picture_key:
            camera.refuse("The leading picture is this one now.")
            return
        if recording.picture_key in {leader.picture_key, *shown} or self._is_kept(recording, camera):
            self._status.show_message(f"“{recording.name}” is shown already.")
            self._forget(camera)
            self.changed.emit()
            return
        folder = self._opened_study.folder or leader.path.parent
        offset = camera.offset if known is not None else self._first_offset(camera)
        self._kept[camera] = camera_of(recording.path, recording.fingerprint, folder, offset, camera.picture)
        self.keep()
        self.changed.emit()

    def _is_kept(self, recording: Recording, camera: Companion) -> bool:
        """Whether another camera, whose file may be missing, is this recording."""
        key = recording.fingerprint, camera.picture
        return any(
            kept is not None and one is not camera and kept.key == key for one, kept in self._kept.items()
        )

    def _first_offset(self, camera: Companion) -> float:
        found, name = self.aligning.clock_offset(camera), short_name(camera.name)
        if found is None:
            self._status.say(f"{name} is shown in sync with the recording until you align it")
            return 0.0
        camera.set_offset(found)
        why = " by the cameras' clocks; check it" if camera.picture is None else ""
        self._status.say(f"{name} {offset_text(found)}{why}")
        return found

    def _on_failed(self, camera: Companion, why: str) -> None:
        """What was never shown is not kept; what was kept stays, with the reason in its tile."""
        if camera in self._kept and self._kept[camera] is None:
            self._forget(camera)
            self._status.show_message(why)
        self.changed.emit()
