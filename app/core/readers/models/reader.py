"""A model as a reader: its plan, its permission, its run, and the reading that comes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.privacy.gate import Permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.choice import ModelChoice
from app.core.readers.models.journal import Journal
from app.core.readers.models.plan import Request, requests
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet
from app.core.readers.models.providers import provider_of
from app.core.readers.models.run import Arrived, ClipSource, ModelRun, Options, Outcome
from app.core.readers.models.wire import Passage
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity

DEIDENTIFICATION = "pseudonymous name, no metadata; the patient can be recognised"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reading by this choice asks, for which study, and in which folder its files lie."""

    choice: ModelChoice
    recording: RecordingIdentity
    prompts: PromptSet
    requests: tuple[Request, ...]
    study_folder: Path

    @property
    def folder(self) -> Path:
        """The folder of this reading inside the study's; the same plan has the same one."""
        digest = hashlib.sha256(json.dumps(self.what, sort_keys=True).encode()).hexdigest()[:16]
        return self.study_folder / "readings" / digest

    @property
    def what(self) -> dict[str, str]:
        """Everything that decides the answers."""
        return {
            "recording": self.recording.sha256,
            "provider": self.choice.provider,
            "server": self.choice.base_url,
            "model": provider_of(self.choice).destination(self.choice).model,
            "mode": self.choice.mode.value,
            "prompts": self.prompts.hash,
            "enhancements": ",".join(self.choice.enhancements),
            "fps": f"{self.choice.fps:g}",
        }


def plan_reading(
    choice: ModelChoice,
    recording: RecordingIdentity,
    study_folder: Path,
    *,
    prompt_sets: dict[str, PromptSet] | None = None,
) -> Plan:
    """The plan of a reading; the same choice and recording give the same plan and folder.

    Raises UserError when the choice is not complete or there is nothing to read.
    """
    prompts = (prompt_sets or PROMPT_SETS).get(choice.prompts)
    if prompts is None:
        raise UserError(f"The prompt set “{choice.prompts}” is not there any more; choose another.")
    asked = requests(recording.duration, mode=choice.mode, enhancements=frozenset(choice.enhancements))
    if not asked:
        raise UserError("There is nothing to ask: choose at least one of pose, face and sound.")
    return Plan(choice, recording, prompts, asked, study_folder)


def model_run(plan: Plan, clips: ClipSource, *, unable: dict[Enhancement, str] | None = None) -> ModelRun:
    """The run of a plan, with what an earlier one has heard already."""
    options = Options(plan.prompts, limit=plan.choice.limit, unable=unable or {})
    return ModelRun(plan.requests, clips, Journal(plan.folder, plan.what), options)


def read_with(
    run: ModelRun,
    plan: Plan,
    permission: Permission,
    key: Secret | None,
    *,
    report: Report,
    cancel: CancelToken,
    arrived: Callable[[Reading], None] = lambda _reading: None,
) -> tuple[Reading, Outcome]:
    """Let the model read under `permission`; blocking. Raises UserError, Cancelled.

    `arrived` takes the reading as far as it has come, from this thread.
    """
    row = provider_of(plan.choice)
    if not permission.covers_recordings or permission.destination != row.destination(plan.choice):
        raise UserError("Nothing was sent: sending to this destination has not been allowed.")
    passage = Passage(permission, Ledger(plan.study_folder), "reading", DEIDENTIFICATION)
    tell: Arrived = lambda answers: arrived(Reading(plan.recording, identity(plan), answers))  # noqa: E731
    outcome = run.run(lambda: row.make(plan.choice, passage, key), report=report, cancel=cancel, arrived=tell)
    return Reading(plan.recording, identity(plan, outcome), outcome.answers), outcome


def identity(plan: Plan, outcome: Outcome | None = None) -> ReaderIdentity:
    """Who answered: the model by name, and what it takes to ask it the same again."""
    details = {key: value for key, value in plan.what.items() if key not in {"recording", "model"} and value}
    if outcome is not None and outcome.served_models:
        details["served"] = ", ".join(outcome.served_models)
    details["program"] = __version__
    return ReaderIdentity(ReaderKind.MODEL, plan.what["model"], plan.prompts.version, details)
