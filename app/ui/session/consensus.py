"""The consensus on the open recording, and the reference reader of its study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.reading import person
from app.core.semiology import Answer, Laterality, Presence
from app.ui.session.compared_readers import ComparedReaders
from app.ui.session.opened_study import OpenedStudy

if TYPE_CHECKING:
    from app.core.study.decisions import Consensus, Dispute, OnsetDispute
    from app.core.study.edits import Edit


class ConsensusDecisions:
    """Changes of the consensus; each shows at once and is saved in the background."""

    def __init__(self, study: OpenedStudy, compared: ComparedReaders) -> None:
        self._study = study
        self.compared = compared
        """Whose differences are decided."""

    def _consensus(self) -> Consensus:
        """Raises UserError while there is none."""
        from app.core.study.decisions import Consensus

        return Consensus(self._study.opened(), self._study.content)

    def disputes(self, *, persons_only: bool = False) -> tuple[Dispute, ...]:
        """Where the readings that may be seen differ, or only those of persons, with what was decided."""
        try:
            return self._consensus().disputes(persons_only=persons_only, without=self.compared.left_out)
        except UserError:
            return ()

    def undisputed(self) -> tuple[Answer, ...]:
        """What two persons or more say alike, presence and side, and is not decided yet."""
        try:
            return self._consensus().undisputed()
        except UserError:
            return ()

    def decide(
        self, feature: str, presence: Presence | None, note: str, side: Laterality | None = None
    ) -> bool:
        """Keep what was agreed on, with the evidence of those who say so, and `side` or else theirs."""
        return self._study.apply(lambda: self._consensus().decision(feature, presence, note, side))

    def take(self, said: Answer, note: str) -> bool:
        """Keep a reader's answer as what was agreed on: presence, side and spans."""
        return self._study.apply(lambda: self._consensus().taken(said, note))

    def onset(self, *, persons_only: bool = False) -> OnsetDispute | None:
        """Who has marked which onset, where the compared ones differ."""
        try:
            return self._consensus().onset(persons_only=persons_only, without=self.compared.left_out)
        except UserError:
            return None

    def decide_onset(self, seconds: float | None) -> bool:
        """Keep this onset (s) as what was agreed on; None leaves it open."""
        return self._study.apply(lambda: self._consensus().onset_decision(seconds))

    def decide_undisputed(self) -> int:
        """Keep as the consensus what persons say alike; how many features that were."""
        agreed = self.undisputed()
        if not agreed:
            return 0

        done = f"{len(agreed)} features on which all agree are decided"
        kept = self._study.apply_all(lambda: self._consensus().decisions(agreed), why="all agreed", done=done)
        return len(agreed) if kept else 0

    @property
    def reference(self) -> str:
        """The name of the study's reference reader, "" when none is chosen."""
        kept = self._study.content.reference
        return "" if kept is None else kept.name

    def set_reference(self, name: str) -> bool:
        """Compare the other readers with this person, or the consensus; "" chooses nobody."""
        from app.core.study.edits import SetReference

        def edit() -> Edit | None:
            self._study.opened()
            before = self._study.content.reference
            after = person(name) if name else None
            return None if before == after else SetReference(before, after)

        kept = self._study.apply(edit)
        self._study.recordings_changed.emit()
        return kept
