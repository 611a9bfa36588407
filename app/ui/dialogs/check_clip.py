"""The sheet of a clip's most doubtful frames, which a person looks at before the clip is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QPixmap, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)

from app.ui.dialogs.form import QUIT, StandingQuestion, button, lay_out, open_at, question, sentence, title

if TYPE_CHECKING:
    from app.core.deidentify.prepared_clips import PreparedClips

KEEP = "Keep: I see nobody and no name"
SCROLL = "Scroll to the last row of pictures to go on."
UNREADABLE = "The sheet of this clip cannot be shown, so the clip cannot be kept."
PAUSE = 1000
"""Milliseconds for which a sheet was on the screen before its clip is decided about: the second press
of a double click is meant for the sheet before."""

TITLE = "De-identified clip"
"""What the window of clips, and what it asks, is called."""

_LEAST = 0.5
"""Share of their full size below which pictures are not made smaller for all rows to have room."""
_NARROWEST = 640
_SIDES = 16 + 16 + 4
"""Pixels of a dialog beside its sheet."""
_TOLERANCE = 4


class SheetDialog(QDialog):
    """A sheet with what was found in its clip, as large as the screen has room for.

    It opens by itself when long work is done, so a key that was meant for another window must do no harm:
    no button is pressed by Return, and the keyboard is taken only from the window that it belongs to. What
    keeps a clip waits until the last row of pictures was in view, and what decides about it until its sheet
    was on the screen for a moment.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from app.core.deidentify.prepared_clips import CONFIRMING, LEGEND

        title(self, "Can anybody be recognised?")
        self.ask, self.legend = sentence(CONFIRMING), sentence(LEGEND, small=True)
        self.which, self.found = sentence(bold=True), sentence()
        self.why = sentence(small=True)
        self.sheet = SheetPicture()
        self.sheet.setToolTip(LEGEND)
        self.area = QScrollArea()
        self.area.setWidget(self.sheet)
        self.area.setWidgetResizable(True)
        self._waits: tuple[QPushButton, ...] = ()
        self._pauses: tuple[QPushButton, ...] = ()
        self._seen = False
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.timeout.connect(self._look)
        self.sheet.painted.connect(lambda: self.pause.start(PAUSE))
        self._sized = False
        for changed in (self.area.verticalScrollBar().valueChanged, self.sheet.fitted):
            changed.connect(self._look)
        if parent is not None and not parent.isActiveWindow():
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            QApplication.alert(parent)

    def put_together(
        self, *ends: QPushButton, waits: tuple[QPushButton, ...], pauses: tuple[QPushButton, ...] = ()
    ) -> None:
        """Lay out the dialog above its buttons; those of them that wait for the last row, and those that only
        wait until the sheet was on the screen for a moment."""
        self._waits, self._pauses = waits, pauses
        for one in (*waits, *pauses):
            one.installEventFilter(self)
        row = QHBoxLayout()
        row.addWidget(self.why, 1)
        for one in ends:
            row.addWidget(one)
        lay_out(self, self.which, self.ask, self.area, self.legend, self.found, row, growing=self.area)
        self.area.setFocus()

    def show_sheet(self, path: str, name: str, found: str) -> None:
        """Show the sheet at `path` from its beginning."""
        self.which.setText(name)
        self.found.setText(found)
        self._seen = False
        self.pause.stop()
        self.area.verticalScrollBar().setValue(0)
        self.sheet.show_file(path)
        self._enable()
        if self._sized and not self.isMaximized():  # this one may need more room than the one before
            open_at(self, self._wanted().expandedTo(self.size()))
        self.area.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        if not self._sized:
            self._sized = True
            open_at(self, self._wanted())
            room = self.screen().availableGeometry()
            self.move(room.center() - self.rect().center())
        super().showEvent(event)
        QTimer.singleShot(0, self, self._look)

    def _wanted(self) -> QSize:
        """The size in which all rows are seen, or else the whole width of the pictures."""
        room = self.screen().availableSize() - QSize(48, 48)
        whole = self.sheet.whole_size
        widest = min(room.width() - _SIDES, whole.width())
        width = widest
        for _again in range(2):  # the sentences take more lines where it is narrower
            left = room.height() - self._beside(max(width + _SIDES, _NARROWEST))
            width = min(widest, left * whole.width() // max(whole.height(), 1))
        if width < _LEAST * whole.width():
            width = widest
        wide = max(width + _SIDES, _NARROWEST)
        return QSize(wide, self._beside(wide) + width * whole.height() // max(whole.width(), 1))

    def _beside(self, width: int) -> int:
        """The height of all but the pictures, in a dialog of this width."""
        layout = self.layout()
        assert layout is not None
        return layout.totalHeightForWidth(width) - self.area.sizeHint().height() + _TOLERANCE

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - overrides Qt's, so the name is Qt's
        """A double click decides once."""
        if event.type() is QEvent.Type.MouseButtonDblClick and watched in (*self._waits, *self._pauses):
            return True
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        """Note whether the last row is in view."""
        if self.isVisible() and self.sheet.readable:
            view = self.area.viewport()
            bottom = self.sheet.mapTo(view, QPoint(0, self.sheet.fitted_height)).y()
            self._seen = self._seen or bottom <= view.height() + _TOLERANCE
        self._enable()

    def _enable(self) -> None:
        rested = self.sheet.shown and not self.pause.isActive()
        for one in self._waits:
            one.setEnabled(rested and self._seen)
        for one in self._pauses:
            one.setEnabled(rested)
        self.why.setText(UNREADABLE if not self.sheet.readable else "" if self._seen else SCROLL)


class ClipCheckDialog(SheetDialog):
    """One sheet after the other; every clip has to be seen before all are kept. Clips are thrown away only by
    *Discard*, and by a question that Return and Escape answer with no.

    While it is open Qt gives its main window no keys and no request to close from the desktop: the keys that
    close the program are asked for here.
    """

    close_wanted = Signal()
    """The program is to be closed."""

    def __init__(self, prepared: PreparedClips, parent: QWidget | None = None, *, said: str = "") -> None:
        """`said` is said of every clip, after what was found in it."""
        super().__init__(parent)
        self.prepared = prepared
        self._said = said
        self._number = 0
        self.asked = StandingQuestion()
        self.discard = button("Discard", self.give_up, tip="Write nothing")
        self.next = button("Next clip", self.show_next)
        self.keep = button(KEEP, self.accept)
        self.put_together(self.discard, self.next, self.keep, waits=(self.next, self.keep))
        self._show()
        QShortcut(QUIT, self, self.close_wanted.emit)

    def reject(self) -> None:
        """Escape, or the window's own button: ask, because the clips took minutes and may be fine."""
        self.ask_to_discard(self.give_up)

    def ask_to_discard(self, then: Callable[[], object]) -> None:
        """Ask whether the clips may be thrown away; if so, call `then`, which does it at its end."""
        text, about = "Discard the clip?", "It would have to be made again."
        if len(self.prepared.clips) > 1:
            text, about = "Discard the clips?", "They would have to be made again."
        self.asked.put(lambda: question(self, TITLE, text, about, yes="Discard", do=then, no="Go on looking"))

    def give_up(self) -> None:
        """Throw the clips away without asking."""
        if self.isVisible():
            super().reject()

    def show_next(self) -> None:
        """Go on to the next clip's sheet."""
        self._number += 1
        self._show()

    def _show(self) -> None:
        from app.core.deidentify.prepared_clips import describe_prepared

        clips = self.prepared.clips
        clip = clips[self._number]
        last = self._number + 1 == len(clips)
        self.next.setVisible(not last)
        self.keep.setVisible(last)
        found = " ".join(filter(None, (*describe_prepared(clip), self._said)))
        self.show_sheet(str(clip.sheet), f"{clip.target.name} ({self._number + 1} of {len(clips)})", found)


class SheetPicture(QLabel):
    """A picture as wide as the dialog, in the pixels of the screen, and never larger than it is."""

    fitted = Signal()
    """It has another size on the screen."""
    painted = Signal()
    """It is on the screen, for the first time since its file was read."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("The most doubtful frames of the clip")
        self.setMinimumWidth(320)
        self._whole = QPixmap()
        self._shown = False
        # Laid out anew first: only then is known what of it is in view.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.fitted)

    @property
    def readable(self) -> bool:
        """Whether there is a picture in its file."""
        return not self._whole.isNull()

    @property
    def shown(self) -> bool:
        """Whether it was on the screen since its file was read."""
        return self._shown

    @property
    def whole_size(self) -> QSize:
        """Its full size, in the window's pixels."""
        return self._whole.size() / self.devicePixelRatioF()

    @property
    def fitted_height(self) -> int:
        """Its height on the screen, in the window's pixels."""
        return round(self.pixmap().deviceIndependentSize().height())

    def show_file(self, path: str) -> None:
        """Show the picture in this file."""
        self._whole = QPixmap(path)
        self._shown = False
        self.setPixmap(QPixmap())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._shown:
            self._shown = True
            self.painted.emit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        ratio = self.devicePixelRatioF()
        width = min(round(self.width() * ratio), self._whole.width())
        fitted = self._whole.scaledToWidth(max(width, 1), Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        if self.pixmap().size() != fitted.size():
            self.setPixmap(fitted)
        self._later.start()
