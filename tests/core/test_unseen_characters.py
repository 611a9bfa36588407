"""Tables with characters that nobody sees, or in an encoding that nothing names.

Each is imported by the real command into a study of one recording of 60 s.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.exchange.formats import FORMATS, read
from app.core.exchange.import_readings import import_into
from app.core.exchange.phrases import confidence_of
from app.core.reading import person
from app.core.same_names import file_key, person_key
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.foreign_files import Import, import_file
from tests.core.study_cases import Clip

TITLES = "recording,reader,feature,presence,start,end\n"
ROW = "event.mp4,Coder A,clonic,yes,5.5,20.25\n"
YES = {"Coder A: clonic": "yes 5.5-20.25"}
UNSEEN = ("\ufeff", "\u200b", "\u200e", "\u202e", "\u2060")
Take = Callable[[bytes], Import]


@pytest.fixture
def take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Imports a long table."""

    def do(content: bytes) -> Import:
        path = tmp_path / "own.csv"
        path.write_bytes(content)
        return import_file(capsys, tmp_path, path, "csv-long")

    return do


@pytest.mark.parametrize("where", ["recording,", "event", "clonic", "yes", "20.25", "end"])
def test_what_nobody_sees_changes_no_name_word_or_number(take: Take, where: str) -> None:
    for unseen in UNSEEN:
        found = take((TITLES + ROW).replace(where, unseen + where).encode())
        assert (found.code, found.held) == (0, YES), ascii(unseen)


@pytest.mark.parametrize("written", ["20\xad.25", "20\x1f.25", "20.25\xad", "2\u200b0.25", "20.25\x1b"])
def test_a_number_with_something_unseen_in_it_is_refused(take: Take, written: str) -> None:
    found = take((TITLES + ROW).replace("20.25", written).encode())
    assert (found.code, found.held, "not a time in seconds" in found.told) == (1, {}, True)


@pytest.mark.parametrize("written", ["5\xad0", "5\x1f0", "5\u200b0", "\xad50"])
def test_a_confidence_with_something_unseen_in_it_is_refused(written: str) -> None:
    with pytest.raises(UserError, match="not a confidence"):
        confidence_of(written, "Row 2")


def test_a_reader_whom_an_unseen_character_spells_otherwise_is_one_reader_and_that_is_said(
    take: Take,
) -> None:
    other = ROW.replace("Coder A", "Coder\u200b A").replace("clonic", "tonic")
    found = take((TITLES + ROW + other).encode())
    assert found.held == {**YES, "Coder A: tonic": "yes 5.5-20.25"}
    assert "“Coder[U+200B] A” was taken for “Coder A”." in found.told
    found = take((TITLES + other + ROW).encode())
    assert sorted(found.held) == ["Coder\u200b A: clonic", "Coder\u200b A: tonic"]
    assert "“Coder A” was taken for “Coder[U+200B] A”." in found.told


def test_what_is_changed_of_a_known_reader_by_another_spelling_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "event.mp4,Anna,tonic,no,,\nevent.mp4,An\u200bna,clonic,yes,1,2\n"
    path = tmp_path / "own.csv"
    path.write_text(TITLES + rows, "utf-8")
    found = import_file(capsys, tmp_path, path, "csv-long")
    assert found.held == {"Anna: tonic": "no", "Anna: clonic": "yes 1-2"}
    assert "“An[U+200B]na” was taken for “Anna”." in found.told


@pytest.mark.parametrize("other", ["Anna\U000e0062", "Anna\u0600", "An\u200cna", "An\u200dna"])
def test_a_name_with_a_character_that_means_something_is_another_person(take: Take, other: str) -> None:
    rows = f"event.mp4,Anna,tonic,no,,\nevent.mp4,{other},clonic,yes,1,2\n"
    found = take((TITLES + rows).encode())
    assert found.held == {"Anna: tonic": "no", f"{other}: clonic": "yes 1-2"}


@pytest.mark.parametrize("blank", ["\u200b", "\u200d", "\ufeff\u200e"])
def test_a_name_of_which_nothing_is_seen_is_no_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], blank: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(TITLES + ROW.replace("Coder A", ""), "utf-8")
    found = import_file(capsys, tmp_path, path, "csv-long", "--reader", blank)
    assert (found.code, found.held, "no letter that can be seen" in found.told) == (1, {}, True)
    path.write_text(TITLES + ROW.replace("Coder A", "") + ROW.replace("Coder A", blank), "utf-8")
    found = import_file(capsys, tmp_path, path, "csv-long", "--reader", "Ben")
    assert (found.code, found.held, "no letter that can be seen" in found.told) == (1, {}, True)


@pytest.mark.parametrize("study_has", ["Ana", "Bo"])
def test_a_name_that_the_viewer_has_exactly_is_the_viewer(tmp_path: Path, study_has: str) -> None:
    me = person("Ana\u200e")
    rows = "event.mp4,Ana\u200e,clonic,yes,1,2\n"
    with Study.open(tmp_path / "event.semioscope", author=me.name) as study:
        number = study.recording(Clip(tmp_path / "event.mp4", duration=60.0))
        for text, viewer in ((f"event.mp4,{study_has},tonic,no,,\n", person(study_has)), (rows, me)):
            path = tmp_path / "own.csv"
            path.write_text(TITLES + text, "utf-8")
            import_into(study, read(path, FORMATS["csv-long"]), SealedFrom((viewer,)))
        held = {
            full.reading.reader.name: [*full.reading.answers]
            for full in study.full_readings(number, viewer=None)
        }
    assert held == {study_has: ["tonic"], me.name: ["clonic"]}


def test_a_name_with_wide_blanks_is_not_said_to_be_another_one(take: Take) -> None:
    found = take((TITLES + ROW.replace("Coder A", "Coder\xa0\xa0A")).encode())
    assert (found.code, "was taken for" in found.told) == (0, False)


def test_what_joins_or_parts_letters_is_spelling_and_a_mark_of_direction_is_not() -> None:
    persian = "می\u200cخواهم"
    assert person_key(f"\u202e{persian}\u202c ") == person_key(persian)
    assert person_key(persian) != person_key(persian.replace("\u200c", ""))
    assert person_key("\u200d \u200b") == ""
    assert file_key("%E2%80%8Eevent.mp4") == file_key("event.mp4")


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-16-le", b"", "read as UTF-16"),
        ("utf-16-be", b"", "read as UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "read as UTF-16"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "read as UTF-32"),
        ("utf-32-be", codecs.BOM_UTF32_BE, "read as UTF-32"),
        ("utf-8", 2 * codecs.BOM_UTF8, "1 answer changed"),
    ],
)
def test_a_table_is_read_in_the_encoding_that_its_first_letters_show(
    take: Take, encoding: str, mark: bytes, said: str
) -> None:
    found = take(mark + (TITLES + ROW).encode(encoding))
    assert (found.code, found.held, said in found.told) == (0, YES, True)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("event.mp4,Zo\xeb,clonic,,,\n", 0),
        ("event.mp4,Zo\xeb,clonic,NA,,\n", 0),
        ("other.mp4,Zo\xeb,clonic,yes,,\n", 1),
        ("event.mp4,Zo\xeb,sneezing,yes,,\n", 1),
    ],
)
def test_only_what_was_left_out_makes_an_import_without_answers_fail(
    take: Take, rows: str, code: int
) -> None:
    found = take((TITLES + rows).encode("cp1252"))
    assert (found.code, found.held, "read as Windows-1252" in found.told) == (code, {}, True)
