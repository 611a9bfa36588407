"""What is sealed changes nothing that a use case gives, through the window or the command line.

Two studies differ only in what is sealed from Ana: everything that either caller says or writes for her is
the same of both, to the letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from PySide6.QtGui import QGuiApplication

from app import cli
from app.core.agreement.comparison_choice import Choice
from app.core.errors import UserError
from app.core.exchange.import_labels import ImportChoice
from app.core.jobs import CancelToken, Task, no_report
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence, Span
from app.core.study.access import StudyAccess
from app.core.study.edits import (
    Decide,
    Decision,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBlindByDefault,
    SetMark,
    SetNote,
)
from app.core.study.history_listing import history_page
from app.core.study.history_search import HistoryFilter
from app.core.study.marks import Mark, MarkKind
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from app.ui.dialogs.export_labels import write_export
from app.ui.dialogs.import_labels import see_labels, take_labels
from app.ui.dialogs.report import ReportChoice, ShownRecording, write_report_of
from app.ui.session.rating_round import load_queue
from app.ui.views.comparison import compare_with
from tests.core.study_cases import ANA, Clip

YES, NO = Presence.YES, Presence.NO
BO, MODEL = person("Bo"), ReaderIdentity(ReaderKind.MODEL, "gemini", "1")
NOBODY = RecordingIdentity("", "", 0.0)
FORMATS = ("csv-long", "csv-wide", "xlsx-long", "eaf", "boris", "bids", "edf", "json")


@dataclass(frozen=True)
class Sealed:
    """What Bo, the model and the consensus say, and how Bo rates; sealed from Ana."""

    presence: Presence
    words: str
    score: int
    more: int
    """Further features that are answered."""


ONE = Sealed(YES, "sealed-one", 5, 0)
OTHER = Sealed(NO, "sealed-other", 1, 3)
SHOWN = Sealed(YES, "shown", 4, 1)
"""What is said in a recording whose answers were revealed to Ana."""


def make_study(parent: Path, sealed: Sealed, *, revealed: bool = False) -> Path:
    """Two recordings that Ana and Bo read blind; Ana's part is always the same.

    With `revealed` the first one was revealed to her, and in it Bo's part is always the same, too.
    """
    folder = parent / "ward.semioscope"
    with Study.open(folder, author="Ana") as study:
        study.apply(SetBlindByDefault(True, True))
        for name in ("one.mp4", "two.mp4"):
            number = study.recording(Clip(parent / name, fingerprint=name[0] * 64))
            said = Answer("tonic", YES, 90, (Span(1.0, 2.0),), explanation="stiff")
            study.apply(SetAnswer(number, ANA, Answer("tonic"), said))
    with Study.open(folder, author="Bo") as study:
        for row in study.recordings():
            _seal(study, row.id, SHOWN if revealed and row.id == 1 else sealed)
        if revealed:
            study.apply(LockReading(1, ANA))
            study.reveal(1, ANA)
    return folder


def _seal(study: Study, number: int, sealed: Sealed) -> None:
    answer = Answer("tonic", sealed.presence, 70, (Span(3.0, 4.0),), explanation=sealed.words)
    more = ("clonic", "arm_flexion", "eye_blinking")[: sealed.more]
    said = {"tonic": answer} | {feature: Answer(feature, YES, explanation="x") for feature in more}
    study.keep_reading(number, Reading(NOBODY, MODEL, said), why=sealed.words)
    study.keep_reading(number, Reading(NOBODY, BO, said), why=sealed.words)
    study.apply_all(
        (
            SetNote(number, BO, "clonic", "", sealed.words),
            SetMark(number, BO, None, Mark(MarkKind.ONSET, float(sealed.score))),
            Decide(number, Decision(Answer("tonic")), Decision(answer, sealed.words)),
            RateExplanation(number, ANA, "tonic", BO, None, Rating(sealed.score, sealed.words)),
            RateExplanation(number, MODEL, "tonic", BO, None, Rating(sealed.score, sealed.words)),
            *(RateExplanation(number, MODEL, each, BO, None, Rating(sealed.score)) for each in more),
        ),
        why=sealed.words,
    )
    if sealed is OTHER:
        study.apply(LockReading(number, BO))


class Caller(Protocol):
    """A way to each use case for Ana; gives everything that is said, errors too."""

    def export(self, folder: Path, format_id: str, out: Path) -> str: ...
    def take_in(self, folder: Path, file: Path, format_id: str) -> str: ...
    def report(self, folder: Path, page: Path) -> str: ...
    def compare(self, folder: Path) -> str: ...
    def rate(self, folder: Path) -> str: ...
    def history(self, folder: Path) -> str: ...


class Window:
    """The calls of the window's dialogs and panels."""

    def export(self, folder: Path, format_id: str, out: Path) -> str:
        return self._said(lambda: write_export(self._access(folder), format_id, out, _task()))

    def take_in(self, folder: Path, file: Path, format_id: str) -> str:
        asked, shown = (self._access(folder), file, format_id, ImportChoice()), list[object]()
        seen = self._said(lambda: see_labels(*asked, Task(no_report, CancelToken(), shown.append)))
        return f"{seen}{shown}" + self._said(lambda: take_labels(*asked, _task()))

    def report(self, folder: Path, page: Path) -> str:
        recording: Any = SimpleNamespace(fingerprint="other")
        choice = ReportChoice(whole_study=True, pictures=False)
        return self._said(
            lambda: write_report_of(
                self._access(folder), ShownRecording(recording, None, False), choice, page, _task()
            )
        )

    def compare(self, folder: Path) -> str:
        ways = Choice(me="Ana"), Choice(only=1, me="Ana"), Choice(("Ana", "Bo"))
        return self._said(lambda: [compare_with(self._access(folder), one, _task()) for one in ways])

    def rate(self, folder: Path) -> str:
        return self._said(
            lambda: [load_queue(self._access(folder), ("", ""), all_, _task()) for all_ in (False, True)]
        )

    def history(self, folder: Path) -> str:
        def listed() -> object:
            access = self._access(folder)
            with access.open() as study:
                rows = history_page(study, access.viewer, HistoryFilter()).rows
                return [(one.entry.who, one.what, one.reader, one.old, one.new) for one in rows]

        return self._said(listed)

    def _access(self, folder: Path) -> StudyAccess:
        return StudyAccess(folder, ANA, SealedFrom((ANA,), until_decided=True), 1)

    def _said(self, call: Callable[[], object]) -> str:
        try:
            return repr(call())
        except UserError as error:
            return str(error)


