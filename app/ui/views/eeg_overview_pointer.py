"""Mouse and keys of the overview: going to a moment, dragging the page, zooming, rhythmic stretches."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from app.core.eeg.displayed_file import annotations_between
from app.core.eeg.rhythmic_events import RhythmicEvent
from app.core.plain_text import plain
from app.ui.session.session import Session
from app.ui.views.eeg_overview_picture import EegOverviewPicture
from app.ui.views.eeg_paint import length_text
from app.ui.views.eeg_pointer import NOTCH
from app.ui.views.tool_tip import plain_tool_tip

_LEFT = Qt.MouseButton.LeftButton
_CTRL = Qt.KeyboardModifier.ControlModifier
_STEP = 1.5
"""The factor of one step of zoom."""

_SCROLL = 0.1
"""The share of what is seen that one step of the wheel scrolls by."""

_NEAR = 4.0
_MOST_TEXTS, _MOST_CHANNELS = 4, 5


class EegOverviewPointer(QObject):
    """Watches the events of the picture."""

    def __init__(self, picture: EegOverviewPicture, session: Session) -> None:
        super().__init__(picture)
        self._picture = picture
        self._session = session
        self._held: float | None = None
        """Seconds from the page's start to where the pointer holds it, None while it is not held."""
        self._pressed = 0.0
        self._turned = 0
        picture.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if watched is not self._picture or self._session.eeg.file is None:
            return False
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if isinstance(event, QWheelEvent):
            self._turn_wheel(event)
            return True
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._press_key(event)
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            self._show_tip(event.pos(), event.globalPos())
            return True
        return False

    # the mouse

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if event.button() is _LEFT:
                self._press(event.position())
        elif kind is QEvent.Type.MouseMove:
            self._move(event.position())
        elif kind is QEvent.Type.MouseButtonRelease and event.button() is _LEFT:
            self._held = None
            self._show_hand(event.position())
        return True

    def _press(self, place: QPointF) -> None:
        """Take hold of the page; beside it, the page comes to the pointer first."""
        self._picture.setFocus(Qt.FocusReason.MouseFocusReason)
        if place.x() < self._picture.canvas().plot.left():
            return
        moment = self._seconds(place)
        if not self._over_page(place):
            self._session.eeg_overview.go_to(moment)
        self._held = moment - self._session.eeg.position.start
        self._pressed = place.x()

    def _move(self, place: QPointF) -> None:
        if self._held is None:
            self._show_hand(place)
        elif abs(place.x() - self._pressed) >= 1.0:
            self._session.eeg.position.go_to(self._seconds(place) - self._held)

    def _over_page(self, place: QPointF) -> bool:
        window = self._picture.page_window()
        return not window.isEmpty() and window.left() - 1 <= place.x() <= window.right() + 1

    def _show_hand(self, place: QPointF) -> None:
        over = self._over_page(place)
        self._picture.setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.ArrowCursor)

    def _seconds(self, place: QPointF) -> float:
        canvas = self._picture.canvas()
        return canvas.seconds_at(min(max(place.x(), canvas.plot.left()), canvas.plot.right()))

    # the wheel

    def _turn_wheel(self, event: QWheelEvent) -> None:
        event.accept()
        angle = event.angleDelta()
        self._turned += angle.y() or angle.x()
        steps, self._turned = int(self._turned / NOTCH), self._turned - NOTCH * int(self._turned / NOTCH)
        if not steps:
            return
        overview = self._session.eeg_overview
        if event.modifiers() & _CTRL:
            overview.zoom(_STEP**-steps, self._seconds(event.position()))
        else:
            start, end = overview.shown
            overview.scroll(-steps * _SCROLL * (end - start))

    # keys

    def _press_key(self, event: QKeyEvent) -> bool:
        overview, position = self._session.eeg_overview, self._session.eeg.position
        actions = {
            Qt.Key.Key_Left: lambda: position.turn(-1),
            Qt.Key.Key_Right: lambda: position.turn(1),
            Qt.Key.Key_Up: lambda: overview.next_event(-1),
            Qt.Key.Key_Down: lambda: overview.next_event(1),
            Qt.Key.Key_Home: lambda: overview.go_to(0.0, 0.0),
            Qt.Key.Key_End: lambda: overview.go_to(overview.length - 1e-3, 1.0),
        }
        action = actions.get(Qt.Key(event.key()))
        if action is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        action()
        overview.reveal(position.start)
        return True

    # the tool tip

    def _show_tip(self, place: QPoint, on_screen: QPoint) -> None:
        QToolTip.showText(on_screen, plain_tool_tip(self.tip_at(QPointF(place))), self._picture)

    def tip_at(self, place: QPointF) -> str:
        """What is said of a place: the rhythmic stretch, and annotations of the file close to it."""
        canvas, file = self._picture.canvas(), self._session.eeg.file
        if file is None or place.x() < canvas.plot.left():
            return ""
        moment, near = self._seconds(place), _NEAR / canvas.pixels_per_second
        event = self._session.eeg_overview.event_at(moment)
        lines = [event_words(event)] if event is not None else []
        notes = annotations_between(file.annotations, moment - near, moment + near)
        lines += [plain(one.text, 100) for one in notes[:_MOST_TEXTS]]
        if len(notes) > _MOST_TEXTS:
            lines.append(f"and {len(notes) - _MOST_TEXTS} more annotations")
        return "\n".join(lines)


def event_words(event: RhythmicEvent) -> str:
    """A rhythmic stretch in words: that one should look there, and nothing more."""
    first, last = event.first_hertz, event.last_hertz
    rate = f"{first:.1f} to {last:.1f} Hz" if abs(first - last) >= 0.5 else f"{first:.1f} Hz"
    names = ", ".join(plain(one, 30) for one in event.channels[:_MOST_CHANNELS])
    more = len(event.channels) - _MOST_CHANNELS
    channels = f"{names} and {more} more" if more > 0 else names
    what = "that changes" if event.evolves else "without change"
    length = length_text(event.end - event.start)
    return f"Rhythmic stretch {what}, {length}, {rate}: look here\n{channels}\nNot a diagnosis."
