"""Painting the patient's pose over the picture; nothing here keeps state.

Left and right are the patient's own. They differ in tone and in line: left is light and solid, right
is green and dashed. Every line has a dark edge, so that it can be seen on any picture. In a mirrored
picture the pose model's left is the patient's right, and is drawn as that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from app.core.enhance.pose_track import (
    FACE_COLUMN,
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_BROW,
    RIGHT_EYE,
    SKELETON,
    Doubt,
    FloatArray,
    Joint,
    PoseTrack,
)
from app.core.picture_box import Box
from app.core.recording.presentation import UPRIGHT, Orientation
from app.ui.session.picture import Overlay
from app.ui.theme import body_font, small_font

TRAIL_SECONDS = 2.0
_TRAIL_STEPS = 6
_SEEN, _CLEAR = 0.2, 0.8
"""Visibility below which a joint is not drawn, and above which it is drawn in full."""

_LEFT, _RIGHT, _MIDDLE, _EDGE = "#f6f7f8", "#8fe0ae", "#cfd4d8", "#101214"
_DASHES = [3.2, 1.8]
_FACE_LINES = tuple(
    ([FACE_COLUMN[point] for point in points], closed)
    for points, closed in (
        (FACE_OVAL, True),
        (LEFT_EYE, True),
        (RIGHT_EYE, True),
        (LEFT_BROW[:5], False),
        (RIGHT_BROW[:5], False),
        (LIPS_OUTER, True),
        (LIPS_INNER, True),
    )
)


DOUBT_NOTES = {
    Doubt.NOT_A_PERSON: "What was found here is not surely a person; left out of the answers",
    Doubt.UNCERTAIN: "Not certain that this is the patient; left out of the answers",
    Doubt.ANOTHER: "Another person is here; left out of the answers",
}
_DOUBTFUL = 0.4
"""Opacity of what is drawn over a person who may not be the patient."""


def fresh_row(track: PoseTrack | None, seconds: float) -> int | None:
    """The row of the frame on screen; None when that frame has not been analysed."""
    row = track.row_at(seconds) if track is not None else None
    if track is None or row is None:
        return None
    steps = np.diff(track.times[max(0, row - 10) : row + 10])
    longest = 1.5 * float(np.median(steps)) if len(steps) else 0.0
    return row if seconds - float(track.times[row]) <= max(longest, 0.1) else None


def missing(track: PoseTrack, row: int, overlay: Overlay) -> str:
    """The parts of the overlay that cannot be drawn in this frame, as text; "" when nothing is missing."""
    if not (overlay.skeleton or overlay.face or overlay.trails):
        return ""
    found = bool(np.isfinite(track.joints[row, Joint.LEFT_SHOULDER, 0]))
    face = bool(np.isfinite(track.face[row, 0, 0]))
    doubt = DOUBT_NOTES.get(Doubt(int(track.doubt[row])))
    if doubt is not None:
        return doubt
    if not found and not face:
        return "No person found in this frame"
    return "Face not seen in this frame" if overlay.face and not face else ""


@dataclass(frozen=True, slots=True)
class _PoseCanvas:
    """The area of the whole frame on the widget and its orientation, for painting a pose."""

    picture: QRectF
    track: PoseTrack
    orientation: Orientation

    def placed(self, points: FloatArray) -> npt.NDArray[np.float64]:
        """Pixels (n, 2) of the widget from pixels (n, 2) of the recording's picture."""
        shares = np.asarray(points, np.float64) / (self.track.width, self.track.height)
        size = (self.picture.width(), self.picture.height())
        return np.asarray(
            self.orientation.shown(shares) * size + (self.picture.left(), self.picture.top()), np.float64
        )

    def side(self, model_side: str) -> str:
        """The patient's own side of what the pose model calls LEFT or RIGHT."""
        return _OPPOSITE.get(model_side, model_side) if self.orientation.mirrored else model_side


