"""A session with two recordings and a service with a batch mode, and what a person does to ask overnight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.readers.models.model_choice import save_choice
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.overnight import OvernightDialog
from app.ui.session.session import Session
from tests.batch_mode import BatchMode
from tests.loopback import Service
from tests.media import write_recording
from tests.ui.model_cases import CANARY, gemini
from tests.ui.session_cases import opened

LONG = 120_000
"""Milliseconds; the libraries of the service alone take seconds to import on a busy computer."""


@pytest.fixture
def there(service: Service) -> BatchMode:
    return BatchMode(service)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "a.mp4", frames=12)


@pytest.fixture
def session(
    qtbot: QtBot, quick: Any, clips_made: list[Path], there: BatchMode, place: Path
) -> Iterator[Session]:
    second = write_recording(place.with_name("b.mp4"), frames=13)
    save_choice(gemini(there.service))
    with opened(qtbot, place) as session:
        with qtbot.waitSignal(session.worklist._adding.ended, timeout=LONG):
            session.worklist.add_recordings((second,))
        session.models.chosen.keys.keep(f"127.0.0.1:{there.service.port}", CANARY)
        yield session


def asking(qtbot: QtBot, session: Session) -> OvernightDialog:
    dialog = OvernightDialog(session, frozenset())
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.recordings.list.count() == 2 and not dialog.work.running, timeout=LONG)
    return dialog


def done(qtbot: QtBot, dialog: OvernightDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.work.running, timeout=LONG)


def planned(qtbot: QtBot, session: Session) -> OvernightDialog:
    dialog = asking(qtbot, session)
    dialog.choose()
    done(qtbot, dialog)
    assert "requests, about" in dialog.cost.text(), dialog.outcome.text()
    return dialog


def gate_of(qtbot: QtBot, dialog: OvernightDialog) -> GateDialog:
    dialog.choose()
    qtbot.waitUntil(lambda: bool(dialog.findChildren(GateDialog)), timeout=LONG)
    done(qtbot, dialog)
    return dialog.findChildren(GateDialog)[0]


def sent(qtbot: QtBot, session: Session) -> OvernightDialog:
    dialog = planned(qtbot, session)
    gate = gate_of(qtbot, dialog)
    gate.attested.setChecked(True)
    gate._accept()
    qtbot.waitUntil(lambda: dialog.cost.text().startswith("Sent"), timeout=LONG)
    done(qtbot, dialog)
    idle(qtbot, session)
    return dialog


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.models.overnight.running, timeout=LONG)
