"""Text that is burned into a recording: found by what never changes its place and has the edges of letters.

Two kinds of evidence, because a camera writes names that stand still and clocks that go on. In the mean of
many pictures of a recording what moves becomes smooth and what stands stays sharp, so that a faint name comes
out of the noise. In single pictures, letters that are found at the same place again and again are a clock,
whatever it says. Letters are thin strokes with sharp edges (top-hat transform) in lines (`letter_lines`), and
what a network takes for text (`text_detector`); how the two are weighed is in `text_places`.
Imports cv2: for the processes that make pictures only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from app.core.hiding.covered_places import CoveredPlace, CoveredPlaces, shown_between
from app.core.hiding.letter_lines import MOST_HEIGHT, LetterLines, LetterMarks, grown, lines_of_letters
from app.core.hiding.text_detector import TextDetector
from app.core.hiding.text_places import TextPlace, large_lines, places_of_text
from app.core.hiding.text_smears import is_smear
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording
from app.core.semiology import Span

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
_Grey = npt.NDArray[np.float32]
ShareReport = Callable[[float], None]
"""Receives the completed share of the work (0–1)."""

_LONGEST = 1280
"""Pixels of the longer side of the pictures in which text is looked for."""
_STROKE = 9
"""Pixels of the widest stroke on one level of size; wider ones are found on the next, half as large."""
_LEAST_HEIGHT = 5
"""Pixels of the least height of a letter."""
_CONTRASTS = (5.0, 8.0, 13.0, 20.0, 32.0, 50.0, 80.0)
"""Grey levels by which strokes stand out in the mean, tried one after the other: at a low one strong strokes
swallow their surroundings, at a high one weak strokes vanish."""
_CONTRASTS_OF_ONE = (14.0, 28.0, 56.0)
"""The same for a single picture, whose noise is not averaged away."""
_ERRORS = 4.0
"""Standard errors of the mean by which its strokes must stand out."""
_SIZES = (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
_SHARP = 0.22
"""Steepest step from pixel to pixel at a letter, as a share of its contrast."""
_AGAIN = 0.4
"""Share of the pictures of a stretch in which letters must be found at a place."""
_REACH = 2
"""Pictures before and after one that has large letters in which these are covered too."""
_PICTURES, _PART, _MOST_SINGLE = 36, 12, 9
"""Pictures of a stretch, of each part of it, and of the stretch those that are searched one by one."""


class TextSearch:
    """Collects pictures of one stretch of a recording in their order, all of one size, and finds the text
    that they share, or that a part of them shares, as a title does. Memory grows with the parts alone.

    Raises UserError where the detector of text is missing.
    """

    def __init__(self) -> None:
        self._detector = TextDetector()
        self._parts: list[_Sums] = []
        self._shape = (1, 1)
        self._large: list[tuple[float, tuple[TextPlace, ...]]] = []

    def add(self, image: Image, seconds: float, *, single: bool = True) -> None:
        """Take the picture (h, w, 3) BGR at `seconds` into account; `single`: also search it alone for small
        text, which is slow."""
        grey = _grey(image)
        self._shape = grey.shape[0], grey.shape[1]
        if not self._parts or self._parts[-1].pictures >= _PART:
            self._parts.append(_Sums.of_nothing(grey))
        part = self._parts[-1]
        part.add(grey)
        if single:
            if not part.single:
                part.likely = self._detector.likelihood(grey)
            part.search_alone(grey)
        self._large.append((seconds, large_lines(self._detector.large(grey))))

    def found(self) -> CoveredPlaces:
        """Where there is text, and when.

        What stands is covered all the time, and so is small text wherever it was found; large text of a part
        of the pictures, as a title, about that part, and what single pictures have of it about these: a title
        may move.
        """
        covered = [*self._covers_of(range(len(self._large)), self._parts)] if self._parts else []
        if len(self._parts) > 1:
            for number, part in enumerate(self._parts):
                covered += self._covers_of(range(number * _PART, number * _PART + part.pictures), [part])
        for number, (_, lines) in enumerate(self._large):
            about = self._about(number + 1 - _REACH, number + _REACH)
            covered += shown_between(self._outlines(lines), *about)
        return CoveredPlaces(tuple(covered))

    def _covers_of(self, pictures: range, parts: Sequence[_Sums]) -> Iterator[CoveredPlace]:
        """What the mean of the pictures of these numbers has."""
        lines = [self._large[number][1] for number in pictures]
        places = reduce(_Sums.joined, parts).places(self._detector)
        large = [place for place in places if place.large and not is_smear(place, lines)]
        yield from self._outlines([place for place in places if not place.large])
        yield from shown_between(self._outlines(large), *self._about(pictures.start, pictures.stop))

    def _about(self, first: int, end: int) -> tuple[float, float]:
        """From when to when (s) that may be shown which the pictures from `first` to before `end` have: from
        the picture before these to the one after."""
        before = self._large[first - 1][0] if first > 0 else -math.inf
        return before, self._large[end][0] if end < len(self._large) else math.inf

    def _outlines(self, places: Iterable[TextPlace]) -> tuple[CoveredPlace, ...]:
        """What is covered of the places, in shares of the picture."""
        height, width = self._shape
        return tuple(
            CoveredPlace(tuple(((x + 0.5) / width, (y + 0.5) / height) for x, y in place.outline().tolist()))
            for place in places
        )


@dataclass(slots=True)
class _Sums:
    """Sums over pictures: of grey levels, of their squares, and of the places of letters in single ones; and
    how likely there is text in one of these (0–1)."""

    grey: _Grey
    squares: _Grey
    letters: _Grey
    likely: _Grey
    pictures: int = 0
    single: int = 0

    @classmethod
    def of_nothing(cls, like: _Grey) -> _Sums:
        """Sums over no pictures, of the size of `like`."""
        grey, squares, letters, likely = (np.zeros_like(like) for _ in range(4))
        return cls(grey, squares, letters, likely)

    def add(self, grey: _Grey) -> None:
        self.grey += grey
        self.squares += grey**2
        self.pictures += 1

    def search_alone(self, grey: _Grey) -> None:
        self.letters += _places(grey, _CONTRASTS_OF_ONE, None)
        self.single += 1

    def joined(self, other: _Sums) -> _Sums:
        return _Sums(
            self.grey + other.grey,
            self.squares + other.squares,
            self.letters + other.letters,
            np.maximum(self.likely, other.likely),
            self.pictures + other.pictures,
            self.single + other.single,
        )

    def places(self, detector: TextDetector) -> tuple[TextPlace, ...]:
        """Where the mean has text, or single pictures have letters again and again."""
        mean = np.asarray(self.grey / self.pictures, np.float32)
        spread = np.sqrt(np.maximum(self.squares / self.pictures - mean**2, 0.0) / self.pictures)
        by_strokes = _places(mean, _CONTRASTS, np.asarray(_ERRORS * spread, np.float32))
        found = places_of_text(detector.likelihood(mean), by_strokes)
        if self.single > 1:
            again = self.letters >= max(_AGAIN * self.single, 2)
            found += places_of_text(self.likely, again, alone=False)
        return found


def text_in(
    recording: Recording,
    span: Span,
    *,
    size: tuple[int, int] | None = None,
    report: ShareReport = lambda _share: None,
) -> CoveredPlaces:
    """Where text is burned into the displayed picture between the ends of `span`, and when.

    Some pictures of the stretch are decoded, to `size` (width, height in px) if given. Raises UserError when
    the recording cannot be read.
    """
    search = TextSearch()
    with FrameReader(recording, size) as reader:
        video = recording.video
        assert video is not None  # the reader has checked it
        first, last = video.number_at(span.start), video.number_at(max(span.end - 1e-3, span.start))
        numbers = [first + place for place in spread_evenly(last - first + 1, _PICTURES)]
        alone = set(spread_evenly(len(numbers), _MOST_SINGLE))
        for done, number in enumerate(numbers):
            frame = reader.frame(number)
            search.add(frame.image, frame.time, single=done in alone)
            report((done + 1) / len(numbers))
    return search.found()


def spread_evenly(count: int, most: int) -> list[int]:
    """At most `most` of the numbers from 0 to before `count`, evenly spread, in order."""
    return list(range(count)) if count <= most else [int((n + 0.5) * count / most) for n in range(most)]


def _grey(image: Image) -> _Grey:
    factor = min(1.0, _LONGEST / max(image.shape[:2]))
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if factor < 1.0:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return grey.astype(np.float32)


def _places(grey: _Grey, contrasts: Sequence[float], least: _Grey | None) -> Mask:
    """Where there are lines of letters of any size, with a margin; strokes fainter than `least` are noise."""
    found: list[LetterLines] = []
    level, steps, size = grey, _steps(grey), 1
    while min(level.shape) >= 2 * MOST_HEIGHT:
        for marks in _marks(level, steps, contrasts, least):
            found += [lines.scaled(size) for lines in lines_of_letters(marks)]
        level, steps = _half(level), _half(_widest(steps, 2), cv2.INTER_NEAREST)
        least, size = None if least is None else _half(least), 2 * size
    return _boxes_drawn(grown(found), grey.shape)


def _half(level: _Grey, way: int = cv2.INTER_AREA) -> _Grey:
    return np.asarray(cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=way), np.float32)


def _steps(grey: _Grey) -> _Grey:
    """The steepest step (grey levels a pixel) about each pixel."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    return _widest(np.asarray(cv2.magnitude(across, down), np.float32), 5)


