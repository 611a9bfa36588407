"""What is sealed changes nothing that a use case gives, through the window or the command line.

Two studies differ only in what is sealed from Ana: everything that either caller says or writes for her is
the same of both, to the letter.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from app.core.reading import Reading
from app.core.semiology import Answer
from app.core.study.edits import (
    LockReading,
    SetAnswer,
)
from app.core.study.store import Study
from tests.core.study_cases import ANA, Clip
from tests.ui.use_case_callers import (
    BO,
    FORMATS,
    MODEL,
    NOBODY,
    ONE,
    OTHER,
    YES,
    Caller,
    CommandLine,
    Sealed,
    Window,
    make_study,
)


@pytest.fixture(params=["window", "command line"])
def caller(
    request: pytest.FixtureRequest,
    qapp: QGuiApplication,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Caller:
    monkeypatch.setattr("app.core.settings.author_of", lambda _settings: "Ana")
    return Window() if request.param == "window" else CommandLine(capsys)


@pytest.fixture
def studies(tmp_path: Path) -> tuple[Path, Path]:
    """Two studies that differ only in what is sealed from Ana."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    return make_study(tmp_path / "a", ONE), make_study(tmp_path / "b", OTHER)


def without_places(said: str, folder: Path) -> str:
    return said.replace(str(folder.parent), "PLACE")


def check_same(said: tuple[str, str], studies: tuple[Path, Path]) -> None:
    """That nothing that is sealed is in either, and that nobody could tell them apart."""
    one, other = (without_places(each, folder) for each, folder in zip(said, studies, strict=True))
    assert "sealed-o" not in one + other
    assert one == other


