"""Colours, fonts and glyphs of the window, dark and light.

Greys are neutral and there is one colour per reader, from a set that colour-blind people can tell
apart (after Okabe and Ito, 2008). Presence is a glyph and a word; colour only says whose answer it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QApplication

from app.core.folders import resource
from app.core.reading import ReaderKind
from app.core.semiology import Presence


class Mode(StrEnum):
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, each as `#rrggbb`.

    `window` is behind everything, `panel` behind lists and fields, `raised` behind buttons; `line`
    parts rows, `edge` draws what can be clicked (≥ 3:1 on all backgrounds and on `selection`); `text` and
    `muted` are the two strengths of words (both ≥ 4.5:1 on all backgrounds and on `selection`). `mine`,
    `signal` and `reference` are the readers' colours, `caution` the colour of what needs attention, `stage`
    is around the picture.
    """

    mode: Mode
    window: str
    panel: str
    raised: str
    hover: str
    line: str
    edge: str
    text: str
    muted: str
    selection: str
    mine: str
    signal: str
    reference: str
    caution: str
    caution_ground: str
    cursor: str
    stage: str

    def reader(self, kind: ReaderKind) -> str:
        """The colour of a kind of reader."""
        return {ReaderKind.PERSON: self.mine, ReaderKind.PHANTOM: self.reference}.get(kind, self.signal)

    def beside(self, kind: ReaderKind) -> str:
        """The colour of a reader shown next to my reading; another person does not get the colour *mine*."""
        return self.reference if kind in (ReaderKind.PERSON, ReaderKind.PHANTOM) else self.signal

    @property
    def dark(self) -> bool:
        return self.mode is Mode.DARK


DARK = Theme(
    mode=Mode.DARK,
    window="#17181a",
    panel="#1d1e21",
    raised="#2a2c30",
    hover="#25272a",
    line="#2c2e32",
    edge="#7f848b",
    text="#e3e4e6",
    muted="#a4a8ae",
    selection="#33363c",
    mine="#62b6f0",
    signal="#e5aa42",
    reference="#d894bd",
    caution="#f0b35a",
    caution_ground="#3a3020",
    cursor="#f4f4f5",
    stage="#0c0d0e",
)

LIGHT = Theme(
    mode=Mode.LIGHT,
    window="#eeeff0",
    panel="#fafafa",
    raised="#e6e7e9",
    hover="#f0f1f2",
    line="#dfe0e3",
    edge="#72767c",
    text="#1d1f22",
    muted="#54585e",
    selection="#dde1e6",
    mine="#005c9e",
    signal="#864c00",
    reference="#8c2f6b",
    caution="#7d4700",
    caution_ground="#fbecd2",
    cursor="#141517",
    stage="#d9dbde",
)

THEMES: dict[Mode, Theme] = {Mode.DARK: DARK, Mode.LIGHT: LIGHT}

ROW_HEIGHT = 28
"""Height of a row of a list, in device-independent pixels."""


def body_font() -> QFont:
    """The system's font in its own size, with figures of equal width."""
    return QFont(_sized(QApplication.font().toString(), 1.0))


def small_font() -> QFont:
    """The second of the two sizes: headings of groups, notes, axes."""
    return QFont(_sized(QApplication.font().toString(), 0.88))


@lru_cache(maxsize=8)
def _sized(font: str, share: float) -> QFont:
    """The font of this description at a share of its size; making one takes longer than copying it."""
    sized = QFont()
    sized.fromString(font)
    sized.setFeature(QFont.Tag("tnum"), 1)
    if sized.pointSizeF() > 0:
        sized.setPointSizeF(sized.pointSizeF() * share)
    return sized


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1–21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(QColor(first)), _luminance(QColor(second))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def draw_presence(
    painter: QPainter,
    box: QRectF,
    presence: Presence | None,
    colour: str,
    *,
    side: float | None = None,
    suggestion: bool = False,
) -> None:
    """Paint the glyph of a presence into the square in the middle of `box`, the largest or of this `side`.

    A suggestion (an answer that no person has agreed with) is drawn in thin lines, never in a fainter
    colour than words may have. Shapes differ, so that colour is never needed to tell them apart.
    """
    side = side or min(box.width(), box.height())
    centre = box.center()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(colour), side * (0.10 if suggestion else 0.16))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(centre)
    painter.drawPath(_presence_path(presence, side / 2))
    painter.restore()


