"""What can be read in a recording is covered in everything that a model is shown of it."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.core.clips.clip import INDEX_NAME, Clip, ClipOptions, ClipSpec, clips_from_json, clips_to_json
from app.core.clips.clip_maker import TEXT, WHAT, make_clips
from app.core.clips.clip_preparation import prepare_clips
from app.core.clips.text_covers import TextCovers, searched_pieces, text_covers
from app.core.clips.text_shown import TextShown, text_from
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.errors import UserError
from app.core.hiding import text_detector, text_memory
from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces
from app.core.hiding.face_detector import FoundFace
from app.core.picture_box import Box
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Span
from benchmarks import planted_text
from benchmarks.planted_text import Plant, PlantedScene
from tests.media import write_recording

Image = npt.NDArray[np.uint8]
SIZE = (640, 360)
_NAME = "Kowalski, Greta"
NAME = Plant(_NAME, planted_text.box_of(_NAME, "DejaVuSans", 24, 140, 60), "DejaVuSans", 24, 255, "plain")
DRAWN = Box(0.25, 0.5, 0.5, 1.0)
PLAIN = ClipOptions(pose=False, face=False, denoise=False, cover_bystanders=False)
SPECS = (
    ClipSpec("0000-pose", Span(0.0, 3.0), Enhancement.POSE, 2.0),
    ClipSpec("0000-face", Span(0.0, 3.0), Enhancement.FACE, 2.0),
)


def pictures_of(*plants: Plant) -> list[Image]:
    whole = planted_text.pictures(PlantedScene("room", 7, plants), 12, rate=4.0)
    return [np.ascontiguousarray(picture[: SIZE[1], : SIZE[0]]) for _, picture in whole]


@pytest.fixture(scope="module")
def named_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds in which a name is burned in, just at the patient's head."""
    path = tmp_path_factory.mktemp("named") / "a.mp4"
    pictures = [picture[:, :, ::-1] for picture in pictures_of(NAME)]
    return write_recording(path, size=SIZE, pictures=pictures, rate=4, options={"crf": "12"})


