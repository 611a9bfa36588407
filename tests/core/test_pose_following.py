"""The followers of pose and face with detectors of the test: a bright dot is a head, a place is a person."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.core.enhance.detector_pictures import DimPictureLifter, Image, fit, is_cut, thumbnail
from app.core.enhance.face_follower import FaceFollower, HeadPlace, head_of_face, head_of_pose
from app.core.enhance.patient_tracking import PersonPose, Room, place_of, same_person
from app.core.enhance.person_check import PersonCheck, PersonVerdict
from app.core.enhance.pose_analysis import FrameFindings, assemble
from app.core.enhance.pose_follower import Finding, PoseFollower
from app.core.enhance.pose_track import FACE_COLUMN, FACE_OVAL, FACE_POINTS, NOSE_LINE, FloatArray, Joint
from app.core.enhance.upright_view import View, into
from app.core.picture_box import Box

WIDTH, HEIGHT = 640, 360
ROOM = Room(WIDTH, HEIGHT)


def grey(level: int = 90) -> Image:
    return np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8)


def with_dot(x: float, y: float, size: int = 4) -> Image:
    image = grey()
    image[round(y) - size : round(y) + size, round(x) - size : round(x) + size] = 255
    return image


def person(x: float, y: float, scale: float = 80.0, turn: float = 0.0) -> PersonPose:
    """Somebody whose head is centred at x, y, with the head's `turn` in radians, clockwise."""
    up = np.array([math.sin(turn), -math.cos(turn)])
    across = np.array([math.cos(turn), math.sin(turn)])
    joints = np.zeros((33, 3), dtype=np.float32)
    joints[:, :2] = np.array([x, y]) - 2.0 * scale * up
    joints[:11, :2] = (x, y)
    joints[1:7, :2] += 0.1 * scale * up
    joints[9:11, :2] -= 0.1 * scale * up
    joints[Joint.LEFT_EAR, :2] += 0.2 * scale * across
    joints[Joint.RIGHT_EAR, :2] -= 0.2 * scale * across
    shoulders = np.array([x, y]) - 0.7 * scale * up
    joints[Joint.LEFT_SHOULDER, :2] = shoulders + 0.5 * scale * across
    joints[Joint.RIGHT_SHOULDER, :2] = shoulders - 0.5 * scale * across
    joints[:, 2] = 0.9
    return PersonPose(joints, np.zeros((33, 3), dtype=np.float32))


def face_at(x: float, y: float, size: float) -> FloatArray:
    """A face's points: an upright oval."""
    face = np.zeros((len(FACE_POINTS), 3), dtype=np.float32)
    face[:, :2] = (x, y)
    for number, point in enumerate(FACE_OVAL):
        angle = 2 * math.pi * number / len(FACE_OVAL)
        face[FACE_COLUMN[point], :2] += (0.37 * size * math.sin(angle), -size / 2 * math.cos(angle))
    face[FACE_COLUMN[NOSE_LINE[0]], 1] = y - 0.15 * size
    face[:, 2] = 0.1 * size
    return face


class DotMesh:
    """Finds the bright dot, with a face of a third of the picture round it."""

    def __init__(self) -> None:
        self.forgotten = 0
        self.blind = False

    def find(self, image: Image) -> FloatArray | None:
        ys, xs = np.nonzero(image[:, :, 0] > 180)
        if self.blind or len(xs) == 0:
            return None
        return face_at(xs.mean() + 0.5, ys.mean() + 0.5, image.shape[0] / 2.6 / 1.15)

    def forget(self) -> None:
        self.forgotten += 1


class Faces:
    """Finds the faces it was given."""

    def __init__(self, *faces: tuple[float, float, float]) -> None:
        self.faces = list(faces)
        self.asked = 0

    def find(self, _image: Image) -> list[tuple[float, float, float]]:
        self.asked += 1
        return self.faces


@pytest.mark.parametrize("turn", [0.0, math.pi / 2, -math.pi / 2, math.pi, 0.4])
def test_the_face_comes_back_in_the_pictures_pixels_however_the_head_lies(turn: float) -> None:
    follower = FaceFollower(DotMesh(), Faces())
    face = follower.find(0.0, with_dot(300, 150), person(303, 148, turn=turn))
    assert face is not None
    centre = head_of_face(face)
    assert (centre.x, centre.y) == pytest.approx((300, 150), abs=1.5)
    upright = math.remainder(centre.turn - turn, 2 * math.pi)
    assert abs(upright) < math.radians(10)


