"""What a model is shown: made in a separate process, whole or not there, and without the patient's name."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import subprocess
import sys
import types
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from app.core.clips.clip import INDEX_NAME, Clip, ClipOptions, ClipSpec, clips_from_json, stored_clips
from app.core.clips.clip_maker import make_clips
from app.core.clips.clip_preparation import prepare_clips, sweep_unfinished
from app.core.clips.picture_clips import ALL_COARSE, NO_FACE, NO_PICTURE
from app.core.clips.sound_clips import NO_SOUND, SILENT
from app.core.enhance import transcript
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import FACE_POINTS, PoseTrack
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress
from app.core.phantom.demonstration import demo_script
from app.core.phantom.render import phantom_frame
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.request_plan import AskingMode, clip_specs, requests
from app.core.recording import analysis_process
from app.core.recording.analysis_process import CRASH_VARIABLE, start
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from tests.media import tone, write_recording

NAME = "Mustermann_Erika_1970"
PLAIN = ClipOptions(pose=False, face=False, denoise=False, cover_bystanders=False)
SECONDS = 2.0


def write_phantom(path: Path) -> Path:
    script = demo_script()
    pictures = [np.ascontiguousarray(phantom_frame(script, number / 10)[:, :, ::-1]) for number in range(20)]
    height, width = pictures[0].shape[:2]
    return write_recording(
        path,
        rate=10,
        size=(width, height),
        pictures=pictures,
        sound=tone(SECONDS, level=0.2),
        metadata={"title": NAME, "comment": str(path)},
    )


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_phantom(tmp_path_factory.mktemp("ward") / f"{NAME}.mp4")


@pytest.fixture
def plain(tmp_path: Path) -> Recording:
    """A recording in which nobody is, with sound."""
    return open_recording(write_recording(tmp_path / f"{NAME}.mp4", frames=50, sound=tone(SECONDS)))


def all_pieces(recording: Recording) -> tuple[ClipSpec, ...]:
    return clip_specs(requests(recording.duration))


def by_kind(clips: tuple[Clip, ...]) -> dict[Enhancement, Clip]:
    return {clip.enhancement: clip for clip in clips}


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The analysis processes that were started."""
    started: list[str] = []
    start = analysis_process.start

    def remember(module: str) -> subprocess.Popen[bytes]:
        started.append(module.rpartition(".")[2])
        return start(module)

    monkeypatch.setattr(analysis_process, "start", remember)
    return started


def test_a_phantom_is_shown_enhanced_and_nameless(
    phantom: Path, tmp_path: Path, processes: list[str]
) -> None:
    recording = open_recording(phantom)
    folder = tmp_path / "reading" / "clips"
    clips = prepare_clips(recording, all_pieces(recording), folder, options=ClipOptions())
    shown = by_kind(clips)
    assert set(shown) == set(Enhancement)
    for kind in (Enhancement.POSE, Enhancement.FACE):
        assert shown[kind].enhanced
        assert shown[kind].seen > 0.9
        assert shown[kind].unusable == ""
        assert [moment for moment, _ in shown[kind].pictures] == [0, 500, 1000, 1500]
        with av.open(str(folder / str(shown[kind].video))) as film:
            assert sum(1 for _ in film.decode(video=0)) == 4
            assert film.streams.video[0].average_rate == 2
    with wave.open(str(folder / str(shown[Enhancement.SOUND].sound))) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (16_000, 1)
        assert sound.getnframes() / 16_000 == pytest.approx(recording.duration, abs=0.01)
    if os.name != "nt":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {
        INDEX_NAME,
        *(n for clip in clips for n in clip.files),
    }
    for path in folder.iterdir():
        content = path.read_bytes()
        for told in (NAME, "Mustermann", str(phantom.parent), recording.fingerprint[:16]):
            assert told.encode() not in content or path.name == INDEX_NAME, path.name
    assert NAME not in (folder / INDEX_NAME).read_text()
    assert [path.name for path in folder.parent.iterdir()] == ["clips"]
    assert processes == ["pose_process", "clip_process"]
    assert prepare_clips(recording, all_pieces(recording), folder, options=ClipOptions()) == clips
    assert len(processes) == 2


