"""Tables of BIDS: tabs between cells, no quotes, n/a for what is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.core.errors import UserError
from app.core.exchange.codec import Source
from app.core.exchange.phrases import shorten

MISSING = "n/a"


def first_titles(content: bytes) -> list[bytes]:
    """The titles of a table's columns, which show its kind before it is read."""
    return re.split(rb"[\r\n]", content[:1000], maxsplit=1)[0].split(b"\t")


def parse_rows(source: Source, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row, as in a spreadsheet, and its cells by column. Raises UserError."""
    try:
        lines = _lines(source.content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(f"“{source.name}” is not text in UTF-8.") from error
    header = lines[0].rstrip("\r").split("\t")
    missing = [column for column in needed if column not in header]
    if missing:
        raise UserError(f"“{source.name}” has no column “{missing[0]}”, which Semioscope's events have.")
    twice = [column for column, count in Counter(header).items() if column and count > 1]
    if twice:
        raise UserError(f"“{source.name}” has two columns “{shorten(twice[0])}”.")
    for number, line in enumerate(lines[1:], 2):
        cells = line.rstrip("\r").split("\t")
        if line.strip("\r"):
            if len(cells) != len(header):
                raise UserError(f"Row {number} of “{source.name}” has not as many cells as the header.")
            yield number, dict(zip(header, cells, strict=True))


def _lines(text: str) -> list[str]:
    """The lines of a text, also of one whose lines end as on old Macs."""
    return text.split("\n" if "\n" in text else "\r")
