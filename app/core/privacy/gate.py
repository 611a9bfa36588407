"""The gate: nothing is sent without a permission that a person gave for this study and this destination.

Permissions are files in the account's settings folder, never in a study. Each holds for one person, one study
in one folder and one destination, so a study that was copied, moved or received from somebody else has none.
A permission is bound to the text of its terms: when that changes it has to be given again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from app.core.bounded_json import read_json
from app.core.containment import files_inside, make_folder_inside, read_inside, write_inside
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.jobs import CancelToken
from app.core.privacy.destination import Destination, ServiceKind
from app.core.study.study_identity import study_id

FOLDER = "permissions"
LEGACY_FILE = "permissions.json"
"""The file inside the study in which earlier versions stored permissions; its content is ignored."""

ATTESTATION = (
    "I have the authority to send these recordings to this destination, "
    "the patients' consent or another legal basis covers it, and I have seen what is sent."
)

CONNECTION_TEST = "A connection test: generated pictures and sound, nothing of any recording."

_LARGEST = 16_384

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Permission:
    """The permission of `user` to send to `destination`: its `time` (UTC, ISO 8601) and the agreed texts."""

    destination: Destination
    user: str
    time: str
    terms_version: str
    attestation: str

    @property
    def valid(self) -> bool:
        """Whether it was given for the current texts."""
        return self.terms_version == self.destination.terms.version and (
            self.attestation in {ATTESTATION, CONNECTION_TEST}
        )

    @property
    def covers_recordings(self) -> bool:
        """Whether it allows sending parts of a recording."""
        return self.valid and self.attestation == ATTESTATION


def find_permission(folder: Path, destination: Destination, user: str) -> Permission | None:
    """The permission of `user` for the study in this folder and this destination; None without one."""
    for given in permissions(folder):
        if (given.destination, given.user) == (destination, user) and given.covers_recordings:
            return given
    return None


def allow(folder: Path, destination: Destination, user: str) -> Permission:
    """Store and return the permission of `user`, who has attested, for this study and this destination.

    Raises UserError when it cannot be written.
    """
    given = _new_permission(destination, user, ATTESTATION)
    study = _study(folder)
    text = json.dumps({"study": study, **asdict(given)}, indent=2, ensure_ascii=True)
    account = settings_folder()
    try:
        make_folder_inside(account / FOLDER, account)
    except OSError as error:
        raise UserError("The permission cannot be written, so nothing is sent.") from error
    write_inside(_file(study, given), account, text.encode())
    return given


def allow_unless_cancelled(folder: Path, destination: Destination, user: str, cancel: CancelToken) -> None:
    """Store the permission as `allow`; none is left where the person has cancelled before or meanwhile.

    Raises UserError when it cannot be written or taken back, Cancelled.
    """
    cancel.check()
    allow(folder, destination, user)
    if cancel.cancelled:
        revoke(folder, destination)
        cancel.check()


def connection_test_permission(destination: Destination, user: str) -> Permission:
    """A permission to test a destination with generated material; it is not stored and covers no
    recording."""
    return _new_permission(destination, user, CONNECTION_TEST)


def revoke(folder: Path, destination: Destination) -> None:
    """Revoke all persons' permissions to send from this study to this destination.

    Raises UserError when it cannot be removed.
    """
    study = _study(folder)
    for given in permissions(folder):
        if given.destination == destination:
            try:
                _file(study, given).unlink(missing_ok=True)
            except OSError as error:
                raise UserError("The permission could not be revoked.") from error


def permissions(folder: Path) -> tuple[Permission, ...]:
    """All permissions of this account for the study in this folder, valid or not.

    A file that cannot be read allows nothing.
    """
    study, account = _study(folder), settings_folder()
    found = (_read(path, study) for path in files_inside(account / FOLDER, account))
    return tuple(sorted((given for given in found if given is not None), key=lambda given: given.time))


def has_legacy_permissions(folder: Path) -> bool:
    """Whether the study contains permissions of an earlier version, which have to be given again."""
    return os.path.lexists(folder / LEGACY_FILE)


def destination_from(place: object) -> Destination:
    """The inverse of `asdict`. Raises TypeError or ValueError for anything else."""
    names = {field.name for field in fields(Destination)}
    if not isinstance(place, dict) or set(place) != names:
        raise TypeError("not a destination")
    if not all(isinstance(value, str) for value in place.values()):
        raise TypeError("not a destination")
    return Destination(**{**place, "service": ServiceKind(place["service"])})


def _new_permission(destination: Destination, user: str, attestation: str) -> Permission:
    moment = datetime.now(UTC).isoformat()
    return Permission(destination, user, moment, destination.terms.version, attestation)


def _study(folder: Path) -> dict[str, str]:
    """The study that a permission is bound to: its id and its folder."""
    place = os.path.realpath(folder).encode("utf-8", "backslashreplace").decode("utf-8")
    return {"id": study_id(folder), "folder": place}


def _file(study: dict[str, str], given: Permission) -> Path:
    """The file of a permission, determined by study, destination and person."""
    bound = json.dumps([study, asdict(given.destination), given.user], sort_keys=True)
    name = hashlib.sha256(bound.encode()).hexdigest()[:32]
    return settings_folder() / FOLDER / f"{name}.json"


def _read(path: Path, study: dict[str, str]) -> Permission | None:
    try:
        row = read_json(read_inside(path, settings_folder(), largest=_LARGEST))
        if not isinstance(row, dict):
            raise TypeError("not a permission")
        texts = {name: row[name] for name in ("user", "time", "terms_version", "attestation")}
        if not all(isinstance(text, str) for text in texts.values()):
            raise TypeError("not a permission")
        given = Permission(destination_from(row["destination"]), **texts)
    except (OSError, ValueError, KeyError, TypeError, UserError) as error:
        _log.warning("a permission could not be read and allows nothing: %s", type(error).__name__)
        return None
    # Under any other name it is a copy that nobody gave and that revoking would not find.
    return given if row.get("study") == study and path.name == _file(study, given).name else None
