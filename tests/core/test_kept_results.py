"""Benchmarks that go on after an interruption, and that count what they promise to count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.errors import UserError
from app.core.reading import Reading, RecordingIdentity, person
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Answer, Presence
from benchmarks import deidentify, hidden_text, kept_results, people, real_people
from benchmarks.benchmark import Options
from benchmarks.composites import Body
from benchmarks.kept_results import KeptResults, folder_of_code, hash_of_code, kept_poses
from benchmarks.real_people import VARIANTS, Clip
from tests.media import write_recording
from tests.ui.made_poses import a_pose_track


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))


def never() -> Any:
    raise AssertionError("it was measured before")


def test_what_was_measured_is_not_measured_again() -> None:
    kept = KeptResults("a")
    assert kept.result("one", lambda: {"n": 1}) == {"n": 1}
    with pytest.raises(ZeroDivisionError):
        kept.result("two", lambda: 1 // 0)
    assert kept.note == ()
    later = KeptResults("a")
    assert later.result("one", never) == {"n": 1}
    assert later.result("two", lambda: 2) == 2, "what failed is measured again"
    assert later.note == ("Of an earlier run of the same code: 1 results (--again measures anew).",)
    assert KeptResults("a", again=True).result("one", lambda: 3) == 3
    assert KeptResults("b").result("one", lambda: 4) == 4


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    KeptResults("a").result("one", lambda: 1)
    KeptResults("a").result("two", lambda: 2)
    (path,) = tmp_path.rglob("a-*.jsonl")
    path.write_text(path.read_text()[:-3])
    cut = KeptResults("a")
    assert cut.result("one", never) == 1
    assert cut.result("two", lambda: 5) == 5
    assert KeptResults("a").result("two", never) == 5


def test_results_of_other_code_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "repository"
    (root / "app" / "core").mkdir(parents=True)
    (root / "app" / "core" / "rule.py").write_text("LEAST = 1\n")
    monkeypatch.setattr(kept_results, "ROOT", root)
    hash_of_code.cache_clear()
    try:
        KeptResults("a").result("one", lambda: 1)
        before = folder_of_code("poses", "app/core")
        (root / "app" / "core" / "rule.py").write_text("LEAST = 2\n")
        hash_of_code.cache_clear()
        assert KeptResults("a").result("one", lambda: 2) == 2
        after = folder_of_code("poses", "app/core")
        assert after != before
        assert not before.exists()
        (root / "requirements.lock").write_text("numpy==2.0\n")
        hash_of_code.cache_clear()
        assert KeptResults("a").result("one", lambda: 3) == 3, "measured with another library"
        assert folder_of_code("poses", "app/core") != after
    finally:
        hash_of_code.cache_clear()


def test_poses_are_kept_and_the_home_comes_back(tmp_path: Path) -> None:
    with kept_poses() as home:
        (home / "pose").touch()
        assert home.is_relative_to(tmp_path / "home")
    with kept_poses() as again:
        assert (again / "pose").exists()


# people


def clip(name: str, seconds: float) -> Clip:
    columns = ("face_seen_share", "left_arm_seen", "right_arm_seen", "hips_seen", "legs_seen")
    return Clip(
        name, seconds, {one.id: frozenset({Presence.NO}) for one in FEATURES}, dict.fromkeys(columns, 0)
    )


def read_as(presence: Presence) -> Reading:
    answers = {one.id: Answer(one.id, presence) for one in FEATURES}
    return Reading(RecordingIdentity("a", "", 1.0), person("signal"), answers)


@pytest.fixture
def two_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path], Reading]], None]:
    """Two clips that are read as a function says."""
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"one")
    monkeypatch.setattr(people, "FOLDER", tmp_path)

    def read_by(read: Callable[[Path], Reading]) -> None:
        monkeypatch.setattr(people, "clips", lambda: (clip("b.mp4", 20.0), clip("a.mp4", 2.0)))
        monkeypatch.setattr(
            people, "variant_of", lambda source, variant, _folder: Path(f"{source.name}-{variant}")
        )
        monkeypatch.setattr(people, "reading_of", read)

    return read_by


def values(options: Options) -> dict[str, float]:
    return {row.what: row.value for row in people.run(options).rows}


def test_every_clip_is_read_in_every_variant_and_counted(two_clips: Any) -> None:
    two_clips(lambda _path: read_as(Presence.NO))
    found = values(Options())
    answers = 2 * len(VARIANTS) * len(FEATURES)
    assert found["clips and variants that were read"] == 2 * len(VARIANTS) == 18
    # Sounds of clips without sound are not assessable, and parts that were never seen are not denied.
    assert found[f"of {answers} answers are accepted"] == pytest.approx(100 * (1 - 2 * 2 / answers))
    assert found["no about parts that were never in the picture"] == 18 * 13
    assert found["crashes, of a reading or of one of its rules"] == 0
    two_clips(lambda _path: read_as(Presence.YES))
    again = people.run(Options(again=True, runs=1))
    assert {row.what: row.value for row in again.rows}["yes to a pathologic feature that nobody shows"] == 20
    assert not again.holds
    assert "A subset: 1 of 18 clips and variants." in again.notes


def test_an_interrupted_run_goes_on_and_a_crash_is_counted_and_tried_again(two_clips: Any) -> None:
    seen: list[str] = []

    def read(path: Path) -> Reading:
        seen.append(path.name)
        if path.name == "b.mp4-plain":
            raise UserError("The analysis ended.")
        if path.name == "a.mp4-dark":
            raise KeyboardInterrupt
        return read_as(Presence.NOT_ASSESSABLE)

    two_clips(read)
    with pytest.raises(KeyboardInterrupt):
        people.run(Options())
    assert seen[:2] == ["a.mp4-plain", "b.mp4-plain"], "the shortest first"
    found = people.run(Options(only="plain"))
    assert seen.count("a.mp4-plain") == 1
    assert seen.count("b.mp4-plain") == 2
    assert {row.what: row.value for row in found.rows}["crashes, of a reading or of one of its rules"] == 1
    assert any("Crashed: b.mp4 plain: UserError: The analysis ended." in note for note in found.notes)


def test_a_clip_in_place_of_another_is_read_anew(two_clips: Any, tmp_path: Path) -> None:
    seen: list[str] = []

    def read(path: Path) -> Reading:
        seen.append(path.name)
        return read_as(Presence.NO)

    two_clips(read)
    people.run(Options(only="plain"))
    (tmp_path / "b.mp4").write_bytes(b"another")
    people.run(Options(only="plain"))
    assert seen == ["a.mp4-plain", "b.mp4-plain", "b.mp4-plain"]


def test_a_variant_is_of_the_clip_that_is_there_now(tmp_path: Path) -> None:
    source = write_recording(tmp_path / "a.mp4", frames=5)
    before = real_people.variant_of(source, "dark", tmp_path)
    assert real_people.variant_of(source, "dark", tmp_path) == before
    write_recording(source, frames=10)
    after = real_people.variant_of(source, "dark", tmp_path)
    assert open_recording(after).duration > open_recording(before).duration


def test_a_rule_that_failed_is_a_crash(two_clips: Any) -> None:
    import logging

    def read(_path: Path) -> Reading:
        try:
            raise ZeroDivisionError("no frames")
        except ZeroDivisionError:
            logging.getLogger("app.core.readers").exception("the rule for tonic failed")
        return read_as(Presence.NOT_ASSESSABLE)

    two_clips(read)
    for _ in range(2):  # measured, and kept
        assert values(Options(runs=2))["crashes, of a reading or of one of its rules"] == 2


# hiding people


def test_a_body_stands_still_at_as_many_times_as_are_wanted() -> None:
    track = a_pose_track(2.0)
    body = Body(np.zeros((4, 4, 3), np.uint8), track, 1)
    moved = body.moved_to([0.1 * number for number in range(3 * len(track.times))])
    assert all(len(values) == len(moved.times) for name, values in moved.arrays().items() if name != "size")
    assert moved.confirmed.all()


def test_only_the_named_parts_are_de_identified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made: list[str] = []
    for name in ("b.mkv", "a.mp4", "notes.md"):
        (tmp_path / name).write_bytes(b"\0" * len(made))
    counted = {"checked": 24, "suspected": 0, "frames": 50, "coarse": 5, "text": 0.1, "told": 0, "sounds": 0}

    def of_clip(path: Path, *_rest: object) -> dict[str, float]:
        made.append(path.name)
        return counted

    monkeypatch.setattr(deidentify, "PEOPLE", tmp_path)
    monkeypatch.setattr(deidentify, "_of_clip", of_clip)
    found = deidentify.run(Options(only="a.mp4"))
    assert made == ["a.mp4"]
    assert found.notes[0] == "A subset: only what is called “a.mp4”."
    assert [row.value for row in found.rows] == [1, 0, 0, 0, 10.0]
    monkeypatch.setattr(deidentify, "_of_clip", lambda *_rest: never())
    assert deidentify.run(Options(only="a.mp4")).rows == found.rows


def test_without_a_reader_no_text_is_planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hidden_text, "installed_readers", lambda: ())
    monkeypatch.setattr(hidden_text, "_plant", lambda *_rest: never())
    found = deidentify.run(replace(Options(), only="planted text"))
    assert found.rows == ()
    assert any("Text was not tried" in note for note in found.notes)
