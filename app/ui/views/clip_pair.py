"""Two short clips side by side, looped at a speed of choice: a feature and what only resembles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.ui.player.player import Player
from app.ui.session.appearance import WindowAppearance
from app.ui.session.sound import RecordingSound
from app.ui.theme import small_font
from app.ui.views.icons import icon
from app.ui.views.picture_fit import Zoom, fitted

if TYPE_CHECKING:
    from app.core.teaching.compared_clips import ComparedPair

SPEEDS = (0.25, 0.5, 1.0, 2.0)
"""Times the speed of the clips."""
QUIET, FIRST, SECOND = "no sound", "sound of the left", "sound of the right"


class ClipScreen(QWidget):
    """The picture of one clip with its caption below, or a sentence in its place."""

    resized = Signal()

    def __init__(self, appearance: WindowAppearance, name: str) -> None:
        super().__init__()
        self._appearance = appearance
        self._image: QImage | None = None
        self.words = ""
        self.setAccessibleName(name)
        self.setMinimumSize(240, 136)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> QImage | None:
        """The picture that is shown."""
        return self._image

    def sizeHint(self) -> QSize:
        return QSize(420, 236)

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def show_words(self, words: str) -> None:
        """Show a sentence and no picture."""
        self._image, self.words = None, plain(words, 300)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.stage))
        if self._image is None:
            painter.setPen(QColor(theme.muted))
            area = self.rect().adjusted(12, 8, -12, -8)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            place = fitted(self._image.size(), self.size(), self.devicePixelRatioF(), Zoom())
            painter.drawImage(place, self._image)
        painter.end()


class ClipPair(QWidget):
    """Plays both clips from their start over and over; one of the two can be heard. To be closed."""

    speed_chosen = Signal(float)

    def __init__(
        self,
        appearance: WindowAppearance,
        sound: RecordingSound,
        names: tuple[str, str],
        *,
        make_player: Callable[[QObject], Player] = Player,
    ) -> None:
        """`sound` is that of the window, whose volume and output are used."""
        super().__init__()
        self._appearance, self._sound = appearance, sound
        self._players = (make_player(self), make_player(self))
        self.screens = (ClipScreen(appearance, names[0]), ClipScreen(appearance, names[1]))
        self.captions = (QLabel(names[0]), QLabel(names[1]))
        self.play_button, self.speed, self.heard = QToolButton(), QComboBox(), QComboBox()
        self._starts: tuple[float, ...] = ()
        self._arrange()
        for player, screen in zip(self._players, self.screens, strict=True):
            player.frame_shown.connect(lambda image, _time, _number, screen=screen: screen.show_image(image))
            player.failed.connect(screen.show_words)
            screen.resized.connect(lambda player=player, screen=screen: _fit(player, screen))
        self._players[0].playing_changed.connect(lambda _playing: self._show_button())
        appearance.theme_changed.connect(self._show_button)
        self._show_button()

    @property
    def has_pair(self) -> bool:
        """Whether clips are shown."""
        return bool(self._starts)

    @property
    def playing(self) -> bool:
        return self._players[0].playing

    def show_pair(self, pair: ComparedPair) -> None:
        """Repeat both stretches from their start."""
        both = (pair.shown, pair.resembling)
        for player, screen, label, clip in zip(self._players, self.screens, self.captions, both, strict=True):
            label.setText(plain(clip.caption, 200))
            _fit(player, screen)
            player.sound.set_volume(self._sound.volume)
            player.sound.set_device(self._sound.device)
            player.open(clip.recording)
            player.set_loop(clip.span)
        self._starts = tuple(clip.span.start for clip in both)
        self._hear()
        self.set_speed(self.chosen_speed)
        self.play()

    def show_words(self, words: str) -> None:
        """Show a sentence in place of the clips."""
        self._end()
        self.screens[0].show_words(words)
        self.screens[1].show_words("")

    @property
    def chosen_speed(self) -> float:
        return float(self.speed.currentData())

    def set_speed(self, speed: float) -> None:
        """Play at this speed, as recorded unless it is one of SPEEDS."""
        self.speed.setCurrentIndex(SPEEDS.index(speed if speed in SPEEDS else 1.0))
        for player in self._players:
            player.set_speed(self.chosen_speed)

    def hear(self, which: str) -> None:
        """Hear one of the clips, or none: QUIET, FIRST or SECOND."""
        self.heard.setCurrentIndex(self.heard.findData(which))

    def play(self) -> None:
        for player, start in zip(self._players, self._starts, strict=False):
            player.seek(start)
            player.play()

    def toggle(self) -> None:
        """Pause, or play both from their start."""
        if not self.playing:
            self.play()
            return
        for player in self._players:
            player.pause()

    def step(self, frames: int) -> None:
        """Pause and go this many frames on in both; backwards when negative."""
        if self._starts:
            for player in self._players:
                player.step(frames)

    def close_players(self) -> None:
        """Returns when their threads have ended."""
        self._end()

    def _end(self) -> None:
        self._starts = ()
        for player in self._players:
            player.close()

    def _hear(self) -> None:
        which = self.heard.currentData()
        for player, own in zip(self._players, (FIRST, SECOND), strict=True):
            player.sound.set_muted(which != own)

    # composing

    def _arrange(self) -> None:
        self.play_button.setIconSize(QSize(18, 18))
        self.play_button.setAccessibleName("Play or pause both clips")
        self.play_button.clicked.connect(self.toggle)
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setAccessibleName("Speed of the clips")
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(lambda _index: self._choose_speed())
        for which in (QUIET, FIRST, SECOND):
            self.heard.addItem(which[:1].upper() + which[1:], which)
        self.heard.setAccessibleName("Which clip is heard")
        self.heard.currentIndexChanged.connect(lambda _index: self._hear())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        both = QHBoxLayout()
        both.setSpacing(10)
        for screen, caption in zip(self.screens, self.captions, strict=True):
            both.addLayout(_captioned(screen, caption), 1)
        column.addLayout(both, 1)
        controls = QHBoxLayout()
        for widget in (self.play_button, self.speed, self.heard):
            controls.addWidget(widget)
        controls.addStretch(1)
        column.addLayout(controls)

    def _choose_speed(self) -> None:
        self.set_speed(self.chosen_speed)
        self.speed_chosen.emit(self.chosen_speed)

    def _show_button(self) -> None:
        name = "pause" if self.playing else "play"
        self.play_button.setIcon(icon(name, self._appearance.theme))
        self.play_button.setToolTip("Pause (Space)" if self.playing else "Play (Space)")


def _captioned(screen: ClipScreen, caption: QLabel) -> QVBoxLayout:
    caption.setTextFormat(Qt.TextFormat.PlainText)
    caption.setFont(small_font())
    caption.setWordWrap(True)
    column = QVBoxLayout()
    column.setSpacing(3)
    column.addWidget(screen, 1)
    column.addWidget(caption)
    return column


def _fit(player: Player, screen: ClipScreen) -> None:
    ratio = screen.devicePixelRatioF()
    player.set_size(round(screen.width() * ratio), round(screen.height() * ratio))
