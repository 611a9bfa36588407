"""The page of what the open study has allowed to be sent, where each permission can be taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.privacy.gate import Permission, has_legacy_permissions, permissions, revoke
from app.core.privacy.ledger import Ledger
from app.core.readers.models.run_phrases import megabytes
from app.ui.dialogs.form import button, sentence
from app.ui.session.session import Session

NO_STUDY = "Open a recording to see what its study has allowed."
FORMER = (
    "The study's folder holds permissions of an earlier version or of somebody else (permissions.json). They "
    "are not used: permissions belong to your account and are given anew."
)
NONE = "Nothing may be sent from this study: no permission has been given."


class PermissionsPage(QScrollArea):
    """Of the open recording's study; a change is written at once."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.refresh()

    def refresh(self) -> None:
        """Read the study's permissions and ledger anew."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 12, 10, 8)
        column.setSpacing(10)
        folder = self._session.study.folder
        if folder is None:
            column.addWidget(sentence(NO_STUDY))
        else:
            self._list(column, folder)
        column.addStretch(1)
        self.setWidget(page)

    def _list(self, column: QVBoxLayout, folder: Path) -> None:
        try:
            given = permissions(folder)
        except UserError as error:
            column.addWidget(sentence(str(error)))
            return
        if not given:
            column.addWidget(sentence(NONE))
        if has_legacy_permissions(folder):
            column.addWidget(sentence(FORMER, small=True))
        for permission in given:
            column.addLayout(self._row(folder, permission))
        column.addSpacing(8)
        column.addWidget(sentence(sent_words(folder), small=True))

    def _row(self, folder: Path, permission: Permission) -> QHBoxLayout:
        place = permission.destination
        words = f"{plain(place.model, 80)} at {plain(place.shown, 80)}"
        who = f"{plain(permission.user, 60)} allowed this on {plain(permission.time[:10], 10)}"
        if not permission.covers_recordings:
            who += "; the terms have changed since, so it has to be given again"
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(sentence(words))
        texts.addWidget(sentence(who, small=True))
        back = button("Revoke permission", lambda: self._revoke(folder, permission))
        back.setAccessibleName(f"Revoke permission for {words}")
        back.setEnabled(not self._session.study.read_only)
        row = QHBoxLayout()
        row.addLayout(texts, 1)
        row.addWidget(back, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _revoke(self, folder: Path, permission: Permission) -> None:
        try:
            revoke(folder, permission.destination)
        except UserError as error:
            self._session.status.show_message(str(error))
        self._session.models.stop_sending_to(permission.destination)
        self.refresh()


def sent_words(folder: Path) -> str:
    """What has left this study so far, from its ledger."""
    entries = Ledger(folder).entries()
    if not entries:
        return "Nothing has left this study."
    size = megabytes(sum(entry.sending.size for entry in entries)).removeprefix("about ")
    last = plain(entries[-1].time[:10], 10)
    return (
        f"{plural(len(entries), 'request')} left this study, {size} in all, the last on {last}. "
        "egress.jsonl in the study's folder lists each."
    )
