"""Overnight jobs from the window: the cost, the gate, the list, collecting, a look when the study opens."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.batch.overnight_of_study import OvernightState
from app.core.picture_box import Box
from app.core.privacy import gate
from app.core.privacy.gate import find_permission, revoke
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import open_jobs
from app.core.readers.models.model_choice import ModelChoice
from app.core.reading import ReaderKind
from app.core.settings import account_author
from app.core.study.study_identity import study_id
from app.ui.dialogs.overnight import OvernightDialog
from app.ui.dialogs.overnight_jobs import OvernightJobsDialog
from app.ui.session.session import Session
from app.ui.views.queue_bar import further_ways
from tests.batch_mode import BatchMode
from tests.ui.model_cases import clips_made, no_vault, service
from tests.ui.overnight_cases import LONG, asking, done, gate_of, idle, place, planned, sent, session, there
from tests.ui.session_cases import quick, saved

__all__ = ["clips_made", "no_vault", "place", "quick", "service", "session", "there"]


def model_readings(session: Session) -> int:
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        found = [one for row in study.recordings() for one in study.readings(row.id, viewer=None)]
    return sum(one.reader.kind is ReaderKind.MODEL for one in found)


def test_nothing_is_sent_before_the_person_allows_it(
    qtbot: QtBot, session: Session, there: BatchMode
) -> None:
    dialog = planned(qtbot, session)
    gate = gate_of(qtbot, dialog)
    assert [gate.recording.itemText(row) for row in range(gate.recording.count())] == ["a.mp4", "b.mp4"]
    former = gate.panel
    gate.recording.setCurrentIndex(1)
    assert gate.panel is not former
    gate.reject()
    assert there.service.paths == []
    assert Ledger(session.study.folder or Path()).entries() == ()
    assert open_jobs() == ()


def test_no_permission_is_read_or_written_in_the_gui_thread(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[threading.Thread] = set()
    whole = study_id

    def asked_for(folder: Path) -> str:
        threads.add(threading.current_thread())
        return whole(folder)

    monkeypatch.setattr(gate, "study_id", asked_for)
    sent(qtbot, session)
    session.models.overnight.collect()
    idle(qtbot, session)
    assert threads
    assert threading.main_thread() not in threads


def test_without_a_key_that_is_said_before_any_cost(
    qtbot: QtBot, session: Session, there: BatchMode, clips_made: list[Path]
) -> None:
    session.models.chosen.keys.forget(f"127.0.0.1:{there.service.port}")
    dialog = asking(qtbot, session)
    dialog.choose()
    done(qtbot, dialog)
    assert "There is no key for" in dialog.outcome.text()
    assert (dialog.cost.text(), clips_made) == ("Not known yet.", [])


def test_jobs_are_sent_listed_and_collected(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    sent(qtbot, session)
    assert len(there.jobs) == len(open_jobs()) == 2
    listed = OvernightJobsDialog(session)
    qtbot.addWidget(listed)
    idle(qtbot, session)
    assert [one.state for one in session.models.overnight.jobs] == [OvernightState.WAITING] * 2
    names = [listed.table.item(row, 0) for row in range(2)]
    assert {item.text() for item in names if item is not None} == {"a.mp4", "b.mp4"}
    there.finish()
    listed.look.click()
    idle(qtbot, session)
    assert [one.state for one in session.models.overnight.jobs] == [OvernightState.ANSWERED] * 2
    listed.collect.click()
    idle(qtbot, session)
    assert "2 readings came in" in listed.words.text()
    assert model_readings(session) == 2
    assert (open_jobs(), session.models.overnight.jobs, there.jobs) == ((), (), {})
    assert listed.table.rowCount() == 0
    qtbot.waitUntil(
        lambda: any(one.reader.kind is ReaderKind.MODEL for one in session.answers.others), timeout=LONG
    )
    again = planned_nothing(qtbot, session)
    assert "nothing left to ask" in again.outcome.text()


def planned_nothing(qtbot: QtBot, session: Session) -> OvernightDialog:
    dialog = asking(qtbot, session)
    dialog.choose()
    done(qtbot, dialog)
    return dialog


def test_other_settings_of_the_model_do_not_lose_the_answers(
    qtbot: QtBot, session: Session, there: BatchMode
) -> None:
    sent(qtbot, session)
    there.finish()
    session.models.chosen.choose(ModelChoice())
    session.models.overnight.collect()
    idle(qtbot, session)
    assert model_readings(session) == 2, session.models.overnight.said


def test_a_job_of_what_would_no_longer_be_asked_is_named_and_given_up_once_its_answers_are_gone(
    qtbot: QtBot, session: Session, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(qtbot, session)
    there.finish()
    session.patient.set(Box(0.1, 0.1, 0.6, 0.9))
    saved(qtbot, session)
    session.models.overnight.collect()
    idle(qtbot, session)
    said = "\n".join(session.models.overnight.said)
    assert "a.mp4: the answers do not fit what would be asked now" in said
    assert "b.mp4" not in said
    assert (model_readings(session), len(open_jobs())) == (1, 1)
    monkeypatch.setattr("app.core.batch.overnight_of_study.LOST_AFTER", timedelta())
    for _ in range(2):
        session.models.overnight.collect()
        idle(qtbot, session)
    assert (open_jobs(), there.jobs) == ((), {})


def test_a_cancelled_job_is_stopped_and_deleted(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    sent(qtbot, session)
    listed = OvernightJobsDialog(session)
    qtbot.addWidget(listed)
    idle(qtbot, session)
    assert not listed.stop.isEnabled()
    listed.table.selectAll()
    listed.stop.click()
    idle(qtbot, session)
    assert sum(":cancel" in step for step in there.steps) == 2
    there.finish("BATCH_STATE_CANCELLED")
    listed.collect.click()
    idle(qtbot, session)
    assert "cancelled" in " ".join(session.models.overnight.said)
    assert (open_jobs(), there.jobs) == ((), {})
    assert model_readings(session) == 0


def test_opening_the_study_looks_once_and_offers_to_collect(
    qtbot: QtBot, session: Session, there: BatchMode
) -> None:
    sent(qtbot, session)
    there.finish()
    session.models.overnight._folder = None  # as at the next start, with the key in the vault
    session.models.overnight._on_recording()
    idle(qtbot, session)
    offer = session.status.offer
    assert offer is not None
    assert "overnight jobs are over" in offer.sentence
    assert model_readings(session) == 0
    offer.accept()
    idle(qtbot, session)
    assert model_readings(session) == 2


def test_without_a_permission_nobody_is_asked(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    sent(qtbot, session)
    folder = session.study.folder
    assert folder is not None
    (place,) = {job.destination for job in open_jobs()}
    assert find_permission(folder, place, account_author()) is not None
    revoke(folder, place)
    before = len(there.service.paths)
    session.models.overnight._folder = None
    session.models.overnight._on_recording()
    idle(qtbot, session)
    session.models.overnight.collect()
    idle(qtbot, session)
    assert len(there.service.paths) == before
    assert "not allowed" in session.models.overnight.jobs[0].problem
    assert "not allowed" in " ".join(session.models.overnight.said)


def test_a_study_without_jobs_asks_nobody(session: Session, qtbot: QtBot, there: BatchMode) -> None:
    idle(qtbot, session)
    assert there.service.paths == []
    assert session.models.overnight.jobs == ()


def test_another_tick_asks_for_the_cost_anew(qtbot: QtBot, session: Session) -> None:
    dialog = planned(qtbot, session)
    assert dialog.begin.text() == "Send overnight…"
    dialog.recordings.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.begin.text() == "See the cost"
    assert dialog.cost.text() == "Not known yet."


def test_the_worklist_offers_it_for_gemini_alone(session: Session) -> None:
    words = [words for words, _ in further_ways(session, frozenset({1}))]
    assert words == ["Ask overnight at half price…"]
    session.models.chosen.choose(ModelChoice())
    assert [*further_ways(session, frozenset({1}))] == []


def test_a_job_that_the_service_does_not_list_is_not_said_to_be_stopped(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(qtbot, session)
    monkeypatch.setattr("app.core.readers.models.overnight_jobs.JobService._found", lambda *_: None)
    session.models.overnight.stop(frozenset(job.id for job in open_jobs()))
    idle(qtbot, session)
    said = " ".join(session.models.overnight.said)
    assert "does not list the job" in said
    assert "was asked to stop;" not in said
