"""`semioscope overnight cancel`: the service is asked to stop, and what it has received is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.commands.overnight import _print_cancelled
from app.core.batch.overnight_of_study import OvernightState, ShownJob, StopRequest
from app.core.errors import Cancelled
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import permissions, revoke
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import OvernightJob, open_jobs
from tests.batch_mode import BatchMode
from tests.core.model_commands import AS_RECORDED, KEY, Run, clip, run, service
from tests.core.overnight_commands import (
    AGREED,
    Overnight,
    overnight,
    quick,
    real_clips,
    sent,
    study,
    there,
)

__all__ = ["clip", "overnight", "quick", "real_clips", "run", "service", "study", "there"]

Cancel = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cancel(run: Run, study: Path, there: BatchMode, monkeypatch: pytest.MonkeyPatch) -> Cancel:
    def call(*more: object) -> tuple[int, str, str]:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        server = ("--base-url", there.service.url, "--model", "gemini-tiny")
        return run("overnight", "cancel", study, *AS_RECORDED, *server, *more)

    return call


def cancelled(there: BatchMode) -> list[str]:
    """The jobs that the service was asked to stop."""
    steps = (step.rpartition("/v1beta/")[2] for step in there.steps if step.endswith(":cancel"))
    return [step.removesuffix(":cancel") for step in steps]


def test_jobs_are_stopped_and_what_was_sent_is_said(
    overnight: Overnight, cancel: Cancel, there: BatchMode, study: Path
) -> None:
    sent(overnight)
    before = len(Ledger(study).entries())
    code, out, err = cancel()
    assert code == 0, err
    assert "A recording: 3 requests, sent on 20" in out, "the study has it only when an answer is kept"
    assert "asked to stop 1 job" in out
    assert "may have to be paid for" in out
    assert cancelled(there) == ["batches/job0"]
    assert len(open_jobs()) == 1, "it is deleted when it is collected"
    assert len(Ledger(study).entries()) > before
    there.finish("BATCH_STATE_CANCELLED")
    code, out, err = overnight("collect")
    assert "The job was cancelled at the service." in out + err
    assert open_jobs() == ()


def test_without_a_job_nothing_is_asked(cancel: Cancel, overnight: Overnight, there: BatchMode) -> None:
    sent(overnight)
    there.finish()
    overnight("collect")
    asked = len(there.steps)
    code, _, err = cancel()
    assert (code, "no overnight job can be cancelled" in err) == (1, True), err
    assert len(there.steps) == asked


def test_a_job_of_another_model_goes_on(cancel: Cancel, overnight: Overnight, there: BatchMode) -> None:
    sent(overnight)
    code, _, err = cancel("--model", "gemini-other")
    assert (code, cancelled(there)) == (1, []), err


def test_what_was_revoked_is_not_asked_without_the_authority(
    cancel: Cancel, overnight: Overnight, run: Run, study: Path, there: BatchMode
) -> None:
    sent(overnight)
    revoke_all(study)
    code, _, err = cancel()
    assert (code, cancelled(there)) == (1, []), err
    code, _, err = cancel(AGREED)
    assert (code, cancelled(there)) == (0, ["batches/job0"]), err


def revoke_all(study: Path) -> None:
    for one in permissions(study):
        revoke(study, one.destination)


def test_recordings_cannot_be_named(overnight: Overnight, there: BatchMode) -> None:
    sent(overnight)
    code, _, err = overnight("cancel")
    assert (code, "name the study" in err, cancelled(there)) == (1, True, []), err


def test_a_mistyped_study_is_not_made(run: Run, there: BatchMode, tmp_path: Path) -> None:
    wrong = tmp_path / "on.semioscope"
    server = ("--base-url", there.service.url, "--model", "gemini-tiny")
    code, _, err = run("overnight", "cancel", wrong, "--study", wrong, *AS_RECORDED, *server)
    assert (code, "“on.semioscope” is not the folder of a study" in err, wrong.exists()) == (1, True, False)


def test_what_was_stopped_is_counted_as_it_was_and_said_before_an_interruption(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = Destination(ServiceKind.GEMINI_API, "example.org:443", "gemini-tiny")
    job = OvernightJob("0", place, "one.semioscope", "r", "files/f", ("a",), "2026-01-02T03:04:05")
    shown = ShownJob(job, OvernightState.WAITING)

    def requests() -> Iterator[StopRequest]:
        yield StopRequest(shown)
        yield StopRequest(shown, "event.mp4: the service does not list it.")
        raise Cancelled

    with pytest.raises(Cancelled):
        _print_cancelled(requests())
    told = capsys.readouterr()
    assert "asked to stop 1 job." in told.out
    assert "does not list it" in told.err
