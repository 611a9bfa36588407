"""Raw or denoised sound while it plays: in step, without a gap, and told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.core.enhance.noise_profile import noise_profile
from app.core.playback.clock import Course
from app.core.playback.hearing import ALL_AS_RECORDED, Hearing, Taken
from app.core.playback.sound import SoundOutput
from app.core.playback.source import sound_from
from app.core.playback.stretch import course_sound
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.samples import SoundReader
from app.core.semiology import Span
from app.ui.dialogs.sound import SoundDialog
from app.ui.session.denoising import NO_QUIET_STRETCH, Denoised
from app.ui.session.session import Session
from app.ui.views.transport import TransportView
from tests.media import write_recording
from tests.ui.found_widgets import now
from tests.ui.session_cases import QuickReader, at_rest, opened, player_of, quick, recording_path
from tests.ui.sound_cases import RATE, FakeDevice, until

__all__ = ["quick", "recording_path"]

SECONDS = 8


def noisy_cry(seconds: float = SECONDS) -> NDArray[np.float32]:
    """A cry that rises from 400 to 800 Hz from 4 to 7 s, over noise, at 48 kHz."""
    time = np.arange(round(seconds * RATE)) / RATE
    since = time - 4.0
    cry = np.where((since >= 0) & (since < 3), 0.3 * np.sin(2 * np.pi * (400 + 67 * since) * since), 0.0)
    hiss = 0.03 * np.random.default_rng(2).standard_normal(len(time))
    noisy: NDArray[np.float32] = (cry + hiss).astype(np.float32)
    return noisy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    # Matroska rounds time stamps to milliseconds, QuickTime does not.
    return write_recording(
        tmp_path / "noisy.mov", frames=25 * SECONDS, sound=noisy_cry(), sound_codec="pcm_s16le"
    )


@pytest.fixture
def recording(path: Path) -> Recording:
    return open_recording(path)


@pytest.fixture
def cleaned(recording: Recording) -> Taken:
    profile = noise_profile(recording)
    assert profile is not None
    return Taken(profile=profile)


def heard(pieces: Iterator[NDArray[np.float32]], seconds: float) -> NDArray[np.float32]:
    """The first channel of so much sound."""
    parts, n = [], 0
    for piece in pieces:
        parts.append(piece[:, 0])
        n += len(piece)
        if n >= seconds * RATE:
            break
    sound: NDArray[np.float32] = np.concatenate(parts)[: round(seconds * RATE)]
    return sound


def lag(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Seconds by which the second is late, at most 20 ms; sub-sample places do not matter."""
    reach = RATE // 50
    likeness = [
        float(np.dot(first[reach:-reach], np.roll(second, -shift)[reach:-reach]))
        for shift in range(-reach, reach + 1)
    ]
    return (int(np.argmax(likeness)) - reach) / RATE


