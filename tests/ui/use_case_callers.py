"""Studies that differ only in what is sealed from Ana; the window and the command line, used by her."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest

from app import cli
from app.core.agreement.comparison_choice import Choice
from app.core.errors import UserError
from app.core.exchange.import_labels import ImportChoice
from app.core.exchange.label_joins import propose_joins
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
from app.core.study.viewer import viewer_of_person
from app.ui.dialogs.export_labels import write_export
from app.ui.dialogs.import_labels import see_labels, take_labels
from app.ui.dialogs.join_labels import see_joins, take_joins
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


def make_study(parent: Path, sealed: Sealed, *, revealed: bool = False, decided: bool = True) -> Path:
    """Two recordings that Ana and Bo read blind, or of which nobody has `decided` how they are read; Ana's
    part is always the same.

    With `revealed` the first one was revealed to her, and in it Bo's part is always the same, too.
    """
    folder = parent / "ward.semioscope"
    with Study.open(folder, author="Ana") as study:
        if decided:
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
    def join(self, folder: Path) -> str: ...


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

    def join(self, folder: Path) -> str:
        shown = list[object]()
        seen = self._said(
            lambda: see_joins(self._access(folder), None, Task(no_report, CancelToken(), shown.append))
        )
        with Study.open_for_viewing(folder) as study:
            joins = list(propose_joins(study).joins)
        return f"{seen}{shown}" + self._said(
            lambda: take_joins(self._access(folder), joins, {}, _task(), None)
        )

    def _access(self, folder: Path) -> StudyAccess:
        return StudyAccess(folder, ANA, viewer_of_person(ANA), 1)

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

    def join(self, folder: Path) -> str:
        return self.run("join", folder) + self.run("join", folder, "--keep")

    def run(self, *arguments: object) -> str:
        code = cli.main([str(one) for one in arguments])
        return "\n".join((str(code), *self._capsys.readouterr()))