def test_the_crop_stays_while_the_head_moves_a_little_and_follows_when_it_leaves_the_middle() -> None:
    mesh = DotMesh()
    follower = FaceFollower(mesh, Faces())
    for n in range(20):
        assert follower.find(n / 30, with_dot(300 + (n % 3), 150), person(300 + (n % 3), 150)) is not None
    assert mesh.forgotten == 0
    for n in range(60):
        x = 300 + 3 * n
        face = follower.find(1 + n / 30, with_dot(x, 150), person(x, 150))
        assert face is not None
        assert head_of_face(face).x == pytest.approx(x, abs=1.5)
    assert 0 < mesh.forgotten < 30


def test_a_face_that_is_not_on_the_patients_head_is_refused() -> None:
    follower = FaceFollower(DotMesh(), Faces())
    head = head_of_pose(person(300, 150))
    beside = 300 + 1.1 * head.size
    assert follower.find(0.0, with_dot(beside, 150), person(300, 150)) is None


@pytest.mark.parametrize(("share", "taken"), [(0.1, False), (0.8, True), (1.5, True), (3.5, False)])
def test_a_face_of_quite_another_size_than_the_head_is_refused(share: float, taken: bool) -> None:
    class Sized(DotMesh):
        def find(self, image: Image) -> FloatArray | None:
            middle = image.shape[0] / 2
            return face_at(middle, middle, share * image.shape[0] / 2.6 / 1.15)

    follower = FaceFollower(Sized(), Faces())
    assert (follower.find(0.0, grey(), person(300, 150)) is not None) is taken


def test_without_a_pose_the_largest_face_is_taken_and_held() -> None:
    faces = Faces((400.0, 200.0, 60.0), (100.0, 100.0, 30.0))
    follower = FaceFollower(DotMesh(), faces)
    for n in range(30):
        face = follower.find(n / 30, with_dot(400, 200), None)
        assert face is not None
        assert head_of_face(face).x == pytest.approx(400, abs=2.0)
    assert faces.asked == 1


def test_without_a_pose_nobody_outside_the_drawn_box_is_taken() -> None:
    follower = FaceFollower(DotMesh(), Faces((400.0, 200.0, 60.0)), Box(0.0, 0.0, 0.4, 1.0))
    assert follower.find(0.0, with_dot(400, 200), None) is None


def test_when_the_pose_is_lost_the_face_of_somebody_else_is_not_taken() -> None:
    mesh, faces = DotMesh(), Faces((500.0, 150.0, 80.0))
    follower = FaceFollower(mesh, faces)
    assert follower.find(0.0, with_dot(100, 150), person(100, 150)) is not None
    for n in range(1, 200):
        assert follower.find(n / 30, with_dot(500, 150), None) is None
    assert faces.asked > 0


def test_heads_have_a_size_from_the_front_and_in_profile() -> None:
    front = person(300, 150)
    profile = person(300, 150)
    for joint in (Joint.LEFT_EAR, Joint.RIGHT_EAR):
        profile.joints[joint, :2] = (300, 150)
    assert head_of_pose(profile).size == pytest.approx(head_of_pose(front).size, rel=0.35)
    assert replace(head_of_pose(front), turn=0.0) == HeadPlace(300.0, 150.0, head_of_pose(front).size, 0.0)
    assert head_of_pose(front).turn == pytest.approx(0.0, abs=1e-6)


class Tracker:
    """Follows the person it was put on, until it is put on the only one that is not grey."""

    def __init__(self, *people: PersonPose | None) -> None:
        self.people = list(people)
        self.anew: list[Image] = []
        self.relocked: PersonPose | None = None

    def find(self, _image: Image) -> PersonPose | None:
        return self.people.pop(0) if len(self.people) > 1 else self.people[0]

    def forget(self) -> None:
        pass

    def find_anew(self, image: Image) -> PersonPose | None:
        self.anew.append(image)
        if self.relocked is not None:
            self.people = [self.relocked]
        return self.relocked


