"""Finds the one JSON in the text of an answer: what models and servers put around it is taken off.

Taken off are thoughts before it, tokens that mark begin and end, a byte order mark, and one fence in any
spelling. Sentences around the JSON are not: what is left must be the JSON and nothing else. Every step looks
at each character a fixed number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_THOUGHTS_END = (
    "</think>",
    "</thinking>",
    "</thought>",
    "</thoughts>",
    "</reasoning>",
    "</seed:think>",
    "[/think]",
    "<|end_thinking|>",
    "<|end_of_thought|>",
    "◁/think▷",
    "<|channel|>final<|message|>",
)
"""What ends the thoughts of a model, in lower case; servers often leave out what began them."""

_TOKEN = (
    r"<[|｜][A-Za-z0-9_▁ /-]{1,40}[|｜]>|</?s>|\[/?INST\]"
    r"|<(?:bos|eos|pad|sep|end|im_end|end_of_turn|start_of_turn)>"
)
"""What models put at the begin and the end of a turn."""
_TOKENS_BEFORE = re.compile(
    rf"(?:\s*+(?:\ufeff|(?:{_TOKEN})(?:\s*+(?:assistant|model)(?=[\s{{`~]))?+))*+\s*+", re.IGNORECASE
)
_TOKENS_AFTER = re.compile(rf"(?:\s*+(?:\ufeff|{_TOKEN}))*+\s*+\Z", re.IGNORECASE)
_MOST_TOKENS_AFTER = 400
"""Characters at the end among which end tokens are looked for."""

_FENCE_BEGIN = re.compile(r"(`{3,10}+|~{3,10}+)[ \t]*+[A-Za-z0-9_+.-]{0,20}+[ \t]*+(?=[\r\n{])")

_HALF_PAIR = re.compile(
    r"\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(ud[89a-f][0-9a-f]{2})|.)", re.DOTALL | re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def json_candidates(text: str) -> Iterator[str]:
    """What may be the JSON of an answer, the likeliest first: at most two texts."""
    whole = _without_wrapping(text)
    if whole.startswith(("{", "[")):
        yield whole
    end = _end_of_thoughts(text)
    if end > 0:
        answer = _without_wrapping(text[end:])
        if answer.startswith(("{", "[")):
            yield answer


def whole_characters(text: str) -> str:
    """`text` with a mark where half a surrogate pair stands, written as an escape or as it is."""
    text = _SURROGATE.sub("\ufffd", text)
    if "\\ud" not in text and "\\uD" not in text and "\\Ud" not in text:
        return text
    return _HALF_PAIR.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


def _end_of_thoughts(text: str) -> int:
    """Where the last thoughts end; 0 when there are none."""
    # Not lower(): that can change the length of a text.
    folded = text.translate(_LOWER)
    ends = (folded.rfind(mark) + len(mark) for mark in _THOUGHTS_END if mark in folded)
    return max(ends, default=0)


_LOWER = {ord("A") + number: ord("a") + number for number in range(26)}


def _without_wrapping(text: str) -> str:
    return _without_tokens(_without_fence(_without_tokens(text)))


def _without_tokens(text: str) -> str:
    begun = _TOKENS_BEFORE.match(text)
    start = begun.end() if begun else 0
    body = text[start:].rstrip()
    tail = max(0, len(body) - _MOST_TOKENS_AFTER)
    for place in range(tail, len(body)):
        if body[place] in "<[\ufeff" and _TOKENS_AFTER.match(body, place):
            return body[:place].rstrip()
    return body


def _without_fence(text: str) -> str:
    """The inside of a text that is one fenced block, else the text."""
    fence = _FENCE_BEGIN.match(text)
    if fence is None:
        return text
    inside = text.rstrip(fence[1][0])
    closed = len(text) - len(inside) >= len(fence[1])
    return inside[fence.end() :] if closed else text
