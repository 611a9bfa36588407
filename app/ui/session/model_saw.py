"""What the shown reader was shown and said segment by segment, where it is a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.core.reading import ReaderKind, Reading
from app.ui.session.answers import Answers
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy

if TYPE_CHECKING:
    from app.core.readers.models.reading_files import ReadingFiles
    from app.core.readers.models.reading_state import Preview, SegmentLine


class ModelSaw(QObject):
    """The clips and segments of the shown reading, read in a background thread."""

    found = Signal()

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        is_asking: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._answers = answers
        self._is_asking = is_asking
        self._found: tuple[Reading, ReadingFiles | None] | None = None
        self._reading = Background("clips that the model was shown", self)
        self._reading.done.connect(self._on_found)
        answers.readings_changed.connect(self.find)
        opened.recording_changed.connect(self.find)

    def find(self) -> None:
        """Find the clips and segments of the reading that is shown, if it is a model's."""
        reading, folder = self._answers.shown, self._study.folder
        # A growing reading is read when it has ended: a thread for each answer would be felt.
        growing = self._is_asking()
        if reading is None or reading.reader.kind is not ReaderKind.MODEL or folder is None or growing:
            self._found = None
            return
        if self._found is not None and self._found[0] == reading:
            return

        def work(_task: Task) -> object:
            from app.core.readers.models.reading_files import reading_files_of

            return reading, reading_files_of(reading, folder)

        self._reading.start(work)

    def _on_found(self, found: tuple[Reading, ReadingFiles | None]) -> None:
        self._found = found
        self.found.emit()

    def segments_of(self, feature: str) -> tuple[SegmentLine, ...]:
        """The answers of the segments for a feature of the shown reading; empty while unknown."""
        kept = self._found[1] if self._found is not None else None
        if kept is None:
            return ()
        from app.core.readers.models.reading_state import segment_lines

        return segment_lines(kept.of(feature), kept.clips)

    @property
    def preview(self) -> Preview | None:
        """The preview of what the shown reader saw; None when it is not a model or its clips are gone."""
        if self._found is None or self._found[1] is None or not self._found[1].clips:
            return None
        from app.core.readers.models.reading_state import Preview

        kept = self._found[1]
        return Preview(kept.clips_folder, kept.clips, {}, kept.as_video, kept=True)
