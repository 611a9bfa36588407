"""The names of labels that were joined with a video: what they lead to, and what a damaged row costs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.core.evaluation.describe_patients import rows_by_key
from app.core.exchange.bundle import ReadRecording, bundle_of_study
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.import_readings import plan_import
from app.core.exchange.join_labels import join_labels
from app.core.exchange.label_joins import propose_joins
from app.core.exchange.match_recordings import Unmatched, match_recordings
from app.core.reading import RecordingIdentity
from app.core.same_names import recording_key
from app.core.semiology import Presence
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from app.core.study.without_video import fingerprint_without_video
from tests.core.study_cases import Clip, tick

OPEN = SealedFrom(())


def join(study: Study, labels: str, video: Clip) -> int:
    study.recording_without_video(labels)
    number = study.recording(video)
    (found,) = propose_joins(study, {video.path.stem.casefold(): recording_key(labels)}).joins
    join_labels(study, OPEN, found)
    return number


def test_a_joined_recording_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s", author="Ana") as study:
        join(study, "p01", Clip(tmp_path / "0017.mp4"))
        tick(study, study.recording(Clip(tmp_path / "b.mp4", "b" * 64)), "clonic", Presence.NO)
    with closing(sqlite3.connect(tmp_path / "s" / "study.sqlite")) as connection:
        connection.execute("UPDATE recordings SET duration = -1 WHERE fingerprint = ?", ("f" * 64,))
        connection.commit()
    with Study.open(tmp_path / "s", author="Ana") as study:
        assert study.joined_labels() == {}
        assert [row.name for row in study.recordings()] == ["b.mp4"]
        (path,) = export(bundle_of_study(study), tmp_path / "out", FORMATS["json"])
        assert plan_import(study, read(path, FORMATS["json"]), OPEN).same == 1
        assert list(rows_by_key(study)) == ["b"]
        assert study.faults()


def test_a_former_name_that_fits_several_recordings_is_never_guessed(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s", author="Ana") as study:
        one = join(study, "P01.mp4", Clip(tmp_path / "0017.mp4"))
        other = join(study, "p01.mov", Clip(tmp_path / "0018.mp4", "b" * 64))
        assert joined_to(study, "p01.MP4") == one
        assert joined_to(study, "ward/p01.mov") == other
        assert joined_to(study, "p01") is Unmatched.SEVERAL
        assert [row.id for row in rows_by_key(study)["p01"]] == [one, other]
        again = join(study, "p01.mp4", Clip(tmp_path / "0019.mp4", "c" * 64))
        alone = RecordingIdentity("P01.MP4", "", 0)
        entry = ReadRecording(alone, fingerprint=fingerprint_without_video("P01.MP4"))
        assert joined_to(study, "p01.mp4") == again
        assert matched(study, entry) is Unmatched.SEVERAL


def test_two_former_names_of_one_recording_are_no_doubt(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s", author="Ana") as study:
        number = join(study, "P01.mp4", Clip(tmp_path / "0017.mp4"))
        assert join(study, "p01.mov", Clip(tmp_path / "0017.mp4")) == number
        assert joined_to(study, "p01") == number
        assert [row.id for row in rows_by_key(study)["p01"]] == [number]


def joined_to(study: Study, name: str) -> int | Unmatched:
    return matched(study, ReadRecording(RecordingIdentity(name, "", 0)))


def matched(study: Study, entry: ReadRecording) -> int | Unmatched:
    (number,) = match_recordings([entry], study.recordings(), joined=study.joined_labels()).numbers
    return number
