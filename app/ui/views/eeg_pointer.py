"""Mouse and keys of an EEG page: showing a frame, scrubbing, measuring, turning, zooming, choosing and
moving rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

from app.ui.session.session import Session
from app.ui.views.eeg_page import EegPageView
from app.ui.views.eeg_row_drag import RowDrag
from app.ui.views.focus_ring import by_keyboard

NOTCH = 120
"""What a wheel gives for one step."""

_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class EegPointer(QObject):
    """Watches the events of a page."""

    menu_wanted = Signal(str, QPoint)
    """A menu for the row with this key, at a place of the screen."""

    def __init__(self, page: EegPageView, session: Session) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._display = session.eeg
        self._scrubbing = False
        self._resume = False
        self._measured: tuple[float, str] | None = None
        self._panning: float | None = None
        self._drag = RowDrag(page, session.eeg)
        self._turned = 0
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if watched is not self._page or self._display.file is None:
            return False
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if isinstance(event, QWheelEvent):
            self._turn_wheel(event)
            return True
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._press_key(event)
        if isinstance(event, QContextMenuEvent):
            self._ask_menu(event)
            return True
        if isinstance(event, QFocusEvent):
            self._page.focused_by_key = event.gotFocus() and by_keyboard(event)
            self._page.refresh()
        return False

    # the mouse

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind, position = event.type(), event.position()
        if kind is QEvent.Type.MouseButtonPress or kind is QEvent.Type.MouseButtonDblClick:
            self._press(event, position)
        elif kind is QEvent.Type.MouseMove:
            self._move(position)
        elif kind is QEvent.Type.MouseButtonRelease:
            self._release(position)
        return True

    def _press(self, event: QMouseEvent, position: QPointF) -> None:
        if event.button() is _MIDDLE:
            self._panning = position.x()
        if event.button() is not _LEFT:
            return
        self._page.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._page.over_names(position):
            self._drag.press(self._key_at(position), position)
        elif event.modifiers() & _SHIFT or self._session.eeg_selection.measuring:
            self._measured = (self._seconds(position), self._key_at(position))
            self._session.eeg_selection.clear()
        else:
            self._begin_scrub(position)

    def _move(self, position: QPointF) -> None:
        if self._drag.held:
            self._drag.move(position)
        elif self._panning is not None:
            by = (self._panning - position.x()) / self._page.canvas().pixels_per_second
            self._panning = position.x()
            self._display.position.go_to(self._display.position.start + by)
        elif self._measured is not None:
            start, row = self._measured
            self._session.eeg_selection.drag(start, self._seconds(position), row)
        elif self._scrubbing:
            self._display.seek(self._seconds(position), exact=False)

    def _release(self, position: QPointF) -> None:
        self._panning = None
        if self._drag.held:
            if not self._drag.release():
                self._choose(self._key_at(position))
        elif self._measured is not None:
            self._measured = None
            self._session.eeg_selection.share()
        elif self._scrubbing:
            self._scrubbing = False
            self._display.seek(self._seconds(position))
            if self._resume:
                self._session.playback.play()

    def _begin_scrub(self, position: QPointF) -> None:
        playing = self._session.playback.playing
        self._scrubbing, self._resume = True, playing and not self._display.position.held.on
        if self._resume:
            self._session.playback.pause()
        self._display.seek(self._seconds(position), exact=False)

    def _seconds(self, position: QPointF) -> float:
        """The moment at a place, kept on the page."""
        canvas = self._page.canvas()
        return canvas.seconds_at(min(max(position.x(), canvas.plot.left()), canvas.plot.right() - 1e-3))

    def _key_at(self, position: QPointF) -> str:
        number = self._page.row_at(position)
        return "" if number is None else self._display.keys[number]

    def _choose(self, key: str) -> None:
        """Choose a row, or none when it is chosen already."""
        self._display.choose_row("" if key == self._display.row else key)

    # the wheel

    def _turn_wheel(self, event: QWheelEvent) -> None:
        event.accept()
        smooth = event.pixelDelta()
        if not smooth.isNull() and not event.modifiers():
            by = -(smooth.x() or smooth.y()) / self._page.canvas().pixels_per_second
            self._display.position.go_to(self._display.position.start + by)
            return
        angle = event.angleDelta()
        self._turned += angle.y() or angle.x()  # with Alt, and on some systems with Shift, it is sideways
        steps, self._turned = int(self._turned / NOTCH), self._turned - NOTCH * int(self._turned / NOTCH)
        if not steps:
            return
        if event.modifiers() & _CTRL:
            anchor = self._seconds(event.position())
            self._display.position.change_length(-steps, anchor)
        elif event.modifiers() & _SHIFT:
            self._display.change_sensitivity(steps)
        else:
            self._display.position.turn(-steps)

    # keys, while the keyboard is in the page

    def _press_key(self, event: QKeyEvent) -> bool:
        display = self._display
        if self._drag.held and event.key() == Qt.Key.Key_Escape:
            self._drag.cancel()
            return True
        actions = {
            Qt.Key.Key_PageUp: lambda: display.position.turn(-1),
            Qt.Key.Key_PageDown: lambda: display.position.turn(1),
            Qt.Key.Key_Up: lambda: self._step_row(-1),
            Qt.Key.Key_Down: lambda: self._step_row(1),
            Qt.Key.Key_Left: lambda: self._step_second(-1),
            Qt.Key.Key_Right: lambda: self._step_second(1),
            Qt.Key.Key_Home: lambda: display.seek(display.position.start),
            Qt.Key.Key_End: lambda: display.seek(display.position.end - 1e-3),
        }
        action = actions.get(Qt.Key(event.key()))
        if action is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        action()
        return True

    def _step_second(self, by: int) -> None:
        playback, position = self._session.playback, self._display.position
        if not position.held.on:
            playback.seek(playback.cursor + by)
            return
        point = position.held.point
        moment = (position.start if point is None else point) + by
        position.held.choose(moment)
        position.show(moment)

    def _step_row(self, by: int) -> None:
        keys, row = self._display.keys, self._display.row
        if keys:
            now = keys.index(row) if row in keys else (-1 if by > 0 else len(keys))
            self._display.choose_row(keys[min(max(now + by, 0), len(keys) - 1)])

    def _ask_menu(self, event: QContextMenuEvent) -> None:
        event.accept()
        place = QPointF(event.pos())
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            key, where = self._display.row, self._row_corner()
        else:
            key, where = self._key_at(place), event.globalPos()
        self.menu_wanted.emit(key, where)

    def _row_corner(self) -> QPoint:
        """Next to the name of the chosen row."""
        keys, row = self._display.keys, self._display.row
        height = self._page.row_middle(keys.index(row)) if row in keys else self._page.axis_height
        return self._page.mapToGlobal(QPointF(self._page.names_width, height).toPoint())
