"""What belongs to an EEG and to a recording: files found beside each other, proposals, warnings, gaps."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.eeg.day_of_video import SHORTEST_GAP, PlacedVideo, gaps_between, videos_beside
from app.core.eeg.eeg_beside import eegs_beside
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.eeg_recording import Annotation
from app.core.eeg.record_scan import first_timeline
from app.core.eeg.sync import Sync
from app.core.eeg.sync_options import (
    MOST_ANNOTATIONS,
    Basis,
    annotation_options,
    clock_options,
    eeg_extent,
    in_order,
    pairing_warnings,
    recording_extent,
    sound_option,
)
from app.core.eeg.sync_proposals import FileExtent
from app.core.jobs import CancelToken
from app.core.recording.file_times import file_times
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from tests.core.eeg_files import SECRETS, Channel, Plan, edf
from tests.media import SOUND_RATE, write_recording
from tests.ui.eeg_cases import write_eeg

TEN = datetime(2026, 3, 2, 10, 0, 0)  # noqa: DTZ001 - EDF has local times
MINUTE = FileExtent(TEN + timedelta(seconds=20), 60.0)


def _stamped(path: Path, began: datetime, frames: int = 50) -> Path:
    """A recording whose container states its start in UTC."""
    plain = write_recording(path.with_name("plain.mp4"), frames=frames)
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        target.metadata["creation_time"] = began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    plain.unlink()
    return path


# options


def test_start_times_propose_with_their_reason_and_uncertainty() -> None:
    options = in_order(clock_options(FileExtent(TEN, 3600.0), MINUTE, "clip.mp4"))
    first = options[0]
    assert first.basis is Basis.START_TIMES
    assert first.proposal.sync == Sync(-20.0)
    assert first.proposal.uncertainty == 60.0
    assert "2026-03-02 10:00:00" in first.proposal.reason
    assert "2026" not in first.origin, "what is stored holds no date"
    assert options[1].proposal.sync is None
    assert "no date and time" in options[1].proposal.reason


def test_the_name_of_the_file_proposes_where_the_recording_states_nothing() -> None:
    options = clock_options(FileExtent(TEN, 3600.0), FileExtent(None, 60.0), "ward_20260302_100130.mp4")
    found = {one.basis: one.proposal for one in options}
    assert found[Basis.START_TIMES].sync is None
    assert found[Basis.FILE_NAME].sync == Sync(-90.0)


def test_an_eeg_whose_date_was_removed_is_compared_by_the_time_of_day() -> None:
    bare = FileExtent(datetime(1985, 1, 1, 23, 59, 0), 3600.0)  # noqa: DTZ001 - EDF has local times
    after_midnight = FileExtent(datetime(2026, 3, 3, 0, 5, 0), 60.0)  # noqa: DTZ001
    (by_times, by_name) = clock_options(bare, after_midnight, "ward_20260303_000500.mp4")
    for one in (by_times, by_name):
        assert one.proposal.sync == Sync(-360.0)
        assert any("date of the EEG was removed" in warning for warning in one.proposal.warnings)


def test_a_utc_start_and_a_removed_date_meet_in_the_zone_of_the_eeg() -> None:
    bare = FileExtent(datetime(1985, 1, 1, 10, 0, 0), 3600.0)  # noqa: DTZ001 - EDF has local times
    zone = datetime(2026, 3, 2, tzinfo=UTC).astimezone().tzinfo
    began = datetime(2026, 3, 2, 10, 0, 20, tzinfo=zone).astimezone(UTC)
    (by_times, _by_name) = clock_options(bare, FileExtent(began, 60.0), "a.mp4", zone)
    assert by_times.proposal.sync == Sync(-20.0)


def test_another_day_asks_and_no_overlap_is_said() -> None:
    options = clock_options(FileExtent(TEN + timedelta(days=3), 3600.0), MINUTE, "clip.mp4")
    assert all(one.proposal.sync is None for one in options)
    warnings = pairing_warnings(Sync(0.0), FileExtent(TEN, 3600.0), MINUTE, options)
    assert any("another patient" in warning for warning in warnings)
    (alone,) = pairing_warnings(Sync(70.0), FileExtent(None, 3600.0), FileExtent(None, 60.0))
    assert "do not overlap" in alone
    (part,) = pairing_warnings(Sync(-3590.0), FileExtent(None, 3600.0), FileExtent(None, 60.0))
    assert "10.0 s of the recording's 60.0 s" in part
    assert pairing_warnings(Sync(-100.0), FileExtent(None, 3600.0), FileExtent(None, 60.0)) == ()


def test_of_many_videos_starts_those_near_the_clocks_are_proposed() -> None:
    notes = [Annotation(at * 10**9, None, "Video start\n\u202eX") for at in range(0, 3600, 60)]
    notes.append(Annotation(5, None, "Spasm"))
    guess = clock_options(FileExtent(TEN, 3600.0), FileExtent(TEN + timedelta(minutes=30), 60.0), "a.mp4")
    options = annotation_options(notes, 60.0, guess)
    assert len(options) == MOST_ANNOTATIONS
    assert options[0].proposal.sync == Sync(-1800.0)
    assert "\u202e" not in options[0].proposal.reason
    assert "X" not in options[0].origin, "the text of a file is not stored with the sync"
    assert annotation_options([Annotation(5, None, "Spasm")], 60.0) == ()


def test_the_sound_proposes(tmp_path: Path) -> None:
    rate, seconds = 1000, 100
    noise = np.random.default_rng(3)
    level = np.repeat(noise.random(seconds * 10) ** 4, rate // 10)
    sound = (noise.standard_normal(len(level)) * level * 8000).astype(int).clip(-32000, 32000)
    plan = Plan(
        kind="EDF",
        channels=(Channel("Audio", per_record=rate, stored=tuple(sound.tolist())),),
        onsets=tuple(Fraction(one) for one in range(seconds)),
        annotation_channels=0,
    )
    path = tmp_path / "a.edf"
    path.write_bytes(edf(plan))
    heard = np.repeat(sound[20 * rate : 80 * rate] / 32768.0, SOUND_RATE // rate).astype(np.float32)
    clip = open_recording(write_recording(tmp_path / "a.mp4", frames=1500, sound=heard))
    with opened_eeg(path) as file:
        option = sound_option(file, first_timeline(file), clip)
        assert option.proposal.sync is not None, option.proposal.reason
        assert option.proposal.sync.offset == pytest.approx(-20.0, abs=0.05)
        guessed = sound_option(file, first_timeline(file), clip, Sync(-25.0))
        assert guessed.proposal.sync is not None
        assert guessed.proposal.sync.offset == pytest.approx(-20.0, abs=0.05)


def test_without_sound_nothing_is_proposed(tmp_path: Path) -> None:
    clip = open_recording(write_recording(tmp_path / "a.mp4", frames=25))
    with opened_eeg(write_eeg(tmp_path / "a.edf")) as file:
        option = sound_option(file, first_timeline(file), clip)
    assert option.proposal.sync is None
    assert "no channel of sound" in option.proposal.reason


# EEG files beside a recording


def test_the_eeg_that_overlaps_comes_first_and_links_are_not_followed(tmp_path: Path) -> None:
    clip = tmp_path / "day" / "ward_20260302_100130.mp4"
    clip.parent.mkdir()
    write_recording(clip, frames=50)
    right = write_eeg(clip.parent / "EEG" / "x1.edf", seconds=600, started=TEN)
    named = write_eeg(clip.parent / "ward_20260302_100130.edf", started=TEN + timedelta(days=40))
    other = write_eeg(tmp_path / "eeg" / "old.EDF", started=TEN - timedelta(days=400))
    (clip.parent / "broken.edf").write_bytes(b"0       " + b" " * 600)
    (clip.parent / "notes.txt").write_text("0       ")
    far = write_eeg(tmp_path / "share" / "far.edf", started=TEN)
    if os.name != "nt":
        (clip.parent / "linked.edf").symlink_to(far)
        os.mkfifo(clip.parent / "pipe.edf")
    found = eegs_beside(clip, recording_extent(open_recording(clip)))
    assert [one.path for one in found] == [right, named, other]
    assert [one.meets for one in found] == [True, False, False]
    assert [one.same_name for one in found] == [False, True, False]
    assert found[0].words == "overlaps by the file name"
    assert not any(secret in repr(found) for secret in SECRETS)


def test_a_folder_that_cannot_be_read_has_no_eeg(tmp_path: Path) -> None:
    assert eegs_beside(tmp_path / "gone" / "clip.mp4", FileExtent(None, 1.0)) == ()


def test_the_search_can_be_cancelled(tmp_path: Path) -> None:
    from app.core.errors import Cancelled

    write_eeg(tmp_path / "a.edf")
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        eegs_beside(tmp_path / "clip.mp4", FileExtent(None, 1.0), cancel=token)


# videos beside an EEG


def test_the_videos_of_a_day_are_placed_and_the_gaps_are_listed(tmp_path: Path) -> None:
    path = write_eeg(tmp_path / "day.edf", seconds=120, started=TEN)
    for at in ("100010", "100012", "100100"):
        write_recording(tmp_path / f"ward_20260302_{at}.mp4", frames=50)
    write_recording(tmp_path / "ward_20260401_100000.mp4", frames=25)
    write_recording(tmp_path / "nameless.mp4", frames=25)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with opened_eeg(path) as file:
        extent = eeg_extent(file, first_timeline(file))
    day = videos_beside(path, extent)
    assert [(one.start, one.end) for one in day.videos] == [(10.0, 12.0), (12.0, 14.0), (60.0, 62.0)]
    assert day.gaps == (Span(0.0, 10.0), Span(14.0, 60.0), Span(62.0, 120.0))
    why = {one.path.name: one.why for one in day.unplaced}
    assert set(why) == {"broken.mp4", "nameless.mp4", "ward_20260401_100000.mp4"}
    assert "another patient" in why["ward_20260401_100000.mp4"]


def test_overlapping_videos_leave_no_gap_between_them() -> None:
    videos = [
        PlacedVideo(Path(f"{number}.mp4"), start, end, 1.0, "")
        for number, (start, end) in enumerate([(-5.0, 3.0), (1.0, 20.0), (2.0, 4.0), (20.0, 20 + 1e-3)])
    ]
    assert gaps_between(videos, 30.0) == (Span(20.001, 30.0),)
    assert gaps_between(videos, 20.0 + SHORTEST_GAP / 2) == ()
    assert gaps_between([], 30.0) == (Span(0.0, 30.0),)


def test_the_container_states_start_and_duration(tmp_path: Path) -> None:
    path = _stamped(tmp_path / "a.mp4", datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC))
    times = file_times(path)
    assert times.started_at == datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
    assert times.duration == pytest.approx(2.0, abs=0.1)
