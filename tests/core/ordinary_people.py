"""Healthy people made of numbers: what they do all day, as a pose detector and a telephone would record it.

Nothing here knows the phantom: reaches are minimum-jerk (Flash & Hogan 1985), gestures come irregularly, jaws
talk at 3–7 Hz and chew at 1–2 Hz, blinks come 10–30 a minute in clusters, landmarks tremble by 0.5–1.5 % of a
shoulder width with a memory, more at the wrists, and now and then jump or change sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_POINTS, PoseTrack
from tests.core.ordinary_faces import face_points
from tests.core.ordinary_sounds import Sounds

Floats = npt.NDArray[np.float64]
LAP, TABLE, CHEST = (0.05, 1.15), (-0.25, 0.85), (-0.35, 0.55)
MOUTH, EAR, EYES_AHEAD = (-0.42, -0.4), (-0.12, -0.6), (-0.4, 0.05)


def minimum_jerk(t: Floats, start: float, seconds: float) -> Floats:
    """0 before, 1 after, and the smoothest way between (n,)."""
    s = np.clip((t - start) / seconds, 0, 1)
    return np.asarray(s**3 * (10 - 15 * s + 6 * s * s), np.float64)


def wandering(t: Floats, chance: np.random.Generator, rate: float) -> Floats:
    """(n,) a slow irregular course with a standard deviation of one."""
    found = np.zeros_like(t)
    for hz in rate * chance.uniform(0.2, 1.8, 7):
        found += np.sin(2 * np.pi * hz * t + chance.uniform(0, 6.3))
    return np.asarray(found / np.sqrt(3.5))


def within(t: Floats, start: float, end: float, edge: float = 0.25) -> Floats:
    return minimum_jerk(t, start, edge) * (1 - minimum_jerk(t, end - edge, edge))


def irregular(t: Floats, chance: np.random.Generator, rate: float, spread: float) -> Floats:
    """(n,) a swing whose rate and size wander by `spread` (share), −1…1."""
    step = np.gradient(t) * rate * (1 + spread * wandering(t, chance, 0.7))
    size = np.clip(1 + 1.5 * spread * wandering(t, chance, 0.9), 0.05, 2.5)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(step) + chance.uniform(0, 6.3)) * size)


class Person:
    """A person being built: the courses of wrists (shoulder widths from the shoulder, outwards and down),
    head (degrees), eyes, jaw and smile over time; activities write into them."""

    def __init__(self, seed: int, seconds: float, fps: float) -> None:
        self.chance = np.random.default_rng(seed)
        self.t = np.arange(round(seconds * fps)) / fps
        n = len(self.t)
        rest = self.chance.choice([0, 1])
        self.rest = [np.array(TABLE if rest else LAP) + self.chance.normal(0, 0.06, 2) for _ in range(2)]
        self.wrists = np.stack([np.tile(place, (n, 1)) for place in self.rest])
        self.swivel = np.clip(self.chance.normal(0.6, 0.2, 2), 0.1, 1.0)
        self.yaw = 4 * wandering(self.t, self.chance, 0.12)
        self.pitch = 3 * wandering(self.t, self.chance, 0.1)
        self.gaze = np.zeros((n, 2))
        self.lid = np.ones(n)
        self.jaw, self.smile, self.pucker = np.zeros(n), np.zeros(n), np.zeros(n)
        self.trunk = np.stack([0.02 * wandering(self.t, self.chance, 0.08) for _ in range(2)], axis=1)
        self.foot = np.zeros((2, n))
        self.blink_rate = self.chance.uniform(10, 30) / 60
        self.blinks_less = np.zeros(n)
        self.no_glances = np.zeros(n)
        self.sounds = Sounds(seed, seconds)

    def reach(self, hand: int, place: npt.ArrayLike, start: float, seconds: float) -> None:
        """A hand goes to a place (shoulder widths from its shoulder) and stays there."""
        share = minimum_jerk(self.t, start, seconds)[:, None]
        self.wrists[hand] += share * (np.asarray(place) - self.where(hand, start))

    def where(self, hand: int, seconds: float) -> Floats:
        row = min(int(np.searchsorted(self.t, seconds)), len(self.t) - 1)
        return np.asarray(self.wrists[hand, row].copy())

    def home(self, start: float, *, apart: float = 0.25) -> None:
        for hand in range(2):
            if np.hypot(*(self.where(hand, start) - self.rest[hand])) > 0.02:
                self.reach(hand, self.rest[hand], start + abs(self.chance.normal(0, apart)), self.brisk())

    def brisk(self) -> float:
        return float(self.chance.uniform(0.4, 0.9))

    def jitters(  # noqa: PLR0917  # a swing has that many numbers
        self, hand: int, start: float, end: float, size: float, rate: float, spread: float
    ) -> None:
        course = irregular(self.t, self.chance, rate, spread) * within(self.t, start, end)
        angle = self.chance.uniform(0, 6.3)
        self.wrists[hand] += size * course[:, None] * np.array([np.cos(angle), np.sin(angle)])

    def says(self, start: float, end: float, *, sound: bool = True) -> None:
        """Speech in phrases of some seconds, the jaw at the syllables, a nod and a glance here and there."""
        at = start + 0.1
        while at < end - 0.4:
            stop = min(at + self.chance.uniform(0.7, 3.5), end)
            rate = self.chance.uniform(3.5, 6)
            opening = 0.5 + 0.5 * irregular(self.t, self.chance, rate, 0.35)
            size = self.chance.uniform(0.25, 0.6)
            self.jaw += size * np.clip(opening, 0, 1.6) * within(self.t, at, stop, 0.15)
            self.pitch += 4 * irregular(self.t, self.chance, 0.8, 0.5) * within(self.t, at, stop, 0.3)
            self.yaw += 5 * irregular(self.t, self.chance, 0.35, 0.5) * within(self.t, at, stop, 0.3)
            if sound:
                self.sounds.speech(at, stop, mine=True)
            at = stop + self.chance.uniform(0.2, 1.2)

    def chews(self, start: float, end: float) -> None:
        at = start
        while at < end - 1:
            stop = min(at + self.chance.uniform(2, 7), end)
            chewing = 0.5 + 0.5 * irregular(self.t, self.chance, self.chance.uniform(1.0, 1.8), 0.12)
            self.jaw += 0.3 * np.clip(chewing, 0, 1.5) * within(self.t, at, stop)
            self.smile += 0.05 * irregular(self.t, self.chance, 1.4, 0.3) * within(self.t, at, stop)
            at = stop + self.chance.uniform(0.3, 2)

    def looks(self, yaw: float, start: float, end: float) -> None:
        """Head and eyes to a place and back, the eyes first."""
        there = minimum_jerk(self.t, start, 0.5) * (1 - minimum_jerk(self.t, end, 0.6))
        self.yaw += yaw * there
        self.gaze[:, 0] += 0.12 * np.sign(yaw) * within(self.t, start - 0.1, end, 0.1)

    def reads(self, start: float, end: float, down: float = 1.0) -> None:
        course = within(self.t, start, end, 0.4) * down
        self.pitch += 11 * course
        self.gaze[:, 1] += 0.09 * course
        self.gaze[:, 0] += 0.06 * ((self.t / 1.9) % 1 - 0.5) * course
        self.lid *= 1 - 0.25 * course
        self.no_glances = np.maximum(self.no_glances, course)
        self.blinks_less = np.maximum(self.blinks_less, 0.5 * course)


@dataclass(frozen=True, slots=True)
class Made:
    """A recording of an ordinary person: what the detectors found, the sound (16 kHz), what was done when."""

    track: PoseTrack
    sound: npt.NDArray[np.float32] | None
    story: tuple[tuple[str, float, float], ...]


def ordinary_person(
    seed: int, only: str | None = None, activities: dict[str, Activity] | None = None
) -> Made:
    """A person of this seed with two to six activities one after the other (or one kind `only`)."""
    from tests.core.ordinary_activities import ACTIVITIES

    kinds = activities or ACTIVITIES
    chance = np.random.default_rng(seed + 10_000)
    seconds, fps = float(chance.uniform(15, 60)), float(chance.choice([10, 12, 15, 20, 24, 25, 30, 30]))
    person = Person(seed, seconds, fps)
    story = []
    at = float(chance.uniform(0, 2.5))
    while at < seconds - 3:
        name = only or str(chance.choice(list(kinds)))
        end = min(at + float(chance.uniform(4, 18)), seconds - 0.3)
        kinds[name](person, at, end)
        story.append((name, at, end))
        person.home(end - 0.2)
        at = end + float(chance.uniform(0.8, 4))
    if chance.random() < 0.3:
        person.sounds.music(0, seconds)
    return Made(recorded(person, seed, fps), person.sounds.mixed(chance.random()), tuple(story))


Activity = Callable[[Person, float, float], None]


def _ordinary_eyes(person: Person) -> None:
    t, chance = person.t, person.chance
    place, at = chance.normal(0, 0.05), 0.0
    while at < t[-1]:
        stay = float(chance.exponential(1.6) + 0.3)
        inside = (t >= at) & (t < at + stay)
        person.gaze[inside, 0] += place * (1 - person.no_glances[inside])
        at, place = at + stay, chance.normal(0, 0.06)
    at = float(chance.exponential(1 / person.blink_rate))
    while at < t[-1]:
        row = int(np.searchsorted(t, at))
        if row < len(t) and chance.random() > person.blinks_less[row]:
            shape = np.clip(1 - np.abs(t - at) / chance.uniform(0.09, 0.2), 0, 1)
            person.lid *= 1 - chance.uniform(0.65, 0.95) * np.clip(1.5 * shape, 0, 1)
        double = chance.random() < 0.18
        at += float(chance.uniform(0.3, 0.7) if double else 0.4 + chance.exponential(1.2 / person.blink_rate))


def recorded(person: Person, seed: int, fps: float) -> PoseTrack:
    """The person before a telephone's camera, found by a detector that trembles."""
    chance = np.random.default_rng(seed + 20_000)
    _ordinary_eyes(person)
    t, n = person.t, len(person.t)
    width, height = 854, 480
    unit = float(chance.uniform(70, 170))
    middle = np.array([width / 2 + chance.normal(0, 0.12 * width), 0.42 * height]) + unit * person.trunk
    joints = np.zeros((n, 33, 3))
    joints[:, :, 2] = 0.97
    bowed = np.radians(person.pitch)
    tilt = np.radians(person.yaw)
    head = middle + np.stack([0.12 * unit * np.sin(tilt), -0.55 * unit + 0.15 * unit * np.sin(bowed)], axis=1)
    turned = float(chance.uniform(0.75, 1.0))
    for hand, sign, base in ((0, 1, 0), (1, -1, 1)):
        shoulder = middle + np.array([sign * unit * turned / 2, 0.0])
        wrist = person.wrists[hand] * np.array([sign * turned, 1.0]) * unit + shoulder
        elbow = _elbow(shoulder, wrist, unit, sign, float(person.swivel[hand]))
        hip = middle + np.array([sign * 0.33 * unit, 1.45 * unit])
        knee = hip + np.array([sign * 0.25 * unit, 0.5 * unit])
        knee = knee - np.stack([np.zeros(n), person.foot[hand] * unit], axis=1)
        ankle = hip + np.array([sign * 0.25 * unit, 1.5 * unit])
        for joint, place in zip(
            (11, 13, 15, 23, 25, 27), (shoulder, elbow, wrist, hip, knee, ankle), strict=True
        ):
            joints[:, joint + base, :2] = place
        joints[:, 19 + base, :2] = wrist + 0.25 * (wrist - elbow)
        ear = np.stack([0.22 * unit * (sign * np.cos(tilt) - 0.3 * np.sin(tilt)), np.zeros(n)], axis=1)
        joints[:, 7 + base, :2] = head + ear
        joints[:, 9 + base, :2] = head + unit * np.stack(
            [sign * 0.08 + 0.2 * np.sin(tilt), np.full(n, 0.2)], 1
        )
    joints[:, 0, :2] = head + unit * np.stack([0.28 * np.sin(tilt), 0.08 + 0.2 * np.sin(bowed)], axis=1)
    face = face_points(person, chance, float(chance.uniform(0.2, 0.27)) * unit, head)
    shake = _camera(t, chance, unit)
    joints[:, :, :2] += shake[:, None]
    face[:, :, :2] += shake[:, None]
    _detected(joints, chance, unit, fps)
    _framed(joints, face, chance, (width, height), seed)
    return PoseTrack(
        times=t,
        width=width,
        height=height,
        joints=joints.astype(np.float32),
        world=np.full((n, 33, 3), np.nan, np.float32),
        face=face.astype(np.float32),
        people=np.full(n, chance.choice([1, 1, 2, 3]), np.int16),
        brightness=np.full(n, 120, np.float32),
    )


