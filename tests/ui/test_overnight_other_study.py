"""What is sent overnight is what the cost was seen of: of that study, and by that model."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.batch import overnight_of_study
from app.core.batch.overnight import send_overnight
from app.core.errors import UserError
from app.core.privacy.gate import allow, find_permission
from app.core.privacy.overnight_jobs import folder_text, open_jobs
from app.core.readers.models.model_choice import choice_from_text
from app.core.readers.models.model_work import destination_of
from app.core.settings import account_author
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.overnight import OvernightDialog
from app.ui.session.sending_permissions import REVOKED
from app.ui.session.session import Session
from tests.batch_mode import BatchMode
from tests.media import write_recording
from tests.ui.model_cases import clips_made, no_vault, service
from tests.ui.overnight_cases import LONG, done, gate_of, idle, place, planned, session, there
from tests.ui.session_cases import at_rest, is_open, quick

__all__ = ["clips_made", "no_vault", "place", "quick", "service", "session", "there"]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A recording of another study."""
    (tmp_path / "other").mkdir()
    return write_recording(tmp_path / "other" / "c.mp4", frames=14)


def open_other(qtbot: QtBot, session: Session, path: Path) -> Path:
    """Open it; the folder of its study."""
    session.opening.open(path)
    qtbot.waitUntil(lambda: is_open(session, path), timeout=LONG)
    at_rest(qtbot, session)
    assert session.study.folder is not None
    return session.study.folder


def folder_of(session: Session) -> Path:
    assert session.study.folder is not None
    return session.study.folder


def agree(gate: GateDialog) -> None:
    gate.attested.setChecked(True)
    gate._accept()


def is_allowed(session: Session, folder: Path) -> bool:
    place = destination_of(session.models.chosen.choice)
    return find_permission(folder, place, account_author()) is not None


def let_all(session: Session, folder: Path) -> None:
    allow(folder, destination_of(session.models.chosen.choice), account_author())


def test_another_study_closes_the_dialog_after_the_cost(
    qtbot: QtBot, session: Session, there: BatchMode, elsewhere: Path
) -> None:
    dialog = planned(qtbot, session)
    open_other(qtbot, session, elsewhere)
    assert not dialog.isVisible()
    assert there.service.paths == []


def test_another_recording_of_the_study_does_not(qtbot: QtBot, session: Session, place: Path) -> None:
    dialog = planned(qtbot, session)
    open_other(qtbot, session, place.with_name("b.mp4"))
    assert dialog.isVisible()
    assert dialog.begin.text() == "Send overnight…"


def test_another_study_closes_the_gate(
    qtbot: QtBot, session: Session, there: BatchMode, elsewhere: Path
) -> None:
    first = folder_of(session)
    dialog = planned(qtbot, session)
    ended: list[int] = []
    gate_of(qtbot, dialog).finished.connect(ended.append)
    second = open_other(qtbot, session, elsewhere)
    assert not dialog.isVisible()
    assert ended == [GateDialog.DialogCode.Rejected]
    assert not is_allowed(session, first)
    assert not is_allowed(session, second)
    assert there.service.paths == []


def test_accepting_allows_and_sends_what_was_looked_at(
    qtbot: QtBot, session: Session, elsewhere: Path
) -> None:
    first = folder_of(session)
    dialog = planned(qtbot, session)
    gate = gate_of(qtbot, dialog)
    session.opened.blockSignals(True)  # as before the dialog learns of it
    second = open_other(qtbot, session, elsewhere)
    gate.attested.setChecked(True)
    gate._accept()
    wait_until_sent(qtbot, session, dialog)
    assert is_allowed(session, first)
    assert not is_allowed(session, second)
    assert {job.folder for job in open_jobs()} == {folder_text(first)}
    assert len(open_jobs()) == 2


def test_a_permission_of_another_study_sends_nothing_of_it(
    qtbot: QtBot, session: Session, elsewhere: Path
) -> None:
    first = folder_of(session)
    let_all(session, first)
    dialog = planned(qtbot, session)
    session.opened.blockSignals(True)
    let_all(session, open_other(qtbot, session, elsewhere))
    dialog.choose()
    wait_until_sent(qtbot, session, dialog)
    assert {job.folder for job in open_jobs()} == {folder_text(first)}


def test_what_is_being_sent_is_sent_although_another_study_is_opened(
    qtbot: QtBot, session: Session, elsewhere: Path
) -> None:
    first = folder_of(session)
    let_all(session, first)
    dialog = planned(qtbot, session)
    dialog.choose()
    open_other(qtbot, session, elsewhere)
    wait_until_sent(qtbot, session, dialog)
    assert dialog.isVisible()
    assert [job.folder for job in open_jobs()] == [folder_text(first)] * 2


