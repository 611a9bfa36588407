"""The details of a model's reading, and what each belongs to: the question, one recording, or one day.

This is said here alone, because it decides what counts as one reader: over many recordings, for the figures
of a study, for composite readers, and for finding what was kept of a run. The keys and values themselves are
in stored studies and never change.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.core.bounded_json import canonical, read_json

ARM, PROMPT_SET = "arm", "prompt_set"
"""Details that say in words how a model was shown and asked: the enhancement arm and the set of prompts."""

VIEW = "view"
"""The detail that says how a prompt said that the picture has to be turned or mirrored; without it the
model took left and right as they are in the stored picture."""

SEEN_BY, HEARD_BY = "seen_by", "heard_by"
"""Details of a composite reader: who answered what is seen, and who what is heard."""

REPEAT = "repeat"
"""The detail that says how often the same had been asked, from 2; the first time has none."""

MERGING = "merging"
"""The detail with the rule by which segments become one answer, where it is not the usual one."""

SHOWN = "shown"
"""The detail of a control that was shown something else than the recording; other readings have none."""

SCALED_ON = "scaled_on"
"""The detail that says on which patients the confidence was scaled; readings as they came have none."""

TELLS_EARLIER = "tells_earlier"
"""The detail that says in words that prompts told what earlier segments found; others have none."""

MARKS = "marks"
"""The detail of a batch's reading that names the reader by whose marks of onset and end it was asked."""

RANGE = "range"
"""The detail that says what part was read: `event:SECONDS` or a span such as `60-120`; the whole has none."""

PATIENT, PICTURE = "patient", "picture"
"""Details with the box drawn round the patient, and the number of the picture track."""

RECORDING, STRETCHES, EVENT, PART = "recording", "stretches", "event", "part"
"""What a run keeps of its recording: its content, where that holds anything, the marked event, the part."""

WINDOWS = "windows"
"""What a run asked for the windows that were chosen, which are another recording's for another."""

DRAWN = "drawn_places"
"""What a run keeps of the places that a person drew to be covered."""

SERVED, PROGRAM = "served", "program"
"""Details that say which version of the model the server named, and the version of this program."""

OF_THE_RUN_ALONE = frozenset({RECORDING, STRETCHES, EVENT, PART, WINDOWS, DRAWN})
"""What belongs to a recording and stands in the description of the run, never in the reading."""

OF_THE_RECORDING = OF_THE_RUN_ALONE | {PATIENT, PICTURE, VIEW}
"""What belongs to a recording: the same reader has other values of these for another recording."""

OF_THE_DAY = frozenset({SERVED, PROGRAM})
"""What may be another tomorrow for the same question."""

NOT_OF_THE_QUESTION = OF_THE_DAY | {ARM, PROMPT_SET, SCALED_ON, TELLS_EARLIER}
"""What does not affect the questions, or only says in words what other details say."""

_A_SPAN = "span"
"""What is said of a chosen span where its times do not matter."""


def details_anywhere(details: Mapping[str, str]) -> dict[str, str]:
    """The details without what belongs to one recording: the same for all that were asked about alike.

    Of a chosen span it stays that there was one: asking about a part is another question than asking about
    the whole or about the event. The models of a composite reader are treated alike.
    """
    found = {key: value for key, value in details.items() if key not in OF_THE_RECORDING}
    if found.get(RANGE, "")[:1].isdigit():
        found[RANGE] = _A_SPAN
    return found | {key: _model_anywhere(found[key]) for key in (SEEN_BY, HEARD_BY) if key in found}


def _model_anywhere(text: str) -> str:
    """The same of a model that a composite reader names; what is not understood stays as it is."""
    try:
        said = read_json(text)
    except ValueError:
        return text
    if not isinstance(said, list) or len(said) != 3 or not isinstance(said[2], dict):
        return text
    details = {str(key): str(value) for key, value in said[2].items()}
    return canonical([*said[:2], details_anywhere(details)])