def _elbow(shoulder: Floats, wrist: Floats, unit: float, sign: int, swivel: float) -> Floats:
    """(n, 2) where the elbow hangs, both halves of the arm keeping their length."""
    upper, fore = 0.82 * unit, 0.68 * unit
    line = wrist - shoulder
    far = np.maximum(np.hypot(*line.T), 1e-6)
    along = np.clip((upper**2 - fore**2 + far**2) / (2 * far), -upper, upper)
    along = np.where(far < upper + fore, along, far * upper / (upper + fore))
    off = np.sqrt(np.maximum(upper**2 - along**2, 0)) * (far < upper + fore) * swivel
    way = line / far[:, None]
    outwards = np.stack([-way[:, 1], way[:, 0]], axis=1) * -sign
    down = np.where((outwards[:, 1] < -0.3)[:, None], -1.0, 1.0)
    return np.asarray(shoulder + along[:, None] * way + off[:, None] * outwards * down)


def _camera(t: Floats, chance: np.random.Generator, unit: float) -> Floats:
    """(n, 2) px: a camera on a table, or held in a hand that sways, trembles and follows."""
    if chance.random() < 0.35:
        return np.zeros((len(t), 2))
    sway = [wandering(t, chance, 0.5) * chance.uniform(0.01, 0.06) for _ in range(2)]
    tremble = [wandering(t, chance, 4.0) * chance.uniform(0.001, 0.008) for _ in range(2)]
    return unit * np.stack([a + b for a, b in zip(sway, tremble, strict=True)], axis=1)


