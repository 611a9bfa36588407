"""The dialog that makes a composite reader of two models of the study."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from app.core.jobs import Task
from app.core.plural import plural
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import form, sentence
from app.ui.session.background import Background
from app.ui.session.session import Session

_ABOUT = (
    "The 18 visual features as one model answered them, the 2 audible ones as another, on every recording of "
    "the study that both have read. Their own readings stay. Nothing is sent."
)
_TOO_FEW = "It takes two models that have read recordings of this study: ask a second one first."


class CombineModelsDialog(WorkDialog):
    """Two models are chosen by name; the composite reading stands beside theirs."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Combine two models", "Combine", self.choose, parent)
        self.seen_by = QComboBox()
        self.heard_by = QComboBox()
        self.seen_by.setAccessibleName("Model whose visual answers are taken")
        self.heard_by.setAccessibleName("Model whose audible answers are taken")
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addLayout(form((("What is seen", self.seen_by), ("What is heard", self.heard_by))))
        self.begin.setEnabled(False)
        self._finding = Background("models of the study", self)
        self._finding.done.connect(self._show_models)
        self._finding.failed.connect(self.say)
        session.closing.connect(self._finding.close)
        self._find()

    def done(self, result: int) -> None:
        self._finding.drop()  # a share may hang; closing the session waits for it
        super().done(result)

    def choose(self) -> None:
        """Combine the chosen models on every recording."""
        access, seen, heard = (
            self.session.study.access(),
            self._chosen(self.seen_by),
            self._chosen(self.heard_by),
        )
        if access is None or not seen or not heard:
            return

        def work(_task: Task) -> tuple[str, ...]:
            from app.core.agreement.combined_models import combine_in_study

            with access.open() as study:
                made = combine_in_study(study, seen, heard)
            words = f"“{made.name}” now has read {plural(made.recordings, 'recording')} of this study."
            left = f"Read by one of the two only: {made.left_out}." if made.left_out else ""
            return tuple(filter(None, (words, left)))

        self.start(work)

    def _chosen(self, box: QComboBox) -> str:
        return str(box.currentData() or "")

    def _find(self) -> None:
        access = self._access("Open a recording first.")
        if access is None:
            return

        def work(_task: Task) -> tuple[str, ...]:
            from app.core.agreement.combined_models import models_of_study

            with access.open() as study:
                return models_of_study(study)

        self._finding.start(work)

    def _show_models(self, names: tuple[str, ...]) -> None:
        for box in (self.seen_by, self.heard_by):
            for name in names:
                box.addItem(name, name)
        self.heard_by.setCurrentIndex(len(names) - 1)
        self.begin.setEnabled(len(names) > 1)
        if len(names) < 2:
            self.say(_TOO_FEW)