def contents(folder: Path) -> str:
    """The names and contents of the files of an export, also inside of archives."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            from openpyxl import load_workbook

            found[path.name] = [list(row) for row in load_workbook(path).active.values]
        elif path.is_file():
            found[path.name] = path.read_text(encoding="utf-8")
    return re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.Z+-]+", "WHEN", json.dumps(found, indent=1))


@pytest.mark.parametrize("format_id", FORMATS)
def test_an_export_tells_nothing(caller: Caller, studies: tuple[Path, Path], format_id: str) -> None:
    outs = [folder.parent / "out" for folder in studies]
    said = [
        caller.export(one, format_id, out) + contents(out) for one, out in zip(studies, outs, strict=True)
    ]
    check_same((said[0], said[1]), studies)
    assert "Ana" in said[0]
    assert "Readings left out: 6." in said[0]


@pytest.mark.parametrize("guessed", [ONE, OTHER])
def test_an_import_tells_nothing_of_how_much_already_matched(
    caller: Caller, studies: tuple[Path, Path], guessed: Sealed, tmp_path: Path
) -> None:
    (tmp_path / "guess").mkdir()
    file = everything_of(make_study(tmp_path / "guess", guessed), tmp_path / "guess.json")
    before = [sealed_part(folder) for folder in studies]
    said = tuple(caller.take_in(folder, file, "json") for folder in studies)
    check_same((said[0], said[1]), studies)
    assert "0 answers changed; 2 already matched." in said[0], "what is Ana's own"
    assert "Readings that are sealed from you were left as they are: 6." in said[0]
    assert "Ratings in recordings that are sealed from you were left out: 2." in said[0]
    assert [sealed_part(folder) for folder in studies] == before


@pytest.fixture
def undecided(tmp_path: Path) -> tuple[Path, Path]:
    """The same two studies while nobody has said how they are read. Labels of Bo have the name of a video of
    which Bo has said the same, or another thing."""
    made = []
    for name, sealed in (("a", ONE), ("b", OTHER)):
        (tmp_path / name).mkdir()
        made.append(folder := make_study(tmp_path / name, sealed, decided=False))
        with Study.open(folder, author="Bo") as study:
            video = study.recording(Clip(tmp_path / name / "three.mp4", fingerprint="9" * 64))
            for number, said in ((study.recording_without_video("three"), YES), (video, sealed.presence)):
                study.apply(SetAnswer(number, BO, Answer("tonic"), Answer("tonic", said)))
    return made[0], made[1]


def test_an_import_tells_nothing_while_nobody_has_said_how_the_study_is_read(
    caller: Caller, undecided: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "guess").mkdir()
    file = everything_of(make_study(tmp_path / "guess", ONE), tmp_path / "guess.json")
    said = tuple(caller.take_in(folder, file, "json") for folder in undecided)
    check_same((said[0], said[1]), undecided)
    assert "0 answers changed; 2 already matched." in said[0], "what is Ana's own"
    assert "Nobody has said yet whether this study is read blind" in said[0]


def test_a_join_tells_nothing_while_nobody_has_said_how_the_study_is_read(
    caller: Caller, undecided: tuple[Path, Path]
) -> None:
    said = tuple(caller.join(folder) for folder in undecided)
    check_same((said[0], said[1]), undecided)
    assert "so it cannot be shown whether they contradict each other" in said[0]


def everything_of(folder: Path, file: Path) -> Path:
    """A file with all that the study holds, as somebody may have guessed it."""
    from app.core.exchange.bundle import bundle_of_study
    from app.core.exchange.formats import FORMATS as FORMATS_BY_ID
    from app.core.exchange.formats import export

    with Study.open(folder, author="x") as study:
        export(bundle_of_study(study), file, FORMATS_BY_ID["json"])
    return file


def sealed_part(folder: Path) -> list[object]:
    with Study.open_for_viewing(folder) as study:
        return [
            *(study.full_readings(row.id, viewer=None) for row in study.recordings()),
            study.ratings(viewer=None),
        ]


def test_a_new_reading_is_imported_also_where_others_are_sealed(
    caller: Caller, studies: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "cy.csv"
    file.write_text("recording,reader,tonic\none.mp4,Cy,1\n", encoding="utf-8")
    said = tuple(caller.take_in(folder, file, "csv-wide") for folder in studies)
    check_same((said[0], said[1]), studies)
    assert "1 answer changed; 0 already matched." in said[0]


def test_a_report_tells_nothing(
    caller: Caller, studies: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    made = datetime(2026, 1, 2, tzinfo=UTC)
    monkeypatch.setattr("app.core.report.report_of_study._now", lambda: made)
    said = []
    for folder in studies:
        page = folder.parent / "page.html"
        said.append(caller.report(folder, page) + page.read_text(encoding="utf-8"))
    check_same((said[0], said[1]), studies)
    assert "stiff" in said[0]
    assert "rated by" not in said[0]


@pytest.mark.parametrize("use", ["compare", "rate", "history"])
def test_no_other_question_tells_anything(caller: Caller, studies: tuple[Path, Path], use: str) -> None:
    said = tuple(getattr(caller, use)(folder) for folder in studies)
    check_same((said[0], said[1]), studies)


@pytest.mark.parametrize("use", ["compare", "rate", "history"])
def test_what_is_sealed_is_not_counted_beside_what_is_revealed(
    caller: Caller, tmp_path: Path, use: str
) -> None:
    folders = []
    for name, sealed in (("a", ONE), ("b", OTHER)):
        (tmp_path / name).mkdir()
        folders.append(make_study(tmp_path / name, sealed, revealed=True))
    said = tuple(getattr(caller, use)(folder) for folder in folders)
    check_same((said[0], said[1]), (folders[0], folders[1]))
    assert "shown" in said[0] or "gemini" in said[0]


def test_what_is_revealed_is_given(caller: Caller, studies: tuple[Path, Path], tmp_path: Path) -> None:
    """So that the tests above do not pass because nothing is given at all."""
    folder = studies[0]
    with Study.open(folder, author="Ana") as study:
        for row in study.recordings():
            study.apply(LockReading(row.id, ANA))
            study.reveal(row.id, ANA)
    caller.export(folder, "json", tmp_path / "out")
    assert ONE.words in contents(tmp_path / "out")
    assert "Bo" in caller.compare(folder)
    if isinstance(caller, Window):
        assert ONE.words in caller.history(folder)
        assert "gemini" in caller.rate(folder)


# the command line's own ways


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr("app.core.settings.author_of", lambda _settings: "Ana")
    return CommandLine(capsys)


def unsealed(folder: Path) -> list[tuple[str, object]]:
    with Study.open_for_viewing(folder) as study:
        return [
            (row.who, json.loads(row.new)) for row in study.history(viewer=None) if row.subject == "unsealed"
        ]


def test_an_import_with_unsealed_changes_all_and_is_written_down(
    command: CommandLine, studies: tuple[Path, Path], tmp_path: Path
) -> None:
    file = everything_of(studies[0], tmp_path / "all.json")
    with Study.open(studies[0], author="Bo") as study:
        now = study.reading(1, MODEL, viewer=None).answer("tonic")
        study.keep_reading(1, Reading(NOBODY, MODEL, {"tonic": replace(now, confidence=1)}))
    said = command.run("import", studies[0], file, "--format", "json", "--unsealed")
    assert "1 answer changed" in said
    assert "Sealed readings given all the same: 8; the study's history says so." in said
    assert unsealed(studies[0]) == [("Ana", {"for": "import", "readings": 8})]


def test_the_history_with_unsealed_is_whole_and_written_down(
    command: CommandLine, studies: tuple[Path, Path]
) -> None:
    assert "Readings left out: 8." in command.run("history", studies[0])
    assert unsealed(studies[0]) == []
    assert ONE.words in command.run("history", studies[0], "--unsealed")
    assert unsealed(studies[0]) == [("Ana", {"for": "history", "readings": 8})]


def test_naming_a_reader_does_not_open_what_is_sealed_from_who_imports(
    command: CommandLine, studies: tuple[Path, Path], tmp_path: Path
) -> None:
    file = everything_of(studies[0], tmp_path / "all.json")
    said = command.run("import", studies[0], file, "--format", "json", "--reader", "Bo")
    assert "0 answers changed; 0 already matched." in said
    assert "Readings that are sealed from you were left as they are: 2." in said
