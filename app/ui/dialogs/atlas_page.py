"""The page of one feature in the atlas: definition, terms, side, confusers, examples, sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.teaching.atlas import NO_TERM, SHORT_OF_MEDICINE, AtlasEntry
from app.core.timeline.clock_text import clock
from app.ui.dialogs.form import rows_of, selectable, sentence
from app.ui.views.flow import FlowLayout

if TYPE_CHECKING:
    from app.core.teaching.agreed_examples import AgreedExample

NO_EXAMPLE = "In no recording of this study do two readers agree on it, as far as you may see their answers."
_MOST_EXAMPLES = 30


class AtlasPage(QScrollArea):
    """Scrolls; every text can be copied."""

    example_chosen = Signal(object)
    """An AgreedExample that is to be opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("What the atlas says")
        self.entry: AtlasEntry | None = None
        self._about = sentence()
        self._examples = QWidget()
        self.buttons: list[QToolButton] = []

    def show_nothing(self, words: str) -> None:
        self.entry = None
        self.setWidget(_column(sentence(plain(words, 200))))

    def show_entry(self, entry: AtlasEntry) -> None:
        """Show what is said of a feature; its examples follow."""
        self.entry = entry
        self._about, self._examples = sentence(small=True), QWidget()
        feature = entry.feature
        facts = (
            ("Seen or heard", feature.observable),
            ("At least", feature.minimum[:1].upper() + feature.minimum[1:]),
            ("ILAE's glossary", entry.term or NO_TERM),
            ("ILAE 2025", entry.update),
            ("Lateralising value", entry.side),
            ("Caution", entry.caution),
        )
        differences = tuple((one.name[:1].upper() + one.name[1:], one.differs) for one in entry.confusers)
        page = _column(
            sentence(feature.name, bold=True),
            _facts(facts),
            sentence("Confused with, and how that differs", bold=True),
            _facts(differences),
            sentence("In this study", bold=True),
            self._about,
            self._examples,
            sentence("Sources", bold=True),
            *(selectable(sentence(one, small=True)) for one in entry.sources),
            sentence(SHORT_OF_MEDICINE, small=True),
        )
        self.setWidget(page)

    def say_of_examples(self, words: str) -> None:
        """Show a sentence in place of the examples."""
        self._list_examples(())
        self._about.setText(plain(words, 300))

    def show_examples(self, examples: Sequence[AgreedExample]) -> None:
        """List the recordings, to be opened at the feature."""
        self._list_examples(examples[:_MOST_EXAMPLES])
        more = len(examples) - _MOST_EXAMPLES
        rest = f" {more} more are not listed." if more > 0 else ""
        self._about.setText(f"Recordings in which its readers agree.{rest}" if examples else NO_EXAMPLE)

    def _list_examples(self, examples: Sequence[AgreedExample]) -> None:
        for old in self.buttons:
            old.deleteLater()
        self.buttons = []
        flow = self._examples.layout() or FlowLayout(self._examples, gap=6)
        for example in examples:
            made = QToolButton()
            made.setText(_words(example).replace("&", "&&"))
            made.setToolTip("Open this recording at the feature")
            made.clicked.connect(lambda _checked=False, one=example: self.example_chosen.emit(one))
            flow.addWidget(made)
            self.buttons.append(made)
        self._examples.setVisible(bool(examples))


def _words(example: AgreedExample) -> str:
    who = plural(example.readers, "reader") if example.readers else "consensus"
    where = f", {clock(example.span.start)}" if example.span is not None else ""
    return f"{plain(example.name, 60)} ({who}{where})"


def _facts(rows: Sequence[tuple[str, str]]) -> QWidget:
    box = QWidget()
    grid = rows_of(rows)
    grid.setContentsMargins(0, 0, 0, 6)
    grid.setColumnMinimumWidth(0, 130)
    box.setLayout(grid)
    for label in box.findChildren(type(sentence())):
        selectable(label)
    return box


def _column(*widgets: QWidget) -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(2, 4, 10, 8)
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
    column.addStretch(1)
    return content
