"""The atlas of features: what each is and is confused with, drawn clips, and the study's own recordings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.core.jobs import Progress
from app.core.semiology import FEATURE, GROUP_NAMES, Group
from app.core.teaching.atlas import atlas_entry, search_atlas
from app.core.teaching.atlas_clips import are_drawn, clips_folder
from app.core.teaching.compared_clips import DRAWN, ComparedPair, drawn_pair
from app.ui.dialogs.atlas_page import AtlasPage
from app.ui.dialogs.form import button, sentence
from app.ui.memory import Memory
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.theme import ROW_HEIGHT
from app.ui.views.clip_pair import FIRST, QUIET, ClipPair
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.teaching.agreed_examples import AgreedExample

Examples = Mapping[str, tuple["AgreedExample", ...]]
_FEATURE = Qt.ItemDataRole.UserRole
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class AtlasDialog(QDialog):
    """A list with a search field, and the page of the chosen feature. Does not block the window."""

    def __init__(
        self,
        session: Session,
        memory: Memory,
        parent: QWidget | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._memory = session, memory
        self._folder = folder or clips_folder()
        self._examples: Examples | None = None
        self._why_none = ""
        self.setWindowTitle("Atlas of features")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.search, self.list = QLineEdit(), QListWidget()
        self.clips = ClipPair(session.appearance, session.sound, ("The feature", "Resembles it"))
        self.bar = QProgressBar()
        self.told = sentence(small=True)
        self.draw = button("Draw the clips", self.draw_clips)
        self.stop = button("Cancel", self._cancel)
        self.page = AtlasPage()
        self.drawing = Background("drawing of the clips", self, one_at_a_time=True)
        self.reading = Background("search for examples", self, one_at_a_time=True)
        self._arrange()
        self._connect()
        self._show_found("", first=str(memory.settings.teaching.get("feature", "")))
        self._read_examples()
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize()))

    def sizeHint(self) -> QSize:
        return QSize(1120, 760)

    @property
    def feature(self) -> str:
        """The id of the feature that is shown; "" while nothing is found."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(_FEATURE))

    def choose(self, feature: str) -> None:
        """Show the page of a feature; of an unknown one the first of the list."""
        rows = [row for row in range(self.list.count()) if self.list.item(row).data(_FEATURE) == feature]
        self.list.setCurrentRow(rows[0] if rows else 0)

    # composing

    def _arrange(self) -> None:
        self.search.setPlaceholderText("Search the atlas")
        self.search.setAccessibleName("Search the atlas")
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.list.setAccessibleName("Features")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        both = QSplitter()
        both.addWidget(_stacked(self.search, self.list))
        both.addWidget(self._right_half())
        both.setSizes([210, 900])
        both.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 10)
        whole.addWidget(both)
        self._show_work(None)

    def _right_half(self) -> QWidget:
        """The clips with the state of their drawing, and the page below."""
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.bar, self.told, self.draw, self.stop):
            row.addWidget(widget, 1 if widget in (self.bar, self.told) else 0)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(_stacked(work, self.clips, upside_down=True))
        halves.addWidget(self.page)
        halves.setSizes([340, 400])
        halves.setChildrenCollapsible(False)
        halves.setContentsMargins(8, 0, 0, 0)
        return halves

    def _connect(self) -> None:
        session = self._session
        self.search.textChanged.connect(self._show_found)
        self.list.currentItemChanged.connect(lambda _now, _before: self._show_feature())
        self.page.example_chosen.connect(self._open_example)
        self.clips.speed_chosen.connect(lambda speed: self._remember(speed=speed))
        self.drawing.progressed.connect(self._show_work)
        self.drawing.done.connect(self._on_drawn)
        self.drawing.failed.connect(self._on_not_drawn)
        self.drawing.ended.connect(self._on_drawing_ended)
        self.reading.done.connect(self._on_examples)
        self.reading.failed.connect(self.page.say_of_examples)
        for changed in (
            session.answers.seal_changed,
            session.answers.readings_changed,
            session.opened.recording_changed,
            session.study.recordings_changed,
        ):
            changed.connect(self._read_examples)
        session.closing.connect(self._close_work)
        speed = self._memory.settings.teaching.get("speed")
        self.clips.set_speed(speed if isinstance(speed, float) else 1.0)

    # what is chosen

    def _show_found(self, words: str, first: str = "") -> None:
        before = self.feature or first
        self.list.blockSignals(True)
        self.list.clear()
        for entry in search_atlas(words):
            item = QListWidgetItem(entry.feature.name)
            item.setData(_FEATURE, entry.feature.id)
            item.setToolTip(tool_tip(GROUP_NAMES[entry.feature.group]))
            item.setSizeHint(QSize(0, ROW_HEIGHT - 2))
            self.list.addItem(item)
        self.choose(before)
        self.list.blockSignals(False)
        if self.feature != before or first or self.page.entry is None:
            self._show_feature()

    def _show_feature(self) -> None:
        feature = self.feature
        self.drawing.cancel()
        if not feature:
            self.page.show_nothing(f"Nothing in the atlas says “{self.search.text()}”.")
            self.clips.show_words("")
            return
        self._remember(feature=feature)
        self.page.show_entry(atlas_entry(feature))
        self._show_examples()
        self.draw_clips()

    def draw_clips(self) -> None:
        """Draw the clips of the feature unless they are there, and play them."""
        feature, folder = self.feature, self._folder
        if feature:
            self._why_none = ""
            self.clips.show_words("" if are_drawn(feature, folder) else "The clips are being drawn…")
            self.drawing.start(lambda task: drawn_pair(feature, folder, task))

    def _on_drawn(self, pair: ComparedPair) -> None:
        if pair.feature == self.feature:
            of_sound = FEATURE[pair.feature].group is Group.SOUND
            self.clips.hear(FIRST if of_sound else QUIET)
            self.clips.show_pair(pair)

    def _on_not_drawn(self, why: str) -> None:
        self._why_none = why

    def _on_drawing_ended(self) -> None:
        self._show_work(None)
        if self.feature and not are_drawn(self.feature, self._folder):
            self.clips.show_words(self._why_none or "The clips are not drawn yet.")
            self.draw.show()

    def _show_work(self, progress: Progress | None) -> None:
        for widget in (self.bar, self.stop):
            widget.setVisible(progress is not None)
        self.draw.hide()
        self.told.setText("" if progress is not None else DRAWN)
        self.told.setVisible(progress is None)
        self.bar.setValue(0 if progress is None else round(1000 * progress.done))

    def _cancel(self) -> None:
        self.drawing.cancel()

    # the study's own recordings

    def _read_examples(self) -> None:
        access = self._session.study.access()
        self._examples = None
        self._show_examples()
        if access is not None:
            self.reading.start(lambda _task: _read_examples(access))

    def _on_examples(self, examples: Examples) -> None:
        self._examples = examples
        self._show_examples()

    def _show_examples(self) -> None:
        if self._session.study.access() is None:
            self.page.say_of_examples(
                self._session.readers.why_nothing(
                    "Open a recording; those of its study that show this are listed here."
                )
            )
        elif self._examples is None:
            self.page.say_of_examples("Looking through the study…")
        else:
            self.page.show_examples(self._examples.get(self.feature, ()))

    def _open_example(self, example: AgreedExample) -> None:
        self._session.worklist.go_to(example.number, self.feature, at=example.span)

    # keys, and what is kept

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _LIST_KEYS:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list.setFocus()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Period: 1, Qt.Key.Key_Comma: -1}
        if event.key() == Qt.Key.Key_Space:
            self.clips.toggle()
        elif event.key() in steps:
            self.clips.step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _remember(self, **chosen: object) -> None:
        self._memory.change(teaching={**self._memory.settings.teaching, **chosen})

    def _close_work(self) -> None:
        self.drawing.close()
        self.reading.close()
        self.clips.close_players()

    def done(self, result: int) -> None:
        self._close_work()
        super().done(result)


def _stacked(fixed: QWidget, growing: QWidget, *, upside_down: bool = False) -> QWidget:
    """One widget above another that takes the room; `upside_down`, below it."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    for widget in (growing, fixed) if upside_down else (fixed, growing):
        column.addWidget(widget, 1 if widget is growing else 0)
    return box


def _read_examples(access: StudyAccess) -> Examples:
    from app.core.teaching.agreed_examples import agreed_examples

    with access.open() as study:
        return agreed_examples(study, access.viewer)
