"""A report as one self-contained HTML page without scripts."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from app.core.atomic import write_atomically
from app.core.report.blocks import (
    Block,
    Chapter,
    Document,
    DrawnChart,
    EegFigure,
    Facts,
    Heading,
    Paragraph,
    Pictures,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
    Timeline,
)
from app.core.report.document import NOTICE, footnote
from app.core.report.phrases import escape_text
from app.core.report.pictures import Picture
from app.core.report.timeline_layout import lay_out_timeline
from app.core.semiology import FEATURE
from app.core.times import clock

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_LABELS, _WIDTH, _TAIL = 190.0, 960.0, 20.0
"""Units of the timeline's drawing: its names, the whole of it, and the room after the last tick."""
COLOURS = 7


def write_html(path: Path, document: Document, *, replace: bool = True) -> None:
    """Write the page, without `replace` only where nothing is. Raises UserError when it cannot be
    written, and as the chapters do."""
    write_atomically(path, html_page(document).encode("utf-8", "replace"), replace=replace)


def html_page(document: Document) -> str:
    """The whole page as text."""
    title = escape_text(document.title)
    style = resources.files("app.core.report").joinpath("page.css").read_text(encoding="utf-8")
    chapters = list(document.chapters)
    contents = _contents(document.contents, chapters) if len(chapters) > 2 else ""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{title} – seizure semiology</title><style>{style}</style></head><body>",
            '<p class="kicker">Seizure semiology</p>',
            f'<p class="notice">{escape_text(NOTICE)}</p>',
            *(
                _chapter(number, each, contents if number == 0 else "")
                for number, each in enumerate(chapters)
            ),
            f"<footer>{escape_text(footnote(document.made))}</footer>",
            "</body></html>\n",
        ]
    )


def _contents(title: str, chapters: list[Chapter]) -> str:
    links = "".join(
        f'<li><a href="#c{number}">{escape_text(each.title)}</a></li>'
        for number, each in enumerate(chapters)
        if number
    )
    return f"<nav><h2>{escape_text(title)}</h2><ol>{links}</ol></nav>"


def _chapter(number: int, chapter: Chapter, contents: str) -> str:
    # The contents come after the title and the facts below it.
    blocks = [_DRAWN[type(block)](block) for block in chapter.blocks]
    blocks[2:2] = [contents] if contents else []
    return f'<article id="c{number}">' + "\n".join(blocks) + "</article>"


def _heading(heading: Heading) -> str:
    return f"<h{heading.level}>{escape_text(heading.text)}</h{heading.level}>"


def _words(words: Paragraph) -> str:
    return f'<p class="{_TONES[words.tone]}">{escape_text(words.text)}</p>'


def _facts(facts: Facts) -> str:
    return (
        "<dl>"
        + "".join(f"<dt>{escape_text(term)}</dt><dd>{escape_text(text)}</dd>" for term, text in facts.rows)
        + "</dl>"
    )


def _table(table: Table) -> str:
    columns = "".join(f'<col style="width:{share:.2%}">' for share in table.shares)
    head = "".join(f"<th>{_cell(cell)}</th>" for cell in table.head)
    rows = "".join(_row(row, len(table.shares)) for row in table.rows)
    return f"<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(row: ReportRow, columns: int) -> str:
    if row.head:
        return f'<tr class="part"><td colspan="{columns}">{_cell(row.cells[0])}</td></tr>'
    anchor = f' id="{escape_text(row.anchor)}"' if row.anchor else ""
    return f"<tr{anchor}>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row.cells) + "</tr>"


def _cell(cell: ReportCell) -> str:
    classes = [_TONES[cell.tone]] if cell.tone is not TextTone.PLAIN else []
    classes += [f"r{cell.reader % COLOURS}"] if cell.reader is not None else []
    text = (
        f'<span class="{" ".join(classes)}">{escape_text(cell.text)}</span>'
        if classes
        else escape_text(cell.text)
    )
    text = f'<a href="#{escape_text(cell.link)}">{text}</a>' if cell.link else text
    parted = "<br>" if cell.stacked else " "
    text += f'{parted}<span class="soft">{escape_text(cell.soft)}</span>' if cell.soft else ""
    return text + (f"<br>{escape_text(cell.below)}" if cell.below else "")


def _timeline(timeline: Timeline) -> str:
    drawn = lay_out_timeline(timeline)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH:g} {drawn.height + 24:g}" role="img" aria-label="Evidence over time">'
    ]
    right = _WIDTH - _TAIL
    parts += [f'<line class="grid" x1="0" y1="{y:.1f}" x2="{right:g}" y2="{y:.1f}"/>' for y in drawn.lines]
    for share, words in drawn.ticks:
        x = _x(share)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{drawn.height:g}"/>')
        parts.append(f'<text x="{x:.1f}" y="{drawn.height + 18:g}" text-anchor="middle">{words}</text>')
    parts += [
        f'<text class="name" x="0" y="{label.middle + 4:g}">{escape_text(label.text)}</text>'
        for label in drawn.labels
    ]
    for bar in drawn.bars:
        # A moment is seen too, and nothing leaves the drawing.
        width = max(_x(bar.left + bar.width) - _x(bar.left), 2.0)
        parts.append(
            f'<rect class="r{bar.reader % COLOURS}" x="{min(_x(bar.left), _WIDTH - width):.1f}" '
            f'y="{bar.top:.1f}" width="{width:.1f}" height="{bar.height:.1f}" rx="1.5">'
            f"<title>{escape_text(bar.title)}</title></rect>"
        )
    legend = "".join(
        f'<span class="r{number % COLOURS}"><b>▬</b> {escape_text(name)}</span>'
        for number, name in timeline.readers
    )
    return "\n".join([*parts, "</svg>"]) + f'<p class="legend">{legend}</p>'


def _x(share: float) -> float:
    return _LABELS + (_WIDTH - _LABELS - _TAIL) * share


def _pictures(pictures: Pictures) -> str:
    return '<div class="shots">' + "".join(_figures(pictures.shots)) + "</div>"


def _figures(shots: tuple[Picture, ...]) -> Iterator[str]:
    for shot in shots:
        names = ", ".join(escape_text(FEATURE[feature].name) for feature in shot.features)
        data = base64.b64encode(shot.jpeg).decode("ascii")
        yield (
            f'<figure><img src="data:image/jpeg;base64,{data}" width="{shot.width}" height="{shot.height}" '
            f'alt="{names}"><figcaption><b>{names}</b> at {clock(shot.seconds)}</figcaption></figure>'
        )


def _eeg_figure(figure: EegFigure) -> str:
    data, caption = base64.b64encode(figure.png).decode("ascii"), escape_text(figure.caption)
    return (
        f'<figure class="eeg"><img src="data:image/png;base64,{data}" alt="EEG">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _chart(chart: DrawnChart) -> str:
    data, caption = base64.b64encode(chart.png).decode("ascii"), escape_text(chart.caption)
    return (
        f'<figure class="chart"><img src="data:image/png;base64,{data}" alt="{escape_text(chart.about)}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


_TONES = {
    TextTone.PLAIN: "plain",
    TextTone.SOFT: "soft",
    TextTone.STRONG: "strong",
    TextTone.NOTICE: "notice",
}

_DRAWN: dict[type[Block], Callable[[Any], str]] = {
    Heading: _heading,
    Paragraph: _words,
    Facts: _facts,
    Table: _table,
    Timeline: _timeline,
    Pictures: _pictures,
    EegFigure: _eeg_figure,
    DrawnChart: _chart,
}
