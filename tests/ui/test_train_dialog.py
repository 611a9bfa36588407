"""A reader trained in the window: labels of the study, figures on unseen patients, the file, its choice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.jobs import CancelToken, Report
from app.core.readers.trained.trained_reader_file import load_trained_reader
from app.core.reading import Reading, RecordingIdentity, person
from app.core.recording.analysis_process import CRASH_VARIABLE, Job, run_process
from app.core.recording.recording import Recording
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetPatientData
from app.core.study.patient_data import NO_PATIENT_DATA, PatientData
from app.core.training import train_on_study, training_process
from app.ui.dialogs.local_reader_box import LocalReaderBox
from app.ui.dialogs.train_reader import TrainReaderDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from tests.core.trained_cases import INPUTS, NumbersCase, NumbersSource
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, opened, quick

__all__ = ["quick"]

EVA = person("Eva")
PATIENTS = 15


class NamedSource(NumbersSource):
    """Measures a recording by its name: those that end in `yes` are higher."""

    def __init__(self, features: Sequence[str]) -> None:
        self.features = features

    def measure(self, recording: Recording, *, report: Report, cancel: CancelToken) -> NumbersCase:
        is_yes = recording.path.stem.endswith("yes")
        noise = np.random.default_rng(len(recording.name) + sum(recording.name.encode()))
        return NumbersCase(noise.normal(0, 0.3, (1, INPUTS)) + is_yes, is_yes)


def train_here(_module: str, job: Job, *, report: Report, **_rest: object) -> bytes:
    """The work of the process, in the thread that waits for it: it measures with `NamedSource` there."""
    return training_process.train_job(json.loads(json.dumps(dict(job))), report)


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """Fifteen patients, each with a tonic event and one without, as Eva says."""
    monkeypatch.setattr(train_on_study, "SignalSource", NamedSource)
    monkeypatch.setattr(training_process, "run_process", train_here)
    paths = [
        write_recording(tmp_path / f"p{at:02}-{word}.mp4", frames=4 + at * 2 + (word == "yes"))
        for at in range(PATIENTS)
        for word in ("yes", "no")
    ]
    with opened(qtbot, paths[0]) as session:
        with qtbot.waitSignal(session.worklist._adding.ended):
            session.worklist.add_recordings(tuple(paths[1:]))
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            for row in study.recordings():
                presence = Presence.YES if "yes" in row.name else Presence.NO
                answers = {"tonic": Answer("tonic", presence), "clonic": Answer("clonic", Presence.NO)}
                identity = RecordingIdentity(row.name, "", row.duration)
                study.keep_reading(row.id, Reading(identity, EVA, answers))
                study.apply(SetPatientData(row.id, NO_PATIENT_DATA, PatientData(patient=row.name[:3])))
        yield session


def shown(qtbot: QtBot, session: Session, memory: Memory) -> TrainReaderDialog:
    dialog = TrainReaderDialog(session, memory)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.work.running)
    return dialog


def only(dialog: TrainReaderDialog, *features: str) -> None:
    for row in range(dialog.features.count()):
        item = dialog.features.item(row)
        on = item.data(Qt.ItemDataRole.UserRole) in features
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def test_a_reader_is_trained_judged_saved_and_offered(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    memory = Memory()
    dialog = shown(qtbot, session, memory)
    assert [dialog.labels.itemData(row) for row in range(dialog.labels.count())] == ["Eva"]
    only(dialog, "tonic", "clonic")
    out = tmp_path / "ours.json"
    with qtbot.waitSignal(dialog.work.ended, timeout=120_000):
        dialog.train(out)
    reader = load_trained_reader(out)
    assert set(reader.features) == {"tonic"}
    assert (reader.patients, reader.labels, len(reader.recordings)) == (PATIENTS, "Eva", 2 * PATIENTS)
    heads = [dialog.figures.verticalHeaderItem(row) for row in range(dialog.figures.rowCount())]
    assert [head.text() for head in heads if head is not None] == ["Tonic", "Clonic"]
    cells = [dialog.figures.item(0, column) for column in range(4)]
    assert [cell.text() for cell in cells if cell is not None][:3] == ["30", "15", "15"]
    refused = dialog.figures.item(1, 0)
    assert refused is not None
    assert "0 recordings with yes" in refused.text()
    assert "saved as “ours.json”" in dialog.outcome.text()
    box = LocalReaderBox(memory)
    qtbot.addWidget(box)
    assert box.reader == "signal", "a trained reader is chosen, not taken for granted"
    box.setCurrentIndex(1)
    assert box.reader == f"trained:{out}"


def test_too_little_is_refused_with_a_sentence(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    dialog = shown(qtbot, session, Memory())
    only(dialog, "clonic")
    out = tmp_path / "ours.json"
    with qtbot.waitSignal(dialog.work.ended):
        dialog.train(out)
    assert "at least 15 of each are needed" in dialog.outcome.text()
    assert not out.exists()
    only(dialog)
    dialog.train(out)
    assert "Tick the features" in dialog.outcome.text()


def test_the_process_itself_refuses_with_its_sentence(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_process, "run_process", run_process)
    dialog = shown(qtbot, session, Memory())
    only(dialog, "clonic")
    with qtbot.waitSignal(dialog.work.ended, timeout=120_000):
        dialog.train(tmp_path / "ours.json")
    assert "at least 15 of each are needed" in dialog.outcome.text()


@pytest.mark.usefixtures("expected_errors")
def test_a_killed_process_is_a_sentence_and_nothing_is_written(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_process, "run_process", run_process)
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    dialog = shown(qtbot, session, Memory())
    only(dialog, "tonic")
    out = tmp_path / "ours.json"
    with qtbot.waitSignal(dialog.work.ended, timeout=120_000):
        dialog.train(out)
    assert "ended unexpectedly, so no reader was written" in dialog.outcome.text()
    assert not out.exists()
    assert dialog.begin.isEnabled()


def test_sealed_answers_are_not_learned_from(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    dialog = shown(qtbot, session, Memory())
    assert dialog.labels.count() == 1
    session.readers.read_blind(True)
    qtbot.waitUntil(lambda: session.answers.my_reading.sealed)
    assert dialog.labels.count() == 0, "at once"
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert dialog.labels.count() == 0
    dialog.train(tmp_path / "ours.json")
    assert "no answers that you may see" in dialog.outcome.text()


def test_a_trained_reader_answers_the_open_recording(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Trained(QuickReader):
        identity = person("trained")

    def local_reader(name: str) -> type[QuickReader]:
        asked.append(name)
        return Trained

    monkeypatch.setattr("app.ui.session.analysis.local_reader", local_reader)
    before = QuickReader.read_count
    with qtbot.waitSignal(session.analysis.ended):
        session.analysis.go_on("trained:ours.json")
    assert asked == ["trained:ours.json"]
    assert QuickReader.read_count == before + 1, "the signal reader's own answers are there already"
    qtbot.waitUntil(lambda: any(one.reader.name == "trained" for one in session.study.content.others))
