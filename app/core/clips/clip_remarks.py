"""What is said of a clip: to people in its note, and to a model in its prompt.

A model reads the same sentences on coverings for each clip; in how many pictures somebody else is seen, and
whether they have colour, was measured in the clip itself. None of it is text from the study's folder, which
may come from somebody else.
"""

from __future__ import annotations

from dataclasses import replace

from app.core.clips.clip import Clip, ClipOptions
from app.core.enhance.enhancement import Enhancement

BYSTANDERS = (
    "Heads of other people, where there are any, are covered by discs of one colour; where it was not "
    "certain that all of them are, the picture is coarse around the patient."
)
PATIENT = "The patient's head is covered as well; judge what the rest of the body shows."
TEXT = (
    "Text in the picture, such as names, dates, clocks and what monitors show, is covered by areas of one "
    "colour, and so may be something that resembles text; these areas do not belong to the room."
)
ON_FACE = "In {0} of the {1} pictures of this clip a part of the patient's face is covered so."
GREY = "The picture has no colour, as under infrared light: skin, blood and lips look pale or dark."
OTHERS = "Somebody else is seen in {0} of the {1} pictures of this clip; judge the patient alone."
ALONE = "Nobody but the patient was found in this clip."
TURNED = "The picture is turned so that the patient's head is up."
ANEW = "The view changes at once, which is not a movement of the patient, at (ms): "

REMARKS = (GREY, OTHERS, ALONE, BYSTANDERS, PATIENT, TEXT, ON_FACE, TURNED, ANEW)
"""All text that a remark for a model is made of."""


def remarks_for_model(clip: Clip, options: ClipOptions) -> str:
    """How the pictures of a clip were made, for its prompt; "" when there is nothing to say."""
    if clip.enhancement is Enhancement.SOUND:
        return ""
    covers_patient = options.cover_patient and clip.enhancement is Enhancement.POSE
    anew = sorted({*clip.cuts, *(moment for moment, _ in clip.turns[1:])})
    said = (
        GREY if clip.grey else "",
        _others(clip) if options.cover_bystanders else "",
        BYSTANDERS if options.cover_bystanders else "",
        PATIENT if covers_patient else "",
        TEXT if options.cover_text else "",
        _on_face(clip) if options.cover_text else "",
        TURNED if any(turn for _, turn in clip.turns) else "",
        ANEW + ", ".join(map(str, anew)) + "." if anew else "",
    )
    return " ".join(filter(None, said))


def _others(clip: Clip) -> str:
    """Who else is there, where heads were looked for."""
    people = clip.people
    if people is None or people.blank == people.pictures:
        return ""
    if people.others_covered:
        return OTHERS.format(people.others_covered, people.pictures)
    # Where it is not certain that all heads were found, nobody can be said to be alone.
    return "" if people.uncertain else ALONE


def _on_face(clip: Clip) -> str:
    text = clip.text
    return "" if text is None or not text.on_face else ON_FACE.format(text.on_face, text.pictures)


def with_remarks(clip: Clip) -> Clip:
    """The clip with how its pictures were made and who is seen in them in its note."""
    parts = (clip.note, _turns(clip), _cuts(clip), *_people(clip), _text(clip))
    return replace(clip, note=" ".join(filter(None, parts)))


def _turns(clip: Clip) -> str:
    turned = [(moment, turn) for moment, turn in clip.turns if turn]
    if not turned:
        return ""
    if len(clip.turns) == 1:
        return f"The picture is turned by {_degrees(clip.turns[0][1])} so that the head is up."
    steps = ", ".join(f"{_degrees(turn)} from {moment / 1000:.1f} s" for moment, turn in clip.turns)
    return f"The picture is turned so that the head is up: by {steps}."


def _degrees(turn: int) -> str:
    """The smaller way round: 270° to one side is 90° to the other."""
    return f"{min(turn, 360 - turn)}°"


def _cuts(clip: Clip) -> str:
    if not clip.cuts:
        return ""
    # A black frame between two shots is two cuts within a tenth of a second.
    moments = ", ".join(dict.fromkeys(f"{moment / 1000:.1f} s" for moment in clip.cuts))
    return f"The crop starts anew where the recording is cut, at {moments}."


def _people(clip: Clip) -> tuple[str, ...]:
    people = clip.people
    if people is None:
        return ()
    whole = f", in {people.blank} as a whole" if people.blank else ""
    return (
        f"The patient's head is covered in {_of(people.patient_covered, people.pictures)}."
        if people.patient_covered
        else "",
        f"Other heads are covered in {_of(people.others_covered, people.pictures)}."
        if people.others_covered
        else "No other head was found.",
        f"In {people.overlapping} another face overlaps the patient's own and may be seen in part."
        if people.overlapping
        else "",
        f"In {_of(people.uncertain, people.pictures)} covering was not certain: they are coarse around the "
        f"patient{whole}."
        if people.uncertain
        else "",
        f"In {people.in_box} the box that was drawn for the patient is shown, and the face may be in it."
        if people.in_box
        else "",
    )


def _text(clip: Clip) -> str:
    text = clip.text
    if text is None or not text.pictures:
        return ""
    if not text.covered:
        return "No text was found."
    face = f", in {text.on_face} of them a part of the patient's face" if text.on_face else ""
    return f"Text is covered in {_of(text.covered, text.pictures)}{face}."


def _of(number: int, pictures: int) -> str:
    return f"{number} of {pictures} pictures"
