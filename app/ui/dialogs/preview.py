"""A playable preview of exactly what a model is shown, from the files that are sent."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSizePolicy,
    QSlider,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.clips.clip import Clip
from app.core.errors import UserError
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.playback.hearing import Hearing
from app.core.readers.models.reading_state import NAMES, SHOWN_AS, Preview
from app.core.readers.models.who_is_shown import who_is_shown
from app.ui.dialogs.form import rows_of, sentence
from app.ui.dialogs.shown_clip import ShownClip, Sound, read_clip
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.views.icons import icon
from app.ui.views.model_answer import segment_clock

SILENT = "This computer has no sound output, so the clip is shown silently."
_TICK = 40


class PreviewPanel(QWidget):
    """The list of clips, the clip that is chosen with play and a slider, and the question beside it."""

    def __init__(self, session: Session, preview: Preview) -> None:
        super().__init__()
        self._session = session
        self._preview = preview
        self._clip: ShownClip | None = None
        self._started_at = 0.0
        self._from: float | None = None
        """Where the chosen clip (s from its start) is played from once it is read."""
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)
        self._reader = Background("preview", self)
        self._reader.done.connect(self._on_read)
        self._reader.failed.connect(self._on_unreadable)
        self._sounding = Background("sound of the preview", self)
        self._sounding.posted.connect(lambda _: self._elapsed.start())
        self._sounding.failed.connect(self._on_silent)
        self.clips = QListWidget()
        self.stage = ClipStage(session)
        self.play_button = QToolButton()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.time = sentence(small=True)
        self.which_sound = QComboBox()
        self.note = sentence()
        self.said = sentence(small=True)
        self.question = QPlainTextEdit()
        self.question_button = QToolButton()
        self.pages = QStackedWidget()
        self._arrange()
        self._fill()
        session.appearance.theme_changed.connect(self._show_button)

    def show_clip(self, name: str, moment: float | None = None) -> None:
        """Choose the clip of this name; an unknown one leaves the choice. With a `moment` (s on the
        recording's clock) it is played from there once it is read."""
        for row, clip in enumerate(self._preview.clips):
            if clip.name == name:
                self.clips.setCurrentRow(row)
                self._from = None if moment is None else moment - clip.span.start

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play or pause; at the end play from the start."""
        if self.playing:
            self._stop()
            return
        if self._clip is None:
            return
        if self.position >= self._length - 0.01:
            self.slider.setValue(0)
        self._started_at = self.position
        self._elapsed.start()
        self._timer.start()
        self._start_sound()
        self._show_button()

    def close_panel(self) -> None:
        """Stop; returns when its threads have ended."""
        self._timer.stop()
        self._sounding.close()
        self._reader.close()

    @property
    def position(self) -> float:
        """Seconds from the start of the clip."""
        return self.slider.value() / 1000

    @property
    def _length(self) -> float:
        return self._clip.clip.span.duration if self._clip is not None else 0.0

    def hideEvent(self, event: QHideEvent) -> None:
        self._stop()
        super().hideEvent(event)

    # composing

    def _arrange(self) -> None:
        self.clips.setAccessibleName("Segments and what is shown of them")
        self.clips.setMinimumWidth(150)
        self.clips.setSpacing(2)
        self.play_button.setIconSize(QSize(18, 18))
        self.play_button.setAccessibleName("Play or pause the clip")
        self.play_button.clicked.connect(self.toggle)
        self.slider.setAccessibleName("Position in the clip")
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderPressed.connect(self._stop)
        self.time.setMinimumWidth(150)
        self.which_sound.addItems(["As sent", "As recorded"])
        self.which_sound.setAccessibleName("Which sound is played")
        self.which_sound.currentIndexChanged.connect(self._on_sound_chosen)
        self.question.setReadOnly(True)
        self.question.setAccessibleName("The question that goes with this clip")
        self.question_button.setText("The question")
        self.question_button.setCheckable(True)
        self.question_button.setToolTip("The text that is sent with this clip")
        self.question_button.toggled.connect(lambda on: self.pages.setCurrentIndex(int(on)))
        self.question_button.setVisible(bool(self._preview.questions))
        self.pages.addWidget(self.stage)
        self.pages.addWidget(self.question)
        controls = QHBoxLayout()
        for widget in (self.play_button, self.slider, self.time, self.which_sound, self.question_button):
            controls.addWidget(widget, 1 if widget is self.slider else 0)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.pages, 1)
        column.addLayout(controls)
        column.addWidget(self.note)
        column.addWidget(self.said)
        halves = QSplitter()
        halves.addWidget(self.clips)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([170, 580])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(halves)

    def _fill(self) -> None:
        self.clips.currentRowChanged.connect(self._choose)
        for clip in self._preview.clips:
            words = f"{segment_clock(clip.span)}  {NAMES[clip.enhancement]}"
            item = QListWidgetItem(words if not clip.unusable else f"{words} –")
            if clip.unusable:
                item.setToolTip("Not sent")
            self.clips.addItem(item)
        self._show_button()
        self.which_sound.hide()
        if self._preview.clips:
            self.clips.setCurrentRow(0)
        else:
            self.note.setText("There is nothing to be shown.")

    def _choose(self, row: int) -> None:
        self._stop()
        self._clip = self._from = None
        self.stage.show_clip(None)
        if not 0 <= row < len(self._preview.clips):
            return
        clip, folder, as_video = self._preview.clips[row], self._preview.folder, self._preview.as_video
        self.note.setText(_note(clip))
        self.said.setText("")
        self.question.setPlainText(self._preview.questions.get(clip.name, ""))
        self.slider.setRange(0, round(clip.span.duration * 1000))
        self.slider.setSingleStep(max(1, round(1000 / clip.fps)))
        self.slider.setPageStep(5000)
        self.slider.setValue(0)
        self._reader.start(lambda _task: read_clip(folder, clip, as_video=as_video))

    def _on_read(self, shown: ShownClip) -> None:
        self._clip = shown
        self.which_sound.setVisible(shown.raw is not None and shown.clip.enhanced)
        self.stage.show_clip(shown)
        self.stage.show_raw(self._raw)
        self._on_slid()
        if self._from is not None:
            self.slider.setValue(round(1000 * self._from))
            self._from = None
            self.toggle()

    def _on_unreadable(self, sentence: str) -> None:
        self._say(sentence)
        self.stage.show_clip(None, "This clip cannot be shown")

    # playing

    @property
    def _raw(self) -> bool:
        return self.which_sound.currentIndex() == 1 and self.which_sound.isVisibleTo(self)

    def _on_sound_chosen(self) -> None:
        self._stop()
        self.stage.show_raw(self._raw)

    def _stop(self) -> None:
        self._timer.stop()
        self._sounding.cancel()
        self._show_button()

    def _tick(self) -> None:
        if not self._elapsed.isValid():
            return  # the sound begins in a moment
        position = self._started_at + self._elapsed.elapsed() / 1000
        self.slider.setValue(round(1000 * min(position, self._length)))
        if position >= self._length:
            self._stop()

    def _on_slid(self) -> None:
        self.stage.show_position(self.position)
        self.time.setText(self._time_words())

    def _time_words(self) -> str:
        words = f"{self.position:.1f} of {self._length:.1f} s"
        if self._clip is None or not self._clip.times:
            return words
        number = self._clip.number_at(self.position)
        size = self._clip.images[number].size()
        shown = f"{size.width()} × {size.height()} px, {self._clip.clip.fps:g} a second"
        return f"{words} · picture {number + 1} of {len(self._clip.times)}, {shown}"

    def _start_sound(self) -> None:
        if self._clip is None or self._clip.sound is None:
            return
        session = self._session
        sound = self._clip.raw if self._raw and self._clip.raw is not None else self._clip.sound
        rest, rate = sound[round(self.position * self._clip.rate) :], self._clip.rate
        hearing = Hearing(session.sound.muted, session.sound.volume, session.sound.device)
        self._elapsed.invalidate()
        self._sounding.start(lambda task: _sound_out(rest, rate, hearing, task))

    def _on_silent(self, sentence: str) -> None:
        """Go on without sound."""
        if not self._elapsed.isValid():
            self._elapsed.start()
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        self.said.setText(plain(sentence, 200))

    def _show_button(self) -> None:
        name = "pause" if self.playing else "play"
        self.play_button.setIcon(icon(name, self._session.appearance.theme))
        self.play_button.setToolTip("Pause" if self.playing else "Play")


class ClipStage(QWidget):
    """The picture of a clip, or the course of its sound."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._clip: ShownClip | None = None
        self._why_empty = ""
        self._position = 0.0
        self._raw = False
        self.setMinimumSize(320, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_clip(self, clip: ShownClip | None, why_empty: str = "") -> None:
        """Draw the clip, or without one the reason why there is none."""
        self._clip, self._why_empty = clip, why_empty
        self.update()

    def show_raw(self, raw: bool) -> None:
        """Draw the sound as recorded rather than as sent."""
        self._raw = raw
        self.update()

    def show_position(self, seconds: float) -> None:
        self._position = seconds
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._session.appearance.theme.stage))
        if self._clip is not None and self._clip.images:
            self._paint_picture(painter, self._clip)
        elif self._clip is not None and self._clip.sound is not None:
            raw = self._clip.raw
            self._paint_sound(painter, raw if self._raw and raw is not None else self._clip.sound)
        else:
            painter.setPen(QColor(self._session.appearance.theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._empty())
        painter.end()

    def _empty(self) -> str:
        return "Nothing of this is sent" if self._clip is not None else self._why_empty

    def _paint_picture(self, painter: QPainter, clip: ShownClip) -> None:
        image = clip.images[min(clip.number_at(self._position), len(clip.images) - 1)]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = min(self.width() / image.width(), self.height() / image.height())
        box = QRectF(0, 0, image.width() * scale, image.height() * scale)
        box.moveCenter(QRectF(self.rect()).center())
        painter.drawImage(box, image)

    def _paint_sound(self, painter: QPainter, sound: Sound) -> None:
        theme = self._session.appearance.theme
        columns = max(1, self.width() - 16)
        edges = [round(number * len(sound) / columns) for number in range(columns + 1)]
        middle, reach = self.height() / 2, self.height() / 2 - 12
        painter.setPen(QColor(theme.muted))
        for number in range(columns):
            part = sound[edges[number] : max(edges[number] + 1, edges[number + 1])]
            if len(part):
                high, low = float(part.max()), float(part.min())
                painter.drawLine(
                    number + 8, round(middle - high * reach), number + 8, round(middle - low * reach)
                )
        duration = self._clip.clip.span.duration if self._clip is not None else 0.0
        if duration > 0:
            x = 8 + columns * min(self._position / duration, 1.0)
            painter.fillRect(QRectF(x, 0, 1.5, self.height()), QColor(theme.cursor))


class PreviewDialog(QDialog):
    """The preview as a separate window. Does not block."""

    def __init__(self, session: Session, preview: Preview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What the model saw" if preview.kept else "What the model would see and hear")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.panel = PreviewPanel(session, preview)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.addWidget(self.panel, 1)
        column.addLayout(rows_of(who_is_shown(preview.clips, preview.uncovered)))
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize()))

    def sizeHint(self) -> QSize:
        return QSize(920, 640)

    def done(self, result: int) -> None:
        self.panel.close_panel()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.panel.close_panel()
        super().closeEvent(event)


_NOT_CHECKED = (
    "Not checked: no checksum was recorded when this clip was sent, so it may have been changed since."
)
_AS_RECORDED = "is as recorded"


def _note(clip: Clip) -> str:
    if clip.unusable:
        return f"Not sent: {plain(clip.unusable, 200)}"
    shown = SHOWN_AS[clip.enhancement, clip.enhanced]
    words = [f"{shown[:1].upper()}{shown[1:]}."] if _AS_RECORDED not in clip.note else []
    if clip.note:
        words.append(plain(clip.note, 300))
    if clip.transcript:
        words.append(f"Transcript: {plain(clip.transcript, 600)}")
    if not clip.checkable:
        words.append(_NOT_CHECKED)
    return " ".join(words)


def _sound_out(sound: Sound, rate: int, hearing: Hearing, task: Task) -> None:
    """Play it until its end or until cancelled. Raises UserError when it cannot be heard."""
    from app.core.playback.device import Unavailable
    from app.core.playback.play_clip import play_once

    try:
        play_once(sound, rate, hearing, lambda: task.post("began"), task.cancel)
    except Unavailable as error:
        raise UserError(SILENT) from error
