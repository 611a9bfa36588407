"""Where files are proposed to be saved: beside what is open, under a name that says no more than it may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import saving_places
from app.core.folders import cache_folder
from app.core.saving_places import OF_NOBODY, SaveKind, SavingFrom, folder_beside, proposed_place


@pytest.fixture
def source(tmp_path: Path) -> SavingFrom:
    (tmp_path / "ward" / "videos").mkdir(parents=True)
    return SavingFrom(
        tmp_path / "ward" / "videos" / "Meier_Anna.mp4", tmp_path / "ward" / "Friday.semioscope"
    )


def test_the_folder_used_last_comes_first_then_that_beside_the_study(
    tmp_path: Path, source: SavingFrom
) -> None:
    proposed = proposed_place(SaveKind.REPORT, "report.pdf", "", source)
    assert proposed == tmp_path / "ward" / "Meier_Anna report.pdf"
    last = tmp_path / "out"
    gone = proposed_place(SaveKind.REPORT, "report.pdf", str(last), source)
    assert gone == proposed, "a folder that is gone is not proposed"
    last.mkdir()
    assert proposed_place(SaveKind.REPORT, "report.pdf", str(last), source).parent == last
    alone = SavingFrom(source.recording)
    assert proposed_place(SaveKind.ANSWERS, "answers.csv", "", alone, of_study=True) == (
        tmp_path / "ward" / "videos" / "Meier_Anna answers.csv"
    )


def test_a_study_gives_its_name_to_what_is_of_all_its_recordings(source: SavingFrom) -> None:
    of_study = proposed_place(SaveKind.ANSWERS, "answers.csv", "", source, of_study=True)
    assert of_study.name == "Friday answers.csv"
    named = SavingFrom(source.recording, source.study, "Ward: 4/2026?")
    assert proposed_place(SaveKind.ANSWERS, "answers.csv", "", named, of_study=True).name == (
        "Ward- 4-2026- answers.csv"
    )


@pytest.mark.parametrize("kind", sorted(OF_NOBODY))
def test_what_shows_nobody_is_not_called_after_a_recording(kind: SaveKind, source: SavingFrom) -> None:
    named = SavingFrom(source.recording, source.study, "Anna Meier")
    for of_study in (False, True):
        assert proposed_place(kind, "clip.mp4", "", named, of_study=of_study).name == "clip.mp4"


def test_results_comparisons_and_readers_are_of_nobody() -> None:
    assert {SaveKind.RESULTS, SaveKind.COMPARISON, SaveKind.READER} <= OF_NOBODY


class FakeClock:
    """Waiting takes the time that it may, at once."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeClock, list[Path]]]:
    """Folders below “hung” do not answer; which of them were looked for."""
    clock, looked, over, is_dir = FakeClock(), list[Path](), threading.Event(), Path.is_dir
    join = threading.Thread.join

    def look(folder: Path) -> bool:
        if "hung" in folder.parts:
            looked.append(folder)
            over.wait()
        return is_dir(folder)

    def wait(thread: threading.Thread, timeout: float | None = None) -> None:
        if thread.name == "looking for a folder" and timeout is not None:
            join(thread, 0.2)
            clock.now += timeout if thread.is_alive() else 0.0
        else:
            join(thread, timeout)

    monkeypatch.setattr(Path, "is_dir", look)
    monkeypatch.setattr(threading.Thread, "join", wait)
    monkeypatch.setattr(saving_places, "time", clock)
    monkeypatch.setattr(saving_places, "_late", {})
    yield clock, looked
    over.set()


def test_shares_that_do_not_answer_are_waited_for_once_and_all_together(
    hung: tuple[FakeClock, list[Path]], tmp_path: Path
) -> None:
    clock, looked = hung
    source = SavingFrom(tmp_path / "hung" / "a" / "x.mp4", tmp_path / "hung" / "b" / "s.semioscope")
    last = tmp_path / "hung" / "c"

    def propose() -> float:
        """The time until something is proposed."""
        began = clock.now
        assert proposed_place(SaveKind.REPORT, "report.pdf", str(last), source).parent == Path.home()
        return clock.now - began

    assert propose() == pytest.approx(0.3), "one time for all"
    assert sorted(looked) == [tmp_path / "hung" / name for name in "abc"]
    assert propose() == 0.0, "they are not looked for again"
    assert len(looked) == 3
    clock.now += 61.0
    assert propose() == pytest.approx(0.3)
    assert len(looked) == 6
    there = tmp_path / "there"
    there.mkdir()
    assert proposed_place(SaveKind.REPORT, "x.pdf", str(there), source).parent == there


def test_nothing_is_proposed_in_a_folder_of_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    demonstration = cache_folder() / "demonstration" / "demonstration.mp4"
    demonstration.parent.mkdir()
    assert folder_beside(SavingFrom(demonstration)) == Path.home()
    assert folder_beside(SavingFrom()) == Path.home()


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_is_one_file_in_the_folder(recording: str, study: str) -> None:
    source = SavingFrom(None if not recording else Path(recording), None, study)
    proposed = proposed_place(SaveKind.REPORT, "report.pdf", "", source, of_study=True)
    assert proposed.name.endswith("report.pdf")
    assert len(proposed.name) < 100
    assert proposed.parent in (Path.home(), folder_beside(source))


@pytest.mark.parametrize("folder", ["/proc", "/proc/self/fd", "/sys", "/dev"])
def test_no_dialog_begins_where_the_system_shows_itself(tmp_path: Path, folder: str) -> None:
    """Listing it would not end, in the thread of the window."""
    source = SavingFrom(tmp_path / "event.mp4")
    assert proposed_place(SaveKind.REPORT, "report.pdf", folder, source).parent == tmp_path
    assert folder_beside(SavingFrom(Path(folder) / "event.mp4")) == Path.home()
