"""Further cameras as a study keeps them: the text of its history stays, whatever is added."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.recording.alignment import align_in_file
from app.core.recording.probe import open_recording
from app.core.study.cameras import Camera, cameras_from_json, cameras_to_json
from tests.media import tone, write_recording
from tests.odd_recordings import two_cameras

_STORED = '[{"fingerprint":"cc","name":"side.mp4","offset":0.5,"path":"../side.mp4"}]'


def test_the_text_of_a_camera_stays_and_a_track_is_added_to_it() -> None:
    camera = Camera("cc", "side.mp4", "../side.mp4", 0.5)
    assert cameras_to_json((camera,)) == _STORED
    assert cameras_from_json(_STORED) == (camera,)
    track = Camera("cc", "side.mp4", "../side.mp4", 0.5, 1)
    assert cameras_from_json(cameras_to_json((camera, track))) == (camera, track)
    assert camera.key != track.key


@pytest.mark.parametrize("track", ['"1"', "-1", "1.5", "true", "[]"])
def test_what_is_no_track_is_refused(track: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        cameras_from_json(_STORED.replace('"offset"', f'"track":{track},"offset"'))


def test_tracks_of_one_file_stand_as_its_time_stamps_say(tmp_path: Path) -> None:
    path = two_cameras(tmp_path / "a.mkv")
    assert align_in_file(open_recording(path), open_recording(path, picture=1)) == pytest.approx(
        0.0, abs=1e-3
    )
    late = write_recording(tmp_path / "b.mkv", frames=50, ticks=[3000 + 40 * n for n in range(50)])
    early = write_recording(tmp_path / "c.mkv", frames=50, sound=tone(2.0))
    offset = align_in_file(open_recording(early), open_recording(late))
    assert offset == pytest.approx(-3.0, abs=0.05)
