"""The page of what the open study has allowed to be sent, where each permission can be taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission
from app.core.privacy.study_sending import SentSoFar, StudySending
from app.core.readers.models.run_phrases import megabytes
from app.ui.dialogs.form import button, sentence
from app.ui.session.session import Session

NO_STUDY = "Open a recording to see what its study has allowed."
FORMER = (
    "The study's folder holds permissions of an earlier version or of somebody else (permissions.json). They "
    "are not used: permissions belong to your account and are given anew."
)
COUNTING = "What has left this study is being counted…"
READING = "The study's permissions are being read…"
NONE = "Nothing may be sent from this study: no permission is given."


class PermissionsPage(QScrollArea):
    """Of the open recording's study; a change is written at once."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._counted: Path | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        session.models.sending.changed.connect(self._show)
        session.models.sending.look()
        self._show()

    def _show(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 12, 10, 8)
        column.setSpacing(10)
        sending, folder = self._session.models.sending, self._session.study.folder
        if folder is None:
            column.addWidget(sentence(NO_STUDY))
        elif sending.known is None:
            column.addWidget(sentence(plain(sending.problem, 300) or READING))
        else:
            self._list(column, sending.known)
            sent = sending.sent
            words = sent_words(sent) if sent is not None else plain(sending.not_counted, 300) or COUNTING
            column.addWidget(sentence(words, small=True))
        column.addStretch(1)
        self.setWidget(page)
        if folder != self._counted:
            self._counted = folder
            sending.count()

    def _list(self, column: QVBoxLayout, known: StudySending) -> None:
        if not known.permissions:
            column.addWidget(sentence(NONE))
        if known.former:
            column.addWidget(sentence(FORMER, small=True))
        for permission in known.permissions:
            column.addLayout(self._row(permission))
        place = self._session.models.sending.not_allowed
        if place is not None and self._session.opened.recording is not None:
            column.addLayout(self._row_to_allow(place))
        column.addSpacing(8)

    def _row(self, permission: Permission) -> QHBoxLayout:
        place = permission.destination
        words = _words_of(place)
        who = f"{plain(permission.user, 60)} allowed this on {plain(permission.time[:10], 10)}"
        if not permission.covers_recordings:
            who += "; the terms have changed since, so it has to be given again"
        back = button("Revoke permission", lambda: self._session.models.sending.revoke(place))
        back.setAccessibleName(f"Revoke permission for {words}")
        back.setEnabled(not self._session.study.read_only)
        return _row_of(words, who, back)

    def _row_to_allow(self, place: Destination) -> QHBoxLayout:
        """The chosen model, which this study may not be sent to; the way to allow it is the one to ask it."""
        words, revoked = _words_of(place), self._session.models.sending.was_revoked(place)
        allow = button(
            "Allow again…" if revoked else "Allow…",
            self._session.requests.ask_model.emit,
            tip="See what would be sent and where to; nothing is sent before you allow it there",
        )
        allow.setAccessibleName(f"{allow.text()} {words}")
        why = "You revoked the permission; nothing is sent there." if revoked else "Not allowed so far."
        return _row_of(words, why, allow)


def _words_of(place: Destination) -> str:
    return f"{plain(place.model, 80)} at {plain(place.shown, 80)}"


def _row_of(words: str, about: str, way: QPushButton) -> QHBoxLayout:
    """A place with what is known of it, and what can be done."""
    texts = QVBoxLayout()
    texts.setSpacing(1)
    texts.addWidget(sentence(words))
    texts.addWidget(sentence(about, small=True))
    row = QHBoxLayout()
    row.addLayout(texts, 1)
    row.addWidget(way, 0, Qt.AlignmentFlag.AlignTop)
    return row


def sent_words(sent: SentSoFar) -> str:
    """What has left a study so far."""
    if not sent.requests:
        return "Nothing has left this study."
    size = megabytes(sent.size).removeprefix("about ")
    return (
        f"{plural(sent.requests, 'request')} left this study, {size} in all, the last on "
        f"{plain(sent.last[:10], 10)}. egress.jsonl in the study's folder lists each."
    )
