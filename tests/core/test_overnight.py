"""Gemini's batch mode: jobs are sent, remembered, collected once and deleted, whatever the service says."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from google.ai import generativelanguage_v1beta as published
from google.protobuf import json_format

from app.core.enhance import pose
from app.core.folders import settings_folder
from app.core.privacy import overnight_jobs
from app.core.privacy.gate import permissions, revoke
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import open_jobs
from app.core.semiology import Presence
from tests.batch_mode import BatchMode, Row
from tests.core.batch_models import PLAIN, WINDOWS, empty_pose_cache, twitching_pose
from tests.core.model_commands import AS_RECORDED, KEY, NAME, Run, clip, everything_kept, run, service
from tests.core.overnight_commands import (
    AGREED,
    Overnight,
    collected,
    move_back,
    overnight,
    quick,
    readings,
    real_clips,
    sent,
    study,
    there,
)
from tests.core.test_cli_model_runs import until

__all__ = ["clip", "overnight", "quick", "real_clips", "run", "service", "study", "there"]


@pytest.mark.usefixtures("real_clips")
def test_a_job_is_sent_one_day_and_collected_another(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    code, out, err = overnight("collect")
    assert (code, "Still under way: 3 requests" in out, "not done with it" in err) == (1, True, True)
    assert readings(study) == []
    there.finish()
    collected(overnight)
    (reading,) = readings(study)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    assert reading.reader.details["served"] == "gemini-tiny-001"
    assert (there.jobs, there.files) == ({}, {})
    assert open_jobs() == ()
    assert Ledger(study).contents().orphans == ()
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
    assert (code, "sent before: 3 requests" in out, len(there.requests)) == (0, True, 3)
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
    assert (code, "sent before: 3 request" in out, len(there.requests)) == (0, True, 3), (
        "nothing is asked twice"
    )
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
    assert (code, len(there.requests), "sent before: 2 request" in out) == (0, 3, True), out + err
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


def test_the_pose_for_a_second_pass_is_found_before_sending_and_collecting(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose, "_analyse", lambda recording, *_rest: twitching_pose(recording))
    twice = ("--feature-rates", "moving")
    code, out, err = overnight("send", "--plan", *twice)
    assert (code, f"at most {PLAIN + WINDOWS} requests" in out) == (0, True), out + err
    code, out, err = overnight("send", AGREED, *twice)
    assert (code, len(there.requests)) == (0, PLAIN + WINDOWS), out + err
    code, out, err = overnight("send", "--plan", *twice)
    assert (code, "at most" in out) == (0, False), out + err
    there.finish()
    empty_pose_cache()
    collected(overnight, *twice)


def test_a_job_that_is_done_does_not_wait_for_another(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.readers.models.overnight_requests.MOST_REQUESTS", 2)
    assert overnight("send", AGREED)[0] == 0
    there.finish()
    there.slow = "batches/job1"
    code, out, err = overnight("collect")
    assert (code, "1 reading" in out, "Still under way: 1 request" in out) == (1, True, True), out + err
    assert (list(there.jobs), len(open_jobs())) == (["batches/job1"], 1)
    assert any(answer.presence is None for answer in readings(study)[0].answers.values())
    code, out, _ = overnight("send", AGREED)
    assert (code, len(there.requests), "sent before: 1 request" in out) == (0, 3, True)
    there.slow = ""
    collected(overnight)
    (reading,) = readings(study)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    assert (there.jobs, there.files, open_jobs()) == ({}, {}, ())
