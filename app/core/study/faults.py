"""The faults that were found in a study while it was read; each is reported once."""

from __future__ import annotations

import threading

_MOST = 1000


class Faults:
    """Sentences in the order in which they were met, each once. May be used by any thread."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, sentence: str) -> None:
        """Keep the sentence; of very many only the first ones."""
        with self._lock:
            if len(self._sentences) < _MOST:
                self._sentences.setdefault(sentence)

    def all(self) -> tuple[str, ...]:
        """The sentences until now."""
        with self._lock:
            return tuple(self._sentences)


def summarise_faults(faults: tuple[str, ...]) -> str:
    """The first fault, and how many more there are; "" for none."""
    if len(faults) < 2:
        return "".join(faults)
    more = f"{len(faults) - 1}{' or more' if len(faults) >= _MOST else ''}"
    return f"{faults[0].removesuffix('.')} (and {more} more like this)."
