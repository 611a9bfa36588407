"""Names of recordings as tables write them: compared without case, folder and extension; maps of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from app.core.errors import UserError
from app.core.exchange.phrases import normalise_name, shorten
from app.core.same_names import recording_key

_SEGMENT = re.compile(r"(.+)_segment_([0-9]{1,6})")
_NAME_TITLE = re.compile("name|file|recording|video|clip")


def segment_of(name: str) -> tuple[str, int | None]:
    """The key of the recording, and the number of the segment where the name is `NAME_segment_N`."""
    key = recording_key(name)
    found = _SEGMENT.fullmatch(key)
    return (found[1], int(found[2])) if found else (key, None)


NameMap = Mapping[str, str]
"""The key under which a recording is matched, by every key that it is called by; others stay themselves."""


def name_map(rows: Sequence[Sequence[str]]) -> NameMap:
    """The map that a table of names is, a recording in each row, a name in each column.

    Columns whose title says that they hold names, else the first two. Raises UserError when there are not two
    columns or one name stands for two recordings.
    """
    header = [normalise_name(title) for title in rows[0]] if rows else []
    places = [place for place, title in enumerate(header) if _NAME_TITLE.search(title)]
    if len(places) < 2:
        places = list(range(min(2, len(header))))
    if len(places) < 2:
        raise UserError("A map of names needs two columns: what a recording is called here and there.")
    found: dict[str, str] = {}
    for row in rows[1:]:
        _add(found, [row[place] for place in places if place < len(row) and row[place].strip()])
    return found


def _add(found: dict[str, str], names: Iterable[str]) -> None:
    keys = [(name, recording_key(name)) for name in names]
    for name, key in keys:
        if found.setdefault(key, keys[0][1]) != keys[0][1]:
            raise UserError(f"The map of names has “{shorten(name)}” in two rows.")
