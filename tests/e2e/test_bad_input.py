"""Bad input at the command line, in the real program: one sentence, exit code 1, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.enhance.pose_track import NOBODY_FOUND
from app.core.reading import Reading, from_json
from app.core.recording.analysis_process import CRASH_VARIABLE
from app.core.semiology import FEATURES, Group, Presence, in_group
from tests.e2e.program import PATIENCE, ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(own_folders: Path) -> Run:
    """Runs `semioscope` with arguments in a separate process."""

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "SEMIOSCOPE_HOME": str(own_folders)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    return call


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a refusal, after checking that it is one."""
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert done.stdout == ""
    told = [line for line in done.stderr.splitlines() if line.startswith("semioscope: ")]
    assert len(told) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert told[0].endswith(".")
    return told[0]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def random_bytes(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(50_000))


def text(path: Path) -> None:
    path.write_text("This is a letter, not a recording.\n" * 200, encoding="utf-8")


def playlist(path: Path) -> None:
    path.write_text("#EXTM3U\n#EXTINF:10,\n/etc/hostname\n", encoding="utf-8")


def folder(path: Path) -> None:
    path.mkdir()


BROKEN: dict[str, Callable[[Path], None]] = {
    "missing.mp4": lambda path: None,
    "empty.mp4": empty,
    "random.mkv": random_bytes,
    "letter.avi": text,
    "playlist.m3u8": playlist,
    "playlist as.mp4": playlist,
    "folder.mp4": folder,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_recording_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    BROKEN[name](path)
    done = run("analyze", path)
    assert name in refused(done)
    assert len(done.stderr.splitlines()) == 1


def test_a_recording_cut_before_its_index_is_refused(run: Run, brief: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    with av.open(str(brief)) as source, av.open(str(cut), "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    whole = cut.read_bytes()
    cut.write_bytes(whole[: whole.rindex(b"moov") - 4])
    assert "cut.mp4" in refused(run("probe", cut))


def test_a_truncated_recording_shows_its_readable_part(run: Run, brief: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    whole = brief.read_bytes()
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    done = run("probe", cut)
    assert done.returncode == 0
    assert "truncated" in done.stdout
    answers = analysed(run, cut)
    assert 0.5 < answers.recording.duration < 3.0


def analysed(run: Run, path: Path) -> Reading:
    """The reading that the command line gives of a recording it can read."""
    done = run("analyze", path, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    reading = from_json(done.stdout)
    assert set(reading.answers) == {feature.id for feature in FEATURES}
    assert all(answer.presence is not None and answer.explanation for answer in reading.answers.values())
    return reading


def test_without_sound_the_sound_cannot_be_assessed(run: Run, brief: Path, tmp_path: Path) -> None:
    mute = tmp_path / "mute.mp4"
    with av.open(str(brief)) as source, av.open(str(mute), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    reading = analysed(run, mute)
    for feature in in_group(Group.SOUND):
        assert reading.answer(feature.id).presence is Presence.NOT_ASSESSABLE


def test_sound_without_a_picture_is_refused(run: Run, brief: Path, tmp_path: Path) -> None:
    blind = tmp_path / "blind.m4a"
    with av.open(str(brief)) as source, av.open(str(blind), "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert "no picture" in refused(run("analyze", blind))


def test_a_picture_without_a_person_is_not_assessable_never_no(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty room.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        wall = np.full((240, 320, 3), 120, np.uint8)
        for _ in range(45):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(wall, "bgr24")))
        container.mux(stream.encode())
    done = run("analyze", path, "--json", "-")
    assert done.returncode == 0, done.stderr
    reading = from_json(done.stdout)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.NOT_ASSESSABLE}
    told = [line for line in done.stderr.splitlines() if line.startswith("semioscope: ")]
    assert told == ["semioscope: This recording has no sound.", f"semioscope: {NOBODY_FOUND}"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is the folder that not even root can write to")
def test_an_unwritable_folder_is_told(run: Run, brief: Path) -> None:
    assert "cannot be written" in refused(run("analyze", brief, "--json", "/proc/out.json"))
    assert "cannot be written" in refused(run("report", brief, "--out", "/proc/page.html"))
    refused(run("analyze", brief, "--study", "/proc/study"))


@pytest.mark.parametrize("option", ["--json", "--study"])
def test_a_place_below_a_file_is_told(run: Run, brief: Path, tmp_path: Path, option: str) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, not a folder", encoding="utf-8")
    done = run("analyze", brief, option, blocked / "out")
    refused(done)
    assert blocked.read_text(encoding="utf-8") == "a file, not a folder"


def test_a_study_from_a_newer_version_is_left_as_it_is(run: Run, brief: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(brief, tmp_path))
    study = tmp_path / "study"
    assert run("analyze", copy, "--study", study).returncode == 0
    (database,) = study.glob("*.sqlite")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 999")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = database.read_bytes()
    assert "newer" in refused(run("analyze", copy, "--study", study))
    assert database.read_bytes() == before


def test_a_crash_of_the_analysis_process_is_one_sentence(
    run: Run, brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    sentence = refused(run("analyze", brief, "--json", tmp_path / "out.json"))
    assert "failed" in sentence
    assert not (tmp_path / "out.json").exists()
