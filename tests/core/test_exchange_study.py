"""From a study to a file and back into a study, and the commands that do it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.evaluation.figures import FIGURES
from app.core.exchange.bundle import Imported, bundle_of_study
from app.core.exchange.codec import Source
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.import_readings import import_into
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.cameras import Camera
from app.core.study.edits import LockReading, RateExplanation, SetAnswer, SetCameras, SetMark, SetNote
from app.core.study.marks import Mark, MarkKind
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.command_runs import Run, run
from tests.core.exchange_cases import SMALL
from tests.core.study_cases import ANA, ROOT, SIGNAL, Clip

__all__ = ["run"]

YES, NO = Presence.YES, Presence.NO
BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
OPEN = SealedFrom(())
"""For whom nothing is sealed."""


def clips(folder: Path) -> list[Clip]:
    return [Clip(folder / "a.mp4", "a" * 64), Clip(folder / "b.mp4", "b" * 64)]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two recordings; Ana has read the first, the signal reader both."""
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as opened:
        first, second = (opened.recording(clip) for clip in clips(tmp_path))
        said = {
            "clonic": Answer("clonic", YES, 80, (Span(1.0, 2.0),), Laterality.LEFT, "jerks"),
            "tonic": Answer("tonic", NO),
        }
        opened.keep_reading(first, Reading(RecordingIdentity("", "", 0), ANA, said))
        for number in (first, second):
            opened.keep_reading(
                number,
                Reading(RecordingIdentity("", "", 0), SIGNAL, {"clonic": Answer("clonic", NO, 60)}),
            )
    return folder


def labels(text: str, format_id: str = "csv-wide") -> Imported:
    return FORMATS[format_id].codec.read(Source("labels.csv", text.encode()))


@pytest.mark.parametrize(
    "format_id", [name for name, row in FORMATS.items() if row.fidelity.details and not name.endswith("wide")]
)
def test_what_was_exported_changes_nothing_and_restores_everything(
    format_id: str, study: Path, tmp_path: Path
) -> None:
    with Study.open(study, author="Ana") as opened:
        before = bundle_of_study(opened)
        paths = export(before, tmp_path / "out", FORMATS[format_id])
        imported = read(paths[0] if FORMATS[format_id].single else tmp_path / "out", FORMATS[format_id])
        assert import_into(opened, imported, OPEN).changed == 0
    with Study.open(tmp_path / "new.semioscope", author="Ana") as fresh:
        for clip in clips(tmp_path):
            fresh.recording(clip)
        outcome = import_into(fresh, imported, OPEN)
        assert (outcome.changed, outcome.remarks) == (4, ())
        assert {repr(each) for each in bundle_of_study(fresh).readings} == {
            repr(each) for each in before.readings
        }


def test_every_imported_answer_is_an_edit_that_can_be_undone(study: Path) -> None:
    with Study.open(study, author="Bo") as opened:
        outcome = import_into(
            opened,
            labels("recording,clonic,tonic\na.mp4,0,1\nb,na,\n"),
            OPEN,
            reader="Bo",
            why="imported from x.csv",
        )
        assert outcome.changed == 3
        first, second = (row.id for row in opened.recordings())
        bo = next(each.reader for each in opened.readings(second, viewer=None) if each.reader.name == "Bo")
        assert opened.reading(second, bo, viewer=None).answer("clonic").presence is Presence.NOT_ASSESSABLE
        assert {row.why for row in opened.history(viewer=None) if row.who == "Bo"} == {"imported from x.csv"}
        undone = opened.undo(first)
        assert undone is not None
        assert (undone.recordings, undone.left) == ((second, first), ())
        assert undone.phrase == "3 answers in 2 recordings (imported from x.csv)"
        assert opened.undo(first) is None
        assert (
            opened.reading(first, bo, viewer=None).answers
            == opened.reading(second, bo, viewer=None).answers
            == {}
        )
        assert opened.verify_history() == ()


