"""Spans in the consensus that only a program marked: decided while programs took part.

It follows from what everybody said when it was decided, and nothing is stored for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.core.plural import plural
from app.core.reading import ReaderKind, Reading
from app.core.semiology import Answer, Presence, Span, joined
from app.core.study.changed_since import SaidThen
from app.core.study.consensus import is_consensus
from app.core.study.viewer import SEES_ALL

if TYPE_CHECKING:
    from app.core.study.store import Study


def is_beyond_people(decided: Answer, readings: Iterable[Reading], then: SaidThen) -> bool:
    """Whether a *yes* that was decided has spans of a program which no person had marked by then.

    `readings` are those of the recording, `then` is what readers said when it was decided. Spans that neither
    a person nor a program marked were decided elsewhere, as in an import; so was what no person has answered.
    Where people answered only afterwards, as those do that are imported after their consensus, it is what
    they say now.
    """
    if decided.presence is not Presence.YES or not decided.evidence:
        return False
    others = [one for one in readings if not is_consensus(one.reader) and not one.reader.is_control]
    people = [one for one in others if one.reader.kind is ReaderKind.PERSON]
    programs = [one for one in others if one.reader.kind is not ReaderKind.PERSON]
    if all(one.answer(decided.feature).presence is None for one in people):
        return False
    by_then = (then.get(one.reader.exact_key, {}).get(decided.feature) for one in people)
    known = then if any(said is not None and said.presence is not None for said in by_then) else {}
    seen = joined(tuple(_marked(decided.feature, people, known)))
    beyond = [span for span in decided.evidence if not any(_holds(whole, span) for whole in seen)]
    return any(span.overlaps(other) for other in _marked(decided.feature, programs, then) for span in beyond)


def count_beyond_people(study: Study, recording_id: int) -> int:
    """Of how many features the consensus on a recording has such spans."""
    readings = study.readings(recording_id, viewer=SEES_ALL)
    decided = next((one for one in readings if is_consensus(one.reader)), None)
    if decided is None:
        return 0
    then = study.said_when_decided(recording_id)
    return sum(is_beyond_people(answer, readings, then) for answer in decided.answers.values())


def describe_beyond_people(answers: int) -> tuple[str, ...]:
    """A sentence on so many answers of a reference that have such spans; () for none."""
    if not answers:
        return ()
    have = "has" if answers == 1 else "have"
    return (
        f"{plural(answers, 'answer')} of the consensus {have} spans that only a program marked, so that the "
        "timing of programs is scored against their spans: decide them again in the consensus.",
    )


def _marked(feature: str, readings: Iterable[Reading], then: SaidThen) -> Iterator[Span]:
    """The spans that the readers gave when it was decided; those of now where that is not known."""
    known = any(feature in said for said in then.values())
    for one in readings:
        said = then.get(one.reader.exact_key, {}).get(feature) if known else one.answer(feature)
        if said is not None:
            yield from said.evidence


def _holds(whole: Span, span: Span) -> bool:
    return whole.start <= span.start and span.end <= whole.end
