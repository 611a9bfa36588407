"""What a model is asked, as it identifies a reading: everything that determines its answers.

Older runs lack the newer keys, so what is not there means what was usual then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.core.clips.clip import ClipOptions
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reader_details import (
    DRAWN,
    EVENT,
    PART,
    PATIENT,
    PICTURE,
    RANGE,
    RECORDING,
    STRETCHES,
    VIEW,
    WINDOWS,
)
from app.core.readers.models.answer_schema import AnswerForm
from app.core.readers.models.asking import ASKING, AskingWays, asking_from_text
from app.core.readers.models.families import UNKNOWN
from app.core.readers.models.merge_rule import merge_rule
from app.core.readers.models.model_choice import (
    MOST_TIMES_ASKED,
    ModelChoice,
    asks_about_picture,
    clip_options_of,
    looks_twice,
    repeats_of,
)
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.providers import provider_of, unsupported_enhancements
from app.core.readers.models.reading_range import event_from_text, event_to_text, parse_range
from app.core.readers.models.request_plan import (
    HIGHEST_FPS,
    LOWEST_FPS,
    AskingMode,
    Part,
    Request,
    requests,
)
from app.core.readers.models.segments import stretches_from, stretches_text
from app.core.readers.models.where_to_look import WindowChoice, windows_from, windows_text
from app.core.recording.presentation import Orientation
from app.core.semiology import ConfidenceKind

FORM, TELLS_EVENT = "form", "tells_event"
CONFIDENCE, TIMES_ASKED = "confidence", "times_asked"
"""Details that say what the confidence is, and how often the same was asked for it."""
TIMES = "times"
"""The detail that says how the model was asked to write times; earlier readings have none."""


def canonical_text(value: Any) -> str:
    """A value as JSON, the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def asking_of(choice: ModelChoice, prompts: PromptSet) -> AskingWays:
    """Which question is asked of which clip.

    The set of the study asks as the study did: each question of each segment, head turning of the face crop
    too, the sound in one piece, without anything about the recording.
    """
    if prompts.form is AnswerForm.SHORT:
        return AskingWays(sleep_once=True, long_sound=True)
    unseen = unsupported_enhancements(choice)
    together = choice.model_family.together and not {Enhancement.POSE, Enhancement.SOUND} & unseen.keys()
    return AskingWays(
        sleep_once=True,
        whole_event=True,
        with_shoulders=choice.crop and not choice.cover_patient,
        with_picture=choice.with_picture and together and asks_about_picture(choice),
        earlier=choice.tell_earlier and not looks_twice(choice),
    )


def check_form(choice: ModelChoice, prompts: PromptSet, wordings: Sequence[PromptSet]) -> None:
    """Raises UserError when a set of prompts does not fit the other ones or what is to be made of answers."""
    if any(one.form is not prompts.form for one in wordings):
        raise UserError(
            "Repeats can take sets of prompts in turn only when all are answered in the same form; the set "
            "“study” is answered in another form than the other ones of the program."
        )
    if prompts.form is AnswerForm.FULL:
        return
    if choice.confidence is ConfidenceKind.TOKENS or merge_rule(choice.merging).confidence:
        raise UserError(
            f"Answers to the set “{prompts.name}” say nothing of confidence: choose that of repeats, and a "
            "rule for segments that needs none."
        )


def mode_of(choice: ModelChoice, prompts: PromptSet) -> AskingMode:
    """How requests are grouped; an answer in the short form names no feature, so it answers one question."""
    return AskingMode.PER_FEATURE if prompts.form is AnswerForm.SHORT else choice.mode


def asked_of(choice: ModelChoice, prompts: PromptSet, wordings: Sequence[PromptSet] = ()) -> dict[str, str]:
    """What determines the answers of a model, whatever the recording. Raises UserError when the choice is
    incomplete."""
    part = parse_range(choice.range).text
    return {
        "provider": choice.provider,
        "server": choice.base_url,
        "model": provider_of(choice).destination(choice).model,
        "mode": mode_of(choice, prompts).value,
        "prompts": prompts.hash,
        "enhancements": ",".join(choice.enhancements),
        "fps": f"{choice.fps:g}",
        "feature_rates": ("two passes" if choice.two_passes else "yes") if choice.feature_rates else "",
        "clips": canonical_text(_options(clip_options_of(choice))),
        ASKING: asking_of(choice, prompts).text,
        **({"video": "yes"} if choice.prefer_video else {}),
        **({} if choice.confidence is ConfidenceKind.STATED else {CONFIDENCE: choice.confidence.value}),
        **({TIMES_ASKED: str(repeats_of(choice))} if repeats_of(choice) > 1 else {}),
        **({"wordings": ",".join(one.hash for one in wordings)} if wordings else {}),
        **({} if choice.model_family.id == UNKNOWN else {"family": choice.model_family.id}),
        **({} if prompts.form is AnswerForm.FULL else {FORM: prompts.form.value}),
        **({} if part == "whole" else {RANGE: part}),
        **({TELLS_EVENT: "yes"} if choice.tell_event else {}),
        TIMES: choice.model_family.times.value,
    }


def _options(options: ClipOptions) -> dict[str, Any]:
    """The options of clips; what came later is left out where it is off, so that nothing else changes."""
    return options.named("beside", "cover_text")


def of_the_recording(
    sha256: str,
    part: Part,
    orientation: Orientation,
    *,
    patient: Box | None = None,
    drawn: Sequence[Box] = (),
    picture: int | None = None,
    chosen: WindowChoice | None = None,
) -> dict[str, str]:
    """What determines the answers of a model and belongs to one recording (`OF_THE_RECORDING`)."""
    turned = [f"turned {orientation.quarters}"] if orientation.quarters else []
    view = ", ".join([*turned, *(["mirrored"] if orientation.mirrored else [])])
    within = part.within
    return {
        RECORDING: sha256,
        PATIENT: canonical_text(asdict(patient)) if patient else "",
        **({DRAWN: canonical_text([asdict(box) for box in drawn])} if drawn else {}),
        **({} if picture is None else {PICTURE: str(picture + 1)}),
        **({STRETCHES: stretches_text(part.stretches)} if part.stretches else {}),
        **({} if chosen is None else {WINDOWS: windows_text(chosen)}),
        **({EVENT: event_to_text(part.event)} if part.event.marked else {}),
        **({} if within is None else {PART: canonical_text([[within.start, within.end]])}),
        **({VIEW: view} if view else {}),
    }


def asked_in(what: Mapping[str, str], duration: float) -> tuple[Request, ...]:
    """The requests of a run by its description. Raises KeyError, ValueError or UserError when it is
    invalid."""
    fps = float(what["fps"])
    if not LOWEST_FPS <= fps <= HIGHEST_FPS:
        raise ValueError("not a sampling rate")
    within = stretches_from(what.get(PART, ""))
    part = Part(
        duration,
        within[0] if within else None,
        event_from_text(what.get(EVENT, "")),
        stretches_from(what.get(STRETCHES, "")),
        asking_from_text(what.get(ASKING, "")),
        AnswerForm(what.get(FORM, AnswerForm.FULL)),
    )
    return requests(
        duration,
        mode=AskingMode(what["mode"]),
        enhancements=frozenset(Enhancement(name) for name in what["enhancements"].split(",") if name),
        fps=fps,
        feature_rates=bool(what.get("feature_rates")),
        times_asked=min(max(int(what.get(TIMES_ASKED, "1")), 1), MOST_TIMES_ASKED),
        chosen=windows_from(what[WINDOWS]) if what.get(WINDOWS) else None,
        part=part,
    )
