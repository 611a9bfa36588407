"""What a file has no place for stays as it is in the study when the file is imported."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.exchange.bundle import Imported, bundle_of_study
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.import_readings import import_into, plan_import
from app.core.reading import ReaderIdentity
from app.core.semiology import Answer, ConfidenceKind, Laterality, Presence, SideFrom, Span
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, SIGNAL, Clip

OPEN = SealedFrom(())
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
CHANGING = Answer(
    "clonic",
    Presence.YES,
    80,
    (Span(12, 30),),
    LEFT,
    "left, then right",
    ConfidenceKind.TOKENS,
    (SideFrom(12, LEFT), SideFrom(25, RIGHT)),
)


@pytest.fixture(name="study")
def _study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "s.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "clip.mp4"))
        for reader in (ANA, SIGNAL):
            study.apply(SetAnswer(number, reader, Answer("clonic"), CHANGING))
        yield study


def exported(study: Study, folder: Path, format_id: str) -> Imported:
    export(bundle_of_study(study), folder, FORMATS[format_id])
    return read(folder, FORMATS[format_id])


@pytest.mark.parametrize("format_id", FORMATS)
def test_an_export_that_is_imported_again_changes_nothing(
    study: Study, tmp_path: Path, format_id: str
) -> None:
    plan = plan_import(study, exported(study, tmp_path / "out", format_id), OPEN)
    assert plan.edits == ()
    assert plan.same == 2


def test_a_table_without_the_column_leaves_how_a_confidence_came_about(study: Study, tmp_path: Path) -> None:
    exported(study, tmp_path / "out", "csv-long")
    (path,) = (tmp_path / "out").glob("*.csv")
    header, *values = csv.reader(path.read_text("utf-8-sig").splitlines())
    column = header.index("confidence_kind")
    rows = [row[:column] + row[column + 1 :] for row in (header, *values)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert "confidence_kind" not in path.read_text("utf-8")
    assert plan_import(study, read(path, FORMATS["csv-long"]), OPEN).edits == ()


@pytest.mark.parametrize("reader", [ANA, SIGNAL])
def test_another_side_and_another_confidence_bring_their_own(
    study: Study, tmp_path: Path, reader: ReaderIdentity
) -> None:
    other = replace(CHANGING.with_side(RIGHT), confidence=70, confidence_kind=ConfidenceKind.STATED)
    study.apply(SetAnswer(1, reader, CHANGING, other))
    file = exported(study, tmp_path / "out", "csv-long")
    study.apply(SetAnswer(1, reader, other, CHANGING))
    import_into(study, file, OPEN)
    assert study.reading(1, reader, viewer=None).answer("clonic") == other


def test_an_answer_of_a_program_in_json_is_a_whole(study: Study, tmp_path: Path) -> None:
    bare = CHANGING.with_side(LEFT).with_confidence(80)
    for reader in (ANA, SIGNAL):
        study.apply(SetAnswer(1, reader, CHANGING, bare))
    file = exported(study, tmp_path / "out", "json")
    for reader in (ANA, SIGNAL):
        study.apply(SetAnswer(1, reader, bare, CHANGING))
    import_into(study, file, OPEN)
    assert study.reading(1, SIGNAL, viewer=None).answer("clonic") == bare
    assert study.reading(1, ANA, viewer=None).answer("clonic") == CHANGING
