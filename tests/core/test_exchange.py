"""Export and import: what every format gives back, and what it refuses."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported, ReadRecording, join_bundles
from app.core.exchange.codec import LARGEST, Source, load, safe_names, safe_stems
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.phrases import neutralise, neutralise_everywhere, restore_everywhere, restore_text
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from tests.core.exchange_cases import SMALL, TEXT, bundles
from tests.core.format_promises import round_trip

MANY = 500
"""Generated studies for each format."""
SLOW = ("xlsx-long", "xlsx-wide")
"""Formats of which that many are in the slow set, and a few at every run."""


def in_memory(bundle: Bundle, format_id: str, folder: Path) -> Imported:
    """There and back without the disk; what is read from beside a file lies in `folder`."""
    format_ = FORMATS[format_id]
    files = format_.codec.write(bundle, "study")
    for file in files if format_id == "bids" else ():
        (folder / file.name).write_bytes(file.content)
    wanted = sorted(file.name for file in files if file.name.endswith(format_.suffix))
    content = {file.name: file.content for file in files}
    found = [format_.codec.read(Source(name, content[name], folder)) for name in wanted]
    return Imported(
        found[0].bundle if format_.single else join_bundles(each.bundle for each in found),
        remarks=tuple(remark for each in found for remark in each.remarks),
    )


def there_and_back(bundle: Bundle, format_id: str) -> Imported:
    with tempfile.TemporaryDirectory() as place:
        export(bundle, Path(place), FORMATS[format_id])
        source = Path(place)
        if FORMATS[format_id].single:
            (source,) = Path(place).iterdir()
        elif not any(name.name.endswith(FORMATS[format_id].suffix) for name in source.iterdir()):
            return Imported(Bundle())  # no recording, so no file
        return read(source, FORMATS[format_id])


def by_name(bundle: Bundle) -> Bundle:
    """The same in an order that does not come from file names."""
    order = sorted(bundle.recordings, key=lambda entry: (entry.recording.name, entry.recording.sha256))
    return Bundle(tuple(order), bundle.history)


def comes_back(bundle: Bundle, imported: Imported, format_id: str) -> None:
    assert by_name(imported.bundle) == by_name(round_trip(bundle, FORMATS[format_id].fidelity)), format_id
    assert imported.remarks == ()


def test_generated_studies_come_back_as_their_formats_promise(tmp_path: Path) -> None:
    @settings(max_examples=MANY)
    @given(bundles())
    def come_back(bundle: Bundle) -> None:
        for format_id in FORMATS:
            if format_id not in SLOW:
                comes_back(bundle, in_memory(bundle, format_id, tmp_path), format_id)

    come_back()


@pytest.mark.parametrize(
    ("format_id", "examples"),
    [(each, 25) for each in FORMATS] + [pytest.param(each, MANY, marks=pytest.mark.slow) for each in SLOW],
)
def test_studies_come_back_from_files(format_id: str, examples: int) -> None:
    @settings(max_examples=examples)
    @given(bundles())
    def come_back(bundle: Bundle) -> None:
        comes_back(bundle, there_and_back(bundle, format_id), format_id)

    come_back()


@pytest.mark.parametrize("format_id", FORMATS)
def test_what_came_back_once_comes_back_the_same_for_ever(format_id: str) -> None:
    once = there_and_back(SMALL, format_id).bundle
    assert once.readings
    assert there_and_back(once, format_id).bundle == once


@pytest.mark.parametrize("format_id", [each for each in FORMATS if not each.startswith("xlsx")])
def test_the_same_readings_are_the_same_file(format_id: str) -> None:
    codec = FORMATS[format_id].codec
    assert codec.write(SMALL, "a") == codec.write(SMALL, "a")


@given(TEXT)
def test_no_text_begins_as_a_formula_and_each_comes_back(text: str) -> None:
    cell = neutralise(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restore_text(cell) == text


FORMULAS = st.text(alphabet="=+-@|%＝－ \t\n\r;,'\"\x00\xa0\ufeff\u20281a", max_size=12)


@given(FORMULAS)
@example('a;"=1"')
@example("a\t =1")
@example("\ufeff=1")
@example("a\n'=1")
@settings(max_examples=1000)
def test_no_separator_lets_a_formula_begin_inside_a_text(text: str) -> None:
    for separators in (";", ",;"):
        cell = neutralise_everywhere(text, separators)
        assert restore_everywhere(cell, separators) == text
        for part in re.split(f"[{separators}\t\r\n\x0b\x0c\x85\u2028\u2029]", cell):
            assert not part.strip(' \xa0\x00\ufeff"').startswith(tuple("=+-@|%＝－"))


@given(FORMULAS, st.sampled_from([";", "\t"]))
@settings(max_examples=300)
def test_a_table_opened_with_another_separator_holds_no_formula(text: str, other: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["event.mp4", neutralise_everywhere(text), neutralise_everywhere(text)])
    for cell in next(iter(csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=other))):
        assert not cell.strip(' \xa0\x00\ufeff"').startswith(tuple("=+-@|%＝－"))


@pytest.mark.parametrize("format_id", ["csv-long", "csv-wide"])
@settings(max_examples=300)
@given(texts=st.tuples(TEXT | FORMULAS, TEXT | FORMULAS))
@example(texts=("'=1", "''=1"))
@example(texts=("a;'=1", "a\t''-1"))
@example(texts=("=1\x1b\u202e", "'"))
def test_any_text_comes_back_from_a_table_whatever_its_signs(format_id: str, texts: tuple[str, str]) -> None:
    explanation, name = texts
    format_ = FORMATS[format_id]
    reader = ReaderIdentity(ReaderKind.PERSON, f"=Ana {name}", "1")
    told = Answer("tonic", Presence.YES, 50, (), None, explanation)
    recording = RecordingIdentity("a.mp4", "", 2.0)
    bundle = Bundle((ReadRecording(recording, (Reading(recording, reader, {"tonic": told}),)),))
    (file,) = format_.codec.write(bundle, "study")
    (reading,) = format_.codec.read(Source(file.name, file.content, None)).bundle.readings
    assert reading.reader.name == reader.name
    assert reading.answer("tonic").explanation == (explanation if format_.fidelity.details else "")


@pytest.mark.parametrize("format_id", FORMATS)
@settings(max_examples=60)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_refused_in_one_sentence(format_id: str, content: bytes) -> None:
    refuses(format_id, content)


@pytest.mark.parametrize("format_id", FORMATS)
def test_a_damaged_export_is_refused_or_read_but_never_a_bug(format_id: str, tmp_path: Path) -> None:
    paths = export(SMALL, tmp_path, FORMATS[format_id])
    path = next(path for path in paths if path.name.endswith(FORMATS[format_id].suffix))
    whole = path.read_bytes()
    places = st.integers(0, len(whole) - 1)

    @settings(max_examples=50)
    @given(st.lists(st.tuples(places, st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=4))
    def is_refused_or_read(damages: list[tuple[int, int, bytes]]) -> None:
        content = bytearray(whole)
        for at, length, other in damages:
            content[at : at + length] = other
        path.write_bytes(bytes(content))
        try:
            read(path, FORMATS[format_id])
        except UserError as error:
            assert_one_sentence(error)

    is_refused_or_read()


def refuses(format_id: str, content: bytes) -> None:
    try:
        FORMATS[format_id].codec.read(Source("labels", content))
    except UserError as error:
        assert_one_sentence(error)
    else:
        raise AssertionError("it was read")


def assert_one_sentence(error: UserError) -> None:
    assert str(error).endswith(".")
    assert "\n" not in str(error)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(UserError, match="larger than"):
        load(large)


def test_a_file_beside_is_never_one_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    inside = tmp_path / "inside"
    inside.mkdir()
    assert Source("a.tsv", b"", inside).beside("../secret") is None


def test_a_folder_without_such_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no file that ends in \.eaf"):
        read(tmp_path, FORMATS["eaf"])


def test_an_export_replaces_a_file_only_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "labels.csv"
    target.write_text("what was there")
    monkeypatch.setattr(
        "os.fsync", lambda _handle: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(UserError, match="no space left"):
        export(SMALL, target, FORMATS["csv-long"])
    assert target.read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]


def test_names_of_recordings_become_names_of_files() -> None:
    assert safe_stems(["a.mp4", "A.mov", "../../x.mp4", "CON:|?.avi", "."]) == [
        "a", "A (2)", "x", "CON___", "recording",
    ]  # fmt: skip


def test_names_of_readers_become_names_of_files_whole() -> None:
    names = ["Dr. Ada Lovelace", "Klinik A/von und zu B", "..", "x" * 79 + " y"]
    assert safe_names(names, "reader") == ["Dr. Ada Lovelace", "Klinik A_von und zu B", "reader", "x" * 79]
