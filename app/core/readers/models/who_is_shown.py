"""Who can be recognised in clips that are sent: what was measured when they were made, and no more."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.clips.clip import Clip, ClipOptions
from app.core.clips.people_shown import PeopleShown, total
from app.core.clips.text_shown import TextShown, total_text
from app.core.plural import plural

_LEAST_SHARE = 0.01
"""Share of a picture below which no number is said of it."""
NO_TEXT = "Text in the picture, such as a name or a date, was not looked for and is not covered."


def who_is_shown(clips: Sequence[Clip], uncovered: str = "") -> tuple[tuple[str, str], ...]:
    """Rows of a subject and sentences about it: the patient, other people, voices, burned-in text.

    Only about clips that are sent: those that nothing can be judged from are not. `uncovered` says which
    drawn places are not covered in them.
    """
    sent = [clip for clip in clips if not clip.unusable]
    pictured = [clip for clip in sent if clip.pictures or clip.video]
    heard = [clip for clip in sent if clip.sound]
    rows = [("Patient", _patient(pictured)), ("Others", _others(pictured))] if pictured else []
    if heard:
        rows.append(("Voices", _voices(heard)))
    if pictured:
        rows.append(("Text", " ".join(filter(None, (_text(pictured), uncovered)))))
    return tuple(rows)


def deidentification(options: ClipOptions) -> str:
    """What is taken out of clips before they are sent, for the ledger."""
    patient = "face covered in clips for limbs and body" if options.cover_patient else "can be recognised"
    others = "heads covered where they were found" if options.cover_bystanders else "not covered"
    text = "covered where it was found" if options.cover_text else "not covered"
    return (
        f"pseudonymous name, no metadata; patient: {patient}; other people: {others}; text in the picture: "
        f"{text}; voices: as recorded"
    )


def _patient(clips: Sequence[Clip]) -> str:
    """Whether the patient's face is shown, by the number of clips."""
    counted = [clip.people for clip in clips if clip.people is not None]
    uncounted = len(clips) - len(counted)
    shown = uncounted + sum(people.patient_shown > 0 for people in counted)
    in_box = sum(people.in_box > 0 and not people.patient_shown for people in counted)
    covered = sum(people.patient_covered > 0 for people in counted)
    unknown = len(clips) - shown - in_box - covered
    whole = "Can be recognised" if shown else "May be recognised by body, clothing and room"
    whole = "May be recognised" if in_box and not shown else whole
    said = [f"{whole}: the face is shown in {_of(shown, clips)}"]
    said += [f"may be shown in {in_box}, in the box that was drawn"] if in_box else []
    said += [f"covered in {covered}"] if covered else []
    said += [f"not found in {unknown}"] if unknown else []
    return ", ".join(said) + "."


def _others(clips: Sequence[Clip]) -> str:
    counted = [clip.people for clip in clips if clip.people is not None]
    if len(counted) < len(clips):
        return f"Not covered in {_of(len(clips) - len(counted), clips)}: everybody there can be recognised."
    people = total(counted)
    return " ".join((*_covered(people), "A head that was not found is not covered."))


def _covered(people: PeopleShown) -> list[str]:
    pictures = people.pictures
    said = [
        f"Heads were found and covered in {people.others_covered} of {pictures} pictures."
        if people.others_covered
        else f"No head of another person was found in {pictures} pictures."
    ]
    if people.uncertain:
        sharp = "the patient, or the box that was drawn," if people.in_box else "the patient"
        said.append(f"In {people.uncertain} covering was not certain; all but {sharp} is coarse there.")
    if people.in_box:
        said.append(
            f"In {people.in_box} the patient was not found, so it is not known who is in the box: heads that "
            "were found in it are covered."
        )
    if people.overlapping:
        said.append(f"In {people.overlapping} another face overlaps the patient's and may be seen in part.")
    return said


def _text(clips: Sequence[Clip]) -> str:
    counted = [clip.text for clip in clips if clip.text is not None]
    if len(counted) < len(clips):
        return NO_TEXT if not counted else f"Not looked for in {_of(len(clips) - len(counted), clips)}."
    return f"{_covered_text(total_text(counted))} Text that was not found is not covered."


def _covered_text(text: TextShown) -> str:
    if not text.covered:
        return f"Looked for; none was found in {text.pictures} pictures."
    share = f"up to {text.most:.0%}" if text.most >= _LEAST_SHARE else "less than 1%"
    drawn = f", with {plural(text.drawn, 'place')} drawn by hand" if text.drawn else ""
    where = f"in {text.covered} of {text.pictures} pictures"
    face = f" In {text.on_face} it is a part of the patient's face." if text.on_face else ""
    return f"Looked for and covered{drawn}: {share} of a picture {where}.{face}"


def _voices(clips: Sequence[Clip]) -> str:
    written = sum(bool(clip.transcript) for clip in clips)
    also = f" ({written} with a transcript)" if written else ""
    return f"Can be recognised, the patient's and others', in {plural(len(clips), 'sound clip')}{also}."


def _of(number: int, clips: Sequence[Clip]) -> str:
    return f"{number} of {plural(len(clips), 'picture clip')}"
