"""De-identified clips: no name before a person has confirmed, a row in the ledger for each, nothing left."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.core.atomic import has_unfinished
from app.core.deidentify import prepared_clips
from app.core.deidentify.clip_choice import (
    ClipStretch,
    FaceHiding,
    HidingChoice,
    choice_from_dict,
    choice_to_dict,
    chosen_stretch,
    describe_hiding,
)
from app.core.deidentify.clip_ledger import (
    WAITING,
    WAITING_CLIPS,
    confirm_waiting,
    describe_waiting,
    waiting_clip,
    waiting_sheet,
)
from app.core.deidentify.prepared_clips import (
    PreparedClips,
    describe_prepared,
    prepare_deidentified,
    target_of,
)
from app.core.errors import Cancelled, UserError
from app.core.folders import settings_folder
from app.core.hiding.voices import VoiceHiding
from app.core.jobs import CancelToken, no_report
from app.core.picture_box import Box
from app.core.privacy.ledger import WRITTEN, Ledger
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from app.core.study.store import Study
from tests.core.deidentified_cases import ledger_in, make_clips, named_recording
from tests.ui.made_poses import a_pose_track

STRETCH = ClipStretch(Span(0.0, 1.0))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recording; the pose and the process stand in."""
    monkeypatch.setattr(prepared_clips, "pose_track", lambda *_a, **_k: a_pose_track(1.0))
    monkeypatch.setattr(prepared_clips, "run_process", make_clips)
    named_recording(tmp_path / "a.mp4")
    return tmp_path


def prepared(place: Path, *stretches: ClipStretch, out: str = "clip.mp4") -> PreparedClips:
    return prepare_deidentified(
        open_recording(place / "a.mp4"),
        stretches or (STRETCH,),
        HidingChoice(),
        place / out,
        ledger_in(place / "study"),
        report=no_report,
        cancel=CancelToken(),
    )


def outcomes(place: Path) -> list[str]:
    return [entry.outcome for entry in Ledger(place / "study").entries()]


def test_a_clip_has_no_name_before_it_is_kept(place: Path) -> None:
    with prepared(place) as clips:
        assert not (place / "clip.mp4").exists()
        assert outcomes(place) == []
        assert clips.keep() == (place / "clip.mp4",)
    assert (place / "clip.mp4").exists()
    assert not has_unfinished(place)


def test_the_ledger_has_its_row_before_the_clip_has_its_name(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "study").mkdir()
    (place / "study" / "egress.jsonl").mkdir()  # so that no line can be written
    with prepared(place) as clips, pytest.raises(UserError):
        clips.keep()
    assert not (place / "clip.mp4").exists()


def test_the_row_says_what_was_hidden_and_which_bytes(place: Path) -> None:
    with prepared(place) as clips:
        clips.keep()
    (entry,) = Ledger(place / "study").entries()
    assert entry.outcome == WRITTEN
    assert entry.sending.size == (place / "clip.mp4").stat().st_size
    assert entry.sending.deidentification == describe_hiding(HidingChoice())
    assert entry.sending.user == "Dr. Example"


def test_the_row_names_the_places_that_a_person_drew() -> None:
    drawn = HidingChoice(covers=(Box(0.1, 0.2, 0.305, 0.4), Box(0.5, 0.5, 1.0, 1.0)))
    assert "also covered: 10,20–30,40 %, 50,50–100,100 %" in describe_hiding(drawn)
    assert "also covered" not in describe_hiding(HidingChoice())


def test_what_is_not_kept_leaves_nothing(place: Path) -> None:
    with prepared(place):
        pass
    assert not has_unfinished(place)
    assert {path.name for path in place.iterdir()} == {"a.mp4", "study"}
    assert outcomes(place) == []


def test_every_feature_has_a_clip_and_a_row(place: Path) -> None:
    two = (ClipStretch(Span(0.0, 0.5), "tonic"), ClipStretch(Span(0.5, 1.0), "clonic"))
    with prepared(place, *two) as clips:
        paths = clips.keep()
    assert [path.name for path in paths] == ["clip-tonic.mp4", "clip-clonic.mp4"]
    assert outcomes(place) == [WRITTEN, WRITTEN]


def test_no_recording_of_the_study_is_replaced_by_a_clip(place: Path) -> None:
    named_recording(place / "other.mp4")
    with Study.open(place / "study", author="Ana") as study:
        study.recording(open_recording(place / "other.mp4"))
    (place / "link.mp4").hardlink_to(place / "other.mp4")
    for out in ("other.mp4", "link.mp4"):
        with pytest.raises(UserError, match="recording of the study"):
            prepared(place, out=out)


def test_a_clip_of_a_feature_replaces_nothing_because_its_name_was_not_given(place: Path) -> None:
    (place / "clip-tonic.mp4").write_bytes(b"kept")
    with pytest.raises(UserError, match=r"“clip-tonic\.mp4” exists already"):
        prepared(place, ClipStretch(Span(0.0, 0.5), "tonic"))
    (place / "clip.mp4").write_bytes(b"replaced")
    with prepared(place) as clips:
        clips.keep_as_asked()
    assert (place / "clip.mp4").read_bytes() != b"replaced", "that name was given"


def test_a_clip_that_waits_is_confirmed_later(place: Path) -> None:
    target = place / "clip.mp4"
    with prepared(place) as clips:
        assert clips.lay_aside() == ((waiting_clip(target), waiting_sheet(target)),)
    assert not target.exists()
    assert outcomes(place) == [WAITING]
    assert confirm_waiting(place / "study", target) == target
    assert outcomes(place) == [WRITTEN]
    assert not waiting_clip(target).exists()
    assert not waiting_sheet(target).exists()