class Crowd:
    """Finds everybody in the upright picture, whose first pixel is bright, and nobody in a turned one."""

    def __init__(self, *people: PersonPose) -> None:
        self.people = list(people)
        self.surveys = 0

    def find(self, image: Image) -> list[PersonPose]:
        self.surveys += 1
        upright = image[0, 0, 0] > image[-1, -1, 0] + 20
        return list(self.people) if upright else []


class Checker:
    """Finds that everybody is a person, except those it was given."""

    def __init__(self, *figures: PersonPose, verdict: PersonVerdict = PersonVerdict.NO_PERSON) -> None:
        self.figures = list(figures)
        self.verdict = verdict

    def check(self, _picture: Image, one: PersonPose, _quarters: int, *, alone: bool = True) -> PersonCheck:
        refused = any(same_person(one, figure) for figure in self.figures)
        return PersonCheck(self.verdict if refused else PersonVerdict.PERSON, None, place_of(one), alone)


def following(room: Room, tracker: Tracker, crowd: Crowd, checker: Checker | None = None) -> PoseFollower:
    return PoseFollower(room, tracker, crowd, checker or Checker())


def run(follower: PoseFollower, frames: int, start: int = 0, rate: float = 30.0) -> list[Finding]:
    picture = grey()
    picture[0, 0] = 255
    return [follower.find(number / rate, picture) for number in range(start, start + frames)]


def test_people_are_counted_about_once_a_second() -> None:
    patient, nurse = person(300, 150), person(520, 150)
    found = run(following(ROOM, Tracker(patient), Crowd(patient, nurse)), 90)
    counted = [finding.people for finding in found if finding.people >= 0]
    assert len(counted) == 3
    assert set(counted) == {2}
    assert all(finding.patient is patient for finding in found)


def test_a_tracker_that_jumps_to_the_nurse_is_put_back_on_the_patient() -> None:
    patient, nurse = person(300, 150), person(520, 150)
    tracker = Tracker(*[patient] * 40, nurse)
    tracker.relocked = patient
    found = run(following(ROOM, tracker, Crowd(patient, nurse)), 90)
    assert all(finding.patient is None or same_person(finding.patient, patient) for finding in found)
    assert sum(finding.patient is not None for finding in found) >= 85
    assert len(tracker.anew) == 1
    shown = tracker.anew[0]
    assert (shown[150, 520] != grey()[150, 520]).all()
    assert (shown[150, 300] == grey()[150, 300]).all()


def test_when_the_patient_is_gone_the_nurse_is_not_shown_as_the_patient() -> None:
    patient, nurse = person(150, 150), person(560, 150)
    crowd = Crowd(patient, nurse)
    tracker = Tracker(*[patient] * 40, nurse)
    follower = following(ROOM, tracker, crowd)
    run(follower, 38)
    crowd.people = [nurse]
    later = run(follower, 60, start=38)
    assert all(finding.patient is None for finding in later[2:])


def test_a_missed_frame_is_a_gap_of_one_frame() -> None:
    patient = person(300, 150)
    tracker = Tracker(*[patient] * 10, None, patient)
    found = run(following(ROOM, tracker, Crowd()), 30)
    assert [number for number, finding in enumerate(found) if finding.patient is None] == [10]


def test_with_a_drawn_box_joints_are_in_the_whole_pictures_pixels() -> None:
    room = Room(WIDTH, HEIGHT, Box(0.5, 0.0, 1.0, 1.0))
    in_window = person(300, 150)
    (found,) = run(following(room, Tracker(in_window), Crowd()), 1)
    assert found.patient is not None
    left = int((0.5 - 0.25 * 0.5) * WIDTH)
    assert found.patient.joints[Joint.NOSE, 0] == pytest.approx(300 + left)


def test_a_figure_that_is_not_a_person_is_neither_followed_nor_counted() -> None:
    title = person(300, 150)
    found = run(following(ROOM, Tracker(title), Crowd(title), Checker(title)), 90)
    assert all(finding.patient is None for finding in found)
    assert {finding.people for finding in found if finding.people >= 0} == {0}


