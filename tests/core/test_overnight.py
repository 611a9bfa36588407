"""Gemini's batch mode: jobs are sent, remembered, collected once and deleted, whatever the service says."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.ai import generativelanguage_v1beta as published
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.folders import settings_folder
from app.core.jobs import CancelToken
from app.core.privacy import overnight_jobs
from app.core.privacy.gate import permissions, revoke
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import open_jobs
from app.core.privacy.redaction import Redaction
from app.core.privacy.uploads import remaining_uploads
from app.core.readers.models.overnight_requests import results_of
from app.core.readers.models.provider import Material, Reply
from app.core.readers.models.reply_cleaning import clean_lines
from app.core.readers.models.request_plan import Request
from app.core.reading import ReaderKind
from app.core.semiology import Presence
from app.core.study.store import Study
from tests.batch_mode import BatchMode, Row
from tests.core.model_commands import AS_RECORDED, KEY, NAME, Run, clip, everything_kept, run, service
from tests.core.test_cli_model_runs import until
from tests.loopback import Service

__all__ = ["clip", "run", "service"]

AGREED = "--i-have-authority"
Overnight = Callable[..., tuple[int, str, str]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "one.semioscope"


@pytest.fixture
def there(service: Service) -> BatchMode:
    return BatchMode(service)


class AnyClips:
    """Clips as a service sees them, made without a recording; the real ones are in one test."""

    clips = ()

    def cannot_show(self, _request: Request) -> str:
        return ""

    def media(self, request: Request, _cancel: CancelToken) -> Material:
        return Material("", {}, video=b"\xff\xfe mp4 of " + request.spec.name.encode(), sound=b"wav")


@pytest.fixture
def real_clips() -> None:
    """Nothing is replaced."""


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_clips" not in request.fixturenames:
        for module in ("app.core.batch.overnight", "app.core.readers.models.read_recording"):
            monkeypatch.setattr(f"{module}.prepare_plan_clips", lambda *_what, **_how: AnyClips())


@pytest.fixture
def overnight(
    run: Run, clip: Path, study: Path, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> Overnight:
    def call(action: str, *more: object) -> tuple[int, str, str]:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        server = ("--base-url", there.service.url, "--model", "gemini-tiny")
        return run("overnight", action, clip.parent, "--study", study, *AS_RECORDED, *server, *more)

    return call


def sent(overnight: Overnight) -> None:
    code, out, err = overnight("send", AGREED)
    assert (code, "Sent in 1 job: 3 requests" in out) == (0, True), out + err


def collected(overnight: Overnight, *more: object) -> str:
    code, out, err = overnight("collect", *more)
    assert (code, "1 readings were kept." in out) == (0, True), out + err
    return out + err


def readings(study: Path) -> list[Any]:
    with Study.open_for_viewing(study) as opened:
        found = [one for recording in opened.recordings() for one in opened.readings(recording.id)]
        return [one for one in found if one.reader.kind is ReaderKind.MODEL]


def move_back(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """What is sent from now on was sent so long ago."""
    then = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    monkeypatch.setattr("app.core.readers.models.overnight_jobs.now", lambda: then)


@pytest.mark.usefixtures("real_clips")
def test_a_job_is_sent_one_day_and_collected_another(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    code, out, err = overnight("collect")
    assert (code, "3 requests are still under way" in out, "not done with it" in err) == (1, True, True)
    assert readings(study) == []
    there.finish()
    collected(overnight)
    (reading,) = readings(study)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    assert reading.reader.details["served"] == "gemini-tiny-001"
    assert (there.jobs, there.files) == ({}, {})
    assert open_jobs() == ()
    assert Ledger(study).orphans() == ()
    assert not list(study.glob("readings/*/overnight-*"))
    assert (KEY.encode() in everything_kept(study, settings_folder())) is False
    assert NAME.encode() not in b"".join(there.everything_sent)
    code, _, _ = overnight("send", AGREED)
    assert (len(there.requests), code) == (3, 0), "nothing is asked again"
    code, _, err = overnight("collect")
    assert (code, "Nothing of this account is under way" in err) == (1, True)


def test_a_line_is_the_request_that_the_vendor_publishes(overnight: Overnight, there: BatchMode) -> None:
    sent(overnight)
    for row in there.requests:
        assert set(row) == {"key", "request"}
        request = row["request"]
        config = request["generationConfig"]
        assert config.pop("responseJsonSchema")["properties"]
        assert config.pop("thinkingConfig") == {"thinkingLevel": "LOW"}
        config.pop("mediaResolution", None)
        json_format.ParseDict(request, published.GenerateContentRequest()._pb, ignore_unknown_fields=False)
        first = request["contents"][0]["parts"][0]
        assert base64.urlsafe_b64decode(first["inlineData"]["data"])
        assert first.get("videoMetadata", {"fps": 2.0}) == {"fps": 2.0}


def test_every_byte_is_in_the_ledger_before_it_leaves(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish()
    collected(overnight)
    entries = Ledger(study).entries()
    arrived = sorted(zip(there.steps, map(len, there.service.bodies), strict=True))
    assert sorted((one.sending.purpose.split(": ")[1], one.sending.size) for one in entries) == arrived
    assert {one.outcome for one in entries} == {"200"}


def test_without_authority_nothing_is_sent(overnight: Overnight, there: BatchMode, study: Path) -> None:
    code, _, err = overnight("send")
    assert (code, AGREED in err, there.steps, study.exists()) == (1, True, [], False)


def test_a_permission_that_was_withdrawn_stops_collecting(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish()
    (given,) = permissions(study)
    revoke(study, given.destination)
    before = len(there.steps)
    code, _, err = overnight("collect")
    assert (code, "Nothing was asked or deleted there" in err, len(there.steps)) == (1, True, before)
    assert len(open_jobs()) == 1
    collected(overnight, AGREED)


def test_a_study_from_elsewhere_causes_no_request(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.finish()
    (settings_folder() / overnight_jobs.FILE_NAME).unlink()
    before = len(there.steps)
    code, _, err = overnight("collect", AGREED)
    assert (code, "Nothing of this account" in err, len(there.steps)) == (1, True, before)
    code, out, _ = overnight("send", AGREED)
    assert (code, "3 requests wait in jobs" in out, len(there.requests)) == (0, True, 3)
    monkeypatch.setattr("app.core.readers.models.waiting_requests.LOST_AFTER", timedelta())
    sent(overnight)


@pytest.mark.parametrize(
    "row",
    [
        {"time": "2999-01-01T00:00:00+00:00"},
        {"time": "2026-01-01T00:00:00"},
        {"time": 7},
        {"requests": "all"},
        {"format": "another"},
    ],
)
def test_a_mark_that_cannot_be_right_holds_up_nothing(
    row: Row, overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    (mark,) = study.glob("readings/*/overnight-*.json")
    mark.write_text(json.dumps(json.loads(mark.read_text()) | row))
    code, out, err = overnight("send", AGREED)
    assert (code, len(there.requests)) == (0, 6), out + err


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_results_or_none(content: bytes) -> None:
    def never(_row: Row) -> Reply:
        raise AssertionError("nothing was asked")

    lines = clean_lines(200, content, Redaction())[1]
    assert results_of(lines, frozenset({"0" * 64}), never).said == {}


def test_a_copy_of_the_study_has_no_jobs(
    overnight: Overnight, there: BatchMode, study: Path, tmp_path: Path
) -> None:
    sent(overnight)
    there.finish()
    shutil.copytree(study, tmp_path / "copy.semioscope")
    before = len(there.steps)
    code, _, err = overnight("collect", AGREED, "--study", tmp_path / "copy.semioscope")
    assert (code, "Nothing of this account" in err, len(there.steps)) == (1, True, before)


@pytest.mark.parametrize("arrived", [True, False])
def test_killed_while_the_job_was_made(
    arrived: bool, overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        """As a program that ends between two lines."""

    def killed(*_anything: object) -> None:
        raise KilledError

    move_back(monkeypatch, hours=2)
    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_jobs.note_job_name", killed)
        with pytest.raises(KilledError):
            overnight("send", AGREED)
    assert (len(there.jobs), [job.name for job in open_jobs()]) == (1, [""])
    code, out, _ = overnight("send", AGREED)
    assert (code, "3 requests wait" in out, len(there.requests)) == (0, True, 3), "nothing is asked twice"
    if not arrived:
        there.jobs.clear()
        _, out, err = overnight("collect")
        assert ("It never arrived" in err, open_jobs(), there.files) == (True, (), {}), err
        sent(overnight)
    there.finish()
    collected(overnight)
    assert (there.jobs, there.files, open_jobs()) == ({}, {}, ())


@pytest.mark.usefixtures("real_clips")
def test_a_program_that_was_killed_finds_its_job_again(
    overnight: Overnight, there: BatchMode, clip: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    there.silent = True
    server = ("--base-url", there.service.url, "--model", "gemini-tiny", AGREED)
    asked = ("overnight", "send", clip.parent, "--study", study, *AS_RECORDED, *server)
    program = subprocess.Popen([sys.executable, "-m", "app", *map(str, asked)], stderr=subprocess.DEVNULL)
    until(lambda: bool(there.jobs))
    program.kill()
    program.wait()
    there.silent = False
    there.finish()
    assert [job.name for job in open_jobs()] == [""]
    collected(overnight)
    assert (there.jobs, there.files, open_jobs(), len(there.requests)) == ({}, {}, (), 3)
    assert not list(study.glob("readings/*/.semioscope-*")), "no requests are left on the disk"


def test_a_job_that_may_still_arrive_is_not_given_up(overnight: Overnight, there: BatchMode) -> None:
    there.refuses["POST /v1beta/models/"] = (503, {}, b"{}")
    code, _, err = overnight("send", AGREED)
    assert (code, "It is not known whether" in err) == (1, True), err
    there.refuses.clear()
    code, _, err = overnight("collect")
    assert ("does not list the job yet" in err, len(open_jobs())) == (True, 1)


def test_killed_while_the_answers_were_kept(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.finish()
    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_jobs.JobService.end", lambda *_anything: 1 / 0)
        assert overnight("collect")[0] == 70
    assert len(there.jobs) == 1
    collected(overnight)
    assert (there.jobs, there.files, len(readings(study))) == ({}, {}, 1)


def test_a_job_that_the_service_refuses_leaves_nothing(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    refusal = {"error": {"code": 429, "message": "too many tokens are waiting"}}
    there.refuses["POST /v1beta/models/"] = (429, {}, json.dumps(refusal).encode())
    code, _, err = overnight("send", AGREED)
    assert (code, "too many tokens are waiting" in err) == (1, True), err
    assert (there.files, open_jobs(), list(study.glob("readings/*/overnight-*"))) == ({}, (), [])
    there.refuses.clear()
    sent(overnight)


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
    assert (code, "1 requests have no answer" in out, "1 readings" in out) == (1, True, True), out + err
    (reading,) = readings(study)
    said = [answer.explanation for answer in reading.answers.values() if answer.presence is None]
    assert said
    assert all("no luck with (key)" in words for words in said)
    first = there.requests[0]["key"]
    there.state, there.changed = "BATCH_STATE_PENDING", list
    code, out, err = overnight("send", AGREED)
    assert (code, "1 requests," in out, [row["key"] for row in there.requests[3:]]) == (0, True, [first])


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
    assert (code, "1 requests have no answer" in out) == (1, True), out + err
    (reading,) = readings(study)
    answered = [answer for answer in reading.answers.values() if answer.presence is Presence.YES]
    assert 0 < len(answered) < 20
    assert (there.jobs, there.files) == ({}, {})


def test_two_results_for_one_request_are_none(overnight: Overnight, there: BatchMode, study: Path) -> None:
    sent(overnight)
    there.changed = lambda rows: [*rows, rows[0]]
    there.finish()
    code, out, _ = overnight("collect")
    assert (code, "1 requests have no answer" in out) == (1, True)
    (reading,) = readings(study)
    assert any("several answers" in answer.explanation for answer in reading.answers.values())


def test_results_that_were_not_asked_for_are_counted_and_left_out(
    overnight: Overnight, there: BatchMode
) -> None:
    sent(overnight)
    there.changed = lambda rows: [*rows, *(rows[0] | {"key": f"{number:064d}"} for number in range(300))]
    there.finish()
    assert "300 lines were no results of what was asked" in collected(overnight)


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
    assert "1 jobs are left" in collected(overnight)
    assert (len(there.jobs), len(there.files)) == (1, 2)
    left = {one.id.partition("-")[0] for one in Ledger(study).orphans()}
    assert left == {"files/clip", "files/batch", "overnight"}
    there.refuses.clear()
    before = len(there.requests)
    code, _, err = overnight("send", AGREED)
    assert (code, there.jobs, there.files, open_jobs()) == (0, {}, {}, ()), err
    assert Ledger(study).orphans() == ()
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
    assert (code, open_jobs(), Ledger(study).orphans()) == (0, (), ()), err


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


def test_what_waits_is_not_asked_directly(
    run: Run, overnight: Overnight, there: BatchMode, study: Path, clip: Path
) -> None:
    sent(overnight)
    os.environ["GEMINI_API_KEY"] = KEY
    before = len(there.steps)
    server = ("--reader", "gemini", "--base-url", there.service.url, "--model", "gemini-tiny")
    code, _, err = run("analyze", clip, "--study", study, *AS_RECORDED, *server, "--no-tell-earlier", AGREED)
    assert (code, "wait in an overnight job" in err, len(there.steps)) == (1, True, before), err


def test_a_ceiling_needs_a_price_and_holds_for_what_is_sent(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = overnight("send", AGREED, "--most-cost", "1")
    assert (code, "No price is known" in err, there.steps) == (1, True, [])
    chosen = {"provider": "gemini", "own_price": {"tokens_in": 1.0, "tokens_out": 10.0, "currency": "EUR"}}
    settings_folder().mkdir(parents=True, exist_ok=True)
    (settings_folder() / "model.json").write_text(json.dumps(chosen))
    code, out, err = overnight("send", "--plan")
    assert (code, "half of your own price" in out, "Nothing was sent" in out) == (0, True, True), out + err
    assert there.steps == []
    # Half of 10 EUR a million for an answer of at most 16,384 tokens: 0.08 EUR a request, so two of them.
    code, out, err = overnight("send", AGREED, "--most-cost", "0.19")
    assert (code, len(there.requests), "Sent in 1 job: 2 requests" in out) == (1, 2, True), out + err
    assert "could be spent" in err
    code, out, err = overnight("send", AGREED, "--most-cost", "0.19")
    assert (code, len(there.requests), "2 requests wait" in out) == (0, 3, True), out + err
    there.finish()
    # 2 700 tokens in and 270 out, at half of 1 and 10 EUR a million.
    assert "(3 replies): 0.00 EUR, half of your own price" in collected(overnight)
    counts = (settings_folder() / "tokens.json").read_text()
    assert "900" in counts


def test_many_requests_become_several_jobs(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.readers.models.overnight_requests.MOST_REQUESTS", 2)
    code, out, _ = overnight("send", AGREED)
    assert (code, "Sent in 2 jobs: 3 requests" in out, len(there.jobs)) == (0, True, 2)
    there.finish()
    collected(overnight)
    assert (there.jobs, there.files) == ({}, {})
    monkeypatch.setattr("app.core.readers.models.overnight_requests.LARGEST_FILE", 100)
    code, out, err = overnight("send", AGREED, "--prompts", "plain")
    assert (code, "too large for an overnight job" in err, len(there.requests)) == (1, True, 3)


def test_a_job_that_is_done_does_not_wait_for_another(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.readers.models.overnight_requests.MOST_REQUESTS", 2)
    assert overnight("send", AGREED)[0] == 0
    there.finish()
    there.slow = "batches/job1"
    code, out, err = overnight("collect")
    assert (code, "1 readings" in out, "1 requests are still under way" in out) == (1, True, True), out + err
    assert (list(there.jobs), len(open_jobs())) == (["batches/job1"], 1)
    assert any(answer.presence is None for answer in readings(study)[0].answers.values())
    code, out, _ = overnight("send", AGREED)
    assert (code, len(there.requests), "1 requests wait" in out) == (0, 3, True)
    there.slow = ""
    collected(overnight)
    (reading,) = readings(study)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    assert (there.jobs, there.files, open_jobs()) == ({}, {}, ())


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
