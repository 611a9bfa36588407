"""Frames that are kept: few while a recording is played once, all that have room at rest and in a loop."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.core.freed_memory import QuietMoment
from app.core.playback.clock import Course
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording
from app.core.semiology import Span
from app.ui.player import decoder as decoder_module
from app.ui.player.player import Player
from tests.ui.player_cases import opened, player, silent_recording

__all__ = ["player", "silent_recording"]


def test_the_player_keeps_few_frames_only_while_it_plays_once(
    player: Player, silent_recording: Recording, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    keep_at_most = FrameReader.keep_at_most

    def told(reader: FrameReader, keep: int) -> None:
        kept.append(keep)
        keep_at_most(reader, keep)

    monkeypatch.setattr(FrameReader, "keep_at_most", told)
    opened(player, silent_recording, qtbot)
    at_rest, playing = decoder_module._KEPT_BYTES, decoder_module._KEPT_WHILE_PLAYING
    assert kept[-1] == at_rest > playing
    player.play()
    qtbot.waitUntil(lambda: kept[-1] == playing)
    player.pause()
    qtbot.waitUntil(lambda: kept[-1] == at_rest)
    player.set_loop(Span(1.0, 1.2))
    kept.clear()
    player.play()
    qtbot.waitUntil(lambda: player.position > 1.0)
    assert set(kept) == {at_rest}, "a loop comes back to its frames"


@pytest.fixture
def tidied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads in which a quiet moment was used, which is called so after no time."""
    used: list[str] = []
    monkeypatch.setattr(decoder_module, "QUIET", 0.0)
    monkeypatch.setattr(QuietMoment, "use", lambda *_: used.append(threading.current_thread().name))
    return used


def test_what_was_freed_is_given_back_once_nothing_is_wanted(
    player: Player, silent_recording: Recording, qtbot: QtBot, tidied: list[str]
) -> None:
    opened(player, silent_recording, qtbot)
    qtbot.waitUntil(lambda: tidied == ["decoder"])
    player.seek(0.5)
    qtbot.waitUntil(lambda: len(tidied) == 2)


def test_nothing_is_given_back_after_a_step_back(
    silent_recording: Recording, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tidied: list[str]
) -> None:
    kept: list[int] = []
    keep_before = FrameReader.keep_before

    def told(reader: FrameReader, number: int) -> None:
        keep_before(reader, number)
        kept.append(number)

    monkeypatch.setattr(FrameReader, "keep_before", told)
    decoder = decoder_module.Decoder(silent_recording)
    decoder.start()
    try:
        decoder.show(1.0, exact=True)
        qtbot.waitUntil(lambda: len(tidied) == 1)
        decoder.show(1.0 - 2 / 25, exact=True)
        qtbot.waitUntil(lambda: len(kept) == 2)
        qtbot.wait(round(decoder_module._IDLE * 2000))
        assert len(tidied) == 1
    finally:
        decoder.close()


def test_requests_and_frames_that_are_played_put_a_quiet_moment_off(
    silent_recording: Recording, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tidied: list[str]
) -> None:
    threads: set[str] = set()
    monkeypatch.setattr(QuietMoment, "put_off", lambda *_: threads.add(threading.current_thread().name))
    decoder = decoder_module.Decoder(silent_recording)
    decoder.start()
    try:
        decoder.show(1.0, exact=True)
        qtbot.waitUntil(lambda: len(tidied) == 1)
        assert threads == {"MainThread"}
        decoder.play(Course(0.0, 1.0, 2.0), lambda: 0.0)
        qtbot.waitUntil(decoder.primed)
        assert "decoder" in threads
    finally:
        decoder.close()


def test_what_is_too_much_goes_at_once_and_comes_back(silent_recording: Recording) -> None:
    with FrameReader(silent_recording, size=(64, 48)) as reader:
        for number in range(20):
            reader.frame(number)
        size = reader._store._bytes // 20
        reader.keep_at_most(5 * size)
        assert sorted(reader._store._frames) == [15, 16, 17, 18, 19]
        reader.keep_at_most(50 * size)
        reader.keep_before(19)
        assert sorted(reader._store._frames) == list(range(20))
        assert reader.frame(3).number == 3
