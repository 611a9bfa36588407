"""An answer without its evidence, as one value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.core.semiology import Answer, ConfidenceKind, Laterality, Presence, SideFrom


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer without its evidence; the values are those of an `Answer`."""

    presence: Presence | None = None
    confidence: int | None = None
    laterality: Laterality | None = None
    explanation: str = ""
    confidence_kind: ConfidenceKind = ConfidenceKind.STATED
    sides: tuple[SideFrom, ...] = ()


def verdict_of(answer: Answer) -> Verdict:
    said = (answer.presence, answer.confidence, answer.laterality, answer.explanation)
    return Verdict(*said, answer.confidence_kind, answer.sides)


def with_verdict(answer: Answer, verdict: Verdict) -> Answer:
    """The answer that says this, with its evidence as it is. Raises ValueError as `Answer` does."""
    return replace(
        answer,
        presence=verdict.presence,
        confidence=verdict.confidence,
        laterality=verdict.laterality,
        explanation=verdict.explanation,
        confidence_kind=verdict.confidence_kind,
        sides=verdict.sides,
    )
