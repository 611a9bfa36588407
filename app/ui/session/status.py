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
        self._of_eeg: tuple[str, str] = "", ""
        """The line and the message that were said of the EEG that is shown."""
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

    def say(self, line: str, *, of_eeg: bool = False) -> None:
        """Say one short line on what was last done; "" clears it. What is said `of_eeg` is gone when another
        EEG is shown."""
        self._of_eeg = line if of_eeg else "", self._of_eeg[1]
        if line != self._line:
            self._line = line
            self.line_changed.emit()

    def show_message(self, sentence: str, *, of_eeg: bool = False) -> None:
        """Show a sentence until it is closed, `of_eeg` also until another EEG is shown; an empty one closes
        it."""
        self._of_eeg = self._of_eeg[0], sentence if of_eeg else ""
        self._message = sentence
        self.message_changed.emit()

    def add_message(self, sentence: str) -> None:
        """Show a sentence after what is shown already."""
        self.show_message(" ".join(filter(None, (self._message, sentence))))

    def take_back(self, sentence: str) -> None:
        """Show what was said of something no longer, since it is over; what else is shown stays."""
        if sentence and sentence in self._message:
            before, _said, after = self._message.partition(sentence)
            self.show_message(" ".join(filter(None, (before.strip(), after.strip()))))

    def leave_eeg(self) -> None:
        """Another EEG is shown: take back what was said of the former."""
        line, message = self._of_eeg
        if line:
            self.say("")
        if message:
            self.show_message("")

    def make_offer(self, offer: Offer | None) -> None:
        """Offer something until the next recording; None withdraws it."""
        if offer is not self._offer:
            self._offer = offer
            self.offer_changed.emit()
