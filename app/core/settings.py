"""Settings of the account, stored between runs; a damaged file never prevents the start."""

from __future__ import annotations

import base64
import binascii
import getpass
import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.core.account_file import UnreadableFileError, read_before_writing, was_set_aside
from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.program_log import OwnText
from app.core.saving_places import SaveKind

log = logging.getLogger(__name__)

FILE_NAME = "settings.json"
RECENT_LIMIT = 12
_MOST_FOLDERS = 100
_FORMER_FOLDERS = {
    SaveKind.CLIP: "deidentified_clip",
    SaveKind.LINES: "question_lines",
    SaveKind.COURSE: "teaching",
}
LOOKS_LIMIT = 300
THEMES = ("dark", "light", "system")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; what is remembered of places and layouts is "" or empty before the first time."""

    recent: tuple[str, ...] = ()
    """Recordings, the latest first, at most `RECENT_LIMIT`; so are the folders of `recent_courses`."""
    recent_courses: tuple[str, ...] = ()
    learner_alias: str = ""
    """The alias that practised last."""
    theme: str = "dark"
    """One of `THEMES`."""
    volume: float = 1.0
    """0–1."""
    jump_seconds: float = 5.0
    overlay_skeleton: bool = True
    overlay_face: bool = False
    overlay_trails: bool = False
    window_geometry: str = ""
    """In base64, as `practice_geometry` and the layouts: `window_state` without the EEG, `eeg_window_state`
    with it."""
    window_state: str = ""
    eeg_window_state: str = ""
    practice_geometry: str = ""
    author: str = ""
    """The name under which answers are stored, "" for the account's (`author_of`)."""
    go_on: bool = True
    """Whether an answer by key selects the next feature."""
    spectrogram: bool = False
    sound_device: str = ""
    scrub_sound: bool = False
    reaction_seconds: float = 0.0
    """The person's reaction time for key presses."""
    time_form: str = "clock"
    """The form in which times are shown."""
    worklist_sort: str = ""
    """The sorting column of the worklist, "-" before it for descending order."""
    worklist_closed: bool = False
    """Whether the person has closed the worklist."""
    timeline_evidence_only: bool = False
    """Whether the timeline shows only features with evidence."""
    cameras_side_by_side: bool = False
    key_preset: str = "Reviewer"
    """The name of a set of keys; `keys` are the personal ones by command."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    eeg: Mapping[str, Any] = field(default_factory=dict)
    """How EEG is displayed (`eeg/display_choices.py` checks it)."""
    deidentified_clip: Mapping[str, Any] = field(default_factory=dict)
    """How people were hidden last."""
    question_lines: Mapping[str, Any] = field(default_factory=dict)
    """How lines for fine-tuning were written last."""
    video_backbone: str = ""
    """The folder of the network of the video baseline."""
    teaching: Mapping[str, Any] = field(default_factory=dict)
    """What was chosen last in the atlas and for a course."""
    trained_reader: str = ""
    """The file of the trained reader that was made or chosen last."""
    queue_asks: bool = True
    """Whether analyses that were left are continued only after asking."""
    queue_jobs: int = 1
    """How many recordings are analysed at once."""
    studies: Mapping[str, str] = field(default_factory=dict)
    """The folders of studies of several recordings, the latest last, at most `RECENT_LIMIT`, each with the
    recording that was open last in it."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """The folder of each kind of file (`saving_places.py`) that was chosen last."""
    study_names: Mapping[str, str] = field(default_factory=dict)
    """What they are called, where that is not known to be the name of their folder."""
    left: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Where each recording was left, by fingerprint, the latest last, at most `LOOKS_LIMIT`; so are `looks`,
    the view of each."""
    looks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """The settings of newer versions."""


@dataclass(frozen=True, slots=True)
class UnreadSettings(Settings):
    """The defaults in place of a file that could not be read and is still there; never saved."""


def with_recent(settings: Settings, path: Path) -> Settings:
    """The settings with this recording as the most recent one."""
    place = str(path.absolute())
    others = tuple(other for other in settings.recent if other != place)
    return replace(settings, recent=(place, *others)[:RECENT_LIMIT])


def with_recent_course(settings: Settings, path: Path, alias: str) -> Settings:
    """The settings with this course as the most recent one, practised by this alias."""
    place = str(path.absolute())
    others = tuple(other for other in settings.recent_courses if other != place)
    return replace(settings, recent_courses=(place, *others)[:RECENT_LIMIT], learner_alias=alias)


def with_look(settings: Settings, fingerprint: str, look: Mapping[str, Any]) -> Settings:
    """The settings with the view of a recording; an empty view is removed."""
    looks = {key: value for key, value in settings.looks.items() if key != fingerprint}
    if look:
        looks[fingerprint] = dict(look)
    return replace(settings, looks=dict(list(looks.items())[-LOOKS_LIMIT:]))


def with_study(settings: Settings, folder: Path, recording: Path) -> Settings:
    """The settings with this study as the most recent one, and the recording that is open in it."""
    place = str(folder.absolute())
    studies = {key: value for key, value in settings.studies.items() if key != place}
    studies[place] = str(recording.absolute())
    return replace(settings, studies=dict(list(studies.items())[-RECENT_LIMIT:]))


def with_study_name(settings: Settings, folder: Path, name: str) -> Settings:
    """The settings with what the study in `folder` is called."""
    place = str(folder.absolute())
    names = {key: value for key, value in settings.study_names.items() if key != place}
    names[place] = name
    return replace(settings, study_names=dict(list(names.items())[-RECENT_LIMIT:]))


