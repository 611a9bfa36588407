"""A permission that is revoked elsewhere while jobs are sent stops the ones that are left."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from app.core.errors import Cancelled
from app.core.jobs import CancelToken
from app.core.privacy.gate import permissions, revoke
from app.core.privacy.overnight_jobs import open_jobs
from app.core.readers.models import overnight_requests
from app.core.readers.models.event_loop import run_to_end, until_done
from app.core.readers.models.gemini_jobs import GeminiJobs
from tests.batch_mode import BatchMode
from tests.core.model_commands import clip, run, service
from tests.core.overnight_commands import AGREED, Overnight, overnight, quick, sent, study, there
from tests.loopback import Answer

__all__ = ["clip", "overnight", "quick", "run", "service", "study", "there"]


def revoked_after(there: BatchMode, study: Path, at: str) -> None:
    """The permission is revoked elsewhere while the service answers a request whose path holds `at`."""

    def then_revoked(path: str, body: bytes) -> Answer | None:
        answer = there.answer(path, body)
        if at in path:
            for given in permissions(study):
                revoke(study, given.destination)
        return answer

    there.service.before = then_revoked


def test_between_two_jobs_the_permission_is_looked_up_anew(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overnight_requests, "MOST_REQUESTS", 1)

    revoked_after(there, study, ":batchGenerateContent")
    code, out, err = overnight("send", AGREED)
    assert (code, "the permission to send there was revoked" in err) == (1, True), err
    assert "Sent in 1 job: 1 request, " in out, "what was sent before counts"
    assert (len(there.jobs), len(there.requests), len(open_jobs())) == (1, 1, 1)


def test_what_is_revoked_with_the_last_byte_of_an_upload_makes_no_job(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    revoked_after(there, study, "/transfer/")
    code, _, err = overnight("send", AGREED)
    assert (code, "the permission to send there was revoked" in err) == (1, True), err
    assert (len(there.requests), there.jobs) == (3, {})
    assert not [step for step in there.steps if "batch" in step or step.startswith("DELETE")]
    (job,) = open_jobs()
    assert (bool(job.taken), job.asked_for) == (True, ""), "its file is deleted once that is allowed again"
    there.service.before = there.answer
    sent(overnight)
    assert (len(there.jobs), len(there.files), len(open_jobs())) == (1, 1, 1)


def test_what_is_cancelled_with_the_last_byte_of_an_upload_makes_no_job(
    overnight: Overnight, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = GeminiJobs.send_requests

    async def then_cancelled(self: GeminiJobs, name: str, lines: bytes) -> None:
        await whole(self, name, lines)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(GeminiJobs, "send_requests", then_cancelled)
    overnight("send", AGREED)
    assert (len(there.requests), there.jobs) == (3, {})
    assert [job.asked_for for job in open_jobs()] == [""]


def test_what_is_cancelled_before_does_not_begin() -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)

    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run_to_end(until_done(work(), cancel))
    assert not begun


@pytest.mark.parametrize("at", ["/v1beta/batches/", ":download"])
def test_collecting_stops_where_the_permission_is_revoked_meanwhile(
    overnight: Overnight, there: BatchMode, study: Path, at: str
) -> None:
    sent(overnight)
    there.finish()
    before = len(there.steps)
    revoked_after(there, study, at)
    overnight("collect")
    assert at in there.steps[-1]
    assert not [step for step in there.steps[before:] if step.startswith("DELETE")]
    assert (len(there.jobs), len(open_jobs())) == (1, 1)
