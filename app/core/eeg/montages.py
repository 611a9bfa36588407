"""Montages: the differences of electrodes that are shown, as text files that can be edited.

The format (docs/eeg_display.md) has one row of the screen per line; a written montage is parsed to the same
montage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.electrodes import electrode_named
from app.core.errors import UserError
from app.core.plain_text import plain

SUFFIX = ".txt"
LONGEST = 100_000
"""Characters of a montage file that are read."""

MOST_ROWS = 1024
CHANNEL = "channel"
"""The word after `each` for channels of all kinds."""


@dataclass(frozen=True, slots=True)
class Against:
    """The subtrahend of a row: nothing, one electrode, a mean of several, or the common average.

    `electrodes` are those of the mean; with `average` they are excluded from it.
    """

    electrodes: tuple[str, ...] = ()
    average: bool = False


class MontageLineError(UserError):
    """A line of a montage that cannot be read: its number, from 1, and `why` in a few words."""

    def __init__(self, file_name: str, line: int, why: str) -> None:
        super().__init__(f"“{file_name}”, line {line}: {why}.")
        self.line = line
        self.why = why


@dataclass(frozen=True, slots=True)
class MontageRow:
    """One line of a montage.

    `electrode` is the electrode shown, or with `each` a kind of which all channels are shown in the file's
    order ("channel" for all). `name` is the label of the trace, "" for the name of the difference. `gap` adds
    space above it.
    """

    electrode: str
    against: Against = Against()
    each: bool = False
    name: str = ""
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Montage:
    """Rows from top to bottom, with a title and the publication that they are taken from."""

    title: str
    rows: tuple[MontageRow, ...]
    source: str = ""


AS_RECORDED = Montage("As recorded", (MontageRow(CHANNEL, each=True),))
"""Every channel as recorded; used when no montage fits."""

_KINDS = {kind.value.lower(): kind.value for kind in ChannelKind} | {CHANNEL: CHANNEL}
_HEAD = re.compile(r"(montage|source)\s*:\s*(.*)", re.IGNORECASE)
_MEAN = re.compile(r"mean\s*\((.*)\)", re.IGNORECASE)
_AVERAGE = re.compile(r"average(?:\s+without\s+(.+))?", re.IGNORECASE)
_EACH = re.compile(r"each\s+(\w+)", re.IGNORECASE)
_DASH = re.compile(r"\s*[-–−]\s*")
_QUOTED = re.compile(r'"([^"]+)"')
_BARE = re.compile(r"[^\s\-–−\"=#(),:]+")
_RESERVED = frozenset({"average", "mean", "each", "without"})


def parse_montage(text: str, file_name: str = "montage") -> Montage:
    """The montage in a text. Raises UserError, for a line that cannot be read MontageLineError."""
    if len(text) > LONGEST:
        raise UserError(f"“{file_name}” is too long for a montage.")
    title, source, gap = "", "", False
    rows: list[MontageRow] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        bare = _without_comment(line).strip()
        if not bare:
            gap = gap or not line.strip()
        elif head := _HEAD.fullmatch(bare):
            title, source = (head[2], source) if head[1].lower() == "montage" else (title, head[2])
        else:
            rows.append(_MontageLine(bare, number, file_name).row(gap=gap and bool(rows)))
            gap = False
    if not rows:
        raise UserError(f"“{file_name}” has no rows: write one on each line, as in “Fp1 - F7”.")
    if len(rows) > MOST_ROWS:
        raise UserError(f"“{file_name}” has more than {MOST_ROWS} rows.")
    fallback = Path(file_name).stem.replace("_", " ")
    return Montage(plain(title, 200) or fallback, tuple(rows), plain(source, 500))


def read_montage(path: Path) -> Montage:
    """The montage in a file. Raises UserError."""
    return parse_montage(montage_file_text(path), path.name)


def montage_file_text(path: Path) -> str:
    """The text of a montage file. Raises UserError when it cannot be read or is not text."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST + 1)
    except UnicodeDecodeError as error:
        raise UserError(f"“{path.name}” is not a text in UTF-8.") from error
    except OSError as error:
        raise UserError(f"“{path.name}” could not be read.") from error


def _without_comment(line: str) -> str:
    """The line up to a # that is not inside quotation marks."""
    quoted = False
    for place, character in enumerate(line):
        quoted ^= character == '"'
        if character == "#" and not quoted:
            return line[:place]
    return line


@dataclass(frozen=True, slots=True)
class _MontageLine:
    """One row of the text, without its comment."""

    text: str
    number: int
    file_name: str

    def row(self, *, gap: bool) -> MontageRow:
        name, rest = self._name_and_rest()
        if each := _EACH.match(rest):
            shown, after = self._kind(each[1]), rest[each.end() :]
        else:
            shown, after = self._first(rest)
        against = self._against(after)
        if not each and shown in against.electrodes and not against.average:
            self._refuse(f"“{shown}” is compared with itself")
        return MontageRow(shown, against, each=each is not None, name=name, gap=gap)

    def _name_and_rest(self) -> tuple[str, str]:
        """The name before an equals sign outside quotation marks, and the rest."""
        found = re.match(r'("[^"]*"|[^"=]*)\s*=\s*(.*)', self.text)
        if found is None:
            return "", self.text
        name = plain(found[1].strip().strip('"').strip(), 60)
        return name or self._refuse("there is no name before “=”"), found[2]

    def _first(self, text: str) -> tuple[str, str]:
        """The electrode at the start of a text, and the rest."""
        if quoted := _QUOTED.match(text):
            return quoted[1], text[quoted.end() :]
        if bare := _BARE.match(text):
            if bare[0].lower() in _RESERVED:
                self._refuse(f"“{bare[0]}” is not allowed here")
            return electrode_named(bare[0]) or bare[0], text[bare.end() :]
        return self._refuse("an electrode is missing")

    def _kind(self, word: str) -> str:
        kind = _KINDS.get(word.lower())
        known = ", ".join(_KINDS.values())
        return kind or self._refuse(f"“each {word}” is not known; “each” is followed by one of {known}")

    def _against(self, text: str) -> Against:
        if not text.strip():
            return Against()
        dash = _DASH.match(text)
        if dash is None:
            self._refuse(f"a “-” is missing before “{text.strip()}”")
        rest = text[dash.end() :].strip()
        if average := _AVERAGE.fullmatch(rest):
            return Against(self._list(average[1]) if average[1] else (), average=True)
        if mean := _MEAN.fullmatch(rest):
            return Against(self._list(mean[1]))
        electrode, after = self._first(rest)
        if after.strip():
            self._refuse(f"“{after.strip()}” is not expected here")
        return Against((electrode,))

    def _list(self, text: str) -> tuple[str, ...]:
        electrodes: list[str] = []
        rest = text.strip()
        while True:
            electrode, after = self._first(rest)
            if electrode in electrodes:
                self._refuse(f"“{electrode}” is there twice")
            electrodes.append(electrode)
            after = after.strip()
            if not after:
                return tuple(electrodes)
            if not after.startswith(","):
                self._refuse(f"a comma is missing before “{after}”")
            rest = after[1:].strip()

    def _refuse(self, what: str) -> NoReturn:
        raise MontageLineError(self.file_name, self.number, plain(what, 200))
