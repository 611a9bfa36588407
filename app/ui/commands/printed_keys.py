"""Latin keys of keyboards that write another alphabet, by the letters that are printed on the same key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_ALPHABETS = (
    "йцукенгшщзхъфывапролджэячсмитьбю",  # Russian
    "йцукенгшщзхїфівапролджєячсмитьбю",  # Ukrainian
    ";ςερτυθιοπ[]ασδφγηξκλ΄'ζχψωβνμ,.",  # Greek
)
_LATIN_OF = {
    other: latin
    for alphabet in _ALPHABETS
    for other, latin in zip(alphabet, _LATIN, strict=True)
    if not other.isascii()
}
_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, "Ctrl+"),
    (Qt.KeyboardModifier.AltModifier, "Alt+"),
    (Qt.KeyboardModifier.ShiftModifier, "Shift+"),
    (Qt.KeyboardModifier.MetaModifier, "Meta+"),
)


def latin_keys(event: QKeyEvent) -> str:
    """The pressed keys as they are printed in Latin on a Cyrillic or Greek keyboard; "" on any other.

    In Qt's portable spelling. Qt finds the Latin letter itself where a second, Latin layout is set up.
    """
    letter = event.text().lower()
    if letter not in _LATIN_OF:
        key = event.key()
        letter = chr(key).lower() if 0x80 <= key < 0x110000 else ""
    latin = _LATIN_OF.get(letter)
    if latin is None:
        return ""
    held = "".join(word for modifier, word in _MODIFIERS if event.modifiers() & modifier)
    return held + latin.upper()
