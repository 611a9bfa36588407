"""`semioscope course`: made from a study and drawn, confirmed before it is a course, and scored."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app import cli
from app.core.deidentify import prepared_clips
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress, no_report
from app.core.phantom.demonstration import demo_script
from app.core.phantom.truth import truth
from app.core.reading import person
from app.core.recording.probe import open_recording
from app.core.semiology import Answer, Laterality, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import SetAnswer, SetBlindByDefault
from app.core.study.store import Study
from app.core.teaching.course import CourseRules, Sealing, Sitting, TeachingCard, cards_of
from app.core.teaching.course_file import CLIPS, FILE_NAME, CourseFolder, open_course
from app.core.teaching.course_writing import begin_course, course_path
from app.core.teaching.key_opening import check_clip, open_foil, open_key
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog
from app.core.teaching.phantom_course import TITLE, make_phantom_course
from tests.core.deidentified_cases import make_clips, named_recording
from tests.core.study_cases import ANA, SIGNAL
from tests.core.teaching_courses import MONDAY, NO, PASSPHRASE, YES, SteppingClock, make_course, plain_keys
from tests.ui.made_poses import a_pose_track

BO = person("Bo")
TINY = (64, 48)


def run(*argv: object) -> int:
    return cli.main(["course", *map(str, argv)])


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ana and Bo have read a recording whose metadata name a patient; its clips are made by a stand-in."""
    monkeypatch.setattr(prepared_clips, "run_process", make_clips)
    monkeypatch.setattr(prepared_clips, "pose_track", lambda *_args, **_fields: a_pose_track())
    folder = tmp_path / "ward.semioscope"
    recording = named_recording(tmp_path / "Kowalski.mp4")
    with Study.open(folder, author="Ana") as study:
        study.apply(SetBlindByDefault(True, False))
        number = study.recording(open_recording(recording))
        said = Answer("tonic", YES, 90, (Span(0.5, 1.0),), Laterality.LEFT, "stiff")
        study.apply(SetAnswer(number, ANA, Answer("tonic"), said))
        study.apply(SetAnswer(number, ANA, Answer("clonic"), Answer("clonic", NO)))
        heard = Answer("ictal_vocalization", YES)
        study.apply(SetAnswer(number, ANA, Answer("ictal_vocalization"), heard))
        study.apply(SetAnswer(number, ANA, Answer("blank_stare"), Answer("blank_stare", YES)))
        bo = replace(said, evidence=(Span(0.8, 1.0),))
        study.apply(SetAnswer(number, BO, Answer("tonic"), bo))
        reading = study.readings(number, viewer=None)[0]
        study.keep_reading(number, replace(reading, reader=SIGNAL, answers={"tonic": Answer("tonic", NO)}))
    return folder


def made(study: Path, out: Path, *more: object) -> CourseFolder:
    """The course of Ana's answers, after its clips were looked at."""
    assert run("make", study, "--key", "Ana", "--out", out, *more) == 1
    assert run("make", study, "--key", "Ana", "--out", out, "--confirm", *more) == 0
    return open_course(out.with_name(f"{out.name}.semioscope-course"))


def test_a_clip_of_people_becomes_a_case_only_after_it_was_looked_at(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c"
    assert run("make", study, "--key", "Ana", "--out", out, "--confirm") == 1
    assert run("make", study, "--key", "Ana", "--out", out) == 1
    assert "not confirmed" in capsys.readouterr().err
    place = tmp_path / "c.semioscope-course"
    assert not (place / FILE_NAME).exists()
    waiting = next((place / CLIPS).glob("*.unconfirmed.mp4"))
    content = waiting.read_bytes()
    waiting.write_bytes(content + b"x")
    assert run("make", study, "--key", "Ana", "--out", out, "--confirm") == 1
    assert not (place / FILE_NAME).exists()
    waiting.write_bytes(content)
    assert run("make", study, "--key", "Ana", "--out", out, "--confirm") == 0
    folder = open_course(place)
    (case,) = folder.course.cases
    check_clip(folder, case)
    assert case.asked == ("tonic", "clonic")  # heads are covered, and nothing is heard
    assert not [path for path in place.rglob("*") if "Kowalski" in path.name]
    assert b"Kowalski" not in b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())


