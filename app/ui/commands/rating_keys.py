"""The keys of a round of ratings, which give scores while it runs, in the whole window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt

from app.ui.commands.key_watch import KeyWatch
from app.ui.session.rating_round import RatingRound


def claim_rating_keys(keys: KeyWatch, ratings: RatingRound) -> None:
    """Take 1–5, Backspace (back) and N (skip) before the window's commands do, while a round runs."""
    slots: dict[Qt.Key, Callable[[], None]] = {
        **{getattr(Qt.Key, f"Key_{score}"): partial(ratings.rate, score) for score in range(1, 6)},
        Qt.Key.Key_Backspace: ratings.back,
        Qt.Key.Key_N: ratings.skip,
    }
    keys.claim(lambda key: slots.get(key) if ratings.running else None)
