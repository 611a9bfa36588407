"""What comes back from jobs of a batch mode: taken, refused, left or deleted, whatever the service says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.privacy.gate import permissions
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import open_jobs
from app.core.privacy.redaction import Redaction
from app.core.privacy.uploads import remaining_uploads
from app.core.readers.models.overnight_requests import results_of
from app.core.readers.models.provider import Reply
from app.core.readers.models.reply_cleaning import clean_lines
from app.core.semiology import Presence
from tests.batch_mode import BatchMode, Row
from tests.core.model_commands import KEY, clip, run, service
from tests.core.overnight_commands import (
    AGREED,
    Overnight,
    collected,
    overnight,
    quick,
    readings,
    real_clips,
    sent,
    study,
    there,
)

__all__ = ["clip", "overnight", "quick", "real_clips", "run", "service", "study", "there"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_results_or_none(content: bytes) -> None:
    def never(_row: Row) -> Reply:
        raise AssertionError("nothing was asked")

    lines = clean_lines(200, content, Redaction())[1]
    assert results_of(lines, frozenset({"0" * 64}), never).said == {}


def test_single_requests_fail_alone_and_are_asked_again_alone(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    def one_failed(rows: list[Row]) -> list[Row]:
        error = {"code": 13, "message": f"no luck with {KEY}"}
        return [{"key": rows[0]["key"], "error": error}, *rows[1:]]

    sent(overnight)
    there.changed = one_failed
    there.finish()
    code, out, err = overnight("collect")
    assert (code, "1 request without an answer" in out, "1 reading" in out) == (1, True, True), out + err
    (reading,) = readings(study)
    said = [answer.explanation for answer in reading.answers.values() if answer.presence is None]
    assert said
    assert all("no luck with (key)" in words for words in said)
    first = there.requests[0]["key"]
    there.state, there.changed = "BATCH_STATE_PENDING", list
    code, out, err = overnight("send", AGREED)
    assert (code, "1 request," in out, [row["key"] for row in there.requests[3:]]) == (0, True, [first])


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("BATCH_STATE_FAILED", "could not run the job"),
        ("BATCH_STATE_CANCELLED", "was cancelled"),
        ("BATCH_STATE_EXPIRED", "expired"),
    ],
)
def test_a_job_that_ended_without_answers_is_said_in_words_and_sent_again(
    state: str, words: str, overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish(state)
    code, out, err = overnight("collect")
    assert (code, words in err, "0 readings" in out) == (1, True, True), out + err
    assert (there.jobs, there.files, open_jobs(), readings(study)) == ({}, {}, (), [])
    there.finish("BATCH_STATE_PENDING")
    sent(overnight)


def _no_key(row: Row) -> Row:
    return {"response": row["response"]}


def _cut(row: Row) -> Row:
    candidate = row["response"]["candidates"][0] | {"finishReason": "MAX_TOKENS"}
    return {"key": row["key"], "response": {"candidates": [candidate]}}


UNUSABLE: dict[str, Callable[[Row], Any]] = {
    "no key": _no_key,
    "another key": lambda row: row | {"key": "0" * 64},
    "a key that is none": lambda row: row | {"key": ["x"]},
    "no response": lambda row: {"key": row["key"]},
    "a response that is none": lambda row: row | {"response": "yes"},
    "candidates that are none": lambda row: row | {"response": {"candidates": "yes"}},
    "nothing in it": lambda row: row | {"response": {}},
    "cut off": _cut,
    "blocked": lambda row: row | {"response": {"promptFeedback": {"blockReason": "SAFETY"}}},
    "too large": lambda row: row | {"padding": "x" * 1_000_000},
    "too deep": lambda row: row | {"padding": json.loads("[" * 40 + "]" * 40)},
    "no JSON": lambda _row: b"<html>Sign in</html>\n",
    "an array": lambda _row: b"[1]\n",
    "bytes": lambda _row: b"\xff\xfe\n",
}


@pytest.mark.parametrize("change", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_one_bad_line_costs_its_request_alone(
    change: Callable[[Row], Any], overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.changed = lambda rows: [change(rows[0]), *rows[1:]]
    there.finish()
    code, out, err = overnight("collect")
    assert (code, "1 request without an answer" in out) == (1, True), out + err
    (reading,) = readings(study)
    answered = [answer for answer in reading.answers.values() if answer.presence is Presence.YES]
    assert 0 < len(answered) < 20
    assert (there.jobs, there.files) == ({}, {})


def test_two_results_for_one_request_are_none(overnight: Overnight, there: BatchMode, study: Path) -> None:
    sent(overnight)
    there.changed = lambda rows: [*rows, rows[0]]
    there.finish()
    code, out, _ = overnight("collect")
    assert (code, "1 request without an answer" in out) == (1, True)
    (reading,) = readings(study)
    assert any("several answers" in answer.explanation for answer in reading.answers.values())


def test_results_that_were_not_asked_for_are_counted_and_left_out(
    overnight: Overnight, there: BatchMode
) -> None:
    sent(overnight)
    there.changed = lambda rows: [*rows, *(rows[0] | {"key": f"{number:064d}"} for number in range(300))]
    there.finish()
    assert "300 lines without a result of what was asked" in collected(overnight)


@pytest.mark.parametrize(
    "content",
    [
        b'{"error": {"code": 500, "message": "sorry"}}',
        b"<html>Sign in</html>",
        b"",
        b"x" * 33_000_000,
    ],
    ids=["an error with status 200", "a page", "nothing", "too large"],
)
def test_results_without_any_answer_are_left_until_they_count_as_lost(
    content: bytes, overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.finish()
    there.refuses["GET /v1beta/files/batch-"] = (200, {}, content)
    code, _, err = overnight("collect")
    assert (code, len(open_jobs()), len(there.jobs)) == (1, 1, 1), err
    assert readings(study) == []
    monkeypatch.setattr("app.core.readers.models.overnight_jobs.LOST_AFTER", timedelta())
    code, _, err = overnight("collect")
    assert (code, "counts as lost" in err, there.jobs, open_jobs()) == (1, True, {}, ())


LIES: dict[str, tuple[str, Row]] = {
    "another job": ("another job", {"displayName": "overnight-0000000000000000"}),
    "a file that is no result": (
        "cannot be one",
        {"output": {"responsesFile": "files/clip-0123456789abcdef"}, "state": "BATCH_STATE_SUCCEEDED"},
    ),
    "a path": (
        "cannot be one",
        {"output": {"responsesFile": "files/../batches/job1"}, "state": "BATCH_STATE_SUCCEEDED"},
    ),
    "a state that is none": ("not done with it", {"state": "BATCH_STATE_DANCING"}),
}


@pytest.mark.parametrize(("words", "lie"), LIES.values(), ids=LIES.keys())
def test_a_job_that_is_shown_as_another_is_left_alone(
    words: str, lie: Row, overnight: Overnight, there: BatchMode
) -> None:
    sent(overnight)
    shown = there._shown("batches/job0")
    shown["metadata"] |= lie
    there.refuses["GET /v1beta/batches/"] = (200, {}, json.dumps(shown).encode())
    code, _, err = overnight("collect")
    assert (code, words in err) == (1, True), err
    assert (len(there.jobs), len(open_jobs())) == (1, 1)
    assert not any(step.startswith("DELETE") for step in there.steps)


def test_a_name_of_a_job_that_is_none_is_not_used(overnight: Overnight, there: BatchMode) -> None:
    there.refuses["POST /v1beta/models/"] = (200, {}, b'{"name": "batches/../files/x", "metadata": {}}')
    code, _, err = overnight("send", AGREED)
    assert (code, "no name that can be used" in err, [job.name for job in open_jobs()]) == (1, True, [""])


def test_another_key_does_not_make_a_job_lost(overnight: Overnight, there: BatchMode) -> None:
    sent(overnight)
    there.finish()
    there.refuses["GET /v1beta/batches/"] = (404, {}, b"{}")
    code, _, err = overnight("collect")
    assert (code, "does not know it with this key" in err, len(open_jobs())) == (1, True, 1)
    there.refuses.clear()
    collected(overnight)


def test_what_cannot_be_deleted_stays_listed_and_is_tried_again(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish()
    there.refuses["DELETE "] = (400, {}, b"{}")
    assert "1 job left" in collected(overnight)
    assert (len(there.jobs), len(there.files)) == (1, 2)
    left = {one.id.partition("-")[0] for one in Ledger(study).contents().orphans}
    assert left == {"files/clip", "files/batch", "overnight"}
    there.refuses.clear()
    before = len(there.requests)
    code, _, err = overnight("send", AGREED)
    assert (code, there.jobs, there.files, open_jobs()) == (0, {}, {}, ()), err
    assert Ledger(study).contents().orphans == ()
    assert (len(there.requests), len(readings(study))) == (before, 1)


def test_a_file_of_results_that_the_service_keeps_is_gone_after_two_days(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.finish()
    there.refuses["DELETE /v1beta/files/batch-"] = (400, {}, b"{}")
    collected(overnight)
    assert len(open_jobs()) == 1
    monkeypatch.setattr("app.core.readers.models.gemini_jobs.EXPIRY", timedelta())
    code, _, err = overnight("send", AGREED)
    assert (code, open_jobs(), Ledger(study).contents().orphans) == (0, (), ()), err


def test_the_file_of_a_waiting_job_is_not_deleted_by_others(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    (given,) = permissions(study)
    assert remaining_uploads(given.destination, study) == ()
    there.finish()
    there.refuses["DELETE "] = (500, {}, b"{}")
    collected(overnight)
    assert len(remaining_uploads(given.destination, study)) == 1, "it is not needed any more"


def test_results_of_other_options_are_left_where_they_are(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish()
    _, out, err = overnight("collect", "--prompts", "plain")
    assert ("0 readings" in out, "of other options" in err, len(there.jobs)) == (True, True, 1), out + err
    collected(overnight)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--reader", "vertex", "--project", "p", "--location", "eu"), "storage bucket"),
        (("--reader", "openai"), "Only Gemini"),
        (("--confidence", "repeats"), "cannot ask the same several times"),
        (("--tell-earlier",), "does not go with semioscope overnight send"),
        (("--part", "0-1"), "is for one recording"),
    ],
)
def test_what_batch_mode_cannot_do_is_said(
    options: tuple[str, ...], words: str, overnight: Overnight, there: BatchMode
) -> None:
    code, _, err = overnight("send", AGREED, *options)
    assert (code, words in err, there.steps) == (1, True, []), err