def _task() -> Task:
    return Task(no_report, CancelToken(), lambda _found: None)


class CommandLine:
    """The commands, run by Ana."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def export(self, folder: Path, format_id: str, out: Path) -> str:
        return self.run("export", folder, "--viewer", "Ana", "--format", format_id, "--replace", "--out", out)

    def take_in(self, folder: Path, file: Path, format_id: str) -> str:
        asked = ("import", folder, file, "--format", format_id)
        return "".join(self.run(*asked, *more) for more in (("--preview",), ()))

    def report(self, folder: Path, page: Path) -> str:
        return self.run("report", folder, "--viewer", "Ana", "--no-pictures", "--replace", "--out", page)

    def compare(self, folder: Path) -> str:
        return self.run("agreement", folder, "--viewer", "Ana") + self.run("agreement", folder, "--json")

    def rate(self, folder: Path) -> str:
        asked = ("agreement", folder, "--faithfulness", "--reader", "gemini", "--reference", "Ana")
        return self.run(*asked, "--viewer", "Ana") + self.run(*asked)

    def history(self, folder: Path) -> str:
        forms = ((), ("--json",), ("--text", "sealed"), ("--viewer", "Ana", "--reader", "Bo"))
        told = "\n".join(self.run("history", folder, *form) for form in forms)
        return re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.Z+]+", "WHEN", told)

    def run(self, *arguments: object) -> str:
        code = cli.main([str(one) for one in arguments])
        return "\n".join((str(code), *self._capsys.readouterr()))


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
        return [*(study.full_readings(row.id) for row in study.recordings()), study.ratings()]


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
        return [(row.who, json.loads(row.new)) for row in study.history() if row.subject == "unsealed"]


def test_an_import_with_unsealed_changes_all_and_is_written_down(
    command: CommandLine, studies: tuple[Path, Path], tmp_path: Path
) -> None:
    file = everything_of(studies[0], tmp_path / "all.json")
    with Study.open(studies[0], author="Bo") as study:
        now = study.reading(1, MODEL).answer("tonic")
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
