"""The probability that a model gave the word of a verdict, from the tokens of its reply.

It is taken from the token with which the word after `"presence"` begins, and from nothing else: where the
tokens are not exactly the reply's text, where a word is not decided by one token, or where the server gives
no probabilities, there is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.semiology import FEATURE, Presence

MOST_ALTERNATIVES = 3
"""Alternatives asked for with each token, as many as there are verdicts."""

_PAIR = re.compile(r'"(feature|presence)"\s*:\s*"(\w+)"')
"""A key with its value; inside a string of JSON the quotation marks would have backslashes before them."""
_ROUNDING = 1e-3
"""The highest logarithm of a probability that counts as 0."""
_WORDS = tuple(presence.value for presence in Presence)


@dataclass(frozen=True, slots=True)
class VerdictShare:
    """The verdict on a feature in a reply, and its share (0–1) of the probability of all three verdicts."""

    feature: str
    presence: Presence
    share: float


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    alternatives: Mapping[str, float]


def verdict_shares(text: str, logprobs: object) -> tuple[VerdictShare, ...]:
    """The shares of the verdicts in a reply's text by its `logprobs` (as of OpenAI's chat completions).

    Raises no error, whatever a server sends.
    """
    tokens = _tokens(logprobs)
    whole, text = "".join(token.text for token in tokens), _letters(text.encode("utf-8", "replace"))
    # A model's thoughts can stand before the answer.
    if not text or whole.count(text) != 1:
        return ()
    offset = whole.index(text)
    found = (_share(feature, word, offset + at, tokens) for feature, word, at in _verdicts(text))
    return tuple(share for share in found if share is not None)


def _tokens(logprobs: object) -> list[_Token]:
    """The tokens in order; none when any of them is malformed."""
    rows = logprobs.get("content") if isinstance(logprobs, dict) else None
    tokens: list[_Token] = []
    start = 0
    for row in rows if isinstance(rows, list) else ():
        text = row.get("token") if isinstance(row, dict) else None
        if not isinstance(text, str):
            return []
        written = _written(row)
        tokens.append(_Token(written, start, _alternatives(row)))
        start += len(written)
    return tokens


def _written(row: Mapping[str, Any]) -> str:
    """The bytes of a token as one letter each, because a token can hold a part of a letter."""
    found = row.get("bytes")
    if isinstance(found, list) and all(isinstance(one, int) and 0 <= one < 256 for one in found):
        return _letters(bytes(found))
    return _letters(str(row.get("token", "")).encode("utf-8", "replace"))


def _letters(content: bytes) -> str:
    return content.decode("latin-1")


def _alternatives(row: Mapping[str, Any]) -> dict[str, float]:
    """The probabilities of a token and of what could have stood in its place."""
    others = row.get("top_logprobs")
    found: dict[str, float] = {}
    for one in (row, *(others if isinstance(others, list) else ())):
        token, value = (one.get("token"), one.get("logprob")) if isinstance(one, dict) else (None, None)
        if not isinstance(token, str) or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if math.isfinite(value) and value <= _ROUNDING:
            found[_written(one)] = math.exp(min(value, 0.0))
    return found


def _verdicts(text: str) -> Sequence[tuple[str, str, int]]:
    """Feature, word and place of the word of each verdict; of a feature with several verdicts none."""
    found = list(_PAIR.finditer(text))
    pairs = list(zip(found[::2], found[1::2], strict=False))
    if len(found) % 2 or any({one[1], then[1]} != {"feature", "presence"} for one, then in pairs):
        return ()
    verdicts = []
    for one, then in pairs:
        feature, presence = (one, then) if one[1] == "feature" else (then, one)
        if feature[2] in FEATURE and presence[2] in _WORDS:
            verdicts.append((feature[2], presence[2], presence.start(2)))
    names = [feature for feature, _word, _at in verdicts]
    return [verdict for verdict in verdicts if names.count(verdict[0]) == 1]


def _share(feature: str, word: str, at: int, tokens: Sequence[_Token]) -> VerdictShare | None:
    token = next(one for one in reversed(tokens) if one.start <= at and one.text)
    before = token.text[: at - token.start]
    shares = dict.fromkeys(_WORDS, 0.0)
    for text, probability in token.alternatives.items():
        decided = _decided(text.removeprefix(before)) if text.startswith(before) else ""
        if decided:
            shares[decided] += probability
    total = sum(shares.values())
    if _decided(token.text.removeprefix(before)) != word or token.text not in token.alternatives or not total:
        return None
    alone = len(token.alternatives) == 1
    return VerdictShare(feature, Presence(word), min(shares[word] if alone else shares[word] / total, 1.0))


def _decided(begun: str) -> str:
    """The verdict that a token is or begins; "" when it is none, or could become several."""
    word, end, _rest = begun.partition('"')
    if end or word in _WORDS:
        return word if word in _WORDS else ""
    fits = [one for one in _WORDS if one.startswith(word)]
    return fits[0] if len(fits) == 1 else ""
