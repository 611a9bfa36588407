"""Overnight jobs that an earlier version sent are collected, and the list of jobs names no recording."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.batch.overnight_of_study import OvernightAccount
from app.core.clips import clip_preparation
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, no_report
from app.core.privacy.keys import parse_secret
from app.core.privacy.overnight_jobs import FILE_NAME, open_jobs
from app.core.readers.models.provider import Material
from app.core.readers.models.request_plan import Request
from app.core.recording.probe import open_recording
from app.core.semiology import Presence
from app.core.settings import account_author
from app.core.study.store import Study
from tests.batch_mode import BatchMode
from tests.core.model_commands import KEY, NAME, clip, run, service
from tests.core.overnight_commands import (
    AGREED,
    AnyClips,
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


class _LaterClips(AnyClips):
    """What a later version makes of the same recording."""

    def media(self, request: Request, cancel: CancelToken) -> Material:
        return Material("", {}, video=b"other bytes of " + request.spec.name.encode(), sound=b"other")


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What makes clips is another version from then on."""

    def later() -> None:
        monkeypatch.setattr(clip_preparation, "MAKER_VERSION", clip_preparation.MAKER_VERSION + 1)
        monkeypatch.setattr(
            "app.core.batch.overnight.prepare_plan_clips", lambda *_what, **_how: _LaterClips()
        )

    return later


def test_answers_belong_to_what_was_sent_whatever_makes_clips_now(
    overnight: Overnight, there: BatchMode, study: Path, upgrade: Callable[[], None]
) -> None:
    maker = clip_preparation.made_by()
    sent(overnight)
    upgrade()
    there.finish()
    said = collected(overnight)
    assert f"was made and sent by {maker}" in said
    assert f"this is {clip_preparation.made_by()}" in said
    (reading,) = readings(study)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    assert reading.reader.details["program"] == maker
    assert (there.jobs, open_jobs()) == ({}, ())


def test_what_waits_is_not_sent_again_by_a_later_version(
    overnight: Overnight, there: BatchMode, upgrade: Callable[[], None]
) -> None:
    sent(overnight)
    upgrade()
    code, out, err = overnight("send", AGREED)
    assert ("sent before: 3 requests" in out, len(there.jobs)) == (True, 1), (code, out, err)


@pytest.mark.usefixtures("real_clips")
def test_clips_that_were_sent_are_not_made_anew(
    overnight: Overnight, there: BatchMode, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(overnight)
    there.finish()
    kept = {path: path.read_bytes() for path in study.glob("readings/*/clips/*")}
    monkeypatch.setattr(clip_preparation, "MAKER_VERSION", clip_preparation.MAKER_VERSION + 1)
    collected(overnight)
    assert kept
    assert {path: path.read_bytes() for path in study.glob("readings/*/clips/*")} == kept


def test_what_was_sent_before_text_was_covered_is_collected(
    overnight: Overnight, there: BatchMode, study: Path, clip: Path
) -> None:
    sent(overnight, "--no-cover-text")
    rows = [json.loads(line) for line in _list().read_text().splitlines() if line]
    for row in rows:
        if "sent" in row:
            choice = json.loads(row["subject"]["choice"])
            assert choice.pop("cover_text") is False
            row["subject"]["choice"] = json.dumps(choice)
    _list().write_text("\n".join(map(json.dumps, rows)) + "\n")
    there.finish()
    account = OvernightAccount(account_author(), lambda _place: parse_secret(KEY))
    with Study.open(study, author="Eva") as opened:
        opened.recording(open_recording(clip))
        said = account.collect(opened, report=no_report, cancel=CancelToken())
    assert said[0] == "1 reading came in.", said
    assert (len(readings(study)), open_jobs()) == (1, ())


def test_the_accounts_list_names_no_recording(overnight: Overnight) -> None:
    sent(overnight)
    assert NAME.encode() not in _list().read_bytes()


def test_names_of_earlier_versions_are_removed_and_nothing_else(
    overnight: Overnight, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    rows = [json.loads(line) for line in _list().read_text().splitlines() if line]
    _list().write_text("\n" + "\n".join(json.dumps(_former(row)) for row in rows))
    size = _list().stat().st_size
    (job,) = open_jobs()
    assert NAME.encode() not in _list().read_bytes()
    assert _list().stat().st_size == size, "what another program appends meanwhile stays in its place"
    assert job.subject is not None
    assert (job.subject.content, job.name != "", len(job.asked)) == ("", True, 3)
    assert open_jobs() == (job,)
    there.finish()
    collected(overnight)
    assert len(readings(study)) == 1


def _former(row: dict[str, Any]) -> dict[str, Any]:
    """A line as earlier versions wrote it."""
    if "sent" not in row:
        return row
    kept = {key: value for key, value in row.items() if key not in {"requests", "made_by"}}
    subject = kept["subject"]
    return kept | {"subject": {"recording": f"{NAME}.mp4", "number": 0, "choice": subject["choice"]}}


def _list() -> Path:
    return settings_folder() / FILE_NAME
