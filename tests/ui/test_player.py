"""The player and its decoder: the right frame, the right time, and no thread left."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.core.playback.device import NO_DEVICE, Unavailable
from app.core.playback.hearing import Hearing
from app.core.playback.sound import SoundOutput
from app.core.recording.file_watch import FileNews, FileState
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Span
from app.ui.player import heard as heard_module
from app.ui.player import player as player_module
from app.ui.player.player import Player
from tests.media import tone, write_recording
from tests.ui.player_cases import Watcher, opened, player, silent_recording
from tests.ui.watched_files import watch_often

__all__ = ["player", "silent_recording"]


def test_opening_shows_the_first_frame(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    watcher = opened(player, silent_recording, qtbot)
    assert watcher.frames == [(0, 0.0, 0)]
    assert watcher.size == (128, 96)
    assert not player.playing


def test_seeking_shows_exactly_the_frame(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    watcher = opened(player, silent_recording, qtbot)
    for seconds, number in ((1.0, 25), (0.53, 13), (2.99, 74), (99.0, 74), (-1.0, 0)):
        player.seek(seconds)
        qtbot.waitUntil(partial(watcher.shows, number))
        assert player.position == min(max(seconds, 0.0), silent_recording.duration)
        assert watcher.positions[-1] == player.position


def test_the_newest_of_many_wishes_wins(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    watcher = opened(player, silent_recording, qtbot)
    for number in range(74, 10, -1):
        player.seek(number / 25, exact=number % 2 == 0)
    player.seek(0.4)
    qtbot.waitUntil(lambda: watcher.last == 10)
    player.seek(2.0)
    qtbot.waitUntil(lambda: watcher.last == 50)
    shown = [number for number, _, _ in watcher.frames]
    assert shown[shown.index(10) :] == [10, 50]


def test_dragging_shows_keyframes_and_letting_go_the_frame(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    keys = {int(n) for n in silent_recording.index.number[silent_recording.index.video.key]}
    watcher = opened(player, silent_recording, qtbot)
    player.seek(1.31, exact=False)
    qtbot.waitUntil(lambda: len(watcher.frames) == 2)
    assert watcher.last in keys
    player.seek(1.31)
    qtbot.waitUntil(lambda: watcher.last == 32)


def test_steps_go_frame_by_frame_both_ways(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.seek(1.0)
    for step, number in ((1, 26), (-1, 25), (-1, 24), (-10, 14), (-99, 0), (-1, 0), (200, 74), (1, 74)):
        player.step(step)
        qtbot.waitUntil(partial(watcher.shows, number))
    assert player.position == pytest.approx(74 / 25)


def test_playing_shows_every_frame_in_order_and_ends(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.seek(2.0)
    player.play()
    qtbot.waitUntil(lambda: watcher.ends == 1)
    assert watcher.states == [True, False]
    played = [number for number, _, _ in watcher.frames if number >= 50]
    assert played == sorted(played)
    assert 1 <= len(set(played)) <= 25, "one that is due with a later one is left out"
    assert len(played) <= len(set(played)) + 1, "the first one was there before it played"
    assert player.position == silent_recording.duration
    assert watcher.positions == sorted(watcher.positions)
    assert watcher.texts == []
    player.play()
    qtbot.waitUntil(lambda: 0 < player.position < 1.0 and player.playing)


def test_pause_stays_on_the_frame_of_its_position(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.set_speed(0.5)
    player.play()
    qtbot.waitUntil(lambda: player.position > 0.3)
    player.pause()
    assert watcher.states == [True, False]
    at = player.position
    qtbot.waitUntil(lambda: watcher.last == int(at * 25 + 1e-6))
    assert player.position == at
    player.step(1)
    qtbot.waitUntil(lambda: watcher.last == int(at * 25 + 1e-6) + 1)
    assert not player.playing


def test_fastest_speed_gets_there(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.set_speed(99)
    assert player.speed == 8.0
    player.play()
    qtbot.waitUntil(lambda: watcher.ends == 1)
    qtbot.waitUntil(lambda: watcher.last == 74)


def test_loop_repeats_the_span(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.set_loop(Span(1.0, 1.2))
    player.seek(1.0)
    qtbot.waitUntil(lambda: watcher.last == 25)
    watcher.frames.clear()
    player.play()
    qtbot.waitUntil(lambda: len(watcher.frames) > 14)
    assert {number for number, _, _ in watcher.frames} <= {25, 26, 27, 28, 29}
    player.set_loop(None)
    qtbot.waitUntil(lambda: player.position > 1.5)


def test_changes_while_playing_go_on_from_where_it_is(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.set_speed(0.25)
    player.play()
    qtbot.waitUntil(lambda: player.position > 0.1)
    player.seek(2.0)
    qtbot.waitUntil(lambda: player.position > 2.05)
    watcher.frames.clear()
    player.seek(1.0, exact=False)
    qtbot.waitUntil(lambda: bool(watcher.frames))
    assert player.position == 1.0
    assert player.playing
    player.seek(1.0)
    player.set_speed(1.0)
    qtbot.waitUntil(lambda: player.position > 1.3)
    assert player.playing
    assert watcher.states == [True]


def test_pictures_are_made_to_measure(player: Player, silent_recording: Recording, qtbot: QtBot) -> None:
    player.set_size(64, 64)
    watcher = opened(player, silent_recording, qtbot)
    assert watcher.size == (64, 48)
    player.set_size(400, 400)
    qtbot.waitUntil(lambda: watcher.size == (128, 96))


def test_another_recording_can_be_opened(
    player: Player, silent_recording: Recording, qtbot: QtBot, tmp_path: Path
) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.play()
    other = open_recording(write_recording(tmp_path / "b.ts", frames=30, first=500))
    player.open(other)
    qtbot.waitUntil(lambda: watcher.last == 500)
    assert not player.playing
    assert player.position == 0.0
    player.seek(1.0)
    qtbot.waitUntil(lambda: watcher.last == 525)


def test_file_that_has_gone_is_told_in_a_sentence(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    watcher = Watcher(player)
    silent_recording.path.unlink()
    player.open(silent_recording)
    qtbot.waitUntil(lambda: len(watcher.texts) == 1)
    assert "a.mp4" in watcher.texts[0]
    player.play()
    player.seek(1.0)
    player.step(1)


def test_nothing_happens_without_a_recording(player: Player) -> None:
    player.play()
    player.pause()
    player.seek(1.0)
    player.step(1)
    player.set_speed(2.0)
    player.set_loop(Span(0, 1))
    player.sound.set_muted(True)
    assert not player.playing


def test_without_a_device_the_picture_plays_on_the_wall_clock(
    player: Player, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_device(_name: str | None) -> Any:
        raise Unavailable(NO_DEVICE)

    monkeypatch.setattr(
        heard_module,
        "SoundOutput",
        lambda recording, tell: SoundOutput(recording, tell, make_device=no_device),
    )
    recording = open_recording(write_recording(tmp_path / "s.mp4", frames=50, sound=tone(2)))
    watcher = opened(player, recording, qtbot)
    player.play()
    qtbot.waitUntil(lambda: watcher.ends == 1)
    assert watcher.texts == [NO_DEVICE]
    qtbot.waitUntil(lambda: watcher.last == 49)


def test_steps_back_are_decoded_before_they_are_asked_for(
    player: Player, qtbot: QtBot, tmp_path: Path
) -> None:
    recording = open_recording(write_recording(tmp_path / "g.mp4", frames=120, gop=30))
    watcher = opened(player, recording, qtbot)
    player.seek(4.7)
    qtbot.waitUntil(lambda: watcher.last == 117)
    for number in range(116, 20, -1):
        player.step(-1)
        qtbot.waitUntil(partial(watcher.shows, number))
    player.step(40)
    qtbot.waitUntil(lambda: watcher.last == 61)


def test_file_that_vanishes_is_told_and_comes_back(
    player: Player, silent_recording: Recording, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = watch_often(monkeypatch)
    news: list[FileNews] = []
    player.file_changed.connect(news.append)
    watcher = opened(player, silent_recording, qtbot)
    qtbot.waitUntil(watching.is_set)
    player.play()
    path = silent_recording.path
    path.rename(path.with_name("moved.mp4"))
    qtbot.waitUntil(lambda: len(news) == 1)
    assert news[0].state is FileState.VANISHED
    assert not player.playing
    assert watcher.texts == [news[0].text]
    path.with_name("moved.mp4").rename(path)
    qtbot.waitUntil(lambda: len(news) == 2)
    assert news[1].state is FileState.SAME
    player.seek(1.0)
    qtbot.waitUntil(lambda: watcher.last == 25)


def test_decoder_opens_a_file_that_is_there_again(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    path = silent_recording.path
    watcher = Watcher(player)
    path.rename(path.with_name("moved.mp4"))
    player.open(silent_recording)
    qtbot.waitUntil(lambda: len(watcher.texts) == 1)
    path.with_name("moved.mp4").rename(path)
    player.seek(1.0)
    qtbot.waitUntil(lambda: watcher.last == 25)


def test_drive_that_does_not_answer_holds_up_nothing(
    player: Player, silent_recording: Recording, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hangs(path: Path, **_patience: Any) -> Any:
        released.wait(60)
        raise OSError("the share is gone")

    monkeypatch.setattr(player_module, "_NO_ANSWER", 100)
    monkeypatch.setattr("app.core.recording.packet_walk.open_container", hangs)
    watcher = Watcher(player)
    beats: list[int] = []
    player.open(silent_recording)
    QTimer.singleShot(20, lambda: beats.append(1))
    qtbot.waitUntil(lambda: len(watcher.texts) == 1)
    assert "does not answer" in watcher.texts[0]
    assert beats == [1]
    player.seek(1.0)
    player.close()
    released.set()
    qtbot.waitUntil(lambda: "decoder" not in {thread.name for thread in threading.enumerate()})
    assert len(watcher.texts) == 1


class ToldSound:
    """A sound output that only notes what is asked of it."""

    level = 0.5

    def __init__(self, recording: Recording, tell: Any) -> None:
        self.recording, self.tell = recording, tell
        self.calls: list[tuple[Any, ...]] = []
        self.hearing: Any = None
        made.append(self)

    def set_hearing(self, hearing: Any) -> None:
        self.hearing = hearing

    def prepare(self, course: Any, offset: float) -> None:
        self.calls.append(("prepare", course.speed, offset))

    def snippet(self, seconds: float) -> None:
        self.calls.append(("snippet", seconds))

    def release(self) -> None:
        self.calls.append(("release",))

    def stop(self) -> None:
        pass

    def heard(self) -> float | None:
        return None

    def close(self) -> None:
        self.calls.append(("close",))


made: list[ToldSound] = []


def test_what_the_listener_sets_reaches_the_sound(
    player: Player, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.clear()
    monkeypatch.setattr(heard_module, "SoundOutput", ToldSound)
    recording = open_recording(write_recording(tmp_path / "s.mp4", frames=75, sound=tone(3)))
    player.sound.set_volume(0.5)
    watcher = opened(player, recording, qtbot)
    sound = made[-1]
    assert sound.hearing == Hearing(volume=0.5)
    player.sound.set_muted(True)
    player.sound.set_channel(1)
    player.sound.set_device("headphones")
    player.sound.set_volume(7.0)
    assert (
        sound.hearing
        == player.sound._hearing
        == Hearing(True, 1.0, "headphones", player.sound._hearing.taken)
    )
    profile = np.zeros(16_000, np.float32)
    player.sound.set_denoised(profile)
    assert sound.hearing is not None
    assert sound.hearing.taken.channel == 1
    assert sound.hearing.taken.profile is profile
    player.sound.set_offset(0.25)
    player.set_speed(0.5)
    player.play()
    qtbot.waitUntil(lambda: ("release",) in sound.calls)
    assert sound.calls[0] == ("prepare", 0.5, 0.25)
    player.set_speed(8.0)
    qtbot.waitUntil(lambda: watcher.ends == 1)
    assert ("prepare", 8.0, 0.25) not in sound.calls
    player.seek(1.0, exact=False)
    player.sound.set_scrub_sound(True)
    player.seek(1.5, exact=False)
    assert [call for call in sound.calls if call[0] == "snippet"] == [("snippet", 1.25)]
    sound.tell("no sound")
    sound.tell("")
    qtbot.waitUntil(lambda: watcher.texts == ["no sound", ""])
    player.open(recording)
    assert player.sound.offset == 0.0
    assert sound.calls[-1] == ("close",)


def test_slowest_speed_and_deinterlacing_can_be_set(
    player: Player, silent_recording: Recording, qtbot: QtBot
) -> None:
    watcher = opened(player, silent_recording, qtbot)
    player.set_speed(0.0)
    assert player.speed == pytest.approx(0.1)
    player.set_deinterlace(True)
    player.seek(1.0)
    qtbot.waitUntil(lambda: watcher.frames[-1][2] == 25)
    player.set_deinterlace(None)
    player.play()
    qtbot.waitUntil(lambda: player.position > 1.05)