@lru_cache(maxsize=64)
def _presence_path(presence: Presence | None, reach: float) -> QPainterPath:
    """The glyph around the origin, with this extent to every side."""

    def at(x: float, y: float) -> QPointF:
        return QPointF(x * reach, y * reach)

    path = QPainterPath()
    if presence is Presence.YES:
        path.moveTo(at(-0.75, 0.05))
        path.lineTo(at(-0.2, 0.6))
        path.lineTo(at(0.75, -0.6))
    elif presence is Presence.NO:
        path.moveTo(at(-0.55, -0.55))
        path.lineTo(at(0.55, 0.55))
        path.moveTo(at(0.55, -0.55))
        path.lineTo(at(-0.55, 0.55))
    elif presence is Presence.NOT_ASSESSABLE:
        path.addEllipse(at(0.0, 0.0), reach * 0.66, reach * 0.66)
        path.moveTo(at(-0.47, 0.47))
        path.lineTo(at(0.47, -0.47))
    else:
        path.moveTo(at(-0.18, 0.0))
        path.lineTo(at(0.18, 0.0))
    return path


STYLE = "Fusion"
"""Qt's style, which looks alike on every desktop; the style sheet and the palette rest on it."""

HAS_STYLE = "has_style"
"""The property of an application that was begun with the style: to set it makes some five hundred values of
Qt's styles known to Python, which nothing else needs at the start."""


def apply(application: QApplication, theme: Theme) -> None:
    """Give the whole program this theme."""
    if not application.property(HAS_STYLE):
        application.setStyle(STYLE)
    application.setPalette(palette(theme))
    application.setStyleSheet(stylesheet(theme))


def palette(theme: Theme) -> QPalette:
    """The theme as a palette, for everything that Qt paints by itself."""
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.hover,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.caution,
        QPalette.ColorRole.Highlight: theme.selection,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Link: theme.mine,
        QPalette.ColorRole.Light: theme.raised,
        QPalette.ColorRole.Midlight: theme.line,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Dark: theme.line,
        QPalette.ColorRole.Shadow: theme.stage,
        QPalette.ColorRole.Accent: theme.mine,
    }
    result = QPalette()
    for role, colour in roles.items():
        result.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.edge))
    return result


