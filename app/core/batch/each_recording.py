"""The same work on each recording of a list, where one that fails does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.core.batch.recording_list import ListedRecording
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.read_recording import ModelQuestion
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording

ReadOne = Callable[[ListedRecording, Recording, Report], None]
"""What is done with an opened recording. Raises UserError, Cancelled."""


def question_about(
    listed: ListedRecording, shown: Recording, choice: ModelChoice, prompt_sets: dict[str, PromptSet]
) -> ModelQuestion:
    """What a model is asked about an opened recording of the list. Raises UserError where text is covered and
    the places that a person drew cannot be read."""
    places = listed.places_to_cover(shown, text=choice.cover_text)
    return ModelQuestion(choice, prompt_sets, listed.patient, places)


def each_recording(
    listed: Sequence[ListedRecording], work: ReadOne, report: Report, cancel: CancelToken
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """How many recordings were done, and those that were left out with the reason. Raises Cancelled."""
    left_out: list[tuple[str, str]] = []
    for place, one in enumerate(listed):
        part = share_of(report, place / len(listed), (place + 1) / len(listed))
        part(Progress(one.name, 0.0))
        try:
            if one.refusal:
                raise UserError(one.refusal)
            one.check_content()
            work(one, open_recording(one.path, cancel=cancel), part)
        except UserError as error:
            left_out.append((one.name, str(error)))
    return len(listed) - len(left_out), tuple(left_out)
