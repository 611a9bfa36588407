"""What servers counted corrects the next plan, within limits, and a damaged file corrects nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement
from app.core.folders import settings_folder
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.request_plan import TOKENS_PER_ANSWER, estimate, requests
from app.core.readers.models.run_phrases import corrected_words
from app.core.readers.models.token_counts import (
    FILE_NAME,
    LEAST_FACTOR,
    MOST_FACTOR,
    MOST_REPLIES,
    MOST_TARGETS,
    NO_CORRECTION,
    Correction,
    CountedRequest,
    correction_of,
    corrections_for,
    keep_counts,
)
from app.core.reading import RecordingIdentity

POSE, FACE = Enhancement.POSE, Enhancement.FACE


def row(planned: int, counted: int, enhancement: Enhancement = POSE) -> CountedRequest:
    return CountedRequest(enhancement, planned, counted, 10, 500)


def test_a_correction_is_the_ratio_of_the_sums_with_its_replies(tmp_path: Path) -> None:
    keep_counts("a", [row(1000, 1500), row(3000, 4500), row(100, 50, FACE)], tmp_path)
    found = corrections_for("a", tmp_path)
    assert found == {POSE: Correction(1.5, 2, 50.0), FACE: Correction(0.5, 1, 50.0)}
    assert corrections_for("b", tmp_path) == {}
    assert corrected_words(found[POSE]) == ", × 1.50 of the formula by 2 replies"
    assert corrected_words(NO_CORRECTION) == ""


def test_only_the_newest_replies_and_targets_count(tmp_path: Path) -> None:
    keep_counts("a", [row(1000, 9000)] * MOST_REPLIES, tmp_path)
    keep_counts("a", [row(1000, 1000)] * MOST_REPLIES, tmp_path)
    assert corrections_for("a", tmp_path)[POSE] == Correction(1.0, MOST_REPLIES, 50.0)
    for number in range(MOST_TARGETS):
        keep_counts(f"other {number}", [row(1, 1)], tmp_path)
    assert corrections_for("a", tmp_path) == {}


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), max_size=20))
def test_no_server_can_make_a_plan_arbitrarily_small_or_large(pairs: list[tuple[int, int]]) -> None:
    found = correction_of(row(*pair) for pair in pairs)
    assert LEAST_FACTOR <= found.factor <= MOST_FACTOR
    assert (found == NO_CORRECTION) == (found.replies == 0)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"a": 3}', '{"a": [["pose", 1, -1, 1, 1, 2], ["pose", 1], 7, ["x", 1, 1, 1, 1, 2]]}',
     '{"a": [["pose", 1, true, 1, 1, 2], ["pose", 1, 1.5, 1, 1, 2], ["pose", 1, 99999999999, 1, 1, 2]]}'],
)  # fmt: skip
def test_a_damaged_file_corrects_nothing_and_is_written_anew(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert corrections_for("a", tmp_path) == {}
    keep_counts("a", [row(100, 200)], tmp_path)
    assert corrections_for("a", tmp_path)[POSE].factor == 2.0


def test_what_was_compared_with_an_earlier_formula_corrects_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE_NAME).write_text('{"a": [["pose", 1000, 900, 10, 500]]}')
    assert corrections_for("a", tmp_path) == {}, "as it was written before formulas had numbers"
    keep_counts("a", [row(1000, 1500)], tmp_path)
    assert corrections_for("a", tmp_path) == {POSE: Correction(1.5, 1, 50.0)}
    monkeypatch.setattr("app.core.readers.models.token_counts.PLANNED_BY", 3)
    assert corrections_for("a", tmp_path) == {}
    keep_counts("a", [row(1000, 1200)], tmp_path)
    assert corrections_for("a", tmp_path) == {POSE: Correction(1.2, 1, 50.0)}


def test_a_plan_is_corrected_by_kind_and_says_by_how_much() -> None:
    plan = requests(30.0)
    plain = estimate(plan, limit=1)
    correction = {POSE: Correction(2.0, 3, 55.0)}
    corrected = estimate(plan, limit=1, corrections=correction)
    pose = [one for one in plan if one.enhancement is POSE]
    before = estimate(tuple(pose), limit=1).tokens_in
    assert corrected.tokens_in == plain.tokens_in + before
    assert corrected.tokens_out == plain.tokens_out - 11 * TOKENS_PER_ANSWER + 11 * 55
    assert corrected.correction.replies == 3
    assert corrected.correction.factor == pytest.approx(corrected.tokens_in / plain.tokens_in)
    assert plain.correction == NO_CORRECTION


def test_the_next_plan_of_the_same_model_is_corrected_and_of_another_is_not(tmp_path: Path) -> None:
    choice = ModelChoice("openai", "m", "http://127.0.0.1:9/v1", enhancements=(POSE,))
    recording = RecordingIdentity("a", "00" * 32, 60.0)
    before = plan_reading(choice, recording, tmp_path).estimate
    keep_counts(choice.target, [row(100, 150)])
    after = plan_reading(choice, recording, tmp_path).estimate
    assert after.tokens_in == pytest.approx(1.5 * before.tokens_in, rel=0.01)
    other = ModelChoice("openai", "other", "http://127.0.0.1:9/v1", enhancements=(POSE,))
    assert plan_reading(other, recording, tmp_path).estimate.tokens_in == before.tokens_in
    kept = (settings_folder() / FILE_NAME).read_text()
    assert set(json.loads(kept)) == {choice.target}
