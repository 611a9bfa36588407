"""Files that killed programs left at a provider are deleted there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import CancelToken
from app.core.privacy.gate import find_permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import FILE_NAME as LEDGER
from app.core.privacy.ledger import Ledger
from app.core.privacy.uploads import Upload, remaining_uploads
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.providers import provider_of
from app.core.readers.models.tidying import run_tidy

_log = logging.getLogger(__name__)


def delete_at_provider(
    choice: ModelChoice,
    study_folder: Path,
    user: str,
    key_for: Callable[[str], Secret | None],
    cancel: CancelToken,
) -> None:
    """Delete uploads of this account at the chosen provider that a killed program left.

    Blocking. Uploads that cannot be deleted stay listed. It does nothing unless `user` has allowed sending
    there from this study, whose ledger records the requests. Raises UserError when the choice is incomplete,
    Cancelled.
    """
    row = provider_of(choice)
    place = row.destination(choice)
    left, given = remaining_uploads(place, study_folder), find_permission(study_folder, place, user)
    if not left or given is None:
        return
    key = key_for(place.key_name)
    if key is not None or not row.needs_key:
        ledger = Ledger(study_folder)
        passage = SendContext(given, ledger, "deleting what was left", "no media")
        run_tidy(partial(row.make, choice, passage, key), cancel)
        gone = set(left) - set(remaining_uploads(place, study_folder))
        _record_in_studies(upload for upload in gone if Path(upload.folder) != study_folder.absolute())


def _record_in_studies(gone: Iterable[Upload]) -> None:
    """Record the deletions in the ledgers of the studies, as far as these still exist."""
    for upload in gone:
        try:
            if Path(upload.folder, LEDGER).is_file():
                Ledger(Path(upload.folder)).note_deleted(upload.name)
        except (OSError, UserError) as error:
            _log.info("a study was not told that its file is gone: %s", type(error).__name__)
