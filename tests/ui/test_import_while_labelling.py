"""An import writes in the background while somebody labels: neither side loses anything."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported, ReadRecording
from app.core.exchange.import_readings import import_into
from app.core.jobs import Task
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.edits import SetAnswer
from app.core.study.saving import Saved
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from app.ui.session.background import Background
from app.ui.session.session import Session
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path"]

BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
IMPORTS, TICKS = 25, 150
_IDS = [feature.id for feature in FEATURES]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        saved(qtbot, session)
        yield session


def file_of(name: str, readers: tuple[ReaderIdentity, ...], number: int) -> Imported:
    """What a file says that every reader answers differently with another number."""
    recording = RecordingIdentity(name, "", 2.0)
    answers = {
        feature: Answer(
            feature, list(Presence)[(place + number) % 3], number % 101, (Span(0.1, 0.5 + number / 100),)
        )
        for place, feature in enumerate(_IDS)
    }
    readings = tuple(Reading(recording, reader, answers) for reader in readers)
    return Imported(Bundle((ReadRecording(recording, readings),)))


def imports_into(folder: Path, name: str, readers: tuple[ReaderIdentity, ...], task: Task) -> list[int]:
    """Import file after file through a separate connection, as the dialog does; which were taken."""
    taken = []
    with Study.open(folder, author="importer", create=False, shared=True) as study:
        for number in range(IMPORTS):
            task.cancel.check()
            try:
                import_into(study, file_of(name, readers, number), SealedFrom(()), why=f"file {number}")
            except UserError:
                continue  # refused and told, as the dialog would tell it
            taken.append(number)
    return taken


@pytest.mark.parametrize("mine_too", [False, True])
def test_nothing_is_lost_on_either_side(qtbot: QtBot, session: Session, *, mine_too: bool) -> None:
    me, folder, recording = session.answers.mine.reader, session.study.folder, session.opened.recording
    assert folder is not None
    assert recording is not None
    readers = (BO, me) if mine_too else (BO,)
    work = Background("import", session)
    taken: list[int] = []
    work.done.connect(taken.extend)
    failed: list[str] = []
    work.failed.connect(failed.append)
    work.start(lambda task: imports_into(folder, recording.name, readers, task))
    chance, told, asked = random.Random(3), 0, 0

    def count(outcome: Saved) -> None:
        nonlocal told
        told += len(outcome.changes)

    session.study.saved.connect(count)
    refusals: list[None] = []
    session.study.not_kept.connect(lambda: refusals.append(None))
    while work.running or asked < TICKS:
        feature = chance.choice(_IDS)
        before = session.answers.mine.answer(feature)
        # A *no* with spans would be asked about and not made.
        others = [one for one in Presence if one is not before.presence]
        wanted = chance.choice([one for one in others if not (one is Presence.NO and before.evidence)])
        session.answers.answer(feature, wanted)
        asked += 1
        assert session.answers.mine.answer(feature).presence is wanted, "it shows at once"
        QApplication.processEvents()
        qtbot.waitUntil(lambda: len(session.study.unsaved.requests) < 3, timeout=60000)
    saved(qtbot, session)
    assert failed == []
    assert told > 50
    if refusals:
        assert session.status.message, "what is not kept is told"
    with Study.open(folder, author="x", shared=True) as study:
        assert study.verify_history() == ()
        rows = study.history(viewer=None)
        assert sum(row.who == me.name and row.subject in {"answer", "verdict"} for row in rows) == told
        # All of a file or nothing of it, for all its readers.
        for number in taken:
            of_file = [row for row in rows if row.why == f"file {number}" and row.reader == '["person","Bo"]']
            assert len(of_file) == len(_IDS)
            assert all(json.loads(row.new)["confidence"] == number % 101 for row in of_file)
        assert (
            study.reading(1, BO, viewer=None).answers
            == file_of("", (BO,), taken[-1]).bundle.readings[0].answers
        )
        session.safekeeping.ask()
        saved(qtbot, session)
        assert session.answers.mine.answers == study.reading(1, me, viewer=None).answers


def test_an_import_that_met_a_tick_begins_again(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is quicker, between what the import has read and what it writes."""
    me, folder, recording = session.answers.mine.reader, session.study.folder, session.opened.recording
    assert folder is not None
    assert recording is not None
    former, presses = Study.apply_all, [Presence.YES, Presence.NO]

    def pressed(study: Study, edits: Any, *, why: str = "") -> Any:
        if study.author == "importer" and presses:
            session.answers.answer("tonic", presses.pop())
            saved(qtbot, session)
        return former(study, edits, why=why)

    monkeypatch.setattr(Study, "apply_all", pressed)
    with Study.open(folder, author="importer", create=False, shared=True) as study:
        outcome = import_into(study, file_of(recording.name, (me,), 1), SealedFrom(()))
        assert outcome.changed == len(_IDS)
        assert study.reading(1, me, viewer=None).answer("tonic").confidence == 1
        said = [
            json.loads(row.new)["presence"] for row in study.history(1, viewer=None) if row.feature == "tonic"
        ]
        assert said[:2] == ["no", "yes"], "what the person said stands before it"
        assert study.verify_history() == ()
    assert not session.status.message
    session.safekeeping.ask()
    saved(qtbot, session)
    assert session.answers.mine.answer("tonic").confidence == 1
    session.answers.answer("tonic", None)
    assert session.answers.mine.answer("tonic") == Answer("tonic")


def test_a_study_that_an_import_keeps_busy_is_said_and_waited_for(qtbot: QtBot, session: Session) -> None:
    folder, impatient = session.study.folder, "PRAGMA busy_timeout = 50"
    assert folder is not None
    session.study.ask(
        lambda study: study._database._connection.execute(impatient).fetchone(), lambda _row: None
    )
    saved(qtbot, session)
    with Study.open(folder, author="importer", create=False, shared=True) as beside:
        with beside._database.writing():
            session.answers.answer("tonic", Presence.YES)
            qtbot.waitUntil(lambda: session.status.offer is not None)
            offer = session.status.offer
            assert offer is not None
            assert session.status.line.startswith("not saved: 1 change is not saved yet")
            assert "another program keeps the study busy" in offer.sentence
            assert session.answers.mine.answer("tonic").presence is Presence.YES, "it waits"
        offer.accept()
        saved(qtbot, session)
        assert session.status.line.startswith("saved")
        assert session.status.offer is None
        before = beside.reading(1, session.answers.mine.reader, viewer=None).answer("tonic")
        assert before.presence is Presence.YES
        beside.apply(SetAnswer(1, session.answers.mine.reader, before, Answer("tonic", Presence.NO)))
