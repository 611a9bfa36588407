"""Tables with characters that nobody sees, or in an encoding that nothing names.

Each is imported by the real command into a study of one recording of 60 s.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.same_names import file_key, person_key, without_controls
from tests.core.foreign_files import Import, import_file

TITLES = "recording,reader,feature,presence,start,end\n"
ROW = "event.mp4,Coder A,clonic,yes,5.5,20.25\n"
YES = {"Coder A: clonic": "yes 5.5-20.25"}
UNSEEN = ("\ufeff", "\u200b", "\u200e", "\u202e", "\xad", "\u2060")
Take = Callable[[bytes], Import]


@pytest.fixture
def take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Imports a long table."""

    def do(content: bytes) -> Import:
        path = tmp_path / "own.csv"
        path.write_bytes(content)
        return import_file(capsys, tmp_path, path, "csv-long")

    return do


@pytest.mark.parametrize("where", ["recording,", "event", "Coder", "clonic", "yes", "20.25", "end"])
def test_what_nobody_sees_changes_no_name_word_or_number(take: Take, where: str) -> None:
    for unseen in UNSEEN:
        found = take((TITLES + ROW).replace(where, unseen + where).encode())
        assert (found.code, found.held) == (0, YES), ascii(unseen)


def test_a_reader_whom_an_unseen_character_spells_otherwise_is_one_reader(take: Take) -> None:
    other = ROW.replace("Coder A", "Coder\u200b A").replace("clonic", "tonic")
    held = {**YES, "Coder A: tonic": "yes 5.5-20.25"}
    assert take((TITLES + ROW + other).encode()).held == held
    assert take((TITLES + other + ROW).encode()).held == held


def test_a_name_with_wide_blanks_is_not_said_to_be_another_one(take: Take) -> None:
    found = take((TITLES + ROW.replace("Coder A", "Coder\xa0\xa0A")).encode())
    assert (found.code, "was taken for" in found.told) == (0, False)


def test_what_joins_or_parts_letters_stays_in_a_name_and_counts_in_no_comparison() -> None:
    persian = "می\u200cخواهم"
    assert without_controls(f"\u202e{persian}\u202c ") == persian
    assert person_key(persian) == person_key(persian.replace("\u200c", ""))
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
