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
        """Whose differences are shown; all voters count, whether or not they are compared."""

    def _consensus(self) -> Consensus:
        """Raises UserError while there is none."""
        from app.core.study.decisions import Consensus

        return Consensus(self._study.opened(), self._study.content, self.compared.left_out)

    @property
    def people_only(self) -> bool:
        """Whether nothing that a program or model says enters the consensus of this study."""
        return self._study.content.people_only

    def set_people_only(self, only: bool) -> bool:
        """Let people alone decide together in this study, or programs too."""
        from app.core.study.edits import SetPeopleOnly

        def edit() -> Edit | None:
            self._study.opened()
            before = self._study.content.people_only
            return None if before == only else SetPeopleOnly(before, only)

        return self._study.apply(edit)

    def disputes(self) -> tuple[Dispute, ...]:
        """Where the compared voters differ or have changed what was decided on, with what was decided."""
        try:
            return self._consensus().disputes()
        except UserError:
            return ()

    @property
    def hides_voters(self) -> bool:
        """Whether a voter is not compared, so that what differs from them is not shown."""
        try:
            return self._consensus().hides_voters
        except UserError:
            return False

    def undisputed(self) -> tuple[Answer, ...]:
        """What two voters or more, a person among them, say alike and is not decided yet."""
        try:
            return self._consensus().undisputed()
        except UserError:
            return ()

    def decide(
        self, feature: str, presence: Presence | None, note: str, side: Laterality | None = None
    ) -> bool:
        """Keep what was agreed on, with the evidence of the voters who say so, and `side` or else theirs."""
        return self._study.apply(lambda: self._consensus().decision(feature, presence, note, side))

    def take(self, said: Answer, note: str) -> bool:
        """Keep a reader's answer as what was agreed on: presence, side and spans."""
        return self._study.apply(lambda: self._consensus().taken(said, note))

    def give_reason(self, feature: str, reason: str) -> bool:
        """Keep why it was decided, or is open; nothing else of the decision changes. "" is no reason."""
        return self._study.apply(lambda: self._consensus().noted(feature, reason))

    def onset(self) -> OnsetDispute | None:
        """Who of the compared voters has marked which onset, where these differ."""
        try:
            return self._consensus().onset()
        except UserError:
            return None

    def decide_onset(self, seconds: float | None) -> bool:
        """Keep this onset (s) as what was agreed on; None leaves it open."""
        return self._study.apply(lambda: self._consensus().onset_decision(seconds))

    def decide_undisputed(self) -> int:
        """Keep as the consensus what all voters say alike; how many features that were."""
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
