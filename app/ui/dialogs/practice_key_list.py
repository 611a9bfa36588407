"""The list of the practice window's keys."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.commands.command import key_words
from app.ui.commands.practice_keys import COMPARE, KEYS, LOOK_UP, RETURN, KeysOf
from app.ui.dialogs.form import rows_of, sentence, title

_PLAYING = (
    ("play", "Play or pause"),
    ("slower", "Slower"),
    ("faster", "Faster"),
    ("speed_one", "Normal speed"),
    ("frame_back", "One frame back"),
    ("frame_forward", "One frame forward"),
    ("back", "One second back"),
    ("forward", "One second forward"),
    ("far_back", "One jump back"),
    ("far_forward", "One jump forward"),
    ("start", "Go to the start"),
    ("end", "Go to the end"),
    ("loop_start", "Begin to repeat here"),
    ("loop_stop", "Repeat until here"),
    ("loop_end", "Stop repeating"),
    ("mute", "Mute"),
)
_ANSWERING = (
    ("yes", "Yes"),
    ("no", "No"),
    ("unable", "Not assessable"),
    ("side_left", "Left"),
    ("side_right", "Right"),
    ("side_both", "Both sides"),
    ("mark_start", "A span begins here"),
    ("mark_end", "The span ends here"),
    ("hold", "A span, while held"),
    ("how_sure", "Certainty"),
    ("clear", "Take back the last mark, then the answer"),
)
"""The commands of the main window whose keys mean the same here, and what they do."""


class PracticeKeyList(QDialog):
    """The present keys by what they are for. Does not block the window."""

    def __init__(self, keys_of: KeysOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Keys of practising")
        answering = [
            *_named(_ANSWERING, keys_of),
            (key_words((LOOK_UP,)), "Look up the definition, where the course allows it"),
            (key_words(RETURN[:1]), "Submit"),
        ]
        after = [
            *_named((("loop_next", "Repeat the expert's span, or the next one"),), keys_of),
            (key_words((COMPARE,)), "Compare with what looks alike"),
            (key_words(("Esc",)), "Back to the clip"),
            (key_words(RETURN[:1]), "Next card"),
            (key_words(keys_of(KEYS)), "Show this list"),
        ]
        columns = QHBoxLayout(self)
        columns.setContentsMargins(20, 16, 20, 16)
        columns.setSpacing(36)
        columns.addLayout(_column(("Answer", answering)))
        columns.addLayout(_column(("Play", _named(_PLAYING, keys_of)), ("After the answer", after)))


def _named(rows: tuple[tuple[str, str], ...], keys_of: KeysOf) -> list[tuple[str, str]]:
    """Keys and what they do; without commands that have no key."""
    return [(key_words(keys_of(name)), words) for name, words in rows if keys_of(name)]


def _column(*groups: tuple[str, list[tuple[str, str]]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    for name, rows in groups:
        column.addWidget(sentence(name, bold=True))
        grid = rows_of(rows)
        grid.setColumnMinimumWidth(0, 100)
        grid.setColumnMinimumWidth(1, 250)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch(1)
    return column
