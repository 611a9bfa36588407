"""The places to cover that studies keep of a recording which is given as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.folders import STUDY_FILE
from app.core.study.hidden_places import NO_PLACES, HiddenPlaces
from app.core.study.place import study_folder_for
from app.core.study.store import Study

if TYPE_CHECKING:
    from app.core.recording.recording import Recording


def own_places_to_cover(recording: Recording) -> HiddenPlaces:
    """The places that the recording's own study keeps; none without a study. Raises UserError, naming the
    study, where they cannot be read."""
    folder = study_folder_for(recording.path, recording.fingerprint)
    try:
        return _kept_in(folder, recording)
    except UserError as error:
        raise UserError(f"The study of this recording, {folder}: {error}") from error


def places_of_file(recording: Recording, study: Path | None) -> HiddenPlaces:
    """The places that the named study keeps, else those of the recording's own study. Raises UserError."""
    # A named study knows the recording once it keeps a reading of it, and need not have its places.
    named = NO_PLACES if study is None else _kept_in(study, recording)
    return named or own_places_to_cover(recording)


def _kept_in(folder: Path, recording: Recording) -> HiddenPlaces:
    if not (folder / STUDY_FILE).exists():
        return NO_PLACES
    with Study.open_for_viewing(folder) as study:
        study.check_pages()
        return study.places_of_content(recording.fingerprint)