def test_clips_that_wait_in_an_empty_folder_are_confirmed_there(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "c"
    out.mkdir()
    assert run("make", study, "--key", "Ana", "--out", out) == 1
    assert run("make", study, "--key", "Ana", "--out", out, "--confirm") == 0
    assert len(open_course(out).course.cases) == 1
    assert not list(out.rglob("*.unconfirmed*"))
    assert not list(tmp_path.glob("*.semioscope-course"))


def test_the_key_has_the_experts_words_and_the_spread_of_all_experts(study: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.csv"
    notes.write_text("recording,note\nKowalski.mp4,look at the left arm\n", encoding="utf-8")
    folder = made(study, tmp_path / "c", "--foil", "signal", "--notes", notes)
    card = TeachingCard(folder.course.cases[0].id, "tonic")
    opened = open_key(folder, card, set(cards_of(folder.course.cases)))
    assert opened.key.answer.explanation == "stiff"
    assert opened.key.onsets == (0.5, 0.8)
    assert opened.note == "look at the left arm"
    foil = open_foil(folder, card, {card})
    assert foil is not None
    assert (foil.reader, foil.answer.presence) == ("signal", NO)


def test_what_looks_alike_has_to_be_in_the_course(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "alike.csv"
    table.write_text("recording,feature,alike\nKowalski.mp4,tonic,Nowak.mp4\n", encoding="utf-8")
    assert run("make", study, "--key", "Ana", "--out", tmp_path / "c", "--lookalikes", table) == 1
    assert "“Nowak.mp4” is not a recording of this course" in capsys.readouterr().err
    assert not list(tmp_path.glob("c.*/clips/*")), "before any clip is made"


def test_a_key_that_is_sealed_from_a_reader_is_no_key(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetBlindByDefault(False, True))
    assert run("make", study, "--key", "Ana", "--out", tmp_path / "c") == 1
    assert "sealed" in capsys.readouterr().err
    assert not list((tmp_path).glob("c.*/clips/*"))
    assert run("make", study, "--key", "Ana", "--out", tmp_path / "c", "--viewer", "Ana") == 1


def test_what_people_are_in_is_never_taken_as_it_is(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("make", study, "--key", "Ana", "--out", tmp_path / "c", "--drawn") == 1
    assert "not a drawn patient" in capsys.readouterr().err
    assert not list(tmp_path.glob("c.*/clips/*"))


def test_a_drawn_patient_is_taken_as_it_is_where_the_study_has_its_truth(tmp_path: Path) -> None:
    recording = named_recording(tmp_path / "drawn.mp4")
    digest = hashlib.sha256(recording.read_bytes()).hexdigest()
    folder = tmp_path / "drawn.semioscope"
    with Study.open(folder, author="Ana") as study:
        number = study.recording(open_recording(recording))
        study.set_sha256(number, digest)
        known = truth(replace(demo_script(), duration=2.0), "drawn.mp4", digest)
        study.keep_reading(number, known)
        study.apply(SetAnswer(number, CONSENSUS, Answer("tonic"), Answer("tonic", NO)))
    assert run("make", folder, "--key", "consensus", "--out", tmp_path / "c", "--drawn") == 0
    course = open_course(tmp_path / "c.semioscope-course")
    assert course.course.cases[0].sha256 == digest
    assert run("make", folder, "--key", "Truth", "--out", tmp_path / "d", "--drawn") == 0
    drawn = open_course(tmp_path / "d.semioscope-course")
    assert len(drawn.course.cases[0].asked) == 20
    cards = cards_of(drawn.course.cases)
    words = [open_key(drawn, card, set(cards)).key.answer.explanation for card in cards]
    assert any(words)
    assert not any("script" in each.casefold() for each in words)
    recording.write_bytes(recording.read_bytes() + b"x")
    assert run("make", folder, "--key", "consensus", "--out", tmp_path / "e", "--drawn") == 1


def test_the_wrong_name_and_a_course_that_is_there_are_one_sentence(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("make", study, "--key", "Nobody", "--out", tmp_path / "c") == 1
    assert "Nobody" in capsys.readouterr().err
    folder = made(study, tmp_path / "c")
    assert run("make", study, "--key", "Ana", "--out", folder.path) == 1
    assert "a course already" in capsys.readouterr().err
    assert run("make", study, "--key", "Ana", "--out", tmp_path / "d", "--test-cards", "3", "--confirm") == 1


def test_a_test_is_scored_only_with_its_passphrase(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSPHRASE}\nsecond line", encoding="utf-8")
    folder = made(study, tmp_path / "c", "--passphrase-from", secret)
    assert folder.course.sealing is Sealing.TEST
    assert run("results", folder.path) == 1
    assert "Nobody has answered" in capsys.readouterr().err
    card = TeachingCard(folder.course.cases[0].id, "tonic")
    with LearnerLog.open(folder, "fox") as log:
        log.append(LearnerAnswer(card, Answer("tonic", YES), MONDAY))
    assert run("results", folder.path) == 1
    assert "passphrase" in capsys.readouterr().err
    assert run("results", folder.path, "--passphrase-from", secret, "--json", "-") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["learners"][0]["sittings"]["practice"]["right"]["value"] == 1.0
    assert run("results", folder.path, "--passphrase-from", tmp_path / "nowhere") == 1


def test_results_are_a_view_of_the_group_by_alias(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_course(tmp_path / "c", plain_keys(4, ("tonic", "clonic")))
    clock = SteppingClock()
    for alias, said in (("fox", YES), ("owl", NO)):
        with LearnerLog.open(folder, alias) as log:
            for card in cards_of(folder.course.cases):
                log.append(LearnerAnswer(card, Answer(card.feature, said), clock()))
    assert run("results", folder.path, "--json", tmp_path / "r.json") == 0
    out = capsys.readouterr().out
    assert "fox\n  practice: 50%" in out
    assert "owl\n" in out
    data = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [one["alias"] for one in data["learners"]] == ["fox", "owl"]


def test_a_drawn_course_is_usable_after_its_first_case_and_is_continued(tmp_path: Path) -> None:
    cancel = CancelToken()
    place = tmp_path / "first"

    def stop_after_one(progress: Progress) -> None:
        if progress.done > 0.2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        make_phantom_course(place, 8, duration=2.0, size=TINY, report=stop_after_one, cancel=cancel)
    begun = open_course(place)
    assert 0 < len(begun.course.cases) < 8
    assert begun.course.planned == 8
    check_clip(begun, begun.course.cases[0])
    first = cards_of(begun.course.cases)[0]
    assert open_key(begun, first, {first}).key.answer.presence is not None
    folder = make_phantom_course(place, 8, duration=2.0, size=TINY, report=no_report, cancel=CancelToken())
    assert folder.course.cases[: len(begun.course.cases)] == begun.course.cases
    assert folder.course.title == TITLE
    assert [case.tested for case in folder.course.cases] == [False] * 4 + [True] * 4
    assert {sitting: len(cards) for sitting, cards in folder.course.tests.items()} == {
        Sitting.BEFORE: 2,
        Sitting.AFTER: 2,
    }
    assert not list(place.rglob("*.part"))


@pytest.mark.parametrize("there", [False, True])
def test_nothing_is_left_of_a_drawn_course_without_a_case(tmp_path: Path, there: bool) -> None:
    place = tmp_path / "first"
    if there:
        place.mkdir()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        make_phantom_course(place, 2, duration=2.0, size=TINY, report=no_report, cancel=cancel)
    assert [one.name for one in tmp_path.rglob("*")] == ["first"] * there


def test_an_interrupted_course_is_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(path: Path, *_more: object, **_options: object) -> None:
        make_course(path, plain_keys(3))
        raise Cancelled

    monkeypatch.setattr("app.core.teaching.phantom_course.make_phantom_course", interrupted)
    (tmp_path / "empty").mkdir()
    assert run("phantom", "--out", tmp_path / "empty") == 130
    said = capsys.readouterr().err
    assert f"{tmp_path / 'empty'} is a course of 3 of 3 cases; run the command again to go on." in said
    assert [one.name for one in tmp_path.iterdir()] == ["empty"], "the empty folder is used"


def test_a_course_beside_other_files_gets_its_ending(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("")
    for name in ("full", "new"):
        assert course_path(tmp_path / name) == tmp_path / f"{name}.semioscope-course"


def test_a_course_that_was_begun_beside_an_empty_folder_goes_on(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    begun = tmp_path / "c.semioscope-course"
    begin_course(begun, TITLE, CourseRules(("tonic",)), 4)
    assert course_path(tmp_path / "c") == begun
    (begun / FILE_NAME).unlink()
    assert course_path(tmp_path / "c") == begun, "its clips wait there"


def test_a_drawn_course_is_not_continued_through_a_link(tmp_path: Path) -> None:
    begin_course(tmp_path / "c", TITLE, CourseRules(("tonic",)), 4)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "c" / CLIPS).rmdir()
    (tmp_path / "c" / CLIPS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="link"):
        make_phantom_course(tmp_path / "c", 4, duration=2.0, report=no_report, cancel=CancelToken())
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_drawn_course_is_not_made_in_another_course(tmp_path: Path) -> None:
    make_course(tmp_path / "c", plain_keys(1))
    with pytest.raises(UserError, match="another course"):
        make_phantom_course(tmp_path / "c", 4, report=no_report, cancel=CancelToken())
    make_course(tmp_path / "t", plain_keys(1), passphrase=PASSPHRASE)
    with pytest.raises(UserError, match="is a test"):
        make_phantom_course(tmp_path / "t", 4, report=no_report, cancel=CancelToken())
