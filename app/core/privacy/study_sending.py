"""What a study may send, read from the account's settings, and what it has sent, read from its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission, has_legacy_permissions, permissions
from app.core.privacy.ledger import Ledger


@dataclass(frozen=True, slots=True)
class StudySending:
    """The `permissions` of this account, and whether the study holds `former` ones that are not used."""

    permissions: tuple[Permission, ...]
    former: bool = False

    def allows(self, place: Destination, user: str) -> bool:
        """Whether `user` may send parts of recordings to this place."""
        return any(
            (given.destination, given.user) == (place, user) and given.covers_recordings
            for given in self.permissions
        )


@dataclass(frozen=True, slots=True)
class SentSoFar:
    """The requests that have left a study: how many, their `size` in bytes, the `last` time (ISO 8601, ""
    without any), and the `places`: hosts with the models that were asked there."""

    requests: int = 0
    size: int = 0
    last: str = ""
    places: frozenset[tuple[str, str]] = frozenset()

    def went_to(self, place: Destination) -> bool:
        """Whether a request was sent there."""
        return (place.host, place.model) in self.places


def sending_of(folder: Path) -> StudySending:
    """What the study in this folder may send. Waits for its disk. Raises UserError."""
    return StudySending(permissions(folder), has_legacy_permissions(folder))


def sent_from(folder: Path) -> SentSoFar:
    """What has left the study in this folder; reads its whole ledger. Raises UserError."""
    entries = Ledger(folder).entries()
    size = sum(entry.sending.size for entry in entries)
    places = frozenset((entry.sending.host, entry.sending.model) for entry in entries)
    return SentSoFar(len(entries), size, entries[-1].time if entries else "", places)
