"""Sessions with a model at a loopback server; clips stand in unless a test wants the real ones."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.core.clips.clip import INDEX_NAME, Clip, ClipSpec, clips_to_json, sampling_times, with_sums
from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.readers.models.reading_stage import ReadingStage
from app.ui.dialogs.gate import GateDialog
from app.ui.session.session import Session
from tests.loopback import Service, served
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

CANARY = "canary-7f3a91d2-never-to-be-seen"


def write_clips(folder: Path, pieces: tuple[ClipSpec, ...]) -> tuple[Clip, ...]:
    """Two pictures or half a second of sound for each piece."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = []
    for piece in pieces:
        if piece.enhancement is Enhancement.SOUND:
            name = f"{piece.name}.wav"
            with wave.open(str(folder / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(16_000)
                file.writeframes(b"\x10\x20" * 8000)
            clip = Clip(piece.name, piece.enhancement, piece.span, piece.fps, 1.0, sound=name, enhanced=True)
            clips.append(replace(clip, raw_sound=name, transcript="<b>stop</b>"))
            continue
        pictures = []
        for number, moment in enumerate(sampling_times(piece.span, piece.fps)):
            image = QImage(32, 24, QImage.Format.Format_RGB32)
            image.fill(40 * number % 255)
            name = f"{piece.name}-{number}.jpg"
            assert image.save(str(folder / name))
            pictures.append((round(1000 * (moment - piece.span.start)), name))
        note = "The patient was found in 93 % of the pictures."
        clip = Clip(piece.name, piece.enhancement, piece.span, piece.fps, 0.93, note, enhanced=True)
        clips.append(replace(clip, pictures=tuple(pictures)))
    summed = with_sums(clips, folder)
    (folder / INDEX_NAME).write_text(clips_to_json(summed, {}))
    return summed


@pytest.fixture
def clips_made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Clips are made at once; the folders in which they were."""
    made: list[Path] = []

    def prepare(_recording: Any, pieces: Any, folder: Path, **_rest: Any) -> tuple[Clip, ...]:
        made.append(folder)
        return write_clips(folder, pieces)

    monkeypatch.setattr("app.core.readers.models.reader.prepare_clips", prepare)
    return made


@pytest.fixture(autouse=True)
def no_vault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vault of the person who runs the tests is left alone."""
    monkeypatch.setattr("app.core.privacy.keys._real_vault", lambda: None)


@pytest.fixture
def service() -> Iterator[Service]:
    with served(Service(presence="yes")) as made:
        yield made


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], clips_made: list[Path], recording_path: Path, service: Service
) -> Iterator[Session]:
    """A recording is open, its signal reader has answered, and a model of the loopback server is set up."""
    save_choice(choice_for(service))
    with opened(qtbot, recording_path) as session:
        yield session


def kept_choice(session: Session) -> ModelChoice:
    """The stored choice, once what was chosen is on disk."""
    session.models.chosen._storing.join(time.monotonic() + 10)
    return load_choice()


def choice_for(service: Service, **changes: Any) -> ModelChoice:
    choice = ModelChoice(provider="openai", model="tiny-vl", base_url=f"{service.url}/v1", limit=1)
    return replace(choice, **changes)


def gemini(service: Service, **changes: Any) -> ModelChoice:
    choice = ModelChoice(provider="gemini", model="gemini-tiny", base_url=service.url, limit=1)
    return replace(choice, **changes)


def prepared(qtbot: QtBot, session: Session) -> None:
    """Make plan and clips."""
    session.models.prepare()
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)


def ran(qtbot: QtBot, session: Session) -> None:
    """Prepare, allow, ask, and wait for the end."""
    prepared(qtbot, session)
    session.models.start(allowed=True)
    at_end(qtbot, session)


def accept_gate(dialog: QDialog) -> None:
    """Attest and send in the gate that the dialog has opened."""
    gate = dialog.findChild(GateDialog)
    assert isinstance(gate, GateDialog)
    gate.attested.click()
    gate.send.click()


def at_end(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.IDLE and not session.models._work.running)


__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]
