"""What the sets of questions are called."""

from __future__ import annotations

from app.core.plain_text import plain

_WORDS = {
    "expert": "expert – observable behaviour",
    "plain": "plain – one plain question",
    "ilae": "ilae – formal definitions of the ILAE",
    "study": "study – as arXiv 2605.03352 asked",
}


def prompt_set_words(name: str) -> str:
    """The name of a set of questions with what it is: one of the program's, or a personal one."""
    return _WORDS.get(name, f"{plain(name, 60)} – your own")