def test_a_patient_who_was_seen_and_is_covered_up_stays_but_a_figure_of_another_size_does_not() -> None:
    patient, foot = person(300, 150), person(300, 150, scale=25)
    checker = Checker()
    follower = following(ROOM, Tracker(patient), Crowd(patient), checker)
    run(follower, 30)
    checker.figures = [patient]
    assert all(finding.patient is patient for finding in run(follower, 60, start=30))
    follower = following(ROOM, Tracker(*[patient] * 20, foot), Crowd(foot), Checker(foot))
    assert all(finding.patient is None for finding in run(follower, 60)[40:])


def test_a_patient_who_lies_is_shown_to_the_detectors_upright() -> None:
    lying = person(300, 150, turn=math.pi / 2)

    class Turned(Tracker):
        shapes: tuple[tuple[int, ...], ...] = ()

        def find(self, image: Image) -> PersonPose | None:
            self.shapes = (*self.shapes, image.shape)
            quarters = int(image.shape[0] == WIDTH)
            return into(lying, View(quarters), (WIDTH, HEIGHT))

    tracker = Turned(lying)
    found = run(following(ROOM, tracker, Crowd()), 200)
    assert tracker.shapes[-1] == (WIDTH, HEIGHT, 3)
    assert found[-1].quarters == 1
    assert found[-1].patient is not None
    assert found[-1].patient.joints == pytest.approx(lying.joints, abs=1e-3)


def test_a_cut_is_one_and_a_light_that_goes_on_or_off_is_none() -> None:
    rng = np.random.default_rng(1)
    first = np.kron(rng.integers(30, 220, (9, 16, 1)), np.ones((40, 40, 3))).astype(np.uint8)
    second = np.kron(rng.integers(30, 220, (9, 16, 1)), np.ones((40, 40, 3))).astype(np.uint8)
    assert is_cut(thumbnail(first), thumbnail(second))
    assert not is_cut(thumbnail(first), thumbnail((first * 0.3).astype(np.uint8)))
    assert not is_cut(thumbnail(first), thumbnail(np.roll(first, 6, axis=1)))


def test_bright_pictures_pass_and_dim_ones_are_lifted_without_losing_their_order() -> None:
    bright = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (64, 1, 3))
    assert DimPictureLifter().lift(bright) is bright
    dim = (bright // 10 + 8).astype(np.uint8)
    lifted = DimPictureLifter().lift(dim)
    assert lifted.mean() > 2.5 * dim.mean()
    assert (np.diff(lifted[32, :, 0].astype(int)) >= 0).all()


def test_a_black_picture_is_lifted_without_a_warning() -> None:
    with np.errstate(all="raise"):
        assert DimPictureLifter().lift(np.zeros((32, 32, 3), np.uint8)).shape == (32, 32, 3)


@pytest.mark.parametrize("size", [(360, 640), (1080, 1920), (1920, 1080), (1, 5000)])
def test_large_pictures_are_fitted_and_the_factor_leads_back(size: tuple[int, int]) -> None:
    small, factor = fit(np.zeros((*size, 3), np.uint8), 960)
    assert max(small.shape[:2]) <= 960
    assert max(small.shape[:2]) * factor == pytest.approx(max(size), rel=0.01)
    assert min(small.shape[:2]) >= 1


def test_the_track_is_in_displayed_pixels_and_gaps_are_not_a_number() -> None:
    rows = [
        FrameFindings(0.0, Finding(person(100, 50), 1, 90.0), face_at(100, 50, 30)),
        FrameFindings(0.04, Finding(None, -1, 91.0), None),
    ]
    track = assemble(rows, (WIDTH, HEIGHT), (2 * WIDTH, 2 * HEIGHT))
    assert track.joint(Joint.NOSE)[0].tolist() == [200.0, 100.0]
    assert track.joints[0, 0, 2] == pytest.approx(0.9)
    assert track.face[:, FACE_COLUMN[NOSE_LINE[-1]]][0].tolist() == pytest.approx([200.0, 100.0, 6.0])
    assert np.isnan(track.joints[1]).all()
    assert np.isnan(track.world[1]).all()
    assert np.isnan(track.face[1]).all()
    assert track.people.tolist() == [1, -1]