def test_what_a_file_cannot_say_or_leaves_open_stays_as_it_is(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        (first, _second) = (row.id for row in opened.recordings())
        import_into(opened, labels("recording,reader,clonic,tonic\na.mp4,Ana,0,\n"), OPEN, reader="Ana")
        now = opened.reading(first, ANA, viewer=None)
        assert now.answer("clonic") == Answer("clonic", NO, 80, (Span(1.0, 2.0),), Laterality.LEFT, "jerks")
        assert now.answer("tonic") == Answer("tonic", NO)


def test_json_carries_notes_and_marks_and_the_history(study: Path, tmp_path: Path) -> None:
    marks = (Mark(MarkKind.ONSET, 3.5), Mark(MarkKind.PHASE, 4.0, "tonic"), Mark(MarkKind.END, 20.0))
    with Study.open(study, author="Ana") as opened:
        first = opened.recordings()[0].id
        opened.apply(SetNote(first, ANA, "clonic", "", "left hand first"))
        opened.apply_all(SetMark(first, ANA, None, mark) for mark in marks)
        before = bundle_of_study(opened)
        (path,) = export(before, tmp_path / "all.json", FORMATS["json"])
        imported = read(path, FORMATS["json"])
        assert imported.bundle == before
        assert len(imported.bundle.history) == len(opened.history(viewer=None))
        assert import_into(opened, imported, OPEN).changed == 0
    with Study.open(tmp_path / "new.semioscope", author="Ana") as fresh:
        number = fresh.recording(clips(tmp_path)[0])
        fresh.apply(SetMark(number, ANA, None, Mark(MarkKind.ONSET, 1.0)))
        import_into(fresh, imported, OPEN)
        found = fresh.full_reading(number, ANA, viewer=None)
        assert found.marks == marks
        assert found.notes == {"clonic": "left hand first"}
        undone = fresh.undo(number)
        assert undone is not None
        assert undone.phrase == "3 answers, 3 marks, 1 note"
        assert fresh.full_reading(number, ANA, viewer=None).marks == (Mark(MarkKind.ONSET, 1.0),)


def test_json_carries_ratings_of_explanations(study: Path, tmp_path: Path) -> None:
    five, two = Rating(5, "all of it"), Rating(2)
    with Study.open(study, author="Ana") as opened:
        first, second = (row.id for row in opened.recordings())
        said = {"clonic": Answer("clonic", NO, 60, explanation="nothing jerks")}
        opened.keep_reading(second, Reading(RecordingIdentity("", "", 0), SIGNAL, said))
        opened.apply(RateExplanation(first, ANA, "clonic", BO, None, five))
        opened.apply(RateExplanation(second, SIGNAL, "clonic", ANA, None, two))
        opened.apply(RateExplanation(second, SIGNAL, "clonic", BO, None, five))
        before = bundle_of_study(opened)
        (path,) = export(before, tmp_path / "all.json", FORMATS["json"])
        imported = read(path, FORMATS["json"])
        assert imported.bundle == before
        assert import_into(opened, imported, OPEN).changed == 0
        kept = opened.ratings(viewer=None)
    assert len(kept) == 3
    with Study.open(tmp_path / "new.semioscope", author="Ana") as fresh:
        for clip in clips(tmp_path):
            fresh.recording(clip)
        assert import_into(fresh, imported, OPEN).remarks == ()
        assert fresh.ratings(viewer=None) == kept
        assert fresh.verify_history() == ()
        first_rating = fresh.ratings(recording_id=first, viewer=None)
        while fresh.undo(first) is not None:
            pass
        assert first_rating
        assert fresh.ratings(recording_id=first, viewer=None) == ()


def test_a_rating_of_another_explanation_is_left_out_and_told(study: Path, tmp_path: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        first = opened.recordings()[0].id
        opened.apply(RateExplanation(first, ANA, "clonic", BO, None, Rating(4)))
        now = opened.reading(first, ANA, viewer=None).answer("clonic")
        opened.apply(SetAnswer(first, ANA, now, replace(now, explanation="something else")))
        assert [each.current for each in opened.ratings(viewer=None)] == [False]
        (path,) = export(bundle_of_study(opened), tmp_path / "all.json", FORMATS["json"])
        imported = read(path, FORMATS["json"])
        outcome = import_into(opened, imported, OPEN)
        assert outcome.changed == 0
        assert outcome.remarks == ("Ratings of explanations that have changed since were left out: 1.",)
        assert [each.rating.score for each in opened.ratings(viewer=None)] == [4]


@pytest.mark.parametrize(
    "wrong",
    [{"score": 6}, {"score": True}, {"score": 3.0}, {"feature": "x"}, {"note": None}, {"explanation": 1},
     {"rater": {"kind": "signal", "name": "s", "version": "1"}}, {"rater": "Bo"}, {"note": "\ud800"}],
)  # fmt: skip
def test_malformed_ratings_are_refused(wrong: dict[str, object], study: Path, tmp_path: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.apply(RateExplanation(1, ANA, "clonic", BO, None, Rating(4)))
        (path,) = export(bundle_of_study(opened), tmp_path / "all.json", FORMATS["json"])
    data = json.loads(path.read_text("utf-8"))
    rated = next(one for one in data["recordings"][0]["readings"] if "ratings" in one)["ratings"]
    rated[0] |= wrong
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError, match=r"malformed ratings|does not name its reader|is not valid JSON"):
        read(path, FORMATS["json"])


def test_an_import_that_is_refused_in_the_middle_changes_nothing(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        second = opened.recordings()[1].id
        opened.apply(SetNote(second, ANA, "clonic", "", "mine"))
        opened.apply(LockReading(second, ANA))
        before = bundle_of_study(opened)
        with pytest.raises(UserError, match="locked"):
            import_into(opened, labels("recording,tonic\na.mp4,1\nb.mp4,1\n"), OPEN, reader="Ana")
        assert bundle_of_study(opened) == before


def test_what_is_sealed_from_who_imports_is_neither_changed_nor_compared(study: Path) -> None:
    guesses = labels("recording,reader,clonic,tonic\na.mp4,Ana,1,0\na.mp4,Bo,1,\n")
    with Study.open(study, author="Bo") as opened:
        outcome = import_into(opened, guesses, SealedFrom((BO,), until_decided=True))
        assert (outcome.changed, outcome.same) == (1, 0)
        assert outcome.remarks[0] == "Readings that are sealed from you were left as they are: 1."
        first = opened.recordings()[0].id
        assert opened.reading(first, ANA, viewer=None).answer("clonic").confidence == 80
        opened.apply(LockReading(first, BO))
        opened.reveal(first, BO)
        assert import_into(opened, guesses, SealedFrom((BO,), until_decided=True)).same > 0


def test_a_recording_that_the_study_does_not_have_is_reported(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        outcome = import_into(opened, labels("recording,clonic\nc.mp4,1\na.mp4,0\n"), OPEN, reader="Ana")
    assert outcome.changed == 1
    assert outcome.remarks == ("The study has no recording “c.mp4”; its answers were left out.",)


def test_another_content_of_the_same_name_is_another_recording(study: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        number = opened.recordings()[0].id
        opened.set_sha256(number, "ab" * 32)
        table = "recording,sha256,clonic\na.mp4,{},1\n"
        assert import_into(opened, labels(table.format("cd" * 32)), OPEN, reader="Ana").changed == 0
        renamed = labels(table.format("ab" * 32).replace("a.mp4", "renamed.mp4").replace(",1\n", ",0\n"))
        assert import_into(opened, renamed, OPEN, reader="Ana").changed == 1


@pytest.mark.parametrize(
    ("text", "reader", "sentence"),
    [
        ("recording,clonic\na.mp4,1\n", None, "does not say who answered"),
        ("recording,reader,clonic\na.mp4,Bo,1\nb.mp4,,1\n", None, "does not say who answered"),
        ("recording,reader,clonic\na.mp4,Bo,1\n", "Ana", "no answers by Ana; it has Bo"),
    ],
)
def test_whose_answers_they_are_is_never_guessed(
    text: str, reader: str | None, sentence: str, study: Path
) -> None:
    with Study.open(study, author="Ana") as opened, pytest.raises(UserError, match=sentence):
        import_into(opened, labels(text), OPEN, reader=reader)


# the commands


def test_the_names_of_the_formats_are_those_of_the_table() -> None:
    assert list(FORMAT_NAMES) == list(FORMATS)


def test_export_and_import_through_the_command_line(run: Run, study: Path, tmp_path: Path) -> None:
    code, out, err = run(
        "export", study, "--format", "csv-wide", "--out", tmp_path / "w.csv", "--reader", "Ana"
    )
    assert (code, err) == (0, "")
    assert Path(out.strip()) == tmp_path / "w.csv"
    table = (tmp_path / "w.csv").read_text("utf-8-sig").replace(",Ana,", ",Bo,")
    (tmp_path / "bo.csv").write_text(table + "zzz.mp4,,0,Bo,person,1,,1\r\n", encoding="utf-8")
    code, out, err = run("import", study, tmp_path / "bo.csv", "--format", "csv-wide", "--reader", "Bo")
    assert (code, out) == (0, "2 answers changed; 0 already matched.\n")
    assert err == "The study has no recording “zzz.mp4”; its answers were left out.\n"
    assert run("import", study, tmp_path / "bo.csv", "--format", "csv-wide")[1].startswith(
        "0 answers changed"
    )


@pytest.mark.parametrize(
    "argv",
    [
        ("export", "{none}", "--format", "json", "--out", "x.json"),
        ("import", "{none}", "{study}", "--format", "json"),
        ("import", "{study}", "{none}", "--format", "csv-long"),
        ("import", "{study}", "{study}", "--format", "csv-long"),
        ("export", "{study}", "--format", "json", "--out", "x.json", "--reader", "Nobody"),
        ("agreement", "{none}"),
        ("evaluate", "--reference", "{none}", "{none}"),
        ("evaluate", "--reference", "Nobody={study}", "{study}"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(argv: tuple[str, ...], run: Run, study: Path) -> None:
    places = {"none": str(study.parent / "none"), "study": str(study)}
    code, out, err = run(*(part.format(**places) for part in argv))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1


def test_agreement_compares_the_readers_of_a_study(run: Run, study: Path, tmp_path: Path) -> None:
    code, out, _err = run("agreement", study)
    assert code == 0
    assert out.splitlines()[0].endswith("Ana · signal: 1 recording")
    code, out, _err = run("agreement", study, "--json")
    data = json.loads(out)
    assert data["format"] == "semioscope-agreement/1"
    (pair,) = data["pairs"]
    assert pair["features"]["clonic"]["counts"]["yes_no"] == 1
    assert pair["features"]["clonic"]["percent_agreement"]["value"] == 0.0
    assert pair["features"]["tonic"]["counts"]["unanswered"] == 1
    assert pair["features"]["tonic"]["cohen_kappa"]["value"] is None
    assert run("agreement", study, "--json", tmp_path / "a.json")[0] == 0
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == data


def test_evaluate_writes_the_documented_format(run: Run, tmp_path: Path) -> None:
    from app.core.reading import to_json

    reference, other = SMALL.readings
    (tmp_path / "truth.json").write_text(to_json(reference), encoding="utf-8")
    (tmp_path / "signal.json").write_text(to_json(other), encoding="utf-8")
    argv = ("evaluate", "--reference", tmp_path / "truth.json", tmp_path / "signal.json")
    code, out, _err = run(*argv)
    assert code == 0
    assert "Clonic" in out
    assert run(*argv, "--json", tmp_path / "scores.json")[0] == 0
    data = json.loads((tmp_path / "scores.json").read_text("utf-8"))
    assert list(data["readings"]) == ["signal"]
    features = data["readings"]["signal"]["features"]
    assert len(features) == 20
    clonic = features["clonic"]
    assert {key: clonic[key] for key in ("n", "positives", "accuracy", "precision", "recall", "f1")} == {
        "n": 1, "positives": 1, "accuracy": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0,
    }  # fmt: skip
    assert set(clonic["intervals"]) == {*FIGURES}
    assert clonic["intervals"]["accuracy"] is None
    assert (features["tonic"]["n"], features["tonic"]["unanswered"], features["tonic"]["f1"]) == (0, 1, None)
    assert features["verbal_responsiveness"]["unanswered"] == 1


EXPORTING = """
import os, sys
from pathlib import Path
from app.core.exchange.formats import FORMATS, export
from tests.core.exchange_cases import SMALL
os.write(1, b"ready\\n")
while True:
    export(SMALL, Path(sys.argv[1]), FORMATS["csv-long"])
    os.write(1, b"one\\n")
"""


def test_an_export_that_is_killed_leaves_the_whole_file_or_none(tmp_path: Path) -> None:
    target = tmp_path / "labels.csv"
    whole = FORMATS["csv-long"].codec.write(SMALL, "labels")[0].content
    chance = random.Random(8)
    for _ in range(6):
        target.unlink(missing_ok=True)
        command = [sys.executable, "-c", EXPORTING, str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as writer:
            assert writer.stdout is not None
            for _line in range(chance.randint(1, 20)):
                assert writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.005))
            writer.kill()
        assert not target.exists() or target.read_bytes() == whole


def test_no_place_of_a_file_is_given_away(study: Path, tmp_path: Path, run: Run) -> None:
    far = Camera("c" * 64, "ceiling.mp4", "D:/Patients/Doe, Jane/ceiling.mp4", 2.5)
    with Study.open(study, author="Ana") as opened:
        opened.apply(SetCameras(1, (), (far,)))
        opened.undo(1)
    assert run("export", study, "--format", "json", "--out", tmp_path / "out.json", "--unsealed")[0] == 0
    told = (tmp_path / "out.json").read_text(encoding="utf-8")
    assert "ceiling.mp4" in told
    assert "Doe" not in told
    assert str(tmp_path) not in told
