"""The gate: nothing leaves without a permission that a person gave for this study and this destination.

Permissions are kept in the study's folder, never globally. A permission is bound to the words of the terms
it was given under: when those change it has to be given again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.privacy.destination import Destination, Service

FILE_NAME = "permissions.json"

ATTESTATION = (
    "I have the authority to send these recordings to this destination, "
    "the patients' consent or another legal basis covers it, and I have seen what is sent."
)

CONNECTION_TEST = "A connection test: generated pictures and sound, nothing of any recording."


@dataclass(frozen=True, slots=True)
class Permission:
    """That `user` allowed sending to `destination`, when (UTC, ISO 8601) and to which words they agreed."""

    destination: Destination
    user: str
    time: str
    terms_version: str
    attestation: str

    @property
    def valid(self) -> bool:
        """Whether it was given to the words as they are today."""
        return self.terms_version == self.destination.terms.version and (
            self.attestation in {ATTESTATION, CONNECTION_TEST}
        )

    @property
    def covers_recordings(self) -> bool:
        """Whether anything of a recording may be sent with it."""
        return self.valid and self.attestation == ATTESTATION


def permission(folder: Path, destination: Destination) -> Permission | None:
    """The permission that holds for this study's folder and destination, if there is one."""
    for given in permissions(folder):
        if given.destination == destination and given.covers_recordings:
            return given
    return None


def allow(folder: Path, destination: Destination, user: str) -> Permission:
    """Write down that `user` attested and allowed this destination for this study."""
    given = Permission(
        destination, user, datetime.now(UTC).isoformat(), destination.terms.version, ATTESTATION
    )
    _store(folder, (*(old for old in permissions(folder) if old.destination != destination), given))
    return given


def connection_test(destination: Destination, user: str) -> Permission:
    """A permission to try a destination with generated material; it is not kept and covers no recording."""
    return Permission(
        destination, user, datetime.now(UTC).isoformat(), destination.terms.version, CONNECTION_TEST
    )


def revoke(folder: Path, destination: Destination) -> None:
    """Take a permission back; without one this does nothing."""
    kept = tuple(old for old in permissions(folder) if old.destination != destination)
    if kept != permissions(folder):
        _store(folder, kept)


def permissions(folder: Path) -> tuple[Permission, ...]:
    """All permissions of a study, valid or not. A file that cannot be read allows nothing."""
    try:
        rows = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return tuple(_permission(row) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("What may be sent from this study could not be read, so nothing is sent.") from error


def _permission(row: dict[str, object]) -> Permission:
    place = row["destination"]
    if not isinstance(place, dict):
        raise TypeError("a destination is not an object")
    return Permission(
        # A row without a scheme is of an earlier version; it equals no destination of today.
        Destination(
            Service(place["service"]), str(place["host"]), str(place["model"]), str(place.get("scheme", ""))
        ),
        str(row["user"]),
        str(row["time"]),
        str(row["terms_version"]),
        str(row["attestation"]),
    )


def _store(folder: Path, rows: tuple[Permission, ...]) -> None:
    text = json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
    write_atomically(folder / FILE_NAME, text.encode())
