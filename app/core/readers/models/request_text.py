"""The text of each request of a reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.answer_schema import AnswerForm
from app.core.readers.models.merging import SegmentAnswer
from app.core.readers.models.prompt_context import Told, context
from app.core.readers.models.prompts import PromptSet, prompt
from app.core.readers.models.provider import Material
from app.core.readers.models.request_plan import Request
from app.core.readers.models.time_notation import TimeNotation


@dataclass(frozen=True, slots=True)
class Wording:
    """How the requests of a reading are put into words: the set of prompts, how times are written, what they
    tell of the recording (None: nothing), whether the skeleton stands `beside` the plain picture, and the
    `others` of the sets of prompts, which repeats of a request take in turn."""

    prompts: PromptSet
    times: TimeNotation = TimeNotation.SECONDS
    told: Told | None = None
    beside: bool = False
    others: tuple[PromptSet, ...] = ()

    def prompts_of(self, request: Request) -> PromptSet:
        """The set for a request: the first for what is asked first, and so on, from the beginning again."""
        sets = (self.prompts, *self.others)
        return sets[(request.repeat - 1) % len(sets)]

    def beginning(self, request: Request) -> str:
        """The text with which a request begins as do all that take this set of prompts; "" for none."""
        prompts = self.prompts_of(request)
        return "" if prompts.form is AnswerForm.SHORT else prompts.rules

    def text(
        self, request: Request, shown: Material | None = None, earlier: Iterable[SegmentAnswer] | None = None
    ) -> str:
        """The text of a request. `shown` says how its clip turned out, None before it is made; `earlier` are
        the answers of earlier segments, None to tell nothing of them."""
        seen = request.enhancement is not Enhancement.SOUND
        material = shown or Material("", {}, with_picture=request.with_picture)
        about = ""
        if self.told is not None:
            about = context(
                self.told,
                request.segment,
                times=self.times,
                fps=request.fps,
                picture=seen or material.with_picture,
                upright=material.upright,
                earlier=earlier,
            )
        return prompt(
            self.prompts_of(request),
            request.features,
            request.enhancement,
            request.segment,
            enhanced=material.enhanced,
            transcript=material.transcript,
            remarks=material.remarks,
            times=self.times,
            about=about,
            beside=self.beside,
            with_picture=material.with_picture,
        )


def sets_in_words(first: PromptSet, others: Sequence[PromptSet]) -> str:
    """The names of sets of prompts: `expert`, or `expert, plain in turn` where repeats take several."""
    names = ", ".join(one.name for one in (first, *others))
    return f"{names} in turn" if others else names
