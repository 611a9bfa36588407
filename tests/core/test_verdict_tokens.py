"""The probability of a verdict is taken from its token alone, or there is none."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.readers.models.provider import Reply
from app.core.readers.models.response import parse_reply
from app.core.readers.models.segments import Segment
from app.core.readers.models.verdict_tokens import verdict_shares
from app.core.semiology import FEATURE, ConfidenceKind, Presence, Span

ITEM = {"explanation": "jerks: “presence”: “no” é", "confidence": 99, "laterality": "none", "evidence": []}


def reply(*verdicts: tuple[str, str]) -> str:
    answers = [{"feature": feature, **ITEM, "presence": word} for feature, word in verdicts]
    return json.dumps({"answers": answers}, ensure_ascii=False)


def row(token: str, probability: float = 0.9, **others: float) -> dict[str, Any]:
    top = {token: probability, **others}
    rows = [{"token": one, "logprob": math.log(value)} for one, value in top.items()]
    return {"token": token, "logprob": math.log(probability), "top_logprobs": rows}


def tokens(text: str, word: str, verdict: dict[str, Any]) -> dict[str, Any]:
    """The text in tokens of three letters, with one that begins as the verdict's word does."""
    at = text.index(f'"presence": "{word}"') + len('"presence": "') + len(word)
    at -= len(verdict["token"].lstrip(' "'))
    rest = at + len(verdict["token"].lstrip(' "'))
    before = text[: at - (len(verdict["token"]) - len(verdict["token"].lstrip(' "')))]
    pieces = [before[place : place + 3] for place in range(0, len(before), 3)]
    return {"content": [*map(row, pieces), verdict, row(text[rest:])]}


def test_the_share_is_that_of_the_verdict_among_the_three() -> None:
    text = reply(("clonic", "yes"))
    (found,) = verdict_shares(text, tokens(text, "yes", row("yes", 0.6, no=0.2, maybe=0.1)))
    assert (found.feature, found.presence) == ("clonic", Presence.YES)
    assert found.share == pytest.approx(0.75)


def test_a_token_may_begin_with_the_quotation_mark_or_be_the_beginning_of_a_word() -> None:
    text = reply(("clonic", "yes"))
    verdict = row('"yes', 0.6, **{'"no': 0.3, '"not': 0.1, "no": 0.3})
    (found,) = verdict_shares(text, tokens(text, "yes", verdict))
    assert found.share == pytest.approx(0.6)


def test_a_single_probability_is_taken_as_it_is() -> None:
    text = reply(("clonic", "no"))
    (found,) = verdict_shares(text, tokens(text, "no", row("no", 0.4)))
    assert found.share == pytest.approx(0.4)


def test_a_token_that_could_become_two_verdicts_decides_nothing() -> None:
    text = reply(("clonic", "no"))
    begun = {"content": [row(text[: text.index('no"')]), row("n", 0.9), row(text[text.index('o"') :])]}
    assert verdict_shares(text, begun) == ()


@pytest.mark.parametrize(
    "logprobs",
    [None, {}, [], "x", {"content": None}, {"content": [None]}, {"content": [{"token": 1, "logprob": -1}]}],
)
def test_without_tokens_there_is_nothing(logprobs: object) -> None:
    assert verdict_shares(reply(("clonic", "yes")), logprobs) == ()


def test_tokens_of_another_text_are_not_taken() -> None:
    text = reply(("clonic", "yes"))
    given = tokens(text, "yes", row("yes", 0.9))
    assert verdict_shares(text, given)
    assert verdict_shares(text.replace("jerks", "jerk"), given) == ()


def test_thoughts_before_the_answer_are_passed_over() -> None:
    text = reply(("clonic", "yes"))
    given = tokens(text, "yes", row("yes", 0.9, no=0.1))
    given["content"].insert(0, row("<think> it may be clonic </think>"))
    assert verdict_shares(text, given)[0].share == pytest.approx(0.9)


def test_a_feature_that_is_answered_twice_has_no_share() -> None:
    text = reply(("clonic", "yes"), ("clonic", "no"))
    assert verdict_shares(text, {"content": [row(text)]}) == ()


def test_words_inside_an_explanation_are_no_verdict() -> None:
    sly = json.dumps({"answers": [{"feature": "clonic", **ITEM, "presence": "no"}]})
    sly = sly.replace("jerks", json.dumps('"feature": "tonic", "presence": "yes"')[1:-1])
    given = {"content": [row(sly[: sly.rindex('no"')]), row("no", 0.8, yes=0.2), row('"}]}')]}
    rest = sly[sly.rindex('no"') + 2 :]
    given["content"][-1] = row(rest)
    (found,) = verdict_shares(sly, given)
    assert (found.feature, found.presence) == ("clonic", Presence.NO)


def test_the_answer_has_the_probability_instead_of_what_was_stated() -> None:
    text = reply(("clonic", "yes"))
    shares = verdict_shares(text, tokens(text, "yes", row("yes", 0.6, no=0.2)))
    segment, asked = Segment(0, Span(0, 30)), (FEATURE["clonic"],)
    stated = parse_reply(Reply(text, ""), asked, segment).answers["clonic"]
    assert (stated.confidence, stated.confidence_kind) == (99, ConfidenceKind.STATED)
    found = parse_reply(Reply(text, "", verdicts=shares), asked, segment).answers["clonic"]
    assert (found.confidence, found.confidence_kind) == (75, ConfidenceKind.TOKENS)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["token", "logprob", "bytes", "top_logprobs"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=5))
def test_whatever_a_server_sends_nothing_breaks(rows: list[Any]) -> None:
    assert verdict_shares(reply(("clonic", "yes")), {"content": rows}) == ()


@given(st.integers(1, 40))
def test_a_letter_that_is_cut_in_two_by_tokens_is_put_together(cut: int) -> None:
    text = reply(("clonic", "yes"))
    content = text.encode()
    place = content.index(b'yes"')
    head, tail = content[:place], content[place + 3 :]
    pieces = [head[:cut], head[cut:-cut] if cut * 2 < len(head) else b"", head[max(cut, len(head) - cut) :]]
    rows = [{"token": "?", "logprob": -0.1, "bytes": list(piece)} for piece in [*pieces, b"yes", tail]]
    joined = b"".join(bytes(one["bytes"]) for one in rows)  # type: ignore[call-overload]
    found = verdict_shares(text, {"content": rows})
    assert bool(found) == (joined == content)
