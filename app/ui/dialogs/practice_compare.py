"""A feature beside what looks alike, in place of the clip while a key is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.core.jobs import Progress
from app.core.plain_text import plain
from app.core.semiology import FEATURE, Group
from app.core.teaching.atlas_clips import clips_folder
from app.core.teaching.compared_clips import ComparedPair
from app.ui.dialogs.form import button, sentence
from app.ui.session.appearance import WindowAppearance
from app.ui.session.background import Background
from app.ui.session.practice import Practice
from app.ui.views.clip_pair import FIRST, QUIET, ClipPair


class PracticeCompare(QWidget):
    """Draws the clips in the background unless they are there. To be closed."""

    left = Signal()
    """The clip of the case is to be seen again."""

    def __init__(self, practice: Practice, appearance: WindowAppearance) -> None:
        super().__init__()
        self._practice = practice
        self._appearance = appearance
        self._why_none = ""
        self.clips: ClipPair | None = None
        self.told, self.bar = sentence(small=True), QProgressBar()
        self.draw = button("Draw the clips", self.show_pair)
        self.stop = button("Cancel", self._cancel)
        self.back = button("Back to the clip  (Esc)", self.left.emit)
        self.work = Background("drawing of the clips", self, one_at_a_time=True)
        self._arrange()
        self.work.progressed.connect(self._show_progress)
        self.work.done.connect(self._on_pair)
        self.work.failed.connect(self._on_failed)
        self.work.ended.connect(self._on_ended)

    def _arrange(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName("How much of the clips is drawn")
        foot = QHBoxLayout()
        for widget in (self.told, self.bar):
            foot.addWidget(widget, 1)
        for control in (self.draw, self.stop, self.back):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            foot.addWidget(control)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 8)
        self._column.setSpacing(8)
        self._column.addLayout(foot)
        self._show_progress(None)

    def show_pair(self) -> None:
        """Show the feature of the key that is shown beside what looks alike; nothing without a key."""
        work = self._practice.compare(clips_folder())
        if work is not None:
            self._why_none = ""
            self._ready_clips().show_words("The clips are being drawn…")
            self._show_progress(Progress("", 0.0))
            self.work.start(work)

    def leave(self) -> None:
        """Show nothing, and stop drawing."""
        self.work.drop()
        if self.clips is not None:
            self.clips.show_words("")

    def close_work(self) -> None:
        """Returns when everything has ended."""
        self.work.close()
        if self.clips is not None:
            self.clips.close_players()

    def _ready_clips(self) -> ClipPair:
        """The two players, made with the first comparison."""
        if self.clips is None:
            clip = self._practice.clip
            self.clips = ClipPair(
                self._appearance,
                clip.sound,
                ("The feature", "Resembles it"),
                make_player=clip.make_player,
            )
            self._column.insertWidget(0, self.clips, 1)
        return self.clips

    def _on_pair(self, pair: ComparedPair) -> None:
        clips = self._ready_clips()
        clips.hear(FIRST if FEATURE[pair.feature].group is Group.SOUND else QUIET)
        clips.show_pair(pair)
        self.told.setText(plain(pair.remark, 300))

    def _on_failed(self, why: str) -> None:
        self._why_none = why

    def _on_ended(self) -> None:
        self._show_progress(None)
        if not self._ready_clips().has_pair:
            self._ready_clips().show_words(self._why_none or "The clips are not drawn yet.")
            self.told.clear()
            self.draw.show()

    def _show_progress(self, progress: Progress | None) -> None:
        for widget in (self.bar, self.stop):
            widget.setVisible(progress is not None)
        self.told.setVisible(progress is None)
        self.draw.hide()
        self.bar.setValue(0 if progress is None else round(1000 * progress.done))

    def _cancel(self) -> None:
        self.work.cancel()
