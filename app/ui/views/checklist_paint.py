"""Painting of the cells of the checklist."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.core.answer_words import CONFIDENCE_LETTERS
from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import Answer, Laterality, Presence
from app.ui.theme import Theme, draw_presence, small_font
from app.ui.views.checklist_model import FurtherAnswer

SEGMENTS: tuple[Presence, ...] = (Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE)
"""The three signs of *mine*, from left to right."""

SHORT_WORDS: dict[Presence | None, str] = {**PRESENCE_NAMES, Presence.NOT_ASSESSABLE: "n/a", None: ""}

GLYPH = 11.0
"""Side of a glyph, in device-independent pixels."""

_MARGIN, NAME_END = 10.0, 4.0
"""Pixels on the left of a cell's text, and on the right of a name."""


def segment_rects(cell: QRectF) -> tuple[QRectF, ...]:
    """The areas of the three signs of a *mine* cell, side by side and of one size."""
    width = (cell.width() - 12.0) / len(SEGMENTS)
    first = QRectF(cell.left() + 4.0, cell.top() + 2.5, width, cell.height() - 5.0)
    return first, first.translated(width, 0.0), first.translated(2 * width, 0.0)


_LETTERS: dict[Laterality | None, str] = {None: "", **{side: side.value[0].upper() for side in Laterality}}
"""L, R, B, and nothing without a side."""


def fitting_name(name: str, font: QFont, width: float) -> str:
    """The name of a feature, cut in the middle where it is too long: names differ at both ends."""
    return QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideMiddle, width)


def is_cut(name: str, font: QFont, cell: float) -> bool:
    """Whether a cell of this width shows only a part of a name."""
    width = cell - _MARGIN - NAME_END
    return fitting_name(name, font, width) != name


def has_room_for_words(font: QFont, width: float) -> bool:
    """Whether signs of *mine* this wide have room for each of their words: all three have one, or none."""
    widest = max(QFontMetricsF(font).horizontalAdvance(SHORT_WORDS[presence]) for presence in SEGMENTS)
    return GLYPH + 8 + widest <= width


