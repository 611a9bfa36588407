"""How high the checklist is, by which the window divides its room before the checklist is made."""

from __future__ import annotations

from app.core.semiology import FEATURES, Group

HEADING_HEIGHT = 26
LEAST_ROW_HEIGHT = 24
"""Rows shrink to this on a low screen before the list scrolls; heights are in device-independent pixels."""
CHECKLIST_BORDER = 1
"""Round the list, where it shows that the keyboard is in it."""


def height_of_rows(row: int) -> int:
    """The height that shows all features with rows of this height."""
    return HEADING_HEIGHT * (1 + len(Group)) + row * len(FEATURES) + 2 + 2 * CHECKLIST_BORDER
