"""The test of the connection: offered models and capabilities of the chosen one, with tiny generated media.

No part of a recording is sent. The results are stored with the choice, so that a run does not ask a model
about media that it does not support.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction

import av
import numpy as np

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.plain_text import plain
from app.core.privacy.gate import connection_test_permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.event_loop import run_to_end
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_run import until_done
from app.core.readers.models.provider import Capabilities, ClipPicture, Material, Reply
from app.core.readers.models.providers import ProviderRow, provider_of
from app.core.readers.models.retrying import NoAccessError, NoAnswerError, RequestError, ask_with_retries

DEADLINE = 120.0
"""Seconds for each request; a server may have to load its model first."""

_PROMPT = (
    "This is a test of the connection. Answer in JSON as the schema says; every feature is not_assessable."
)
_NOT_NOW = "not in this try"
_SIDE = 64
_WHAT = {
    "pictures": "pictures",
    "video": "videos",
    "sound": "sound",
    "schema": "a schema for the form of the answer",
}


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """The results of a test of the connection.

    `models` are the offered names (empty without a list); `problem` is a sentence with the reason why the
    chosen model does not answer, "" when it does; `served_model` is the name that it reports.
    """

    models: tuple[str, ...] = ()
    served_model: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    problem: str = ""


def test_connection(
    choice: ModelChoice,
    key: Secret | None,
    user: str,
    *,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> ConnectionReport:
    """Test the choice; blocking. Without a chosen model only the list of models is requested.

    Raises UserError when the choice is incomplete, Cancelled within a second of `cancel`.
    """
    row = provider_of(choice)
    named = choice if choice.model else replace(choice, model="(list of models)")
    permission = connection_test_permission(row.destination(named), user)
    passage = SendContext(permission, Ledger(settings_folder()), "connection test", "generated material")
    trial = _ConnectionTrial(row, choice, passage, key, report)
    return run_to_end(until_done(trial.run(), cancel or CancelToken()))


test_connection.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest


def with_found_capabilities(choice: ModelChoice, found: ConnectionReport) -> ModelChoice:
    """The choice with the capabilities of its model by the report."""
    return replace(choice, capabilities=found.capabilities, tested=choice.target)


@dataclass(frozen=True, slots=True)
class _ConnectionTrial:
    row: ProviderRow
    choice: ModelChoice
    passage: SendContext
    key: Secret | None
    report: Report

    async def run(self) -> ConnectionReport:
        self.report(Progress("Asking for the list of models", 0.0))
        try:
            models = await self._models()
        except NoAccessError as error:
            # Some servers have no list; a wrong key then shows when the model is asked.
            if not self.choice.model:
                return ConnectionReport(problem=plain(str(error), 300))
            models = ()
        except RequestError as error:
            return ConnectionReport(problem=plain(str(error), 300))
        if not self.choice.model:
            return ConnectionReport(models)
        self.report(Progress("Asking the model", 0.1))
        try:
            reply = await self._ask("", Material(_PROMPT, _SCHEMA))
        except NoAnswerError:
            reply = Reply("", "")  # it answered; a small model may not give a usable answer
        except RequestError as error:
            return ConnectionReport(models, problem=plain(str(error), 300))
        taken = {}
        for number, name in enumerate(self.row.tried):
            self.report(Progress(f"Trying {_WHAT[name]}", 0.2 + 0.8 * number / len(self.row.tried)))
            taken[name] = await self._refusal(name)
        self.report(Progress("The connection was tested", 1.0))
        return ConnectionReport(models, reply.served_model, Capabilities(**taken))

    async def _models(self) -> tuple[str, ...]:
        provider = self.row.make(self.choice, self.passage, self.key)
        try:
            return await ask_with_retries(provider.models, deadline=DEADLINE)
        finally:
            await provider.close()

    async def _refusal(self, name: str) -> str:
        """The reason why the model does not accept a kind of media, "" when it does."""
        try:
            await self._ask(name, _test_material(name))
        except NoAnswerError:
            return ""
        except RequestError as error:
            return plain(f"It does not take {_WHAT[name]}. {error}", 300)
        return ""

    async def _ask(self, name: str, material: Material) -> Reply:
        """The reply to a request with only the tested kind of media."""
        only = Capabilities(
            **{row.name: "" if row.name == name else _NOT_NOW for row in fields(Capabilities)}
        )
        choice = replace(
            self.choice, capabilities=only, tested=self.choice.target, prefer_video=name == "video"
        )
        provider = self.row.make(choice, self.passage, self.key)
        try:
            return await ask_with_retries(lambda: provider.ask(material), deadline=DEADLINE)
        finally:
            await provider.close()


_SCHEMA = response_schema(features_of(Enhancement.SOUND))


def _test_material(name: str) -> Material:
    material = Material(_PROMPT, _SCHEMA)
    if name == "pictures":
        return replace(material, pictures=(ClipPicture(0, picture()),))
    if name == "video":
        return replace(material, video=video())
    return replace(material, sound=tone()) if name == "sound" else material


def picture() -> bytes:
    """The bytes of a grey JPEG."""
    return _encoded("mjpeg", "image2pipe", "yuvj420p", 1)


def video() -> bytes:
    """The bytes of two seconds of grey as MP4 (H.264), 2 frames per second."""
    return _encoded("libx264", "mp4", "yuv420p", 4)


def _encoded(codec: str, container: str, pixels: str, frames: int) -> bytes:
    grey = np.full((_SIDE, _SIDE, 3), 128, np.uint8)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=Fraction(2))
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = _SIDE
        stream.pix_fmt = pixels
        for _ in range(frames):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        output.mux(stream.encode(None))
    return file.getvalue()


def tone(seconds: float = 1.0, rate: int = 16_000) -> bytes:
    """The bytes of a quiet tone of 440 Hz as WAV."""
    wobble = np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    file = io.BytesIO()
    with wave.open(file, "wb") as output:
        output.setnchannels(1)
        output.setsampwidth(2)
        output.setframerate(rate)
        output.writeframes((wobble * 3000).astype("<i2").tobytes())
    return file.getvalue()
