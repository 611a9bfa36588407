"""A key is taken out of text in every spelling in which a server can give it back."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.privacy.keys import Secret
from app.core.privacy.redaction import LONGEST_CUT, REMOVED, Redaction

KEY = "sk-CANARY0123456789abcdef"
REDACTION = Redaction(Secret(KEY))


def each(form: str) -> str:
    return "".join(form.format(ord(letter)) for letter in KEY)


SPELLINGS = {
    "as it is": KEY,
    "escapes of JSON": each("\\u{:04x}"),
    "escapes in escapes": each("\\\\u{:04x}"),
    "escapes in braces": each("\\u{{{:x}}}"),
    "hexadecimal escapes": each("\\x{:02x}"),
    "octal escapes": each("\\{:03o}"),
    "percent": each("%{:02x}"),
    "percent twice": each("%25{:02X}"),
    "quoted-printable": each("={:02X}"),
    "HTML": each("&#{};"),
    "HTML in hexadecimal": each("&#x{:x};"),
    "HTML twice": each("&amp;#{};"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of a header": base64.b64encode(b"Bearer " + KEY.encode() + b" was sent").decode(),
    "base64 of a pair": base64.urlsafe_b64encode(b"x:" + KEY.encode()).decode(),
    "base64 in lines": "\n".join(base64.b64encode(KEY.encode()).decode()),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal with colons": KEY.encode().hex(":").upper(),
    "zero width": "\u200b".join(KEY),
    "soft hyphens": "\xad".join(KEY),
    "bidi": "\u202e".join(KEY),
    "byte order marks": "\ufeff".join(KEY),
    "combining marks": "\u0301".join(KEY),
    "blanks": " ".join(KEY),
    "line ends": "\r\n".join(KEY),
    "dots": ".".join(KEY),
    "capitals": KEY.upper(),
    "small": KEY.lower(),
    "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in KEY),
    "its beginning": KEY[:14],
    "its end": KEY[10:],
    "its middle": KEY[6:-6],
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_the_key_goes_and_the_words_around_it_stay(spelling: str) -> None:
    cleaned = REDACTION.cleaned(f"The server saw it: {spelling} 20 % of all.")
    assert cleaned.startswith("The server saw it: ")
    assert cleaned.endswith(" 20 % of all.")
    assert REMOVED in cleaned
    assert not REDACTION.finds(cleaned)


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("The left arm jerks; 100%25 caf\u00e9 \\u00e9 &amp; 123456789", "sk-", "CANARY", ""):
        assert REDACTION.cleaned(text) == text


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(SPELLINGS)))
def test_whatever_stands_around_it(before: str, after: str, name: str) -> None:
    cleaned = REDACTION.cleaned(f"{before} {SPELLINGS[name]} {after}")
    assert KEY not in cleaned
    assert REMOVED in cleaned


@given(st.text(max_size=200))
def test_without_a_key_nothing_changes(text: str) -> None:
    assert Redaction().cleaned(text) == text
    assert Redaction(Secret("")).cleaned(text) == text


def test_a_short_key_goes_only_where_it_stands_alone() -> None:
    short = Redaction(Secret("EMPTY"))
    assert short.cleaned("the bed is EMPTYish") == "the bed is EMPTYish"
    assert short.cleaned("key=EMPTY.") == f"key={REMOVED}."


@pytest.mark.parametrize("filling", ["\u0301\u0316", "\ufdfa", "\uff05", "\u24b6"])
def test_marks_in_any_number_and_order_take_no_time(filling: str) -> None:
    # Ordering so many combining marks takes the standard library hours; pytest's own limit ends that.
    assert REDACTION.finds(f"a{filling * 150_000} {KEY}")
    assert REDACTION.cleaned(f"{KEY} a{filling * 20_000}") == f"{REMOVED} a{filling * 20_000}"


def test_a_long_text_with_a_key_is_replaced_as_a_whole() -> None:
    assert REDACTION.cleaned("a" * LONGEST_CUT + KEY) == REMOVED


def test_a_piece_of_an_access_token_goes() -> None:
    token = "ya29." + "aB3x9Zq7" * 60
    cleaned = Redaction(Secret(token)).cleaned(f"it was {token[100:140]}.")
    assert REMOVED in cleaned
    assert token[108:132] not in cleaned
