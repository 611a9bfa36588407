"""The order of the listed features, and moving through them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence
from app.core.study.evidence_events import first_evidence
from app.core.study.sequence import order_by_onset
from app.ui.session.answers import Answers
from app.ui.session.compared_readers import ComparedReaders
from app.ui.session.loop import Loop
from app.ui.session.selection import Selection
from app.ui.session.status import StatusLine


class Order(StrEnum):
    """The order of the checklist."""

    CHECKLIST = "checklist"
    ONSET = "onset"


class FeatureOrder(QObject):
    """Sorts the checklist and the timeline, and selects the next feature in that order."""

    changed = Signal()
    """Sorted otherwise, or other features are left out of the timeline."""

    def __init__(
        self,
        selection: Selection,
        answers: Answers,
        compared: ComparedReaders,
        loop: Loop,
        status: StatusLine,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._answers = answers
        self._compared = compared
        self._loop = loop
        self._status = status
        self._order = Order.CHECKLIST
        self._only_evidence = False

    def set_order(self, order: Order) -> None:
        self._order = order
        self.changed.emit()

    @property
    def by_onset(self) -> bool:
        """Whether the features are listed in order of onset."""
        return self._order is Order.ONSET

    @property
    def onsets(self) -> tuple[tuple[str, float], ...]:
        """Features with their onset (s) in its order: the person's, else the shown reader's."""
        return order_by_onset(self._answers.in_view)

    @property
    def listed(self) -> tuple[str, ...]:
        """The features as the checklist shows them."""
        if self._order is not Order.ONSET:
            return _ALL
        first = [name for name, _seconds in self.onsets]
        return (*first, *(name for name in _ALL if name not in first))

    @property
    def only_evidence(self) -> bool:
        """Whether the timeline lists only the features that somebody has seen, and the selected one."""
        return self._only_evidence

    def set_only_evidence(self, on: bool) -> None:
        self._only_evidence = on
        self.changed.emit()

    @property
    def follows_answers(self) -> bool:
        """Whether an answer can change which features the timeline lists, or in which order."""
        return self._only_evidence or self._order is Order.ONSET

    @property
    def in_timeline(self) -> tuple[str, ...]:
        """The listed features of the timeline, in its order."""
        if not self._only_evidence:
            return self.listed
        readings = self._answers.in_view
        seen = [name for name in self.listed if any(_is_seen(one, name) for one in readings)]
        # The selected one is the last, so that nothing else moves with it.
        return (*seen, *({self._selection.feature} - {*seen}))

    # going through them

    def step(self, steps: int) -> None:
        """Select the feature `steps` below (or above) in the order of the checklist."""
        order = self.listed
        here = order.index(self._selection.feature)
        self._selection.select(order[min(max(here + steps, 0), len(order) - 1)])

    def next_unanswered(self) -> None:
        """Select the next feature without my answer, continuing at the first."""
        mine = self._answers.mine
        self._go_to_next(lambda feature: mine.answer(feature).presence is None, "all 20 are answered")

    def next_disagreement(self) -> None:
        """Select the next feature on which the compared readers differ, at the evidence."""
        if self._answers.my_reading.sealed:
            self._status.say("the readers' answers stay sealed until you lock yours")
            return
        differing = self._compared.differing
        found = self._go_to_next(lambda feature: feature in differing, "no disagreement is left")
        span = None if found is None else first_evidence(self._compared.readings, found)
        if span is not None:
            self._loop.show_span(span)

    def _go_to_next(self, wanted: Callable[[str], bool], none: str) -> str | None:
        order = list(self.listed)
        here = order.index(self._selection.feature)
        found = next((name for name in order[here + 1 :] + order[: here + 1] if wanted(name)), None)
        if found is None:
            self._status.say(none)
        else:
            self._selection.select(found)
        return found


_ALL = tuple(feature.id for feature in FEATURES)


def _is_seen(reading: Reading, feature: str) -> bool:
    answer = reading.answer(feature)
    return answer.presence is Presence.YES or bool(answer.evidence)
