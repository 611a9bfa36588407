"""Readings by a model that is run elsewhere: requests about many recordings as one file, and its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.atomic import put_in_place, unfinished_folder
from app.core.batch.each_recording import ReadOne, each_recording, question_about
from app.core.batch.recording_list import ListedRecording
from app.core.errors import UserError
from app.core.exports import check_free, exporting_to
from app.core.jobs import CancelToken, Report
from app.core.privacy.ledger import Ledger
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice, clip_options_of, repeats_of
from app.core.readers.models.model_run import RunOutcome
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.provider import Provider
from app.core.readers.models.providers import provider_of
from app.core.readers.models.read_recording import Permit, plan_with_pose
from app.core.readers.models.reader import (
    Plan,
    hold_reading,
    identity,
    model_run,
    prepare_plan_clips,
)
from app.core.readers.models.reading_cost import keep_request_counts
from app.core.readers.models.request_file import RequestWriter, ResultReader, open_results
from app.core.readers.models.who_is_shown import deidentification
from app.core.reading import Reading
from app.core.recording.recording import Recording
from app.core.study.store import Study

_PURPOSE = "file of requests"


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """What a model is asked about recordings: the choice of the model, and the sets of prompts by name."""

    choice: ModelChoice
    prompt_sets: dict[str, PromptSet]


@dataclass(frozen=True, slots=True)
class RequestsWritten:
    """A file of `lines` requests, `size` bytes, about `recordings` recordings; what was left out, and why."""

    lines: int
    size: int
    recordings: int
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ResultsRead:
    """The `readings` that are now in the study, the requests that still have no answer, what was left out and
    why; `unread` lines of the file were no results."""

    readings: int
    missing: int
    unread: int
    left_out: tuple[tuple[str, str], ...]


def write_requests(
    study: Study,
    listed: Sequence[ListedRecording],
    question: FileQuestion,
    target: Path,
    permit: Permit,
    *,
    report: Report,
    cancel: CancelToken,
) -> RequestsWritten:
    """Write what has no answer yet into `target`, a new file; every request is in the ledger before it is
    written. Raises UserError, also for repeats and without a permission, before anything is made; Cancelled.
    """
    refuse_repeats(question.choice)
    check_free((target,), "name a new file")
    if not target.parent.is_dir():
        raise UserError(f"There is no folder “{target.parent.name}” for the file of requests.")
    choice = question.choice
    permission = permit(provider_of(choice).destination(choice))
    passage = SendContext(
        permission, Ledger(study.folder), _PURPOSE, deidentification(clip_options_of(choice))
    )
    with exporting_to(target.parent), unfinished_folder(target) as folder:
        unfinished = folder / target.name
        with unfinished.open("xb") as file:
            writer = RequestWriter(file, choice, passage)
            work = _FileWork(study, question, lambda _plan: writer)
            done, left_out = each_recording(listed, work.over(lambda *_result: None, cancel), report, cancel)
        if not writer.lines:
            raise UserError("Nothing is left to ask." if done else _nothing(left_out))
        put_in_place(unfinished, target, replace=False)
    return RequestsWritten(writer.lines, writer.size, done, left_out)


def read_results(
    study: Study,
    listed: Sequence[ListedRecording],
    question: FileQuestion,
    results: Path,
    *,
    report: Report,
    cancel: CancelToken,
) -> ResultsRead:
    """Keep the readings that a file of results makes, for the same question as it was written with.

    Nothing is sent. Raises UserError when the file holds no results and for repeats, Cancelled.
    """
    refuse_repeats(question.choice)
    found = open_results(results)
    choice = question.choice
    kept = missing = 0

    def keep(shown: Recording, plan: Plan, outcome: RunOutcome) -> None:
        nonlocal kept, missing
        missing += len({failed.request for failed in outcome.failed if failed.again})
        if all(answer.presence is None for answer in outcome.answers.values()):
            raise UserError(
                "The file holds no answers about it. Give the same options as when the requests were written."
            )
        number = study.recording(shown)
        study.set_sha256(number, plan.recording.sha256)
        study.keep_reading(number, Reading(plan.recording, identity(plan, outcome), outcome.answers))
        kept += 1

    work = _FileWork(study, question, lambda plan: ResultReader(found, choice, plan.destination.model))
    _, left_out = each_recording(listed, work.over(keep, cancel), report, cancel)
    return ResultsRead(kept, missing, found.unread, left_out)


def refuse_repeats(choice: ModelChoice) -> None:
    """A result is known by its request's content, and repeats have one content: a single reply would count
    for all of them, and their agreement would be a confidence that nothing was measured for.

    Raises UserError for a choice with repeats."""
    if repeats_of(choice) > 1:
        raise UserError(
            "A file of requests cannot ask the same several times, because its results could not be "
            "distinguished: choose another confidence than that of repeats (--confidence stated)."
        )


def _nothing(left_out: Sequence[tuple[str, str]]) -> str:
    reason = f" {left_out[0][0]}: {left_out[0][1]}" if left_out else ""
    return f"There is nothing to write.{reason}"


@dataclass(frozen=True, slots=True)
class _FileWork:
    """The runs of a question over recordings, with a provider that stands for the file."""

    study: Study
    question: FileQuestion
    provider: Callable[[Plan], Provider]

    def over(self, ended: Callable[[Recording, Plan, RunOutcome], None], cancel: CancelToken) -> ReadOne:
        """What is done with each recording."""

        def one(listed: ListedRecording, shown: Recording, report: Report) -> None:
            ended(shown, *self._run(listed, shown, report, cancel))

        return one

    def _run(
        self, one: ListedRecording, shown: Recording, report: Report, cancel: CancelToken
    ) -> tuple[Plan, RunOutcome]:
        # Without a ceiling, because the computer that answers is not paid by the token. A file is answered
        # as a whole, so no request can wait for what earlier segments found.
        choice = replace(self.question.choice, limit=1, most_cost=None, tell_earlier=False)
        question = question_about(one, shown, choice, self.question.prompt_sets)
        plan = plan_with_pose(question, self.study.folder, shown, report=report, cancel=cancel)
        with hold_reading(plan):
            clips = prepare_plan_clips(plan, shown, report=report, cancel=cancel)
            run = model_run(plan, clips)
            provider = self.provider(plan)
            outcome = run.run(lambda: provider, report=report, cancel=cancel)
        keep_request_counts(choice.target, plan.requests, plan.serving, run.fresh)
        return plan, outcome
