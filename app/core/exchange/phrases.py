"""The terms that files use for presence, sides and features, and the protection of cells against formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.reading import LARGEST_READING, ReaderIdentity, ReaderKind, RecordingIdentity
from app.core.same_names import UNSEEN
from app.core.semiology import FEATURES, LATEST, ConfidenceKind, Laterality, Presence

UNANSWERED = "unanswered"

PRESENCES: Mapping[str, Presence | None] = {
    **dict.fromkeys(("1", "1.0", "yes", "y", "true", "present"), Presence.YES),
    **dict.fromkeys(("0", "0.0", "no", "n", "false", "absent"), Presence.NO),
    **dict.fromkeys(
        ("na", "n/a", "n.a", "n.a.", "not_assessable", "not assessable"), Presence.NOT_ASSESSABLE
    ),
    **dict.fromkeys(("", UNANSWERED, "#n/a", "nan"), None),
}
"""Every word for a presence that is understood; anything else is refused."""

MISSING_IN_R = "NA"
"""How R writes a blank cell; *not assessable* is written in small letters."""

_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4}):([0-5]?[0-9](?:[.,][0-9]*)?)")
_SECONDS = re.compile(r"[0-9]+([.,][0-9]*)?([eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_MOST_PARTS = LARGEST_READING // 16
"""Commas in the JSON of one file: of many small parts it would take a hundred times its size in memory."""

_LINE_ENDS = "\t\r\n\x0b\x0c\x85\u2028\u2029"
_STRIPPED = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
)
_SPACES = " \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LEAD = f"[{_STRIPPED}{_SPACES}'\"“”‘’`´]*"
"""Characters that spreadsheets may strip before they interpret a cell."""
_SIGNS = "=+\\-@|%＝＋－＠｜％﹦﹢﹣﹫﹪−"

_FORMULA = re.compile(f"{_LEAD}[{_SIGNS}{_LINE_ENDS}]")
_QUOTED_FORMULA = re.compile(f"'{_LEAD}[{_SIGNS}{_LINE_ENDS}]")
_INNER = {
    separators: re.compile(f"(?<=[{separators}{_LINE_ENDS}])(?={_LEAD}[{_SIGNS}])")
    for separators in (";", ",;")
}
_QUOTED_INNER = {
    separators: re.compile(f"(?<=[{separators}{_LINE_ENDS}])'(?={_LEAD}[{_SIGNS}])")
    for separators in (";", ",;")
}
"""The places where a cell would begin if the table were opened with another separator."""


_FILLING_RUN = re.compile(rf"[\s_\-{UNSEEN}]+")
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
_EDGES = _BLANKS + UNSEEN.replace("\xad", "")  # a soft hyphen may have been meant as a sign


def normalise_name(name: str) -> str:
    """A name without case, spaces, underscores, hyphens and what cannot be seen, for comparing names."""
    return _FILLING_RUN.sub("", name.lower())


def bare(word: str) -> str:
    """The word of a cell without blanks, and characters that cannot be seen, around it."""
    return word.strip(_EDGES)


FEATURE_ALIASES: Mapping[str, str] = {
    normalise_name(alias): feature.id for feature in FEATURES for alias in (feature.id, feature.name)
}


def feature_named(name: str) -> str | None:
    """The id of the feature that is called so, by id or name, in any case; None when there is none."""
    return FEATURE_ALIASES.get(normalise_name(name))


def presence_of(word: str, where: str) -> Presence | None:
    """The presence that a word means. Raises UserError, naming `where` it stands."""
    try:
        return None if bare(word) == MISSING_IN_R else PRESENCES[bare(word).lower()]
    except KeyError:
        raise UserError(f"{where} says “{shorten(word)}”, which is not yes, no, na or blank.") from None


def laterality_of(word: str, where: str) -> Laterality | None:
    try:
        return Laterality(bare(word).lower()) if bare(word) else None
    except ValueError:
        raise UserError(f"{where} says “{shorten(word)}”, which is not left, right or both.") from None


def confidence_of(word: str, where: str) -> int | None:
    text = bare(word).removesuffix(".0")
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) > 100:
        raise UserError(f"{where} says “{shorten(word)}”, which is not a confidence from 0 to 100.")
    return int(text)


def confidence_kind_of(word: str, where: str) -> ConfidenceKind:
    """How a confidence came about; *stated* where nothing is said."""
    try:
        return ConfidenceKind(bare(word).lower() or ConfidenceKind.STATED)
    except ValueError:
        kinds = ", ".join(ConfidenceKind)
        raise UserError(f"{where} says “{shorten(word)}”, but there are {kinds}.") from None


def seconds_of(word: str, where: str, *, decimal_comma: bool = False) -> float:
    """A time in seconds, finite and not negative, from seconds, M:SS or H:MM:SS, with decimal point or comma.

    `decimal_comma` says that a comma is a decimal one; else `1,234`, which may be a thousand, is refused.
    Raises UserError, naming `where` it stands.
    """
    seconds = time_of(word, decimal_comma=decimal_comma)
    if seconds is None:
        raise UserError(f"{where} says “{shorten(word)}”, which is not a time in seconds.")
    return seconds


def time_of(word: str, *, decimal_comma: bool = False) -> float | None:
    """As `seconds_of`; None for anything else."""
    text = bare(word)
    if _THOUSANDS.fullmatch(text) and not decimal_comma:
        return None
    if _SECONDS.fullmatch(text):
        seconds = float(text.replace(",", "."))
    elif found := _CLOCK.fullmatch(text):
        hours, minutes, rest = found.groups()
        seconds = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
    else:
        return None
    return seconds if seconds <= LATEST else None


def shorten(text: str) -> str:
    """Text of a file, shortened for a sentence."""
    return text if len(text) <= 40 else text[:39] + "…"


def neutralise(text: str) -> str:
    """The text so that no spreadsheet takes its cell for a formula; `restore_text` is the inverse."""
    return "'" + text if _FORMULA.match(text) else text


def restore_text(text: str) -> str:
    return text[1:] if _QUOTED_FORMULA.match(text) else text


def neutralise_everywhere(text: str, separators: str = ";") -> str:
    """The same for a table of plain text, which may be opened with another separator than its own.

    A formula can then begin inside the text, after one of `separators` (";" or ",;"), a tab or a line end.
    `restore_everywhere` is the inverse.
    """
    return neutralise(_INNER[separators].sub("'", text))


def restore_everywhere(text: str, separators: str = ";") -> str:
    return _QUOTED_INNER[separators].sub("", restore_text(text))


def reader_to_dict(reader: ReaderIdentity) -> dict[str, Any]:
    """The reader as an object of a reading's file format."""
    return {
        "kind": reader.kind.value,
        "name": reader.name,
        "version": reader.version,
        "details": dict(reader.details),
    }