class CellPainter:
    """Paints one cell at a time; leaves the painter as it was."""

    def __init__(self, painter: QPainter, rect: QRect, theme: Theme, font: QFont) -> None:
        self._painter = painter
        self._rect = QRectF(rect)
        self._theme = theme
        self._font = font
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def heading(self, words: str) -> None:
        font = small_font()
        font.setWeight(QFont.Weight.DemiBold)
        box = self._rect.adjusted(_MARGIN, 0, -_MARGIN, -4)
        self._words(box, words, self._theme.muted, font, Qt.AlignmentFlag.AlignBottom)

    def ground(self, *, selected: bool) -> None:
        """The band of the selected row, or of the one under the pointer."""
        colour = self._theme.selection if selected else self._theme.hover
        self._painter.fillRect(self._rect, QColor(colour))

    def differing(self) -> None:
        """The tint of a row in which the compared readers differ."""
        tint = QColor(self._theme.caution_ground)
        tint.setAlpha(150)
        self._painter.fillRect(self._rect, tint)

    def name(self, words: str, *, selected: bool) -> None:
        if selected:
            bar = QRectF(self._rect.left(), self._rect.top(), 3.0, self._rect.height())
            self._painter.fillRect(bar, QColor(self._theme.mine))
        box = self._rect.adjusted(_MARGIN, 0, -NAME_END, 0)
        self._words(box, fitting_name(words, self._font, box.width()), self._theme.text, self._font)

    def segments(
        self, chosen: Presence | None, hovered: Presence | None, side: Laterality | None = None
    ) -> None:
        """Paint the three signs; the chosen one is filled and labelled, with the letter of its side."""
        for presence, box in zip(SEGMENTS, segment_rects(self._rect), strict=True):
            if presence is chosen:
                self._chosen(presence, box, _LETTERS[side])
                continue
            if presence is hovered:
                self._pill(box, self._theme.raised, self._theme.edge)
            colour = self._theme.text if presence is hovered else self._theme.edge
            draw_presence(self._painter, box, presence, colour, side=GLYPH - 1)

    def answer(self, answer: Answer, colour: str, mine: Presence | None, *, differs: bool) -> None:
        """Paint a reader's answer, thin and slanted as a suggestion until the person agrees."""
        agreed = mine is not None and mine is answer.presence
        box = self._rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        glyph = QRectF(box.left(), box.top(), GLYPH, box.height())
        draw_presence(self._painter, glyph, answer.presence, colour, side=GLYPH + 1, suggestion=not agreed)
        metrics = QFontMetricsF(self._font)
        letter = CONFIDENCE_LETTERS[answer.confidence_kind]
        number = "" if answer.confidence is None else f"{answer.confidence}{letter}"
        right = metrics.horizontalAdvance(f"100{letter}") + 13
        words = box.adjusted(GLYPH + 8, 0, -right, 0)
        word = PRESENCE_NAMES[answer.presence]
        if metrics.horizontalAdvance(word) > words.width():
            word = SHORT_WORDS[answer.presence]
        word = f"{word} {_LETTERS[answer.laterality]}".strip()
        if metrics.horizontalAdvance(word) > words.width():
            word = _LETTERS[answer.laterality]
        font = QFont(self._font)
        font.setItalic(not agreed)
        # A *no* is quiet, as what is not there is.
        loud = answer.presence is Presence.YES
        self._words(words, word, colour if loud else self._theme.muted, font)
        self._words(box, number, self._theme.text, self._font, Qt.AlignmentFlag.AlignRight)
        if answer.confidence is not None:
            under = QRectF(box.right() - right + 13, box.bottom() - 4, right - 13, 2)
            self._certainty(under, answer.confidence, colour)
        if differs and answer.presence is not None:
            self._differs(box.right() - right + 1)

    def further(self, answers: Sequence[FurtherAnswer], colours: Sequence[str], width: float) -> None:
        """Paint the answers of further readers, each `width` wide."""
        for place, (answer, colour) in enumerate(zip(answers, colours, strict=True)):
            left = self._rect.left() + place * width
            self._further(QRectF(left, self._rect.top(), width, self._rect.height()), answer, colour)

    def _further(self, box: QRectF, answer: FurtherAnswer, colour: str) -> None:
        """One of them: glyph and side, a bar for the certainty, marks for evidence (:) and a note (')."""
        if answer.presence is None:
            return
        positive = answer.presence is Presence.YES
        shade = colour if positive else self._theme.muted
        glyph = QRectF(box.left() + 4, box.top(), GLYPH, box.height() - 3)
        draw_presence(self._painter, glyph, answer.presence, shade, side=GLYPH if positive else GLYPH - 3)
        side = _LETTERS[answer.laterality]
        marks = (":" if answer.has_evidence else "") + ("'" if answer.has_note else "")
        words = box.adjusted(GLYPH + 6, 0, 0, -3)
        self._words(words, side + marks, self._theme.text if positive else shade, small_font())
        if answer.confidence is not None:
            whole = QRectF(box.left() + 4, box.bottom() - 4, box.width() - 8, 2)
            self._certainty(whole, answer.confidence, shade)

    def _certainty(self, whole: QRectF, confidence: int, colour: str) -> None:
        """A confidence as a bar, the share of `whole` that it is."""
        self._painter.fillRect(whole, QColor(self._theme.line))
        bar = QRectF(whole.left(), whole.top(), whole.width() * confidence / 100, whole.height())
        self._painter.fillRect(bar, QColor(colour))

    def _differs(self, x: float) -> None:
        """Paint a small ≠ where the person and the reader disagree."""
        y = self._rect.center().y()
        pen = QPen(QColor(self._theme.text), 1.3)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self._painter.setPen(pen)
        for start, end in (((0, -2), (8, -2)), ((0, 2), (8, 2)), ((2, 5), (6, -5))):
            self._painter.drawLine(QPointF(x + start[0], y + start[1]), QPointF(x + end[0], y + end[1]))

    def _chosen(self, presence: Presence, box: QRectF, side: str) -> None:
        theme = self._theme
        self._pill(box, theme.mine, theme.mine)
        font = QFont(self._font)
        font.setWeight(QFont.Weight.DemiBold)
        named = has_room_for_words(font, box.width())
        word = f"{SHORT_WORDS[presence]} {side}".strip() if named else side
        if GLYPH + 8 + QFontMetricsF(font).horizontalAdvance(word) > box.width():
            word = side
        width = GLYPH + 4 + QFontMetricsF(font).horizontalAdvance(word)
        if not word or width + 4 > box.width():
            draw_presence(self._painter, box, presence, theme.panel, side=GLYPH)
            return
        left = box.center().x() - width / 2
        glyph = QRectF(left, box.top(), GLYPH, box.height())
        draw_presence(self._painter, glyph, presence, theme.panel, side=GLYPH)
        rest = QRectF(left + GLYPH + 4, box.top(), width, box.height())
        self._words(rest, word, theme.panel, font)

    def _pill(self, box: QRectF, fill: str, edge: str) -> None:
        self._painter.setPen(QPen(QColor(edge), 1.0))
        self._painter.setBrush(QColor(fill))
        self._painter.drawRoundedRect(box.adjusted(1.5, 1.0, -1.5, -1.0), 4, 4)

    def _words(
        self,
        box: QRectF,
        words: str,
        colour: str,
        font: QFont,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        vertical = align if align is Qt.AlignmentFlag.AlignBottom else Qt.AlignmentFlag.AlignVCenter
        horizontal = align if align is Qt.AlignmentFlag.AlignRight else Qt.AlignmentFlag.AlignLeft
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour))
        elided = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        self._painter.drawText(box, int(vertical | horizontal), elided)
