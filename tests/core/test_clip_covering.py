"""Whose heads are covered in what a model is shown, and that everything is coarse where that is in doubt."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from app.core.clips import covering
from app.core.clips.clip import ClipOptions
from app.core.clips.covering import CoveredPicture, HeadCovers
from app.core.clips.people_shown import PeopleShown
from app.core.enhance.face_crop import CropPlace
from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.hiding.face_detector import FoundFace
from app.core.picture_box import Box

WIDTH, HEIGHT = 640, 360
PATIENT, NURSE = (200.0, 100.0), (480.0, 100.0)
FACE = 40.0
OPTIONS = ClipOptions()
BODY: dict[Joint, tuple[float, float]] = {
    **dict.fromkeys((Joint.LEFT_EYE, Joint.LEFT_EYE_INNER, Joint.LEFT_EYE_OUTER), (210.0, 95.0)),
    **dict.fromkeys((Joint.RIGHT_EYE, Joint.RIGHT_EYE_INNER, Joint.RIGHT_EYE_OUTER), (190.0, 95.0)),
    Joint.NOSE: PATIENT,
    Joint.LEFT_EAR: (220.0, 98.0),
    Joint.RIGHT_EAR: (180.0, 98.0),
    Joint.MOUTH_LEFT: (206.0, 112.0),
    Joint.MOUTH_RIGHT: (194.0, 112.0),
    Joint.LEFT_SHOULDER: (240.0, 160.0),
    Joint.RIGHT_SHOULDER: (160.0, 160.0),
    Joint.LEFT_HIP: (230.0, 280.0),
    Joint.RIGHT_HIP: (170.0, 280.0),
}

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class Eye:
    """A detector that finds what it was given, and counts how often it looked."""

    def __init__(self, *places: tuple[float, float], score: float = 0.9) -> None:
        self.found = tuple(FoundFace(x, y, FACE, score) for x, y in places)
        self.looks = 0

    def find(self, _image: Image) -> tuple[FoundFace, ...]:
        self.looks += 1
        return self.found


def track(people: int = 1, *, found: bool = True, n: int = 30) -> PoseTrack:
    """A patient who stands still on the left, in `n` frames at 10 Hz with so many people counted in each."""
    joints = np.zeros((n, 33, 3), np.float32)
    joints[:, list(BODY), :2] = list(BODY.values())
    joints[:, list(BODY), 2] = 1.0
    if not found:
        joints[:] = np.nan
    return PoseTrack(
        np.arange(n) / 10,
        WIDTH,
        HEIGHT,
        joints,
        np.zeros((n, 33, 3), np.float32),
        np.full((n, len(FACE_POINTS), 3), np.nan, np.float32),
        np.full(n, people, np.int16),
        np.full(n, 128.0, np.float32),
    )


@pytest.fixture(scope="module")
def image() -> Image:
    """A picture full of detail."""
    return np.random.default_rng(3).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)


def covers(
    eyes: Sequence[Eye],
    of: PoseTrack | None,
    image: Image,
    *,
    patient: bool = False,
    box: Box | None = None,
    options: ClipOptions = OPTIONS,
) -> CoveredPicture:
    return HeadCovers(of, options, box, eyes).frame(image, 1.0).covered(patient=patient)


def is_sharp(made: CoveredPicture, image: Image, place: tuple[float, float]) -> bool:
    """Whether the picture is as recorded within 4 px of a place."""
    x, y = round(place[0]), round(place[1])
    area = np.s_[y - 4 : y + 5, x - 4 : x + 5]
    return bool((made.image[area] == image[area]).all())


def is_flat(made: CoveredPicture, place: tuple[float, float], reach: int = 10) -> bool:
    """Whether nothing but one colour is left there."""
    x, y = round(place[0]), round(place[1])
    return bool(
        np.ptp(made.image[y - reach : y + reach + 1, x - reach : x + reach + 1], axis=(0, 1)).max() == 0
    )


ROOM, HIP = (560.0, 300.0), (200.0, 270.0)


def test_a_bystander_is_covered_and_the_patient_is_not(image: Image) -> None:
    made = covers([Eye(PATIENT, NURSE)], track(2), image)
    assert is_flat(made, NURSE)
    assert is_sharp(made, image, PATIENT)
    assert is_sharp(made, image, ROOM)
    assert made.people == PeopleShown(pictures=1, patient_shown=1, others_covered=1)


def test_what_only_may_be_a_face_is_covered_too(image: Image) -> None:
    doubtful = Eye(PATIENT)
    doubtful.found += (FoundFace(*NURSE, FACE, 0.25),)
    assert is_flat(covers([doubtful], track(1), image), NURSE)


@pytest.mark.parametrize(
    ("eye", "people"),
    [(Eye(PATIENT), 2), (Eye(PATIENT, NURSE), 3), (Eye(), 1)],
    ids=["a person without a face", "a third person", "no face at all"],
)
def test_where_covering_is_not_certain_all_but_the_patient_is_coarse(
    eye: Eye, people: int, image: Image
) -> None:
    made = covers([eye], track(people), image)
    assert not is_sharp(made, image, ROOM)
    assert not is_sharp(made, image, NURSE)
    assert made.people.uncertain == 1


def test_a_person_counted_a_moment_before_or_after_counts(image: Image) -> None:
    of = track(1)
    of.people[:] = -1
    of.people[[5, 15]] = (1, 2)
    assert covers([Eye(PATIENT)], of, image).people.uncertain == 1
    of.people[[5, 15]] = (1, 1)
    assert covers([Eye(PATIENT)], of, image).people.uncertain == 0


def test_the_patient_stays_sharp_where_the_rest_is_coarse(image: Image) -> None:
    made = covers([Eye(PATIENT)], track(2), image)
    assert is_sharp(made, image, PATIENT)
    assert is_sharp(made, image, HIP)
    assert made.people == PeopleShown(pictures=1, patient_shown=1, uncertain=1)


@pytest.mark.parametrize(
    "of", [None, track(1, found=False), track(0)], ids=["no track", "lost", "unconfirmed"]
)
def test_where_the_patient_is_not_known_everything_is_coarse(of: PoseTrack | None, image: Image) -> None:
    made = covers([Eye(PATIENT)], of, image)
    for place in (PATIENT, NURSE, ROOM, HIP):
        assert not is_sharp(made, image, place)
    assert made.blank
    assert (made.people.uncertain, made.people.patient_shown) == (1, 0)


def test_a_drawn_box_stays_sharp_but_for_heads(image: Image) -> None:
    box = Box(0.2, 0.1, 0.45, 0.95)
    made = covers([Eye(PATIENT)], None, image, box=box)
    assert is_sharp(made, image, HIP)
    assert is_flat(made, PATIENT), "whose head it is, is not known"
    assert not is_sharp(made, image, ROOM)
    assert not made.blank
    assert made.people.in_box == 1, "the patient's face may be in it"
    hidden = covers([Eye()], None, image, box=box, patient=True)
    assert not is_sharp(hidden, image, HIP), "the patient's face may be in the box"
    assert hidden.blank
    assert hidden.people.in_box == 0
    known = covers([Eye(PATIENT, NURSE)], track(2), image, box=box)
    assert known.people.in_box == 0, "the patient is found"
    assert covers([Eye(PATIENT)], track(2), image, box=box).people.in_box == 0, (
        "the body is shown, not the box"
    )


@pytest.mark.parametrize("options", [OPTIONS, ClipOptions(cover_bystanders=False)])
def test_what_can_be_read_is_covered_and_nothing_of_it_is_in_what_is_coarse(
    options: ClipOptions, image: Image
) -> None:
    text = np.zeros((HEIGHT, WIDTH), np.bool_)
    text[250:290, 150:250] = True
    for eyes, of in (([Eye(PATIENT)], track(1)), ([Eye(PATIENT)], track(2)), ([Eye()], None)):
        for patient in (False, True):
            box = None if of is not None else Box(0.0, 0.0, 1.0, 1.0)
            frame = HeadCovers(of, options, box, eyes).frame(image, 1.0, text).covered(patient=patient)
            if not frame.blank:
                assert is_flat(frame, HIP, 9)
            assert frame.text is text
    face = np.zeros((HEIGHT, WIDTH), np.bool_)
    face[90:96, 190:210] = True
    for mask, on_face in ((face, True), (text, False)):
        shown = HeadCovers(track(1), options, None, [Eye(PATIENT)]).frame(image, 1.0, mask)
        assert shown.covered(patient=False).text_on_face is on_face
        assert not (options.covers and shown.covered(patient=True).text_on_face), "the face is covered anyway"
    white = image.copy()
    white[text] = 255
    both = [HeadCovers(None, OPTIONS, None, [Eye()]).frame(one, 1.0, text) for one in (image, white)]
    first, second = (one.covered(patient=False).image.astype(int) for one in both)
    assert np.abs(first - second).max() < 12, "only the mean grey of the picture differs"


def test_the_patient_can_be_covered(image: Image) -> None:
    made = covers([Eye(PATIENT, NURSE)], track(2), image, patient=True)
    assert is_flat(made, PATIENT)
    assert is_flat(made, NURSE)
    assert is_sharp(made, image, HIP)
    assert made.people == PeopleShown(pictures=1, patient_covered=1, others_covered=1)


def test_bystanders_can_be_left_and_then_nobody_is_looked_for(image: Image) -> None:
    options = ClipOptions(cover_bystanders=False)
    eye = Eye(PATIENT, NURSE)
    made = covers([eye], track(2), image, options=options)
    assert (made.image == image).all()
    assert (eye.looks, made.people.others_covered) == (0, 0)
    only_patient = replace(options, cover_patient=True)
    made = covers([eye], track(3), image, options=only_patient, patient=True)
    assert is_flat(made, PATIENT)
    assert is_sharp(made, image, NURSE)
    assert made.people == PeopleShown(pictures=1, patient_covered=1)


def test_the_patients_own_face_found_twice_is_not_covered(image: Image) -> None:
    eye = Eye(PATIENT)
    eye.found += (FoundFace(PATIENT[0] + 4, PATIENT[1] + 6, FACE * 1.7, 0.5),)
    eye.found += (FoundFace(PATIENT[0] - 24, PATIENT[1], FACE, 0.25),)
    made = covers([eye], track(1), image)
    assert is_sharp(made, image, PATIENT)
    assert made.people.others_covered == 0


def test_a_face_over_the_patients_own_leaves_it_and_is_named(image: Image) -> None:
    beside = (PATIENT[0] + 45.0, PATIENT[1])
    made = covers([Eye(PATIENT, beside)], track(2), image)
    assert is_sharp(made, image, PATIENT)
    assert is_flat(made, (beside[0] + 15, beside[1]))
    assert made.people.overlapping == 1
    assert covers([Eye(PATIENT, beside)], track(2), image, patient=True).people.overlapping == 0


def test_a_crop_counts_what_is_in_it(image: Image) -> None:
    made = covers([Eye(PATIENT, NURSE)], track(2), image)
    assert made.people_in(CropPlace(*PATIENT, 90.0, 0)).others_covered == 0
    assert made.people_in(CropPlace(*NURSE, 90.0, 0)).others_covered == 1
    assert made.people_in(None) == PeopleShown(pictures=1)


def test_a_head_is_covered_for_a_quarter_of_a_second_after_it_was_found(image: Image) -> None:
    eye = Eye(PATIENT, NURSE)
    frames = HeadCovers(track(1), OPTIONS, None, [eye])
    frames.frame(image, 1.0)
    eye.found = eye.found[:1]
    assert is_flat(frames.frame(image, 1.2).covered(patient=False), NURSE)
    assert is_sharp(frames.frame(image, 1.5).covered(patient=False), image, NURSE)


def test_the_thorough_detector_looks_only_where_it_is_in_doubt(image: Image) -> None:
    quick, thorough = Eye(PATIENT), Eye(NURSE)
    alone = covers([quick, thorough], track(1), image)
    assert (quick.looks, thorough.looks) == (1, 0)
    assert alone.people.uncertain == 0
    made = covers([quick, thorough], track(2), image)
    assert thorough.looks == 1
    assert is_flat(made, NURSE)
    assert made.people == PeopleShown(pictures=1, patient_shown=1, others_covered=1)


def test_the_body_is_drawn_only_where_the_rest_is_coarse(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def body(_track: PoseTrack, row: int, of: Image) -> Mask:
        drawn.append(row)
        return np.zeros(of.shape[:2], np.bool_)

    monkeypatch.setattr(covering, "body_in", body)
    covers([Eye(PATIENT)], track(1), image)
    assert not drawn, "all heads are found"
    frame = HeadCovers(track(2), OPTIONS, None, [Eye(PATIENT)]).frame(image, 1.0)
    for patient in (False, True):
        frame.covered(patient=patient)
    assert len(drawn) == 1, "once for both pictures"


def test_what_is_about_the_body_is_within_its_distance() -> None:
    body = np.zeros((40, 60), np.bool_)
    body[20, 30] = body[10:12, 5:9] = True
    near = covering._near(body, 7)
    rows, columns = np.nonzero(body)
    down, across = np.mgrid[:40, :60]
    away = np.hypot(down[:, :, None] - rows, across[:, :, None] - columns).min(axis=2)
    assert near[away < 7].all()
    assert not near[away > 7].any()
    assert not covering._near(np.zeros_like(body), 7).any()


def test_counts_are_added_up() -> None:
    one = PeopleShown(1, 1, 0, 1, 0, 0, 1)
    assert one + one == PeopleShown(2, 2, 0, 2, 0, 0, 2)
    assert list(itertools.accumulate([one, one]))[-1].pictures == 2
