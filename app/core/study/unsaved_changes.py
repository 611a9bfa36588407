"""Changes that could not be written into their study, kept in the account's own folder until they can be."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.bounded_json import canonical, read_json
from app.core.containment import make_folder_inside, read_inside, write_inside
from app.core.errors import StorageError, UserError
from app.core.folders import settings_folder
from app.core.program_log import OwnText
from app.core.reading import from_dict, to_dict
from app.core.study import rows, values
from app.core.study.change_requests import (
    ApplyEdits,
    KeepReading,
    Reach,
    Request,
    StepHistory,
    found_among,
    labels_in,
    perform,
    reach,
)
from app.core.study.edit_text import edit_from_dict, edit_to_dict, number_of
from app.core.study.edits import Edit
from app.core.study.saving import BUILDS_ON_REFUSED, LeftWork
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL

log = logging.getLogger(__name__)

FORMAT = "semioscope-unsaved/1"
LARGEST = 64 << 20
"""Bytes of one file at most: some hundred thousand edits."""

_MALFORMED = "The file with the changes that were not saved is malformed."


@dataclass(frozen=True, slots=True)
class KeptChange:
    """One change as its file has it, and the name of who made it."""

    author: str
    stored: Mapping[str, object]
    count: int


@dataclass(frozen=True, slots=True)
class KeptChanges:
    """What one file holds, in order.

    `at` is when it was written (UTC); up to the row `last_row` of the study's history nothing of it is there.
    """

    path: Path
    at: datetime
    last_row: int
    changes: tuple[KeptChange, ...]

    @property
    def count(self) -> int:
        """How many changes a person would count."""
        return sum(change.count for change in self.changes)

    @property
    def authors(self) -> tuple[str, ...]:
        """Who made them, each once, in order."""
        return tuple(dict.fromkeys(change.author for change in self.changes))


@dataclass(frozen=True, slots=True)
class TakenUp:
    """How many of the kept changes are in the study now, and why others are not, a sentence each."""

    saved: int
    refused: tuple[str, ...] = ()


def new_place(study_id: str) -> Path:
    """Where changes of a study are kept whose writer has kept none before."""
    return _folder() / f"{_begins(study_id)}{secrets.token_hex(8)}.json"


def keep(path: Path, left: LeftWork, fingerprints: Mapping[int, str]) -> int:
    """Keep changes in place of what the file at `path` held; how many a person would count.

    `fingerprints` are those of the study's recordings by number. An undo whose edit is not known, a reveal
    and a hash are left out: they can be asked for again. Raises UserError when the file cannot be written or
    would be larger than `LARGEST`.
    """
    asked = [(author, _as_edits(request)) for author, request in left.changes]
    changes = [
        {"author": author, **_to_dict(request, fingerprints), "count": labels_in(request)}
        for author, request in asked
        if request is not None
    ]
    stored = {
        "format": FORMAT,
        "study": left.study_id,
        "last_row": left.last_row,
        "at": datetime.now(UTC).isoformat(),
        "changes": changes,
    }
    content = canonical(stored).encode("ascii")
    if len(content) > LARGEST:
        raise UserError("The changes that are not saved are too many to be kept on this computer.")
    _write(path, content)
    return sum(labels_in(request) for _author, request in asked if request is not None)


def _write(path: Path, content: bytes) -> None:
    try:
        make_folder_inside(path.parent, settings_folder())
        write_inside(path, settings_folder(), content)
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise UserError(f"“{path.name}” could not be written: {reason}.") from error


def _as_edits(request: Request) -> ApplyEdits | KeepReading | None:
    if isinstance(request, StepHistory):
        return ApplyEdits(request.expected, request.operation.value) if request.expected else None
    return request if isinstance(request, ApplyEdits | KeepReading) else None


def _to_dict(request: ApplyEdits | KeepReading, fingerprints: Mapping[int, str]) -> dict[str, object]:
    if isinstance(request, ApplyEdits):
        return {"edits": [edit_to_dict(edit, fingerprints) for edit in request.edits], "why": request.why}
    recording = fingerprints[request.recording_id]
    return {"recording": recording, "reading": to_dict(request.reading), "why": request.why}


def kept(study_id: str) -> tuple[KeptChanges, ...]:
    """What is kept of a study, the oldest first. A file that cannot be read is logged and stays."""
    found = (_read(path, study_id) for path in _folder().glob(f"{_begins(study_id)}*.json"))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.at))


def _read(path: Path, study_id: str) -> KeptChanges | None:
    try:
        stored = values.fields(
            read_json(read_inside(path, settings_folder(), largest=LARGEST), largest=LARGEST)
        )
        if (stored.get("format"), stored.get("study")) != (FORMAT, study_id):
            raise ValueError("another format or study")
        at = datetime.fromisoformat(values.moment(stored.get("at")))
        changes = tuple(_change(one) for one in values.items(stored.get("changes")))
        return KeptChanges(path, at, values.number(stored.get("last_row")), changes)
    except (OSError, ValueError, UserError) as error:
        log.warning("The changes kept as %s cannot be read (%s)", OwnText(path.name), type(error).__name__)
        return None


def _change(one: object) -> KeptChange:
    stored = values.fields(one)
    return KeptChange(values.name(stored.get("author")), stored, values.number(stored.get("count")))


def take_up(study: Study, kept_changes: KeptChanges) -> TakenUp:
    """Make the kept changes in the study, as their authors, and remove the file.

    What the history holds already counts as saved: a disk may have taken it after all, or a former call may
    have been ended. What starts from something else than the study says now is refused, and what builds on
    it. Raises StorageError when the disk fails; the file stays then.
    """
    author = study.author
    taking = _TakingUp(study, kept_changes)
    try:
        refusals = [(change, taking.refusal(change)) for change in kept_changes.changes]
    finally:
        study.change_author(author)
    remove(kept_changes)
    saved = sum(change.count for change, why in refusals if not why)
    return TakenUp(saved, tuple(why for _change, why in refusals if why))


class _TakingUp:
    """The kept changes on their way into the study."""

    def __init__(self, study: Study, kept_changes: KeptChanges) -> None:
        self._study = study
        self._numbers = {row.fingerprint: row.id for row in study.recordings()}
        since = kept_changes.last_row
        self._made = {name: study.made_since(since, name) for name in kept_changes.authors}
        self._lost: list[Reach] = []

    def refusal(self, change: KeptChange) -> str:
        """ "" once the change is in the study, else why it cannot be."""
        try:
            request = _from_dict(change.stored, self._numbers)
        except LookupError:
            return "The study no longer holds the recording."
        except (ValueError, UserError):
            return _MALFORMED
        if self._is_made(change.author, request):
            return ""
        why = self._refusal(change.author, request)
        if why:
            self._lost.append(reach(request))
        return why

    def _is_made(self, author: str, request: Request) -> bool:
        """Whether the history held it before; each of its rows counts once."""
        made = self._made[author]
        found = found_among(request, made)
        if found:
            self._made[author] = tuple(one for one in made if one.seq > found[-1].seq)
        return bool(found)

    def _refusal(self, author: str, request: ApplyEdits | KeepReading) -> str:
        mine = reach(request)
        if any(map(mine.meets, self._lost)):
            return BUILDS_ON_REFUSED
        if isinstance(request, KeepReading) and self._has_another(request):
            return "The study holds another reading of this reader already."
        self._study.change_author(author)
        try:
            perform(self._study, request)
        except StorageError:
            raise
        except UserError as error:
            return str(error)
        return ""

    def _has_another(self, request: KeepReading) -> bool:
        held = self._study.reading(request.recording_id, request.reading.reader, viewer=SEES_ALL)
        return bool(held.answers) and held.answers != rows.given(request.reading)


def _from_dict(stored: Mapping[str, object], numbers: Mapping[str, int]) -> ApplyEdits | KeepReading:
    why = values.text(stored.get("why"))
    if "reading" in stored:
        return KeepReading(number_of(stored, numbers), from_dict(stored["reading"]), why)
    return ApplyEdits(tuple(_edits(stored, numbers)), why)


def _edits(stored: Mapping[str, object], numbers: Mapping[str, int]) -> Iterator[Edit]:
    for one in values.items(stored.get("edits")):
        yield edit_from_dict(values.fields(one), numbers)


def remove(kept_changes: KeptChanges) -> None:
    """Forget kept changes: they are in their study, or the person does not want them."""
    kept_changes.path.unlink(missing_ok=True)


def _folder() -> Path:
    return settings_folder() / "unsaved"


def _begins(study_id: str) -> str:
    # A study can come from somebody else, and its id could be any text.
    return hashlib.sha256(study_id.encode("utf-8", "surrogatepass")).hexdigest()[:32] + "-"
