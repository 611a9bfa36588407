"""A report on paper: nothing is torn, nothing runs off the page, whatever the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.jobs import CancelToken, no_report
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.report.blocks import Chapter, Document, Heading, Paragraph, ReportCell, ReportRow, Table
from app.core.report.document import Choices, build_study_report
from app.core.report.reviewed_recording import review_readings
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.study_settings import StudySettings
from app.ui.paper.print_page import pdf_of
from app.ui.paper.print_sheet import BODY, BOTTOM, LEFT, TOP, WIDTH, Laid, Run, Sheet, laid

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
Put = tuple[int, float, float, Laid]


@contextmanager
def placed_texts() -> Iterator[list[Put]]:
    """Every text that is put on paper meanwhile: page, left, top and the text."""
    placed: list[Put] = []
    draw = Sheet.text

    def remember(sheet: Sheet, text: Laid, left: float, top: float) -> None:
        placed.append((sheet.page, left, top, text))
        draw(sheet, text, left, top)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sheet, "text", remember)
        yield placed


def pages_of(content: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", content))


def on_paper(placed: list[Put]) -> None:
    for page, left, top, text in placed:
        assert page >= 1
        assert top >= TOP
        assert top + text.height <= BOTTOM + 1
        wide = max(
            (text.layout.lineAt(n).naturalTextWidth() for n in range(text.layout.lineCount())), default=0
        )
        assert left >= LEFT
        assert left + wide <= LEFT + WIDTH + 1


def document(*chapters: Chapter) -> Document:
    return Document("t", MADE, len(chapters), iter(chapters))


def study(explanation: str, name: str, readers: int, recordings: int = 2) -> Document:
    found = []
    for number in range(recordings):
        identity = RecordingIdentity(f"{name} {number}.mp4", f"{number}" * 64, 60.0)
        readings = []
        for who in range(readers):
            reader = ReaderIdentity(ReaderKind.MODEL, f"{name} {who}", "1", {"served": name})
            spans = tuple(Span(at, at + 3.0) for at in range(who, 50, 9))
            said = {f.id: Answer(f.id, Presence.YES, 50, spans, None, explanation) for f in FEATURES}
            readings.append(Reading(identity, reader, said))
        found.append(review_readings(readings))
    kept = StudySettings(True, None, {})
    choices = Choices(pictures=False)
    return build_study_report(name, kept, found, choices, MADE, report=no_report, cancel=CancelToken())


@pytest.mark.parametrize(
    ("explanation", "name", "readers"),
    [
        ("Short.", "Ana", 1),
        ("The left arm is held stiffly. " * 80, "Dr. " + "Habenichts" * 8, 3),
        ("x" * 5000, "y" * 300, 7),
        ("\n" * 300, "a\nb", 2),
        ("左手が動く。😀" * 100, "読者", 2),
    ],
)
@pytest.mark.usefixtures("qapp")
def test_a_study_fits_on_its_pages(explanation: str, name: str, readers: int) -> None:
    with placed_texts() as placed:
        content = pdf_of(study(explanation, name, readers))
    assert content.startswith(b"%PDF")
    assert pages_of(content) == max(page for page, *_ in placed) >= 3
    on_paper(placed)


@pytest.mark.usefixtures("qapp")
def test_an_empty_study_is_one_page() -> None:
    with placed_texts() as placed:
        assert pages_of(pdf_of(study("", "x", 1, recordings=0))) == 1
    on_paper(placed)


ROWS = st.lists(st.tuples(st.text(max_size=40), st.integers(1, 60), st.booleans()), max_size=60)


@pytest.mark.usefixtures("qapp")
@settings(max_examples=30)
@given(ROWS)
def test_rows_are_whole_and_subheadings_stay_with_what_they_are_over(
    rows: list[tuple[str, int, bool]],
) -> None:
    made = tuple(
        ReportRow((ReportCell(f"{number} {text}"),), head=True)
        if head
        else ReportRow((ReportCell(f"{number}"), ReportCell("line\n" * lines)))
        for number, (text, lines, head) in enumerate(rows)
    )
    table = Table((ReportCell("a"), ReportCell("b")), made, (0.3, 0.7))
    with placed_texts() as placed:
        pdf_of(document(Chapter("c", (Heading("t", 1), Paragraph("w"), table))))
    on_paper(placed)
    pages: dict[int, int] = {}
    for page, left, _top, text in placed:
        first = text.layout.text().split(" ")[0]
        if left == LEFT and first.isascii() and first.isdigit():
            pages.setdefault(int(first), page)
    assert len(pages) == len(rows)
    if rows and rows[0][1] < 20 and not rows[0][2]:
        (title,) = [page for page, _left, _top, text in placed if text.layout.text() == "t"]
        assert title == pages[0]
    for number, row in enumerate(made[:-1]):
        if row.head and not made[number + 1].head:
            assert pages[number] == pages[number + 1]


@pytest.mark.usefixtures("qapp")
def test_a_row_higher_than_a_page_goes_on_over_pages() -> None:
    cell = ReportCell("\n".join(f"line {number}" for number in range(240)))
    table = Table((ReportCell("a"), ReportCell("b")), (ReportRow((ReportCell("x"), cell)),), (0.3, 0.7))
    assert laid([Run(cell.text)], WIDTH).height > BODY
    assert pages_of(pdf_of(document(Chapter("c", (table,))))) >= 3


@pytest.mark.usefixtures("qapp")
def test_untrusted_text_is_drawn_as_it_stands() -> None:
    with placed_texts() as placed:
        pdf_of(document(Chapter("c", (Paragraph("<b>x</b>\u202egpj <img src='file:///x'>"),))))
    assert any("<b>x</b>gpj <img" in text.layout.text() for *_rest, text in placed)
