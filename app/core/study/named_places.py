"""Which of the places that a study names are opened by themselves.

A study can come from somebody else and name any place: a share of another computer, which would learn who
looks at the study, or any file of this one. By itself only a place beside the study is opened, and one that
this account has opened before; every other is offered to the person and not even looked for until they ask.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from app.core.account_file import UnreadableFileError, read_account_file, read_before_writing
from app.core.bounded_json import read_json
from app.core.containment import goes_through_link, write_inside
from app.core.errors import UserError
from app.core.folders import is_of_study, settings_folder
from app.core.settings import load_settings
from app.core.study.filesystem import mount_points

FILE_NAME = "opened.json"
MOST_PLACES = 5000
"""How many places are remembered, the latest."""
_LARGEST = 32 << 20

_log = logging.getLogger(__name__)


def may_open(place: Path, folder: Path) -> bool:
    """Whether a place that the study in `folder` names is opened by itself.

    A place elsewhere is judged by its name alone, without asking the system about it.
    """
    return OpenablePlaces(folder).allow(place)


class OpenablePlaces:
    """The places that are opened by themselves when the study in `folder` names them, as the system is now.

    For many places of one study: what is common to all is asked once.
    """

    def __init__(self, folder: Path) -> None:
        from app.core.study.place import resolved_study_folder

        self._around = Path(os.path.normpath(resolved_study_folder(folder))).parent
        self._mounted = [
            point for point in mount_points() if point != self._around and point.is_relative_to(self._around)
        ]
        self._opened: set[str] | None = None

    def allow(self, place: Path) -> bool:
        """As `may_open`."""
        if is_of_study(place):
            return False
        return self._lies_beside(place) or _text(place) in self._known()

    def _lies_beside(self, place: Path) -> bool:
        """Whether it lies in the folder that holds the study's or below, on the same disk, without a link."""
        around = self._around
        if ".." in place.parts or not place.is_relative_to(around) or place == around:
            return False
        if len(around.parts) == 1 and place.parent != around:
            return False  # beside a study in the root of a disk everything lies
        if any(place.is_relative_to(point) for point in self._mounted):
            return False
        return not goes_through_link(place, around)

    def _known(self) -> set[str]:
        """What this account has opened before."""
        if self._opened is None:
            self._opened = {*_opened(), *(_text(Path(row)) for row in load_settings().recent)}
        return self._opened


def remember_opened(path: Path) -> None:
    """Write down that the person has opened this file; one that cannot be written down is asked for again."""
    name = _text(path.absolute())
    try:
        known = read_before_writing(settings_folder() / FILE_NAME, _rows) or []
    except UnreadableFileError:
        return
    if known[-1:] == [name]:
        return
    places = [*(place for place in known if place != name), name][-MOST_PLACES:]
    account = settings_folder()
    try:
        write_inside(account / FILE_NAME, account, json.dumps(places, indent=0).encode())
    except UserError as error:
        _log.warning("what was opened was not written down: %s", error)


def _opened() -> list[str]:
    try:
        return read_account_file(settings_folder() / FILE_NAME, _rows) or []
    except UnreadableFileError:
        return []


def _rows(content: bytes) -> list[str]:
    rows = read_json(content, largest=_LARGEST)
    if not isinstance(rows, list):
        raise TypeError("not a list")
    return [row for row in rows if isinstance(row, str)]


def _text(place: Path) -> str:
    """The place as it is written down; on Windows capitals do not matter."""
    return os.path.normcase(os.path.normpath(place)).encode("utf-8", "backslashreplace").decode("utf-8")
