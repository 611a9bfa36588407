"""The style of tables in side panels: flat, dense, lines only between rows."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.ui.commands.actions import OWN_KEYS
from app.ui.theme import Theme, small_font

TABLE_ROW = 26
DENSE_ROW = 22


def plain_table(table: QTableView) -> None:
    """No frames, no grid, whole rows, nothing to edit."""
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setShowGrid(False)
    table.setFont(small_font())
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setWordWrap(False)
    table.setCornerButtonEnabled(False)
    # What the arrows do in a table is worth more than what they do in the window.
    table.setProperty(OWN_KEYS, True)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(TABLE_ROW)
    header = table.horizontalHeader()
    header.setFont(small_font())
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def with_row_heads(table: QTableView, width: int) -> None:
    """Name the rows at the left, where they stay while the columns are scrolled; dense."""
    rows = table.verticalHeader()
    rows.show()
    rows.setFont(small_font())
    rows.setHighlightSections(False)
    rows.setTextElideMode(Qt.TextElideMode.ElideRight)
    rows.setFixedWidth(width)
    rows.setMinimumSectionSize(DENSE_ROW)
    rows.setDefaultSectionSize(DENSE_ROW)
    rows.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def fit_columns(table: QTableView, name: int, wanted: Mapping[int, int], least: Mapping[int, int]) -> None:
    """Let the columns that are shown have room side by side: those in `wanted` as wide as it says if that of
    the names keeps its `least` width, else each narrower by its share of what it can spare. The names take
    what is left. Widths in pixels."""
    room = table.viewport().width()
    widths = {column: wide for column, wide in wanted.items() if not table.isColumnHidden(column)}
    spare = {column: max(wide - least[column], 0) for column, wide in widths.items()}
    missing = sum(widths.values()) + least[name] - room
    share = min(max(missing, 0) / max(sum(spare.values()), 1), 1.0)
    for column, wide in widths.items():
        widths[column] = wide - math.ceil(spare[column] * share)
        table.setColumnWidth(column, widths[column])
    table.setColumnWidth(name, max(least[name], room - sum(widths.values())))


def name_and_sentence(table: QTableView, name: int, sentence: int) -> None:
    """Let a column with names and one with sentences share what the others leave. A name that is too long is
    cut in its middle, a sentence at its end."""
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    for column in (name, sentence):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    table.setItemDelegateForColumn(sentence, CutSentences(table))


def chosen_sentence(table: QTableView, sentence: int) -> str:
    """What is in that column of the selected row, so that a cut sentence can be read without a pointer; ""
    unless one row alone is selected."""
    chosen = table.selectionModel().selectedRows(sentence)
    return str(chosen[0].data() or "") if len(chosen) == 1 else ""


class CutSentences(QStyledItemDelegate):
    """Cells whose text is cut at its end."""

    def initStyleOption(  # noqa: N802 - overrides Qt's, so the name is Qt's
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


def panel_style(theme: Theme) -> str:
    """The style of a panel that holds such a table and a row of fields above it."""
    return (
        f"QWidget#panel {{ background: {theme.panel}; }}"
        f"QTableView {{ background: {theme.panel}; color: {theme.text};"
        f" selection-background-color: {theme.selection}; selection-color: {theme.text};"
        " border: 1px solid transparent; outline: 0; }"
        f"QTableView:focus {{ border-color: {theme.edge}; }}"
        f"QTableView::item {{ border-bottom: 1px solid {theme.line}; padding: 0 6px 0 3px; }}"
        f"QHeaderView {{ background: {theme.panel}; }}"
        # A style sheet would give headers the body's size again.
        f"QHeaderView::section {{ font-size: {small_font().pointSizeF():.1f}pt;"
        f" background: {theme.panel}; color: {theme.muted}; border: none;"
        f" border-bottom: 1px solid {theme.line}; padding: 3px 6px; }}"
        f"QHeaderView::section:vertical {{ color: {theme.text}; padding: 0 6px 0 10px; }}"
        f"QTableView QTableCornerButton::section {{ background: {theme.panel}; border: none; }}"
        f"{underlined('QLineEdit, QComboBox', 'QLineEdit:focus, QComboBox:focus', theme)}"
        f"QLabel {{ color: {theme.muted}; }}"
        "QToolButton::menu-indicator { image: none; width: 0; }"
    )


def chosen_button(theme: Theme, buttons: str = "QToolButton") -> str:
    """The style of buttons that stay pressed, by their selector. They are filled, and outlined while the
    keyboard is in them: no border has enough contrast to the filling and to what is around."""
    return (
        f"{buttons}:checked {{ background: {theme.mine}; color: {theme.panel}; }}"
        f"{buttons}:checked:focus {{ background: {theme.panel}; color: {theme.mine};"
        f" border: 1px solid {theme.mine}; }}"
    )


def underlined(fields: str, focused: str, theme: Theme) -> str:
    """The style of fields in a panel, by their selectors: a line below, which is thicker while they are typed
    in."""
    return (
        f"{fields} {{ background: transparent; color: {theme.text}; border: none; border-radius: 0;"
        f" border-bottom: 1px solid {theme.edge}; padding: 2px; }}"
        f"{focused} {{ border: none; border-bottom: 2px solid {theme.mine}; padding: 2px 2px 1px 2px; }}"
    )


def without_arrows(fields: str) -> str:
    """The style of number fields in a panel, by their selector: no arrows, whose place a line has not."""
    buttons, arrows = (
        ", ".join(f"{fields}::{way}-{part}" for way in ("up", "down")) for part in ("button", "arrow")
    )
    return f"{buttons} {{ width: 0; border: none; }}{arrows} {{ image: none; width: 0; }}"
