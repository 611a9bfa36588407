"""An EEG of the same name beside a recording is offered once, in a line, and never attached by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg.eeg_beside import eeg_of_same_name
from app.core.eeg.sync_options import recording_extent
from app.core.recording.probe import open_recording
from app.ui.session import offered_eeg
from app.ui.session.offered_eeg import ATTACH
from app.ui.session.session import Session
from tests.ui.eeg_cases import TEN, attach, clip, write_eeg
from tests.ui.session_cases import at_rest, opened, quick

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["clip", "quick"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered_eeg, "LOOK_AFTER", 0)


def _offered(session: Session) -> bool:
    return session.status.offer is not None and session.status.offer.label == ATTACH


def _looked(qtbot: QtBot, session: Session) -> None:
    part = session.findChild(offered_eeg.OfferedEeg)
    assert isinstance(part, offered_eeg.OfferedEeg)
    qtbot.waitUntil(lambda: not part._due.isActive() and not part._looking.running)


def test_it_is_offered_once_and_attached_by_nobody(qtbot: QtBot, clip: Path) -> None:
    path = write_eeg(clip.with_suffix(".EDF"), started=TEN)
    with opened(qtbot, clip) as session:
        wanted: list[object] = []
        session.eeg.attach_wanted.connect(wanted.append)
        qtbot.waitUntil(lambda: _offered(session))
        assert session.status.offer is not None
        assert path.name in session.status.offer.sentence
        assert not session.attached_eeg.files
        session.status.offer.accept()
        assert wanted == [path]
        session.status.make_offer(None)
        session.opening.open_again()
        at_rest(qtbot, session)
        _looked(qtbot, session)
        assert session.status.offer is None, "what was closed stays closed"


def test_nothing_is_offered_where_an_eeg_is_attached(qtbot: QtBot, clip: Path) -> None:
    with opened(qtbot, clip) as session:
        attach(qtbot, session, write_eeg(clip.parent / "eeg" / "night.edf", started=TEN))
        write_eeg(clip.with_suffix(".edf"), started=TEN, seed=1)
        session.opening.open_again()
        at_rest(qtbot, session)
        _looked(qtbot, session)
        assert not _offered(session)


@pytest.mark.parametrize(
    ("name", "started", "found"),
    [
        ("ward_20260302_100010.edf", TEN, True),
        ("eeg/WARD_20260302_100010.BDF", TEN, True),
        ("ward.edf", TEN, False),
        ("ward_20260302_100010_b.edf", TEN, False),
        ("ward_20260302_100010.edf", TEN + timedelta(days=1), False),
    ],
    ids=["same name", "in the folder beside", "its beginning", "more than it", "of another day"],
)
def test_only_the_whole_name_counts_and_no_other_time(
    clip: Path, name: str, started: datetime, found: bool
) -> None:
    path = write_eeg(clip.parent / name, started=started)
    recording = open_recording(clip)
    beside = eeg_of_same_name(clip, recording_extent(recording))
    assert (beside.path if beside is not None else None) == (path if found else None)


def test_what_only_looks_like_an_eeg_is_passed_over(clip: Path) -> None:
    clip.with_suffix(".edf").write_bytes(b"not an EEG")
    assert eeg_of_same_name(clip, recording_extent(open_recording(clip))) is None
