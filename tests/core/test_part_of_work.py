"""What remains of work of several parts, from what one of them says of itself."""

from __future__ import annotations

import pytest

from app.core.jobs import Progress, part_of


def test_what_comes_after_the_part_is_counted() -> None:
    said: list[Progress] = []
    times = iter([100.0, 110.0, 110.0])
    report = part_of(said.append, 0.0, 0.25, lambda: next(times))
    report(Progress("Finding pose", 0.5, 10.0))
    report(Progress("Finding pose", 0.5))
    assert said[0].done == 0.125
    assert said[0].remaining == pytest.approx(10.0 + 20.0 * 3)
    assert said[1].remaining is None


def test_of_the_last_part_it_is_its_own() -> None:
    said: list[Progress] = []
    part_of(said.append, 0.3, 1.0, lambda: 5.0)(Progress("Hiding", 1.0, 8.0))
    assert said == [Progress("Hiding", 1.0, 8.0)]
