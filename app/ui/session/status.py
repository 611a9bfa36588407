"""Messages of the window: a short line, a sentence until it is closed, an offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that the window offers: the reason, the label of the button, and the action."""

    sentence: str
    label: str
    accept: Callable[[], None]


class StatusLine(QObject):
    """The status line, the message and the offer."""

    line_changed = Signal()
    message_changed = Signal()
    offer_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._line = self._message = ""
        self._offer: Offer | None = None

    @property
    def line(self) -> str:
        """One short line on what was last done ("saved 12:03:41")."""
        return self._line

    @property
    def message(self) -> str:
        """One sentence that the person should read, shown until it is closed; empty without one."""
        return self._message

    @property
    def offer(self) -> Offer | None:
        """What is offered next to the message, until it is taken or closed."""
        return self._offer

    def say(self, line: str) -> None:
        """Say one short line on what was last done; "" clears it."""
        if line != self._line:
            self._line = line
            self.line_changed.emit()

    def show_message(self, sentence: str) -> None:
        """Show a sentence until it is closed; an empty one closes it."""
        self._message = sentence
        self.message_changed.emit()

    def add_message(self, sentence: str) -> None:
        """Show a sentence after what is shown already."""
        self.show_message(" ".join(filter(None, (self._message, sentence))))

    def make_offer(self, offer: Offer | None) -> None:
        """Offer something until the next recording; None withdraws it."""
        if offer is not self._offer:
            self._offer = offer
            self.offer_changed.emit()
