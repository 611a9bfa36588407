"""What of the open recording a model reads, and what the marks and the view of the person say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.recording.presentation import Orientation
from app.core.semiology import Span
from app.ui.session.answers import Answers
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.picture import ShownPicture

if TYPE_CHECKING:
    from app.core.readers.models.model_choice import ModelChoice
    from app.core.readers.models.reading_range import EventTimes


class ReadingPart(QObject):
    """A chosen span holds for the open recording alone; everything else of a choice is the same for all."""

    changed = Signal()

    def __init__(
        self,
        opened: OpenedRecording,
        answers: Answers,
        picture: ShownPicture,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._answers = answers
        self._picture = picture
        self._span: Span | None = None
        opened.recording_changed.connect(self._reset)

    @property
    def span(self) -> Span | None:
        """The span (s) that is read instead of what the choice says; None without one."""
        return self._span

    def set_span(self, span: Span | None) -> None:
        """Read this span of the open recording."""
        if span != self._span:
            self._span = span
            self.changed.emit()

    def of(self, choice: ModelChoice) -> ModelChoice:
        """The choice for the open recording."""
        if self._span is None:
            return choice
        from app.core.readers.models.reading_range import RangeKind, ReadingRange

        return replace(choice, range=ReadingRange(RangeKind.SPAN, span=self._span).text)

    @property
    def marked(self) -> EventTimes:
        """Onset and end as the person marked them; nobody else's marks, and nothing else of theirs."""
        from app.core.readers.models.reading_range import event_times

        return event_times(self._answers.my_reading.marks)

    @property
    def orientation(self) -> Orientation:
        """How the person turned and mirrored the picture."""
        return self._picture.presentation.orientation

    def _reset(self) -> None:
        self._span = None
