"""What is said of a clip to people and to models: only what was measured, and no hint at an answer."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from app.core.clips.clip import Clip, ClipOptions, clips_from_json, clips_to_json
from app.core.clips.clip_remarks import (
    ALONE,
    ANEW,
    BYSTANDERS,
    GREY,
    ON_FACE,
    OTHERS,
    PATIENT,
    REMARKS,
    TEXT,
    TURNED,
    remarks_for_model,
    with_remarks,
)
from app.core.clips.people_shown import PeopleShown, people_from
from app.core.clips.text_shown import TextShown
from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.prompts import PROMPT_SETS, prompt
from app.core.readers.models.segments import Segment
from app.core.readers.models.who_is_shown import NO_TEXT, deidentification, who_is_shown
from app.core.semiology import FEATURES, Span

SEEN = PeopleShown(pictures=60, patient_shown=60)


def clip(kind: Enhancement = Enhancement.POSE, people: PeopleShown | None = SEEN) -> Clip:
    pictures = () if kind is Enhancement.SOUND else ((0, "a.jpg"),)
    sound = "a.wav" if kind is Enhancement.SOUND else None
    made = Clip(f"0000-{kind.value}", kind, Span(0.0, 30.0), 2.0, 1.0, pictures=pictures, sound=sound)
    return replace(made, people=people)


FACE, SOUND = clip(Enhancement.FACE), clip(Enhancement.SOUND, None)


def said(*clips: Clip) -> dict[str, str]:
    return dict(who_is_shown(clips))


def test_what_is_drawn_elsewhere_is_said_of_pictures_alone() -> None:
    assert dict(who_is_shown([clip()], "Not covered: 1."))["Text"].endswith(" Not covered: 1.")
    assert list(dict(who_is_shown([SOUND], "Not covered: 1."))) == ["Voices"]


def test_the_patient_is_counted_by_clips() -> None:
    covered = clip(people=PeopleShown(pictures=60, patient_covered=60))
    unknown = clip(people=PeopleShown(pictures=60, uncertain=60))
    assert said(clip(), FACE)["Patient"] == "Can be recognised: the face is shown in 2 of 2 picture clips."
    assert said(covered, FACE)["Patient"] == (
        "Can be recognised: the face is shown in 1 of 2 picture clips, covered in 1."
    )
    assert said(covered, covered, unknown)["Patient"] == (
        "May be recognised by body, clothing and room: the face is shown in 0 of 3 picture clips, "
        "covered in 2, not found in 1."
    )


def test_a_clip_in_which_nobody_was_looked_for_shows_everybody() -> None:
    rows = said(clip(people=None), FACE)
    assert "2 of 2" in rows["Patient"]
    assert rows["Others"] == "Not covered in 1 of 2 picture clips: everybody there can be recognised."


def test_bystanders_are_counted_by_pictures_and_never_promised() -> None:
    busy = clip(people=PeopleShown(60, 60, 0, 20, 7, 0, 3))
    assert said(busy, FACE)["Others"] == (
        "Heads were found and covered in 20 of 120 pictures. In 7 covering was not certain; all but the "
        "patient is coarse there. In 3 another face overlaps the patient's and may be seen in part. A head "
        "that was not found is not covered."
    )
    assert said(FACE)["Others"] == (
        "No head of another person was found in 60 pictures. A head that was not found is not covered."
    )
    for words in said(busy, FACE, SOUND).values():
        assert "nobody" not in words.lower()
        assert "anonym" not in words.lower()


def test_voices_and_text() -> None:
    rows = said(clip(), SOUND, replace(SOUND, transcript="[0.0–1.0 s] Hello"))
    assert rows["Voices"] == (
        "Can be recognised, the patient's and others', in 2 sound clips (1 with a transcript)."
    )
    assert rows["Text"] == NO_TEXT
    assert "not looked for and is not covered" in NO_TEXT
    assert list(said(SOUND)) == ["Voices"]


def with_text(*counts: TextShown | None) -> str:
    return said(*(replace(clip(), text=text) for text in counts))["Text"]


def test_text_is_counted_by_pictures_and_never_promised() -> None:
    assert with_text(TextShown(60, 60, 0.04), TextShown(60, 58, 0.126)) == (
        "Looked for and covered: up to 13% of a picture in 118 of 120 pictures. Text that was not found is "
        "not covered."
    )
    assert with_text(TextShown(60, 1, 0.002, 2)) == (
        "Looked for and covered, with 2 places drawn by hand: less than 1% of a picture in 1 of 60 pictures. "
        "Text that was not found is not covered."
    )
    assert with_text(TextShown(60), TextShown(60)) == (
        "Looked for; none was found in 120 pictures. Text that was not found is not covered."
    )
    on_face = TextShown(60, 60, 0.1, on_face=24)
    assert "In 24 it is a part of the patient's face." in with_text(on_face, TextShown(60))
    assert "a part of the patient's face" in with_remarks(replace(clip(), text=on_face)).note
    assert remarks_for_model(replace(clip(), text=on_face), ClipOptions()).endswith(ON_FACE.format(24, 60))
    assert with_text(None, None) == NO_TEXT
    assert with_text(TextShown(60, 60, 0.1), None) == "Not looked for in 1 of 2 picture clips."


def test_a_face_in_the_box_that_was_drawn_may_be_shown() -> None:
    boxed = clip(people=PeopleShown(60, uncertain=60, in_box=60))
    assert said(boxed)["Patient"] == (
        "May be recognised: the face is shown in 0 of 1 picture clip, may be shown in 1, in the box that was "
        "drawn."
    )
    mixed = clip(people=PeopleShown(60, patient_shown=30, uncertain=30, in_box=30))
    unknown = clip(people=PeopleShown(60, uncertain=60))
    rows = said(boxed, mixed, unknown)
    assert rows["Patient"] == (
        "Can be recognised: the face is shown in 1 of 3 picture clips, may be shown in 1, in the box that "
        "was drawn, not found in 1."
    )
    assert rows["Others"] == (
        "No head of another person was found in 180 pictures. In 150 covering was not certain; all but the "
        "patient, or the box that was drawn, is coarse there. In 90 the patient was not found, so it is not "
        "known who is in the box: heads that were found in it are covered. A head that was not found is not "
        "covered."
    )
    assert "the box that was drawn for the patient is shown" in with_remarks(boxed).note


def test_what_is_not_sent_is_not_counted() -> None:
    assert said(replace(clip(), unusable="All of it is coarse.")) == {}
    assert "1 of 1" in said(clip(), replace(FACE, unusable="The face was not seen."))["Patient"]


def test_the_ledger_says_what_was_covered() -> None:
    assert "patient: can be recognised; other people: heads covered" in deidentification(ClipOptions())
    assert "other people: not covered" in deidentification(ClipOptions(cover_bystanders=False))
    assert "patient: face covered in clips" in deidentification(ClipOptions(cover_patient=True))
    assert "text in the picture: covered where it was found" in deidentification(ClipOptions())
    assert "text in the picture: not covered" in deidentification(ClipOptions(cover_text=False))


# notes for people


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        (((0, 0),), ""),
        (((0, 90),), "The picture is turned by 90° so that the head is up."),
        (((0, 270),), "The picture is turned by 90° so that the head is up."),
        (
            ((0, 0), (12_500, 90)),
            "The picture is turned so that the head is up: by 0° from 0.0 s, 90° from 12.5 s.",
        ),
    ],
)
def test_a_turned_picture_says_so(turns: tuple[tuple[int, int], ...], words: str) -> None:
    made = replace(FACE, turns=turns, people=None, note="Seen.")
    assert with_remarks(made).note == f"Seen. {words}".strip()


def test_the_note_counts_cuts_others_and_doubt() -> None:
    made = replace(FACE, cuts=(2400, 2430), people=PeopleShown(60, 58, 0, 12, 2, 1, 3))
    assert with_remarks(made).note == (
        "The crop starts anew where the recording is cut, at 2.4 s. Other heads are covered in 12 of 60 "
        "pictures. In 3 another face overlaps the patient's own and may be seen in part. In 2 of 60 pictures "
        "covering was not certain: they are coarse around the patient, in 1 as a whole."
    )


# what a model reads


def test_a_model_reads_how_heads_are_covered_and_who_else_is_there() -> None:
    busy = clip(people=PeopleShown(60, 60, 0, 20, 7, 0, 3))
    doubtful = clip(people=PeopleShown(60, 60, 0, 0, 7, 0, 0))
    options = ClipOptions(cover_text=False)
    assert remarks_for_model(busy, options) == f"{OTHERS.format(20, 60)} {BYSTANDERS}"
    assert remarks_for_model(clip(), options) == f"{ALONE} {BYSTANDERS}"
    assert remarks_for_model(doubtful, options) == BYSTANDERS, "nobody can be said to be alone"
    assert ALONE not in remarks_for_model(clip(), ClipOptions(cover_bystanders=False, cover_patient=True))
    assert remarks_for_model(clip(), ClipOptions(cover_bystanders=False)) == TEXT
    assert remarks_for_model(clip(), ClipOptions(cover_bystanders=False, cover_text=False)) == ""
    assert remarks_for_model(SOUND, options) == ""


def test_only_clips_for_limbs_and_body_say_that_the_patient_is_covered() -> None:
    options = ClipOptions(cover_patient=True)
    assert remarks_for_model(clip(), options) == f"{ALONE} {BYSTANDERS} {PATIENT} {TEXT}"
    assert remarks_for_model(FACE, options) == f"{ALONE} {BYSTANDERS} {TEXT}"


def test_a_model_reads_that_there_is_no_colour() -> None:
    options = ClipOptions(cover_bystanders=False, cover_text=False)
    assert remarks_for_model(replace(clip(), grey=True), options) == GREY
    assert "infrared" in GREY


def test_a_model_reads_that_a_jump_is_no_movement() -> None:
    made = replace(FACE, turns=((0, 0), (12_500, 90)), cuts=(2400,))
    assert (
        remarks_for_model(made, ClipOptions()) == f"{ALONE} {BYSTANDERS} {TEXT} {TURNED} {ANEW}2400, 12500."
    )


def test_remarks_name_no_feature() -> None:
    text = " ".join(REMARKS).lower()
    words = {"seizure", "nurse", "staff", "asleep", "sleep", "lying", "lies", "eyes", "jerk", "shaking"}
    assert not {word for word in words if word in text}
    assert not any(feature.name.lower() in text for feature in FEATURES)


def test_remarks_are_in_the_prompt_and_in_what_identifies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts, segment = PROMPT_SETS["expert"], Segment(0, Span(0.0, 30.0))
    asked = prompt(prompts, FEATURES[:1], Enhancement.POSE, segment, remarks=BYSTANDERS)
    assert BYSTANDERS in asked
    assert BYSTANDERS not in prompt(prompts, FEATURES[:1], Enhancement.POSE, segment)
    before = prompts.hash
    monkeypatch.setattr("app.core.readers.models.prompts.REMARKS", ("other",))
    assert prompts.hash != before


# storing


def test_what_was_measured_is_stored_with_the_clip() -> None:
    made = replace(FACE, turns=((0, 90),), cuts=(2400,), people=PeopleShown(60, 58, 0, 12, 2, 1, 3))
    assert clips_from_json(clips_to_json((made, SOUND), {}))[0] == (made, SOUND)


def test_clips_of_earlier_versions_are_read() -> None:
    data = json.loads(clips_to_json((FACE,), {}))
    for key in ("people", "turns", "cuts", "grey"):
        del data["clips"][0][key]
    assert clips_from_json(json.dumps(data))[0] == (replace(FACE, people=None),)


@pytest.mark.parametrize("row", [{"pictures": "60"}, {"pictures": True}, {"blank": -1}, {"pictures": None}])
def test_counts_that_are_none_are_refused(row: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        people_from(asdict(SEEN) | row)
