"""The seal of a course: no key is anywhere before its answer, and none is exchanged unnoticed."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.semiology import Answer, Span
from app.core.teaching import key_sealing
from app.core.teaching.case_key import CaseKey, key_from_bytes, key_to_bytes
from app.core.teaching.course import CourseRules, FeedbackTime, Sitting, TeachingCard, cards_of
from app.core.teaching.course_file import KEYS, CourseFolder, open_course
from app.core.teaching.course_results import result_lines, results_to_dict
from app.core.teaching.key_opening import open_foil, open_key, opened_keys
from app.core.teaching.key_sealing import SEALED_SIZE, practice_secret, unseal_key
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog, learners_of
from app.core.teaching.practice import PracticeSession
from tests.core.study_folders import folder_contents
from tests.core.teaching_courses import (
    MONDAY,
    NO,
    PASSPHRASE,
    YES,
    SteppingClock,
    a_key,
    case_name,
    generated_keys,
    make_course,
    plain_keys,
    results_of,
)

FIRST = TeachingCard(case_name(0), "tonic")


@pytest.fixture(autouse=True)
def _fast_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sealing, "_SCRYPT_COST", 16)


def sealed_texts(keys: Iterable[CaseKey]) -> set[bytes]:
    """What only the keys say: words, notes, names and times."""
    texts: set[bytes] = set()
    for key in keys:
        answers = [one.answer for one in key.answers.values()] + list((key.foil or {}).values())
        texts |= {
            text.encode() for text in (key.note, key.expert, *(one.explanation for one in answers)) if text
        }
        texts |= {
            json.dumps(text)[1:-1].encode() for text in (key.note, *(one.explanation for one in answers))
        }
        texts |= {repr(span.end).encode() for one in answers for span in one.evidence if span.duration}
        chosen = (one.span for one in (key.lookalikes or {}).values())
        texts |= {repr(span.end).encode() for span in chosen if span is not None}
    return {text for text in texts if len(text) > 4}


def seen_by_a_learner(folder: CourseFolder) -> bytes:
    """Every byte and every name in the folder, and what commands would print and export of it."""
    contents = folder_contents(folder.path)
    told = [name.encode() + b"\n" + content for name, content in contents.items()]
    results = results_of(folder)
    told += [json.dumps(results_to_dict(folder.course, results), ensure_ascii=False).encode()]
    told += ["\n".join(result_lines(folder.course, results)).encode()]
    told += [repr(folder).encode()]
    return b"\n".join(told)


@settings(deadline=None, max_examples=25)
@given(st.lists(generated_keys(), min_size=1, max_size=3))
def test_before_the_answer_a_key_is_nowhere(keys: list[CaseKey]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = make_course(Path(place) / "c", keys)
        LearnerLog.open(folder, "Ana").close()
        seen = seen_by_a_learner(open_course(folder.path))
        assert not [text for text in sealed_texts(keys) if text in seen]


@settings(deadline=None, max_examples=25)
@given(generated_keys(), st.randoms(use_true_random=False))
def test_an_answer_opens_its_own_card_alone(key: CaseKey, source: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = make_course(Path(place) / "c", [key])
        cards = cards_of(folder.course.cases)
        answered = {cards[0]}
        assert open_key(folder, cards[0], answered).key == key.answers[cards[0].feature]
        assert open_key(folder, cards[0], answered).note == (key.note if len(cards) == 1 else "")
        for card in cards[1:]:
            with pytest.raises(UserError, match="after you have answered"):
                open_key(folder, card, answered)
            with pytest.raises(UserError, match="after you have answered"):
                open_foil(folder, card, answered)
        assert open_key(folder, cards[0], set(cards)).note == key.note


@settings(deadline=None, max_examples=25)
@given(generated_keys(), generated_keys())
def test_the_bytes_of_a_course_say_nothing_about_its_keys(one: CaseKey, other: CaseKey) -> None:
    """Two courses that differ in nothing but what the experts said differ in nothing but sealed bytes."""
    other = a_key(
        *(Answer(name, NO if one.answers[name].answer.presence is YES else YES) for name in one.answers),
        note=other.note,
    )
    with tempfile.TemporaryDirectory() as place:
        known = [
            folder_contents(make_course(Path(place) / name, [key]).path)
            for name, key in (("a", one), ("b", other))
        ]
    open_parts = [
        {name: re.sub(rb'"[0-9a-f]{32}"', b"", text) for name, text in each.items() if KEYS not in name}
        for each in known
    ]
    assert open_parts[0] == open_parts[1]
    assert {len(text) for each in known for name, text in each.items() if KEYS in name} == {SEALED_SIZE}


@given(generated_keys())
def test_a_key_is_read_as_it_was_written(key: CaseKey) -> None:
    assert key_from_bytes(key_to_bytes(key)) == key


def test_a_test_is_opened_by_its_passphrase_alone(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(2), passphrase=PASSPHRASE)
    with pytest.raises(UserError, match="teacher opens the keys"):
        open_key(folder, FIRST, {FIRST})
    with pytest.raises(UserError, match="teacher opens the keys"):
        opened_keys(folder, {FIRST}, None)
    with pytest.raises(UserError, match="cannot be opened"):
        opened_keys(folder, {FIRST}, PASSPHRASE + ".")
    sealed = folder.key(folder.course.cases[0]).read_bytes()
    with pytest.raises(UserError, match="cannot be opened"):
        unseal_key(sealed, practice_secret(folder.course.salt), folder.course.id, folder.course.cases[0])
    assert set(opened_keys(folder, {FIRST}, PASSPHRASE)) == {FIRST}
    assert PASSPHRASE.encode() not in b"".join(folder_contents(folder.path).values())


def test_a_short_passphrase_protects_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at least 12"):
        make_course(tmp_path / "c", plain_keys(1), passphrase="short")


def test_a_key_of_another_case_or_course_is_not_taken(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "a", plain_keys(2))
    one, two = folder.course.cases
    folder.key(one).write_bytes(folder.key(two).read_bytes())
    with pytest.raises(UserError, match="cannot be opened"):
        open_key(folder, FIRST, {FIRST})
    other = make_course(tmp_path / "b", plain_keys(2))
    folder.key(one).write_bytes(other.key(one).read_bytes())
    with pytest.raises(UserError, match="cannot be opened"):
        open_key(folder, FIRST, {FIRST})


@pytest.mark.parametrize(
    "content", [b"", b"semioscope-key/2\n".ljust(SEALED_SIZE, b"x"), b"x" * SEALED_SIZE * 2]
)
def test_a_key_that_is_none_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1))
    folder.key(folder.course.cases[0]).write_bytes(content)
    with pytest.raises(UserError):
        open_key(folder, FIRST, {FIRST})


def test_a_course_without_a_key_and_a_key_that_is_a_link(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1))
    key = folder.key(folder.course.cases[0])
    kept = key.rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="no key for this case"):
        open_key(folder, FIRST, {FIRST})
    key.symlink_to(kept)
    with pytest.raises(UserError, match="link"):
        open_key(folder, FIRST, {FIRST})


def test_a_case_without_key_or_clip_costs_that_case_alone(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(3, ["tonic"]))
    one, two, three = folder.course.cases
    with LearnerLog.open(folder, "Ana") as log:
        for case in (one, two, three):
            card = TeachingCard(case.id, "tonic")
            log.append(LearnerAnswer(card, Answer("tonic", YES), MONDAY))
        folder.key(one).unlink()
        folder.clip(two).unlink()
        session = PracticeSession(folder, log, clock=SteppingClock())
        for _ in range(3):
            asked = session.next_card(beyond_due=True)
            assert asked is not None
            assert asked.case == three.id
            session.submit(asked, Answer("tonic", YES))
    (result,) = results_of(folder)
    assert (result.sittings[Sitting.PRACTICE].n, result.unscored) == (2, 1)
    for case in (two, three):
        folder.key(case).unlink()
    with pytest.raises(UserError, match="no key for this case"):
        results_of(folder)
    assert len(learners_of(folder)[0].answers) == 6


def test_a_note_that_does_not_fit_is_refused_and_not_cut(tmp_path: Path) -> None:
    long = Answer("tonic", YES, evidence=tuple(Span(at, at + 0.5) for at in range(3000)))
    with pytest.raises(UserError, match="too long to be sealed"):
        make_course(tmp_path / "c", [a_key(long)])


def test_a_session_gives_no_key_before_the_answer_is_kept(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(2, ["tonic"]))
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        card = session.next_card()
        assert card is not None
        with pytest.raises(UserError, match="after you have answered"):
            session.feedback(card)
        log_file = next((folder.path / "learners").rglob("answers.jsonl"))
        log_file.rename(log_file.with_suffix(".kept"))
        log_file.mkdir()
        with pytest.raises(UserError):
            session.submit(card, Answer("tonic", YES))
        with pytest.raises(UserError, match="after you have answered"):
            session.feedback(card)


def test_with_feedback_at_the_end_no_key_is_shown_before(tmp_path: Path) -> None:
    rules = CourseRules(("tonic",), FeedbackTime.AT_END, session=2)
    folder = make_course(tmp_path / "c", plain_keys(4, ["tonic"]), rules)
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        first = session.next_card()
        assert first is not None
        session.submit(first, Answer("tonic", YES))
        if session.next_card() is not None:
            with pytest.raises(UserError, match="end of the session"):
                session.feedback(first)
        while (card := session.next_card()) is not None:
            session.submit(card, Answer("tonic", NO))
        assert session.feedback(first).own.presence is YES


def test_a_models_answer_comes_after_the_own_and_the_key_after_the_decision(tmp_path: Path) -> None:
    key = a_key(Answer("tonic", YES), foil=[Answer("tonic", NO)])
    folder = make_course(tmp_path / "c", [key])
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        assert session.foil(FIRST) is None
        with pytest.raises(UserError, match="no other answer"):
            session.keep_or_change(FIRST, Answer("tonic", NO))
        foil = session.submit(FIRST, Answer("tonic", YES))
        assert foil is not None
        assert foil.answer.presence is NO
        with pytest.raises(UserError, match="keep or change"):
            session.feedback(FIRST)
        session.keep_or_change(FIRST, Answer("tonic", NO))
        assert session.feedback(FIRST).score.right
    (result,) = results_of(folder)
    assert (result.foil.given_up, result.foil.mended) == (1, 0)
