"""Labels of the study that have no video and may be those of one that was opened or added: proposed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.plain_text import plain
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.requests import Requests
from app.ui.session.status import Offer, StatusLine

if TYPE_CHECKING:
    from app.core.exchange.label_joins import LabelJoin, LabelJoins
    from app.core.study.saving import Saved
    from app.core.study.store import Study

LOOK = "Look at them…"


class ProposedJoins(QObject):
    """Looks for such labels whenever a recording is opened, or others come into the study; a person joins."""

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        requests: Requests,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._requests = requests
        self._status = status
        self._offered: set[tuple[str, ...]] = set()
        opened.recording_changed.connect(self._look_for_this)
        study.recordings_changed.connect(self._look_for_all)
        study.saved.connect(self._on_saved)

    def _look_for_this(self) -> None:
        number = self._study.recording_number
        if number and not self._study.read_only:
            self._study.ask(_proposed, lambda found: self._offer(found.of(number)))

    def _look_for_all(self) -> None:
        if self._study.recording_number and not self._study.read_only:
            self._study.ask(_proposed, lambda found: self._offer(found.joins))

    def _offer(self, joins: tuple[LabelJoin, ...]) -> None:
        """Offer what was not offered before in this window; what somebody has closed stays closed."""
        folder = str(self._study.folder)
        named = {(folder, one.labels.name, one.video.name): one for one in joins}
        new = [key for key in named if key not in self._offered]
        if not new or self._status.offer is not None:
            return
        self._offered.update(new)
        one = named[new[0]]
        sentence = one.describe()
        if len(new) > 1:
            sentence = f"The study has labels without a video that can be those of {len(new)} of its videos."
        self._status.make_offer(Offer(plain(sentence, 300), LOOK, self._requests.join_labels.emit))

    def _on_saved(self, saved: Saved) -> None:
        """A join was undone or made again: the study has another number of recordings."""
        from app.core.study.edits import JoinLabels

        if any(isinstance(change.edit, JoinLabels) for change in saved.changes):
            self._study.recordings_changed.emit()


def _proposed(study: Study) -> LabelJoins:
    from app.core.exchange.label_joins import propose_joins

    return propose_joins(study)
