"""Every fault that recordings have: each file opens, gives its frames and its sound, or says in one sentence
what is wrong; and what happens to a file while it is open is reported."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.recording import file_watch as watching
from app.core.recording.file_watch import FileNews, FileState, FileWatch
from app.core.recording.first_picture import first_picture
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.samples import SoundReader, read_samples
from app.core.recording.seekable_copy import write_seekable_copy
from app.core.recording.waveform import build_waveform
from tests.faulty_recordings import OPENED
from tests.media import beeps, number_in, tone, write_recording

CUT = {
    "truncated with its index in front": ("truncated", 1),
    "truncated fragments": ("", 0),
    "truncated transport stream": ("", 1),
}
"""What is said of files that end early, and how many frames before their last one cannot be decoded: those
between it and the reference that was cut off."""

SAID = {"resolution changes": {"time_jump"}, "sound longer": {"no_picture"}}


@pytest.mark.parametrize("name", OPENED)
def test_faulty_files_open_seek_and_sound(tmp_path: Path, name: str) -> None:
    recording = open_recording(OPENED[name](tmp_path))
    assert recording.video is not None
    said = {warning.code for warning in recording.warnings} - {"no_sound"}
    assert said == ({CUT[name][0]} - {""} if name in CUT else SAID.get(name, set()))
    with FrameReader(recording) as reader:
        seen = {frame.number: shown(recording, frame.image) for frame in reader.frames()}
        if name in CUT:
            assert list(seen.values()) == sorted(set(seen.values()))
            assert max(recording.video.n, max(seen.values()) + 1) - len(seen) <= CUT[name][1]
        else:
            assert seen == {number: number for number in range(recording.video.n)}
        for share in (0.9, 0.2, 0.55):
            again = reader.frame_at(share * recording.duration, alone=True)
            assert shown(recording, again.image) == seen[again.number]
    sound = read_samples(recording)
    assert len(sound) == round(recording.duration * 16_000)
    assert bool(sound.any()) is (recording.audio is not None)
    picture = first_picture(recording.path, (64, 64))
    assert picture is not None
    assert max(picture.image.shape[:2]) <= 64
    assert picture.size == (recording.video.width, recording.video.height)


def shown(recording: Recording, image: npt.NDArray[Any]) -> int:
    """The number in a picture as it is stored."""
    assert recording.video is not None
    return number_in(np.rot90(image, recording.video.rotation // 90))


@pytest.mark.parametrize("name", OPENED)
def test_faulty_files_are_exported(tmp_path: Path, name: str) -> None:
    """As a copy: the same frames, whole, and nothing left of it that is not."""
    recording = open_recording(OPENED[name](tmp_path))
    out = tmp_path / "out"
    out.mkdir()
    write_seekable_copy(recording, out / "copy.mp4")
    copy = open_recording(out / "copy.mp4")
    assert {warning.code for warning in copy.warnings} <= {"no_sound", *SAID.get(name, set())}
    with FrameReader(recording) as old, FrameReader(copy) as new:
        before = [shown(recording, frame.image) for frame in old.frames()]
        assert [shown(recording, frame.image) for frame in new.frames()] == before
    assert [path.name for path in out.iterdir()] == ["copy.mp4"]


def test_name_of_a_patient_stays_in_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    recording = open_recording(OPENED["name of a patient in the metadata"](tmp_path))
    with av.open(str(recording.path)) as container:
        assert "Doe" in container.metadata["title"]
    assert "Doe" not in repr(recording)
    write_seekable_copy(recording, tmp_path / "copy.mp4")
    assert b"Doe" not in (tmp_path / "copy.mp4").read_bytes()
    assert all(b"Doe" not in path.read_bytes() for path in cache_folder().rglob("*") if path.is_file())
    assert "Doe" not in caplog.text


def test_largest_pictures_open(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("mjpeg", rate=25)
        stream.width = stream.height = 8192
        stream.pix_fmt = "yuvj420p"
        grey = np.full((8192 * 3 // 2, 8192), 128, np.uint8)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="yuvj420p")))
        output.mux(stream.encode(None))
    recording = open_recording(path)
    assert recording.video is not None
    assert (recording.video.width, recording.video.height) == (8192, 8192)
    with FrameReader(recording, size=(640, 640)) as reader:
        assert reader.frame_at(0).image.shape == (640, 640, 3)


def woven(folder: Path, name: str, **how: Any) -> Path:
    """A bar that moves between the two fields of each frame."""
    pictures = []
    for number in range(20):
        picture = np.full((96, 128, 3), 30, np.uint8)
        picture[0::2, 4 * number : 4 * number + 20] = 220
        picture[1::2, 4 * number + 2 : 4 * number + 22] = 220
        pictures.append(picture)
    return write_recording(folder / name, pictures=pictures, **how)


FIELDS: dict[str, dict[str, Any]] = {
    "a.ts": {"codec": "mpeg2video", "options": {"flags": "+ildct+ilme", "bf": "0"}},
    "a.mp4": {"options": {"flags": "+ildct+ilme", "preset": "medium", "x264-params": "tff=1:keyint=12"}},
}


@pytest.mark.parametrize(("name", "how"), FIELDS.items())
def test_fields_are_made_into_pictures_of_one_moment(tmp_path: Path, name: str, how: dict[str, Any]) -> None:
    recording = open_recording(woven(tmp_path, name, **how))
    assert recording.video is not None
    assert recording.video.interlaced

    def combing(images: list[npt.NDArray[Any]]) -> float:
        lines = [image[:, :, 0].astype(int) for image in images]
        return float(np.mean([np.abs(2 * x[1:-1] - x[:-2] - x[2:]).mean() for x in lines]))

    with FrameReader(recording, deinterlace=False) as reader:
        as_stored = [frame.image for frame in reader.frames()]
    with FrameReader(recording) as reader:
        smooth = [frame.image for frame in reader.frames()]
        for number in (7, 3, 12, 19, 0):
            assert np.array_equal(reader.frame(number).image, smooth[number])
    assert len(smooth) == len(as_stored) == 20
    assert combing(smooth) < 0.2 * combing(as_stored)


def test_pictures_without_fields_are_left_alone(tmp_path: Path) -> None:
    video = open_recording(write_recording(tmp_path / "a.mp4")).video
    assert video is not None
    assert not video.interlaced


def two_tracks(path: Path) -> Path:
    """Left and right of the first track and the second track each have a different tone."""
    rate, seconds = 48_000, 2
    time = np.arange(rate * seconds) / rate
    tones = {hertz: 0.4 * np.sin(2 * np.pi * hertz * time) for hertz in (300, 600, 1200)}
    source = write_recording(path.with_name("picture.mp4"), frames=50)
    with av.open(str(source)) as picture, av.open(str(path), "w") as output:
        template = picture.streams.video[0]
        stream = output.add_stream_from_template(template)
        voices = [output.add_stream("pcm_s16le", rate=rate) for _ in range(2)]
        voices[0].layout, voices[1].layout = "stereo", "mono"
        voices[1].metadata.update({"title": "Nurse\u202e", "language": "deu"})
        for packet in picture.demux(template):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
        sounds = (np.stack([tones[300], tones[600]], axis=1), tones[1200][:, None])
        for voice, sound in zip(voices, sounds, strict=True):
            whole = np.rint(sound * 32_767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout=voice.layout.name)
            frame.sample_rate = rate
            output.mux(voice.encode(frame))
            output.mux(voice.encode(None))
    return path


def pitch(sound: npt.NDArray[Any], rate: int) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound[:rate])))) * rate / len(sound[:rate])


def test_every_track_and_channel_can_be_heard(tmp_path: Path) -> None:
    recording = open_recording(two_tracks(tmp_path / "a.mkv"))
    assert [(track.channels, track.title, track.language) for track in recording.tracks] == [
        (2, "", ""),
        (1, "Nurse", "deu"),
    ]
    assert recording.audio == recording.tracks[0]
    second = recording.with_track(1)
    assert second.audio == recording.tracks[1]
    assert pitch(read_samples(second), 16_000) == pytest.approx(1200, abs=5)
    for channel, hertz in ((0, 300), (1, 600), (9, 600)):
        with SoundReader(recording) as reader:
            blocks = [block.samples[:, 0] for block in reader.blocks(0.0, 16_000, 2, only=channel)]
        assert pitch(np.concatenate(blocks), 16_000) == pytest.approx(hertz, abs=5)
    one, other = build_waveform(recording), build_waveform(second)
    assert one is not None
    assert other is not None
    assert not np.array_equal(one.levels[0], other.levels[0])
    assert open_recording(recording.path).tracks == recording.tracks
    with pytest.raises(IndexError):
        recording.with_track(2)


def test_sound_can_be_read_again_and_again(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=75, sound=beeps(3, [0.5, 2.0])))
    with SoundReader(recording) as reader:
        for start in (1.9, 0.4, 0.4, 1.9):
            part = np.concatenate([block.samples[:, 0] for block in reader.blocks(start, 48_000, 1)])
            loud = np.flatnonzero(np.abs(part) > 0.2)
            assert loud[0] / 48_000 == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(
    ("written_as", "began"),
    [
        ("2026-03-01T10:20:30.000000Z", datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)),
        ("1904-01-01T00:00:00.000000Z", None),
        ("1970-01-01T00:00:00.000000Z", None),
        ("not a time", None),
        ("", None),
    ],
)
def test_start_of_day_is_that_of_the_camera(tmp_path: Path, written_as: str, began: datetime | None) -> None:
    metadata = {"creation_time": written_as} if written_as else None
    path = write_recording(tmp_path / "a.mkv", frames=5, metadata=metadata)
    assert open_recording(path).started_at == began
    assert open_recording(path).started_at == began


class News:
    def __init__(self) -> None:
        self.all: list[FileNews] = []
        self._come = threading.Condition()

    def __call__(self, news: FileNews) -> None:
        with self._come:
            self.all.append(news)
            self._come.notify_all()

    def wait(self, count: int) -> list[FileState]:
        with self._come:
            assert self._come.wait_for(lambda: len(self.all) >= count, 60)
        return [news.state for news in self.all]


def test_watch_tells_what_becomes_of_an_open_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_recording(tmp_path / "a.mp4")
    whole = path.read_bytes()
    news, begun, signature = News(), threading.Event(), watching.signature

    def noted(of: Path) -> watching.Signature:
        found = signature(of)
        begun.set()
        return found

    monkeypatch.setattr(watching, "signature", noted)
    watch = FileWatch(path, news, every=0.02)
    assert begun.wait(60)
    try:
        path.rename(tmp_path / "b.mp4")
        assert news.wait(1) == [FileState.VANISHED]
        (tmp_path / "b.mp4").rename(path)
        assert news.wait(2)[-1] is FileState.SAME
        os.truncate(path, len(whole) // 2)
        assert news.wait(3)[-1] is FileState.SHORTER
        path.write_bytes(whole + b"more")
        assert news.wait(4)[-1] is FileState.CHANGED
    finally:
        watch.close()
    assert all("a.mp4" in item.text and item.text.endswith(".") for item in news.all)


def test_a_file_that_went_before_the_first_look_is_said_and_said_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    path, news = tmp_path / "a.mp4", News()
    watch = FileWatch(path, news, every=0.02)
    try:
        assert news.wait(1) == [FileState.VANISHED]
        path.write_bytes(b"back")
        assert news.wait(2) == [FileState.VANISHED, FileState.SAME]
    finally:
        watch.close()


@pytest.mark.parametrize("damage", ["truncated", "replaced", "noise"])
def test_file_that_changes_while_open_never_crashes(tmp_path: Path, damage: str) -> None:
    path = write_recording(tmp_path / "a.ts", frames=200, sound=tone(8))
    recording = open_recording(path)
    with FrameReader(recording) as reader, SoundReader(recording) as sound:
        reader.frame_at(0.1)
        if damage == "truncated":
            os.truncate(path, path.stat().st_size // 3)
        elif damage == "replaced":
            path.write_bytes(write_recording(tmp_path / "b.ts", frames=20, codec="mpeg2video").read_bytes())
        else:
            path.write_bytes(np.random.default_rng(1).bytes(path.stat().st_size))
        for seconds in (7.0, 0.2, 3.0, 7.9):
            try:
                assert reader.frame_at(seconds).image.shape == (96, 128, 3)
            except UserError as error:
                assert str(error).endswith(".")  # noqa: PT017 - either is right, by what is left of the file
        try:
            assert all(len(block.samples) for block in sound.blocks(5.0, 16_000, 1))
        except UserError as error:
            assert str(error).endswith(".")  # noqa: PT017


def test_first_picture_refuses_as_opening_does(tmp_path: Path) -> None:
    (tmp_path / "x.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nother.ts\n")
    for path, words in ((tmp_path / "gone.mp4", "not found"), (tmp_path / "x.m3u8", "other files")):
        with pytest.raises(UserError, match=words):
            first_picture(path)


def test_another_file_of_the_same_length_has_changed_and_is_not_shorter(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"first")
    opened = watching.signature(path)
    assert watching.file_state(path, opened) is FileState.SAME
    for content, state in (
        (b"other", FileState.CHANGED),
        (b"long one", FileState.CHANGED),
        (b"a", FileState.SHORTER),
    ):
        path.write_bytes(content)
        os.utime(path, ns=(0, opened[1] + 1))
        assert watching.file_state(path, opened) is state