def paint_pose(
    painter: QPainter,
    picture: QRectF,
    track: PoseTrack,
    row: int,
    overlay: Overlay,
    *,
    orientation: Orientation = UPRIGHT,
) -> None:
    """Paint one row of the track; `picture` is where the whole frame lies on the widget, turned and
    mirrored by `orientation`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = min(3.5, max(2.0, picture.height() / 200))
    canvas = _PoseCanvas(picture, track, orientation)
    if track.doubt[row]:
        painter.setOpacity(_DOUBTFUL)
    if overlay.trails:
        for joint, side in ((Joint.LEFT_WRIST, "LEFT"), (Joint.RIGHT_WRIST, "RIGHT")):
            _paint_trail(painter, _trail(canvas, row, joint), QColor(_COLOURS[canvas.side(side)]), width)
    if overlay.face:
        _paint_face(painter, canvas.placed(track.face[row, :, :2]), width * 0.6)
    if overlay.skeleton:
        _paint_skeleton(painter, canvas, row, width)


def _opacity(visibility: FloatArray) -> npt.NDArray[np.float64]:
    share = (np.nan_to_num(visibility.astype(np.float64)) - _SEEN) / (_CLEAR - _SEEN)
    return np.asarray(np.clip(share, 0.0, 1.0))


def _side(*joints: Joint) -> str:
    """LEFT, RIGHT, or MIDDLE for a line between the sides."""
    names = {joint.name.partition("_")[0] for joint in joints}
    return names.pop() if len(names) == 1 else "MIDDLE"


_COLOURS = {"LEFT": _LEFT, "RIGHT": _RIGHT, "MIDDLE": _MIDDLE}
_OPPOSITE = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
_BONES = tuple((first, second, _side(first, second)) for first, second in SKELETON)
_DOTS = tuple(sorted({joint for bone in SKELETON for joint in bone}))


def _pen(colour: QColor | str, width: float, opacity: float, *, dashed: bool = False) -> QPen:
    shade = QColor(colour)
    shade.setAlphaF(opacity)
    pen = QPen(shade, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # round ends cost ten times as much, and dots cover them
    if dashed:
        pen.setDashPattern(_DASHES)
    return pen


def _paint_skeleton(painter: QPainter, canvas: _PoseCanvas, row: int, width: float) -> None:
    joints = canvas.track.joints[row]
    places, opacity = canvas.placed(joints[:, :2]), _opacity(joints[:, 2])
    points = places.tolist()
    seen = (np.isfinite(places).all(axis=1) & (opacity > 0)).tolist()
    for first, second, model_side in _BONES:
        if not (seen[first] and seen[second]):
            continue
        side = canvas.side(model_side)
        strength = float(min(opacity[first], opacity[second]))
        line = QLineF(*points[first], *points[second])
        painter.setPen(_pen(_EDGE, width + 2, 0.55 * strength))
        painter.drawLine(line)
        painter.setPen(_pen(_COLOURS[side], width, strength, dashed=side == "RIGHT"))
        painter.drawLine(line)
    for joint in _DOTS:
        if seen[joint]:
            colour = QColor(_COLOURS[canvas.side(_side(Joint(joint)))])
            colour.setAlphaF(float(opacity[joint]))
            painter.setPen(_pen(_EDGE, 1, 0.55 * float(opacity[joint])))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*points[joint]), width * 1.25, width * 1.25)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for joint, model_side in ((Joint.LEFT_WRIST, "LEFT"), (Joint.RIGHT_WRIST, "RIGHT")):
        if seen[joint]:
            letter = canvas.side(model_side)[0]
            _paint_letter(painter, QPointF(*points[joint]), letter, float(opacity[joint]), width)


def _paint_letter(painter: QPainter, place: QPointF, letter: str, strength: float, width: float) -> None:
    font = body_font()
    font.setBold(True)
    painter.setFont(font)
    spot = place + QPointF(width * 2.5, -width * 2.5)
    for shift in (QPointF(-1, 0), QPointF(1, 0), QPointF(0, -1), QPointF(0, 1)):
        painter.setPen(_pen(_EDGE, 1, 0.7 * strength))
        painter.drawText(spot + shift, letter)
    painter.setPen(_pen(_LEFT if letter == "L" else _RIGHT, 1, strength))
    painter.drawText(spot, letter)


def _paint_face(painter: QPainter, places: npt.NDArray[np.float64], width: float) -> None:
    if not np.isfinite(places).all():
        return
    path = QPainterPath()
    for columns, closed in _FACE_LINES:
        polygon = QPolygonF([QPointF(x, y) for x, y in places[columns].tolist()])
        path.addPolygon(polygon)
        if closed:
            path.closeSubpath()
    painter.setPen(_pen(_EDGE, width + 1.4, 0.5))
    painter.drawPath(path)
    painter.setPen(_pen(_LEFT, width, 0.9))
    painter.drawPath(path)


def _trail(canvas: _PoseCanvas, row: int, joint: Joint) -> npt.NDArray[np.float64]:
    """The places (n, 2) of a joint in the last two seconds, oldest first; NaN where it was not seen."""
    track = canvas.track
    first = int(np.searchsorted(track.times, track.times[row] - TRAIL_SECONDS))
    places = canvas.placed(track.joints[first : row + 1, joint, :2])
    places[np.nan_to_num(track.joints[first : row + 1, joint, 2]) < _SEEN] = np.nan
    return places


def _paint_trail(painter: QPainter, places: npt.NDArray[np.float64], colour: QColor, width: float) -> None:
    """Paint lines that fade with age and break where the joint was not seen."""
    n = len(places)
    for step in range(_TRAIL_STEPS):
        piece = places[n * step // _TRAIL_STEPS : n * (step + 1) // _TRAIL_STEPS + 1]
        lines = _lines(piece)
        if lines:
            strength = (step + 1) / _TRAIL_STEPS
            if strength > 0.5:
                painter.setPen(_pen(_EDGE, width + 1.5, 0.35 * strength))
                painter.drawLines(lines)
            painter.setPen(_pen(colour, width * (0.5 + 0.5 * strength), 0.85 * strength))
            painter.drawLines(lines)


def _lines(places: npt.NDArray[np.float64]) -> Sequence[QLineF]:
    both = np.hstack((places[:-1], places[1:]))
    return [QLineF(*four) for four in both[np.isfinite(both).all(axis=1)].tolist()]


def paint_box(painter: QPainter, area: QRectF, label: str) -> None:
    """Paint a thin box with a small label at its upper left corner."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(_EDGE, 3, 0.5))
    painter.drawRect(area)
    painter.setPen(_pen(_LEFT, 1, 0.95))
    painter.drawRect(area)
    if label:
        _paint_words(painter, area.topLeft() + QPointF(0, -3), label)


