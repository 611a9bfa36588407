"""What a study may send and has sent, read from the account's settings and the study's ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission, has_legacy_permissions, permissions
from app.core.privacy.ledger import Ledger


@dataclass(frozen=True, slots=True)
class StudySending:
    """The `permissions` of this account, whether the study holds `former` ones that are not used, and the
    requests that have left it: how many, their `size` in bytes, the `last` time (ISO 8601, "" without any).
    """

    permissions: tuple[Permission, ...]
    former: bool = False
    requests: int = 0
    size: int = 0
    last: str = ""

    def allows(self, place: Destination, user: str) -> bool:
        """Whether `user` may send parts of recordings to this place."""
        return any(
            (given.destination, given.user) == (place, user) and given.covers_recordings
            for given in self.permissions
        )


def sending_of(folder: Path) -> StudySending:
    """What the study in this folder may send and has sent. Waits for its disk. Raises UserError."""
    entries = Ledger(folder).entries()
    return StudySending(
        permissions(folder),
        has_legacy_permissions(folder),
        len(entries),
        sum(entry.sending.size for entry in entries),
        entries[-1].time if entries else "",
    )
