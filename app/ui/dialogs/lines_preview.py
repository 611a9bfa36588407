"""The lines for fine-tuning of one recording, looked at one by one before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QListWidget, QPlainTextEdit, QSplitter, QWidget

from app.core.plain_text import plain
from app.core.readers.models.reading_state import Preview
from app.core.semiology import FEATURE
from app.ui.dialogs.form import CLOSE, button, buttons, lay_out, sentence, side_by_side, stacked, title
from app.ui.dialogs.preview import PreviewPanel
from app.ui.session.background import outlive_window
from app.ui.session.session import Session
from app.ui.views.model_answer import segment_clock

if TYPE_CHECKING:
    from app.core.batch.preview_question_lines import LinesPreview

_LONGEST = 20_000
"""Characters of a question; a transcript in it can be long."""


class LinesPreviewDialog(QDialog):
    """A line at a time: its clip as it is handed on, played; the question and the answer beside it."""

    def __init__(
        self, session: Session, study: Path, preview: LinesPreview, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        title(self, "What the lines hold")
        self._study, self._preview = study, preview
        clips = tuple({line.clip.name: line.clip for line in preview.lines}.values())
        self.panel = PreviewPanel(session, Preview(preview.folder, clips, {}, as_video=True))
        self.panel.clips.hide()
        self.lines = QListWidget()
        self.lines.setAccessibleName("Lines of the recording")
        self.lines.setMinimumWidth(200)
        self.lines.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for line in preview.lines:
            name = FEATURE[line.feature].name
            self.lines.addItem(f"{segment_clock(line.clip.span)}  {name}")
        self.question, self.answer = _text("Question"), _text("Answer")
        self.place = sentence(small=True)
        self.before = button("&Previous line", lambda: self.step(-1))
        self.next = button("&Next line", lambda: self.step(1))
        self.lines.currentRowChanged.connect(self._show)
        of, by = plain(preview.recording, 60), plain(preview.reader, 60)
        words = f"Lines of “{of}”, answered by {by}. Nothing of them has left the study."
        space = QWidget()
        ends = side_by_side(self.before, self.next, self.place, space, buttons(self, CLOSE), growing=space)
        parts = self._parts()
        lay_out(self, sentence(words), parts, ends, growing=parts)
        session.opened.recording_changed.connect(self.close)
        session.answers.seal_changed.connect(self.close)
        self.resize(self.sizeHint().expandedTo(self.size()))
        self.lines.setCurrentRow(0)
        self.lines.setFocus()

    def step(self, by: int) -> None:
        """To the next line (1) or the one before (-1)."""
        self.lines.setCurrentRow(min(max(self.lines.currentRow() + by, 0), self.lines.count() - 1))

    def done(self, result: int) -> None:
        self.panel.close_panel()
        from app.core.batch.preview_question_lines import forget_preview

        study = self._study
        outlive_window(lambda: forget_preview(study), "clips of the preview")
        super().done(result)

    def _parts(self) -> QSplitter:
        texts = QSplitter(Qt.Orientation.Vertical)
        for name, field in (("Question", self.question), ("Answer", self.answer)):
            texts.addWidget(stacked(sentence(name, small=True), field))
        texts.setSizes([260, 160])
        parts = QSplitter()
        for part in (self.lines, self.panel, texts):
            parts.addWidget(part)
        parts.setStretchFactor(1, 1)
        parts.setSizes([260, 480, 300])
        return parts

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self._preview.lines):
            return
        line = self._preview.lines[row]
        self.panel.show_clip(line.clip.name)
        self.question.setPlainText(plain(line.question, _LONGEST))
        self.answer.setPlainText(plain(line.answer, _LONGEST))
        self.place.setText(f"{row + 1} of {len(self._preview.lines)}")
        self.before.setEnabled(row > 0)
        self.next.setEnabled(row < len(self._preview.lines) - 1)


def _text(name: str) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setReadOnly(True)
    field.setAccessibleName(name)
    field.setTabChangesFocus(True)
    return field
