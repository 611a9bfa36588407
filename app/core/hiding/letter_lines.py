"""Which marks in a picture stand in lines as letters do: of one height and of one colour or one contrast, as
parts of a texture or of furniture hardly ever are. Imports cv2: for the processes that make pictures only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Corners = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""
_Grey = npt.NDArray[np.float32]
_Numbers = npt.NDArray[np.float64]

MOST_HEIGHT = 26
"""Pixels of the largest height of a letter on one level of size."""
_GAP = 13
"""Pixels between letters of a line at most."""
_MARGIN, _ALONG = 0.3, 1.0
"""Shares of its height by which a line is widened, and lengthened at either end."""
_LOOSE, _ALIKE, _NEARLY, _VERY = 0.3, (0.14, 0.22), (0.6, 0.11), (0.07, 0.12)
"""How much letters of a line may differ in colour and in contrast, as shares of their contrast: at all; where
there are four or more, of one colour or of one contrast; where there are three."""


class LetterLines(NamedTuple):
    """Lines that could be text: `boxes` (n, 4) left, top, right, bottom; whether each runs `across` rather
    than down; whether each is `sure`."""

    boxes: npt.NDArray[np.int64]
    across: Mask
    sure: Mask

    def scaled(self, factor: int) -> LetterLines:
        return self._replace(boxes=self.boxes * factor)

    def turned(self) -> LetterLines:
        """The same in the picture whose rows and columns are exchanged."""
        return LetterLines(self.boxes[:, [1, 0, 3, 2]], ~self.across, self.sure)


class LetterMarks(NamedTuple):
    """Marks in a picture that could be letters: a `mask` (h, w) of 0 and 255; for each pixel of a mark its
    place `y`, `x`, the number of its mark, by how much it stands out (`contrast`) and its grey level
    (`colour`); for each number the size of the mark in px."""

    mask: Image
    y: npt.NDArray[np.int64]
    x: npt.NDArray[np.int64]
    mark: npt.NDArray[np.int64]
    contrast: _Grey
    colour: _Grey
    tall: _Numbers
    long: _Numbers

    def turned(self) -> LetterMarks:
        """The same in the picture whose rows and columns are exchanged."""
        mask = np.ascontiguousarray(self.mask.T)
        return self._replace(mask=mask, y=self.x, x=self.y, tall=self.long, long=self.tall)


class _LineMeasures(NamedTuple):
    """Measures of every line, its number the index, 0 for the ground: size in px, number of marks and of
    letters that these stand for, shares, and differences of colour and contrast as shares of the contrast."""

    width: _Numbers
    height: _Numbers
    marks: _Numbers
    letters: _Numbers
    as_high: _Numbers
    filled: _Numbers
    colours: _Numbers
    contrasts: _Numbers


def lines_of_letters(marks: LetterMarks) -> tuple[LetterLines, LetterLines]:
    """The lines of marks, across and down."""
    return _across(marks), _across(marks.turned()).turned()


def _across(marks: LetterMarks) -> LetterLines:
    closed = cv2.morphologyEx(marks.mask, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    left, top, width, height, _ = stats.T.astype(np.int64)
    line = _measured(marks, np.asarray(labels[marks.y, marks.x], np.int64), width, height)
    kept = _could_be_text(line)
    boxes = np.stack([left, top, left + width, top + height], axis=1)[kept]
    return LetterLines(boxes, np.ones(len(boxes), np.bool_), _is_text(line)[kept])


def _could_be_text(line: _LineMeasures) -> Mask:
    could = (line.letters >= 2) & (line.width >= 1.2 * line.height) & (line.height <= 1.6 * MOST_HEIGHT)
    could &= np.minimum(line.colours, line.contrasts) <= _LOOSE
    could[0] = False
    return np.asarray(could)


def _is_text(line: _LineMeasures) -> Mask:
    text = (
        (line.letters >= 3)
        & (line.width >= 2.2 * line.height)
        & (line.as_high >= 0.6)
        & (line.filled >= 0.25)
    )
    alike = (line.colours <= _ALIKE[0]) & (line.contrasts <= _ALIKE[1])
    alike |= (line.colours <= _NEARLY[0]) & (line.contrasts <= _NEARLY[1])
    very = (line.colours <= _VERY[0]) & (line.contrasts <= _VERY[1])
    return np.asarray(text & ((alike & (line.marks >= 4)) | (very & (line.marks >= 3))))


def _measured(
    marks: LetterMarks,
    of_pixels: npt.NDArray[np.int64],
    width: npt.NDArray[np.int64],
    height: npt.NDArray[np.int64],
) -> _LineMeasures:
    """The measures of the lines whose sizes are given; `of_pixels` is the line of each pixel of a mark."""
    count = len(width)
    line = np.zeros(len(marks.tall), np.int64)
    line[marks.mark] = of_pixels
    there = np.zeros(len(marks.tall))
    there[marks.mark] = 1.0
    number: _Numbers = np.maximum(np.bincount(line, there, count), 1.0)
    # A word whose letters touch counts as so many letters.
    stands_for = there * np.clip(np.round(0.8 * marks.long / np.maximum(marks.tall, 1)), 1, 8)
    ink = np.maximum(np.bincount(of_pixels, minlength=count), 1)
    contrast = np.maximum(np.bincount(of_pixels, marks.contrast, count) / ink, 1e-3)
    return _LineMeasures(
        width.astype(np.float64),
        height.astype(np.float64),
        number,
        np.asarray(np.bincount(line, stands_for, count), np.float64),
        _share_as_high(line, there * marks.tall, number),
        ink / np.maximum(width * height, 1),
        _spread(line, marks.mark, marks.colour, count) / contrast,
        _spread(line, marks.mark, marks.contrast, count) / contrast,
    )


def _share_as_high(line: npt.NDArray[np.int64], tall: _Numbers, number: _Numbers) -> _Numbers:
    """The share of the marks of each line that are about as high as its highest, dots and commas are not."""
    highest = np.zeros(len(number))
    np.maximum.at(highest, line, tall)
    usual = np.minimum(highest, 1.3 * np.bincount(line, tall, len(number)) / number)
    as_high = (tall > 0) & (tall >= 0.6 * usual[line])
    return np.asarray(np.bincount(line, as_high, len(number)) / number)


def _spread(line: npt.NDArray[np.int64], mark: npt.NDArray[np.int64], values: _Grey, count: int) -> _Numbers:
    """How much the mean values of the marks of each line differ (standard deviation, by their pixels)."""
    pixels = np.bincount(mark, minlength=len(line))
    mean = np.bincount(mark, values, len(line)) / np.maximum(pixels, 1)
    whole = np.maximum(np.bincount(line, pixels, count), 1)
    middle = np.bincount(line, pixels * mean, count) / whole
    squares = np.bincount(line, pixels * mean**2, count) / whole
    return np.asarray(np.sqrt(np.maximum(squares - middle**2, 0.0)))


def grown(found: Sequence[LetterLines]) -> list[Corners]:
    """The sure lines with a margin, continued by what has their row and their height and could be text."""
    corners: list[Corners] = []
    for order, across in (((0, 1, 2, 3), True), ((1, 0, 3, 2), False)):
        rows = [lines.boxes[lines.across == across][:, order] for lines in found]
        sure = [lines.sure[lines.across == across] for lines in found]
        if rows:
            lines = _wide(np.concatenate(rows).astype(np.float64), np.concatenate(sure))[:, order]
            corners += [(int(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in np.round(lines)]
    return corners


def _wide(rows: _Numbers, sure: Mask) -> _Numbers:
    """The sure rows, continued and with a margin."""
    lines = rows[sure]
    for _again in range(2):
        lines = np.array([_longer(line, rows) for line in lines]).reshape(-1, 4)
    height = lines[:, 3] - lines[:, 1]
    along, off = _ALONG * height, _MARGIN * height + 2
    return np.asarray(lines + np.stack([-along, -off, along, off], axis=1))


def _longer(line: _Numbers, rows: _Numbers) -> _Numbers:
    """A line with the rows that continue it."""
    height = line[3] - line[1]
    other = rows[:, 3] - rows[:, 1]
    same = (other >= 0.5 * height) & (other <= 1.6 * height)
    same &= np.abs(rows[:, [1, 3]].mean(axis=1) - line[[1, 3]].mean()) <= 0.35 * height
    same &= (rows[:, 0] <= line[2] + 1.5 * height) & (rows[:, 2] >= line[0] - 1.5 * height)
    near = np.vstack([rows[same], line])
    return np.array([near[:, 0].min(), near[:, 1].min(), near[:, 2].max(), near[:, 3].max()])
