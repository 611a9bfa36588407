"""Extraction of the JSON from the text of an answer, without the wrapping added by models and servers.

Removed are thoughts before it, tokens that mark the start and end of a turn, a byte order mark, and one code
fence; the rest must be the JSON and nothing else. Where sentences stand around it, an object is taken only
from a place that marks it as the answer: after the model's thoughts, or at the start of a fenced block. All
steps run in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

MOST_MARKED = 8
"""The most objects that are tried in one text with sentences around them."""
_MOST_FENCES = 64

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
"""End markers of a model's thoughts, in lower case; servers often omit the start marker."""

_TOKEN = (
    r"<[|｜][A-Za-z0-9_▁ /-]{1,40}[|｜]>|</?s>|\[/?INST\]"
    r"|<(?:bos|eos|pad|sep|end|im_end|end_of_turn|start_of_turn)>"
)
"""Tokens that models put at the start and the end of a turn."""
_TOKENS_BEFORE = re.compile(
    rf"(?:\s*+(?:\ufeff|(?:{_TOKEN})(?:\s*+(?:assistant|model)(?=[\s{{`~]))?+))*+\s*+", re.IGNORECASE
)
_TOKENS_AFTER = re.compile(rf"(?:\s*+(?:\ufeff|{_TOKEN}))*+\s*+\Z", re.IGNORECASE)
_MOST_TOKENS_AFTER = 400
"""The number of characters at the end within which end tokens are searched."""

_FENCE_BEGIN = re.compile(r"(`{3,10}+|~{3,10}+)[ \t]*+[A-Za-z0-9_+.-]{0,20}+[ \t]*+(?=[\r\n{])")

_FENCE_MARK = re.compile(r"`{3,10}+|~{3,10}+")
_IN_FENCE = re.compile(r"[ \t]*+[A-Za-z0-9_+.-]{0,20}+\s*+(?=\{)")
_ANSWERS = re.compile(r'\{\s*+"answers"\s*+:')
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_OPEN_THOUGHTS = re.compile(
    r"\s*+(?:<(?:seed:)?(?:think(?:ing)?|thoughts?|reasoning)>|\[think\]|◁think▷|<\|start_thinking\|>)",
    re.IGNORECASE,
)

_HALF_PAIR = re.compile(
    r"\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(ud[89a-f][0-9a-f]{2})|.)", re.DOTALL | re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def json_candidates(text: str) -> Iterator[str]:
    """At most two texts that may be the JSON of an answer, the likeliest first."""
    whole = _without_wrapping(text)
    if whole.startswith(("{", "[")):
        yield whole
    end = _end_of_thoughts(text)
    if end > 0:
        answer = _without_wrapping(text[end:])
        if answer.startswith(("{", "[")):
            yield answer


def marked_objects(text: str) -> Iterator[str]:
    """At most `MOST_MARKED` whole objects that are marked as the answer, in their order: with thoughts those
    after them, else those with which a fenced block begins.

    None for a text that begins with the JSON itself, whose own words could hold such marks, and none from
    thoughts that never end.
    """
    end = _end_of_thoughts(text)
    rest = _without_tokens(text[end:])
    if not end and (rest.startswith(("{", "[")) or _OPEN_THOUGHTS.match(rest)):
        return
    starts = (found.start() for found in _ANSWERS.finditer(rest)) if end else _fenced_starts(rest)
    reached = 0
    for start in islice(starts, MOST_MARKED):
        if start < reached:  # inside of the object before
            continue
        reached = _end_of_object(rest, start)
        if not reached:  # what never closes holds no answer, and what follows would be part of it
            return
        yield rest[start:reached]


def _fenced_starts(text: str) -> Iterator[int]:
    """Where objects begin that are the first thing in a fenced block."""
    for number, mark in enumerate(islice(_FENCE_MARK.finditer(text), _MOST_FENCES)):
        inside = _IN_FENCE.match(text, mark.end()) if number % 2 == 0 else None
        if inside is not None:
            yield inside.end()


def _end_of_object(text: str, start: int) -> int:
    """The index after the object that begins at `start`; 0 when its brackets never close."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text, start):
        if found[0] in ("{", "["):
            depth += 1
        elif found[0] in ("}", "]"):
            depth -= 1
            if depth == 0:
                return found.end()
    return 0


def replace_lone_surrogates(text: str) -> str:
    """The text with a replacement character for each lone surrogate, escaped or literal."""
    text = _SURROGATE.sub("\ufffd", text)
    if "\\ud" not in text and "\\uD" not in text and "\\Ud" not in text:
        return text
    return _HALF_PAIR.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


def _end_of_thoughts(text: str) -> int:
    """The index after the last thoughts; 0 without thoughts."""
    # Not lower(), which can change the length of a text.
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
    """The content of a text that is one fenced block, else the text."""
    fence = _FENCE_BEGIN.match(text)
    if fence is None:
        return text
    inside = text.rstrip(fence[1][0])
    closed = len(text) - len(inside) >= len(fence[1])
    return inside[fence.end() :] if closed else text
