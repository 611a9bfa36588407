"""Tables that other people made: what is understood, what is reported, what is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from app.core.errors import UserError
from app.core.exchange.bundle import Imported
from app.core.exchange.codec import Source
from app.core.exchange.formats import FORMATS, export
from app.core.semiology import FEATURES, Presence, Span
from tests.core.exchange_cases import SMALL

WIDE, LONG = FORMATS["csv-wide"].codec, FORMATS["csv-long"].codec


def wide(text: str) -> Imported:
    return WIDE.read(Source("labels.csv", text.encode()))


def long(text: str) -> Imported:
    return LONG.read(Source("labels.csv", text.encode()))


@pytest.mark.parametrize(
    ("word", "presence"),
    [
        ("1", Presence.YES), ("Yes", Presence.YES), ("TRUE", Presence.YES), ("1.0", Presence.YES),
        ("0", Presence.NO), ("no", Presence.NO), ("False", Presence.NO), ("0.0", Presence.NO),
        ("na", Presence.NOT_ASSESSABLE), ("N/A", Presence.NOT_ASSESSABLE),
        ("not_assessable", Presence.NOT_ASSESSABLE), ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_every_word_for_presence_is_understood(word: str, presence: Presence | None) -> None:
    (reading,) = wide(f"recording,reader,clonic\na.mp4,Ana,{word}\n").bundle.readings
    assert reading.answer("clonic").presence is presence


def test_a_word_that_is_none_is_refused_with_its_place() -> None:
    with pytest.raises(UserError, match=r"Row 3, column clonic, says “maybe”"):
        wide("recording,clonic\na.mp4,1\nb.mp4,maybe\n")


@pytest.mark.parametrize("title", ["Head turning", "HEAD_TURNING", "head-turning", " head_turning "])
def test_features_are_known_by_id_or_name_in_any_case(title: str) -> None:
    (reading,) = wide(f"File Name;{title}\na.mp4;1\n").bundle.readings
    assert reading.answer("head_turning").presence is Presence.YES


def test_all_twenty_are_known_by_their_names() -> None:
    text = "video," + ",".join(feature.name.upper() for feature in FEATURES) + "\nv1" + ",0" * 20 + "\n"
    (reading,) = wide(text).bundle.readings
    assert [reading.answer(feature.id).presence for feature in FEATURES] == [Presence.NO] * 20


def test_an_unknown_column_is_reported_and_never_guessed() -> None:
    imported = wide("recording,clonic,clonic (left),age\na.mp4,1,0,33\n")
    assert imported.remarks == (
        "The column “clonic (left)” is not known and was left out.",
        "The column “age” is not known and was left out.",
    )
    assert imported.bundle.recordings[0].fields == {"presence"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no column “recording”"),
        ("recording,age\na,3\n", "names none of the 20 features"),
        ("recording,clonic,Clonic\na,1,1\n", "two columns for clonic"),
        ("recording,clonic\n,1\n", "names no recording"),
        ('recording,clonic\n"a,1\n', "is not a table that can be read"),
    ],
)
def test_a_wide_table_that_cannot_be_meant_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        wide(text)


def test_a_long_table_of_spans_makes_one_answer() -> None:
    imported = long(
        "video,annotator,feature,present,onset,offset\na.mp4,R,Clonic,yes,1.5,2\na.mp4,R,clonic,1,7,9.5\n"
    )
    (reading,) = imported.bundle.readings
    assert reading.answer("clonic").evidence == (Span(1.5, 2.0), Span(7.0, 9.5))
    assert imported.bundle.recordings[0].fields == {"presence", "evidence"}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("a,clonic,1,5,2", "ends a span before it starts"),
        ("a,clonic,1,nan,2", "not a time in seconds"),
        ("a,clonic,1,-1,2", "not a time in seconds"),
        ("a,clonic,1,1:30,2", "ends a span before it starts"),
        ("a,clonic,1,1:75,200", "not a time in seconds"),
        ("a,clonic,1,5,", "not a time in seconds"),
    ],
)
def test_a_long_table_that_cannot_be_meant_is_refused(rows: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        long("recording,feature,presence,start,end\n" + rows)


def test_a_feature_that_is_none_is_reported() -> None:
    imported = long("recording,feature,presence\na,dystonia,1\na,clonic,0\n")
    assert imported.remarks == ("“dystonia” is none of the 20 features; its rows were left out.",)


def test_rows_of_one_feature_that_say_different_things_are_kept_apart_with_their_places() -> None:
    entry = long("recording,feature,presence\na,clonic,1\na,tonic,1\na,clonic,0\n").bundle.recordings[0]
    assert [one.answer("clonic").presence for one in entry.readings] == [Presence.YES, Presence.NO]
    assert [places["clonic"] for places in entry.places] == ["row 2", "row 4"]


def test_text_in_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(UserError, match="save it as “CSV UTF-8”"):
        WIDE.read(Source("labels.csv", b"recording,clonic\nf\x81r,1\n"))


def test_no_exported_cell_is_a_formula(tmp_path: Path) -> None:
    (path,) = export(SMALL, tmp_path / "long.csv", FORMATS["csv-long"])
    cells = [cell for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"))) for cell in row]
    assert "'=jerks" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    (book,) = export(SMALL, tmp_path / "long.xlsx", FORMATS["xlsx-long"])
    sheet = openpyxl.load_workbook(book).active
    assert sheet is not None
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_workbook_made_elsewhere_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["File", "Rater", "Clonic", "Tonic", "Closed eyes", "remarks"])
    sheet.append(["a.mp4", "R", True, 0.0, "na", "x"])
    sheet.append([17, "R", None, 1, "no", None])
    book.save(tmp_path / "b.xlsx")
    imported = FORMATS["xlsx-wide"].codec.read(Source("b.xlsx", (tmp_path / "b.xlsx").read_bytes()))
    first, second = imported.bundle.readings
    assert [first.answer(each).presence for each in ("clonic", "tonic", "close_eyes")] == list(Presence)
    assert second.recording.name == "17"
    assert imported.remarks == ("The column “remarks” is not known and was left out.",)


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.exchange.workbook.LARGEST_UNPACKED", 2**20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(5):
            bomb.writestr(f"xl/{number}.xml", bytes(2**18))
    with pytest.raises(UserError, match="unpacks to more than"):
        FORMATS["xlsx-long"].codec.read(Source("bomb.xlsx", packed.getvalue()))
