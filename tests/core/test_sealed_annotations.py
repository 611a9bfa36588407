"""An annotation of the EEG that was copied into a sealed reading is shown to nobody who may not read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli
from app.core.exchange.formats import FORMATS
from app.core.study.edits import SetMark, SetNote
from app.core.study.history_listing import list_history
from app.core.study.history_search import HistoryFilter
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.eeg_study import BO, ONSET, make_eeg_study
from tests.core.study_cases import ANA
from tests.core.test_report_study import page

WORDS = "Harry smiles"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Ana, who reads blind as Bo does, has made a phase and a line of a note of an annotation."""
    folder = make_eeg_study(tmp_path)
    with Study.open(folder, author="Ana") as opened:
        opened.apply(SetMark(1, ANA, None, Mark(MarkKind.PHASE, ONSET + 1, WORDS)))
        opened.apply(SetNote(1, ANA, "clonic", "", f"0:24.5 {WORDS}"))
    return folder


def _written(folder: Path) -> str:
    files = [folder] if folder.is_file() else [one for one in folder.rglob("*") if one.is_file()]
    return "\n".join(one.read_bytes().decode("utf-8", "replace") for one in files)


@pytest.mark.parametrize("format_id", FORMATS)
def test_no_export_has_its_words(study: Path, tmp_path: Path, format_id: str) -> None:
    out = tmp_path / "out"
    cli.main(["export", str(study), "--format", format_id, "--out", str(out), "--viewer", "Bo"])
    assert WORDS not in (_written(out) if out.exists() else "")


def test_its_reader_exports_them(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert cli.main(["export", str(study), "--format", "json", "--out", str(out), "--viewer", "Ana"]) == 0
    assert _written(out).count(WORDS) >= 2


def test_report_and_history_have_them_for_their_reader_only(study: Path) -> None:
    for reader, seen in ((ANA, True), (BO, False)):
        assert (WORDS in page(study, reader)) is seen
        with Study.open(study, author=reader.name) as opened:
            found = list_history(opened, SealedFrom((reader,)), HistoryFilter(), limit=1000)
        assert (WORDS in repr(found)) is seen
