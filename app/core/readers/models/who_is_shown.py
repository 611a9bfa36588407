"""Who can be recognised in clips that are sent: what was measured when they were made, and no more."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.clips.clip import Clip
from app.core.clips.people_shown import PeopleShown, total
from app.core.plural import plural

NO_TEXT = "Text in the picture, such as a name or a date, was not looked for and is not covered."


def who_is_shown(clips: Sequence[Clip]) -> tuple[tuple[str, str], ...]:
    """Rows of a subject and sentences about it: the patient, other people, voices, burned-in text.

    Only about clips that are sent: those that nothing can be judged from are not.
    """
    sent = [clip for clip in clips if not clip.unusable]
    pictured = [clip for clip in sent if clip.pictures or clip.video]
    heard = [clip for clip in sent if clip.sound]
    rows = [("Patient", _patient(pictured)), ("Others", _others(pictured))] if pictured else []
    if heard:
        rows.append(("Voices", _voices(heard)))
    if pictured:
        rows.append(("Text", NO_TEXT))
    return tuple(rows)


def _patient(clips: Sequence[Clip]) -> str:
    """Whether the patient's face is shown, by the number of clips."""
    counted = [clip.people for clip in clips if clip.people is not None]
    uncounted = len(clips) - len(counted)
    shown = uncounted + sum(people.patient_shown > 0 for people in counted)
    covered = sum(people.patient_covered > 0 for people in counted)
    unknown = len(clips) - shown - covered
    whole = "Can be recognised" if shown else "May be recognised by body, clothing and room"
    said = [f"{whole}: the face is shown in {_of(shown, clips)}"]
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
        said.append(f"In {people.uncertain} covering was not certain; all but the patient is coarse there.")
    if people.overlapping:
        said.append(f"In {people.overlapping} another face overlaps the patient's and may be seen in part.")
    return said


def _voices(clips: Sequence[Clip]) -> str:
    written = sum(bool(clip.transcript) for clip in clips)
    also = f" ({written} with a transcript)" if written else ""
    return f"Can be recognised, the patient's and others', in {plural(len(clips), 'sound clip')}{also}."


def _of(number: int, clips: Sequence[Clip]) -> str:
    return f"{number} of {plural(len(clips), 'picture clip')}"
