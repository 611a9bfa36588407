"""A reader of a batch, with everything that determines what it answers."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from app.core.bounded_json import canonical
from app.core.clips.clip import arm_of
from app.core.picture_box import Box
from app.core.reader_details import MERGING, REPEAT
from app.core.readers.local_readers import local_reader, short_name
from app.core.readers.models.asked import asked_of, mode_of
from app.core.readers.models.blind_control import BLIND, as_control
from app.core.readers.models.merge_rule import ANY
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompts import PromptSet
from app.core.reading import ReaderIdentity, Reading


@dataclass(frozen=True)
class BatchReader:
    """A local reader by its name, or a model with its choice and set of prompts.

    `repeat` counts from 1 how often the same is asked; `blind` shows black frames and silence instead.
    """

    kind: str
    choice: ModelChoice | None = None
    prompts: PromptSet | None = None
    repeat: int = 1
    blind: bool = False

    @property
    def is_model(self) -> bool:
        return self.choice is not None

    @property
    def question(self) -> ModelChoice | None:
        """The choice as it is asked in a batch, where wordings are a dimension and poses may not be known;
        commands refuse both before."""
        if self.choice is None or self.prompts is None:
            return None
        return replace(self.choice, prompts=self.prompts.name, wordings=(), two_passes=False)

    @cached_property
    def asked(self) -> str:
        """Everything that determines the answers besides the recording, as canonical JSON. Raises UserError
        when the choice of a model is incomplete."""
        question = self.question
        if question is not None and self.prompts is not None:
            said = {"reader": "model", **asked_of(question, self.prompts)}
            said |= {} if question.merging == ANY else {MERGING: question.merging}
        else:
            said = {"reader": local_reader(self.kind)(None).identity.exact_key}
        said |= {REPEAT: str(self.repeat)} if self.repeat > 1 else {}
        return canonical(said | ({"blind": BLIND} if self.blind else {}))

    @property
    def name(self) -> str:
        """What the reader is called in progress and in the summary."""
        parts = [short_name(self.kind)]
        if self.choice is not None and self.prompts is not None:
            arm = BLIND if self.blind else arm_of(self.choice.clip_options)
            mode = mode_of(self.choice, self.prompts).value
            parts = [self.choice.model, arm, f"prompts {self.prompts.name}", mode]
        elif self.blind:
            parts.append(BLIND)
        if self.repeat > 1:
            parts.append(f"repeat {self.repeat}")
        return " · ".join(parts).replace("_", "-")

    def key_for(self, sha256: str, patient: Box | None) -> str:
        """The name of its result for a recording: the same for the same content and the same question."""
        said = canonical([sha256, None if patient is None else asdict(patient), self.asked])
        return hashlib.sha256(said.encode()).hexdigest()[:40]

    def signed(self, reading: Reading) -> Reading:
        """The reading under an identity that tells repeats and the control apart from the rest."""
        details = dict(reading.reader.details)
        details |= {REPEAT: str(self.repeat)} if self.repeat > 1 else {}
        reader: ReaderIdentity = replace(reading.reader, details=details)
        signed = replace(reading, reader=reader)
        return as_control(signed, signed.recording) if self.blind else signed
