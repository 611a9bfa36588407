"""What somebody else has written is plain text in tips too, which Qt would paint as markup."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTableWidget, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.core.exchange.import_changes import ImportChange
from app.ui.dialogs.contradiction_table import put_texts
from app.ui.dialogs.import_preview import ChangesModel
from app.ui.views.tool_tip import tool_tip
from tests.core.program_source import ROOT
from tests.ui.watched_files import opens

PLAIN = {"tool_tip", "plain_tool_tip"}


def _tips(tree: ast.Module) -> Iterator[ast.expr]:
    """What is given to Qt as a tip."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"setToolTip", "setTabToolTip"}:
                yield node.args[-1]
            elif ast.unparse(node.func) == "QToolTip.showText":
                yield node.args[1]


def _is_plain(tip: ast.expr) -> bool:
    """Whether it is text of this program that does not change, or is made plain."""
    if isinstance(tip, ast.Call):
        return ast.unparse(tip.func) in PLAIN
    if isinstance(tip, ast.IfExp):
        return _is_plain(tip.body) and _is_plain(tip.orelse)
    is_constant = isinstance(tip, ast.Name) and tip.id.isupper()
    return isinstance(tip, ast.Constant) or is_constant or ast.unparse(tip) == "command.help"


def test_every_tip_is_made_plain() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{tip.lineno}: {ast.unparse(tip)}"
        for path in sorted((ROOT / "app" / "ui").rglob("*.py"))
        for tip in _tips(ast.parse(path.read_text(encoding="utf-8")))
        if not _is_plain(tip)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["", "Anna", "a & b", "two\nlines"])
def test_what_is_no_markup_is_a_tip_as_it_is(text: str) -> None:
    assert tool_tip(text) == text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
@pytest.mark.parametrize("place", ["preview", "contradictions"])
def test_no_tip_over_what_a_file_says_opens_another_file(qtbot: QtBot, tmp_path: Path, place: str) -> None:
    canary = tmp_path / "canary.png"
    canary.write_bytes(b"\x89PNG\r\n\x1a\n")
    name = f"Ana <img src='{canary}'>"
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    tip = _tip_of_preview(name) if place == "preview" else _tip_of_contradiction(name)

    def show() -> None:
        QToolTip.showText(QPoint(5, 5), tip, widget)
        qtbot.waitUntil(QToolTip.isVisible)

    assert opens(canary, show) == 0
    QToolTip.hideText()


def _tip_of_preview(name: str) -> str:
    model = ChangesModel()
    model.rows = (ImportChange("clip.mp4", name, "Tonic", "yes", "no"),)
    return str(model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole))


def _tip_of_contradiction(name: str) -> str:
    table = QTableWidget(1, 1)
    put_texts(table, 0, (name,))
    item = table.item(0, 0)
    assert item is not None
    return item.toolTip()
