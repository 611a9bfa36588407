"""Answers that were changed after unblinding: which they are, and that figures do without them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.agreement.compare_readers import compare_every_pair, compare_readers
from app.core.agreement.comparison_choice import Choice
from app.core.agreement.study_readings import count_changed, visible_recordings
from app.core.errors import UserError
from app.core.evaluation.methods_text import methods_text
from app.core.evaluation.study_results import ResultsChoice, results_of_study
from app.core.exchange.codec import Source
from app.core.exchange.export_study import export_study
from app.core.exchange.formats import FORMATS
from app.core.exchange.long_table import CHANGED
from app.core.jobs import CancelToken, no_report
from app.core.report.reviewed_recording import review_recording
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.blind_readings import AnswersUsed, blind_readings, describe_changed
from app.core.study.edits import RateExplanation, SetBlindByDefault, SetNote
from app.core.study.history_search import HistoryFilter
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import every_reader, reader_named
from tests.core import hostile_studies
from tests.core.blind_cases import BO, NO, YES, change, changed_study, lock_all, read_blind
from tests.core.study_cases import ANA, Clip

NOT_USED = "2 answers were changed after unblinding and are not used: what was read blind counts as locked."
LOCKED, NOW = AnswersUsed.LOCKED, AnswersUsed.NOW


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with changed_study(tmp_path / "ward") as study:
        yield study


def study_of_silent_reader(folder: Path) -> Study:
    """Ana has locked and seen the others' answers, and never answered anything."""
    study = Study.open(folder, author="Ana")
    study.apply(SetBlindByDefault(True, True))
    study.recording(Clip(folder.parent / "one.mp4", fingerprint="o" * 64))
    lock_all(study, ANA)
    return study


def tonic(study: Study, used: AnswersUsed) -> list[Presence | None]:
    found = visible_recordings(study, every_reader(study), used=used)
    return [one.answer("tonic").presence for each in found for one in each.readings if one.reader == ANA]


def changed(study: Study, number: int = 1) -> tuple[str, ...]:
    return blind_readings(study, number, study.readings(number, viewer=None))[ANA.exact_key].changed


def test_what_was_locked_and_what_was_changed_follow_from_the_history(study: Study) -> None:
    assert tonic(study, LOCKED) == [NO, NO]
    assert tonic(study, NOW) == [YES, YES]
    assert changed(study) == ("tonic",)
    change(study, 1, Answer("clonic", NO, evidence=(Span(1, 2),)))
    assert changed(study) == ("tonic", "clonic"), "another span is another answer"
    study.apply(SetNote(1, ANA, "pelvic_thrusting", "", "seen again"))
    change(study, 1, Answer("clonic", NO))
    assert changed(study) == ("tonic",), "what was taken back is as it was, and a note is not an answer"
    found = visible_recordings(study, every_reader(study))
    assert [each.changed for each in found] == [{ANA.exact_key: 1, BO.exact_key: 0}] * 2
    assert study.verify_history() == ()


def test_what_was_not_read_blind_counts_as_it_is(tmp_path: Path) -> None:
    with read_blind(tmp_path / "open") as study:
        study.apply(SetBlindByDefault(True, False))
        lock_all(study, ANA)
        change(study, 1, Answer("tonic", YES))
        assert tonic(study, LOCKED) == [YES, NO]
        assert count_changed(visible_recordings(study, every_reader(study))) == 0
        assert not any(row.after_unblinding for row in study.history_page(viewers=()).rows)


def test_nothing_is_said_of_it_to_who_has_not_locked(tmp_path: Path) -> None:
    with read_blind(tmp_path / "ward") as study:
        lock_all(study, ANA)
        change(study, 1, Answer("tonic", YES))
        assert count_changed(visible_recordings(study, reader_named(study, "Ana"))) == 1
        assert count_changed(visible_recordings(study, reader_named(study, "Bo"))) == 0
        assert reader_named(study, "bo\u200b") == reader_named(study, "Bo")
        rows = study.history_page(HistoryFilter(recording_id=1), viewers=(BO,)).rows
        assert not any(row.after_unblinding for row in rows)
        with pytest.raises(UserError) as error:
            results_of_study(study, reader_named(study, "Bo"), ResultsChoice(), cancel=CancelToken())
        assert "unblinding" not in str(error.value)


def test_what_was_locked_and_cannot_be_read_counts_as_nothing(study: Study, tmp_path: Path) -> None:
    one = f"subject = 'lock' AND reader = '{ANA.exact_key}' AND recording = '{'o' * 64}'"
    shutil.copytree(study.folder, tmp_path / "damaged")
    assert hostile_studies.put(tmp_path / "damaged", "history", "new", "[]", where=one)
    with Study.open(tmp_path / "damaged", author="Ana") as damaged:
        assert (tonic(damaged, LOCKED), tonic(damaged, NOW)) == ([NO], [YES, YES])
        found = visible_recordings(damaged, every_reader(damaged), used=LOCKED)
        assert [each.withheld for each in found] == [0, 0], "nothing is sealed"
        assert count_changed(found) == 1
        first, second = (
            review_recording(damaged, row, every_reader(damaged)) for row in damaged.recordings()
        )
        assert [ANA in [each.reader for each in one.compared] for one in (first, second)] == [False, True]
        (said,) = (each.blinding for each in first.reported if each.reader == ANA)
        assert said.endswith("what was locked cannot be read, so it is in no figure of agreement.")
        assert any("said when the reading was locked" in fault for fault in damaged.faults())


