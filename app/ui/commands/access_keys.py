"""The letters by which the entries of a menu are chosen on the keyboard, computed in one place.

An entry is chosen by one letter that no other entry of its menu has, as far as the letters of their names
suffice: a pairing of entries and letters that is as large as there is any. Whatever else changes, the same
names have the same letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtWidgets import QMenu

_KEY = re.compile(r"&(?=[^&])")
_WORDS = re.compile(r"[A-Za-z0-9]+")


def access_keys(names: Sequence[str]) -> tuple[str, ...]:
    """The letter of each name, in lower case; "" for one for which none is left.

    First comes the first letter of a name, then those of its other words, then any other; where two names
    want the same one, the upper one has it.
    """
    wanted = [_letters(name) for name in names]
    holder: dict[str, int] = {}

    def give(number: int, tried: set[str]) -> bool:
        """Whether the name has a letter now, for which others may have moved to another of theirs."""
        left = [letter for letter in wanted[number] if letter not in tried]
        for letter in sorted(left, key=holder.__contains__):  # free ones first
            tried.add(letter)
            if letter not in holder or give(holder[letter], tried):
                holder[letter] = number
                return True
        return False

    for best in (1, 3, None):
        for number, letters in enumerate(wanted):
            free = next((letter for letter in letters[:best] if letter not in holder), "")
            if free and number not in holder.values():
                holder[free] = number
    for number in range(len(names)):
        if number not in holder.values():
            give(number, set())
    letter_of = {number: letter for letter, number in holder.items()}
    return tuple(letter_of.get(number, "") for number in range(len(names)))


def without_key(text: str) -> str:
    """The text of an entry as it is read: without the sign of its letter."""
    return _KEY.sub("", text).replace("&&", "&")


def give_access_keys(menus: Iterable[QMenu]) -> None:
    """Let each of these menus and of those within them have letters whenever it is shown."""
    for menu in menus:
        for one in (menu, *menu.findChildren(QMenu)):
            one.aboutToShow.connect(partial(_mark, one))


def _mark(menu: QMenu) -> None:
    entries = [action for action in menu.actions() if not action.isSeparator()]
    names = [without_key(action.text()) for action in entries]
    for action, name, letter in zip(entries, names, access_keys(names), strict=True):
        action.setText(_with_key(name, letter))


def _with_key(name: str, letter: str) -> str:
    at = _place(name, letter) if letter else -1
    before, after = (name, "") if at < 0 else (name[:at], name[at:])
    return before.replace("&", "&&") + ("&" if at >= 0 else "") + after.replace("&", "&&")


def _place(name: str, letter: str) -> int:
    """Where the letter stands: at the beginning of a word before within one."""
    starts = (word.start() for word in _WORDS.finditer(name))
    return next((at for at in starts if name[at].lower() == letter), name.lower().find(letter))


def _letters(name: str) -> tuple[str, ...]:
    """The letters by which a name may be chosen, the best first: those that begin its words."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return tuple(dict.fromkeys([*(word[0] for word in words), *"".join(words)]))
