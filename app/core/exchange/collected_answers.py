"""Answers collected from a file, by recording and reader as the file writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.core.exchange.bundle import ANSWER_FIELDS, Bundle, ReadRecording
from app.core.exchange.said_answers import SaidAnswer, SaidOfFeature
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer


@dataclass(slots=True)
class SaidByReader:
    """What one reader says of one recording, by feature."""

    recording: RecordingIdentity
    reader: ReaderIdentity
    features: dict[str, SaidOfFeature] = field(default_factory=dict)

    def add(self, answer: Answer, place: str) -> None:
        """Add what is said at a place; an answer that says nothing changes nothing."""
        if answer != Answer(answer.feature):
            self.features.setdefault(answer.feature, SaidOfFeature()).add(answer, place)

    def readings(self) -> Iterator[tuple[Reading, dict[str, str]]]:
        """The reading with the place of each answer; further ones where answers contradict each other."""
        said = {one.id: self.features[one.id].answers() for one in FEATURES if one.id in self.features}
        for number in range(max((len(answers) for answers in said.values()), default=1) or 1):
            kept = {feature: answers[number] for feature, answers in said.items() if number < len(answers)}
            yield _reading(self, kept)


def _reading(said: SaidByReader, kept: dict[str, SaidAnswer]) -> tuple[Reading, dict[str, str]]:
    answers = {feature: one.answer for feature, one in kept.items()}
    return (
        Reading(said.recording, said.reader, answers),
        {feature: one.place for feature, one in kept.items()},
    )


@dataclass(slots=True)
class CollectedAnswers:
    """Answers collected from a file, in the order in which recordings and readers first appear."""

    fields: frozenset[str] = ANSWER_FIELDS
    _recordings: dict[RecordingIdentity, dict[str, SaidByReader]] = field(default_factory=dict)
    _others: dict[RecordingIdentity, tuple[str, ...]] = field(default_factory=dict)

    def reading(self, recording: RecordingIdentity, reader: ReaderIdentity) -> SaidByReader:
        """What this reader says of this recording, to be filled."""
        key = repr((reader.kind, reader.name, reader.version, sorted(reader.details.items())))
        readers = self._recordings.setdefault(recording, {})
        return readers.setdefault(key, SaidByReader(recording, reader))

    def add_names(self, recording: RecordingIdentity, names: tuple[str, ...]) -> None:
        """Further files that show the same event on the same clock."""
        self._others[recording] = names

    def bundle(self) -> Bundle:
        return Bundle(tuple(self._entries()))

    def _entries(self) -> Iterator[ReadRecording]:
        for recording, readers in self._recordings.items():
            found = [each for said in readers.values() for each in said.readings()]
            yield ReadRecording(
                recording,
                tuple(reading for reading, _ in found),
                fields=self.fields,
                places=tuple(places for _, places in found),
                other_names=self._others.get(recording, ()),
            )
