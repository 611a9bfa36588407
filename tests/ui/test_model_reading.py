"""A model's reading in the background: plan, gate, run, cancel, completing, and what is kept."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.privacy.gate import permissions, revoke
from app.core.privacy.ledger import Ledger
from app.core.readers.models.model_run import ModelRun
from app.core.readers.models.model_work import prepared_reading
from app.core.readers.models.reading_stage import ReadingStage, Status
from app.core.reading import ReaderKind
from app.core.semiology import Presence
from app.core.study.store import Study, study_folder_for
from app.ui.session.chosen_model import LOCAL
from app.ui.session.session import Session
from tests.loopback import Answer, Service
from tests.media import tone, write_recording
from tests.ui.model_cases import (
    CANARY,
    at_end,
    choice_for,
    clips_made,
    no_vault,
    prepared,
    quick,
    ran,
    recording_path,
    service,
    session,
)
from tests.ui.session_cases import at_rest, opened, opened_name

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def statuses(session: Session) -> Counter[Status]:
    return Counter(cell.status for cell in session.models.cells)


def busy_for_ever(_path: str, _body: bytes) -> Answer:
    return 400, {}, b"{}"


def test_local_only_until_a_model_is_set_up(qtbot: QtBot, quick: Any, recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        models = session.models
        assert models.chosen.where == LOCAL
        models.prepare()
        assert models.stage is ReadingStage.IDLE
        assert "No model is set up" in models.problem
        assert not (session.study.folder / "readings").exists()  # type: ignore[operator]


def test_where_data_may_go_is_said(qtbot: QtBot, session: Session, service: Service) -> None:
    qtbot.waitUntil(lambda: session.models.chosen.where == f"127.0.0.1:{service.port}")


def test_nothing_is_sent_before_it_was_allowed(qtbot: QtBot, session: Session, service: Service) -> None:
    prepared(qtbot, session)
    planned = session.models.planned
    assert planned is not None
    assert len(planned.left) == 3
    assert planned.estimate.requests == 3
    assert planned.permission is None
    session.models.start()
    at_end(qtbot, session)
    assert service.bodies == []
    assert "has not been allowed" in session.status.message
    assert permissions(planned.plan.study_folder) == ()


def test_answers_arrive_are_shown_and_are_kept(
    qtbot: QtBot, session: Session, service: Service, recording_path: Path
) -> None:
    assert session.answers.shown is not None
    assert session.answers.shown.reader.kind is ReaderKind.SIGNAL
    service.seconds = 0.2
    arrived = []
    session.study.content_changed.connect(lambda *_: arrived.append(session.study.of_recording.live))
    ran(qtbot, session)
    assert len(service.asked) == 3
    assert any(arrived), "also before the last one"
    assert session.answers.shown is not None
    assert session.answers.shown.reader.name == "tiny-vl"
    assert session.answers.shown.answer("clonic").presence is Presence.YES
    assert statuses(session) == {Status.ANSWERED: 3}
    assert [reading.reader.kind for reading in session.answers.others] == [
        ReaderKind.MODEL,
        ReaderKind.SIGNAL,
    ]
    folder = session.study.folder
    assert folder is not None
    assert len(Ledger(folder).entries()) == 3
    session.close()
    with Study.open(study_folder_for(recording_path), author="me", create=False) as study:
        kept = study.readings(study.recordings()[0].id, viewer=None)
    assert kept[0].reader.kind is ReaderKind.MODEL
    assert kept[0].reader.details["served"] == "tiny-vl-1"


def test_my_ticks_while_it_runs_keep_the_growing_reading(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    prepared(qtbot, session)
    service.seconds = 0.4
    session.models.start(allowed=True)
    qtbot.waitUntil(lambda: len(session.answers.others) == 2)
    session.answers.answer("tonic", Presence.NO)
    assert session.answers.others[0].reader.kind is ReaderKind.MODEL
    assert session.answers.mine.answer("tonic").presence is Presence.NO
    at_end(qtbot, session)
    assert session.answers.mine.answer("tonic").presence is Presence.NO


def test_a_stopped_reading_is_kept_and_completed_later(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    prepared(qtbot, session)
    service.seconds = 0.5
    session.models.start(allowed=True)
    qtbot.waitUntil(lambda: statuses(session)[Status.ANSWERED] == 1)
    session.models.stop()
    assert session.models.stage is ReadingStage.STOPPING
    at_end(qtbot, session)
    assert statuses(session)[Status.WAITING] >= 1
    assert session.answers.shown is not None
    assert session.answers.shown.reader.kind is ReaderKind.MODEL
    assert session.answers.shown.answer("clonic").presence is Presence.YES
    answered = statuses(session)[Status.ANSWERED]
    service.seconds = 0.0
    before = len(service.asked)
    prepared(qtbot, session)
    assert session.models.planned is not None
    assert len(session.models.planned.left) == 3 - answered
    assert session.models.planned.permission is not None
    session.models.start()
    at_end(qtbot, session)
    assert len(service.asked) - before == 3 - answered
    assert statuses(session) == {Status.ANSWERED: 3}


def test_failures_are_listed_with_their_reason(qtbot: QtBot, session: Session, service: Service) -> None:
    def refuses_sound(_path: str, body: bytes) -> Answer | None:
        return busy_for_ever(_path, body) if b"input_audio" in body else None

    service.before = refuses_sound
    ran(qtbot, session)
    assert statuses(session) == {Status.ANSWERED: 2, Status.FAILED: 1}
    assert [cell.enhancement.value for cell in session.models.failures] == ["sound"]
    assert session.models.failures[0].reason
    assert session.answers.shown is not None
    assert session.answers.shown.answer("ictal_vocalization").presence is None
    service.before = lambda _path, _body: None
    before = len(service.asked)
    ran(qtbot, session)
    assert len(service.asked) - before == 1
    assert session.models.failures == ()


def test_pause_holds_back_what_has_not_begun(
    qtbot: QtBot, session: Session, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[bool] = []
    paused = vars(ModelRun)["paused"]

    def check(run: ModelRun) -> bool:
        checks.append(paused.fget(run))
        return checks[-1]

    monkeypatch.setattr(ModelRun, "paused", property(check))
    prepared(qtbot, session)
    service.seconds = 0.3
    session.models.start(allowed=True)
    qtbot.waitUntil(lambda: len(service.bodies) == 1)
    session.models.pause()
    assert session.models.stage is ReadingStage.PAUSED
    qtbot.waitUntil(lambda: statuses(session)[Status.ANSWERED] == 1)
    before = len(checks)
    qtbot.waitUntil(lambda: len(checks) > before + 2)
    assert len(service.bodies) == 1
    session.models.resume()
    at_end(qtbot, session)
    assert statuses(session) == {Status.ANSWERED: 3}


def test_a_permission_that_is_taken_back_ends_the_run(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    prepared(qtbot, session)
    service.seconds = 0.5
    session.models.start(allowed=True)
    qtbot.waitUntil(lambda: len(service.bodies) == 1)
    assert session.models.planned is not None
    destination = session.models.planned.plan.destination
    assert session.study.folder is not None
    revoke(session.study.folder, destination)
    session.models.stop_sending_to(destination)
    at_end(qtbot, session)
    assert len(service.bodies) < 3
    prepared(qtbot, session)
    assert session.models.planned.permission is None


def test_another_recording_never_gets_the_answers(
    qtbot: QtBot, session: Session, service: Service, tmp_path: Path
) -> None:
    prepared(qtbot, session)
    service.seconds = 0.4
    session.models.start(allowed=True)
    qtbot.waitUntil(lambda: len(session.answers.others) == 2)
    first = session.study.folder
    (tmp_path / "other").mkdir()
    other = write_recording(tmp_path / "other" / "other.mp4", frames=30, sound=tone(1.2))
    session.opening.open(other)
    qtbot.waitUntil(lambda: opened_name(session) == "other.mp4")
    at_rest(qtbot, session)
    at_end(qtbot, session)
    assert [reading.reader.kind for reading in session.answers.others] == [ReaderKind.SIGNAL]
    assert first is not None
    with Study.open(first, author="me", create=False) as study:
        kinds = {reading.reader.kind for reading in study.readings(study.recordings()[0].id, viewer=None)}
    assert ReaderKind.MODEL in kinds, "what it had said by then is kept where it belongs"


def test_a_file_that_cannot_be_opened_does_not_stop_the_model(
    qtbot: QtBot, session: Session, service: Service, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no recording" * 100)
    prepared(qtbot, session)
    service.seconds = 0.4
    session.models.start(allowed=True)
    qtbot.waitUntil(lambda: len(service.bodies) == 1)
    session.opening.open(bad)
    qtbot.waitUntil(lambda: "bad.mp4" in session.status.message)
    at_end(qtbot, session)
    assert statuses(session) == {Status.ANSWERED: 3}
    assert {reading.reader.kind for reading in session.answers.others} == {
        ReaderKind.SIGNAL,
        ReaderKind.MODEL,
    }


def test_what_each_segment_said_and_saw_is_found_again(qtbot: QtBot, session: Session) -> None:
    ran(qtbot, session)
    models = session.models
    qtbot.waitUntil(lambda: bool(models.saw.segments_of("clonic")))
    (line,) = models.saw.segments_of("clonic")
    assert line.answer is not None
    assert line.answer.presence is Presence.YES
    assert line.enhanced
    assert models.saw.preview is not None
    assert line.clip in {clip.name for clip in models.saw.preview.clips}
    signal = next(one for one in session.answers.others if one.reader.kind is ReaderKind.SIGNAL)
    session.answers.show_reader(signal.reader)
    assert models.saw.segments_of("clonic") == ()
    assert models.saw.preview is None


def test_the_clip_process_makes_what_is_sent(
    qtbot: QtBot, quick: Any, recording_path: Path, service: Service
) -> None:
    with opened(qtbot, recording_path) as session:
        session.models.chosen.choose(choice_for(service, overlay=False, crop=False, cover_bystanders=False))
        ran(qtbot, session)
        assert statuses(session) == {Status.ANSWERED: 3}
        first = service.asked[0]["messages"][0]["content"]
        kinds = Counter(part["type"] for part in first)
        assert kinds["image_url"] == 4, "two seconds at two pictures a second"


def test_the_window_never_takes_a_key_from_the_environment(
    qtbot: QtBot, session: Session, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, CANARY)
    ran(qtbot, session)
    assert service.headers
    assert all("authorization" not in headers for headers in service.headers)
    assert CANARY not in json.dumps(service.headers)


def test_the_key_is_nowhere_but_in_the_request(  # noqa: PLR0917 - fixtures
    qtbot: QtBot,
    session: Session,
    service: Service,
    own_folders: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    host = f"127.0.0.1:{service.port}"
    words = session.models.chosen.keys.keep(host, CANARY)
    assert "this run only" in words
    ran(qtbot, session)
    assert {headers.get("authorization") for headers in service.headers} == {f"Bearer {CANARY}"}
    service.before = lambda _path, _body: (401, {}, CANARY.encode())
    session.models.chosen.choose(choice_for(service, fps=1.0))
    ran(qtbot, session)
    assert statuses(session)[Status.FAILED] == 3
    shown = [session.status.message, *(cell.reason for cell in session.models.cells)]
    assert CANARY not in " ".join(shown)
    assert CANARY not in caplog.text
    assert CANARY not in repr(session.models.chosen.keys.key(host))
    for root in (own_folders, tmp_path):
        for path in root.rglob("*"):
            if path.is_file():
                assert CANARY.encode() not in path.read_bytes(), path


def test_an_unexpected_error_is_logged_without_its_words(
    qtbot: QtBot,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    expected_errors: pytest.LogCaptureFixture,
) -> None:
    def breaks(*_args: Any, **_rest: Any) -> Any:
        raise RuntimeError(f"could not use {CANARY}")

    session.models.chosen.keys.keep("x:1", CANARY)
    prepared(qtbot, session)
    monkeypatch.setattr("app.core.readers.models.reader.read_with", breaks)
    session.models.start(allowed=True)
    at_end(qtbot, session)
    assert "RuntimeError at " in expected_errors.text
    assert " in read_by_model" in expected_errors.text
    assert CANARY not in expected_errors.text
    assert "Something unexpected" in session.status.message


def test_a_key_that_is_none_is_refused(session: Session) -> None:
    with pytest.raises(UserError):
        session.models.chosen.keys.keep("x:1", "two words")


def test_clips_are_prepared_again_only_when_what_was_stopped_has_ended(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the former work holds the folder, and the person reads that another window works on it."""
    released, begun, at_once = threading.Event(), threading.Semaphore(0), []
    running: list[int] = []

    def slow(*what: Any, **how: Any) -> Any:
        running.append(1)
        at_once.append(len(running))
        begun.release()
        released.wait(60)
        try:
            return prepared_reading(*what, **how)
        finally:
            running.pop()

    monkeypatch.setattr("app.core.readers.models.model_work.prepared_reading", slow)
    models = session.models
    models.prepare()
    assert begun.acquire(timeout=60)
    models.forget_plan()
    models.prepare()
    assert not begun.acquire(timeout=0.2)
    released.set()
    qtbot.waitUntil(lambda: models.stage is ReadingStage.READY)
    assert at_once == [1, 1]
    assert models.problem == ""