def test_agreement_is_of_what_was_locked_unless_asked_otherwise(study: Study) -> None:
    viewer = every_reader(study)
    locked, now = compare_every_pair(study, viewer), compare_every_pair(study, viewer, NOW)
    for pair, shares in ((("Ana", "signal"), (0.0, 1.0)), (("Ana", "Bo"), (1.0, 0.0))):
        same = [found.pairs[pair].features["tonic"].figures.percent.value for found in (locked, now)]
        assert tuple(same) == shares
    assert (locked.used, locked.changed, now.used, now.changed) == (LOCKED, 2, NOW, 2)
    for used, same_presence in ((LOCKED, False), (NOW, True)):
        choice = Choice(("Ana", "signal"), used=used)
        shown = compare_readers(study, viewer, choice, cancel=CancelToken())
        assert shown.comparison is not None
        counts = shown.comparison.features["tonic"].figures.counts
        assert (counts.yes_yes == 2) is same_presence
        assert (shown.used, shown.changed) == (used, 2)


def test_who_has_withdrawn_everything_since_is_in_the_report_s_agreement_too(study: Study) -> None:
    """`semioscope agreement` counts what they locked; the report must not disagree with it."""
    for feature in FEATURES:
        change(study, 1, Answer(feature.id))
    first, *_others = study.recordings()
    reviewed = review_recording(study, first, every_reader(study))
    counted = {one.reader.name: one for one in reviewed.compared}
    assert counted["Ana"].answer("tonic").presence is NO, "as it was locked"
    (compared, _second) = visible_recordings(study, every_reader(study), used=LOCKED)
    assert {one.reader.name for one in compared.readings} == counted.keys()
    (said,) = (one.blinding for one in reviewed.reported if one.reader == ANA)
    assert said.endswith("20 answers changed since the lock.")
    with study_of_silent_reader(study.folder.parent / "silent") as silent:
        (row,) = silent.recordings()
        assert not review_recording(silent, row, every_reader(silent)).reported, "nothing was ever said"


def test_scores_are_of_what_was_locked_unless_asked_otherwise(study: Study) -> None:
    viewer, cancel = every_reader(study), CancelToken()
    for used, right in ((LOCKED, 0), (NOW, 2)):
        found = results_of_study(study, viewer, ResultsChoice("Ana", used=used), cancel=cancel).evaluation
        assert int(found.readers["signal"].features["tonic"].counts[1, 1]) == right
        (said,) = describe_changed(2, used)
        assert found.remarks[0] == said
        assert said in methods_text(found)
        assert (found.used, found.changed) == (used, 2)
    of_bo = results_of_study(study, viewer, ResultsChoice("Bo"), cancel=cancel).evaluation
    assert of_bo.remarks[0] == NOT_USED


@pytest.mark.parametrize(
    ("count", "used", "said"),
    [
        (1, LOCKED, "1 answer was changed after unblinding and is not used: what was read blind counts"),
        (2, LOCKED, NOT_USED),
        (1, NOW, "1 answer was changed after unblinding and counts as it is now, so these figures are not"),
        (3, NOW, "3 answers were changed after unblinding and count as they are now, so these figures are"),
    ],
)
def test_one_sentence_says_how_they_count(count: int, used: AnswersUsed, said: str) -> None:
    (sentence,) = describe_changed(count, used)
    assert sentence.startswith(said)
    assert describe_changed(0, used) == ()


def test_the_history_says_which_changes_came_after_unblinding(study: Study) -> None:
    study.apply(SetNote(1, ANA, "tonic", "", "now I see it"))
    study.apply(RateExplanation(1, ANA, "tonic", BO, None, Rating(3)))
    for _ in range(2):
        study.undo(1)
    rows = study.history_page(HistoryFilter(recording_id=1), viewers=()).rows
    said = [row.what for row in rows if row.after_unblinding]
    assert said == ["note, undone, after unblinding", "note, after unblinding", "answer, after unblinding"]
    kept = {row.seq: row for row in study.history(viewer=None)}
    assert all(row.entry == kept[row.entry.seq] for row in rows), "the stored rows are as they were"
    assert study.verify_history() == ()


@pytest.mark.parametrize("format_id", ["csv-long", "json"])
def test_a_file_has_the_answers_as_they_are_and_says_which_were_changed(
    study: Study, tmp_path: Path, format_id: str
) -> None:
    change(study, 1, Answer("tonic", YES, evidence=(Span(1, 2), Span(3, 4))))
    target = tmp_path / f"out.{FORMATS[format_id].suffix}"
    viewer = every_reader(study)
    export_study(study, viewer, format_id, target, report=no_report, cancel=CancelToken())
    found = list(_said(target))
    both = ("one.mp4", "Ana", "tonic"), ("two.mp4", "Ana", "tonic")
    assert set(found) == set(both)
    taken = FORMATS[format_id].codec.read(Source(target.name, target.read_bytes()))
    assert taken.remarks == ()
    read = [one for one in taken.bundle.readings if one.reader.name == "Ana"]
    assert [one.answer("tonic").presence for one in read] == [YES, YES]


def _said(path: Path) -> Iterator[tuple[str, str, str]]:
    """Recording, reader and feature of each answer that a file calls changed."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".csv":
        for row in csv.DictReader(text.splitlines()):
            assert row["after_unblinding"] in ("", CHANGED)
            if row["after_unblinding"]:
                yield row["recording"], row["reader"], row["feature"]
        return
    for recording in json.loads(text)["recordings"]:
        for reading in recording["readings"]:
            for feature in reading.get("changed_after_unblinding", ()):
                yield recording["name"], reading["reader"]["name"], feature
