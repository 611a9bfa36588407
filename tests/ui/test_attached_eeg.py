"""EEG files of a recording in the session: attached, found again, changed, undone, in bad places."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg.sync import MarkPair, Sync
from app.core.study.edits import AttachEeg
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, StoredEeg
from app.ui.session.attached_eeg import AttachedEeg
from app.ui.session.session import Session
from tests.media import write_recording
from tests.ui.eeg_cases import IN_SYNC, attach, wait_read, write_eeg
from tests.ui.session_cases import at_rest, history, opened, quick, recording_path, saved, stored

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["quick", "recording_path"]


def _reopened(qtbot: QtBot, path: Path) -> tuple[AttachedEeg, str, Path | None]:
    """What a new session says of the only EEG: itself, its problem, the offered place."""
    with opened(qtbot, path) as session:
        (eeg,) = session.attached_eeg.files
        eeg = wait_read(qtbot, session, eeg)
        return eeg, session.attached_eeg.problem_of(eeg), session.attached_eeg.offered(eeg)


def test_an_attached_eeg_is_read_stored_and_there_again(qtbot: QtBot, recording_path: Path) -> None:
    path = write_eeg(recording_path.parent / "night.edf")
    with opened(qtbot, recording_path) as session:
        heard: list[str] = []
        part = session.attached_eeg
        part.changed.connect(lambda: heard.append("changed"))
        part.opened.connect(lambda _eeg: heard.append("opened"))
        part.annotations_changed.connect(lambda _eeg: heard.append("annotations"))
        eeg = attach(qtbot, session, path)
        assert (eeg.path, eeg.sync, eeg.origin) == (path, Sync(-10.0), "entered by hand")
        assert part.files == (eeg,)
        assert part.current == eeg
        file, scan = part.file_of(eeg), part.scan_of(eeg)
        assert file is not None
        assert [one.label for one in file.header.signals] == ["EEG Fp1-REF", "EEG T3-REF"]
        assert scan is not None
        assert [one.text for one in scan.annotations] == ["Video start", "Spasm"]
        assert heard[0] == "changed"
        assert {"opened", "annotations"} <= set(heard)
        saved(qtbot, session)
        with stored(session) as study:
            assert [one.path for one in study.eegs(1)] == ["../night.edf"]
    again, problem, offered = _reopened(qtbot, recording_path)
    assert (again, problem, offered) == (eeg, "", None)


def test_each_change_is_undone_and_redone(qtbot: QtBot, recording_path: Path) -> None:
    path = write_eeg(recording_path.parent / "night.edf")
    by_marks = AgreedSync(Sync(-9.5, 1e-5), "one mark", (MarkPair(10.0, 0.5),))
    with opened(qtbot, recording_path) as session:
        part, syncs, bad = session.attached_eeg, [], []
        part.sync_changed.connect(lambda eeg: syncs.append(eeg.sync))
        part.bad_channels_changed.connect(lambda eeg: bad.append(set(eeg.bad_channels)))
        eeg = attach(qtbot, session, path)
        file = part.file_of(eeg)
        part.set_sync(eeg, by_marks)
        part.mark_bad(eeg, ["EEG T3-REF"])
        part.mark_bad(eeg, ["EEG T3-REF"])
        part.mark_bad(eeg, ["EEG T3-REF"], bad=False)
        assert syncs == [by_marks.sync]
        assert bad == [{"EEG T3-REF"}, set()]
        (eeg,) = part.files
        assert eeg.pairs == by_marks.pairs
        assert part.file_of(eeg) is file, "a change of sync does not open the file again"
        saved(qtbot, session)
        labels = [row.what for row in history(session)[:4]]
        assert labels == ["bad channels", "bad channels", "sync of the EEG", "EEG"]
        assert "drift +10.0 µs/s: one mark" in history(session)[2].new
        for _edit in range(4):
            session.undoing.undo()
        assert not part.files
        assert part.current is None
        for _edit in range(4):
            session.undoing.redo()
        (eeg,) = part.files
        assert (eeg.sync, eeg.bad_channels) == (by_marks.sync, frozenset())
        wait_read(qtbot, session, eeg)
        part.detach(eeg)
        assert not part.files
        saved(qtbot, session)
        session.undoing.undo()
        assert part.files[0].pairs == by_marks.pairs
        wait_read(qtbot, session, part.files[0])
        saved(qtbot, session)
        with stored(session) as study:
            assert study.verify_history() == ()


def test_pieces_of_a_day_stand_in_order_and_one_is_current(qtbot: QtBot, recording_path: Path) -> None:
    folder = recording_path.parent
    with opened(qtbot, recording_path) as session:
        part = session.attached_eeg
        late = attach(qtbot, session, write_eeg(folder / "b.edf", seed=1), AgreedSync(Sync(40.0)))
        early = attach(qtbot, session, write_eeg(folder / "a.edf", seed=2), AgreedSync(Sync(-30.0)))
        assert part.files == (early, late)
        assert part.current == early
        part.choose(late)
        assert part.current == late
        session.attached_eeg.attach(folder / "a.edf", IN_SYNC)
        qtbot.waitUntil(lambda: "attached already" in session.status.message)
        assert part.files == (early, late)
        saved(qtbot, session)


def test_another_recording_has_its_own(qtbot: QtBot, recording_path: Path) -> None:
    other = write_recording(recording_path.parent / "other.mp4", frames=25)
    with opened(qtbot, recording_path) as session:
        eeg = attach(qtbot, session, write_eeg(recording_path.parent / "night.edf"))
        file = session.attached_eeg.file_of(eeg)
        assert file is not None
        session.opening.open(other)
        qtbot.waitUntil(lambda: session.opened.recording is not None and session.opened.duration < 1.5)
        at_rest(qtbot, session)
        assert not session.attached_eeg.files
        with pytest.raises(ValueError, match="closed"):
            file.records(0, 1)


@pytest.mark.parametrize("content", [b"", b"no EEG", b"\0" * 5000])
def test_what_is_no_eeg_is_said_and_nothing_changes(
    qtbot: QtBot, recording_path: Path, content: bytes
) -> None:
    path = recording_path.parent / "odd.edf"
    path.write_bytes(content)
    with opened(qtbot, recording_path) as session:
        session.attached_eeg.attach(path, IN_SYNC)
        qtbot.waitUntil(lambda: "odd.edf" in session.status.message)
        assert not session.attached_eeg.files


def test_a_file_of_a_study_is_not_read(qtbot: QtBot, recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        assert session.study.folder is not None
        session.attached_eeg.attach(session.study.folder / "study.sqlite", IN_SYNC)
        qtbot.waitUntil(lambda: "belongs to a study" in session.status.message)


def test_a_file_that_is_gone_is_said_and_can_be_found_again(qtbot: QtBot, recording_path: Path) -> None:
    path = write_eeg(recording_path.parent / "night.edf")
    with opened(qtbot, recording_path) as session:
        attach(qtbot, session, path)
        saved(qtbot, session)
    elsewhere = recording_path.parent.parent / "elsewhere" / "renamed.edf"
    elsewhere.parent.mkdir()
    path.rename(elsewhere)
    other = write_eeg(recording_path.parent / "other.edf", seed=5)
    with opened(qtbot, recording_path) as session:
        part = session.attached_eeg
        eeg = wait_read(qtbot, session, part.files[0])
        assert part.file_of(eeg) is None
        assert "was moved or renamed" in part.problem_of(eeg)
        assert session.opened.recording is not None
        part.find_file(eeg, other)
        qtbot.waitUntil(lambda: "is not the EEG" in part.problem_of(eeg))
        part.find_file(eeg, elsewhere)
        qtbot.waitUntil(lambda: part.file_of(eeg) is not None)
        (eeg,) = part.files
        assert eeg.path == elsewhere
        wait_read(qtbot, session, eeg)


def test_a_file_that_has_changed_grown_or_shrunk_is_said(qtbot: QtBot, recording_path: Path) -> None:
    path = write_eeg(recording_path.parent / "night.edf", seconds=3000)
    content = path.read_bytes()
    with opened(qtbot, recording_path) as session:
        attach(qtbot, session, path)
        saved(qtbot, session)
    path.write_bytes(content + content[-5000:])
    assert "has grown since it was attached" in _reopened(qtbot, recording_path)[1]
    path.write_bytes(content[:-3000])
    assert "is shorter than when it was attached" in _reopened(qtbot, recording_path)[1]
    write_eeg(path, seed=9)
    assert "is no longer the EEG that was attached" in _reopened(qtbot, recording_path)[1]
    path.write_bytes(content)
    assert _reopened(qtbot, recording_path)[1] == ""


def test_an_anonymised_copy_is_the_same_eeg(qtbot: QtBot, recording_path: Path) -> None:
    path = write_eeg(recording_path.parent / "night.edf")
    with opened(qtbot, recording_path) as session:
        eeg = attach(qtbot, session, path)
        saved(qtbot, session)
    content = bytearray(path.read_bytes())
    content[8:88] = b"X X X X".ljust(80)
    path.write_bytes(content)
    again, problem, _offered = _reopened(qtbot, recording_path)
    assert (again.fingerprint, problem) == (eeg.fingerprint, "")


def test_a_place_far_away_is_offered_and_not_opened(
    qtbot: QtBot, recording_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    far = write_eeg(tmp_path_factory.mktemp("share") / "night.edf")
    with opened(qtbot, recording_path) as session:
        eeg = attach(qtbot, session, far)
        saved(qtbot, session)
        folder = session.study.folder
        assert folder is not None
    assert _reopened(qtbot, recording_path)[1] == "", "this account has opened it before"
    _forget_opened()
    with opened(qtbot, recording_path) as session:
        part = session.attached_eeg
        eeg = wait_read(qtbot, session, part.files[0])
        assert part.offered(eeg) == far
        assert "only if you trust that place" in part.problem_of(eeg)
        assert part.file_of(eeg) is None
        part.find_file(eeg, far)
        qtbot.waitUntil(lambda: part.file_of(eeg) is not None)
        wait_read(qtbot, session, part.files[0])


def _forget_opened() -> None:
    from app.core.folders import settings_folder

    (settings_folder() / "opened.json").unlink()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_beside_the_recording_is_not_followed(
    qtbot: QtBot, recording_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_eeg(recording_path.parent / "night.edf")
    with opened(qtbot, recording_path) as session:
        attach(qtbot, session, path)
        saved(qtbot, session)
    _forget_opened()
    far = tmp_path_factory.mktemp("share") / "night.edf"
    shutil.move(path, far)
    path.symlink_to(far)
    _eeg, problem, offered = _reopened(qtbot, recording_path)
    assert "only if you trust that place" in problem
    assert offered == path


def test_in_a_study_that_is_only_looked_at_an_eeg_is_shown_all_the_same(
    qtbot: QtBot, recording_path: Path
) -> None:
    path = write_eeg(recording_path.parent / "night.edf")
    with opened(qtbot, recording_path) as session:
        folder = session.study.folder
        assert folder is not None
        saved(qtbot, session)
    with Study.open(folder, author="Somebody", shared=False), opened(qtbot, recording_path) as session:
        if not session.study.read_only:
            pytest.skip("two windows may write this study at once here")
        eeg = attach(qtbot, session, path)
        session.attached_eeg.mark_bad(eeg, ["EEG Fp1-REF"])
        assert session.attached_eeg.files[0].bad_channels == {"EEG Fp1-REF"}
        session.attached_eeg.detach(eeg)
        assert not session.attached_eeg.files


def test_a_study_that_names_more_files_than_allowed_opens(qtbot: QtBot, recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        folder = session.study.folder
        assert folder is not None
        saved(qtbot, session)
    with Study.open(folder, author="Ana") as study:
        for number in range(5):
            one = StoredEeg(f"{number:040}", f"gone{number}.edf", f"../gone{number}.edf", 1, IN_SYNC)
            study.apply(AttachEeg(1, None, one))
    with opened(qtbot, recording_path) as session:
        part: Session = session
        assert len(part.attached_eeg.files) == 5
        for eeg in part.attached_eeg.files:
            wait_read(qtbot, session, eeg)
            assert "moved or renamed" in part.attached_eeg.problem_of(eeg)


def test_a_file_that_grows_or_goes_away_is_said_and_the_video_goes_on(
    qtbot: QtBot, recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.session.eeg_opening.WATCH_SECONDS", 0.02)
    path = write_eeg(recording_path.parent / "night.edf")
    content = path.read_bytes()
    with opened(qtbot, recording_path) as session:
        part = session.attached_eeg
        eeg = attach(qtbot, session, path)
        file = part.file_of(eeg)
        assert file is not None
        path.write_bytes(content + content[-5000:])
        qtbot.waitUntil(lambda: "is growing" in part.problem_of(eeg))
        assert "is growing" in session.status.message
        part.read_again(eeg)
        qtbot.waitUntil(lambda: "has grown since it was attached" in part.problem_of(eeg))
        wait_read(qtbot, session, eeg)
        again = part.file_of(eeg)
        assert again is not None
        assert again.header.records > file.header.records
        gone = path.rename(path.with_name("gone.edf"))
        qtbot.waitUntil(lambda: "is gone" in part.problem_of(eeg))
        assert session.opened.recording is not None
        assert part.files == (eeg,)
        gone.rename(path)
        qtbot.waitUntil(lambda: "is gone" not in part.problem_of(eeg))
        assert "is gone" not in session.status.message
        saved(qtbot, session)