def reader_from_dict(data: object, where: str) -> ReaderIdentity:
    """The reader of an object that `reader_to_dict` made. Raises UserError for any other."""
    try:
        if not isinstance(data, dict):
            raise TypeError
        details = data.get("details", {})
        texts = [data["name"], data["version"], *details, *details.values()]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError
        "".join(texts).encode()  # halves of a character are a ValueError
        return ReaderIdentity(ReaderKind(data["kind"]), data["name"], data["version"], details)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{where} does not name its reader as this program does.") from error


def recording_to_dict(recording: RecordingIdentity) -> dict[str, Any]:
    """The recording as an object of a reading's file format."""
    return {"name": recording.name, "sha256": recording.sha256, "duration": recording.duration}


def recording_from_dict(data: object, where: str) -> RecordingIdentity:
    """The recording of an object that `recording_to_dict` made. Raises UserError for any other."""
    if isinstance(data, dict):
        name, sha256, duration = (data.get(key) for key in ("name", "sha256", "duration"))
        if isinstance(name, str) and isinstance(sha256, str) and is_number(duration):
            if 0 <= duration <= LATEST:
                return RecordingIdentity(name, sha256, float(duration))
            raise UserError(f"{where} gives its recording an impossible duration.")
    raise UserError(f"{where} does not say which recording it belongs to.")


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def parse_json(text: str, where: str, *, unset_numbers: bool = False) -> Any:
    """The value of a JSON text. Raises UserError, also for duplicate keys, and for NaN and infinity unless
    `unset_numbers` takes both for NaN."""
    try:
        return read_json(text, largest=LARGEST_READING, most_parts=_MOST_PARTS, unset_numbers=unset_numbers)
    except ValueError as error:
        raise UserError(f"{where} is not valid JSON.") from error
