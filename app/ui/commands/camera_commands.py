"""The commands for further cameras: adding, displaying, aligning, and their dialogs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from app.core.recording.presentation import presentation_from_dict, presentation_to_dict
from app.core.settings import with_look
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.cameras import CameraStage

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.ui.dialogs.align_camera import AlignDialog
    from app.ui.player.cameras import Companion

_MARGIN = QPoint(24, 48)


def _look_key(camera: Companion, recording: Recording) -> str:
    """The key of a camera's stored presentation; a track of the leading file has a separate one."""
    chosen = "" if camera.picture is None else f"-picture{camera.picture}"
    return recording.fingerprint + chosen


class CameraDialogs(QObject):
    """Opens the dialogs of cameras and stores whether the pictures have one size."""

    def __init__(
        self, window: QWidget, session: Session, memory: Memory, stage: CameraStage, patterns: str
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._patterns = patterns
        self._aligning: AlignDialog | None = None
        self._recalled: set[Companion] = set()
        stage.align_requested.connect(self.align)
        stage.find_requested.connect(self.find)
        session.cameras.set_side_by_side(memory.settings.cameras_side_by_side)
        session.cameras.changed.connect(self._recall_looks)

    def commands(self) -> tuple[Command, ...]:
        return (*self._showing(), *self._fitting())

    def _showing(self) -> tuple[Command, ...]:
        cameras = self._session.cameras
        row = rows_of(Menu.CAMERAS)
        return (
            row(
                "add_camera",
                "Add a camera…",
                ("Alt+N",),
                "Show another recording of the same event next to this one.",
                self.add,
            ),
            row(
                "add_pictures",
                "Add the other pictures of this file",
                (),
                "Show the other picture tracks of this file next to this one.",
                cameras.add_pictures,
            ),
            row(
                "close_camera", "Close the camera", (), "Stop showing this camera; can be undone.", self.close
            ),
            row(
                "next_camera",
                "Enlarge the next camera",
                ("Alt+L",),
                "Swap which picture is large; the time stays the same.",
                cameras.enlarge_next,
                parted=True,
            ),
            row(
                "cameras_alike",
                "Pictures of equal size",
                ("Alt+E",),
                "All cameras side by side.",
                self.toggle_side_by_side,
                checked=lambda: cameras.side_by_side,
            ),
            row(
                "turn_camera",
                "Rotate the camera's picture",
                ("Alt+T",),
                "Rotate its picture by 90°.",
                self.turn,
            ),
            row(
                "hear_camera",
                "Play the camera's sound",
                ("Alt+U",),
                "Its sound instead of the main recording's.",
                lambda: cameras.hear(None if cameras.heard is cameras.chosen else cameras.chosen),
                checked=lambda: cameras.heard is not None,
            ),
        )

    def _fitting(self) -> tuple[Command, ...]:
        cameras = self._session.cameras
        row = rows_of(Menu.CAMERAS)
        return (
            row(
                "align_camera",
                "Align the cameras…",
                ("Alt+O",),
                "Manually, by one moment, by the time of day or by the sound.",
                self.align,
                parted=True,
            ),
            row(
                "same_moment",
                "Mark the same moment",
                ("Alt+S",),
                "Mark a moment in the main picture, then the same moment in the camera's picture.",
                cameras.aligning.mark,
            ),
            row(
                "camera_before",
                "Camera: one frame back",
                ("Alt+,",),
                "Shift the camera's clock by one frame.",
                lambda: cameras.nudge(-1),
            ),
            row(
                "camera_after",
                "Camera: one frame forward",
                ("Alt+.",),
                "Shift the camera's clock by one frame.",
                lambda: cameras.nudge(1),
            ),
        )

    # what they do

    def add(self) -> None:
        """Ask for further recordings of the same event."""
        from PySide6.QtWidgets import QFileDialog

        recording = self._session.opened.recording
        if recording is None:
            return
        names, _ = QFileDialog.getOpenFileNames(
            self._window,
            "Add cameras of the same event",
            str(recording.path.parent),
            f"Recordings ({self._patterns} {self._patterns.upper()});;All files (*)",
        )
        self._session.cameras.add([Path(name) for name in names])

    def close(self) -> None:
        camera = self._session.cameras.chosen
        if camera is not None:
            self._session.cameras.remove(camera)

    def toggle_side_by_side(self) -> None:
        cameras = self._session.cameras
        cameras.set_side_by_side(not cameras.side_by_side)
        self._memory.change(cameras_side_by_side=cameras.side_by_side)

    def _recall_looks(self) -> None:
        """Present cameras as they were last presented, here or opened alone."""
        cameras = self._session.cameras
        for camera in cameras.shown:
            if camera.recording is not None and camera not in self._recalled:
                self._recalled.add(camera)
                kept = self._memory.settings.looks.get(_look_key(camera, camera.recording), {})
                cameras.set_look(camera, presentation_from_dict(kept))
        self._recalled.intersection_update(cameras.shown)

    def turn(self) -> None:
        """Turn the chosen camera's picture, also for the next time."""
        cameras = self._session.cameras
        camera = cameras.chosen
        if camera is None or camera.recording is None:
            self._session.status.say("there is no camera to rotate")
            return
        look = cameras.look_of(camera)
        look = replace(look, orientation=look.orientation.turned(1))
        cameras.set_look(camera, look)
        key = _look_key(camera, camera.recording)
        kept = with_look(self._memory.settings, key, presentation_to_dict(look))
        self._memory.replace(kept)

    def align(self, camera: Companion | None = None) -> None:
        """Show the dialog, for this camera or the chosen one."""
        from app.ui.dialogs.align_camera import AlignDialog

        if camera is not None:
            self._session.cameras.choose(camera)
        if self._session.cameras.chosen is None:
            self._session.status.say("there is no camera to align")
            return
        if self._aligning is None:
            self._aligning = AlignDialog(self._session, self._window)
            self._aligning.destroyed.connect(self._forget_dialog)
            # Beside the pictures: what it changes is seen there.
            self._aligning.adjustSize()
            corner = self._window.mapToGlobal(self._window.rect().bottomRight())
            self._aligning.move(corner - self._aligning.rect().bottomRight() - _MARGIN)
        self._aligning.show()
        self._aligning.raise_()

    def _forget_dialog(self) -> None:
        self._aligning = None

    def find(self, camera: Companion) -> None:
        """Ask where the camera's file is now."""
        from PySide6.QtWidgets import QFileDialog

        recording = self._session.opened.recording
        start = str(recording.path.parent) if recording is not None else ""
        name, _ = QFileDialog.getOpenFileName(self._window, f"Where is {camera.name}?", start)
        if name:
            self._session.cameras.find(camera, Path(name))
