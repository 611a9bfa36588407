"""How well the models of the open study answer its own recordings, found in a background thread."""

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
    from app.core.agreement.own_figures import OwnFigure


class OwnScores(QObject):
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
        self._figures: Mapping[ReaderKey, Mapping[str, OwnFigure]] = {}
        self._counting = Background("figures of the study", self)
        self._counting.done.connect(self._on_found)
        self._counting.failed.connect(self._forget)
        opened.recording_changed.connect(self._find)
        answers.readings_changed.connect(self._find_first)

    def close(self) -> None:
        """Returns when the counting has ended."""
        self._counting.close()

    def sentence(self, reader: ReaderIdentity, feature: str) -> str:
        """The study's own figures for a model and a feature; "" as long as there are too few."""
        figure = self._figures.get(reader.anywhere.key, {}).get(feature)
        return "" if figure is None else figure.sentence

    def _find_first(self) -> None:
        """A model's reading may be shown that was not there before."""
        access = self._study.access()
        if access is None or self._of != access.whose:
            self._find()

    def _find(self) -> None:
        """Count anew: with every recording that was read the study has one more."""
        shown, access = self._answers.shown, self._study.access()
        if access is None or access.whose != self._of:
            self._forget()
        if access is None or shown is None or shown.reader.kind is not ReaderKind.MODEL:
            return
        self._of = access.whose

        def work(_task: Task) -> object:
            from app.core.agreement.own_figures import own_figures

            with access.open() as study:
                return own_figures(study, access.viewer, access.me)

        self._counting.start(work)

    def _on_found(self, figures: Mapping[ReaderKey, Mapping[str, OwnFigure]]) -> None:
        self._figures = figures
        self.found.emit()

    def _forget(self) -> None:
        """Show nothing of one study, or of one person's view of it, to another, nor what is being counted."""
        self._counting.drop()
        self._of, self._figures = None, {}
