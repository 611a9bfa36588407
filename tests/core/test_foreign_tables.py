"""Tables as spreadsheets, R and people leave them, imported by the real command."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.cli import main
from app.core.errors import UserError
from app.core.exchange.codec import Source
from app.core.exchange.table import find_titles
from app.core.exchange.workbook import read_workbook
from tests.core.foreign_files import Import, import_file

HEAD = "recording,reader,feature,presence,start,end\n"
ROW = "event.mp4,Bo,clonic,yes,5.5,20.25\n"
YES = {"Bo: clonic": "yes 5.5-20.25"}
Take = Callable[..., Import]


@pytest.fixture
def take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Imports a table of text."""

    def do(text: str | bytes, *more: str, format_id: str = "csv-long") -> Import:
        path = tmp_path / "own.csv"
        path.write_bytes(text.replace("\n", "\r\n").encode() if isinstance(text, str) else text)
        return import_file(capsys, tmp_path, path, format_id, *more)

    return do


def semicolons(text: str) -> str:
    return text.replace(",", ";")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ROW,
        "\ufeff" + semicolons(HEAD + ROW).replace("5.5", "5,5").replace("20.25", "20,25"),
        (HEAD + ROW).replace(",", "\t"),
        "sep=;\n" + semicolons(HEAD + ROW),
        "sep=,\n\n" + HEAD + ROW,
        "Labels of the first round\n" + HEAD + ROW,
        "Labels, first round, ward 7, 2026, by Bo, and Ana\n" + semicolons(HEAD + ROW),
        HEAD + ROW.replace("event.mp4", "D:\\videos\\2026\\event.mp4"),
        HEAD + ROW.replace("event.mp4", "/data/videos/event.mp4"),
        HEAD + ROW.replace("event.mp4", "EVENT.MP4"),
        HEAD + ROW.replace("event.mp4", " event "),
        HEAD + ROW.replace("Bo", "Bo "),
        HEAD + ROW.replace("5.5", "0:05.5").replace("20.25", "0:00:20.25"),
        HEAD + 'event.mp4,Bo,clonic,yes,"5,5","20,25"\n',
        HEAD + "event.mp4,Bo,tonic,,,\n" + ROW,
    ],
)
def test_tables_as_they_come_are_read(take: Take, text: str) -> None:
    found = take(text)
    assert (found.code, found.held) == (0, YES)


def test_rows_of_features_are_never_taken_for_the_titles() -> None:
    rows = [["path", "first", "second"], ["a.mp4", "tonic", "clonic"], ["b.mp4", "clonic", "head turning"]]
    assert find_titles(rows) == 0
    assert find_titles([["Round 1"], [], ["File name", "Clonic"], ["a.mp4", "1"]]) == 2


def test_quoted_titles_may_hold_the_other_separators(take: Take) -> None:
    table = (
        'recording;reader;feature;presence;"note (what, where, when, by, how)"\nevent.mp4;Bo;clonic;yes;x\n'
    )
    assert take(table).held == {"Bo: clonic": "yes"}


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-8-sig", "")]
)
def test_other_encodings_are_read_with_a_remark(take: Take, encoding: str, name: str) -> None:
    found = take((HEAD + ROW.replace("Bo", "Zoë")).encode(encoding))
    assert found.held == {"Zoë: clonic": "yes 5.5-20.25"}
    assert ("was read as" in found.told) is bool(name)
    assert name in found.told


def test_times_that_could_be_two_are_refused(take: Take) -> None:
    found = take(HEAD + 'event.mp4,Bo,clonic,yes,1,"1,234"\n')
    assert (found.code, "says “1,234”, which is not a time" in found.told) == (1, True)
    assert take(semicolons(HEAD) + "event.mp4;Bo;clonic;yes;1;1,234\n").held == {"Bo: clonic": "yes 1-1.234"}


@pytest.mark.parametrize(
    "second",
    ["event.mp4,,,Bo,,,clonic,yes,22,25\n", "event,,60.0,Bo,,,clonic,yes,22,25\n",
     "C:\\x\\Event.MP4,,,bo,,,clonic,,22,25\n"],
)  # fmt: skip
def test_rows_of_one_answer_in_two_spellings_are_put_together(take: Take, second: str) -> None:
    head = "recording,sha256,duration,reader,reader_kind,reader_version,feature,presence,start,end\n"
    first = f"event.mp4,{'ab' * 32},60.0,Bo,person,1,clonic,yes,5,10\n"
    assert take(head + first + second).held == {"Bo: clonic": "yes 5-10, 22-25"}


