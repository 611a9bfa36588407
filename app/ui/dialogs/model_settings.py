"""Set up a model: which one and where, what it is asked, and what each study has allowed."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QTabWidget, QWidget

from app.core.errors import UserError
from app.core.readers.models.model_choice import ModelChoice
from app.ui.dialogs.form import CANCEL, SAVE, Problem, buttons, lay_out, open_at, sentence, title
from app.ui.dialogs.model_connection import ConnectionPage, words_on
from app.ui.dialogs.model_doubt import DoubtPage
from app.ui.dialogs.model_permissions import PermissionsPage
from app.ui.dialogs.model_questions import QuestionsPage
from app.ui.session.session import Session


class ModelSettingsDialog(QDialog):
    """Four pages; nothing is remembered before *Save*. Does not block."""

    def __init__(self, session: Session, parent: QWidget | None = None, why: str = "") -> None:
        """`why` says why it opened where the person wanted something else."""
        super().__init__(parent)
        self._session = session
        self._saving = False
        choice = session.models.chosen.choice
        title(self, "Set up a model")
        self.questions = QuestionsPage(session, choice)
        self.connection = ConnectionPage(session, choice, self.questions.filled)
        self.permissions = PermissionsPage(session)
        self.doubt = DoubtPage(session, choice)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.addTab(self.connection, "Model")
        self.pages.addTab(self.questions, "What it is shown and asked")
        self.pages.addTab(self.permissions, "Permissions")
        self.pages.addTab(self.doubt, "Confidence")
        self.problem = Problem(session.appearance.theme)
        self.buttons = buttons(self, SAVE, CANCEL)
        self.why = sentence()
        self.tell_why(why)
        column = lay_out(self, self.why, self.pages, self.problem, self.buttons, growing=self.pages)
        column.setContentsMargins(12, 10, 12, 12)
        self.connection.changed.connect(self._on_changed)
        session.models.chosen.vault.done.connect(self._on_key_kept)
        session.models.chosen.vault.failed.connect(self._on_key_refused)
        self._on_changed()
        open_at(self, QSize(640, 640))

    def tell_why(self, why: str) -> None:
        """Say above all pages why the dialog is open; "" says nothing."""
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def choice(self) -> ModelChoice:
        """The choice as it stands on the pages."""
        shown = self.connection.filled(self.questions.filled(self._session.models.chosen.choice))
        return self.doubt.filled(shown)

    def accept(self) -> None:
        """Remember the choice, after a key that was typed lies in the vault."""
        self.problem.tell("")
        typed = self.connection.typed_key
        try:
            host = self.connection.key_name()
        except UserError as error:
            self.pages.setCurrentWidget(self.connection)
            # The field that is left takes in what was typed, which clears what is said of the former choice.
            self.connection.point_at(error)
            self.problem.tell(words_on(error))
            return
        if typed and host:
            self._saving = True
            keys = self._session.models.chosen.keys
            self._session.models.chosen.vault.start(lambda _task: keys.keep(host, typed))
            return
        self._finish()

    def done(self, result: int) -> None:
        self.connection.leave()
        super().done(result)

    def _finish(self) -> None:
        self._session.models.chosen.choose(self.choice())
        super().accept()

    def _on_key_kept(self, words: object) -> None:
        if self._saving:
            self._saving = False
            self.connection.key_kept(str(words))
            self._finish()

    def _on_key_refused(self, sentence: str) -> None:
        self._saving = False
        self.problem.tell(sentence)

    def _on_changed(self) -> None:
        local = self.connection.provider == ""
        for page in (self.questions, self.doubt):
            self.pages.setTabEnabled(self.pages.indexOf(page), not local)
        self.questions.show_for(self.connection.provider)
        self.problem.tell("")
