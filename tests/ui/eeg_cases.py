"""EEG files that belong to a recording of two seconds, and waiting for what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg.sync import Sync
from app.core.study.stored_eeg import AgreedSync
from app.ui.session.attached_eeg import AttachedEeg
from app.ui.session.session import Session
from tests.core.eeg_files import PATIENT, TECHNICIAN, Channel, Note, Plan, edf, with_noise
from tests.media import write_recording
from tests.ui.session_cases import opened

IN_SYNC = AgreedSync(Sync(-10.0), "entered by hand")
TEN = datetime(2026, 3, 2, 10, 0, 0)  # noqa: DTZ001 - EDF has local times


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds whose name says when they were recorded: ten seconds after `TEN`."""
    path = tmp_path / "day" / "ward_20260302_100010.mp4"
    path.parent.mkdir()
    return write_recording(path, frames=50)


@pytest.fixture
def session(qtbot: QtBot, clip: Path) -> Iterator[Session]:
    with opened(qtbot, clip) as one:
        yield one


def write_eeg(
    path: Path,
    *,
    seconds: int = 60,
    started: datetime = TEN,
    notes: tuple[tuple[float, str], ...] = ((10.0, "Video start"), (10.5, "Spasm")),
    seed: int = 0,
) -> Path:
    """An EDF+ with two channels, whose header names somebody and whose annotations are `notes`."""
    plan = Plan(
        kind="EDF+C",
        channels=(Channel("EEG Fp1-REF", per_record=32), Channel("EEG T3-REF", per_record=32)),
        onsets=tuple(Fraction(second) for second in range(seconds)),
        notes=tuple(Note(min(int(at), seconds - 1), Fraction(at), None, (text,)) for at, text in notes),
        started=started,
        patient=PATIENT,
        recording=f"Startdate {started:%d-%b-%Y}".upper().replace("STARTDATE", "Startdate")
        + TECHNICIAN.removeprefix("Startdate 02-MAR-2002"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(edf(with_noise(plan, seed)))
    return path


def attach(qtbot: QtBot, session: Session, path: Path, agreed: AgreedSync = IN_SYNC) -> AttachedEeg:
    """Attach the file and wait until it was read to its end."""
    session.attached_eeg.attach(path, agreed)
    qtbot.waitUntil(lambda: any(one.name == path.name for one in session.attached_eeg.files))
    eeg = next(one for one in session.attached_eeg.files if one.name == path.name)
    return wait_read(qtbot, session, eeg)


def wait_read(qtbot: QtBot, session: Session, eeg: AttachedEeg) -> AttachedEeg:
    """Wait until the attached file was scanned to its end, or cannot be opened; the EEG as it is then.

    That it has grown or become shorter since it was attached does not end the scan.
    """
    part = session.attached_eeg

    def is_read() -> bool:
        scan = part.scan_of(eeg)
        is_closed = part.file_of(eeg) is None and bool(part.problem_of(eeg))
        return is_closed or (scan is not None and scan.done == 1.0)

    qtbot.waitUntil(is_read)
    found = part.find(eeg.fingerprint)
    assert found is not None
    return found
