"""What a prompt tells of the recording, and what it must never tell."""

from __future__ import annotations

import colorsys
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.clips.drawn_pictures import LEFT_COLOUR, RIGHT_COLOUR
from app.core.readers.models.marked_event import event_marked_by
from app.core.readers.models.merging import SegmentAnswer
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompt_context import MOST_SPANS_TOLD, Told, context
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Material
from app.core.readers.models.reader import identity, plan_reading
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.segments import Segment
from app.core.readers.models.time_notation import TimeNotation
from app.core.reading import RecordingIdentity, person
from app.core.recording.presentation import Orientation
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.edits import SetAnswer, SetMark, SetNote
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study

SEGMENT = Segment(1, Span(25.0, 55.0))
RECORDING = RecordingIdentity("a.mp4", "ab" * 32, 60.0)
CHOICE = ModelChoice(provider="openai", model="tiny", base_url="http://127.0.0.1:9/v1")


def test_the_place_of_the_clip_is_told() -> None:
    assert context(Told(123.0), SEGMENT) == (
        "The recording lasts 123 seconds; this clip shows it from 25 to 55 seconds."
    )
    whole = context(Told(600.0), Segment(0, Span(0, 600), whole=True), fps=0.1)
    assert "one every 10 seconds" in whole
    assert "as a whole" in whole


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (EventTimes(31.2), "The event begins at 6.2 seconds of this clip."),
        (EventTimes(20.0), "The event begins 5 seconds before this clip."),
        (EventTimes(None, 60.5), "The event ends 5.5 seconds after this clip."),
    ],
)
def test_onset_and_end_are_told_from_the_clips_point_of_view(event: EventTimes, words: str) -> None:
    assert words in context(Told(123.0, event), SEGMENT).splitlines()


def test_times_are_written_as_the_family_writes_them() -> None:
    told = context(Told(123.0, EventTimes(31.2)), SEGMENT, times=TimeNotation.CLOCK)
    assert "at 00:06.2 of this clip" in told


def test_a_turned_and_mirrored_picture_is_told_where_there_is_a_picture() -> None:
    told = Told(60.0, orientation=Orientation(1, mirrored=True))
    seen = context(told, SEGMENT)
    assert "at the left edge" in seen
    assert "mirrored" in seen
    assert "edge" not in context(told, SEGMENT, upright=True), "a crop is turned with the head up"
    assert len(context(told, SEGMENT, picture=False).splitlines()) == 1


def found(*presences: Presence | None, feature: str = "clonic") -> list[SegmentAnswer]:
    rows = []
    for number, presence in enumerate(presences):
        span = Span(number * 25.0, number * 25.0 + 30.0)
        evidence = (Span(span.start + 1, span.start + 2),) if presence is Presence.YES else ()
        said = Answer(feature, presence, 80, evidence, explanation="canary words of the model")
        rows.append(SegmentAnswer(Segment(number, span), feature, said if presence else None))
    return rows


def test_what_earlier_segments_found_is_told_without_their_words() -> None:
    told = context(Told(60.0), SEGMENT, earlier=found(Presence.YES, Presence.NO))
    assert '- "clonic" at 1–2 seconds of the recording' in told
    assert "canary" not in told
    nothing = context(Told(60.0), SEGMENT, earlier=found(Presence.NO))
    assert "found none" in nothing
    assert "earlier" not in context(Told(60.0), SEGMENT, earlier=[])
    many = context(Told(9999.0), SEGMENT, earlier=found(*[Presence.YES] * 50))
    assert many.count("–") == MOST_SPANS_TOLD


def texts(folder: Path, choice: ModelChoice = CHOICE, event: EventTimes | None = None) -> str:
    """All prompts of a reading of a recording of one minute, its skeletons drawn."""
    plan = plan_reading(choice, RECORDING, folder, event=event)
    return "\n".join(plan.wording.text(request, Material("", {})) for request in plan.requests)


