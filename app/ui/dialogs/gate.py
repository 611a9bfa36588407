"""The gate: what would leave, where to, under which terms, and whether a person allows it. No by default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from app.core.plain_text import plain
from app.core.privacy.destination import Destination
from app.core.privacy.gate import ATTESTATION
from app.core.readers.models.reading_state import Planned, Preview
from app.core.readers.models.run_phrases import what_words
from app.core.readers.models.who_is_shown import who_is_shown
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import lay_out, rows_of, sentence
from app.ui.dialogs.preview import PreviewPanel
from app.ui.session.session import Session
from app.ui.theme import body_font
from app.ui.views.combo_box import ComboBox

if TYPE_CHECKING:
    from app.core.batch.overnight_of_study import ToBeSent


class GateDialog(QDialog):
    """Accepted when the person has attested and pressed *Send*; everything else is a no.

    Modal, because nothing else about this reading can be done before it is answered.
    """

    def __init__(
        self,
        session: Session,
        planned: Planned,
        preview: Preview,
        parent: QWidget | None = None,
        *,
        all_of: Sequence[ToBeSent] = (),
        what: str = "",
    ) -> None:
        """`all_of` are several recordings, of which `preview` is the first; `what` is then their sum."""
        super().__init__(parent)
        self.setWindowTitle("Send to the model?")
        self.setModal(True)
        destination = planned.plan.destination
        self._session = session
        self.panel = PreviewPanel(session, preview)
        self.recording = ComboBox()
        self.recording.setAccessibleName("Recording that is shown")
        self.recording.addItems([plain(one.name, 120) for one in all_of])
        self.recording.currentIndexChanged.connect(lambda row: self._show_preview(all_of[row].preview))
        self.recording.setVisible(len(all_of) > 1)
        self.attested = CheckBox(session)
        self.send = QPushButton("Send")
        self.refuse = QPushButton("Do not send")
        self._buttons()
        column = lay_out(self, sentence("This would be sent", bold=True))
        column.addWidget(self.recording)
        column.addWidget(self.panel, 1)
        clips = tuple(clip for one in all_of for clip in one.preview.clips) or preview.clips
        said = (f"{plain(one.name, 120)}: {one.preview.uncovered}" for one in all_of if one.preview.uncovered)
        uncovered = " ".join(said) or preview.uncovered
        shown = who_is_shown(clips, uncovered)
        column.addLayout(_facts(what or what_words(planned), shown, destination))
        self._column = column
        terms = sentence(destination.terms.text)
        theme = session.appearance.theme
        colour = theme.text if destination.terms.allows_patients else theme.caution
        terms.setStyleSheet(f"color: {colour};")
        column.addWidget(terms)
        column.addLayout(attestation_row(self.attested))
        row = QDialogButtonBox()
        row.addButton(self.send, QDialogButtonBox.ButtonRole.AcceptRole)
        row.addButton(self.refuse, QDialogButtonBox.ButtonRole.RejectRole)
        row.accepted.connect(self._accept)
        row.rejected.connect(self.reject)
        column.addWidget(row)
        # The button box makes its first accepting button the default one.
        self.send.setDefault(False)
        self.refuse.setDefault(True)
        self.refuse.setFocus()
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize()))

    def sizeHint(self) -> QSize:
        return QSize(940, 690)

    def done(self, result: int) -> None:
        self.panel.close_panel()
        super().done(result)

    def _show_preview(self, preview: Preview) -> None:
        """Show what is sent of another recording."""
        former, self.panel = self.panel, PreviewPanel(self._session, preview)
        self._column.replaceWidget(former, self.panel)
        former.close_panel()
        former.deleteLater()

    def _buttons(self) -> None:
        self.send.setAutoDefault(False)
        self.send.setEnabled(False)
        self.attested.toggled.connect(self.send.setEnabled)

    def _accept(self) -> None:
        if self.attested.isChecked():
            self.accept()


def attestation_row(attested: QCheckBox) -> QHBoxLayout:
    """The box beside the sentence that a person attests, on which a click ticks the box too."""
    attested.setAccessibleName(ATTESTATION)
    row = QHBoxLayout()
    row.addWidget(attested, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_AttestationLabel(attested), 1)
    return row


def _facts(what: str, shown: Sequence[tuple[str, str]], destination: Destination) -> QGridLayout:
    """What would be sent, who can be recognised in it, where it would go and under which terms."""
    return rows_of(
        (
            ("What", f"{what.rstrip('.')}, under a pseudonymous name, without metadata."),
            *shown,
            ("Where", f"{plain(destination.shown, 80)} · {plain(destination.model, 80)}"),
            ("Terms", destination.terms.title),
        )
    )


class _AttestationLabel(QLabel):
    """The wrapped text of the attestation, which a check box cannot wrap; a click toggles the box."""

    def __init__(self, box: QCheckBox) -> None:
        super().__init__(ATTESTATION)
        self._box = box
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(body_font())

    def mousePressEvent(self, _event: object) -> None:
        self._box.toggle()
