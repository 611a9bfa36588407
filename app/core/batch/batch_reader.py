"""A reader of a batch, with everything that determines what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from app.core.bounded_json import canonical
from app.core.clips.clip import arm_of
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reader_details import MARKS, MERGING, REPEAT
from app.core.readers.local_readers import local_reader, short_name
from app.core.readers.models.asked import asked_of, check_form, mode_of
from app.core.readers.models.blind_control import BLIND, as_control
from app.core.readers.models.merge_rule import ANY
from app.core.readers.models.model_choice import (
    ModelChoice,
    clip_options_of,
    looks_twice,
    needs_marks,
    repeats_of,
)
from app.core.readers.models.prompts import PromptSet, sets_in_turn
from app.core.readers.models.reading_range import EventTimes, RangeKind, event_to_text, parse_range
from app.core.readers.models.request_text import sets_in_words
from app.core.reading import ReaderIdentity, Reading

UNMARKED = EventTimes()


@dataclass(frozen=True)
class BatchReader:
    """A local reader by its name, or a model with its choice and set of prompts.

    `repeat` counts from 1 how often the same is asked; `blind` shows black frames and silence instead.
    `wordings` are sets of prompts that repeats within a reading take in turn after the first; `marks` names
    the reader by whose marks of onset and end a model is asked, "" where it is asked by none.
    """

    kind: str
    choice: ModelChoice | None = None
    prompts: PromptSet | None = None
    repeat: int = 1
    blind: bool = False
    wordings: tuple[PromptSet, ...] = ()
    marks: str = ""

    @property
    def is_model(self) -> bool:
        return self.choice is not None

    @property
    def question(self) -> ModelChoice | None:
        """The choice as it is asked; None of a local reader."""
        if self.choice is None or self.prompts is None:
            return None
        names = tuple(one.name for one in self.wordings)
        return replace(self.choice, prompts=self.prompts.name, wordings=names)

    @property
    def needs_marks(self) -> bool:
        """Whether it is asked by marks of onset and end."""
        return self.choice is not None and needs_marks(self.choice)

    @property
    def prompt_sets(self) -> dict[str, PromptSet]:
        """The sets of prompts that it takes, by name."""
        return {one.name: one for one in (self.prompts, *self.wordings) if one is not None}

    def check(self) -> None:
        """Raises UserError when what is asked does not fit together."""
        question = self.question
        if question is None or self.prompts is None:
            return
        if len(self.prompt_sets) <= len(self.wordings):
            raise UserError("Two sets of prompts that are taken in turn have the same name.")
        check_form(question, self.prompts, self.wordings)
        if self.needs_marks and not self.marks:
            raise UserError(
                "To read the event alone, or to tell a model when it begins and ends, takes marks: say whose "
                "(--marks, or marks in the file), or read all of the recording and tell nothing of the event."
            )

    @cached_property
    def asked(self) -> str:
        """Everything that determines the answers besides the recording, as canonical JSON. Raises UserError
        when the choice of a model is incomplete."""
        question = self.question
        if question is not None and self.prompts is not None:
            said = {"reader": "model", **asked_of(question, self.prompts, self.wordings)}
            said |= {} if question.merging == ANY else {MERGING: question.merging}
            said |= self._marks
        else:
            said = {"reader": local_reader(self.kind)(None).identity.exact_key}
        said |= {REPEAT: str(self.repeat)} if self.repeat > 1 else {}
        return canonical(said | ({"blind": BLIND} if self.blind else {}))

    @property
    def name(self) -> str:
        """What the reader is called in progress and in the summary."""
        parts = [short_name(self.kind)]
        if self.choice is not None and self.prompts is not None:
            arm = BLIND if self.blind else arm_of(clip_options_of(self.choice))
            mode = mode_of(self.choice, self.prompts).value
            parts = [self.choice.model, arm, f"prompts {sets_in_words(self.prompts, self.wordings)}", mode]
            parts += self._further_words(self.choice)
        elif self.blind:
            parts.append(BLIND)
        if self.repeat > 1:
            parts.append(f"repeat {self.repeat}")
        return " · ".join(parts).replace("_", "-")

    def _further_words(self, choice: ModelChoice) -> Iterator[str]:
        """What else it is called by, where it is not the usual: what is looked at, and what prompts tell."""
        if choice.feature_rates:
            yield "two passes" if choice.two_passes else "high rates everywhere"
        part = parse_range(choice.range)
        if part.kind is RangeKind.EVENT:
            yield f"event ± {part.margin:g} s"
        elif part.kind is RangeKind.SPAN:
            yield part.text
        if choice.tell_event:
            yield "event told"
        if not choice.tell_earlier and not looks_twice(choice):
            yield "earlier segments not told"
        if self._marks:
            yield f"marks of {self.marks}"

    @property
    def _marks(self) -> dict[str, str]:
        return {MARKS: self.marks} if self.needs_marks else {}

    def key_for(self, sha256: str, patient: Box | None, event: EventTimes = UNMARKED) -> str:
        """The name of its result for a recording: the same for the same content, marks and question."""
        said = [sha256, None if patient is None else asdict(patient), self.asked]
        said += [event_to_text(event)] if event.marked else []
        return hashlib.sha256(canonical(said).encode()).hexdigest()[:40]

    def signed(self, reading: Reading) -> Reading:
        """The reading under an identity that tells repeats and the control apart from the rest."""
        details = dict(reading.reader.details)
        details |= {REPEAT: str(self.repeat)} if self.repeat > 1 else {}
        details |= self._marks
        reader: ReaderIdentity = replace(reading.reader, details=details)
        signed = replace(reading, reader=reader)
        return as_control(signed, signed.recording) if self.blind else signed


def model_reader(choice: ModelChoice, sets: Mapping[str, PromptSet], marks: str) -> BatchReader:
    """A model as it is chosen, with its sets of prompts by name; `marks` names the reader by whose marks it
    is asked. Raises UserError when a set does not exist, or what is asked does not fit together."""
    wordings = choice.wordings if repeats_of(choice) > 1 else ()
    first, others = sets_in_turn(choice.prompts, wordings, sets)
    made = BatchReader(choice.provider, choice, first, wordings=others, marks=marks)
    made.check()
    return made


def ceiling_of(readers: Iterable[BatchReader]) -> float | None:
    """The most that all readings of a batch together may cost: the lowest ceiling; None without any."""
    ceilings = (reader.choice.most_cost for reader in readers if reader.choice is not None)
    return min((most for most in ceilings if most is not None), default=None)