def test_another_spelling_of_a_person_is_named(take: Take) -> None:
    found = take(HEAD + ROW + ROW.replace("Bo", "BO").replace("clonic", "tonic"))
    assert found.held == {**YES, "Bo: tonic": "yes 5.5-20.25"}
    assert "“BO” was taken for “Bo”." in found.told


def test_a_contradiction_changes_nothing_until_a_side_is_chosen(take: Take) -> None:
    head = "recording,reader,feature,presence\n"
    text = head + "event.mp4,Bo,clonic,yes\nevent,Bo,clonic,no\nevent,Bo,tonic,no\n"
    found = take(text)
    assert (found.code, found.held) == (1, {})
    assert "“event.mp4” by Bo, Clonic: yes (row 2), no (row 3)" in found.told
    for side, clonic in (("earlier", "yes"), ("later", "no"), ("neither", None)):
        held = take(text, "--on-contradiction", side).held
        assert held == {"Bo: tonic": "no"} | ({"Bo: clonic": clonic} if clonic else {})


def test_sides_at_different_times_are_both_and_at_the_same_time_a_contradiction(take: Take) -> None:
    head = "recording,reader,feature,presence,laterality,start,end\n"
    left = "event,Bo,clonic,yes,left,5,10\n"
    assert take(head + left + "event,Bo,clonic,yes,right,12,15\n").held == {
        "Bo: clonic": "yes 5-10, 12-15 both"
    }
    assert take(head + left + "event,Bo,clonic,yes,right,6,9\n").code == 1


def test_a_time_beyond_the_end_is_named_and_left_out(take: Take) -> None:
    found = take(HEAD + ROW.replace("20.25", "75") + ROW)
    assert found.held == YES
    assert "5.5–75.0 s, beyond the end of the recording at 60.0 s, was left out" in found.told
    near = take(HEAD + ROW.replace("20.25", "60.3"))
    assert (near.held, "was set to its end" in near.told) == ({"Bo: clonic": "yes 5.5-60"}, True)


@pytest.mark.parametrize(
    ("word", "tonic"),
    [("NA", None), ("", None), ("#N/A", None), ("na", "not_assessable"), ("n/a", "not_assessable")],
)
def test_the_words_for_missing_are_kept_apart(take: Take, word: str, tonic: str | None) -> None:
    found = take(f"recording,reader,clonic,tonic\nevent.mp4,Bo,1,{word}\n", format_id="csv-wide")
    assert found.held == {"Bo: clonic": "yes"} | ({"Bo: tonic": tonic} if tonic else {})
    assert ("as R writes" in found.told) is (word == "NA")