def _detected(joints: Floats, chance: np.random.Generator, unit: float, fps: float) -> None:
    """The detector's tremble (with a memory of a fifth of a second), jumps, and sides that change places."""
    n = len(joints)
    size = np.full(33, chance.uniform(0.005, 0.015) / 2)
    size[[15, 16, 19, 20]] *= 1.8
    size[[25, 26, 27, 28]] *= 1.5
    keep = np.exp(-1 / (0.12 * fps))
    noise = np.zeros((33, 2))
    for row in range(n):
        noise = keep * noise + np.sqrt(1 - keep**2) * chance.normal(0, 1, (33, 2)) * size[:, None] * unit
        joints[row, :, :2] += noise
    for _ in range(chance.poisson(n / fps / 15)):
        row, joint = chance.integers(n), chance.choice([13, 14, 15, 16])
        stop = row + max(1, round(chance.uniform(0.03, 0.3) * fps))
        joints[row:stop, joint, :2] += chance.normal(0, 0.3 * unit, 2)
        joints[row:stop, joint, 2] = chance.uniform(0.3, 0.9)
    for _ in range(chance.poisson(0.3)):
        row = chance.integers(n)
        rows = slice(row, row + max(1, round(chance.uniform(0.05, 0.3) * fps)))
        for left in (13, 15):
            joints[rows, [left, left + 1]] = joints[rows, [left + 1, left]]


