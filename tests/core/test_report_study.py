"""The report of a study: who may see what, how readers agree, and the command that writes it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.agreement.comparison import compare
from app.core.jobs import CancelToken, no_report
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.report import document
from app.core.report.document import Choices, build_study_report
from app.core.report.html import html_page
from app.core.report.reviewed_recording import RecordingView, ReviewedRecording, review_recording, view_of
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import LockReading, RateExplanation, SetAnswer, SetBlindByDefault, SetMark, SetNote
from app.core.study.marks import Mark, MarkKind
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.command_runs import Run, run
from tests.core.study_cases import ANA, ROOT, SIGNAL, Clip
from tests.core.test_report import Page
from tests.media import write_recording
from tests.odd_recordings import two_cameras

__all__ = ["run"]

YES, NO = Presence.YES, Presence.NO
BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
NOBODY = RecordingIdentity("", "", 0)
NO_PICTURES = Choices(pictures=False)
SECRET = "what nobody may read yet"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two recordings, read by Ana, Bo and the signal reader; only Ana has locked and revealed, the first."""
    folder = tmp_path / "Night.semioscope"
    with Study.open(folder, author="Ana") as opened:
        opened.apply(SetBlindByDefault(before=True, after=True))
        for name in ("a", "b"):
            number = opened.recording(Clip(tmp_path / f"{name}.mp4", name * 64))
            said = Answer("clonic", YES, 80, (Span(1.0, 2.0),), Laterality.LEFT, f"jerks of {name}")
            opened.keep_reading(number, Reading(NOBODY, ANA, {"clonic": said}))
            opened.keep_reading(number, Reading(NOBODY, BO, {"clonic": Answer("clonic", NO), **two_more()}))
            hidden = Answer("clonic", NO, 60, explanation=f"{SECRET} {name}")
            opened.keep_reading(number, Reading(NOBODY, SIGNAL, {"clonic": hidden}))
        opened.apply(SetNote(1, ANA, "clonic", "", "left hand first"))
        opened.apply_all(
            SetMark(1, ANA, None, mark) for mark in (Mark(MarkKind.ONSET, 3.5), Mark(MarkKind.END, 20.0))
        )
        opened.apply(LockReading(1, ANA))
        opened.reveal(1, ANA)
    return folder


def two_more() -> dict[str, Answer]:
    return {feature: Answer(feature, YES) for feature in ("tonic", "head_turning")}


def found(folder: Path, *viewers: ReaderIdentity) -> list[ReviewedRecording]:
    with Study.open(folder, author="Ana") as opened:
        return [review_recording(opened, row, SealedFrom(viewers)) for row in opened.recordings()]


def page(folder: Path, *viewers: ReaderIdentity, choices: Choices = NO_PICTURES) -> str:
    with Study.open(folder, author="Ana") as opened:
        settings = opened.settings()
    document = build_study_report(
        "Night", settings, found(folder, *viewers), choices, MADE, report=no_report, cancel=CancelToken()
    )
    return html_page(document)


def names(one: ReviewedRecording) -> list[str]:
    return [told.reader.name for told in one.reported]


def test_a_report_shows_what_its_reader_may_see_and_counts_the_rest(study: Path) -> None:
    first, second = found(study, ANA)
    assert (names(first), first.withheld) == (["Ana", "Bo", "signal"], 0)
    assert (names(second), second.withheld) == (["Ana"], 2)
    first, second = found(study, BO)
    assert (names(first), names(second), first.withheld) == (["Bo"], ["Bo"], 2)


def test_a_report_for_several_shows_what_all_of_them_may_see(study: Path) -> None:
    first, second = found(study, ANA, BO)
    assert (names(first), names(second)) == (["Bo"], [])
    assert (first.withheld, second.withheld) == (2, 3)


def test_agreement_is_of_what_was_locked_and_the_page_says_so(study: Path) -> None:
    with Study.open(study, author="Bo") as opened:
        opened.apply(LockReading(1, BO))
        opened.reveal(1, BO)
    before = Page(page(study, ANA, BO)).text
    with Study.open(study, author="Bo") as opened:
        opened.apply(SetAnswer(1, BO, Answer("clonic", NO), Answer("clonic", YES)))
    first, _second = found(study, ANA, BO)
    at_lock, now = (
        [one.answer("clonic").presence for one in each] for each in (first.compared, first.readings)
    )
    assert (at_lock, now) == ([YES, NO, NO], [YES, YES, NO])
    after = Page(page(study, ANA, BO)).text
    sentence = "1 answer was changed after unblinding and is not used: what was read blind counts as locked."
    assert sentence in after
    assert "after unblinding" not in before
    agreement = [text[text.index("Agreement") :][:200] for text in (before, after)]
    assert agreement[0] == agreement[1]


