"""A chosen model that could not be read for a moment is not replaced unasked; storing one holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.core import account_file
from app.core.errors import UserError
from app.core.folders import MODEL_CHOICE, settings_folder
from app.core.readers.models import model_choice
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.ui.session.background import close_all
from app.ui.session.chosen_model import ChosenModel
from app.ui.session.session import Session
from tests.loopback import Service
from tests.ui.model_cases import choice_for, service
from tests.ui.session_cases import opened

__all__ = ["service"]

KEPT = ModelChoice("openai", "kept-vl", "http://127.0.0.1:9/v1", cover_patient=True, fps=1.0)


@pytest.fixture
def works_again(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A stored choice cannot be read until this is called."""
    save_choice(KEPT)
    held = pytest.MonkeyPatch()

    def refuse(*_args: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    held.setattr(account_file, "read_at_most", refuse)
    return held.undo


def _said(qtbot: QtBot, chosen: ChosenModel, choice: ModelChoice) -> str:
    """What is said when this cannot be stored."""
    with qtbot.waitSignal(chosen.not_stored) as said:
        chosen.choose(choice)
    assert said.args is not None
    return str(said.args[0])


def test_a_choice_made_from_defaults_never_replaces_a_healthy_one(
    qtbot: QtBot, works_again: Callable[[], None]
) -> None:
    chosen = ChosenModel()
    assert chosen.local_only
    works_again()
    assert "were not replaced" in _said(qtbot, chosen, replace(chosen.choice, tell_event=True))
    assert load_choice() == KEPT
    assert chosen.choice == KEPT, "what is stored applies again"
    chosen.choose(replace(chosen.choice, fps=2.0))
    qtbot.waitUntil(lambda: not chosen._storing.running)
    assert load_choice() == replace(KEPT, fps=2.0), "what was seen is changed as always"
    close_all(chosen)


def test_as_long_as_it_cannot_be_read_nothing_is_stored_and_what_was_chosen_holds(
    qtbot: QtBot, works_again: Callable[[], None]
) -> None:
    chosen = ChosenModel()
    other = ModelChoice("openai", "other-vl", "http://127.0.0.1:9/v1")
    assert "not saved" in _said(qtbot, chosen, other)
    assert chosen.choice == other
    works_again()
    assert load_choice() == KEPT
    close_all(chosen)


def test_setting_up_a_model_reads_it_again(qtbot: QtBot, works_again: Callable[[], None]) -> None:
    with opened(qtbot) as session:
        assert session.models.chosen.local_only
        works_again()
        session.models.chosen.read_again()
        assert session.models.chosen.choice == KEPT


def test_a_damaged_one_is_replaced_and_set_aside(qtbot: QtBot) -> None:
    file = settings_folder() / MODEL_CHOICE
    file.write_bytes(b"{")
    chosen = ChosenModel()
    chosen.choose(KEPT)
    qtbot.waitUntil(lambda: not chosen._storing.running)
    assert load_choice() == KEPT
    assert len([*file.parent.glob("model.unreadable-*.json")]) == 1
    close_all(chosen)


def test_a_slow_disk_holds_up_nobody_and_closing_waits_for_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, goes_on = model_choice.save_choice, threading.Event()

    def slowly(*args: object, **how: object) -> None:
        goes_on.wait(20)
        save(*args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(model_choice, "save_choice", slowly)
    chosen = ChosenModel()
    chosen.choose(replace(KEPT, fps=2.0))
    chosen.choose(KEPT)
    assert chosen.choice == KEPT
    assert chosen._storing.running
    assert load_choice() == ModelChoice()
    threading.Timer(0.2, goes_on.set).start()
    close_all(chosen)
    assert load_choice() == KEPT


def test_what_cannot_be_stored_is_said_in_the_window(
    qtbot: QtBot, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_how: object) -> None:
        raise UserError("The disk is full.")

    with opened(qtbot) as session:
        monkeypatch.setattr(model_choice, "save_choice", refuse)
        session.models.chosen.choose(choice_for(service))
        qtbot.waitUntil(lambda: session.status.message == "The disk is full.")
        assert _is_chosen(session, choice_for(service))


def _is_chosen(session: Session, choice: ModelChoice) -> bool:
    return session.models.chosen.choice == choice