def _framed(
    joints: Floats, face: Floats, chance: np.random.Generator, size: tuple[int, int], seed: int
) -> None:
    """What the picture does not hold: legs behind a table, a hand outside, a face; and a cut."""
    n = len(joints)
    if chance.random() < 0.7:
        joints[:, 25:, 2] = chance.uniform(0.05, 0.45)
    if chance.random() < 0.15:
        joints[:, [15, 19], 2] = 0.2
    for _ in range(chance.poisson(1.0)):
        row = chance.integers(n)
        joints[row : row + chance.integers(3, 40), chance.choice([15, 16]), 2] = 0.3
    if chance.random() < 0.2:
        row = chance.integers(n // 4, n)
        zoom, shift = chance.uniform(0.7, 1.4), chance.normal(0, 60, 2)
        centre = np.array(size) / 2
        for points in (joints, face):
            points[row:, :, :2] = (points[row:, :, :2] - centre) * zoom + centre + shift
    outside = (joints[:, :, 1] > size[1]) | (joints[:, :, 0] < 0) | (joints[:, :, 0] > size[0])
    joints[outside, 2] *= 0.4
    lost = chance.random(n) < 0.01
    face[lost] = np.nan
    if seed % 11 == 0:
        face[:] = np.nan
    assert face.shape[1] == len(FACE_POINTS)
