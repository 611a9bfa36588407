"""The pose track of decoded pictures; decoding, pose and face run in parallel. For the analysis process
only."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from app.core.enhance.detector_pictures import POSE_WIDTH, DimPictureLifter, Image, fit, rgb
from app.core.enhance.detectors import (
    CrowdDetector,
    FaceDetector,
    FaceMesh,
    HeadFaces,
    PersonMask,
    PoseTracker,
)
from app.core.enhance.face_follower import FaceFollower
from app.core.enhance.face_shape import face_shape
from app.core.enhance.identity import Followed, doubts
from app.core.enhance.patient_tracking import (
    PersonPose,
    Room,
    Sighting,
    frames_on_other_person,
    place_of,
)
from app.core.enhance.person_check import PersonChecker
from app.core.enhance.pose_follower import Finding, PoseFollower
from app.core.enhance.pose_track import FACE_POINTS, Doubt, FloatArray, PoseTrack
from app.core.enhance.room_survey import RoomSurvey
from app.core.picture_box import Box

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """One decoded frame: `time` in seconds, `image` (h, w, 3) uint8 BGR."""

    time: float
    image: Image


@dataclass(frozen=True, slots=True)
class FrameFindings:
    """The detections in one frame, in pixels of the decoded picture."""

    time: float
    finding: Finding
    face: FloatArray | None


@dataclass(frozen=True, slots=True)
class PatientDetectors:
    """What finds people in a picture and checks that they are people; closed together."""

    crowd: CrowdDetector
    checker: PersonChecker


@contextmanager
def patient_detectors() -> Iterator[PatientDetectors]:
    """The detectors, which take a second to load."""
    with closing(CrowdDetector()) as crowd, closing(PersonMask()) as mask, closing(HeadFaces()) as faces:
        yield PatientDetectors(crowd, PersonChecker(mask, faces))


def survey_room(
    pictures: Iterable[DecodedPicture], patient: Box | None, detectors: PatientDetectors
) -> Room | None:
    """The people's places in the room and which way the patient lies, from a few pictures spread over the
    recording; None without a picture."""
    survey: RoomSurvey | None = None
    for picture in pictures:
        image = _for_pose(picture.image)
        survey = survey or RoomSurvey(
            Room(image.shape[1], image.shape[0], patient), detectors.crowd, detectors.checker
        )
        survey.add(image)
    return survey.room() if survey is not None else None


def find_rows(
    pictures: Iterable[DecodedPicture], room: Room | None, patient: Box | None, detectors: PatientDetectors
) -> Iterator[FrameFindings]:
    """The detections of the patient in every picture, in order; decoding, pose and face run in parallel."""
    with (
        closing(FaceMesh()) as mesh,
        closing(FaceDetector()) as faces,
        closing(PoseTracker()) as tracker,
        closing(_prefetch(pictures)) as decoded,
        closing(_prefetch(_poses(decoded, room, patient, tracker, detectors))) as poses,
    ):
        follower = FaceFollower(mesh, faces, patient)
        for picture, finding in poses:
            face = follower.find(
                picture.time, picture.image, finding.patient, cut=finding.cut, quarters=finding.quarters
            )
            yield FrameFindings(picture.time, finding, face)


def _poses(
    pictures: Iterable[DecodedPicture],
    room: Room | None,
    patient: Box | None,
    tracker: PoseTracker,
    detectors: PatientDetectors,
) -> Iterator[tuple[DecodedPicture, Finding]]:
    follower: PoseFollower | None = None
    for picture in pictures:
        small, factor = fit(picture.image, POSE_WIDTH)
        image = rgb(small)
        if follower is None:
            room = room or Room(image.shape[1], image.shape[0], patient)
            follower = PoseFollower(room, tracker, detectors.crowd, detectors.checker)
        finding = follower.find(picture.time, image)
        if finding.patient is not None:
            person = PersonPose(finding.patient.joints * _xy_scale(factor), finding.patient.world)
            finding = replace(finding, patient=person)
        yield picture, finding


def assemble(
    rows: list[FrameFindings],
    decoded: tuple[int, int],
    displayed: tuple[int, int],
    room: Room | None = None,
) -> PoseTrack:
    """The pose track of all frames, in pixels of the `displayed` picture (width, height)."""
    n = len(rows)
    joints = np.full((n, 33, 3), np.nan, dtype=np.float32)
    world = np.full((n, 33, 3), np.nan, dtype=np.float32)
    face = np.full((n, len(FACE_POINTS), 3), np.nan, dtype=np.float32)
    wide, high = displayed[0] / decoded[0], displayed[1] / decoded[1]
    astray = set(frames_on_other_person([_sighting(row.finding) for row in rows]))
    frames = [_followed(row, number in astray) for number, row in enumerate(rows)]
    doubt = doubts(frames, room.enlarged(decoded[0]) if room is not None else None)
    for number, row in enumerate(rows):
        if number in astray or doubt[number] in (Doubt.NOT_A_PERSON, Doubt.ANOTHER):
            continue
        if row.finding.patient is not None:
            joints[number] = row.finding.patient.joints * np.array([wide, high, 1.0], dtype=np.float32)
            world[number] = row.finding.patient.world
        if row.face is not None:
            face[number] = row.face * np.array([wide, high, wide], dtype=np.float32)
    return PoseTrack(
        times=np.array([row.time for row in rows], dtype=np.float64),
        width=displayed[0],
        height=displayed[1],
        joints=joints,
        world=world,
        face=face,
        people=np.array([row.finding.people for row in rows], dtype=np.int16),
        brightness=np.array([row.finding.brightness for row in rows], dtype=np.float32),
        doubt=doubt,
    )


def _followed(row: FrameFindings, astray: bool) -> Followed:
    """What is known of the figure in a frame, for the decision who it is."""
    finding = row.finding
    place = place_of(finding.patient) if finding.patient is not None and not astray else None
    face = face_shape(row.face) if row.face is not None and place is not None else None
    return Followed(row.time, place, finding.cut, finding.check if place is not None else None, face)


def _sighting(finding: Finding) -> Sighting:
    place = place_of(finding.patient) if finding.patient is not None else None
    return Sighting(place, finding.people >= 0, finding.astray)


def _for_pose(image: Image) -> Image:
    return DimPictureLifter().lift(rgb(fit(image, POSE_WIDTH)[0]))


def _xy_scale(factor: float) -> FloatArray:
    return np.array([factor, factor, 1.0], dtype=np.float32)


_END = object()


def _prefetch(items: Iterable[T], depth: int = 4) -> Generator[T, None, None]:
    """The items, produced up to `depth` ahead in a background thread, whose errors are raised here.

    Closing the iterator ends the thread.
    """
    ready: queue.Queue[object] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(item: object) -> bool:
        while not stopped.is_set():
            with suppress(queue.Full):
                ready.put(item, timeout=0.1)
                return True
        return False

    def work() -> None:
        last: object = _END
        try:
            for item in items:
                if not put(item):
                    break
        except BaseException as error:  # noqa: BLE001 - raised again in the other thread
            last = _Failure(error)
        put(last)

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item  # type: ignore[misc]  # the queue holds T, _END and _Failure only
    finally:
        stopped.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException
