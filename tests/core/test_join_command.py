"""`semioscope join`: labels without a video, shown first and joined when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main
from app.commands.join import suggest
from app.core.reading import person
from app.core.recording.probe import open_recording
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from tests.core.study_cases import Clip
from tests.core.test_cli import make_clip

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")


def labelled(place: Path, *names: str) -> str:
    """A study with labels of Bo alone for each of the names."""
    with Study.open(place, author="Ana") as study:
        for name in names:
            number = study.recording_without_video(name)
            study.apply(SetAnswer(number, BO, Answer("tonic"), Answer("tonic", YES)))
    return str(place)


def names_in(place: Path) -> list[str]:
    with Study.open_for_viewing(place) as study:
        return [row.name for row in study.recordings()]


def test_it_is_shown_first_and_joined_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = labelled(tmp_path / "s", "P01_bed")
    with Study.open(tmp_path / "s", author="Ana") as study:
        study.recording(Clip(tmp_path / "p01_bed.m2t"))
    assert main(["join", folder, "--unsealed"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "P01_bed → p01_bed.m2t: 1 answer of Bo",
        "Nothing was joined; --keep joins this.",
    ]
    assert names_in(tmp_path / "s") == ["P01_bed", "p01_bed.m2t"]
    assert main(["join", folder, "--keep"]) == 0
    out = capsys.readouterr().out
    assert "The labels of “P01_bed” are those of “p01_bed.m2t” now; undo takes that back." in out
    assert names_in(tmp_path / "s") == ["p01_bed.m2t"]
    assert main(["join", folder, "--keep"]) == 0
    assert capsys.readouterr().out == "No labels have the name of a video.\n"


def test_a_contradiction_is_left_until_a_side_is_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = labelled(tmp_path / "s", "P01_bed", "P02_bed")
    with Study.open(tmp_path / "s", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "p01_bed.mp4"))
        study.apply(SetAnswer(number, BO, Answer("tonic"), Answer("tonic", NO)))
        study.recording(Clip(tmp_path / "p02_bed.mp4", "e" * 64))
    assert main(["join", folder, "--unsealed"]) == 0
    said = capsys.readouterr()
    assert "contradiction: “p01_bed.mp4” by Bo, Tonic: no (with the video), yes (labels alone)" in said.out
    assert "--on-contradiction" in said.err
    assert main(["join", folder, "--keep", "--unsealed"]) == 1
    said = capsys.readouterr()
    assert "“P01_bed” was left as it is. Nothing was joined, because answers contradict" in said.err
    assert "Joined: 1 of 2." in said.out
    assert names_in(tmp_path / "s") == ["P01_bed", "p01_bed.mp4", "p02_bed.mp4"]
    assert main(["join", folder, "--keep", "--unsealed", "--on-contradiction", "labels"]) == 0
    with Study.open_for_viewing(tmp_path / "s") as study:
        assert study.reading(3, BO, viewer=None).answer("tonic").presence is YES


def test_a_video_that_is_named_is_added_first_and_a_map_tells_other_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = labelled(tmp_path / "s", "P01_bed", "other")
    clip = make_clip(tmp_path / "0017.mp4")
    with Study.open(tmp_path / "s", author="Ana") as study:
        study.recording(Clip(tmp_path / "other.mp4"))
    names = tmp_path / "names.csv"
    names.write_text("name,file\nP01_bed,0017.mp4\n", "utf-8")
    assert main(["join", folder, str(clip), "--names", str(names), "--keep"]) == 0
    assert "Joined: 1 of 1." in capsys.readouterr().out
    assert names_in(tmp_path / "s") == ["other", "other.mp4", "0017.mp4"]


def test_a_video_for_which_no_labels_wait_is_not_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = labelled(tmp_path / "s", "P01_bed", "twin")
    strange = make_clip(tmp_path / "strange.mp4")
    (tmp_path / "a").mkdir()
    twins = [make_clip(place / "twin.mp4", frames=n) for n, place in ((5, tmp_path), (7, tmp_path / "a"))]
    for keep in ((), ("--keep",)):
        assert main(["join", folder, str(strange), *map(str, twins), *keep]) == 0
        said = capsys.readouterr()
        assert said.out == "No labels have the name of a video.\n"
        assert "No labels wait for “strange.mp4”, so it was not added." in said.err
        assert said.err.count("The labels of “twin” can be those of several videos") == 1
        assert names_in(tmp_path / "s") == ["P01_bed", "twin"]
    bed = make_clip(tmp_path / "p01_BED.mp4", frames=9)
    assert main(["join", folder, str(strange), str(bed), "--keep"]) == 0
    assert names_in(tmp_path / "s") == ["twin", "p01_BED.mp4"]
    assert main(["join", folder, str(bed), str(tmp_path / "gone.mp4"), "--keep"]) != 0
    assert "“gone.mp4” was not found" in capsys.readouterr().err


def test_a_name_that_fits_several_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = labelled(tmp_path / "s", "a")
    with Study.open(tmp_path / "s", author="Ana") as study:
        study.recording(Clip(tmp_path / "a.mp4"))
        study.recording(Clip(tmp_path / "A.mkv", "e" * 64))
    assert main(["join", folder, "--keep"]) == 0
    said = capsys.readouterr().err
    assert "The labels of “a” can be those of several videos: “a.mp4” (2), “A.mkv” (3)" in said
    assert len(names_in(tmp_path / "s")) == 3


def test_commands_that_add_a_video_say_that_its_labels_wait(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(labelled(tmp_path / "s", "P01_bed"))
    suggest(None)
    suggest(folder)
    assert capsys.readouterr().err == ""
    with Study.open(folder, author="Ana") as study:
        study.recording(Clip(tmp_path / "p01_bed.mp4"))
    suggest(folder)
    said = capsys.readouterr().err
    assert "labels without a video for “P01_bed”, which can be those of “p01_bed.mp4”" in said
    assert "semioscope join" in said
    assert names_in(folder) == ["P01_bed", "p01_bed.mp4"], "nothing is joined by itself"


def test_a_video_that_the_study_has_is_known_by_its_new_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = labelled(tmp_path / "s", "Seizure12")
    clip = make_clip(tmp_path / "old.mp4")
    with Study.open(tmp_path / "s", author="Ana") as study:
        study.recording(open_recording(clip))
    renamed = clip.rename(tmp_path / "Seizure12.mp4")
    capsys.readouterr()
    assert main(["join", folder, str(renamed), "--keep"]) == 0
    assert "Joined: 1 of 1." in capsys.readouterr().out
    assert names_in(tmp_path / "s") == ["Seizure12.mp4"]


def test_a_video_that_is_named_twice_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = labelled(tmp_path / "s", "Seizure12")
    clip = make_clip(tmp_path / "Seizure12.mp4")
    (tmp_path / "copy").mkdir()
    again = tmp_path / "copy" / clip.name
    again.write_bytes(clip.read_bytes())
    assert main(["join", folder, str(clip), str(again), str(clip), "--keep"]) == 0
    assert "Joined: 1 of 1." in capsys.readouterr().out
    assert names_in(tmp_path / "s") == ["Seizure12.mp4"]
