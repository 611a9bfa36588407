"""One request of full size on generated media, and what a server has left out of it without saying so.

The same question is asked without media, with a part of them, and with all. The tokens that the server counts
tell how many frames it really took: some servers drop frames, or cut what their context does not hold, and
answer all the same. One more request with a longer text tells these two apart: where frames are dropped it
counts more tokens, where the context is full it does not.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.enhance.enhancement import Enhancement
from app.core.jobs import CancelToken, Progress, Report
from app.core.plain_text import plain
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.families import ClipForm
from app.core.readers.models.generated_media import pictures, tone, video
from app.core.readers.models.provider import Material, Provider, Reply
from app.core.readers.models.request_plan import (
    CHARACTERS_PER_TOKEN,
    Request,
    Serving,
    frames_of,
    is_seen,
    media_tokens,
    request_tokens,
    size_of,
)
from app.core.readers.models.response import parse_response
from app.core.readers.models.retrying import NoAnswerError, RequestError, ask_with_retries
from app.core.readers.models.servers import ServerKind, advice_on_refusal

FEW_FRAMES = 8
"""The frames of the request that measures what one costs; even, because some families take them in pairs."""
FEW_SECONDS = 4.0
"""The sound of that request."""
FEWEST_TAKEN = 0.93
"""The share of the frames, by the tokens, from which on all of them count as taken."""
SHORTEST_ANSWER = 16
"""Tokens of an answer of which only the count of the prompt is of interest."""
FILLER = "This sentence only makes the question longer; leave it out of your judgement. " * 40


class Loss(StrEnum):
    """What a server does to a request without saying so: it leaves out `FRAMES`, or cuts what is longer than
    its `CONTEXT`."""

    FRAMES = "frames"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What became of the largest request about one kind of clip.

    `frames` of `size` pixels were sent (0 for sound), `taken` of them were counted; `planned` and `counted`
    are the tokens of the request (`counted` None where the server states none), `counted_out` those of the
    answer; `answered` of `asked` questions have an answer that can be used; `seconds` is how long it took.
    `problem` is the reason of a failure, else "", `advice` what to change on the server, "" where nothing is
    known to help.
    """

    enhancement: Enhancement
    frames: int
    size: tuple[int, int]
    planned: int
    asked: int
    counted: int | None = None
    counted_out: int | None = None
    taken: int = 0
    answered: int = 0
    seconds: float = 0.0
    loss: Loss | None = None
    problem: str = ""
    advice: str = ""

    @property
    def passed(self) -> bool:
        """Whether all of it was taken and answered, as far as the server lets it be known."""
        return self.loss is None and not self.problem


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one request brought: the tokens counted, and the reply or why there is none."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    reply: Reply | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """The requests about one kind of clip: `request` is the largest one, `context` the most tokens of a
    request as far as the server states it (else 0), `deadline` the time (s) for each."""

    provider: Provider
    request: Request
    serving: Serving
    kind: ServerKind
    context: int
    deadline: float
    cancel: CancelToken

    async def run(self, report: Report) -> Rehearsed:
        """What becomes of the request, and why if it is not whole. Raises Cancelled."""
        request, times = self.request, self.serving.family.times
        started = self._planned()
        what = f"{started.frames} pictures" if started.frames else "the sound"
        what += " with their sound" if request.with_picture else ""
        report(Progress(f"Asking a whole question about {what}", 0.05))
        material = Material(
            self.serving.text(request),
            response_schema(request.features, times, form=request.form),
            fps=request.fps,
        )
        full = await self._with_media(material, whole=True)
        began = time.monotonic()
        heard = await self._asked(full)
        result = replace(
            started,
            counted=heard.tokens_in,
            counted_out=heard.tokens_out,
            taken=started.frames,
            seconds=time.monotonic() - began,
            problem=heard.problem,
        )
        if heard.tokens_in is None:
            return self._with_advice(result)
        if heard.reply is not None:
            parsed = parse_response(
                heard.reply.text, request.features, request.segment, times, form=request.form
            )
            result = replace(result, answered=len(parsed.answers))
        report(Progress(f"Counting what was taken of {what}", 0.6))
        return await self._checked(material, full, result)

    def _planned(self) -> Rehearsed:
        request = self.request
        seen = is_seen(request)
        return Rehearsed(
            request.enhancement,
            frames_of(request) if seen else 0,
            size_of(request, self.serving) if seen else (0, 0),
            request_tokens(request, self.serving),
            len(request.features),
        )

    def _with_advice(self, result: Rehearsed) -> Rehearsed:
        """A request that was refused, or of which the server counts nothing."""
        if not result.problem:
            return result
        needed = self._needed(result)
        advice = advice_on_refusal(result.problem, self.kind, needed, result.frames)
        if not advice and 0 < self.context < needed:
            advice = self.kind.raise_context(needed)
        return replace(result, taken=0, advice=advice)

    async def _checked(self, material: Material, full: Material, result: Rehearsed) -> Rehearsed:
        """The result with what the server has left out."""
        counted = result.counted or 0
        bare = await self._counted(material)
        few = await self._counted(await self._with_media(material, whole=False))
        if bare is None or few is None:
            return result
        share = (counted - bare) / (few - bare) / self._expected() if few > bare else 0.0
        if share >= FEWEST_TAKEN:
            return result
        more = await self._counted(replace(full, prompt=FILLER + full.prompt))
        if more is not None and more - counted < len(FILLER) / CHARACTERS_PER_TOKEN / 2:
            advice = self.kind.raise_context(self._needed(result))
            return replace(result, loss=Loss.CONTEXT, taken=0, advice=advice)
        if not result.frames or few <= bare:
            return result  # sound in windows of one length, or media that are not counted
        taken = max(1, min(round(share * result.frames), result.frames - 1))
        as_video = self.serving.form is not ClipForm.PICTURES
        raised = self.kind.raise_frames() if as_video else self.kind.raise_items("image", result.frames)
        return replace(result, loss=Loss.FRAMES, taken=taken, advice=raised)

    def _expected(self) -> float:
        """How many times the tokens of a part all media have, by the family's formula."""
        if not is_seen(self.request):
            return self.request.segment.span.duration / FEW_SECONDS
        few = media_tokens(
            self.request,
            self.serving,
            frames=min(FEW_FRAMES, frames_of(self.request)),
            seconds=FEW_SECONDS,
        )
        return media_tokens(self.request, self.serving) / max(few, 1)

    async def _with_media(self, material: Material, *, whole: bool) -> Material:
        """The question with all media of the clip, or with a part of them. Raises Cancelled."""
        return await asyncio.to_thread(self._generated, material, whole)

    def _generated(self, material: Material, whole: bool) -> Material:
        request = self.request
        if request.enhancement is Enhancement.SOUND:
            material = replace(material, sound=tone(request.segment.span.duration if whole else FEW_SECONDS))
        if not is_seen(request):
            return material
        frames = frames_of(request) if whole else min(FEW_FRAMES, frames_of(request))
        size = size_of(request, self.serving)
        if self.serving.form is ClipForm.VIDEO:
            return replace(material, video=video(frames, request.fps, *size, cancel=self.cancel))
        return replace(material, pictures=pictures(frames, request.fps, *size, cancel=self.cancel))

    def _needed(self, row: Rehearsed) -> int:
        """The tokens of context for the request with its answer."""
        return row.planned + self.serving.family.answer_tokens(row.asked)

    async def _counted(self, material: Material) -> int | None:
        """The tokens of a request of which only these are of interest; None where it fails or states none."""
        return (await self._asked(replace(material, most_tokens=SHORTEST_ANSWER))).tokens_in

    async def _asked(self, material: Material) -> _Counted:
        try:
            reply = await ask_with_retries(lambda: self.provider.ask(material), deadline=self.deadline)
        except NoAnswerError as error:
            return _Counted(error.tokens_in, error.tokens_out, problem=plain(str(error), 300))
        except RequestError as error:
            return _Counted(problem=plain(str(error), 300))
        return _Counted(reply.tokens_in, reply.tokens_out, reply)