def stylesheet(theme: Theme) -> str:
    """The style sheet, for what a palette cannot express: flat docks, quiet borders, thin scroll bars,
    frames and arrows that can be seen."""
    up, down = (resource(f"arrow_{way}.svg").as_posix() for way in ("up", "down"))
    tick = resource(f"tick_on_{theme.mode.value}.svg").as_posix()
    return f"""
    QMainWindow::separator {{ background: {theme.window}; width: 5px; height: 5px; }}
    QMainWindow::separator:hover {{ background: {theme.edge}; }}
    QDockWidget {{ border: none; }}
    QMenuBar {{ background: {theme.window}; padding: 1px 4px; }}
    QMenuBar::item {{ padding: 4px 8px; background: transparent; border-radius: 3px; }}
    QMenuBar::item:selected {{ background: {theme.raised}; }}
    QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 4px; }}
    QMenu::item {{ padding: 4px 24px 4px 20px; border-radius: 3px; }}
    QMenu::item:selected {{ background: {theme.selection}; }}
    QMenu::item:disabled {{ color: {theme.edge}; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 6px; }}
    QStatusBar {{ background: {theme.window}; }}
    QStatusBar::item {{ border: none; }}
    QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line}; }}
    QPushButton, QToolButton {{
        background: {theme.raised}; border: 1px solid transparent; border-radius: 4px; padding: 3px 10px;
    }}
    QToolButton {{ padding: 3px 6px; }}
    QPushButton:hover, QToolButton:hover {{ background: {theme.selection}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {theme.line}; }}
    QToolButton:checked {{ border-color: {theme.mine}; }}
    QPushButton:focus, QToolButton:focus {{ border-color: {theme.text}; }}
    QToolButton:checked:focus {{ border: 2px solid {theme.mine}; padding: 2px 5px; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {theme.edge}; background: transparent; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QLineEdit, QPlainTextEdit {{ placeholder-text-color: {theme.muted}; }}
    QComboBox, QAbstractSpinBox, QDialog QLineEdit, QDialog QPlainTextEdit {{
        background: {theme.panel}; border: 1px solid {theme.edge}; border-radius: 4px; padding: 3px 6px;
    }}
    QComboBox, QAbstractSpinBox {{ padding: 2px 6px; }}
    QDialog QLineEdit {{ padding: 3px 4px; }}  /* Qt adds two */
    QComboBox {{ combobox-popup: 0; }}
    QComboBox QAbstractItemView::item {{ min-height: 22px; padding: 0 5px; }}
    QAbstractSpinBox {{ padding-right: 20px; }}
    QComboBox::drop-down, QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
        background: transparent; border: none; width: 18px;
    }}
    QComboBox::down-arrow, QAbstractSpinBox::down-arrow {{
        image: url("{down}"); width: 10px; height: 10px;
    }}
    QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: 10px; height: 10px; }}
    QDialog QLineEdit:read-only, QDialog QPlainTextEdit:read-only, QComboBox:disabled,
    QAbstractSpinBox:disabled {{ border-color: {theme.line}; }}
    QDialog QLineEdit:focus, QDialog QPlainTextEdit:focus {{
        border: 2px solid {theme.mine}; padding: 2px 5px;
    }}
    QDialog QLineEdit:focus {{ padding: 2px 3px; }}
    QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {theme.mine}; padding: 1px 5px; }}
    QAbstractSpinBox:focus {{ padding-right: 19px; }}
    QSlider {{ border: 1px solid transparent; }}
    QSlider::groove:horizontal {{ background: {theme.edge}; height: 4px; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        background: {theme.text}; width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
    }}
    QSlider::handle:disabled {{ background: {theme.edge}; }}
    QSlider:focus {{ border-color: {theme.text}; }}
    QDialog QComboBox QLineEdit, QDialog QAbstractSpinBox QLineEdit {{
        background: transparent; border: none; padding: 0;
    }}
    QDialog QListView, QDialog QTreeView, QDialog QTableView {{
        background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 4px;
    }}
    QDialog QListView::item {{ min-height: 16px; padding: 3px; }}
    QDialog QListView, QDialog QTreeView, QDialog QTableView {{ outline: 1px solid {theme.selection}; }}
    QDialog QTableView::item {{ padding: 0 5px; }}
    QDialog QHeaderView {{ background: {theme.panel}; }}
    QDialog QHeaderView::section:horizontal {{
        background: {theme.panel}; color: {theme.muted}; border: none; border-bottom: 1px solid {theme.line};
        padding: 4px 8px; font-size: {small_font().pointSizeF():.1f}pt;
    }}
    QDialog QScrollArea {{ border: 1px solid transparent; }}
    QDialog QScrollArea:focus {{ border-color: {theme.text}; }}
    QDialog QListView:focus, QDialog QTreeView:focus, QDialog QTableView:focus {{
        border-color: {theme.text};
    }}
    QAbstractItemView::indicator {{
        width: 10px; height: 10px; border: 1px solid {theme.edge}; border-radius: 1px;
    }}
    QAbstractItemView::indicator:checked {{
        border-color: {theme.mine}; background: {theme.mine}; image: url("{tick}");
    }}
    QAbstractItemView::indicator:disabled {{ border-color: {theme.line}; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {theme.line}; }}
    QTabBar::tab {{
        background: transparent; color: {theme.muted}; padding: 6px 12px; border: none;
        border-bottom: 2px solid transparent;
    }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.mine}; }}
    QTabBar::tab:selected:focus {{
        border: 1px solid {theme.text}; border-bottom: 2px solid {theme.mine}; padding: 5px 11px 6px 11px;
    }}
    QTabBar::tab:hover:enabled {{ color: {theme.text}; }}
    QTabBar::tab:disabled {{ color: {theme.edge}; }}
    QProgressBar {{ background: {theme.raised}; border: none; border-radius: 2px; }}
    QProgressBar::chunk {{ background: {theme.signal}; border-radius: 2px; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{
        background: {theme.edge}; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px;
    }}
    QScrollBar::handle:hover {{ background: {theme.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; border: none; width: 0; height: 0;
    }}
    """
