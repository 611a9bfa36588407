"""The data of a phantom's script: appearance, viewpoint of the camera, and events over time."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.semiology import Laterality, Span

Colour = tuple[int, int, int]
"""Blue, green, red, 0–255."""


@dataclass(frozen=True, slots=True)
class PatientAppearance:
    """The patient, the bed and the light.

    `build` is the breadth of the body relative to the mean; `light` multiplies the brightness;
    `light_side` is -1 (light from the picture's left) to 1; `noise` is the standard deviation of the
    picture's noise in grey levels; `mirrored` swaps left and right of the finished picture.
    """

    build: float = 1.0
    skin: Colour = (142, 172, 214)
    hair: Colour = (40, 52, 72)
    hair_style: str = "short"
    gown: Colour = (190, 168, 128)
    trousers: Colour = (150, 132, 104)
    wall: Colour = (206, 214, 212)
    bedding: Colour = (236, 234, 228)
    blanket_colour: Colour = (168, 150, 118)
    iris: Colour = (70, 88, 96)
    light: float = 1.0
    light_side: float = -0.5
    infrared: bool = False
    noise: float = 1.5
    blanket: bool = False
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """The view of the camera: `zoom`, shift of the picture in shares of its height, `roll` in degrees, and
    `off_axis`, the share by which the far side of the picture is smaller (0 is straight ahead)."""

    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    roll: float = 0.0
    off_axis: float = 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """One scripted event.

    `kind` is a feature's id, a lookalike or an ordinary action (see `event_kinds.py`); `side` is the
    patient's; `rate` and `end_rate` are in Hz at the start and at the end (0: not rhythmic); `amount` scales
    the movement (1 is typical); `variant` selects a form of it; `seed` determines its irregularities.
    """

    kind: str
    span: Span
    side: Laterality | None = None
    rate: float = 0.0
    end_rate: float = 0.0
    amount: float = 1.0
    variant: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PhantomScript:
    """The complete description of a phantom; the same script always gives the same picture and sound.

    `duration` in seconds, `fps` in Hz, `size` is (width, height) in pixels, both even.
    """

    seed: int
    duration: float
    events: tuple[Event, ...]
    fps: float = 30.0
    size: tuple[int, int] = (854, 480)
    appearance: PatientAppearance = PatientAppearance()
    camera: Viewpoint = Viewpoint()
    title: str = "phantom"

    @property
    def frames(self) -> int:
        """The number of frames."""
        return max(1, round(self.duration * self.fps))

    def of_kind(self, *kinds: str) -> tuple[Event, ...]:
        """The events of these kinds, in order of their start."""
        return tuple(
            sorted((event for event in self.events if event.kind in kinds), key=lambda event: event.span)
        )
