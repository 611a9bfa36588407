"""What a person said that names of other programs mean, kept in the account for the next import."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.core.account_file import UnreadableFileError, read_account_file, read_before_writing
from app.core.atomic import write_atomically
from app.core.bounded_json import read_json
from app.core.exchange.meaning import LEFT_OUT, Meaning
from app.core.exchange.phrases import normalise_name
from app.core.folders import settings_folder
from app.core.semiology import FEATURE

FILE_NAME = "import_names.json"
_FORMAT = "semioscope-import-names/1"
_MOST = 1000
"""Names that are kept, the latest ones."""


def kept_features() -> dict[str, str]:
    """The feature, or `LEFT_OUT`, of every kept name by its normal form; {} where the file is unreadable."""
    try:
        return read_account_file(settings_folder() / FILE_NAME, _names) or {}
    except UnreadableFileError:
        return {}


def keep_features(features: Mapping[str, str]) -> None:
    """Keep what names mean; a name that was kept before gets its new meaning. Raises UserError."""
    if not features:
        return
    normal = {normalise_name(name): feature for name, feature in features.items()}
    kept = read_before_writing(settings_folder() / FILE_NAME, _names) or {}
    names = {name: one for name, one in kept.items() if name not in normal} | normal
    data = {"format": _FORMAT, "names": dict(list(names.items())[-_MOST:])}
    content = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    write_atomically(settings_folder() / FILE_NAME, content.encode("utf-8", "replace"))


def _names(content: bytes) -> dict[str, str]:
    """Raises ValueError or TypeError for a file of another format."""
    data = read_json(content)
    names = data.get("names") if isinstance(data, dict) and data.get("format") == _FORMAT else None
    if not isinstance(names, dict):
        raise TypeError("not names of other programs")
    return {name: one for name, one in names.items() if one == LEFT_OUT or one in FEATURE}


def kept_meaning(features: Mapping[str, str] | None = None, patient: str | None = None) -> Meaning:
    """The kept meaning, with further names by whatever spelling, and the subject that is the patient."""
    normal = {normalise_name(name): feature for name, feature in (features or {}).items()}
    return Meaning(kept_features() | normal, patient)
