"""Which copies are kept: none goes that holds more than those that stay, whatever the clock says."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.semiology import FEATURES, Presence
from app.core.study import copy_thinning
from app.core.study.backup import Backup, backups
from app.core.study.copies import CopySummary, copy_summary
from app.core.study.copy_schedule import BY_HAND, CLOSING, HOURLY, MOST_BY_HAND
from app.core.study.copy_thinning import (
    BRANCHES,
    DAILY,
    DAYS,
    HOURS,
    WEEKS,
    CopyQuestions,
    ReadableCopy,
    to_remove,
)
from app.core.study.store import Study
from tests.core.study_cases import Clip, presence, tick

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
YEARS = timedelta(days=3700)


# the rule


@dataclass(frozen=True)
class _Step:
    """What happens between two copies."""

    wait: timedelta
    changes: int
    answers: int
    back: float | None = None
    """How far back in the history the study is put to a copy first (0 to 1)."""
    breaks: bool = False
    """Whether the history is broken before the copy, until the study is restored."""


_STEPS = st.builds(
    _Step,
    st.one_of(
        st.timedeltas(timedelta(0), timedelta(hours=3)),
        st.timedeltas(timedelta(hours=12), timedelta(days=9)),
        st.sampled_from((YEARS, -YEARS, timedelta(0), -timedelta(days=1))),
    ),
    st.integers(0, 5),
    st.integers(-3, 5),
    st.one_of(st.none(), st.none(), st.none(), st.floats(0, 1)),
    st.sampled_from((False, False, False, True)),
)


class _Simulated:
    """A study, its clock and its copies, without any file."""

    def __init__(self) -> None:
        self.now, self.answers, self.number, self.whole = NOON, 0, 0, True
        self.past: tuple[int, ...] = ()
        self.copies: dict[Path, tuple[ReadableCopy, tuple[int, ...]]] = {}
        self.broken: set[Path] = set()

    def do(self, step: _Step) -> list[tuple[ReadableCopy, tuple[int, ...]]]:
        """Take the step and make a copy; the copies that are removed."""
        if step.back is not None:
            self.past = self.past[: int(step.back * len(self.past))]
        self.whole = (self.whole or step.back is not None) and not step.breaks
        for _ in range(step.changes + (step.back is not None)):
            self.number += 1
            self.past = (*self.past, self.number)
        self.answers = max(0, self.answers + step.answers)
        self.now += step.wait
        head = str(self.past[-1]) if self.past else ""
        path = Path(f"copy {len(self.copies)} {self.number} {self.now} {step}")
        made = ReadableCopy(
            Backup(path, DAILY, self.now), CopySummary("a", len(self.past), head, self.answers)
        )
        self.copies[path] = made, self.past
        if not self.whole:
            self.broken.add(path)
        there = [kept for kept, _past in self.copies.values()]
        spare = to_remove(there, made, self.now, CopyQuestions(self.sound, self._contains))
        return [self.copies.pop(one.copy.path) for one in spare]

    def sound(self, one: ReadableCopy) -> bool:
        return one.copy.path not in self.broken

    def _contains(self, one: ReadableCopy, other: ReadableCopy) -> bool:
        longer, shorter = self.copies[one.copy.path][1], self.copies[other.copy.path][1]
        return longer[: len(shorter)] == shorter


@given(st.lists(_STEPS, max_size=60))
def test_whatever_the_clock_says_no_copy_goes_that_holds_more_than_those_that_stay(
    steps: list[_Step],
) -> None:
    study = _Simulated()
    most = (0, 0)
    for step in steps:
        removed = study.do(step)
        there = list(study.copies.values())
        assert there[-1][0].copy.at == study.now, "the copy of now is there"
        for gone, past in removed:
            assert any(
                kept_past[: len(past)] == past
                or (kept.held.changes >= gone.held.changes and kept.held.answers >= gone.held.answers)
                for kept, kept_past in there
                if study.sound(kept) or not study.sound(gone)
            )
        held = [kept.held for kept, _past in there]
        now = max(one.answers for one in held), max(one.changes for one in held)
        assert now[0] >= most[0]
        assert now[1] >= most[1]
        most = now
        assert len(there) <= 2 * (HOURS + DAYS + WEEKS) + BRANCHES + 3


def _after(moments: Iterable[datetime], changes: int = 0) -> list[datetime]:
    """The times of the copies that are there after one at each of the moments, each with one change more."""
    study, last = _Simulated(), NOON
    for moment in moments:
        study.do(_Step(moment - last, 1, 0))
        last = moment
    return sorted((kept.copy.at for kept, _past in study.copies.values()), reverse=True)


def test_of_a_hundred_days_seven_and_four_weeks_are_left() -> None:
    times = _after(NOON + timedelta(days=day) for day in range(100))
    ages = [(times[0] - one).days for one in times]
    assert ages[:DAYS] == list(range(DAYS))
    assert len(ages) == DAYS + WEEKS
    assert all(later - earlier <= 7 for earlier, later in pairwise(ages))


def test_of_a_day_of_work_one_an_hour_is_left() -> None:
    times = _after(NOON + timedelta(minutes=10 * number) for number in range(6 * 40))
    last_day = [one for one in times if times[0] - one < timedelta(days=1)]
    assert len(last_day) in {HOURS, HOURS + 1}
    assert len(times) <= HOURS + 3


def test_beyond_twelve_branches_none_goes_that_has_more_answers_than_those_with_more_changes() -> None:
    """The last two have fewer changes than all others; only the copy with further answers stays."""
    held_by = [(0, 90), (200, 10), *((100 + number, 10) for number in range(BRANCHES)), (5, 60), (4, 10)]
    copies = [
        ReadableCopy(
            Backup(Path(str(number)), HOURLY, NOON - timedelta(days=40)),
            CopySummary("a", changes, "x", answers),
        )
        for number, (changes, answers) in enumerate(held_by)
    ]
    asked = CopyQuestions(lambda _one: True, lambda _one, _other: False)
    assert to_remove(copies, copies[0], NOON, asked) == copies[-1:]


def test_large_studies_keep_fewer_hourly_copies() -> None:
    assert [copy_thinning.hours_for(size) for size in (0, 1 << 20, 100 << 20, 1 << 40)] == [
        HOURS,
        HOURS,
        10,
        2,
    ]


def test_a_copy_that_is_in_no_other_one_stays_although_its_day_has_a_richer_one() -> None:
    study = _Simulated()
    study.do(_Step(timedelta(0), 9, 9))
    study.do(_Step(timedelta(minutes=1), 1, -5, back=0.5))
    study.do(_Step(timedelta(minutes=1), 20, 20))
    branches = {kept.held.changes for kept, _past in study.copies.values()}
    assert 9 in branches, "what was undone by putting it back"


# on disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        tick(study, study.recording(Clip(tmp_path / "clip.mp4")), "tonic", Presence.YES)
    return place


def _dated(path: Path, at: datetime, what: str = DAILY) -> Path:
    """The copy under another date."""
    return path.rename(path.with_name(f"study-{what}-{at:%Y%m%dT%H%M%S%f}Z.sqlite"))


@pytest.mark.parametrize("years", [1, -1])
def test_copies_of_a_wrong_clock_do_not_cost_the_copy_of_today(folder: Path, years: int) -> None:
    with Study.open(folder, author="Ana") as study:
        for day in (0, 1, 2, 3, 4, 5, 6, 13, 20, 27, 34):
            made = study.back_up_if_due(NOON + timedelta(days=50))
            assert made is not None
            _dated(made, NOON + years * (YEARS - timedelta(days=day)))
        tick(study, 1, "tonic", Presence.NO)
        today = study.back_up_if_due(NOON)
        assert today is not None
        assert today.exists()
        assert study.back_up_if_due(NOON) is None
        tick(study, 1, "clonic", Presence.NO)
        tomorrow = study.back_up_if_due(NOON + timedelta(days=1))
        assert tomorrow is not None
        assert tomorrow.exists()


def test_two_copies_of_one_moment_are_two(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        first = study.back_up_now(NOON)
        content = first.read_bytes()
        tick(study, 1, "clonic", Presence.NO)
        second = study.back_up_now(NOON)
        assert first != second
        assert first.read_bytes() == content
        assert study.backups()[0].path == second


def _blank(folder: Path) -> Path:
    """A copy of another study that holds nothing."""
    with Study.open(folder, author="Bo") as study:
        return study.back_up_now(NOON)


def test_copies_of_another_study_take_no_copy_of_this_one_away(folder: Path, tmp_path: Path) -> None:
    blank = _blank(tmp_path / "other")
    with Study.open(folder, author="Ana") as study:
        for feature in FEATURES:
            tick(study, 1, feature.id, Presence.NO)
        oldest = study.back_up_if_due(NOON - timedelta(days=9))
        assert oldest is not None
        foreign = [Path(shutil.copy(blank, _place(folder, NOON - timedelta(days=day)))) for day in range(9)]
        made = study.back_up_if_due(NOON)
        assert made is not None, "that of the other study is none of today"
        for day in range(1, 30):
            study.back_up_if_due(NOON + timedelta(days=day))
            assert copy_summary(oldest) is not None or any(
                (of := copy_summary(one.path)) is not None and of.answers == 20 for one in study.backups()
            )
        assert all(path.exists() for path in foreign)


def _place(folder: Path, at: datetime) -> Path:
    return folder / "backups" / f"study-day-{at:%Y%m%dT%H%M%S%f}Z.sqlite"


def test_a_study_that_was_emptied_past_its_history_costs_no_copy_with_answers(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        for feature in FEATURES:
            tick(study, 1, feature.id, Presence.NO)
        full = study.back_up_if_due(NOON)
        assert full is not None
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute("DELETE FROM spans")
        connection.execute("DELETE FROM answers")
        connection.commit()
    with Study.open(folder, author="Ana") as study:
        for day in range(1, 60):
            study.back_up_if_due(NOON + timedelta(days=day))
    assert full.exists()


def test_a_damaged_copy_is_no_reason_to_remove_a_whole_one(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        first = study.back_up_if_due(NOON - timedelta(days=2))
        tick(study, 1, "clonic", Presence.NO)
        today = study.back_up_if_due(NOON)
        assert first is not None
        assert today is not None
        content = today.read_bytes()
        today.write_bytes(content[:4096] + bytes(len(content) - 4096))
        made = ReadableCopy(Backup(today, DAILY, NOON), CopySummary("a", 2, "", 2))
        assert study.back_up_if_due(NOON + timedelta(minutes=1)) is not None, "today's cannot be read"
        assert first.exists()
        assert made.copy.path.exists()


def test_hourly_and_closing_copies_are_made_after_changes_only(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        assert study.back_up_if_changed(HOURLY, NOON) is not None
        assert study.back_up_if_changed(CLOSING, NOON) is None
        tick(study, 1, "clonic", Presence.NO)
        assert study.back_up_if_changed(CLOSING, NOON + timedelta(minutes=1)) is not None
        assert study.back_up_if_changed(HOURLY, NOON + timedelta(minutes=2)) is None
        assert len(study.backups()) == 1, "the earlier one of this hour is in the later one"
        assert presence(study, 1, "clonic") is Presence.NO
    with Study.open(folder, author="Ana"), Study.open(folder, author="Bo") as second:
        assert second.back_up_if_changed(HOURLY) is None


def test_copies_on_request_are_bounded_in_number(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        for number in range(MOST_BY_HAND + 5):
            tick(study, 1, "clonic", (Presence.NO, Presence.YES)[number % 2])
            last = study.back_up_now(NOON + timedelta(minutes=number))
            assert last.exists()
        assert len(study.backups()) == MOST_BY_HAND
        study.back_up_if_due(NOON + timedelta(days=1))
        assert len([one for one in backups(folder) if one.what == BY_HAND]) == MOST_BY_HAND


def test_copies_of_a_study_whose_history_is_broken_cost_no_copy_that_is_whole(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        whole = study.back_up_if_due(NOON)
        assert whole is not None
        with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
            guard = "SELECT sql FROM sqlite_master WHERE name = 'history_rows_keep'"
            (guard,) = connection.execute(guard).fetchone()
            connection.execute("DROP TRIGGER history_rows_keep")
            connection.execute("UPDATE history SET why = 'x' WHERE seq = 1")
            connection.execute(guard)
            connection.commit()
        for day in range(30):
            tick(study, 1, "clonic", (Presence.NO, Presence.YES)[day % 2])
            study.back_up_if_changed(HOURLY, NOON + timedelta(days=day, minutes=1))
            study.back_up_if_due(NOON + timedelta(days=day, minutes=2))
        assert whole.exists()
        assert len(study.backups()) <= DAYS + WEEKS + BRANCHES + 4
