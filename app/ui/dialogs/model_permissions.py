"""The page of what the open study has allowed to be sent, where each permission can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
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
NEVER = "Not allowed so far."
SENT_BEFORE = "Not allowed now; this study was sent there before."
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
        places, missing = _by_place(known.permissions), self._to_allow()
        if missing is not None:
            places.setdefault(missing, [])
        for place, given in places.items():
            column.addLayout(self._row(place, given))
        column.addSpacing(8)

    def _to_allow(self) -> Destination | None:
        """The chosen model, which this study may not be sent to, if there is one to be asked."""
        open_now = self._session.opened.recording is not None
        return self._session.models.sending.not_allowed if open_now else None

    def _row(self, place: Destination, given: Sequence[Permission]) -> QHBoxLayout:
        words, missing = _words_of(place), place == self._to_allow()
        about = "\n".join(_given_words(one) for one in given)
        ways = [self._way_back(words, place)] if given else []
        if missing:
            about = self._missing_words(place, given, about)
            ways.append(self._way_to_allow(words, again=about != NEVER))
        return _row_of(words, about, ways)

    def _way_back(self, words: str, place: Destination) -> QPushButton:
        back = button("Revoke permission", lambda: self._session.models.sending.revoke(place))
        back.setAccessibleName(f"Revoke permission for {words}")
        back.setEnabled(not self._session.study.read_only)
        return back

    def _missing_words(self, place: Destination, given: Sequence[Permission], about: str) -> str:
        sending = self._session.models.sending
        if sending.was_revoked(place):
            return "You revoked the permission; nothing is sent there."
        if any(one.covers_recordings for one in given):
            return f"{about}; it does not hold for you"
        if given:
            return about
        sent_before = sending.sent is not None and sending.sent.went_to(place)
        return SENT_BEFORE if sent_before else NEVER

    def _way_to_allow(self, words: str, *, again: bool) -> QPushButton:
        """The way to allow the chosen model is the one to ask it."""
        refusal = self._session.models.refusal
        allow = button(
            "Allow again…" if again else "Allow…",
            self._session.requests.ask_model.emit,
            tip=refusal or "See what would be sent and where to; nothing is sent before you allow it there",
        )
        allow.setAccessibleName(f"{allow.text()} {words}")
        allow.setEnabled(not refusal)
        return allow


def _by_place(permissions: Sequence[Permission]) -> dict[Destination, list[Permission]]:
    found: dict[Destination, list[Permission]] = {}
    for one in permissions:
        found.setdefault(one.destination, []).append(one)
    return found


def _given_words(permission: Permission) -> str:
    who = f"{plain(permission.user, 60)} allowed this on {plain(permission.time[:10], 10)}"
    if not permission.covers_recordings:
        who += "; the terms have changed since, so it has to be given again"
    return who


def _words_of(place: Destination) -> str:
    return f"{plain(place.model, 80)} at {plain(place.shown, 80)}"


def _row_of(words: str, about: str, ways: Sequence[QPushButton]) -> QHBoxLayout:
    """A place with what is known of it, and what can be done."""
    texts = QVBoxLayout()
    texts.setSpacing(1)
    texts.addWidget(sentence(words))
    texts.addWidget(sentence(about, small=True))
    row = QHBoxLayout()
    row.addLayout(texts, 1)
    for way in ways:
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
