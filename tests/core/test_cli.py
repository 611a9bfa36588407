"""The command line, in this process: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

import app
from app import cli
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.readers.local_readers import LOCAL_READERS
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, from_json
from app.core.recording.recording import Recording
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.store import Study

Run = Callable[..., tuple[int, str, str]]
IDENTITY = ReaderIdentity(ReaderKind.SIGNAL, "stand-in", "1")


def make_clip(path: Path, *, frames: int = 20, sound: bool = True) -> Path:
    """`frames` pictures at 10 Hz, each a little lighter, with silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "10", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        audio = container.add_stream("aac", rate=16000, layout="mono") if sound else None
        for number in range(frames):
            image = np.full((120, 160, 3), 20 + number * 10, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode())
        if audio:
            samples = np.zeros((1, frames * 1600), np.float32)
            block = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            block.sample_rate = 16000
            container.mux(audio.encode(block))
            container.mux(audio.encode())
    return path


class StandInReader:
    """Answers at once; `stop` is called in the middle of its work."""

    identity = IDENTITY

    def __init__(self, stop: Callable[[], None] = lambda: None) -> None:
        self._stop = stop

    def read(self, recording: Recording, *, report: Report, cancel: CancelToken) -> Reading:
        report(Progress("Finding the pose", 0.5))
        self._stop()
        cancel.check()
        return Reading(
            RecordingIdentity(recording.name, "ab" * 32, recording.duration),
            IDENTITY,
            {"clonic": Answer("clonic", Presence.YES, 87, (Span(0.5, 1.5),), None, "3.1 Hz")},
        )


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line with the stand-in reader: exit code, stdout, stderr."""
    monkeypatch.setitem(LOCAL_READERS, "signal", lambda _patient: StandInReader())

    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in argv])
        return code, *capsys.readouterr()

    return call


def one_line(stderr: str) -> str:
    """The one line that was printed."""
    (line,) = stderr.splitlines()
    assert line.startswith("semioscope: ")
    return line


# usage


def test_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"semioscope {app.__version__}\n", "")
    code, out, _ = run("--help")
    assert code == 0
    assert all(name in out for name in cli.COMMANDS)


@pytest.mark.parametrize(
    "argv",
    [
        ("analyze",),
        ("probe", "a", "b"),
        ("analyze", "a.mp4", "--patient", "0.5,0,0.2,1"),
        ("analyze", "a.mp4", "--patient", "0,0,nan,1"),
        ("analyze", "a.mp4", "--patient", "1,2"),
        ("analyze", "a.mp4", "--reader", "oracle"),
        ("frame", "a.mp4", "--at", "-1", "--out", "a.png"),
        ("frame", "a.mp4", "--at", "inf", "--out", "a.png"),
        ("phantom", "--seed", "1", "--out", "a.mp4", "--size", "63x480"),
        ("phantom", "--seed", "1", "--out", "a.mp4", "--duration", "0"),
        ("--nonsense",),
    ],
)
def test_usage_errors_end_with_2_and_write_nothing(
    run: Run, argv: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*argv)
    assert code == 2
    assert out == ""
    assert "usage: semioscope" in err
    assert list(tmp_path.iterdir()) == []


def test_unknown_feature_names_the_valid_ones(run: Run) -> None:
    code, _, err = run("phantom", "--seed", 1, "--out", "a.mp4", "--features", "clonic,sneezing")
    assert code == 2
    assert "unknown feature sneezing" in err
    assert all(feature.id in err for feature in FEATURES)


# analyze


def test_analyze_prints_the_table_and_writes_json(run: Run, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "reading.json"
    code, stdout, stderr = run("analyze", clip, "--json", out)
    assert code == 0
    assert "Clonic" in stdout
    assert "87 %" in stdout
    assert "Finding the pose" in stderr
    reading = from_json(out.read_text(encoding="utf-8"))
    assert reading.answer("clonic").evidence == (Span(0.5, 1.5),)
    assert len(json.loads(out.read_text(encoding="utf-8"))["answers"]) == 20


def test_json_on_stdout_is_nothing_but_json(run: Run, clip: Path) -> None:
    code, stdout, stderr = run("analyze", clip, "--json", "-")
    assert code == 0
    assert from_json(stdout).reader == IDENTITY
    assert "Clonic" in stderr


def test_a_study_keeps_the_reading(run: Run, clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    assert run("analyze", clip, "--study", folder)[0] == 0
    assert run("analyze", clip, "--study", folder)[0] == 0
    with Study.open(folder, author="test", create=False) as study:
        (reading,) = study.readings(1, viewer=None)
    assert reading.reader == IDENTITY
    assert reading.answer("clonic").confidence == 87
    assert reading.recording.sha256 == "ab" * 32


def test_a_newer_study_is_refused_before_the_work(run: Run, clip: Path, tmp_path: Path) -> None:
    import sqlite3

    folder = tmp_path / "study"
    assert run("analyze", clip, "--study", folder)[0] == 0
    (database,) = folder.glob("*.sqlite")
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = database.read_bytes()
    code, stdout, stderr = run("analyze", clip, "--study", folder)
    assert (code, stdout) == (1, "")
    assert "newer" in one_line(stderr)
    assert database.read_bytes() == before


def test_an_unwritable_place_is_told_before_the_work(run: Run, clip: Path, tmp_path: Path) -> None:
    code, stdout, stderr = run("analyze", clip, "--json", tmp_path / "no" / "such" / "out.json")
    assert (code, stdout) == (1, "")
    assert "cannot be written" in one_line(stderr)
    code, _, stderr = run("analyze", clip, "--json", tmp_path)
    assert code == 1
    assert "is a folder" in one_line(stderr)


@pytest.mark.parametrize(
    "name", ["-dash.mp4", "--json.mp4", "with space.mp4", "Anfall Größe 😴.mp4", 'it\'s "q".mp4']
)
def test_any_name_works(run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_clip(tmp_path / name)
    code, stdout, _ = run("probe", name, "--json")
    assert code == 0
    assert json.loads(stdout)["video"]["frames"] == 20
    assert run("analyze", "--json", "out.json", "--", name)[0] == 0
    assert from_json(Path("out.json").read_text(encoding="utf-8")).recording.name == name


# probe, frame, report


def test_probe_json_is_what_other_programs_rely_on(run: Run, clip: Path) -> None:
    code, stdout, _ = run("probe", clip, "--json")
    data = json.loads(stdout)
    assert code == 0
    assert abs(data["duration"] - 2.0) < 0.2
    video = data["video"]
    assert (video["codec"], video["width"], video["height"], video["frames"]) == ("h264", 160, 120, 20)
    assert np.allclose(video["timestamps"], np.arange(20) / 10, atol=0.05)
    assert data["audio"]["codec"] == "aac"
    assert data["warnings"] == []


def test_probe_reads_well(run: Run, tmp_path: Path) -> None:
    code, stdout, _ = run("probe", make_clip(tmp_path / "mute.mp4", sound=False))
    assert code == 0
    assert "h264, 160×120" in stdout
    assert "sound     none" in stdout


@pytest.mark.parametrize(("at", "grey"), [(0, 20), (0.95, 110), (1.05, 120), (1.99, 210)])
def test_frame_is_the_one_on_screen(run: Run, clip: Path, tmp_path: Path, at: float, grey: int) -> None:
    import cv2

    out = tmp_path / "frame.png"
    code, stdout, _ = run("frame", clip, "--at", at, "--as-recorded", "--out", out)
    assert code == 0
    assert stdout.startswith(f"frame {(grey - 20) // 10} at ")
    image = cv2.imread(str(out))
    assert image is not None
    assert image.shape == (120, 160, 3)
    assert abs(float(image.mean()) - grey) < 4


def test_frame_after_the_end_is_the_inputs_fault(run: Run, clip: Path, tmp_path: Path) -> None:
    code, _, stderr = run("frame", clip, "--at", 99, "--out", tmp_path / "frame.png")
    assert code == 1
    assert "only" in one_line(stderr)
    assert not (tmp_path / "frame.png").exists()


def test_report_goes_into_a_folder_or_a_file(run: Run, clip: Path, tmp_path: Path) -> None:
    code, stdout, _ = run("report", clip, "--out", tmp_path / "pages")
    assert code == 0
    page = tmp_path / "pages" / "clip.html"
    assert stdout.strip() == str(page)
    assert "data:image/jpeg;base64," in page.read_text(encoding="utf-8")
    assert run("report", clip, "--out", tmp_path / "a.html", "--no-pictures")[0] == 0
    assert "data:image" not in (tmp_path / "a.html").read_text(encoding="utf-8")


# ends


def test_a_bug_is_logged_and_told_in_one_line(
    run: Run, clip: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_patient: object) -> StandInReader:
        raise ZeroDivisionError("a detail")

    monkeypatch.setitem(LOCAL_READERS, "signal", broken)
    code, stdout, stderr = run("analyze", clip)
    assert (code, stdout) == (70, "")
    assert "ZeroDivisionError" in one_line(stderr)
    (record,) = [record for record in caplog.records if record.name == "app.cli"]
    assert record.exc_info is not None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("how", [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, True)])
def test_interrupted_work_leaves_nothing(
    run: Run,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: tuple[signal.Signals, bool],
) -> None:
    number, noticed = how

    def stop() -> None:
        os.kill(os.getpid(), number)
        if not noticed:
            raise UserError("The analysis failed.")  # as when the signal ended the analysis process first

    monkeypatch.setitem(LOCAL_READERS, "signal", lambda _patient: StandInReader(stop))
    before = signal.getsignal(number)
    code, stdout, stderr = run("analyze", clip, "--json", tmp_path / "out.json")
    assert (code, stdout) == (130, "")
    assert "Stopped" in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert signal.getsignal(number) is before


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe is closed differently on Windows")
def test_a_reader_who_leaves_is_no_error(clip: Path) -> None:
    root = Path(app.__file__).parent.parent
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "probe", str(clip), "--json"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 141
    assert b"Traceback" not in stderr
    assert b"BrokenPipe" not in stderr


# the window


@pytest.mark.parametrize("argv", [(), ("clip.mp4",), ("open", "clip.mp4")])
def test_without_a_display_the_window_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    monkeypatch.setattr("app.commands.open.has_display", lambda: False)
    code, _, stderr = run(*argv)
    assert code == 1
    assert "no display" in one_line(stderr)


@pytest.mark.parametrize(
    ("argv", "file"), [((), None), (("a b.mp4",), Path("a b.mp4")), (("open", "x"), Path("x"))]
)
def test_a_bare_file_opens_the_window(
    run: Run, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], file: Path | None
) -> None:
    opened: list[Path | None] = []
    monkeypatch.setattr("app.commands.open.has_display", lambda: True)

    def open_window(path: Path | None) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("app.commands.open.open_window", open_window)
    assert run(*argv)[0] == 0
    assert opened == [file]


@pytest.mark.parametrize(
    ("typed", "meant"), [("analyse", "analyze"), ("reports", "report"), ("exprot", "export")]
)
def test_a_mistyped_command_is_not_taken_for_a_file(run: Run, typed: str, meant: str) -> None:
    for argv in ((typed,), (typed, "seizure.mp4")):
        code, stdout, stderr = run(*argv)
        assert (code, stdout) == (2, "")
        assert f"did you mean “semioscope {meant}”?" in one_line(stderr)


def test_an_unknown_word_is_an_error_of_the_command_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.commands.open.has_display", lambda: False)
    code, stdout, stderr = run("frobnicate")
    assert (code, stdout) == (2, "")
    said = one_line(stderr)
    assert "There is no command “frobnicate” and no such file" in said
    assert all(name in said for name in cli.COMMANDS)
    assert "display" not in said
    code, _, stderr = run("frob.mp4")
    assert (code, "no display" in one_line(stderr)) == (1, True), "a file may be on a share that is away"


def test_a_folder_with_a_name_like_a_command_is_opened(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[Path | None] = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    monkeypatch.setattr("app.commands.open.has_display", lambda: True)

    def open_window(path: Path | None) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("app.commands.open.open_window", open_window)
    assert run("reports")[0] == 0
    assert opened == [Path("reports")]


def test_the_command_line_starts_without_qt_and_heavy_libraries() -> None:
    code = (
        "import sys; from app.cli import main; main(['--version']); "
        "print(sorted({'PySide6', 'pyqtgraph', 'cv2', 'mediapipe', 'scipy', 'av'} & set(sys.modules)))"
    )
    root = Path(app.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[1:] == ["[]"]
