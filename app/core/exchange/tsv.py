"""Tables of BIDS: tabs between cells, no quotes, n/a for what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.core.errors import UserError
from app.core.exchange.codec import Source

MISSING = "n/a"


def parse_rows(source: Source, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row, as in a spreadsheet, and its cells by column. Raises UserError."""
    try:
        lines = source.content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"“{source.name}” is not text in UTF-8.") from error
    header = lines[0].rstrip("\r").split("\t")
    missing = [column for column in needed if column not in header]
    if missing:
        raise UserError(f"“{source.name}” has no column “{missing[0]}”, which Semioscope's events have.")
    for number, line in enumerate(lines[1:], 2):
        cells = line.rstrip("\r").split("\t")
        if line.strip("\r"):
            if len(cells) != len(header):
                raise UserError(f"Row {number} of “{source.name}” has not as many cells as the header.")
            yield number, dict(zip(header, cells, strict=True))
