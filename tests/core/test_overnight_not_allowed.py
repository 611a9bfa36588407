"""A permission that is revoked elsewhere while jobs are sent stops the ones that are left."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.privacy.gate import permissions, revoke
from app.core.privacy.overnight_jobs import open_jobs
from app.core.readers.models import overnight_requests
from tests.batch_mode import BatchMode
from tests.core.model_commands import clip, run, service
from tests.core.overnight_commands import AGREED, Overnight, overnight, quick, study, there
from tests.loopback import Answer

__all__ = ["clip", "overnight", "quick", "run", "service", "study", "there"]


def test_between_two_jobs_the_permission_is_looked_up_anew(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overnight_requests, "MOST_REQUESTS", 1)

    def then_revoked(path: str, body: bytes) -> Answer | None:
        answer = there.answer(path, body)
        if path.partition("?")[0].endswith(":batchGenerateContent"):
            for given in permissions(study):
                revoke(study, given.destination)
        return answer

    there.service.before = then_revoked
    code, _, err = overnight("send", AGREED)
    assert (code, "the permission to send there was revoked" in err) == (1, True), err
    assert (len(there.jobs), len(there.requests), len(open_jobs())) == (1, 1, 1)