@pytest.fixture
def named(named_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    return open_recording(named_path)


def track(n: int = 12) -> PoseTrack:
    """A patient whose head is at (200, 80), next to the name, in each of `n` frames at 4 Hz."""
    joints = np.zeros((n, 33, 3), np.float32)
    places = {
        Joint.NOSE: (200, 80), Joint.LEFT_EAR: (220, 78), Joint.RIGHT_EAR: (180, 78),
        Joint.LEFT_EYE: (210, 75), Joint.RIGHT_EYE: (190, 75),
        Joint.LEFT_SHOULDER: (240, 140), Joint.RIGHT_SHOULDER: (160, 140),
        Joint.LEFT_HIP: (230, 260), Joint.RIGHT_HIP: (170, 260),
    }  # fmt: skip
    for joint, (x, y) in places.items():
        joints[:, joint] = (x, y, 1.0)
    return PoseTrack(
        np.arange(n) / 4,
        *SIZE,
        joints,
        np.zeros((n, 33, 3), np.float32),
        np.full((n, len(FACE_POINTS), 3), np.nan, np.float32),
        np.ones(n, np.int16),
        np.full(n, 128.0, np.float32),
    )


def made(recording: Recording, folder: Path, options: ClipOptions, **rest: Any) -> dict[Enhancement, Clip]:
    folder.mkdir()
    clips = make_clips(recording, rest.pop("of", None), SPECS, options=options, folder=folder, **rest)
    return {clip.enhancement: clip for clip in clips}


def stills(folder: Path, clip: Clip) -> list[Image]:
    """The pictures that a reader of still images gets."""
    return [np.array(cv2.imread(str(folder / name)), dtype=np.uint8) for _, name in clip.pictures]


def film(folder: Path, clip: Clip) -> list[Image]:
    with av.open(str(folder / str(clip.video))) as container:
        return [np.array(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


def spread(picture: Image, box: tuple[int, int, int, int]) -> float:
    left, top, right, bottom = box
    return float(picture[top:bottom, left:right].std(axis=(0, 1)).max())


@pytest.mark.parametrize("shown", [stills, film])
@pytest.mark.parametrize("bystanders", [False, True])
def test_a_name_is_covered_in_whole_pictures(
    shown: Callable[[Path, Clip], list[Image]],
    bystanders: bool,
    named: Recording,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    eye = types.SimpleNamespace(find=lambda _image: ())
    monkeypatch.setattr("app.core.clips.covering._eyes", lambda: (eye,))
    options = replace(PLAIN, cover_bystanders=bystanders)
    clip = made(named, tmp_path / "on", options, patient=Box(0.0, 0.0, 1.0, 1.0))[Enhancement.POSE]
    pictures = shown(tmp_path / "on", clip)
    assert len(pictures) == 6
    assert all(spread(picture, NAME.box) < 3 for picture in pictures)
    assert clip.text is not None
    assert (clip.text.pictures, clip.text.covered) == (6, 6)
    assert 0.0 < clip.text.most < 0.1
    off = made(named, tmp_path / "off", replace(options, cover_text=False), patient=Box(0.0, 0.0, 1.0, 1.0))
    pictures = shown(tmp_path / "off", off[Enhancement.POSE])
    assert all(spread(picture, NAME.box) > 20 for picture in pictures)
    assert off[Enhancement.POSE].text is None


def test_a_name_is_covered_in_face_crops(named: Recording, tmp_path: Path) -> None:
    options = replace(PLAIN, face=True)
    clip = made(named, tmp_path / "on", options, of=track())[Enhancement.FACE]
    plain = made(named, tmp_path / "off", replace(options, cover_text=False), of=track())[Enhancement.FACE]
    covered, bare = stills(tmp_path / "on", clip), stills(tmp_path / "off", plain)
    assert covered[0].shape == (448, 448, 3), "it is a crop"
    letters = bare[0].min(axis=2) > 230
    assert letters.sum() > 500, "the name is in it"
    for picture in covered:
        assert picture[letters].std(axis=0).max() < 4
    assert clip.text is not None
    assert (clip.text.pictures, clip.text.covered) == (6, 6)
    assert plain.text is None


def test_the_patient_covered_too_leaves_nothing_to_read(
    named: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = FoundFace(200.0, 80.0, 40.0, 0.9)
    eye = types.SimpleNamespace(find=lambda _image: (face,))
    monkeypatch.setattr("app.core.clips.covering._eyes", lambda: (eye,))
    options = replace(PLAIN, cover_bystanders=True, cover_patient=True)
    clip = made(named, tmp_path / "c", options, of=track())[Enhancement.POSE]
    assert all(
        spread(picture, (260, 60, NAME.box[2], NAME.box[3])) < 6 for picture in stills(tmp_path / "c", clip)
    )


def nothing_found(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    """No text is found; the stretches that were searched."""
    spans: list[Span] = []

    def search(_recording: Recording, span: Span, *, report: Callable[[float], None]) -> CoveredPlaces:
        spans.append(span)
        report(1.0)
        return CoveredPlaces()

    monkeypatch.setattr(text_memory, "text_in", search)
    return spans


def test_places_that_a_person_drew_are_covered_below_the_skeleton(
    named: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_found(monkeypatch)
    inside = (165, 270, 315, 355)
    clip = made(named, tmp_path / "c", PLAIN, drawn=(DRAWN,))[Enhancement.POSE]
    assert all(spread(picture, inside) < 3 for picture in stills(tmp_path / "c", clip))
    assert clip.text == TextShown(6, 6, clip.text.most if clip.text else 0.0, 1)
    posed = made(named, tmp_path / "p", replace(PLAIN, pose=True), of=track(), drawn=(DRAWN,))
    drawn = stills(tmp_path / "p", posed[Enhancement.POSE])[0][185:255, 165:240]
    assert np.ptp(drawn.astype(int), axis=2).max() > 60, "the skeleton is drawn over it"
    beside = replace(PLAIN, pose=True, beside=True)
    both = made(named, tmp_path / "b", beside, of=track(), drawn=(DRAWN,))[Enhancement.POSE]
    assert spread(stills(tmp_path / "b", both)[0], inside) < 3


def test_all_clips_share_one_search_that_is_shown_and_kept(
    named: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = nothing_found(monkeypatch)
    said: list[str] = []
    made(named, tmp_path / "a", PLAIN, report=lambda progress: said.append(progress.what))
    assert spans == [Span(0.0, named.duration)]
    assert said[0] == TEXT
    assert said[-1] == WHAT
    said.clear()
    made(named, tmp_path / "b", PLAIN, report=lambda progress: said.append(progress.what))
    assert len(spans) == 1
    assert set(said) == {WHAT}


def test_without_the_detector_of_text_there_are_no_clips(
    named: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_detector, "_PACKAGE", "no-such-package")
    with pytest.raises(UserError, match="names in a picture cannot be covered"):
        made(named, tmp_path / "a", PLAIN)
    assert not list((tmp_path / "a").iterdir())
    assert made(named, tmp_path / "b", replace(PLAIN, cover_text=False))


# which pieces are searched


@pytest.mark.parametrize(
    ("duration", "spans", "pieces"),
    [
        (30.0, [Span(0.0, 30.0)], []),
        (70.0, [Span(0.0, 30.0), Span(25.0, 55.0), Span(50.0, 70.0)], [(0, 30), (25, 55), (50, 70)]),
        (70.0, [Span(31.0, 35.0), Span(35.5, 39.5)], [(25, 55)]),
        (3600.0, [Span(60.0, 64.0)], [(50, 80)]),
    ],
)
def test_short_windows_share_the_search_of_a_piece(
    duration: float, spans: list[Span], pieces: list[tuple[float, float]]
) -> None:
    assert searched_pieces(duration, spans) == tuple(Span(*piece) for piece in pieces)


def test_what_stands_in_a_piece_is_covered_about_it_and_a_title_while_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    corners = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))
    standing, title = CoveredPlace(corners), CoveredPlace(corners, -math.inf, 110.0)
    found = [CoveredPlaces(), CoveredPlaces((standing, title))]
    monkeypatch.setattr("app.core.clips.text_covers.text_of_stretches", lambda *_: found)
    recording: Any = types.SimpleNamespace(duration=300.0)
    covers = text_covers(recording, [Span(110.0, 111.0)], (DRAWN,), lambda _share: None)
    piece, shown, drawn = covers.places.places
    assert (piece.start, piece.end) == (70.0, 160.0)
    assert (shown.start, shown.end) == (100.0, 110.0)
    assert (drawn.start, drawn.end) == (-math.inf, math.inf)
    assert covers.drawn == 1
    assert isinstance(covers, TextCovers)


# the process, and what identifies clips


def test_the_process_covers_and_other_places_are_other_clips(named: Recording, tmp_path: Path) -> None:
    folder = tmp_path / "reading" / "clips"
    (clip, *_) = prepare_clips(named, SPECS[:1], folder, drawn=(DRAWN,), options=PLAIN)
    picture = stills(folder, clip)[0]
    assert spread(picture, NAME.box) < 3
    assert spread(picture, (165, 185, 315, 355)) < 3
    assert clip.text is not None
    assert clip.text.drawn == 1
    made_of = json.loads((folder / INDEX_NAME).read_text())["made_of"]
    assert made_of["drawn"] == [{"left": 0.25, "top": 0.5, "right": 0.5, "bottom": 1.0}]
    assert made_of["options"]["cover_text"] is True
    (clip, *_) = prepare_clips(named, SPECS[:1], folder, options=PLAIN)
    assert spread(stills(folder, clip)[0], (165, 185, 315, 355)) > 3
    off = replace(PLAIN, cover_text=False)
    (clip, *_) = prepare_clips(named, SPECS[:1], folder, drawn=(DRAWN,), options=off)
    assert clip.text is None
    assert spread(stills(folder, clip)[0], NAME.box) > 20
    made_of = json.loads((folder / INDEX_NAME).read_text())["made_of"]
    assert "drawn" not in made_of
    assert "cover_text" not in made_of["options"], "as earlier versions wrote it, which covered no text"


# storing


def test_what_was_covered_is_stored_with_the_clip() -> None:
    clip = Clip("a", Enhancement.POSE, Span(0.0, 30.0), 2.0, 1.0, text=TextShown(60, 12, 0.04, 1, 5))
    text = clips_to_json((clip,), {})
    assert clips_from_json(text)[0] == (clip,)
    data = json.loads(text)
    del data["clips"][0]["text"]
    assert clips_from_json(json.dumps(data))[0] == (replace(clip, text=None),)


@pytest.mark.parametrize(
    "row",
    [{"pictures": "6"}, {"covered": True}, {"drawn": -1}, {"most": 1.5}, {"most": "a"}, {"most": math.nan}],
)
def test_what_is_no_count_is_refused(row: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        text_from(row)


def test_counts_are_added_up() -> None:
    assert TextShown(6, 2, 0.1, 1) + TextShown(4, 4, 0.3, 1, 3) == TextShown(10, 6, 0.3, 1, 3)
