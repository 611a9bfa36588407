"""The key of a case: the expert's answers, when the experts saw onsets, a note, and what a model said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.bounded_json import canonical, read_json
from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.reading import answer_from_dict, answer_to_dict
from app.core.semiology import FEATURE, Answer, Span

LONGEST_NOTE = 4000
"""Characters of a teacher's note."""
_LARGEST = 1 << 20
_MOST_EXPERTS = 100
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """The key of one card: the expert's answer, and the first onsets (s) of all experts who said yes."""

    answer: Answer
    onsets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenLookalike:
    """What a teacher chose as looking like a feature: a case of the course, or a span of it (s)."""

    case: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The key of a case, by feature. `expert` names whose answers these are; `foil` has the answers of a
    model or program, called `foil_reader`, that are shown after the learner's own; `note` is the teacher's,
    as are the `lookalikes`.
    """

    expert: str
    answers: Mapping[str, KeyAnswer]
    note: str = ""
    foil_reader: str = ""
    foil: Mapping[str, Answer] | None = None
    lookalikes: Mapping[str, ChosenLookalike] | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The features that the key answers; what it leaves open is not asked."""
        return tuple(name for name, key in self.answers.items() if key.answer.presence is not None)


def key_to_bytes(key: CaseKey) -> bytes:
    """The key as bytes, before they are sealed."""
    return canonical(
        {
            "expert": key.expert,
            "answers": [
                {**answer_to_dict(one.answer), "onsets": list(one.onsets)} for one in key.answers.values()
            ],
            "note": key.note,
            "foil_reader": key.foil_reader,
            "foil": [answer_to_dict(answer) for answer in (key.foil or {}).values()],
            "lookalikes": [_lookalike_row(name, one) for name, one in (key.lookalikes or {}).items()],
        }
    ).encode("ascii")


def key_from_bytes(content: bytes) -> CaseKey:
    """The inverse of `key_to_bytes`. Raises UserError."""
    try:
        return _key(read_json(content, largest=_LARGEST))
    except (ValueError, KeyError, TypeError, UserError) as error:
        raise UserError("The key of a case is damaged, so the case cannot be scored.") from error


def _key(data: Any) -> CaseKey:
    answers = {
        row["feature"]: KeyAnswer(answer_from_dict(row), _onsets(row["onsets"])) for row in data["answers"]
    }
    foil = {row["feature"]: answer_from_dict(row) for row in data["foil"]}
    return CaseKey(
        plain(str(data["expert"]), _LONGEST_NAME),
        answers,
        plain(str(data["note"]), LONGEST_NOTE),
        plain(str(data["foil_reader"]), _LONGEST_NAME),
        foil or None,
        # Keys of before there were any have none.
        {row["feature"]: _lookalike(row) for row in data.get("lookalikes", [])} or None,
    )


def _lookalike_row(feature: str, one: ChosenLookalike) -> dict[str, Any]:
    span = None if one.span is None else [one.span.start, one.span.end]
    return {"feature": feature, "case": one.case, "span": span}


def _lookalike(row: Any) -> ChosenLookalike:
    if row["feature"] not in FEATURE:
        raise ValueError("not a feature")
    span = None if row["span"] is None else Span(*(float(value) for value in row["span"]))
    return ChosenLookalike(plain(str(row["case"]), _LONGEST_NAME), span)


def _onsets(values: Any) -> tuple[float, ...]:
    onsets = tuple(float(value) for value in values[:_MOST_EXPERTS])
    if not all(math.isfinite(onset) and onset >= 0 for onset in onsets):
        raise ValueError("not an onset")
    return onsets