def test_only_the_checked_bytes_are_confirmed(place: Path) -> None:
    target = place / "clip.mp4"
    with prepared(place) as clips:
        clips.lay_aside()
    waiting_clip(target).write_bytes(waiting_clip(target).read_bytes() + b"\0")
    with pytest.raises(UserError, match="not the clip that was checked"):
        confirm_waiting(place / "study", target)
    assert not target.exists()


@pytest.mark.parametrize("how", ["gone", "changed", "a link"])
def test_a_clip_whose_sheet_nobody_can_look_at_is_not_confirmed(place: Path, how: str) -> None:
    target = place / "clip.mp4"
    with prepared(place) as clips:
        clips.lay_aside()
    sheet = waiting_sheet(target)
    content = sheet.read_bytes()
    sheet.unlink()
    if how == "changed":
        sheet.write_bytes(content + b"\0")
    elif how == "a link":
        (place / "other.png").write_bytes(content)
        sheet.symlink_to(place / "other.png")
    for confirm in (describe_waiting, partial(confirm_waiting, place / "study")):
        with pytest.raises(UserError, match=r"sheet of the clip.*make the clip anew"):
            confirm(target)
    assert not target.exists()
    assert outcomes(place) == [WAITING]


def test_the_outcome_is_noted_where_the_clip_was_whatever_folder_is_named_then(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    with prepared(place) as clips:
        clips.lay_aside()
    confirm_waiting(other, place / "clip.mp4")
    assert outcomes(place) == [WRITTEN]
    assert list(other.iterdir()) == []


def test_the_outcome_is_noted_in_a_study_that_was_moved_meanwhile(place: Path) -> None:
    with prepared(place) as clips:
        clips.lay_aside()
    (place / "study").rename(place / "moved")
    confirm_waiting(place / "moved", place / "clip.mp4")
    assert [entry.outcome for entry in Ledger(place / "moved").entries()] == [WRITTEN]


def test_a_ledger_from_elsewhere_confirms_nothing(place: Path) -> None:
    target = place / "clip.mp4"
    with prepared(place) as clips:
        clips.lay_aside()
    (settings_folder() / WAITING_CLIPS).unlink()
    with pytest.raises(UserError, match="not the clip that was checked"):
        confirm_waiting(place / "study", target)
    assert not target.exists()


def test_nothing_to_confirm_is_a_sentence(place: Path) -> None:
    with pytest.raises(UserError, match="without --confirm"):
        confirm_waiting(place, place / "clip.mp4")


def test_a_recording_is_never_written_over(place: Path) -> None:
    with pytest.raises(UserError, match="never written over"):
        prepared(place, out="a.mp4")


def test_cancelling_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(*_arguments: Any, **_options: Any) -> bytes:
        raise Cancelled

    monkeypatch.setattr(prepared_clips, "run_process", cancelled)
    with pytest.raises(Cancelled):
        prepared(place)
    assert {path.name for path in place.iterdir()} == {"a.mp4"} | {"study"}


def test_a_stretch_ends_with_the_recording(place: Path) -> None:
    recording = open_recording(place / "a.mp4")
    assert chosen_stretch(recording, None, None).span == Span(0.0, recording.duration)
    assert chosen_stretch(recording, 0.5, 99.0).span == Span(0.5, recording.duration)
    for start, end in ((1.0, 1.0), (1.5, 0.5), (50.0, None)):
        with pytest.raises(UserError, match="no picture in this stretch"):
            chosen_stretch(recording, start, end)


def test_a_choice_comes_back_from_the_process_as_it_went() -> None:
    choice = HidingChoice(FaceHiding.FIGURE, VoiceHiding.SHIFT, (Box(0.1, 0.2, 0.3, 0.4),))
    assert choice_from_dict(choice_to_dict(choice)) == choice


def test_names_and_sentences(place: Path) -> None:
    assert target_of(Path("x/a.b"), STRETCH) == Path("x/a.b.mp4")
    assert target_of(Path("x/a.MP4"), STRETCH) == Path("x/a.mp4")
    with prepared(place) as clips:
        said = " ".join(describe_prepared(clips.clips[0]))
        found = [" ".join(describe_prepared(replace(clips.clips[0], suspected=n, text=0.0))) for n in (1, 2)]
        some = " ".join(describe_prepared(replace(clips.clips[0], checked=3, coarse=5, text=0.003)))
    assert "searched all 5 frames and found no face that still shows." in said
    assert "1 of 5 frames are coarse" in said
    assert "In 1 frame a face may still show: it comes first, with a ring." in found[0]
    assert "In 2 frames a face may still show: the most doubtful of them come first" in found[1]
    assert "text" not in found[0], "none is covered"
    assert "searched 3 of 5 frames and" in some
    assert "All 5 frames are coarse" in some
    assert "Less than 1% of the picture is covered as text." in some


@pytest.mark.parametrize("name", ["film.mkv", "linked.mkv"])
def test_a_recording_without_the_ending_of_clips_is_no_name_for_one(place: Path, name: str) -> None:
    (place / "film.mkv").hardlink_to(place / "a.mp4")
    (place / "linked.mkv").symlink_to(place / "a.mp4")
    with pytest.raises(UserError, match="never written over"):
        prepared(place, out=name)
    assert not list(place.glob("*.mkv.mp4"))
