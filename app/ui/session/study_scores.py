"""How well the models of the open study answer its recordings, and black clips, counted in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind
from app.ui.session.answers import Answers
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy

if TYPE_CHECKING:
    from app.core.agreement.study_figures import StudyFigure
    from app.core.evaluation.blind_answers import BlindShare

    _Figures = Mapping[ReaderKey, Mapping[str, StudyFigure]]
    _Shares = Mapping[ReaderKey, Mapping[str, BlindShare]]


class StudyScores(QObject):
    """Figures of the study by the person's usual reference, without what is sealed from them."""

    found = Signal()

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._answers = answers
        self._of: object = None
        self._figures: _Figures = {}
        self._blind: _Shares = {}
        self._counting = Background("figures of the study", self)
        self._counting.done.connect(self._on_found)
        self._counting.failed.connect(self._forget)
        opened.recording_changed.connect(self.count)
        answers.readings_changed.connect(self._find_first)

    def sentence(self, reader: ReaderIdentity, feature: str) -> str:
        """The study's own figures for a model and a feature; "" as long as there are too few."""
        figure = self._figures.get(reader.anywhere.key, {}).get(feature)
        return "" if figure is None else figure.sentence

    def blind_sentence(self, reader: ReaderIdentity, feature: str) -> str:
        """How often a model, or that of a composite reader, said yes when it was shown nothing; "" where
        that was not tried."""
        from app.core.readers.models.model_caution import who_answered

        share = self._blind.get(who_answered(reader, feature).anywhere.key, {}).get(feature)
        return "" if share is None else share.sentence

    def _find_first(self) -> None:
        """A model's reading may be shown that was not there before."""
        access = self._study.access()
        if access is None or self._of != access.whose:
            self.count()

    def count(self) -> None:
        """Count anew: with every recording that was read the study has one more."""
        shown, access = self._answers.shown, self._study.access()
        if access is None or access.whose != self._of:
            self._forget()
        if access is None or shown is None or shown.reader.kind is not ReaderKind.MODEL:
            # What was counted before may be out of date when a model is shown again.
            self._of = None
            return
        self._of = access.whose

        def work(_task: Task) -> object:
            from app.core.agreement.study_figures import study_figures
            from app.core.evaluation.blind_answers import blind_in_study

            with access.open() as study:
                figures = study_figures(study, access.viewer, access.me)
                return figures, blind_in_study(study, access.viewer)

        self._counting.start(work)

    def _on_found(self, found: tuple[_Figures, _Shares]) -> None:
        self._figures, self._blind = found
        self.found.emit()

    def _forget(self) -> None:
        """Show nothing of one study, or of one person's view of it, to another, nor what is being counted."""
        self._counting.drop()
        self._of, self._figures, self._blind = None, {}, {}
