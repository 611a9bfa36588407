"""The gate: nothing leaves without a permission that a person gave for this study and this destination.

Permissions belong to the account: they are kept in its settings folder, a file each, and never in a study.
Each holds for one person, one study at one place and one destination, so that a study that was copied, moved
or received from somebody else has none. A permission is bound to the words of the terms it was given under:
when those change it has to be given again.
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
from app.core.privacy.destination import Destination, Service
from app.core.study.study_identity import study_id

FOLDER = "permissions"
FORMER_FILE = "permissions.json"
"""Where earlier versions kept permissions, inside the study; nothing in it is believed."""

ATTESTATION = (
    "I have the authority to send these recordings to this destination, "
    "the patients' consent or another legal basis covers it, and I have seen what is sent."
)

CONNECTION_TEST = "A connection test: generated pictures and sound, nothing of any recording."

_LARGEST = 16_384

_log = logging.getLogger(__name__)


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


def permission(folder: Path, destination: Destination, user: str) -> Permission | None:
    """The permission that `user` gave for the study in this folder and this destination, if there is one."""
    for given in permissions(folder):
        if (given.destination, given.user) == (destination, user) and given.covers_recordings:
            return given
    return None


def allow(folder: Path, destination: Destination, user: str) -> Permission:
    """Write down that `user` attested and allowed this destination for this study.

    Raises UserError when it cannot be written.
    """
    given = _given(destination, user, ATTESTATION)
    study = _study(folder)
    text = json.dumps({"study": study, **asdict(given)}, indent=2, ensure_ascii=True)
    account = settings_folder()
    try:
        make_folder_inside(account / FOLDER, account)
    except OSError as error:
        raise UserError("The permission cannot be written, so nothing is sent.") from error
    write_inside(_file(study, given), account, text.encode())
    return given


def connection_test(destination: Destination, user: str) -> Permission:
    """A permission to try a destination with generated material; it is not kept and covers no recording."""
    return _given(destination, user, CONNECTION_TEST)


def revoke(folder: Path, destination: Destination) -> None:
    """Take back everybody's permission to send from this study to this destination.

    Raises UserError when it cannot be removed.
    """
    study = _study(folder)
    for given in permissions(folder):
        if given.destination == destination:
            try:
                _file(study, given).unlink(missing_ok=True)
            except OSError as error:
                raise UserError("The permission could not be taken back.") from error


def permissions(folder: Path) -> tuple[Permission, ...]:
    """All permissions of this account for the study in this folder, valid or not.

    A file that cannot be read allows nothing.
    """
    study, account = _study(folder), settings_folder()
    found = (_read(path, study) for path in files_inside(account / FOLDER, account))
    return tuple(sorted((given for given in found if given is not None), key=lambda given: given.time))


def has_former_permissions(folder: Path) -> bool:
    """Whether permissions of an earlier version lie in the study, which have to be given anew."""
    return os.path.lexists(folder / FORMER_FILE)


def destination_from(place: object) -> Destination:
    """The inverse of `asdict`. Raises TypeError or ValueError for anything else."""
    names = {field.name for field in fields(Destination)}
    if not isinstance(place, dict) or set(place) != names:
        raise TypeError("not a destination")
    if not all(isinstance(value, str) for value in place.values()):
        raise TypeError("not a destination")
    return Destination(**{**place, "service": Service(place["service"])})


def _given(destination: Destination, user: str, attestation: str) -> Permission:
    moment = datetime.now(UTC).isoformat()
    return Permission(destination, user, moment, destination.terms.version, attestation)


def _study(folder: Path) -> dict[str, str]:
    """What a permission is bound to: the study's own id, and where it lies."""
    place = os.path.realpath(folder).encode("utf-8", "backslashreplace").decode("utf-8")
    return {"id": study_id(folder), "folder": place}


def _file(study: dict[str, str], given: Permission) -> Path:
    """Where the permission is kept; the same study, destination and person give the same place."""
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
    # Under any other name it is a copy that nobody gave, and that taking back would not find.
    return given if row.get("study") == study and path.name == _file(study, given).name else None
