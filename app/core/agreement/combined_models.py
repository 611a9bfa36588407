"""A composite reader: what is seen by one model, what is heard by another."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.reader_details import ARM, HEARD_BY, OF_THE_DAY, PROMPT_SET, SEEN_BY, VIEW
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.semiology import FEATURE, Group
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Combined:
    """The composite reader of a study: its `name`, over how many `recordings` it was made, and how many were
    left out because only one of the two has read them."""

    name: str
    recordings: int
    left_out: int


def combine(seen: Reading, heard: Reading) -> Reading:
    """The reading with the visual answers of one model and the audible ones of another.

    Raises ValueError when they are of different recordings, or not both of models.
    """
    if seen.recording.sha256 != heard.recording.sha256:
        raise ValueError("readings of different recordings")
    if {seen.reader.kind, heard.reader.kind} != {ReaderKind.MODEL}:
        raise ValueError("not models")
    answers = {
        feature: answer
        for reading, audible in ((seen, False), (heard, True))
        for feature, answer in reading.answers.items()
        if (FEATURE[feature].group is Group.SOUND) is audible
    }
    return Reading(seen.recording, _identity(seen.reader, heard.reader), answers)


def _identity(seen: ReaderIdentity, heard: ReaderIdentity) -> ReaderIdentity:
    details = {SEEN_BY: _text(seen), HEARD_BY: _text(heard)}
    for key in (ARM, PROMPT_SET):
        both = [one.details[key] for one in (seen, heard) if key in one.details]
        if both:
            details[key] = " / ".join(dict.fromkeys(both))
    if VIEW in seen.details:
        details[VIEW] = seen.details[VIEW]
    return ReaderIdentity(ReaderKind.MODEL, f"{seen.name} + {heard.name}", VERSION, details)


def _text(reader: ReaderIdentity) -> str:
    """Who it is, as JSON, without what belongs to one recording or one day."""
    asked = {key: value for key, value in reader.anywhere.details.items() if key not in OF_THE_DAY}
    return canonical([reader.name, reader.version, asked])


def models_of_study(study: Study) -> tuple[str, ...]:
    """The names of the models that have read recordings of a study, without composite ones.

    Everybody may know that a reading exists and whose it is; no answer is given away.
    """
    return tuple(sorted(set(_named(study).values())))


def _named(study: Study) -> dict[str, str]:
    """The names of the study's models by the exact key of the reader each is `anywhere`."""
    states = (state.reader for row in study.recordings() for state in study.readers(row.id, viewer=SEES_ALL))
    return name_readers(
        reader.anywhere
        for reader in states
        if reader.kind is ReaderKind.MODEL and SEEN_BY not in reader.details
    )


def combine_in_study(study: Study, seen_by: str, heard_by: str) -> Combined:
    """Keep the composite reading of every recording that both models have read; one that is there already is
    replaced. The models' own readings stay.

    Raises UserError for a name that no model of the study has, and when no recording was read by both.
    """
    named = _named(study)
    for name in (seen_by, heard_by):
        if name not in named.values():
            known = ", ".join(sorted(set(named.values()))) or "none"
            raise UserError(f"This study has no model called “{name}”. There are: {known}.")
    made = left_out = 0
    combined = ""
    for row in study.recordings():
        # Of several readings, as of two spans, the latest is taken, which comes first.
        latest_last = reversed(study.readings(row.id, viewer=SEES_ALL))
        of = {named.get(one.reader.anywhere.exact_key, ""): one for one in latest_last}
        seen, heard = of.get(seen_by), of.get(heard_by)
        if seen is None or heard is None:
            left_out += seen is not heard
            continue
        reading = combine(seen, heard)
        combined = reading.reader.name
        study.keep_reading(row.id, reading)
        made += 1
    if not made:
        raise UserError(f"No recording was read by both “{seen_by}” and “{heard_by}”.")
    return Combined(combined, made, left_out)
