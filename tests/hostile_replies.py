"""Replies of model services that are wrong in some way; the same number always gives the same one."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from dataclasses import dataclass
from typing import Any

from tests.loopback import completion, generated

KEY = "sk-CANARY0123456789abcdef"
UNITS = (
    *"{[\"'\\:, \n\r<`~&%=a1-.e",
    "{}",
    "[]",
    "[{",
    '{"a":',
    '\\"',
    "\\u0041",
    "\\ud800",
    "%2525",
    "&amp;#38;",
    "</think>",
    "<think>",
    "```json\n",
    "```",
    "<|im_end|>",
    "</s>",
    "\u202e",
    "\u200b",
    "\ufeff",
    "１",
    "e\u0301",
    "𝕬",
    "null,",
    '"answers":',
    KEY,
)


@dataclass(frozen=True)
class HostileReply:
    """What goes over the wire: the head without its length, the body, and whether it never ends."""

    status: int
    headers: tuple[str, ...]
    body: bytes
    chunked: bool = False
    cut: bool = False


def hostile_reply(number: int, answer: str, *, gemini: bool, largest: int = 60_000) -> HostileReply:
    """A reply to a request whose right answer is `answer`."""
    chance = random.Random(number)
    wrap = generated if gemini else completion
    body = _body(chance, answer, wrap, largest)
    headers = [f"content-type: {chance.choice(['application/json', 'text/html', 'image/png', ''])}"]
    body, packed = _packed(chance, body)
    headers += packed
    if chance.random() < 0.1:
        headers.append(f"x-{chance.choice(UNITS).encode('ascii', 'ignore').hex()}: {KEY}")
    if chance.random() < 0.05:
        headers += [f"x-{line}: {'a' * 100}" for line in range(2000)]
    status = chance.choice(
        [200] * 16 + [201, 204, 302, 307, 400, 401, 403, 404, 413, 429, 500, 503, 299, 999]
    )
    return HostileReply(status, tuple(headers), body, chance.random() < 0.2, chance.random() < 0.1)


def _body(chance: random.Random, answer: str, wrap: Any, largest: int) -> bytes:
    whole: bytes = wrap(answer)
    spoiled = json.loads(whole)
    _spoil(chance, spoiled)
    error: dict[str, Any] = {"message": f"overloaded {KEY}", "code": chance.choice([503, 429, "x", None])}
    bodies = (
        lambda: _text(chance, largest).encode("utf-8", "surrogatepass"),
        lambda: chance.randbytes(chance.randrange(5000)),
        lambda: json.dumps(_value(chance, 0), allow_nan=True).encode(),
        lambda: json.dumps({"error": chance.choice([error, f"bad {KEY}", [error]])}).encode(),
        lambda: whole[: chance.randrange(len(whole))],
        lambda: bytes(wrap(_text(chance, largest))),
        lambda: bytes(wrap(_wrong(chance, answer))),
        lambda: json.dumps(spoiled).encode(),
    )
    return chance.choice(bodies)()


def _text(chance: random.Random, largest: int) -> str:
    unit = "".join(chance.choices(UNITS, k=chance.randint(1, 3)))
    many = chance.choice([1, 10, 1000, largest // len(unit)])
    return chance.choice(["", '"', '{"answers":[', "```json\n", "</think>"]) + unit * many


def _wrong(chance: random.Random, answer: str) -> str:
    """An answer with one thing changed: a word, a number, a key twice, a span outside."""
    old, new = chance.choice(
        [
            ('"no"', '"perhaps"'),
            ("70", "1e999"),
            ("70", "NaN"),
            ("70", "9" * 5000),
            ("70", "-1"),
            ('"presence"', '"presence": "yes", "presence"'),
            ('"evidence": []', '"evidence": [{"start_ms": -5, "end_ms": 99999999999999999999}]'),
            ('"evidence": []', '"evidence": [{"start_ms": "1:30", "end_ms": 5}]'),
            ('"evidence": []', '"evidence": ' + "[" * 400 + "]" * 400),
            ("loopback", "\\ud800 half a pair \u202e turned"),
            ("loopback", f"the key {KEY}"),
            ("loopback", "".join(f"\\u{ord(letter):04x}" for letter in KEY)),
            ("}]", "}" + ', {"feature": "clonic"}' * 500 + "]"),
        ]
    )
    text = answer.replace(old, new, chance.choice([1, -1]))
    before, after = chance.choice([("", ""), ("```json\r\n", "```"), ("x</think>", ""), ("", "<|im_end|>")])
    return before + text + after


def _value(chance: random.Random, depth: int) -> Any:
    if depth > 4 or chance.random() < 0.3:
        return chance.choice([None, True, 0, -1, 2**70, 1e308, float("nan"), "", KEY, "choices", "\ud800"])
    if chance.random() < 0.5:
        return [_value(chance, depth + 1) for _ in range(chance.randrange(6))]
    names = ("choices", "candidates", "message", "content", "parts", "text", "error", "usage", KEY)
    return {chance.choice(names): _value(chance, depth + 1) for _ in range(chance.randrange(6))}


def _spoil(chance: random.Random, data: Any) -> None:
    """Put something else in place of one value, anywhere inside."""
    rows = list(data.items()) if isinstance(data, dict) else list(enumerate(data))
    if not rows:
        return
    name, inner = chance.choice(rows)
    if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
        _spoil(chance, inner)
    else:
        data[name] = _value(chance, 2)


def _packed(chance: random.Random, body: bytes) -> tuple[bytes, list[str]]:
    kind = chance.randrange(12)
    if kind == 0:
        return gzip.compress(body), ["content-encoding: gzip"]
    if kind == 1:
        return gzip.compress(gzip.compress(body)), ["content-encoding: gzip, gzip"]
    if kind == 2:
        return gzip.compress(b" " * 5_000_000 + body), ["content-encoding: gzip"]
    if kind == 3:
        return zlib.compress(body)[:-3], ["content-encoding: deflate"]
    if kind == 4:
        return body, [f"content-encoding: {chance.choice(['gzip', 'br', 'zstd', 'x', 'identity'])}"]
    return body, []