def test_the_colours_of_the_skeleton_are_those_that_are_told(tmp_path: Path) -> None:
    told = texts(tmp_path)
    assert "left arm and leg in orange, the right ones in blue" in told
    assert 0.05 < hue(LEFT_COLOUR) < 0.13, "orange"
    assert 0.5 < hue(RIGHT_COLOUR) < 0.7, "blue"


def hue(colour: tuple[int, int, int]) -> float:
    blue, green, red = (value / 255 for value in colour)
    return colorsys.rgb_to_hsv(red, green, blue)[0]


@pytest.mark.parametrize(("part", "begins"), [("whole", "21.5"), ("event:10", "10.0")])
def test_nothing_of_a_persons_reading_reaches_a_prompt_but_the_marks_they_release(
    tmp_path: Path, part: str, begins: str
) -> None:
    me, other = person("Ana"), person("Ben")
    with Study.open(tmp_path / "study", author="Ana") as study:
        number = study.recording_without_video("a.mp4")
        said = Answer("clonic", Presence.YES, 91, (Span(11.0, 12.0),), Laterality.LEFT, "canary one")
        study.apply(SetAnswer(number, me, Answer("clonic"), said))
        study.apply(SetNote(number, me, "clonic", "", "canary two"))
        for reader, onset in ((me, 21.5), (other, 33.5)):
            study.apply(SetMark(number, reader, None, Mark(MarkKind.ONSET, onset, "canary three")))
        study.apply(SetMark(number, me, None, Mark(MarkKind.PHASE, 17.25, "canary four")))
        event = event_marked_by(study, number, me)
        assert not event_marked_by(study, number, person("Eve")).marked
    assert event == EventTimes(21.5)
    read = replace(CHOICE, range=part)
    silent = texts(tmp_path, read, event)
    released = texts(tmp_path, replace(read, tell_event=True), event)
    assert f"The event begins at {begins} seconds of this clip." in released
    assert "The event begins" not in silent
    for told in (silent, released):
        assert not any(word in told for word in ("canary", "33.5", " 8.5 seconds", "17.25", "17.3", "91"))
    assert "21.5" not in silent, "not even where in the clip something happens"


@pytest.mark.parametrize("part", ["whole", "event:5"])
def test_no_clip_and_no_question_follows_marks_that_were_not_released(tmp_path: Path, part: str) -> None:
    event = EventTimes(30.5, 50.25)
    silent = plan_reading(replace(CHOICE, range=part), RECORDING, tmp_path, event=event)
    assert not silent.part.event.marked
    prompts = texts(tmp_path, silent.choice, event)
    assert "30.5" not in prompts
    assert "50.2" not in prompts
    assert event.onset not in {request.segment.span.start for request in silent.requests}
    told = plan_reading(replace(silent.choice, tell_event=True), RECORDING, tmp_path, event=event)
    assert [one.segment.span for one in told.requests if one.segment.whole] == [Span(30.5, 50.25)]


def test_what_is_told_is_part_of_who_the_reader_is_and_times_are_not(tmp_path: Path) -> None:
    told = replace(CHOICE, tell_event=True, range="event:10")
    plans = [plan_reading(told, RECORDING, tmp_path, event=EventTimes(at, at + 9)) for at in (20.0, 30.0)]
    silent = plan_reading(CHOICE, RECORDING, tmp_path, event=EventTimes(20.0, 29.0))
    assert identity(plans[0]).exact_key == identity(plans[1]).exact_key
    assert plans[0].folder != plans[1].folder, "other prompts, other answers"
    assert not identity(silent).is_same(identity(plans[0]))
    assert identity(plans[0]).details["range"] == "event:10"
    assert silent.what == plan_reading(CHOICE, RECORDING, tmp_path).what
    all_of_it = plan_reading(replace(CHOICE, range="0-60"), RECORDING, tmp_path)
    assert all_of_it.what == silent.what


def test_the_set_of_the_study_tells_nothing_of_the_recording(tmp_path: Path) -> None:
    choice = replace(CHOICE, prompts="study", tell_event=True)
    told = texts(tmp_path, choice, EventTimes(21.5))
    assert "The event begins" not in told
    assert "recording" not in told.lower()
    assert PROMPT_SETS["study"].questions["clonic"] in told