def level(sound: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


@pytest.mark.parametrize("start", [0.0, 3.9037, 4.01])
def test_denoised_sound_is_where_the_recorded_one_is(
    recording: Recording, cleaned: Taken, start: float
) -> None:
    with SoundReader(recording) as reader:
        raw = heard(sound_from(reader, start, RATE), 1.5)
        clean = heard(sound_from(reader, start, RATE, cleaned), 1.5)
    assert len(clean) == len(raw)
    at_cry = slice(round(max(4.1 - start, 0) * RATE), None)
    if start > 0:
        assert abs(lag(raw[at_cry], clean[at_cry])) <= 1.5 / 16_000
        assert level(clean[at_cry]) == pytest.approx(level(raw[at_cry]), rel=0.2)
    else:
        assert level(clean) < 0.5 * level(raw)


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_the_cry_is_heard_in_its_place_at_every_speed(
    recording: Recording, cleaned: Taken, speed: float
) -> None:
    course = Course(3.0, speed, float(SECONDS))
    with SoundReader(recording) as reader:
        clean = heard(course_sound(reader, course, RATE, 0.0, cleaned), 2.5 / speed)
    smooth = np.convolve(np.abs(clean), np.ones(960) / 960, "same")
    assert np.flatnonzero(smooth > 0.1)[0] / RATE == pytest.approx(1.0 / speed, abs=0.03 / min(speed, 1.0))


def test_a_loop_is_denoised_around_its_end(recording: Recording, cleaned: Taken) -> None:
    course = Course(4.5, 1.0, float(SECONDS), Span(4.5, 5.0))
    with SoundReader(recording) as reader:
        clean = heard(course_sound(reader, course, RATE, 0.0, cleaned), 1.6)
    laps = clean[: 3 * RATE // 2].reshape(3, -1)
    assert np.abs(laps - laps[0]).max() < 1e-4
    assert level(clean) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


def test_the_sound_is_switched_while_it_plays_without_gap_and_in_step(
    recording: Recording, cleaned: Taken
) -> None:
    device, course = FakeDevice(), Course(4.2, 1.0, float(SECONDS))
    sound = SoundOutput(recording, lambda _: None, make_device=lambda _: device)
    try:
        sound.prepare(course)
        until(lambda: sound._ring is not None)
        sound.release()
        ring = sound._ring
        assert ring is not None
        out = []

        def play(seconds: float) -> None:
            for _ in range(round(seconds * 100)):
                until(lambda: ring.written - ring.read >= RATE // 100)
                out.append(device.take(RATE // 100)[:, 0])

        play(0.8)
        sound.set_hearing(Hearing(taken=cleaned))
        until(lambda: hiss(_ahead(ring)) < 0.01)
        play(0.8)
        sound.set_hearing(Hearing())
        until(lambda: hiss(_ahead(ring)) > 0.2)
        play(0.8)
    finally:
        sound.close()
    assert ring.read == sum(map(len, out)), "the clock was disturbed"
    played = np.concatenate(out)
    with SoundReader(recording) as reader:
        raw = heard(course_sound(reader, course, RATE), 2.4)
    parts = played.reshape(3, -1)
    for part, recorded in zip(parts, raw.reshape(3, -1), strict=True):
        assert abs(lag(recorded, part)) <= 1.5 / 16_000
    assert [hiss(part[RATE // 5 :]) > 0.1 for part in parts] == [True, False, True]
    assert min(map(level, played.reshape(-1, RATE // 100))) > 0.15, "a gap can be heard"
    assert np.abs(np.diff(played - raw, 2)).max() < 1.0, "a click can be heard"


def hiss(sound: NDArray[np.float32]) -> float:
    """The loudness of the noise alone: differences of differences leave nothing of the cry."""
    return level(np.diff(sound, 4))


def _ahead(ring: object) -> NDArray[np.float32]:
    """What will be heard from a tenth of a second ahead on."""
    first = ring.read + RATE // 10  # type: ignore[attr-defined]
    places = np.arange(first, max(ring.written, first + 480)) % ring._length  # type: ignore[attr-defined]
    return np.asarray(ring._samples[places, 0])  # type: ignore[attr-defined]


def test_another_channel_is_heard_without_a_new_course(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "b.mkv", sound=noisy_cry(2.0), channels=2))
    device = FakeDevice()
    sound = SoundOutput(recording, lambda _: None, make_device=lambda _: device)
    try:
        sound.prepare(Course(0.0, 2.0, 2.0))
        sound.release()
        until(lambda: sound._ring is not None)
        ring = sound._ring
        device.take(480)
        sound.set_hearing(Hearing(taken=Taken(channel=1)))
        sound.set_hearing(Hearing(taken=ALL_AS_RECORDED))
        until(lambda: ring is not None and ring.room < RATE // 5)
        assert sound._ring is ring
        assert np.abs(device.take(4800)).max() > 0.02
    finally:
        sound.close()


# the window


def test_switching_is_told_kept_and_reaches_the_player(
    qtbot: QtBot, quick: type[QuickReader], path: Path
) -> None:
    with opened(qtbot, path) as session:
        view = TransportView(session)
        dialog = SoundDialog(session)
        qtbot.addWidget(view)
        qtbot.addWidget(dialog)
        assert view._denoised.isHidden()
        session.sound.set_denoised(True)
        assert dialog.denoised.isChecked()
        assert now(session.sound.denoised) is Denoised.LOOKING
        qtbot.waitUntil(lambda: session.sound.denoised is Denoised.ON)
        assert view._denoised.text() == "denoised"
        ((first,), *_rest) = player_of(session).said("set_denoised")[-1:]
        assert first is not None
        dialog.denoised.setChecked(False)
        assert session.sound.denoised is Denoised.RAW
        assert view._denoised.isHidden()
        assert player_of(session).said("set_denoised")[-1] == (None,)


def test_sound_without_a_quiet_stretch_stays_raw_and_says_so(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        view = TransportView(session)
        qtbot.addWidget(view)
        session.sound.set_denoised(True)
        qtbot.waitUntil(lambda: session.sound.denoised is Denoised.UNABLE)
        assert session.status.message == NO_QUIET_STRETCH
        assert view._denoised.text() == "not denoised"
        assert all(profile is None for (profile,) in player_of(session).said("set_denoised"))


def test_a_further_camera_is_not_called_denoised(
    qtbot: QtBot, quick: type[QuickReader], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, path) as session:
        view = TransportView(session)
        qtbot.addWidget(view)
        session.sound.set_denoised(True)
        qtbot.waitUntil(lambda: session.sound.denoised is Denoised.ON)
        session.sound.hear(object())  # type: ignore[arg-type]  # the stand-in hears anything
        assert view._denoised.text() == "not denoised"
        session.sound.hear(None)
        assert view._denoised.text() == "denoised"


def test_another_recording_is_heard_as_recorded(
    qtbot: QtBot, quick: type[QuickReader], path: Path, recording_path: Path
) -> None:
    with opened(qtbot, path) as session:
        session.sound.set_denoised(True)
        qtbot.waitUntil(lambda: session.sound.denoised is Denoised.ON)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: _name(session) == recording_path.name)
        at_rest(qtbot, session)
        assert session.sound.denoised is Denoised.RAW
        assert not session.picture.presentation.streams.denoised
        assert player_of(session).said("set_denoised")[-1] == (None,)


def _name(session: Session) -> str:
    return session.opened.recording.name if session.opened.recording is not None else ""


def test_nothing_is_denoised_without_sound(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> None:
    with opened(qtbot, write_recording(tmp_path / "silent.mp4")) as session:
        session.sound.set_denoised(True)
        assert session.sound.denoised is Denoised.RAW
        assert session.status.line == "this recording has no sound"


def test_the_source_ends_where_the_sound_ends(recording: Recording, cleaned: Taken) -> None:
    with SoundReader(recording) as reader:
        raw = sum(map(len, islice(sound_from(reader, 6.0, RATE), 500)))
        clean = sum(map(len, islice(sound_from(reader, 6.0, RATE, cleaned), 500)))
    assert clean == pytest.approx(raw, abs=RATE // 100)
