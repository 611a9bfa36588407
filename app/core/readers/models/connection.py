"""The test of the connection: offered models and capabilities of the chosen one, with tiny generated media.

No part of a recording is sent. The results are stored with the choice, so that a run does not ask a model
about media that it does not support.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.plain_text import plain
from app.core.privacy.gate import connection_test_permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.event_loop import run_to_end, until_done
from app.core.readers.models.families import ClipForm
from app.core.readers.models.generated_media import picture, tone, video
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.provider import Capabilities, ClipPicture, Material, OfferedModel, Reply
from app.core.readers.models.providers import ProviderRow, provider_of
from app.core.readers.models.retrying import NoAccessError, NoAnswerError, RequestError, ask_with_retries

DEADLINE = 120.0
"""Seconds for each request; a server may have to load its model first."""

_PROMPT = (
    "This is a test of the connection. Answer in JSON as the schema says; every feature is not_assessable."
)
_NOT_NOW = "not in this try"
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
    chosen model does not answer, "" when it does; `served_model` is the name that it reports; `owners` are
    what the server says of itself in its list, `context` the most tokens of a request of the chosen model (0
    where it does not say).
    """

    models: tuple[str, ...] = ()
    served_model: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    problem: str = ""
    owners: tuple[str, ...] = ()
    context: int = 0


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
            offered = await self._models()
        except NoAccessError as error:
            # Some servers have no list; a wrong key then shows when the model is asked.
            if not self.choice.model:
                return ConnectionReport(problem=plain(str(error), 300))
            offered = ()
        except RequestError as error:
            return ConnectionReport(problem=plain(str(error), 300))
        listed = _listed(offered, self.choice.model)
        if not self.choice.model:
            return listed
        self.report(Progress("Asking the model", 0.1))
        try:
            reply = await self._ask("", Material(_PROMPT, _SCHEMA))
        except NoAnswerError:
            reply = Reply("", "")  # it answered; a small model may not give a usable answer
        except RequestError as error:
            return replace(listed, problem=plain(str(error), 300))
        taken = {}
        for number, name in enumerate(self.row.tried):
            self.report(Progress(f"Trying {_WHAT[name]}", 0.2 + 0.8 * number / len(self.row.tried)))
            taken[name] = await self._refusal(name)
        self.report(Progress("The connection was tested", 1.0))
        return replace(listed, served_model=reply.served_model, capabilities=Capabilities(**taken))

    async def _models(self) -> tuple[OfferedModel, ...]:
        provider = self.row.make(self.choice, self.passage, self.key)
        try:
            return await ask_with_retries(provider.models, deadline=DEADLINE)
        finally:
            await provider.close()

    async def _refusal(self, name: str) -> str:
        """The reason why the model does not accept a kind of media, "" when it does."""
        family = self.choice.model_family
        own = {
            "pictures": family.refuses_pictures,
            "video": family.refuses_video,
            "sound": family.refuses_sound,
        }
        if own.get(name):
            return own[name]
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
        as_file = self.choice.prefer_video or self.choice.model_family.clip is not ClipForm.FRAMES
        choice = replace(
            self.choice,
            capabilities=only,
            tested=self.choice.target,
            prefer_video=name == "video" and as_file,
        )
        provider = self.row.make(choice, self.passage, self.key)
        try:
            return await ask_with_retries(lambda: provider.ask(material), deadline=DEADLINE)
        finally:
            await provider.close()


def _listed(offered: Sequence[OfferedModel], model: str) -> ConnectionReport:
    """What a server's list of models tells."""
    context = next((row.context for row in offered if row.name == model), 0)
    owners = tuple(dict.fromkeys(row.owner for row in offered if row.owner))
    return ConnectionReport(tuple(row.name for row in offered), owners=owners, context=context)


_SCHEMA = response_schema(features_of(Enhancement.SOUND))


def _test_material(name: str) -> Material:
    material = Material(_PROMPT, _SCHEMA)
    if name == "pictures":
        return replace(material, pictures=(ClipPicture(0, picture()),))
    if name == "video":
        # The same two seconds in both forms, of which the model's family takes one.
        frames = tuple(ClipPicture(500 * number, picture()) for number in range(4))
        return replace(material, video=video(), pictures=frames)
    return replace(material, sound=tone()) if name == "sound" else material