def without_recent(settings: Settings, path: Path) -> Settings:
    """The settings without this study or recording among the recent ones."""
    place = str(path.absolute())
    studies = {key: value for key, value in settings.studies.items() if key != place}
    names = {key: value for key, value in settings.study_names.items() if key != place}
    recent = tuple(one for one in settings.recent if one != place)
    return replace(settings, studies=studies, study_names=names, recent=recent)


def with_left(settings: Settings, fingerprint: str, place: Mapping[str, Any]) -> Settings:
    """The settings with the place at which a recording was left."""
    left = {key: value for key, value in settings.left.items() if key != fingerprint}
    left[fingerprint] = dict(place)
    return replace(settings, left=dict(list(left.items())[-LOOKS_LIMIT:]))


def author_of(settings: Settings) -> str:
    """The author of answers: the name in the settings, else that of the account."""
    if settings.author.strip():
        return settings.author.strip()
    try:
        return getpass.getuser().encode("utf-8", "backslashreplace").decode("utf-8")
    except (OSError, KeyError, ImportError):  # an account without a name, as in some containers
        return "unnamed"


def account_author() -> str:
    """The author that this account's settings name."""
    return account_author_and_whether_sure()[0]


def account_author_and_whether_sure() -> tuple[str, bool]:
    """The author, and whether that is sure: it is not where the settings could not be read or were set aside,
    and nobody has said since who reads. The author can then be somebody else than the account's name says."""
    settings = load_settings()
    lost = isinstance(settings, UnreadSettings) or was_set_aside(settings_folder() / FILE_NAME)
    return author_of(settings), bool(settings.author.strip()) or not lost


def load_settings() -> Settings:
    """The settings of this account; defaults for missing or invalid ones.

    A damaged file is set aside, so that nothing in it is lost when the defaults are saved. While it is still
    there they cannot be.
    """
    try:
        data = read_before_writing(settings_folder() / FILE_NAME, _parsed)
    except UnreadableFileError:
        return UnreadSettings()
    return Settings() if data is None else _from_dict(data)


def save_settings(settings: Settings) -> None:
    """Store the settings atomically.

    Raises UserError when they cannot be written, or are defaults in place of a file that is still there.
    """
    if isinstance(settings, UnreadSettings):
        raise UserError("The settings could not be read, so changes to them are not saved.")
    data = dict(settings.unknown)
    data.update({name: getattr(settings, name) for name in CHECKS})
    text = json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
    write_atomically(settings_folder() / FILE_NAME, text.encode("ascii"), private=True)


def _parsed(content: bytes) -> dict[str, Any]:
    data = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    if not isinstance(data, dict):
        raise TypeError("not an object")
    return data


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _from_dict(data: Mapping[str, Any]) -> Settings:
    known: dict[str, Any] = {}
    for name, check in CHECKS.items():
        if name not in data:
            continue
        try:
            known[name] = check(data[name])
        except (ValueError, TypeError, OverflowError):
            log.warning("The setting %s is invalid; its default is used", OwnText(name))
    if "folders" not in data:
        known["folders"] = _former_folders(data)
    unknown = {key: value for key, value in data.items() if key not in CHECKS}
    return Settings(**known, unknown=unknown)


def _former_folders(data: Mapping[str, Any]) -> dict[str, str]:
    """What earlier versions kept of places, each kind with its own settings."""
    kept = {SaveKind.EEG: data.get("eeg_folder")}
    for kind, name in _FORMER_FOLDERS.items():
        row = data.get(name)
        kept[kind] = row.get("folder") if isinstance(row, dict) else None
    return {kind.value: folder for kind, folder in kept.items() if isinstance(folder, str) and folder}


def _paths(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_text(item) for item in value)[:RECENT_LIMIT]


def _keys(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return {_text(name): tuple(_text(key) for key in keys)[:8] for name, keys in value.items()}


def _studies(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return {_text(folder): _text(path) for folder, path in list(value.items())[-RECENT_LIMIT:]}


def _folders(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return {_text(kind): _text(folder) for kind, folder in list(value.items())[:_MOST_FOLDERS]}


def _looks(value: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(look, dict) for look in value.values()):
        raise TypeError("not an object of objects")
    return dict(list(value.items())[-LOOKS_LIMIT:])


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value


def _theme(value: Any) -> str:
    if value not in THEMES:
        raise ValueError("not a theme")
    return _text(value)


def _base64(value: Any) -> str:
    try:
        base64.b64decode(_text(value), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    return _text(value)


def _between(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("not a number")
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError("out of range")
        return float(value)

    return check


CHECKS: dict[str, Callable[[Any], Any]] = {
    "recent": _paths,
    "recent_courses": _paths,
    "learner_alias": _text,
    "theme": _theme,
    "volume": _between(0.0, 1.0),
    "jump_seconds": _between(0.1, 600.0),
    "overlay_skeleton": _flag,
    "overlay_face": _flag,
    "overlay_trails": _flag,
    "window_geometry": _base64,
    "window_state": _base64,
    "eeg_window_state": _base64,
    "practice_geometry": _base64,
    "author": _text,
    "go_on": _flag,
    "spectrogram": _flag,
    "sound_device": _text,
    "scrub_sound": _flag,
    "reaction_seconds": _between(0.0, 3.0),
    "time_form": _text,
    "worklist_sort": _text,
    "worklist_closed": _flag,
    "timeline_evidence_only": _flag,
    "cameras_side_by_side": _flag,
    "key_preset": _text,
    "keys": _keys,
    "eeg": _object,
    "deidentified_clip": _object,
    "question_lines": _object,
    "video_backbone": _text,
    "teaching": _object,
    "trained_reader": _text,
    "queue_asks": _flag,
    "queue_jobs": lambda value: int(_between(1, 256)(value)),
    "studies": _studies,
    "study_names": _studies,
    "folders": _folders,
    "left": _looks,
    "looks": _looks,
}
"""Every setting in the file with the function that validates its value."""
