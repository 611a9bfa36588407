"""Recordings with planted names and dates in many forms, over backgrounds that stand and move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

WIDTH, HEIGHT = 1280, 720
_FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSerif", "DejaVuSerif-Italic", "cmr10",
          "DejaVuSansMono-Bold", "STIXGeneral", "DejaVuSans-Oblique")  # fmt: skip
_FIRST = ("Anna", "Bernhard", "Chiara", "Dimitri", "Elif", "Farid", "Greta", "Hamza", "Irene", "Jonas")
_LAST = ("Mueller", "Kowalski", "Okonkwo", "Petrova", "Schmidt", "Tanaka", "Ferreira", "Lindqvist", "Haddad")
NAMES = (*_FIRST, *_LAST)
"""Every name that a text can hold."""
BACKGROUNDS = ("plain", "room", "moving", "noise", "body", "stripes")


@dataclass(frozen=True, slots=True)
class Plant:
    """One text: what it says in frame 0, its box (left, top, right, bottom) in pixels, and how it was drawn.

    `changing`: it is a clock whose seconds go on.
    """

    text: str
    box: tuple[int, int, int, int]
    font: str
    size: int
    contrast: int
    style: str
    changing: bool = False


@dataclass(frozen=True, slots=True)
class PlantedScene:
    """A background and the texts on it."""

    background: str
    seed: int
    plants: tuple[Plant, ...]


def scenes(count: int, seed: int = 1) -> Iterator[PlantedScene]:
    """Scenes with at least `count` texts in all."""
    random = np.random.default_rng(seed)
    planted = 0
    while planted < count:
        background = BACKGROUNDS[int(random.integers(len(BACKGROUNDS)))]
        plants = tuple(_plants(random, background))
        planted += len(plants)
        yield PlantedScene(background, int(random.integers(1 << 30)), plants)


def _plants(random: np.random.Generator, background: str) -> Iterator[Plant]:
    """Some texts that do not touch each other; on the body of a scene that has one there is always one."""
    taken: list[tuple[int, int, int, int]] = []
    for number in range(int(random.integers(5, 9))):
        for _ in range(30):
            on_body = background == "body" and number == 0
            plant = _plant(random, on_body=on_body)
            if not any(_touch(plant.box, other) for other in taken):
                taken.append(plant.box)
                yield plant
                break


def _touch(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    space = 30
    return (
        one[0] < other[2] + space
        and other[0] < one[2] + space
        and one[1] < other[3] + space
        and other[1] < one[3] + space
    )


def _plant(random: np.random.Generator, *, on_body: bool) -> Plant:
    changing = random.random() < 0.2
    text = "2026-03-14 12:04:00" if changing else _words(random)
    font = str(random.choice(_FONTS))
    size = int(random.choice([13, 15, 18, 22, 28, 36, 48, 64]))
    left, top, right, bottom = _font(font, size).getbbox(text)
    width, height = int(right - left), int(bottom - top)
    while width > WIDTH - 40:
        size -= 8
        left, top, right, bottom = _font(font, size).getbbox(text)
        width, height = int(right - left), int(bottom - top)
    x = int(random.integers(10, WIDTH - width - 10))
    y = int(random.integers(10, HEIGHT - height - 10))
    if on_body:
        x, y = int(np.clip(WIDTH // 2 - width // 2, 10, WIDTH - width - 10)), HEIGHT // 2
    contrast = int(random.choice([255, 255, 160, 90, 50, 30, 20, -60, -120]))
    style = str(random.choice(["plain", "plain", "outline", "box"]))
    return Plant(text, (x, y, x + width, y + height), font, size, contrast, style, bool(changing))


def _words(random: np.random.Generator) -> str:
    name = f"{random.choice(_LAST)}, {random.choice(_FIRST)}"
    day = f"{random.integers(1, 29):02d}.{random.integers(1, 13):02d}.{random.integers(1940, 2020)}"
    kinds = (name, day, f"{name} {day}", f"{name.upper()} ID {random.integers(10**6, 10**7)}")
    return kinds[int(random.integers(len(kinds)))]


def box_of(text: str, font: str, size: int, left: int, top: int) -> tuple[int, int, int, int]:
    """The box of a text that is drawn with its upper left corner there."""
    origin = _font(font, size).getbbox(text)
    return left, top, left + int(origin[2] - origin[0]), top + int(origin[3] - origin[1])


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / f"{name}.ttf"), size)


def pictures(
    scene: PlantedScene, count: int, *, rate: float = 10.0, start: int = 0
) -> Iterator[tuple[float, Picture]]:
    """`count` frames (seconds, BGR) of a scene from frame `start` on; a clock shows its seconds."""
    for number in range(start, start + count):
        seconds = number / rate
        picture = background(scene.background, scene.seed, seconds)
        for plant in scene.plants:
            _draw(picture, plant, seconds)
        yield seconds, picture


def text_at(plant: Plant, seconds: float) -> str:
    """What a plant says at `seconds`."""
    return f"{plant.text[:-2]}{int(seconds) % 60:02d}" if plant.changing else plant.text


def strokes_of(plant: Plant, seconds: float) -> Mask:
    """Where (720, 1280) the letters of a plant, and their outline, are drawn at `seconds`."""
    ground = np.zeros((HEIGHT, WIDTH, 1), np.float32)
    part, letters = _place(ground, plant, seconds)
    part[:] = _outline(letters) if plant.style == "outline" else letters
    return np.asarray(ground[:, :, 0] > 0, bool)


def _outline(letters: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The letters and a pixel around them (h, w, 1)."""
    return np.asarray(cv2.dilate(letters, np.ones((3, 3)))[:, :, None], np.float32)


