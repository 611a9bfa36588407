"""The pictures of several cameras: the stage that places them, and the tile of each further one."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.core.plain_text import plain
from app.core.study.camera_places import offset_text
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.camera_layout import HEADER, large_and_strip, side_by_side
from app.ui.views.camera_picture import CameraPicture
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.ui.player.cameras import Companion

_SMALLEST = QSize(240, 160)
_ROOMY = 260
"""Pixels of width from which on a tile has room for words beside its name."""
_QUIET = "QToolButton { background: transparent; padding: 2px 3px; }"


class _Name(QLabel):
    """A file's name on one line, shortened in the middle where it does not fit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(small_font())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_name(self, name: str) -> None:
        self._whole = plain(name, 200)
        self._elide()

    def _elide(self) -> None:
        width = max(self.width(), 1)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()


def _button(text: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tool_tip(tip))
    button.setAccessibleName(tip)
    button.setFont(small_font())
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class CameraTile(QWidget):
    """One further camera: its name, its offset, and its picture or the reason why there is none.

    A click or Return makes it large; the window decides what `align_requested` and `find_requested` do.
    """

    align_requested = Signal(object)
    find_requested = Signal(object)

    def __init__(self, session: Session, camera: Companion, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.camera = camera
        self._ring = self._marking = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._name = _Name(self)
        self.offset = _button("", "Align this camera with the recording", self)
        self.offset.clicked.connect(lambda: self.align_requested.emit(camera))
        self.find_button = _button("Find…", "Choose the file of this camera", self)
        self.find_button.clicked.connect(lambda: self.find_requested.emit(camera))
        self.open_button = _button("Open", "Open this camera's file at the place that the study names", self)
        self.open_button.clicked.connect(lambda: session.cameras.open_offered(camera))
        self.close_button = _button("✕", "Close this camera", self)
        self.close_button.clicked.connect(lambda: session.cameras.remove(camera))
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 2, 0)
        row.setSpacing(2)
        row.addWidget(self._name, 1)
        for button in (self.offset, self.open_button, self.find_button, self.close_button):
            row.addWidget(button)
        self.close_button.setFixedWidth(24)
        self._header = QWidget(self)
        self._header.setLayout(row)
        self._header.setStyleSheet(_QUIET)
        self.picture = CameraPicture(session, camera, self)
        self.picture.clicked.connect(self._swap)
        session.cameras.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show the state of the camera."""
        camera, cameras = self.camera, self._session.cameras
        if camera not in cameras.shown:
            return
        self.setToolTip(tool_tip(plain(camera.name, 300)))
        self.setAccessibleName(f"Camera {plain(camera.name, 100)}")
        self._marking = cameras.aligning.moment is not None and cameras.aligning.moment.camera is camera
        self.offset.setToolTip(tool_tip(f"It {offset_text(camera.offset)}; click to align it"))
        self.offset.setAccessibleName(f"{offset_text(camera.offset)}, align this camera")
        self.offset.setVisible(camera.recording is not None)
        self.find_button.setVisible(cameras.is_missing(camera))
        self.open_button.setVisible(cameras.offered(camera) is not None)
        self._arrange()
        self.update()

    def _arrange(self) -> None:
        name = PurePath(self.camera.name)
        heard = "♪ " if self._session.cameras.heard is self.camera else ""
        self._name.show_name(heard + (name.name if self.width() >= _ROOMY else name.stem))
        self.offset.setText(self._short_offset())
        self._header.setGeometry(0, 0, self.width(), HEADER)
        self.picture.setGeometry(0, HEADER, self.width(), max(self.height() - HEADER, 1))
        self.picture.arrange()

    def _short_offset(self) -> str:
        """The offset as text, or where space is short as a number that is positive when earlier."""
        offset = self.camera.offset
        if self._marking:
            return "same moment?" if self.width() >= _ROOMY else "?"
        if self.width() >= _ROOMY:
            return offset_text(offset).removeprefix("begins ").removeprefix("is ")
        return f"{offset:+.{2 if abs(offset) < 10 else 0}f} s".replace("-", "−")

    # painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._session.appearance.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self._session.cameras.chosen is self.camera and len(self._session.cameras.shown) > 1:
            painter.fillRect(QRect(0, HEADER - 2, self.width(), 2), QColor(theme.edge))
        if self._ring:
            paint_ring(painter, self, theme)

    # events of Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = by_keyboard(event)
        self._session.cameras.choose(self.camera)
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring = False
        self.update()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._swap()
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._swap()

    def _swap(self) -> None:
        cameras = self._session.cameras
        if cameras.side_by_side:
            cameras.choose(self.camera)
            return
        cameras.enlarge(None if cameras.large is self.camera else self.camera)


class CameraStage(QWidget):
    """Places the leading picture, which it is given, and the tiles of the further cameras.

    Without further cameras the leading picture has all the room and nothing is painted over it.
    """

    align_requested = Signal(object)
    find_requested = Signal(object)

    def __init__(self, session: Session, leading: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._leading = leading
        self._tiles: dict[Companion, CameraTile] = {}
        leading.setParent(self)
        leading.setMinimumSize(1, 1)  # this widget has the least size of both
        leading.installEventFilter(self)
        self.setMinimumSize(_SMALLEST)
        self._name = _Name(self)
        self._name.setContentsMargins(6, 0, 6, 0)
        self._name.hide()
        session.cameras.changed.connect(self._on_cameras)
        session.patient.drawing_changed.connect(self._on_drawing)
        session.opened.recording_changed.connect(self._recompose)
        session.appearance.theme_changed.connect(self._recompose)

    def sizeHint(self) -> QSize:
        return self._leading.sizeHint()

    def _on_drawing(self, drawing: bool) -> None:
        if drawing:
            self._session.cameras.enlarge(None)  # the box is drawn in the leading picture

    def _recompose(self) -> None:
        self._on_cameras()
        self.update()

    def _on_cameras(self) -> None:
        shown = self._session.cameras.shown
        for camera in tuple(self._tiles):
            if camera not in shown:
                tile = self._tiles.pop(camera)
                tile.hide()
                tile.deleteLater()
        for camera in shown:
            if camera not in self._tiles:
                tile = CameraTile(self._session, camera, self)
                tile.align_requested.connect(self.align_requested)
                tile.find_requested.connect(self.find_requested)
                tile.show()
                self._tiles[camera] = tile
        recording = self._session.opened.recording
        self._name.setVisible(bool(shown))
        self._name.show_name(f"main · {recording.name}" if recording is not None else "")
        self._arrange()

    def _arrange(self) -> None:
        large = self._session.cameras.large
        if not self._tiles:
            self._leading.setGeometry(self.rect())
            return
        if self._session.cameras.side_by_side:
            places = side_by_side(self.size(), 1 + len(self._tiles))
            order: list[CameraTile | None] = [None, *self._tiles.values()]
        else:
            places = large_and_strip(self.size(), len(self._tiles))
            tiles = [tile for camera, tile in self._tiles.items() if camera is not large]
            order = [None, *tiles] if large is None else [self._tiles[large], None, *tiles]
        for tile, place in zip(order, places, strict=True):
            if tile is not None:
                tile.setGeometry(place)
            else:
                self._name.setGeometry(place.left(), place.top(), place.width(), HEADER)
                self._leading.setGeometry(place.adjusted(0, HEADER, 0, 0))

    def _leads_small(self) -> bool:
        cameras = self._session.cameras
        return bool(self._tiles) and cameras.large is not None and not cameras.side_by_side

    # events of Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        """Make the leading picture large again at a click while it is small."""
        if watched is self._leading and self._leads_small():
            if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
                return True
            if event.type() == QEvent.Type.MouseButtonRelease:
                self._session.cameras.enlarge(None)
                return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._session.appearance.theme.window))
        if self._name.isVisible():
            painter.fillRect(self._name.geometry(), QColor(self._session.appearance.theme.panel))
