"""Overnight jobs whose collecting or sending was interrupted are neither lost nor paid for twice."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import FILE_NAME, OvernightJob, note_job_name, open_jobs
from tests.batch_mode import BatchMode
from tests.core.model_commands import AS_RECORDED, KEY, Run, clip, run, service
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

__all__ = ["clip", "overnight", "quick", "real_clips", "run", "service", "study", "there"]


class KilledError(BaseException):
    """As a program that ends between two lines."""


def _killed(*_anything: object) -> None:
    raise KilledError


def _collect_is_killed(overnight: Overnight, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers are in the journal, and not in the study yet."""
    with monkeypatch.context() as now:
        now.setattr("app.core.study.store.Study.keep_reading", _killed)
        with pytest.raises(KilledError):
            overnight("collect")


def test_collecting_goes_on_where_one_result_is_missing(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.changed = lambda rows: rows[1:]
    there.finish()
    _collect_is_killed(overnight, monkeypatch)
    assert (len(there.jobs), readings(study)) == (1, [])
    code, out, err = overnight("collect")
    assert (code, "1 reading kept." in out, "1 request without an answer" in out) == (1, True, True), err
    assert (there.jobs, there.files, open_jobs()) == ({}, {}, ())


def test_collecting_goes_on_while_another_job_runs(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.readers.models.overnight_requests.MOST_REQUESTS", 2)
    assert overnight("send", AGREED)[0] == 0
    there.finish()
    there.slow = "batches/job1"
    _collect_is_killed(overnight, monkeypatch)
    code, out, err = overnight("collect")
    assert (code, "1 reading kept." in out, "Still under way: 1 request" in out) == (1, True, True), err
    assert list(there.jobs) == ["batches/job1"]
    there.slow = ""
    collected(overnight)
    assert (there.jobs, there.files, open_jobs()) == ({}, {}, ())


def test_results_that_fit_nothing_are_left_where_they_are(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a job whose list does not say which requests of the plan it holds, as that of earlier versions."""
    sent(overnight)
    there.finish()
    jobs = settings_folder() / FILE_NAME
    rows = [json.loads(line) for line in jobs.read_text().splitlines() if line]
    rows = [{key: value for key, value in row.items() if key != "requests"} for row in rows]
    jobs.write_text("\n".join(map(json.dumps, rows)))
    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_requests.name_of", lambda _request: "0" * 64)
        code, _, err = overnight("collect")
    assert (code, "fit none of the requests" in err, len(there.jobs)) == (1, True, 1), err
    collected(overnight)
    assert len(readings(study)) == 1


@pytest.mark.parametrize("step", ["mark_waiting", "new_upload_name", "gemini_jobs"])
def test_a_job_that_was_never_sent_is_not_waited_for(
    step: str, overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as now:
        now.setattr(f"app.core.readers.models.overnight_jobs.{step}", _killed)
        if step == "gemini_jobs":
            now.setattr("app.core.readers.models.gemini_jobs.GeminiJobs.send_requests", _killed)
        with pytest.raises(KilledError):
            overnight("send", AGREED)
    _, _, err = overnight("collect")
    assert (open_jobs(), "It was never sent" in err) == ((), step != "new_upload_name"), err
    assert not list(study.glob("readings/*/overnight-*"))
    sent(overnight)


def test_a_job_that_cannot_be_marked_in_the_study_is_not_sent(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_anything: object) -> None:
        raise UserError("The study's folder cannot be written.")

    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_jobs.mark_waiting", full)
        code, _, err = overnight("send", AGREED)
    assert (code, "cannot be written" in err, there.steps, open_jobs()) == (1, True, [], ()), err
    sent(overnight)


def test_a_job_whose_name_cannot_be_noted_is_not_called_unsent(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_jobs.note_job_name", _full)
        code, _, err = overnight("send", AGREED)
    assert (code, len(there.jobs), "nothing is sent" in err) == (1, 1, False), err
    assert "The service has taken the job all the same; collecting finds it." in err
    there.finish()
    collected(overnight)
    assert (there.jobs, open_jobs()) == ({}, ())


def _full(job: OvernightJob, _name: str) -> OvernightJob:
    """As `note_job_name` on a disk that is full from then on."""
    with pytest.MonkeyPatch.context() as now:
        now.setattr("app.core.privacy.json_lines.os.write", lambda _handle, _data: 0)
        return note_job_name(job, "batches/job0")


def test_who_sent_what_waits_is_said(
    run: Run, overnight: Overnight, there: BatchMode, study: Path, clip: Path
) -> None:
    sent(overnight)
    os.environ["GEMINI_API_KEY"] = KEY
    (mark,) = study.glob("readings/*/overnight-*.json")
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"user": "Ana\u202e"}))
    server = ("--reader", "gemini", "--base-url", there.service.url, "--model", "gemini-tiny")
    code, _, err = run("analyze", clip, "--study", study, *AS_RECORDED, *server, "--no-tell-earlier", AGREED)
    assert (code, "sent by “Ana” on " in err) == (1, True), err


def _with_another_key(there: BatchMode) -> None:
    """Every key sees its own jobs and files alone."""
    refused = b'{"error": {"code": 403, "message": "not found, or not yours"}}'
    there.refuses = {
        "GET /v1beta/batches/": (404, {}, b"{}"),
        "GET /v1beta/batches": (200, {}, b"{}"),
        "GET /v1beta/files/": (403, {}, refused),
        "DELETE /v1beta/batches/": (404, {}, b"{}"),
        "DELETE /v1beta/files/": (403, {}, refused),
    }


def test_a_job_without_a_name_is_not_given_up_for_another_key(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_back(monkeypatch, hours=2)
    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_jobs.note_job_name", _killed)
        with pytest.raises(KilledError):
            overnight("send", AGREED)
    _with_another_key(there)
    code, _, err = overnight("collect")
    assert (code, "with this key" in err, len(open_jobs())) == (1, True, 1), err
    code, out, _ = overnight("send", AGREED)
    assert (code, "sent before: 3 request" in out, len(there.requests)) == (0, True, 3), (
        "nothing is paid twice"
    )
    there.refuses = {}
    there.finish()
    collected(overnight)


def test_a_list_that_does_not_end_says_nothing_of_a_job(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_back(monkeypatch, hours=2)
    with monkeypatch.context() as now:
        now.setattr("app.core.readers.models.overnight_jobs.note_job_name", _killed)
        with pytest.raises(KilledError):
            overnight("send", AGREED)
    there.refuses["GET /v1beta/batches"] = (200, {}, b'{"operations": [], "nextPageToken": "on"}')
    code, _, err = overnight("collect")
    assert (code, "lists more jobs" in err, len(open_jobs())) == (1, True, 1), err


def test_a_job_that_another_key_cannot_see_is_not_called_deleted(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish()
    there.refuses["DELETE "] = (500, {}, b"{}")
    collected(overnight)
    left = Ledger(study).contents().orphans
    _with_another_key(there)
    # What a service that has no such job says, and one that has no such file.
    there.refuses["DELETE /v1beta/files/"] = (404, {}, b"{}")
    overnight("send", AGREED)
    assert len(open_jobs()) == 1
    still_left = {one.id for one in Ledger(study).contents().orphans}
    assert still_left >= {one.id for one in left if "clip" not in one.id}
    there.refuses = {}
    overnight("send", AGREED)
    assert (there.jobs, open_jobs(), Ledger(study).contents().orphans) == ({}, (), ())


def test_a_job_that_is_gone_for_its_own_key_is_deleted(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    there.finish()
    there.refuses["DELETE /v1beta/batches/"] = (404, {}, b"{}")
    collected(overnight)
    assert (open_jobs(), Ledger(study).contents().orphans) == ((), ())
