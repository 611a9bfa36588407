"""What is said of overnight jobs whose recording the study does not name, and how a job finds its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.core.batch import overnight_of_study
from app.core.batch.overnight import OvernightCollected
from app.core.batch.overnight_of_study import OvernightAccount, _fitting_nothing, _names_in
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.jobs import CancelToken
from app.core.privacy.overnight_jobs import FILE_NAME, JobSubject, open_jobs
from app.core.study.store import Study
from tests.core.model_commands import clip, run, service
from tests.core.overnight_commands import Overnight, overnight, quick, sent, study, there

__all__ = ["clip", "overnight", "quick", "run", "service", "study", "there"]

UNKNOWN = "A recording that is not in this study: "
A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def of_unknown(overnight: Overnight, study: Path) -> Iterator[Study]:
    """The study, with a job of a recording that it does not hold."""
    sent(overnight)
    rewrite(lambda row: row | {"subject": row["subject"] | {"content": C, "number": 99}})
    with Study.open_for_viewing(study) as opened:
        yield opened


def rewrite(change: Any) -> None:
    path = settings_folder() / FILE_NAME
    rows = [json.loads(line) for line in path.read_text().splitlines() if line]
    path.write_text("\n".join(["", *(json.dumps(change(row) if "sent" in row else row) for row in rows), ""]))


def test_a_job_of_an_unknown_recording_is_named_as_one(
    of_unknown: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_what: object) -> object:
        raise UserError("The service is away.")

    monkeypatch.setattr(OvernightAccount, "_service", refused)
    account = OvernightAccount("me", lambda _host: None)
    said = account.stop(of_unknown, frozenset(job.id for job in open_jobs()), CancelToken())
    assert [one.failure for one in said] == [f"{UNKNOWN}The service is away."]


def test_it_is_not_given_up_while_a_recording_could_not_be_looked_at(
    of_unknown: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overnight_of_study, "LOST_AFTER", timedelta())
    (job,) = open_jobs()
    assert job.subject is not None
    found = OvernightCollected(left_out=(("x.mp4", "the file is away"),))
    (said,) = _fitting_nothing(of_unknown, job.subject.choice, found)
    assert said.startswith(f"{UNKNOWN}the answers do not fit")
    assert not open_jobs()[0].taken
    (said,) = _fitting_nothing(of_unknown, job.subject.choice, replace(found, left_out=()))
    assert said.startswith(f"{UNKNOWN}the service no longer has the answers")
    assert open_jobs()[0].taken


@pytest.mark.parametrize(
    ("content", "number", "name"),
    [
        (A, 2, "a.mp4"),  # the content first
        ("", 2, "b.mp4"),
        (C, 2, ""),  # the file was replaced
        (C, 3, "unread.mp4"),
        (C, 9, ""),
        ("", 0, ""),
    ],
)
def test_the_content_says_which_recording_it_is(content: str, number: int, name: str) -> None:
    rows = [(1, A, "a.mp4"), (2, B, "b.mp4"), (3, None, "unread.mp4")]
    made = [SimpleNamespace(id=number, sha256=sha256, name=name) for number, sha256, name in rows]
    name_of = _names_in(cast("Study", SimpleNamespace(recordings=lambda: made)))
    assert name_of(JobSubject(content, number, "")) == name


@pytest.mark.parametrize("odd", [["only-a-key"], [["../x", "0"]], 7, [None]])
def test_one_odd_request_does_not_lose_a_job(overnight: Overnight, odd: object) -> None:
    sent(overnight)
    (whole,) = open_jobs()
    rewrite(lambda row: row | {"requests": odd})
    assert open_jobs() == (replace(whole, requests=()),)
