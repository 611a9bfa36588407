"""Overnight jobs whose collecting or sending was interrupted are neither lost nor paid for twice."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.privacy.overnight_jobs import open_jobs
from tests.batch_mode import BatchMode
from tests.core.model_commands import AS_RECORDED, KEY, Run, clip, run, service
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
    assert (code, "1 readings were kept." in out, "1 requests have no answer" in out) == (1, True, True), err
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
    assert (code, "1 readings were kept." in out, "1 requests are still under" in out) == (1, True, True), err
    assert list(there.jobs) == ["batches/job1"]
    there.slow = ""
    collected(overnight)
    assert (there.jobs, there.files, open_jobs()) == ({}, {}, ())


def test_results_that_fit_nothing_are_left_where_they_are(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.finish()
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