def test_the_films_carry_no_metadata(plain: Recording, tmp_path: Path) -> None:
    (clip,) = prepare_clips(plain, all_pieces(plain)[:1], tmp_path / "r" / "clips", options=PLAIN)
    with av.open(str(tmp_path / "r" / "clips" / str(clip.video))) as film:
        assert set(film.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        assert set(film.streams.video[0].metadata) <= {"language", "handler_name", "vendor_id"}
    jpeg = (tmp_path / "r" / "clips" / clip.pictures[0][1]).read_bytes()
    assert b"Exif" not in jpeg


def test_switched_off_it_is_the_recording_as_it_is(
    plain: Recording, tmp_path: Path, processes: list[str]
) -> None:
    clips = prepare_clips(plain, all_pieces(plain), tmp_path / "r" / "clips", options=PLAIN)
    assert processes == ["clip_process"], "nobody is looked for"
    assert not any(clip.enhanced or clip.unusable for clip in clips)
    sound = by_kind(clips)[Enhancement.SOUND]
    folder = tmp_path / "r" / "clips"
    assert (folder / str(sound.sound)).read_bytes() == (folder / str(sound.raw_sound)).read_bytes()


def test_other_options_or_a_damaged_folder_are_made_anew(
    plain: Recording, tmp_path: Path, processes: list[str]
) -> None:
    folder, wanted = tmp_path / "r" / "clips", all_pieces(plain)
    first = prepare_clips(plain, wanted, folder, options=PLAIN)
    prepare_clips(plain, wanted, folder, options=dataclasses.replace(PLAIN, side=32))
    assert len(processes) == 2
    picture = folder / by_kind(first)[Enhancement.POSE].pictures[0][1]
    for damage in (b"", None):
        picture.write_bytes(damage) if damage is not None else picture.unlink()
        assert stored_clips(folder) is None
        prepare_clips(plain, wanted, folder, options=PLAIN)
        assert stored_clips(folder) is not None


@pytest.mark.parametrize("text", ["", "[]", '{"format": "x"}', '{"format": "semioscope-clips/1"}'])
def test_a_list_that_is_none_counts_as_no_clips(text: str, tmp_path: Path) -> None:
    (tmp_path / INDEX_NAME).write_text(text)
    assert stored_clips(tmp_path) is None


def test_a_list_cannot_name_files_elsewhere(plain: Recording, tmp_path: Path) -> None:
    folder = tmp_path / "r" / "clips"
    prepare_clips(plain, all_pieces(plain)[:1], folder, options=PLAIN)
    data = json.loads((folder / INDEX_NAME).read_text())
    data["clips"][0]["video"] = f"../../{NAME}.mp4"
    with pytest.raises(ValueError, match="outside"):
        clips_from_json(json.dumps(data))


def stopped(cancel: CancelToken) -> Callable[[Progress], None]:
    return lambda _progress: cancel.cancel()


def test_cancel_and_crash_leave_nothing(
    plain: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, folder = CancelToken(), tmp_path / "r" / "clips"
    with pytest.raises(Cancelled):
        prepare_clips(plain, all_pieces(plain), folder, options=PLAIN, report=stopped(cancel), cancel=cancel)
    assert list(folder.parent.iterdir()) == []
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    with pytest.raises(UserError, match="nothing was sent"):
        prepare_clips(plain, all_pieces(plain), folder, options=PLAIN)
    assert list(folder.parent.iterdir()) == []


def test_what_a_killed_program_left_is_swept(plain: Recording, tmp_path: Path) -> None:
    left = tmp_path / "r" / ".unfinished-0123456789abcdef"
    left.mkdir(parents=True)
    (left / "0000-pose-000.jpg").write_bytes(b"a face")
    prepare_clips(plain, all_pieces(plain)[:1], tmp_path / "r" / "clips", options=PLAIN)
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["clips"]
    sweep_unfinished(tmp_path / "nothing here")


def test_a_folder_that_cannot_be_written_is_a_sentence(plain: Recording, tmp_path: Path) -> None:
    (tmp_path / "r").write_text("a file")
    with pytest.raises(UserError, match="could not be written"):
        prepare_clips(plain, all_pieces(plain), tmp_path / "r" / "clips", options=PLAIN)


def test_a_changed_recording_is_refused(plain: Recording, tmp_path: Path) -> None:
    write_recording(plain.path, frames=20)
    with pytest.raises(UserError, match="changed"):
        prepare_clips(plain, all_pieces(plain), tmp_path / "r" / "clips", options=PLAIN)


# what cannot be shown


def blind_track(recording: Recording) -> PoseTrack:
    """A track in which nobody was found."""
    assert recording.video is not None
    n = recording.video.n
    return PoseTrack(
        recording.video.times,
        recording.video.width,
        recording.video.height,
        np.full((n, 33, 3), np.nan, np.float32),
        np.full((n, 33, 3), np.nan, np.float32),
        np.full((n, len(FACE_POINTS), 3), np.nan, np.float32),
        np.zeros(n, np.int16),
        np.zeros(n, np.float32),
    )


UNCOVERED = ClipOptions(cover_bystanders=False)


def made(
    recording: Recording, folder: Path, track: PoseTrack | None = None, options: ClipOptions = UNCOVERED
) -> dict[Enhancement, Clip]:
    folder.mkdir()
    return by_kind(make_clips(recording, track, all_pieces(recording), options=options, folder=folder))


def test_a_face_that_was_never_seen_cannot_be_judged_but_the_room_can(
    plain: Recording, tmp_path: Path
) -> None:
    clips = made(plain, tmp_path / "c", blind_track(plain))
    assert clips[Enhancement.FACE].unusable == NO_FACE
    assert clips[Enhancement.POSE].unusable == ""
    assert not clips[Enhancement.POSE].enhanced
    assert clips[Enhancement.POSE].people is None


def test_where_bystanders_are_covered_and_the_patient_is_not_known_nothing_can_be_judged(
    plain: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.clips.covering._eyes", lambda: (types.SimpleNamespace(find=lambda _: ()),))
    clips = made(plain, tmp_path / "c", blind_track(plain), ClipOptions())
    assert clips[Enhancement.FACE].unusable == NO_FACE
    assert clips[Enhancement.POSE].unusable == ALL_COARSE
    people = clips[Enhancement.POSE].people
    assert people is not None
    assert people.uncertain == people.blank == people.pictures == len(clips[Enhancement.POSE].pictures)


def test_no_sound_and_silence_cannot_be_judged(tmp_path: Path) -> None:
    mute = open_recording(write_recording(tmp_path / "mute.mp4", frames=20))
    assert made(mute, tmp_path / "a")[Enhancement.SOUND].unusable == NO_SOUND
    silence = np.zeros(48_000, np.float32)
    silent = open_recording(write_recording(tmp_path / "silent.mp4", frames=20, sound=silence))
    assert made(silent, tmp_path / "b")[Enhancement.SOUND].unusable == SILENT


def test_no_picture_cannot_be_judged(plain: Recording, tmp_path: Path) -> None:
    clips = made(dataclasses.replace(plain, video=None), tmp_path / "c")
    assert clips[Enhancement.POSE].unusable == clips[Enhancement.FACE].unusable == NO_PICTURE
    assert clips[Enhancement.SOUND].unusable == ""


# the plan's pieces


def test_a_request_holds_what_was_made_for_it(plain: Recording, tmp_path: Path) -> None:
    plan = requests(plain.duration, mode=AskingMode.PER_FEATURE, feature_rates=True)
    folder = tmp_path / "r" / "clips"
    source = ClipFolder(folder, prepare_clips(plain, clip_specs(plan), folder, options=PLAIN), PLAIN)
    for request in plan:
        material = source.media(request, CancelToken())
        assert source.cannot_show(request) == ""
        assert not material.enhanced
        if request.enhancement is Enhancement.SOUND:
            assert material.sound is not None
            assert material.pictures == ()
        else:
            assert material.fps == request.fps
            assert len(material.pictures) == round(request.segment.span.duration * request.fps)
            assert material.video is not None
    one, other, *_ = {request.spec: request for request in plan}.values()
    kept = source.media(one, CancelToken())
    assert source.media(other, CancelToken()) is not kept
    assert source.media(one, CancelToken()) is kept, "it is read once for questions about the same clip"
    for request in plan:
        source.media(request, CancelToken())
    assert source.media(one, CancelToken()) is not kept, "the media of a whole recording do not stay"
    for request in plan:  # so that the first is no longer kept
        source.media(request, CancelToken())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        source.media(plan[0], cancel)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        source.media(plan[0], CancelToken())
    with pytest.raises(UserError, match="do not fit"):
        ClipFolder(folder, (), PLAIN).cannot_show(plan[0])


# transcripts, with a stand-in for faster-whisper, which is an extra


@pytest.fixture
def whisper(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A stand-in for the module; what it was asked."""
    asked: dict[str, Any] = {}

    class WhisperModel:
        def __init__(self, folder: str, **options: Any) -> None:
            if (Path(folder) / "model.bin").read_bytes() == b"damaged":
                raise RuntimeError("unsupported model binary version")
            asked.update(options)

        def transcribe(self, sound: npt.NDArray[Any], **options: Any) -> tuple[list[Any], None]:
            asked.update(options, samples=len(sound), dtype=sound.dtype)
            said = [(0.5, 1.25, " Mir geht es\u202e gut. "), (1000.0, 1001.0, "Thanks for watching!")]
            return [types.SimpleNamespace(start=start, end=end, text=text) for start, end, text in said], None

    module = types.ModuleType(transcript.MODULE)
    module.WhisperModel = WhisperModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, transcript.MODULE, module)
    monkeypatch.setattr(transcript, "find_spec", lambda _name: object())
    return asked


def test_a_transcript_is_made_offline_from_the_named_folder(
    plain: Recording, tmp_path: Path, whisper: dict[str, Any]
) -> None:
    (tmp_path / "speech").mkdir()
    for name in transcript.NEEDED:
        (tmp_path / "speech" / name).write_bytes(b"weights")
    (tmp_path / "c").mkdir()
    options = dataclasses.replace(UNCOVERED, denoise=False, transcript=str(tmp_path / "speech"))
    clips = make_clips(plain, None, all_pieces(plain), options=options, folder=tmp_path / "c")
    assert by_kind(clips)[Enhancement.SOUND].transcript == "[0.5–1.2 s] Mir geht es gut."
    assert whisper["local_files_only"] is True
    assert whisper["vad_filter"] is True
    assert whisper["dtype"] == np.float32
    assert whisper["samples"] == round(plain.duration * 16_000)


def test_a_missing_extra_or_model_is_a_sentence(
    tmp_path: Path, whisper: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="name its folder"):
        transcript.check_transcript("")
    with pytest.raises(UserError, match="no speech model"):
        transcript.transcriber(str(tmp_path))
    for name in transcript.NEEDED:
        with pytest.raises(UserError, match="no speech model"):
            transcript.transcriber(str(tmp_path))
        (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(UserError, match="could not be loaded"):
        transcript.transcriber(str(tmp_path))
    monkeypatch.setattr(transcript, "find_spec", lambda _name: None)
    with pytest.raises(UserError, match=r"semioscope\[transcript\]"):
        transcript.check_transcript(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="there the process is started at a low priority")
def test_the_process_gives_way_from_its_start() -> None:
    process = start("app.core.clips.clip_process")
    try:
        assert os.getpriority(os.PRIO_PROCESS, process.pid) >= 10
    finally:
        process.kill()
        process.wait()


def test_the_window_never_imports_what_makes_the_clips() -> None:
    code = (
        "import sys, app.core.clips.clip_preparation, app.core.readers.models.reader,"
        "app.core.readers.models.connection;"
        "print([n for n in ('cv2', 'noisereduce', 'mediapipe', 'faster_whisper') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
