"""The annotations of the current EEG on the recording's clock, and their use in the person's reading."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.times import clock
from app.ui.session.answers import Answers
from app.ui.session.attached_eeg import AttachedEeg, AttachedEegs
from app.ui.session.background import Background
from app.ui.session.labels import Labels
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.selection import Selection
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.eeg.annotation_search import AnnotationFilter, ListedAnnotation


class AnnotationUse(StrEnum):
    """What an annotation can become in the person's reading."""

    ONSET = "onset"
    END = "end"
    PHASE = "phase"
    NOTE = "note"


class EegAnnotations(QObject):
    """Lists the annotations of the current EEG; each use of one is an edit of the person's reading."""

    changed = Signal()
    """Another EEG is current, more of it has been looked at, or it has another sync."""
    found = Signal(object)
    """The AnnotationList that `search` has asked for."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        attached: AttachedEegs,
        labels: Labels,
        answers: Answers,
        selection: Selection,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._attached = attached
        self._labels = labels
        self._answers = answers
        self._selection = selection
        self._status = status
        self._search = Background("search of the annotations", self)
        self._search.done.connect(self.found)
        self._search.failed.connect(status.show_message)
        attached.changed.connect(self.changed)
        attached.scanned.connect(self._on_changed)
        attached.sync_changed.connect(self._on_changed)

    @property
    def share_read(self) -> float:
        """How much of the current EEG has been looked at for annotations, 0–1; 1 without one."""
        eeg = self._attached.current
        scan = None if eeg is None else self._attached.scan_of(eeg)
        if eeg is None:
            return 1.0
        return 0.0 if scan is None else scan.done

    @property
    def searching(self) -> bool:
        """Whether `found` is still to come."""
        return self._search.running

    def search(self, wanted: AnnotationFilter | None = None, most: int | None = None) -> None:
        """Look for the first `most` annotations that the filter lets through, by default as many as a list
        shows and all of them; `found` follows.

        A new search takes the place of one that is under way.
        """
        from app.core.eeg.annotation_search import (
            MOST_ROWS,
            AnnotationFilter,
            AnnotationList,
            list_annotations,
        )

        eeg = self._attached.current
        scan = None if eeg is None else self._attached.scan_of(eeg)
        if eeg is None or scan is None:
            self._search.drop()
            self.found.emit(AnnotationList(()))
            return
        annotations, sync = scan.annotations, eeg.sync
        some, rows = wanted or AnnotationFilter(), MOST_ROWS if most is None else most
        self._search.start(lambda task: list_annotations(annotations, sync, some, rows, cancel=task.cancel))

    def use(self, annotation: ListedAnnotation, use: AnnotationUse) -> None:
        """Make it the seizure's onset or end, a phase, or a line of the note on the selected feature.

        A moment outside of the recording cannot be marked; the status line says so.
        """
        if not 0 <= annotation.start <= self._opened.duration:
            self._status.say("this annotation is outside of the recording", of_eeg=True)
        elif use is AnnotationUse.NOTE:
            self._note(annotation)
        elif use is AnnotationUse.PHASE:
            self._labels.marks.add_phase(annotation.start, annotation.text)
        else:
            self._labels.marks.set(use.value, annotation.start)

    def _note(self, annotation: ListedAnnotation) -> None:
        feature = self._selection.feature
        before = self._answers.my_reading.note(feature)
        line = f"{clock(annotation.start)} {annotation.text}"
        if line not in before.split("\n"):
            self._labels.set_note(feature, f"{before}\n{line}" if before else line)

    def _on_changed(self, eeg: AttachedEeg) -> None:
        current = self._attached.current
        if current is not None and current.fingerprint == eeg.fingerprint:
            self.changed.emit()
