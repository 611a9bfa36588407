"""What the views need of the person's labels: state that a test sets, and a list of the intents called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.semiology import FEATURES, Span
from app.ui.session.labels import Order, by_onset

if TYPE_CHECKING:
    from stand_in_session import StandInSession


class StandInLabels:
    """Keeps nothing; `calls` of the session hold what was asked for."""

    def __init__(self, session: StandInSession) -> None:
        self._session = session
        self.selected: Span | None = None
        self.drawing = False
        self.order = Order.CHECKLIST
        self.holding: float | None = None
        self.marks = StandInMarks(session)
        self.in_timeline = tuple(feature.id for feature in FEATURES)

    @property
    def onsets(self) -> tuple[tuple[str, float], ...]:
        shown = self._session.shown
        return by_onset((self._session.mine,) if shown is None else (self._session.mine, shown))

    def snapped(self, span: Span) -> Span:
        return Span(round(span.start * 30) / 30, round(span.end * 30) / 30)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments: self._session.calls.append((name, *arguments))


class StandInMarks:
    """None is chosen."""

    def __init__(self, session: StandInSession) -> None:
        self._session = session
        self.chosen: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments: self._session.calls.append((f"mark {name}", *arguments))


class StandInReaders:
    """Nothing is sealed and nobody else has read."""

    def __init__(self, session: StandInSession) -> None:
        self._session = session
        self.asking = False
        self.me = "me"
        self.score: int | None = None

    def rating(self) -> int | None:
        return self.score

    def rate(self, score: int | None) -> None:
        self._session.calls.append(("rate", score))
        self.score = score
