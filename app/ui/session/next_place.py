"""The next feature of a study that is unanswered or that readers differ on; found beside the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.ui.session.background import Background

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.study.worklist import FeaturePlace
    from app.ui.session.readers import Readers
    from app.ui.session.session import Session


class NextPlace:
    """Intents that may open another recording; a line says when there is nothing left."""

    def __init__(self, session: Session, readers: Readers) -> None:
        self._session = session
        self._readers = readers
        self._none = ""
        self._of: tuple[Path, str, bool] | None = None
        self._search = Background("search through the study", session)
        self._search.done.connect(self._go)
        self._search.failed.connect(session.show_message)
        session.closing.connect(self._search.close)

    def to_unanswered(self) -> None:
        """To the next feature that the person has not answered, round to the first."""
        self._look(
            lambda access, here: access.next_unanswered(here),
            "all features of all recordings are answered",
        )

    def to_disagreement(self) -> None:
        """To the next feature on which readers differ and that is not decided, round to the first."""
        self._look(
            lambda access, here: access.next_disagreement(here),
            "no open disagreement is left in the study, or what is left is sealed",
        )

    def _look(self, ask: Callable[[StudyAccess, FeaturePlace], FeaturePlace | None], none: str) -> None:
        from app.core.study.worklist import FeaturePlace

        look, feature = self._readers.look(), self._session.feature
        if look is None:
            return
        self._none, self._of = none, look.whose
        self._search.start(lambda _task: ask(look, FeaturePlace(look.number, feature)))

    def _go(self, place: FeaturePlace | None) -> None:
        look = self._readers.look()
        if look is None or look.whose != self._of:
            return  # its numbers are those of another study
        if place is None:
            self._session.tell(self._none)
        else:
            self._readers.go_to(place.recording_id, place.feature)