def test_no_sealed_word_is_on_the_page(study: Path) -> None:
    assert f"{SECRET} a" in page(study, ANA)
    assert f"{SECRET} b" not in page(study, ANA)
    assert SECRET not in page(study, BO)
    assert "jerks of" not in page(study, BO)
    assert "2 readings of this recording are sealed" in Page(page(study, ANA)).text
    assert "sealed from its reader: 4 readings" in Page(page(study, BO)).text


def test_in_an_open_study_everything_is_shown(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetBlindByDefault(before=True, after=False))
    assert [one.withheld for one in found(study, ANA, BO)] == [0, 0]


def test_blinding_marks_and_notes_are_told(study: Path) -> None:
    told = {one.reader.name: one.blinding for one in found(study, ANA)[0].reported}
    assert re.fullmatch(
        r"Read blind; locked on [\d-]{10}; the others' answers revealed on [\d-]{10}; no answers changed "
        r"since the lock\.",
        told["Ana"],
    )
    assert told["Bo"] == "Not locked yet, so it may still change."
    assert told["signal"] == ""
    text = Page(page(study, ANA)).text
    for part in (
        "onset 0:03.5 · end 0:20.0",
        "Note: left hand first",
        "sealed until a reader's answers are locked",
    ):
        assert part in text


def test_answers_changed_after_the_reveal_are_counted(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.keep_reading(1, Reading(NOBODY, ANA, {"clonic": Answer("clonic", NO)}))
    assert "1 answer changed since the lock" in found(study, ANA)[0].reported[0].blinding


def test_agreement_is_that_of_the_agreement_room_with_n_and_interval(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as opened:
        for number in range(8):
            row = opened.recording(Clip(tmp_path / f"{number}.mp4", f"{number}" * 64))
            for reader, says in ((ANA, number % 2), (BO, number in (1, 3, 4)), (SIGNAL, number > 3)):
                answer = Answer("clonic", YES if says else NO)
                opened.keep_reading(row, Reading(NOBODY, reader, {"clonic": answer}))
        expected = (
            compare(
                *(
                    [
                        next(r for r in opened.readings(number, viewer=None) if r.reader.name == who.name)
                        for number in range(1, 9)
                    ]
                    for who in (ANA, BO)
                )
            )
            .features["clonic"]
            .figures
        )
    text = Page(page(folder)).text
    assert "Ana and Bo" in text
    assert expected.kappa.value is not None
    assert expected.kappa.low is not None
    shown = f"{expected.kappa.value:.2f}*[{expected.kappa.low:.2f}, {expected.kappa.high:.2f}]"
    assert shown.replace("-", "−") in text
    assert "All 3 readers together" in text
    assert "Fewer" not in text
    assert "* fewer than 20 cases" in text


def test_the_consensus_is_no_reader_among_all_together_and_single_cases_have_no_row(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as opened:
        for number in range(2):
            row = opened.recording(Clip(tmp_path / f"{number}.mp4", f"{number}" * 64))
            for reader in (ANA, BO, CONSENSUS):
                once = {"tonic": Answer("tonic", NO)} if number == 0 else {}
                opened.keep_reading(row, Reading(NOBODY, reader, {"clonic": Answer("clonic", YES), **once}))
    text = Page(page(folder)).text
    assert "Ana and Consensus" in text
    assert "readers together" not in text, "two readers and what they decided are no three readers"
    left = text.split("Decided in one recording or none: ", 1)[1].split(".", 1)[0]
    assert "Tonic" in left
    assert "Clonic" not in left
    with Study.open(folder, author="Ana") as opened:
        for row in (1, 2):
            opened.keep_reading(row, Reading(NOBODY, SIGNAL, {"clonic": Answer("clonic", YES)}))
    assert "All 3 readers together without the consensus" in Page(page(folder)).text


def test_ratings_of_explanations_are_told_and_none_that_is_sealed(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        for number, score in ((1, 5), (2, 2)):
            opened.apply(RateExplanation(number, SIGNAL, "clonic", BO, None, Rating(score)))
    text = Page(page(study)).text
    assert "Explanations of Signal reader, rated by Bo" in text
    assert "Clonic2010013.5*[2.0, 5.0]50%*" in text
    seen = Page(page(study, ANA)).text  # the second is sealed from her
    assert "Clonic1000015.0*100%*" in seen
    assert "rated by" not in Page(page(study, BO)).text


def test_recordings_of_one_name_are_two_cases(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as opened:
        for number in range(2):
            row = opened.recording(Clip(tmp_path / f"{number}" / "event.mp4", f"{number}" * 64))
            for reader in (ANA, BO):
                opened.keep_reading(row, Reading(NOBODY, reader, {"clonic": Answer("clonic", YES)}))
    assert "Ana and Bo22100%" in Page(page(folder)).text  # two recordings, two cases


def test_one_reader_alone_has_no_agreement_and_an_empty_study_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana"):
        pass
    assert "no recordings yet" in Page(page(folder)).text
    with Study.open(folder, author="Ana") as opened:
        row = opened.recording(Clip(tmp_path / "a.mp4"))
    assert "no answers that may be shown" in Page(page(folder)).text
    with Study.open(folder, author="Ana") as opened:
        opened.keep_reading(row, Reading(NOBODY, SIGNAL, {"clonic": Answer("clonic", YES)}))
    assert "No recording was read by two readers" in Page(page(folder)).text


def test_a_recording_that_is_gone_is_told_without_pictures(study: Path) -> None:
    text = Page(page(study, ANA, choices=Choices())).text
    assert "There are no pictures: the recording's file is not where it was last seen." in text
    for feature in FEATURES:
        assert text.count(feature.name) >= 2


def test_sides_of_programs_follow_a_mirrored_recording(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        left = Answer("clonic", YES, 60, laterality=Laterality.LEFT)
        opened.keep_reading(1, Reading(NOBODY, SIGNAL, {"clonic": left}))
        row = opened.recordings()[0]
        looks = {row.fingerprint: {"mirrored": True}}
        one = review_recording(opened, row, SealedFrom(()), view_of(looks, row.fingerprint))
    sides = {told.reader.name: told.full.reading.answer("clonic").laterality for told in one.reported}
    assert one.mirrored
    assert sides == {"Ana": Laterality.LEFT, "Bo": None, "signal": Laterality.RIGHT}
    assert view_of(looks, "another") == RecordingView()


def test_the_picture_that_was_chosen_is_that_of_the_report(tmp_path: Path) -> None:
    looks: dict[str, dict[str, object]] = {
        "a": {"picture": 1},
        "b": {"picture": None},
        "c": {"picture": True},
        "d": {"picture": -1},
        "e": {},
    }
    assert [view_of(looks, name).picture for name in (*looks, "unknown")] == [1, None, None, None, None, None]
    path = two_cameras(tmp_path / "a.mkv")
    told = ReviewedRecording(NOBODY, path=path, picture=1)
    assert document._opened(told, CancelToken()).recording.picture == 1
    assert document._opened(replace(told, picture=None), CancelToken()).recording.picture == 0


# the command


def test_a_study_is_reported_for_all_its_readers_or_for_one(run: Run, study: Path, tmp_path: Path) -> None:
    code, out, err = run("report", study, "--out", tmp_path / "all.html", "--no-pictures")
    assert (code, out.strip()) == (0, str(tmp_path / "all.html"))
    assert "Readings left out: 5" in err
    assert SECRET not in (tmp_path / "all.html").read_text("utf-8")
    code, _out, _err = run("report", study, "--out", tmp_path, "--viewer", "Ana", "--no-pictures")
    assert code == 0
    assert f"{SECRET} a" in (tmp_path / "Night.html").read_text("utf-8")


def test_a_pdf_needs_no_display(study: Path, tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "-m", "app", "report", str(study), "--out", str(tmp_path / "a.pdf")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=bare, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "a.pdf"))
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert "Traceback" not in done.stderr


def test_what_is_sealed_is_given_when_asked_for_and_noted_in_the_history(
    run: Run, study: Path, tmp_path: Path
) -> None:
    code, _out, err = run("report", study, "--out", tmp_path / "all.html", "--no-pictures", "--unsealed")
    assert code == 0
    assert "history says so" in err
    assert f"{SECRET} b" in (tmp_path / "all.html").read_text("utf-8")
    with Study.open(study, author="Ana") as opened:
        assert '"for":"report"' in opened.history(viewer=None)[-1].new


@pytest.mark.parametrize(
    "argv",
    [
        ("{study}", "--out", "{out}/a.html", "--viewer", "Nobody"),
        ("{out}", "--out", "{out}/a.html"),
        ("{study}", "--out", "{out}/a.docx", "--viewer", "Ana"),
        ("{study}/none.mp4", "--out", "{out}/a.html", "--viewer", "Ana"),
    ],
)
def test_what_is_wrong_is_told(argv: tuple[str, ...], run: Run, study: Path, tmp_path: Path) -> None:
    code, out, err = run("report", *(part.format(study=study, out=tmp_path) for part in argv))
    assert (code, out) == (1, "")
    assert err.strip().count("\n") == 0


def test_a_recording_elsewhere_is_opened_only_when_that_is_asked_for(
    run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    film = write_recording(tmp_path_factory.mktemp("elsewhere") / "film.mp4", frames=50)
    folder = tmp_path / "Night.semioscope"
    with Study.open(folder, author="Ana") as opened:
        opened.apply(SetBlindByDefault(before=True, after=False))
        number = opened.recording(open_recording(film))
        said = Answer("clonic", YES, 80, (Span(0.5, 1.0),))
        opened.keep_reading(number, Reading(NOBODY, ANA, {"clonic": said}))
    page = tmp_path / "page.html"
    assert run("report", folder, "--out", page)[0] == 0
    assert "this account has not opened before" in page.read_text(encoding="utf-8")
    assert "<img" not in page.read_text(encoding="utf-8")
    assert run("report", folder, "--out", page, "--replace", "--named-recordings")[0] == 0
    assert "<img" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0