def _widest(values: _Grey, side: int) -> _Grey:
    """The largest value in a square about each pixel."""
    return np.asarray(cv2.dilate(values, np.ones((side, side), np.uint8)), np.float32)


def _marks(
    level: _Grey, steps: _Grey, contrasts: Sequence[float], least: _Grey | None
) -> Iterator[LetterMarks]:
    """What could be letters on one level of size: bright marks, dark ones, by contrast."""
    kernel = np.ones((_STROKE, _STROKE), np.uint8)
    for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes = np.asarray(cv2.morphologyEx(level, way, kernel), np.float32)
        clear = strokes if least is None else np.where(strokes >= least, strokes, 0.0)
        for contrast in contrasts:
            marks = _like_letters((clear >= contrast).astype(np.uint8), strokes, steps, level)
            if marks is not None:
                yield marks


def _like_letters(binary: Image, strokes: _Grey, steps: _Grey, level: _Grey) -> LetterMarks | None:
    """The connected parts that have the size, the filling and the sharp edges of a letter or a short word."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    width, height, area = (stats[:, column].astype(np.float64) for column in _SIZES)
    upright = (height >= _LEAST_HEIGHT) & (height <= MOST_HEIGHT) & (width <= 8 * height)
    lying = (width >= _LEAST_HEIGHT) & (width <= MOST_HEIGHT) & (height <= 8 * width)
    kept = (upright | lying) & (area >= 0.12 * width * height) & (area >= 6)
    kept[0] = False
    y, x = np.nonzero(kept[labels]) if kept.any() else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    mark, contrast = np.asarray(labels[y, x], np.int64), strokes[y, x]
    kept &= np.bincount(mark, steps[y, x], count) >= _SHARP * np.bincount(mark, contrast, count)
    sharp = kept[mark]
    if not sharp.any():
        return None
    y, x = y[sharp], x[sharp]
    mask = np.zeros_like(binary)
    mask[y, x] = 255
    return LetterMarks(mask, y, x, mark[sharp], contrast[sharp], level[y, x], height, width)


def _boxes_drawn(boxes: list[tuple[int, int, int, int]], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape[:2], np.uint8)
    for left, top, right, bottom in boxes:
        cv2.rectangle(mask, (left, top), (right - 1, bottom - 1), (1,), -1)
    return mask > 0
