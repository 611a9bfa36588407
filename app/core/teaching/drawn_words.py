"""The truth of a drawn patient as the key of a learner, who knows of no script."""

from __future__ import annotations

from dataclasses import replace

from app.core.semiology import Answer, Presence

_SCRIPTED = "Scripted: "


def key_of_drawn(answer: Answer) -> Answer:
    """The answer with what is to be seen or heard as its words, none where that is nothing; a drawing is
    not more or less sure."""
    words = answer.explanation.removeprefix(_SCRIPTED)
    if answer.presence is Presence.NO and not answer.evidence:
        words = ""
    return replace(answer, confidence=None, explanation=words[:1].upper() + words[1:])
