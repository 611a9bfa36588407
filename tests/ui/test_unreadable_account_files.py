"""The window whose settings or model cannot be read: it says so, and keeps what was there."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from pytestqt.qtbot import QtBot

from app.core import account_file
from app.core.folders import MODEL_CHOICE, settings_folder
from app.core.settings import Settings, load_settings, save_settings
from app.core.study.named_places import remember_opened
from app.ui.memory import Memory
from app.ui.session.account_problems import SaidProblems
from app.ui.session.picture import Overlay
from app.ui.window import Window
from tests.ui.session_cases import opened

DAMAGED = b'{"author": "Ana", "vol'


def test_what_could_not_be_read_is_said_and_kept(qtbot: QtBot) -> None:
    settings, model = (settings_folder() / name for name in ("settings.json", MODEL_CHOICE))
    for file in (settings, model):
        file.write_bytes(DAMAGED)
    with closing(SaidProblems()) as problems, opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        problems.say_in(session.status)
        assert f"“{set_aside(settings).name}”" in session.status.message
        assert f"“{MODEL_CHOICE}”" in session.status.message
        assert session.models.chosen.local_only
        later = settings_folder() / "opened.json"
        later.write_bytes(DAMAGED)
        thread = Thread(target=remember_opened, args=(Path("/a.mp4"),))
        thread.start()
        qtbot.waitUntil(lambda: "“opened.json”" in session.status.message)
        thread.join()
        assert session.status.message.count(f"“{set_aside(settings).name}”") == 1, "said once"
        window.close()
    assert [set_aside(settings).read_bytes(), model.read_bytes()] == [DAMAGED, DAMAGED]


def set_aside(file: Path) -> Path:
    """The only file that was set aside."""
    (found,) = file.parent.glob(f"{file.stem}.unreadable-*{file.suffix}")
    return found


def test_closing_the_window_writes_no_defaults_over_settings_that_could_not_be_read(
    qtbot: QtBot,
) -> None:
    save_settings(Settings(author="Ana"))
    file = settings_folder() / "settings.json"
    before = file.read_bytes()
    with opened(qtbot) as session, pytest.MonkeyPatch.context() as held:
        held.setattr(account_file, "read_at_most", _refuse)
        held.setattr(account_file, "free_name_aside", _refuse)
        window = Window(session)
        held.undo()
        qtbot.addWidget(window)
        window.close()
    assert file.read_bytes() == before


def _refuse(*_args: object) -> bytes:
    raise PermissionError(13, "Permission denied")


def test_what_a_person_changes_meanwhile_is_kept_once_the_settings_can_be_read(qtbot: QtBot) -> None:
    mine = Settings(
        author="Ana",
        theme="light",
        overlay_face=True,
        overlay_skeleton=False,
        window_geometry="AAAA",
        eeg={"page_seconds": 20.0, "smooth": True},
        volume=0.25,
    )
    save_settings(mine)
    with opened(qtbot) as session, pytest.MonkeyPatch.context() as held:
        held.setattr(account_file, "read_at_most", _refuse)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.picture.set_overlay(Overlay(skeleton=True, face=False, trails=True))
        window.actions_["advance"].trigger()
        session.eeg.change(clipped=True)
        window._memory.change(reaction_seconds=0.5)
        held.undo()
        window.close()
    kept = load_settings()
    eeg = {**mine.eeg, "clipped": True}
    assert kept == replace(mine, go_on=False, reaction_seconds=0.5, eeg=eeg)


def test_a_change_that_is_taken_back_is_saved_as_one(qtbot: QtBot) -> None:
    save_settings(Settings(author="Ana", reaction_seconds=0.1))
    with pytest.MonkeyPatch.context() as held:
        held.setattr(account_file, "read_at_most", _refuse)
        memory = Memory()
        at_the_start = memory.settings.reaction_seconds
    memory.change(reaction_seconds=0.5)
    memory.save_aside()
    qtbot.waitUntil(lambda: load_settings().reaction_seconds == 0.5)
    memory.change(reaction_seconds=at_the_start)
    memory.close()
    assert (load_settings().author, load_settings().reaction_seconds) == ("Ana", at_the_start)