def test_another_model_asks_for_the_cost_anew(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    let_all(session, folder_of(session))
    dialog = planned(qtbot, session)
    chosen = session.models.chosen
    chosen.choose(replace(chosen.choice, model="gemini-other"))
    assert dialog.begin.text() == "See the cost"
    assert dialog.cost.text() == "Not known yet."
    assert "gemini-other" in dialog.model.text()
    dialog.choose()
    done(qtbot, dialog)
    assert there.service.paths == []


def test_another_model_closes_the_gate(qtbot: QtBot, session: Session, there: BatchMode) -> None:
    dialog = planned(qtbot, session)
    gate = gate_of(qtbot, dialog)
    chosen = session.models.chosen
    chosen.choose(replace(chosen.choice, model="gemini-other"))
    assert not gate.isVisible()
    assert dialog.isVisible()
    assert there.service.paths == []


def test_a_model_that_is_set_up_while_its_cost_is_found_is_not_the_one_that_is_shown(
    qtbot: QtBot, session: Session
) -> None:
    dialog = planned(qtbot, session)
    dialog.recordings.tick_all()
    dialog._forget_costs()
    dialog.choose()
    chosen = session.models.chosen
    chosen.choose(replace(chosen.choice, model="gemini-other"))
    done(qtbot, dialog)
    assert dialog.begin.text() == "See the cost"


def test_the_model_of_the_cost_is_the_one_that_is_asked(qtbot: QtBot, session: Session) -> None:
    let_all(session, folder_of(session))
    chosen = session.models.chosen
    model = chosen.choice.model
    dialog = planned(qtbot, session)
    chosen.blockSignals(True)  # as before the dialog learns of it
    chosen.choose(replace(chosen.choice, model="gemini-other"))
    dialog.choose()
    wait_until_sent(qtbot, session, dialog)
    subjects = [job.subject for job in open_jobs()]
    assert [one and choice_from_text(one.choice).model for one in subjects] == [model] * 2


def wait_until_sent(qtbot: QtBot, session: Session, dialog: OvernightDialog) -> None:
    qtbot.waitUntil(lambda: dialog.cost.text().startswith("Sent"), timeout=LONG)
    done(qtbot, dialog)
    idle(qtbot, session)


def test_what_could_not_be_looked_at_is_not_sent(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = planned(qtbot, session)
    with monkeypatch.context() as unreadable:
        whole = overnight_of_study.prepare_overnight
        unreadable.setattr(
            overnight_of_study,
            "prepare_overnight",
            lambda folder, listed, *rest, **options: whole(folder, listed[:1], *rest, **options),
        )
        gate = gate_of(qtbot, dialog)
    gate.attested.setChecked(True)
    gate._accept()
    wait_until_sent(qtbot, session, dialog)
    qtbot.waitUntil(lambda: [job.recording for job in session.models.overnight.jobs] == ["a.mp4"])
    assert len(open_jobs()) == 1


def test_the_window_does_not_wait_for_the_import_of_what_jobs_need(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def account(*given: object) -> object:
        made.append(threading.current_thread())
        return whole(*given)  # type: ignore[arg-type]

    whole = overnight_of_study.OvernightAccount
    monkeypatch.setattr(overnight_of_study, "OvernightAccount", account)
    session.models.overnight.look()
    idle(qtbot, session)
    assert made
    assert threading.main_thread() not in made


def test_the_bar_says_that_it_may_send_while_the_jobs_are_sent(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, shown, go_on = planned(qtbot, session), threading.Event(), threading.Event()
    whole = send_overnight

    def slowly(*what: Any, **how: Any) -> Any:
        shown.set()
        assert go_on.wait(60)
        return whole(*what, **how)

    monkeypatch.setattr("app.core.batch.overnight.send_overnight", slowly)
    agree(gate_of(qtbot, dialog))
    qtbot.waitUntil(shown.is_set, timeout=LONG)
    try:
        qtbot.waitUntil(lambda: session.models.sending.where.startswith("May send"))
    finally:
        go_on.set()
    done(qtbot, dialog)
    idle(qtbot, session)


def test_a_permission_that_cannot_be_written_leaves_the_cost(
    qtbot: QtBot, session: Session, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = planned(qtbot, session)
    before = dialog._costs

    def full(*_what: object) -> None:
        raise UserError("The permission cannot be written, so nothing is sent.")

    monkeypatch.setattr("app.core.privacy.gate.allow", full)
    agree(gate_of(qtbot, dialog))
    done(qtbot, dialog)
    assert "cannot be written" in dialog.outcome.text()
    assert (dialog._costs, dialog.begin.text()) == (before, "Send overnight…")
    assert there.service.paths == []


def test_what_is_being_revoked_is_not_sent_overnight(
    qtbot: QtBot, session: Session, there: BatchMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_all(session, folder_of(session))
    dialog = planned(qtbot, session)
    hangs = threading.Event()
    monkeypatch.setattr("app.core.privacy.gate.revoke", lambda *_what: hangs.wait(60))
    session.models.sending.revoke(destination_of(session.models.chosen.choice))
    dialog.choose()
    assert not dialog.work.running
    assert dialog.outcome.text() == REVOKED
    assert there.service.paths == []
    hangs.set()