def test_what_a_file_leaves_open_takes_nothing_away(
    take: Take, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(HEAD + ROW)
    path = tmp_path / "more.csv"
    path.write_text("recording,reader,feature,presence,start,end,confidence\nevent,Bo,clonic,yes,,,80\n")
    study = str(tmp_path / "event.semioscope")
    assert main(["import", study, str(path), "--format", "csv-long", "--unsealed"]) == 0
    assert (
        main(["export", study, "--format", "csv-long", "--out", str(tmp_path / "out.csv"), "--unsealed"]) == 0
    )
    capsys.readouterr()
    rows = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig")))
    row = next(row for row in rows if row["feature"] == "clonic")
    assert (row["start"], row["end"], row["confidence"]) == ("5.5", "20.25", "80")


def test_no_control_character_comes_into_a_name(take: Take) -> None:
    found = take(HEAD + ROW.replace("Bo", "B\0o"))
    assert found.held == YES


def test_formulas_behind_another_separator_come_back_and_are_none(
    take: Take, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(
        "recording,reader,feature,presence,explanation\n"
        "event.mp4,Bo,clonic,yes,ok;=1+1\nevent.mp4,Bo,tonic,yes,ok\t=1+1\n"
    )
    out = tmp_path / "out.csv"
    study = str(tmp_path / "event.semioscope")
    assert main(["export", study, "--format", "csv-long", "--out", str(out), "--unsealed"]) == 0
    capsys.readouterr()
    text = out.read_text("utf-8-sig")
    for separator in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    again = import_file(capsys, tmp_path, out, "csv-long")
    assert again.held == {"Bo: clonic": "yes", "Bo: tonic": "yes"}


def test_a_preview_shows_every_change_and_makes_none(
    take: Take, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = take(HEAD + ROW, "--preview")
    assert found.held == {}
    assert "event.mp4 · Bo · Clonic: unanswered → yes, 5.5–20.2 s" in found.told
    assert "1 answer would change; 0 already match." in found.told


# workbooks

TITLES = ["recording", "reader", "feature", "presence", "start", "end"]
CELLS: list[Any] = ["event.mp4", "Bo", "clonic", "yes", 5.5, 20.25]


@pytest.fixture
def take_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Imports a workbook."""

    def do(book: openpyxl.Workbook, format_id: str = "xlsx-long") -> Import:
        book.save(tmp_path / "own.xlsx")
        return import_file(capsys, tmp_path, tmp_path / "own.xlsx", format_id)

    return do


def workbook(*rows: Sequence[Any]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    return book


def test_times_as_text_with_a_comma_and_a_title_above(take_book: Take) -> None:
    book = workbook(["Labels of ward 7"], [], TITLES, [*CELLS[:4], "5,5", "20,25"])
    assert take_book(book).held == YES


@pytest.mark.parametrize("state", ["visible", "hidden"])
def test_the_sheet_that_has_the_titles_is_read(take_book: Take, state: str) -> None:
    book = workbook(TITLES, CELLS)
    first = book.create_sheet("Read me", 0)
    first.append(["How to fill this in"])
    first.sheet_state = state
    found = take_book(book)
    assert (found.held, "The labels were read from the sheet “Sheet”." in found.told) == (YES, True)


def test_how_a_table_was_read_is_nothing_that_was_left_out(take_book: Take) -> None:
    """A table that says nothing new is no failure, whichever sheet it was read from."""
    book = workbook(TITLES, [*CELLS[:3], None])
    book.create_sheet("Read me", 0).append(["How to fill this in"])
    found = take_book(book)
    assert (found.code, found.held, "from the sheet “Sheet”." in found.told) == (0, {}, True)


def test_a_second_sheet_with_labels_is_named(take_book: Take) -> None:
    book = workbook(TITLES, CELLS)
    book.create_sheet("second round").append(TITLES)
    found = take_book(book)
    assert found.held == YES
    assert "The sheet “second round” has such titles too and was left out." in found.told


def test_a_formula_that_was_not_calculated_is_named_with_its_cell(take_book: Take) -> None:
    other = ["event.mp4", "Bo", "tonic", "no", None, None]
    found = take_book(workbook(TITLES, [*CELLS[:3], '=IF(1=1,"yes","no")', 5.5, 20.25], other))
    assert found.held == {"Bo: tonic": "no"}
    assert "Row 2, column presence: a formula that no program has calculated yet" in found.told
    wide = take_book(
        workbook(["recording", "reader", "clonic", "tonic"], ["event", "Bo", "=1*1", 0]), "xlsx-wide"
    )
    assert wide.held == {"Bo: tonic": "no"}
    assert "Row 2, column clonic" in wide.told


def test_merged_cells_are_the_same_everywhere(take_book: Take) -> None:
    book = workbook(TITLES, CELLS, [None, None, "tonic", "no", None, None])
    book.worksheets[0].merge_cells("A2:A3")
    book.worksheets[0].merge_cells("B2:B3")
    assert take_book(book).held == {**YES, "Bo: tonic": "no"}


def test_times_of_a_spreadsheet_are_times_unless_they_show_no_seconds(take_book: Take) -> None:
    book = workbook(TITLES, [*CELLS[:4], time(0, 0, 5, 500_000), timedelta(seconds=20.25)])
    book.worksheets[0]["E2"].number_format = "mm:ss.0"
    book.worksheets[0]["F2"].number_format = "[h]:mm:ss.00"
    assert take_book(book).held == YES
    book.worksheets[0]["E2"].number_format = "h:mm"
    found = take_book(book)
    assert (found.code, "Row 2, column start, says" in found.told) == (1, True)


def test_the_lock_file_of_a_workbook_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    workbook(TITLES, CELLS).save(folder / "labels.xlsx")
    (folder / "~$labels.xlsx").write_bytes(b"\x07Bo")
    assert import_file(capsys, tmp_path, folder, "xlsx-long").held == YES


# events

SZCORE = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ("5.5\t14.75\tsz\tn/a\tn/a\tn/a\t60\n", {"Bo: onset": "5.5", "Bo: end": "20.25"}),
        (
            "0\tn/a\tbckg\tn/a\tn/a\tn/a\t60\n5\t10\tsz\tn/a\tn/a\tn/a\t60\n",
            {"Bo: onset": "5", "Bo: end": "15"},
        ),
        ("3605.5\t30\tsz\tn/a\tn/a\tn/a\t7200\n", {}),
        ("30\t10\tsz\tn/a\tn/a\tn/a\t7200\n", {}),
        ("50\t30\tsz\tn/a\tn/a\tn/a\tn/a\n", {"Bo: onset": "50"}),
    ],
)
def test_events_are_on_the_recordings_clock_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, held: dict[str, str]
) -> None:
    path = tmp_path / "event_events.tsv"
    path.write_text(SZCORE + rows)
    found = import_file(capsys, tmp_path, path, "bids", "--reader", "Bo")
    assert found.held == held
    assert ("left out" in found.told) is (len(held) < 2)


def test_events_by_type_of_another_program_are_features_or_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "event_events.tsv"
    path.write_text("onset\tduration\ttrial_type\n5\t15\tclonic\n1\t2\tstimulus\n30\tn/a\tclonic\n")
    found = import_file(capsys, tmp_path, path, "bids", "--reader", "Bo")
    assert found.held == {"Bo: clonic": "yes 5-20, 30-30"}
    assert "“stimulus” is none of the 20 features" in found.told


def test_a_reading_of_this_program_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reading.json"
    path.write_text(
        '{"format": "semioscope-reading/1", "recording": {"name": "event.mp4", "sha256": "", "duration": 60},'
        '"reader": {"kind": "person", "name": "Bo", "version": "1"}, "answers": [{"feature": "clonic", '
        '"presence": "yes", "evidence": [{"start": 5.5, "end": 20.25}]}]}'
    )
    assert import_file(capsys, tmp_path, path, "json").held == YES


@pytest.mark.parametrize(
    ("content", "held"),
    [
        ("onset\tduration\ttrial_type\n5\t15\tclonic\n", {"Bo: clonic": "yes 5-20"}),
        (SZCORE + "5\t15\tsz\tn/a\tn/a\tn/a\t60\n", {"Bo: onset": "5", "Bo: end": "20"}),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_events_are_read_whatever_ends_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, held: dict[str, str], line_end: str
) -> None:
    path = tmp_path / "event_events.tsv"
    path.write_bytes(content.replace("\n", line_end).encode())
    assert import_file(capsys, tmp_path, path, "bids", "--reader", "Bo").held == held


def test_events_with_two_columns_of_one_name_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "event_events.tsv"
    path.write_text("onset\tonset\tduration\ttrial_type\n5\t6\t15\tclonic\n")
    found = import_file(capsys, tmp_path, path, "bids", "--reader", "Bo")
    assert (found.code, found.held, "two columns “onset”" in found.told) == (1, {}, True)


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_workbook_whose_packed_sheet_is_damaged_is_one_sentence(method: int) -> None:
    book, packed = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(book)
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(packed, "w", method) as other:
        for item in whole.namelist():
            other.writestr(item, whole.read(item))
    with zipfile.ZipFile(packed) as whole:
        sheet = whole.getinfo("xl/worksheets/sheet1.xml")
    begins, refused = sheet.header_offset + 30 + len(sheet.filename), 0
    for place in range(begins, begins + sheet.compress_size, 7):
        damaged = bytearray(packed.getvalue())
        damaged[place : place + 3] = b"\xff\xff\xff"
        try:
            read_workbook(Source("own.xlsx", bytes(damaged)))
        except UserError as error:
            refused += "“own.xlsx” is not a workbook that can be read" in str(error)
    assert refused > sheet.compress_size // 14, "a byte or two of a packing's header mean nothing"
