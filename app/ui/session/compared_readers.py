"""The readers that are compared, and where they differ: what every sign, counter and step goes by."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from app.core.reading import ReaderIdentity, ReaderKey, Reading
from app.core.semiology import FEATURES
from app.core.study.consensus import is_consensus
from app.core.study.disagreement import Differ, differ, onsets_differ
from app.ui.session.answers import Answers
from app.ui.session.opened_recording import OpenedRecording


class ComparedReaders(QObject):
    """The person and all others whose answers may be seen, without those that are left out.

    The consensus is what was decided of their differences, and is never compared.
    """

    changed = Signal()
    """Another choice of readers."""

    def __init__(self, answers: Answers, opened: OpenedRecording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answers = answers
        self._left_out: frozenset[ReaderKey] = frozenset()
        self._others: tuple[Reading, ...] | None = None
        self._taking_part: tuple[Reading, ...] = ()
        self._differing: dict[str, Differ] | None = None
        self._onsets: bool | None = None
        answers.mine_changed.connect(self._on_mine)
        for signal in (answers.marks_changed, answers.readings_changed, answers.seal_changed):
            signal.connect(self._forget)
        opened.recording_changed.connect(self._forget)

    @property
    def left_out(self) -> frozenset[ReaderKey]:
        """The keys of the readers that take no part."""
        return self._left_out

    def compare(self, reader: ReaderIdentity, *, on: bool) -> None:
        """Let a reader take part, or not."""
        self._left_out = self._left_out - {reader.key} if on else self._left_out | {reader.key}
        self._forget()
        self.changed.emit()

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that are compared, the person's first."""
        others = self._answers.others
        if others is not self._others:
            self._others = others
            self._taking_part = tuple(one for one in others if self._takes_part(one))
        return (self._answers.mine, *self._taking_part)

    def _takes_part(self, reading: Reading) -> bool:
        return not is_consensus(reading.reader) and reading.reader.key not in self._left_out

    @property
    def differing(self) -> Mapping[str, Differ]:
        """The features on which the compared readers differ, and in what."""
        if self._differing is None:
            readings = self.readings
            found = ((one.id, differ(reading.answer(one.id) for reading in readings)) for one in FEATURES)
            self._differing = {feature: kind for feature, kind in found if kind is not None}
        return self._differing

    @property
    def onsets_differ(self) -> bool:
        """Whether the marked onsets of the seizure lie further apart than is tolerated."""
        if self._onsets is None:
            mine = self._answers.my_reading.moment("onset")
            others = (self._answers.onset_of(one.reader) for one in self.readings[1:])
            self._onsets = onsets_differ((mine, *others))
        return self._onsets

    def _on_mine(self, features: frozenset[str]) -> None:
        """Compare anew only what the person has changed."""
        if self._differing is None:
            return
        readings = self.readings
        for feature in features:
            kind = differ([reading.answer(feature) for reading in readings])
            if kind is None:
                self._differing.pop(feature, None)
            else:
                self._differing[feature] = kind

    def _forget(self) -> None:
        self._others = self._differing = self._onsets = None
