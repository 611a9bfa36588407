"""Aligning a further camera with the recording: by hand, by one moment, by times of day, by the sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.core.study.camera_places import FARTHEST, offset_text
from app.ui.dialogs.form import button, lay_out, sentence, side_by_side, title
from app.ui.session.session import Session
from app.ui.theme import body_font

if TYPE_CHECKING:
    from app.core.jobs import Progress
    from app.ui.player.cameras import Companion

_HINT = "A positive number: this camera began earlier than the main recording."


class AlignDialog(QDialog):
    """A dialog next to the picture, which shows each change at once; no proposal is taken unasked."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        title(self, "Align the cameras")
        self._cameras = session.cameras
        self.which = QComboBox()
        self.which.setAccessibleName("Camera")
        self.which.activated.connect(self._choose)
        self.seconds = self._spin()
        self.by_clock = button("By time of day", self._take_clock)
        self.by_moment = button("", self._cameras.aligning.mark)
        self.by_sound = button("By the sound", self._listen)
        self.take = button("Apply", self._take_sound)
        self.clock_words, self.moment_words, self.sound_words = (sentence(small=True) for _ in range(3))
        self._compose()
        self._cameras.changed.connect(self._show)
        self._cameras.aligning.sound.progressed.connect(self._on_progress)
        self._show()

    def _spin(self) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setRange(-FARTHEST, FARTHEST)
        spin.setDecimals(3)
        spin.setSuffix(" s")
        spin.setKeyboardTracking(False)
        spin.setFont(body_font())
        spin.setAccessibleName("Seconds by which the camera began earlier")
        spin.valueChanged.connect(self._set)
        return spin

    def _compose(self) -> None:
        earlier, later = (
            button("◂ frame", lambda: self._nudge(-1)),
            button("frame ▸", lambda: self._nudge(1)),
        )
        earlier.setAccessibleName("Show the previous frame")
        later.setAccessibleName("Show the next frame")
        self.offset_text = sentence(small=True)
        by_hand = side_by_side(self.seconds, earlier, later, self.offset_text, growing=self.offset_text)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(10)
        rows = (
            (self.by_moment, self.moment_words),
            (self.by_clock, self.clock_words),
            (self.by_sound, self.sound_words),
        )
        for row, (way, words) in enumerate(rows):
            grid.addWidget(way, row, 0)
            grid.addWidget(words, row, 1)
        grid.setColumnStretch(1, 1)
        column = lay_out(self, self.which, by_hand, grid)
        column.addWidget(self.take, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(520)
        self.seconds.setToolTip(_HINT)

    # what it shows

    @property
    def camera(self) -> Companion | None:
        return self._cameras.chosen

    def _show(self) -> None:
        camera = self.camera
        if camera is None:
            self.close()
            return
        self.which.clear()
        for one in self._cameras.shown:
            self.which.addItem(plain(one.name, 80))
        self.which.setCurrentIndex(self._cameras.shown.index(camera))
        self._show_offset(camera)
        self._show_moment(camera)
        self._show_clock(camera)
        self._show_sound(camera)

    def _show_offset(self, camera: Companion) -> None:
        self.seconds.blockSignals(True)
        video = camera.recording.video if camera.recording is not None else None
        self.seconds.setSingleStep(1 / video.rate if video is not None and video.rate > 0 else 0.04)
        self.seconds.setValue(camera.offset)
        self.seconds.blockSignals(False)
        self.seconds.setEnabled(camera.recording is not None)
        self.offset_text.setText(offset_text(camera.offset))

    def _show_moment(self, camera: Companion) -> None:
        moment = self._cameras.aligning.moment
        marked = moment is not None and moment.camera is camera
        self.by_moment.setText("It is here in this camera" if marked else "Mark the same moment")
        self.by_moment.setEnabled(camera.recording is not None)
        self.moment_words.setText(
            "Now go to where this camera shows that moment, and press again."
            if marked
            else "Go to a moment that both show, as a lamp switched on; press; then find it in this camera."
        )

    def _show_clock(self, camera: Companion) -> None:
        offset = self._cameras.aligning.clock_offset(camera)
        self.by_clock.setEnabled(offset is not None)
        self.clock_words.setText(
            "The files do not say when they began, or would not overlap by it."
            if offset is None
            else f"By their clocks it {offset_text(offset)}; such clocks are rarely right to the second."
        )

    def _show_sound(self, camera: Companion) -> None:
        aligning = self._cameras.aligning
        listening = aligning.listening is not None
        proposal = aligning.proposal
        found = proposal.found if proposal is not None and proposal.camera is camera else None
        self.by_sound.setText("Stop" if listening else "By the sound")
        self.by_sound.setEnabled(camera.recording is not None)
        self.take.setVisible(found is not None and found.offset is not None)
        if found is not None and found.offset is not None:
            words = f"By the sound it {offset_text(found.offset)} (confidence {found.confidence} of 100)."
        elif found is not None:
            words = f"Not known: {found.why}"
        elif listening:
            words = self.sound_words.text() or "Listening…"
        else:
            words = "Listens to five minutes around the cursor in both; proposes, and changes nothing."
        self.sound_words.setText(words)

    def _on_progress(self, progress: Progress) -> None:
        if self._cameras.aligning.listening is not None:
            self.sound_words.setText(f"Listening… {progress.done:.0%}")

    # what it does

    def _choose(self, number: int) -> None:
        self._cameras.choose(self._cameras.shown[number])

    def _set(self, seconds: float) -> None:
        if self.camera is not None:
            self._cameras.shift(self.camera, seconds)

    def _nudge(self, frames: int) -> None:
        self._cameras.nudge(frames)

    def _take_clock(self) -> None:
        camera = self.camera
        offset = self._cameras.aligning.clock_offset(camera) if camera is not None else None
        if camera is not None and offset is not None:
            self._cameras.set_offset(camera, offset)

    def _listen(self) -> None:
        aligning = self._cameras.aligning
        if aligning.listening is not None:
            aligning.sound.cancel()
        elif self.camera is not None:
            aligning.listen(self.camera)

    def _take_sound(self) -> None:
        proposal = self._cameras.aligning.proposal
        if proposal is not None and proposal.found.offset is not None:
            self._cameras.set_offset(proposal.camera, proposal.found.offset)