def _draw(picture: Picture, plant: Plant, seconds: float) -> None:
    place, letters = _place(picture, plant, seconds)
    part = place.astype(np.float32)
    if plant.style == "box":
        part = part * 0.2
    if plant.style == "outline":
        part = part - _outline(letters) * abs(plant.contrast) * 0.6
    place[:] = np.clip(part + letters * plant.contrast, 0, 255).astype(np.uint8)


def _place(
    picture: npt.NDArray[Any], plant: Plant, seconds: float
) -> tuple[npt.NDArray[Any], npt.NDArray[np.float32]]:
    """The part of the picture in which a plant is drawn, and how much of each pixel its letters cover
    (h, w, 1; 0–1)."""
    font = _font(plant.font, plant.size)
    left, top, right, bottom = plant.box
    drawn = Image.new("L", (right - left + 24, bottom - top + 24))
    origin = font.getbbox(plant.text)
    ImageDraw.Draw(drawn).text((12 - origin[0], 12 - origin[1]), text_at(plant, seconds), 255, font)
    letters = np.asarray(drawn, np.float32)[:, :, None] / 255
    y, x = max(top - 12, 0), max(left - 12, 0)
    letters = letters[y - (top - 12) :, x - (left - 12) :]
    part = picture[y : y + letters.shape[0], x : x + letters.shape[1]]
    return part, letters[: part.shape[0], : part.shape[1]]


def background(kind: str, seed: int, seconds: float) -> Picture:
    """A background (720, 1280, 3) BGR at `seconds`."""
    if kind == "plain":
        return np.full((HEIGHT, WIDTH, 3), 40 + seed % 120, np.uint8)
    if kind == "noise":
        random = np.random.default_rng(seed + round(seconds * 1000))
        return np.clip(random.normal(90, 12, (HEIGHT, WIDTH, 1)).repeat(3, 2), 0, 255).astype(np.uint8)
    if kind == "moving":
        shift = round(seconds * 90)
        return np.ascontiguousarray(np.roll(_texture(seed), (shift // 3, shift), (0, 1)))
    if kind == "stripes":
        columns = np.arange(WIDTH) + round(seconds * 40)
        line = (90 + 40 * np.sin(columns / 23)).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(line[None, :, None], (HEIGHT, WIDTH, 3)))
    picture = _room(seed).copy()
    if kind == "body":
        _draw_body(picture, seconds)
    return picture


@cache
def _texture(seed: int) -> Picture:
    random = np.random.default_rng(seed)
    coarse = random.normal(100, 45, (HEIGHT // 20, WIDTH // 20, 3)).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


@cache
def _room(seed: int) -> Picture:
    """A wall, a bed and furniture with straight edges, in soft light."""
    random = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    for _ in range(14):
        x, y = int(random.integers(WIDTH)), int(random.integers(HEIGHT))
        w, h = int(random.integers(60, 400)), int(random.integers(40, 300))
        colour = tuple(int(value) for value in random.integers(50, 190, 3))
        cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8)


def _draw_body(picture: Picture, seconds: float) -> None:
    """A trunk with a printed gown that shakes."""
    x = WIDTH // 2 + round(40 * np.sin(seconds * 9))
    cv2.rectangle(picture, (x - 220, 180), (x + 220, HEIGHT), (150, 170, 120), -1)
    for row in range(200, HEIGHT, 40):
        for column in range(x - 200, x + 220, 40):
            cv2.circle(picture, (column, row), 6, (90, 100, 160), -1)
    cv2.circle(picture, (x, 110), 70, (140, 170, 210), -1)
