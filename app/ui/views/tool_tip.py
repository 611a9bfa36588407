"""Tool tips that are plain text, also of widgets which paint themselves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget


def plain_tool_tip(text: str) -> str:
    """Text for a tool tip that shows exactly these characters, wrapped, whatever they look like."""
    from html import escape

    return f"<qt><span style='white-space: pre-wrap'>{escape(text)}</span></qt>" if text else ""


def tool_tip(text: str) -> str:
    """As `plain_tool_tip`, unchanged and not wrapped where Qt takes nothing in it for markup, so that screen
    readers are given these characters."""
    return plain_tool_tip(text) if "<" in text or "&lt;" in text else text


def show_words_at(widget: QWidget, event: QEvent, words_at: Callable[[QPointF], str]) -> bool:
    """Show the words of the place under the pointer where the event asks for them; gives whether it does."""
    if not isinstance(event, QHelpEvent) or event.type() is not QEvent.Type.ToolTip:
        return False
    QToolTip.showText(event.globalPos(), plain_tool_tip(words_at(QPointF(event.pos()))), widget)
    return True
