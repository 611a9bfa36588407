"""Which files of a folder are read: a dataset's too, nothing that is left behind, nothing by a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.exchange import folder_search
from app.core.exchange.bundle import Imported
from app.core.exchange.formats import FORMATS, export, read
from tests.core.exchange_cases import SMALL

EVENTS = "onset\tduration\ttrial_type\n5.5\t2\tclonic\n"


def write(path: Path, text: str = EVENTS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def read_events(folder: Path) -> Imported:
    return read(folder, FORMATS["bids"])


def names(imported: Imported) -> set[str]:
    return {entry.recording.name for entry in imported.bundle.recordings}


def test_a_dataset_is_read_in_the_folders_of_its_subjects_and_nowhere_else(tmp_path: Path) -> None:
    write(tmp_path / "top_events.tsv")
    write(tmp_path / "sub-01" / "eeg" / "a_events.tsv")
    write(tmp_path / "sub-02" / "ses-01" / "beh" / "b_events.tsv")
    for passed in (
        "sub-01/eeg/._a_events.tsv", "sub-01/eeg/~$a_events.tsv", ".hidden/c_events.tsv",
        "derivatives/sub-01/eeg/d_events.tsv", "sourcedata/e_events.tsv", "sub-01/eeg/notes.tsv",
        "sub-01/ses-1/eeg/sub-2/f_events.tsv", ".sub-03/g_events.tsv",
    ):  # fmt: skip
        write(tmp_path / passed)
    imported = read_events(tmp_path)
    assert names(imported) == {"top", "a", "b"}
    assert imported.remarks == ()
    places = {place for one in imported.bundle.recordings for place in one.places[0].values()}
    assert "row 2 of “sub-02/ses-01/beh/b_events.tsv”" in places


def test_a_bad_file_of_a_dataset_costs_itself_and_is_named(tmp_path: Path) -> None:
    write(tmp_path / "sub-01" / "eeg" / "a_events.tsv")
    write(tmp_path / "sub-02" / "eeg" / "b_events.tsv", "nothing of this")
    imported = read_events(tmp_path)
    assert names(imported) == {"a"}
    (remark,) = imported.remarks
    assert remark.startswith("sub-02/eeg/b_events.tsv was left out: ")


def test_nothing_is_read_through_a_link(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "sub-09" / "eeg" / "secret_events.tsv")
    dataset = tmp_path / "dataset"
    write(dataset / "sub-01" / "eeg" / "a_events.tsv")
    (dataset / "sub-09").symlink_to(outside.parent.parent)
    (dataset / "sub-01" / "eeg" / "b_events.tsv").symlink_to(outside)
    imported = read_events(dataset)
    assert names(imported) == {"a"}
    (remark,) = imported.remarks
    assert remark == "sub-01/eeg/b_events.tsv is a link and was passed over, and so were 1 more."
    only = tmp_path / "only"
    only.mkdir()
    (only / "b_events.tsv").symlink_to(outside)
    with pytest.raises(UserError, match="is a link and was passed over"):
        read_events(only)


def test_what_stands_beside_a_file_is_never_a_link(tmp_path: Path) -> None:
    export(SMALL, tmp_path / "out", FORMATS["bids"])
    kept = tmp_path / "kept"
    kept.mkdir()
    for path in (tmp_path / "out").glob("*_events.json"):
        path.rename(kept / path.name)
        path.symlink_to(kept / path.name)
    with pytest.raises(UserError, match="is not beside"):
        read_events(tmp_path / "out")


def test_only_a_dataset_is_searched_in_its_folders(tmp_path: Path) -> None:
    write(tmp_path / "sub-01" / "eeg" / "a.csv", "recording,feature,presence\na,clonic,yes\n")
    with pytest.raises(UserError, match=r"no file that ends in \.csv"):
        read(tmp_path, FORMATS["csv-long"])


def test_a_folder_that_holds_far_too_much_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_search, "_MOST_ENTRIES", 5)
    for number in range(6):
        write(tmp_path / f"sub-{number}" / "eeg" / "a_events.tsv")
    with pytest.raises(UserError, match="choose a smaller one"):
        read_events(tmp_path)


def test_a_dataset_of_this_program_is_read_after_it_was_sorted_into_folders(tmp_path: Path) -> None:
    flat, nested = tmp_path / "flat", tmp_path / "nested"
    for path in export(SMALL, flat, FORMATS["bids"]):
        subject = path.name.partition("_")[0]
        folder = nested / subject / "beh" if subject.startswith("sub-") else nested
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).write_bytes(path.read_bytes())
    assert read_events(nested).bundle == read_events(flat).bundle
    assert read_events(nested).bundle.readings
