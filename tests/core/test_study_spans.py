"""One span among many is changed by itself: nothing else is written, and every other rule holds as before."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.semiology import Answer, Laterality, Presence, Span, joined
from app.core.study import schema
from app.core.study.edits import ChangeSpans, Conflict, LockReading, SetAnswer, SetVerdict
from app.core.study.history_search import HistoryFilter
from app.core.study.spans import draw_span, holds_span, replace_spans
from app.core.study.store import Study
from app.core.study.verdict import Verdict, verdict_of
from tests.core.study_cases import ANA, Clip

YES = Presence.YES
_ENDS = st.sampled_from([0.0, 0.1 + 0.2, 1.0, 2.5, 7.0])
_SPANS = st.tuples(_ENDS, _ENDS).map(lambda ends: Span(min(ends), max(ends)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clip.semioscope"


def _with(study: Study, *spans: Span) -> int:
    recording = study.recording(Clip(study.folder.parent / "clip.mp4"))
    study.apply(SetAnswer(recording, ANA, Answer("tonic"), Answer("tonic", YES, 70, spans)))
    return recording


def _evidence(study: Study, recording: int) -> tuple[Span, ...]:
    return study.reading(recording, ANA, viewer=None).answer("tonic").evidence


def _change(
    study: Study, recording: int, before: tuple[Span, ...], after: tuple[Span, ...], why: str = ""
) -> None:
    study.apply(ChangeSpans(recording, ANA, "tonic", before, after), why=why)


def test_a_span_is_added_moved_and_removed_and_all_of_it_undone(folder: Path) -> None:
    first, second, third = Span(1, 2), Span(5, 6), Span(8, 9)
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, first)
        steps = [((), (second,)), ((second,), (third,)), ((first, third), (Span(1, 9),)), ((Span(1, 9),), ())]
        said = [_evidence(study, recording)]
        for before, after in steps:
            _change(study, recording, before, after)
            said.append(_evidence(study, recording))
        assert said == [(first,), (first, second), (first, third), (Span(1, 9),), ()]
        assert study.reading(recording, ANA, viewer=None).answer("tonic") == Answer("tonic", YES, 70)
    with Study.open(folder, author="Ana") as study:
        for former in reversed(said[:-1]):
            assert study.undo(recording) is not None
            assert _evidence(study, recording) == former
        for later in said[1:]:
            assert study.redo(recording) is not None
            assert _evidence(study, recording) == later
        assert study.verify_history() == ()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_SPANS, max_size=5), st.lists(st.tuples(st.integers(0, 9), st.none() | _SPANS), max_size=12))
def test_changes_of_spans_lead_where_whole_answers_would(
    tmp_path_factory: pytest.TempPathFactory, spans: list[Span], wishes: list[tuple[int, Span | None]]
) -> None:
    folder = tmp_path_factory.mktemp("study")
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, *spans)
        said = [_evidence(study, recording)]
        for number, span in wishes:
            held = said[-1]
            before = held[number : number + 1]
            after = () if span is None else (span,)
            if before == after:
                continue
            _change(study, recording, before, after)
            wanted = list(held)
            for one in before:
                wanted.remove(one)
            said.append(tuple(sorted([*wanted, *after])))
            assert _evidence(study, recording) == said[-1]
        for former in reversed(said[:-1]):
            assert study.undo(recording) is not None
            assert _evidence(study, recording) == former
        for later in said[1:]:
            assert study.redo(recording) is not None
            assert _evidence(study, recording) == later
        assert study.verify_history() == ()


def test_a_change_of_one_span_writes_no_other(folder: Path) -> None:
    many = tuple(Span(float(number), number + 0.5) for number in range(2000))
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, *many)
        _change(study, recording, (many[700],), (Span(700.1, 700.7),), why="dragged")
        row = study.history(viewer=None)[-1]
        assert (row.subject, row.feature, row.why) == ("spans", "tonic", "dragged")
        assert (json.loads(row.old), json.loads(row.new)) == ([[700.0, 700.5]], [[700.1, 700.7]])
        assert len(_evidence(study, recording)) == 2000
        (shown,) = study.history_page(HistoryFilter(subject="spans"), viewers=()).rows
        assert (shown.old, shown.new) == ("700.00–700.50 s", "700.10–700.70 s")
        assert study.verify_history() == ()


def test_what_is_not_there_cannot_be_changed_and_nothing_is_written(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2), Span(3, 4))
        for gone in ((Span(1, 2.5),), (Span(1, 2), Span(9, 9)), (Span(1, 2), Span(1, 2))):
            with pytest.raises(Conflict):
                _change(study, recording, gone, (Span(5, 6),))
        assert _evidence(study, recording) == (Span(1, 2), Span(3, 4))
        assert len(study.history(viewer=None)) == 1
        assert study.verify_history() == ()


def test_two_programs_change_different_spans_of_one_answer(folder: Path) -> None:
    with Study.open(folder, author="Ana") as window, Study.open(folder, author="Bo", shared=True) as beside:
        recording = _with(window, Span(1, 2), Span(3, 4))
        seen = window.others_changes()
        _change(window, recording, (Span(1, 2),), (Span(1, 2.2),))
        assert window.others_changes() == seen, "its own changes are not somebody else's"
        _change(beside, recording, (Span(3, 4),), (Span(3, 4.4),))
        assert window.others_changes() != seen
        assert _evidence(window, recording) == (Span(1, 2.2), Span(3, 4.4))
        assert window.undo(recording) is not None
        assert _evidence(window, recording) == (Span(1, 2), Span(3, 4.4))
        assert window.verify_history() == ()


def test_whoever_writes_on_a_share_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.study.database.on_network_share", lambda _path: True)
    with Study.open(folder, author="Ana") as window:
        seen = window.others_changes()
        with closing(sqlite3.connect(folder / "study.sqlite", isolation_level=None)) as writing:
            writing.execute("BEGIN EXCLUSIVE")
            assert window.others_changes(wait=False) is None
            with pytest.raises(UserError, match="busy"):
                window.others_changes()
            writing.execute("ROLLBACK")
        assert window.others_changes(wait=False) == seen


def test_an_undo_of_a_span_that_somebody_else_moved_is_passed_over(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2))
        _change(study, recording, (), (Span(3, 4),))
        study.change_author("Bo")
        _change(study, recording, (Span(3, 4),), (Span(3, 5),))
        study.change_author("Ana")
        assert study.undo(recording) is None
        assert _evidence(study, recording) == (Span(1, 2), Span(3, 5))


def test_a_locked_reading_takes_no_change_of_a_span(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2))
        study.apply(LockReading(recording, ANA))
        with pytest.raises(UserError, match="locked"):
            _change(study, recording, (Span(1, 2),), ())
        said = study.answers_at_lock(recording, ANA, viewer=None)
        assert said is not None
        assert said.reading.answer("tonic").evidence == (Span(1, 2),)


def test_what_an_answer_says_is_changed_without_its_evidence(folder: Path) -> None:
    spans = tuple(Span(float(number), number + 0.5) for number in range(500))
    said = [
        Verdict(YES, 70),
        Verdict(Presence.NO, 70, None, "not seen"),
        Verdict(None, None, Laterality.LEFT),
        Verdict(),
        Verdict(YES, 0, Laterality.BOTH, "ä – “ü”"),
    ]
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, *spans)
        for before, after in pairwise(said):
            study.apply(SetVerdict(recording, ANA, "tonic", before, after))
            answer = study.reading(recording, ANA, viewer=None).answer("tonic")
            assert (verdict_of(answer), answer.evidence) == (after, spans)
        rows = study.history(viewer=None)[1:]
        assert {row.subject for row in rows} == {"verdict"}
        assert max(len(row.new) for row in rows) < 150
        shown = study.history_page(HistoryFilter(subject="verdict"), viewers=()).rows
        assert [row.new for row in shown][1:3] == ["unanswered", "unanswered · left"]
        assert study.verify_history() == ()
    with Study.open(folder, author="Ana") as study:
        for before in reversed(said[:-1]):
            assert study.undo(recording) is not None
            assert verdict_of(study.reading(recording, ANA, viewer=None).answer("tonic")) == before
        for after in said[1:]:
            assert study.redo(recording) is not None
            assert verdict_of(study.reading(recording, ANA, viewer=None).answer("tonic")) == after
        assert _evidence(study, recording) == spans
        assert study.verify_history() == ()


def test_a_verdict_that_is_not_there_any_more_is_a_conflict_and_a_lock_holds(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2))
        with pytest.raises(Conflict):
            study.apply(SetVerdict(recording, ANA, "tonic", Verdict(YES, 71), Verdict(Presence.NO)))
        study.apply(SetVerdict(recording, ANA, "clonic", Verdict(), Verdict(Presence.NO)))
        study.apply(LockReading(recording, ANA))
        with pytest.raises(UserError, match="locked"):
            study.apply(SetVerdict(recording, ANA, "tonic", Verdict(YES, 70), Verdict(Presence.NO)))
        assert study.reading(recording, ANA, viewer=None).answer("clonic") == Answer("clonic", Presence.NO)
        assert study.verify_history() == ()
    with pytest.raises(ValueError, match="confidence"):
        SetVerdict(1, ANA, "tonic", Verdict(), Verdict(YES, 101))


def test_a_verdict_that_bypassed_the_history_is_found(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2))
        study.apply(SetVerdict(recording, ANA, "tonic", Verdict(YES, 70), Verdict(Presence.NO)))
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute("UPDATE answers SET presence = 'yes'")
        connection.commit()
    with Study.open(folder, author="Ana") as study:
        assert [broken.what for broken in study.verify_history()] == [
            "what the study holds for “tonic” differs from its history"
        ]


def test_the_same_span_twice_stays_twice_and_one_can_go(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2), Span(1, 2))
        _change(study, recording, (Span(1, 2),), ())
        assert _evidence(study, recording) == (Span(1, 2),)
        study.undo(recording)
        assert _evidence(study, recording) == (Span(1, 2), Span(1, 2))
        assert study.verify_history() == ()


def test_a_span_of_what_was_never_answered_can_be_kept_and_taken_back(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        _change(study, recording, (), (Span(1, 2),))
        assert study.reading(recording, ANA, viewer=None).answer("tonic") == Answer(
            "tonic", evidence=(Span(1, 2),)
        )
        study.undo(recording)
        assert study.reading(recording, ANA, viewer=None).answers == {}
        assert study.verify_history() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE spans SET ends = 2.25 WHERE begins = 1",
        "DELETE FROM spans WHERE begins = 3",
        "INSERT INTO spans SELECT recording_id, reader_id, feature, 7.0, 8.0 FROM answers",
        "INSERT INTO spans SELECT * FROM spans",
        "UPDATE spans SET begins = -1",
    ],
)
def test_a_span_that_bypassed_the_history_is_found(folder: Path, statement: str) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = _with(study, Span(1, 2))
        _change(study, recording, (), (Span(3, 4),))
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()
    with Study.open(folder, author="Ana") as study:
        (broken,) = study.verify_history()
        assert broken.what == "what the study holds for “evidence for tonic” differs from its history"
        assert broken.seq == 2


def test_every_time_is_the_same_to_the_bit_after_the_move_into_their_own_table(tmp_path: Path) -> None:
    """SQLite would read some numbers out of JSON one bit beside what was written."""
    chance = random.Random(5)
    spans = sorted(
        Span(start, start + chance.uniform(0, 9)) for start in (chance.uniform(0, 1e5) for _ in range(3000))
    )
    folder = tmp_path / "clip.semioscope"
    folder.mkdir()
    stored = Path(__file__).parent / "studies" / "version_2.sql"
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
        text = json.dumps([[span.start, span.end] for span in spans])
        connection.execute("UPDATE answers SET evidence = ? WHERE feature = 'clonic'", (text,))
        connection.commit()
    with Study.open(folder, author="Ana") as study:
        assert study.reading(1, ANA, viewer=None).answer("clonic").evidence == tuple(spans)


def test_a_study_whose_evidence_cannot_be_read_is_not_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "clip.semioscope"
    folder.mkdir()
    stored = Path(__file__).parent / "studies" / "version_2.sql"
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
        connection.execute("UPDATE answers SET evidence = 'not json' WHERE feature = 'clonic'")
        connection.commit()
    with pytest.raises(UserError, match="answer for clonic is malformed"):
        Study.open(folder, author="Ana")
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        assert schema.stored_version(connection) == 2


# pure


@given(st.lists(_SPANS, max_size=6, unique=True), _SPANS)
def test_what_is_drawn_becomes_one_with_all_that_it_meets(spans: list[Span], span: Span) -> None:
    answer = Answer("tonic", YES, evidence=joined(tuple(spans)))
    met, whole = draw_span(answer, span)
    after = replace_spans(answer, met, (whole,))
    assert after.evidence == joined((*answer.evidence, span))
    assert holds_span(after, whole)
    assert all(holds_span(answer, one) for one in met)


def test_what_it_does_not_meet_stays_as_it_is() -> None:
    answer = Answer("tonic", YES, evidence=(Span(1, 3), Span(2, 4), Span(8, 9)))
    assert draw_span(answer, Span(6, 7)) == ((), Span(6, 7))
    assert draw_span(answer, Span(4, 5)) == ((Span(1, 3), Span(2, 4)), Span(1, 5))
