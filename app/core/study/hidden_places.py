"""Places in the picture that a person wants covered, in clips, in pictures and in what models are shown.

The study keeps them among the settings, under the fingerprint of their recording.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.study import rows, setting_table, unreadable_rows, values
from app.core.study.effects import Held

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

PREFIX = "hidden_places "
"""How the name of such a setting begins."""
MOST_PLACES = 500

HiddenPlaces = Mapping[str, tuple[Box, ...]]
"""The places by the picture (`Recording.picture_key`), in the order in which they were drawn."""

NO_PLACES: HiddenPlaces = MappingProxyType({})


def check_places(places: HiddenPlaces) -> None:
    """Raises UserError for more places, or pictures, than are kept; each place is one within the picture."""
    if sum(max(len(boxes), 1) for boxes in places.values()) > MOST_PLACES:
        raise UserError(f"At most {MOST_PLACES} places are kept with a recording; take some away first.")


def places_to_json(places: HiddenPlaces) -> str:
    """An object of lists of boxes; null where there is none."""
    known = {
        picture: [[float(side) for side in (one.left, one.top, one.right, one.bottom)] for one in boxes]
        for picture, boxes in places.items()
        if boxes
    }
    return canonical(known or None)


def places_from_json(text: str | None) -> HiddenPlaces:
    """The inverse. Raises ValueError or UserError for anything else."""
    row = None if text is None else values.json_of(text)
    if row is None:
        return NO_PLACES
    found = {
        values.name(picture): tuple(map(rows.box_of, values.items(boxes)))
        for picture, boxes in values.fields(row).items()
    }
    check_places(found)
    return found


def places_of_picture(kept: HiddenPlaces, recording: Recording) -> tuple[tuple[Box, ...], str]:
    """Of the places that a study keeps of a recording those of the picture that is shown, and a sentence on
    the others, which are not covered; "" without any."""
    places = kept.get(recording.picture_key, ())
    others = sum(map(len, kept.values())) - len(places)
    where = "Places drawn on the mirrored or on another picture of this recording are not covered"
    return places, f"{where}: {others}." if others else ""


def hidden_places(connection: sqlite3.Connection, fingerprint: str) -> HiddenPlaces:
    """The places of the recording with that fingerprint; none where they cannot be read."""
    return setting_table.read_setting(connection, PREFIX + fingerprint, places_from_json) or NO_PLACES


def places_to_cover(connection: sqlite3.Connection, fingerprint: str) -> HiddenPlaces:
    """As `hidden_places`. Raises UserError where they cannot be read: nothing is hidden without them."""
    text = setting_table.setting(connection, PREFIX + fingerprint)
    try:
        return places_from_json(text)
    except unreadable_rows.WRONG as error:
        raise UserError(_UNREADABLE) from error


_UNREADABLE = (
    "The places to cover that the study keeps for this recording cannot be read, so nothing was made without "
    "them. Draw them anew in the window (File → Export → De-identified clip…)."
)


def put_hidden_places(connection: sqlite3.Connection, fingerprint: str, places: HiddenPlaces) -> None:
    """Keep these places and no others."""
    text = places_to_json(places)
    setting_table.put_setting(connection, PREFIX + fingerprint, None if text == "null" else text)


def places_held(connection: sqlite3.Connection, what: str) -> Iterator[Held]:
    """What is kept of every recording, as the replay of the history compares it."""
    found = connection.execute("SELECT name, value FROM settings").fetchall()
    for name, value in found:
        if isinstance(name, str) and name.startswith(PREFIX):
            yield (name.removeprefix(PREFIX), None, what), value
