"""A random appearance of patient, bed and light, and a random viewpoint of the camera, both by seed."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from app.core.phantom.script import Colour, PatientAppearance, Viewpoint

Item = TypeVar("Item")

SKINS: tuple[Colour, ...] = (
    (172, 196, 232),
    (150, 180, 220),
    (142, 172, 214),
    (118, 154, 204),
    (96, 132, 184),
    (76, 108, 160),
    (60, 86, 132),
)
HAIRS: tuple[Colour, ...] = (
    (28, 30, 34),
    (40, 52, 72),
    (52, 74, 108),
    (96, 136, 176),
    (150, 154, 158),
    (44, 70, 122),
)
_DARK_HAIRS = (HAIRS[0], HAIRS[0], HAIRS[1], HAIRS[4])
HAIR_STYLES = ("short", "long", "cropped", "side")
GOWNS: tuple[Colour, ...] = (
    (190, 168, 128),
    (168, 182, 150),
    (196, 190, 204),
    (150, 160, 196),
    (206, 204, 196),
    (128, 128, 168),
)
TROUSERS: tuple[Colour, ...] = (
    (150, 132, 104),
    (132, 122, 112),
    (112, 116, 132),
    (164, 156, 146),
    (104, 92, 84),
)
WALLS: tuple[Colour, ...] = ((206, 214, 212), (214, 210, 196), (196, 212, 206), (210, 214, 222))
BLANKETS: tuple[Colour, ...] = ((168, 150, 118), (140, 150, 176), (150, 172, 150), (176, 168, 160))
IRISES: tuple[Colour, ...] = ((70, 88, 96), (48, 66, 92), (136, 118, 88), (96, 116, 92))


def pick(generator: np.random.Generator, items: tuple[Item, ...]) -> Item:
    return items[int(generator.integers(len(items)))]


def random_appearance(seed: int, *, lookalikes: bool, blanket: float = 0.3) -> PatientAppearance:
    """The appearance for a seed; without `lookalikes` no blanket, infrared or mirrored picture.

    `blanket` is the probability of a blanket (0–1).
    """
    generator = np.random.default_rng([seed, 1])
    draws = generator.random(4)
    skin = int(generator.integers(len(SKINS)))
    hairs = HAIRS if skin < 4 else _DARK_HAIRS
    infrared = lookalikes and bool(draws[0] < 0.2)
    return PatientAppearance(
        build=float(generator.uniform(0.9, 1.12)),
        skin=SKINS[skin],
        hair=pick(generator, hairs),
        hair_style=pick(generator, HAIR_STYLES),
        gown=pick(generator, GOWNS),
        trousers=pick(generator, TROUSERS),
        wall=pick(generator, WALLS),
        blanket_colour=pick(generator, BLANKETS),
        iris=pick(generator, IRISES),
        light=float(generator.uniform(0.86, 1.06)),
        light_side=float(generator.choice([-1, 1]) * generator.uniform(0.3, 0.8)),
        infrared=infrared,
        noise=float(generator.uniform(4, 8) if infrared else generator.uniform(1, 3)),
        blanket=lookalikes and bool(draws[1] < blanket),
        mirrored=lookalikes and bool(draws[2] < 0.2),
    )


def random_camera(seed: int, *, lookalikes: bool) -> Viewpoint:
    """The viewpoint for a seed; without `lookalikes` the camera is never off-axis."""
    generator = np.random.default_rng([seed, 2])
    off_axis = bool(generator.random() < 0.3) and lookalikes
    side = float(generator.choice([-1, 1]))
    return Viewpoint(
        zoom=float(generator.uniform(0.93, 1.03)),
        shift_x=float(generator.uniform(-0.05, 0.05)),
        shift_y=float(generator.uniform(-0.015, 0.02)),
        roll=side * float(generator.uniform(3, 6) if off_axis else generator.uniform(0, 1.5)),
        off_axis=-side * float(generator.uniform(0.12, 0.22)) if off_axis else 0.0,
    )
