"""The content of a report as blocks, which HTML and PDF each draw in their way.

All text is unchanged input; what draws a block shows it as plain text (`app.core.plain_text.plain`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.report.pictures import Picture
from app.core.semiology import Span


class TextTone(StrEnum):
    """The emphasis of text on the page; a notice has a frame."""

    PLAIN = "plain"
    SOFT = "soft"
    STRONG = "strong"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the title of a chapter; a heading never stands at the foot of a page."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: TextTone = TextTone.PLAIN


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms, each with its value."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReportCell:
    """A cell's text, softer text after it (below it when `stacked`), and further text on separate lines.

    `reader` is the number whose colour the first words have; `link` the anchor of a row on the same page that
    the text leads to (a paper has none).
    """

    text: str
    soft: str = ""
    below: str = ""
    tone: TextTone = TextTone.PLAIN
    reader: int | None = None
    stacked: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row that is never parted by the end of a page; `head` spans all columns and stays with the next.

    `anchor` is what links lead to; letters, digits and hyphens.
    """

    cells: tuple[ReportCell, ...]
    head: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`shares` are the widths of the columns and sum to 1; the head is repeated on every page.

    `whole`: it goes on a new page rather than be parted, when a page can hold it.
    """

    head: tuple[ReportCell, ...]
    rows: tuple[ReportRow, ...]
    shares: tuple[float, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ReaderLane:
    """The spans of one reader in a row of the timeline; `reader` is the number of their colour."""

    reader: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TimeRow:
    name: str
    lanes: tuple[ReaderLane, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Evidence over the recording's clock (`duration` in s); `readers` are number and name, in order."""

    duration: float
    readers: tuple[tuple[int, str], ...]
    rows: tuple[TimeRow, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    shots: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class EegFigure:
    """A page of an EEG as PNG over the whole width, with its caption; never parted."""

    png: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart as PNG at the width it needs, with its caption; never parted. `about` says what it shows."""

    png: bytes
    caption: str
    about: str


Block = Heading | Paragraph | Facts | Table | Timeline | Pictures | EegFigure | DrawnChart


@dataclass(frozen=True, slots=True)
class Chapter:
    """Blocks that begin on a new page; `title` is in the contents and at the foot of its pages."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report; `chapters` are made one after the other, so that pictures need not all be held.

    `contents` is the heading over the list of chapters.
    """

    title: str
    made: datetime
    count: int
    chapters: Iterator[Chapter]
    contents: str = "Recordings"