def paint_note(painter: QPainter, picture: QRectF, words: str) -> None:
    """Paint a small note in the lower left corner of the picture."""
    _paint_words(painter, picture.bottomLeft() + QPointF(10, -10), words)


def _paint_words(painter: QPainter, lower_left: QPointF, words: str) -> None:
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    ground = QRectF(0, 0, metrics.horizontalAdvance(words) + 12, metrics.height() + 4)
    ground.moveBottomLeft(lower_left)
    if ground.top() < 0:
        ground.moveTop(0)
    shade = QColor(_EDGE)
    shade.setAlphaF(0.75)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade)
    painter.drawRoundedRect(ground, 3, 3)
    painter.setPen(QColor(_LEFT))
    painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, words)


def paint_heading(painter: QPainter, picture: QRectF, words: str) -> None:
    """Paint a warning about the whole picture in its upper left corner."""
    metrics = QFontMetricsF(small_font())
    _paint_words(painter, picture.topLeft() + QPointF(10, 10 + metrics.height() + 4), words)


def box_area(box: Box, picture: QRectF, orientation: Orientation = UPRIGHT) -> QRectF:
    """The area on the widget of a box in shares of the stored picture."""
    corners = orientation.shown(np.array([[box.left, box.top], [box.right, box.bottom]]))
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return QRectF(
        QPointF(picture.left() + left * picture.width(), picture.top() + top * picture.height()),
        QPointF(picture.left() + right * picture.width(), picture.top() + bottom * picture.height()),
    )


def area_box(area: QRectF, picture: QRectF, orientation: Orientation = UPRIGHT) -> Box | None:
    """The inverse of `box_area`, cut at the picture; None when it is smaller than 2 % of a side."""
    xs = [(x - picture.left()) / picture.width() for x in (area.left(), area.right())]
    ys = [(y - picture.top()) / picture.height() for y in (area.top(), area.bottom())]
    corners = orientation.stored(np.clip(np.array([xs, ys]).T, 0.0, 1.0))
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Box(left, top, right, bottom) if right - left >= 0.02 and bottom - top >= 0.02 else None
