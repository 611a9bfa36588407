"""The harness of the benchmarks: bars, files, tables, screens. The numbers themselves are `make bench`."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import benchmarks.__main__
from app.core.folders import cache_folder
from app.core.jobs import no_report
from benchmarks import BENCHMARKS, benchmark
from benchmarks.__main__ import main
from benchmarks.benchmark import (
    Options,
    Result,
    Row,
    at_least,
    at_most,
    fact,
    from_json,
    machine,
    to_json,
    within,
)
from benchmarks.cameras import Seen
from benchmarks.cameras import rows_of as camera_rows
from benchmarks.playback import Watch, rows_of
from benchmarks.screen import screen, virtual_screen
from benchmarks.stage import alternated, fresh_home
from benchmarks.table import as_markdown, as_text, number, with_section

RESULT = Result(
    "start",
    {"processor": "P", "cores": "2"},
    (within("start", 2.0, "s", 1.0, 2.5), at_most("dropped", 0.9, "%", 0.5), fact("speed", 12.345, "Hz")),
    ("A note.",),
)


def test_bars_hold_on_their_own_side() -> None:
    assert at_most("x", 0.5, "s", 0.5).holds is True
    assert at_most("x", 0.51, "s", 0.5).holds is False
    assert at_least("x", 0.85, "", 0.85).holds is True
    assert at_least("x", 0.84, "", 0.85).holds is False
    assert within("x", 2.5, "s", 1.0, 2.5).holds is True
    assert within("x", 2.6, "s", 1.0, 2.5).holds is False
    assert fact("x", 1.0, "s").holds is None


@pytest.mark.parametrize("make", [at_most, at_least])
def test_not_a_number_never_holds(make: Any) -> None:
    assert make("x", math.nan, "s", 1.0).holds is False
    assert within("x", 1.0, "s", 0.0, 2.0).holds is False
    assert within("x", math.nan, "s", 1.0, 2.0).holds is False


def test_a_result_holds_when_no_row_misses() -> None:
    assert not RESULT.holds
    assert Result("x", {}, (fact("y", 1, "s"), within("z", 1, "s", 1, 2))).holds


rows = st.builds(
    Row,
    st.text(st.characters(codec="utf-8")),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["s", "%", "ms", ""]),
    st.none() | st.floats(0.001, 1e6),
    st.none() | st.floats(0.001, 1e6),
    st.none() | st.floats(0.001, 1e6),
    st.none() | st.booleans(),
)


@settings(deadline=None)
@given(st.lists(rows, max_size=5))
def test_json_comes_back_as_it_was(made: list[Row]) -> None:
    result = Result("start", {"cores": "2"}, tuple(made))
    assert from_json(to_json(result)) == result


def test_json_is_what_other_programs_rely_on() -> None:
    data = json.loads(to_json(RESULT))
    assert {"name", "machine", "rows"} <= set(data)
    assert {"what", "value", "unit", "floor", "ratio", "bar", "holds"} <= set(data["rows"][0])
    assert json.loads(to_json(Result("x", {}, (fact("y", math.inf, "s"),))))["rows"][0]["value"] is None


def test_the_machine_is_described_and_not_named() -> None:
    import getpass
    import socket

    described = machine()
    assert int(described["cores"]) >= 1
    text = " ".join(described.values())
    assert socket.gethostname() not in text.split()
    assert getpass.getuser() not in text.split()
    assert str(Path.home()) not in text


def test_tables_say_what_is_missed() -> None:
    text = as_text(RESULT)
    assert [line.split()[-1] for line in text.splitlines()[2:4]] == ["holds", "MISSED"]
    page = as_markdown([RESULT], BENCHMARKS)
    assert "| start | 2.00 s | 1.00 s | 2.00× | ≤ 2.5× | holds |" in page
    assert "processor P, cores 2" in page
    assert "- A note." in page


def test_a_result_measured_anew_takes_the_place_of_its_section_alone() -> None:
    other = replace(RESULT, name="seek")
    page = as_markdown([RESULT, other], BENCHMARKS)
    again = with_section(page, replace(RESULT, notes=("measured anew",)), BENCHMARKS)
    assert as_markdown([replace(RESULT, notes=("measured anew",)), other], BENCHMARKS) == again
    assert with_section(as_markdown([RESULT], BENCHMARKS), other, BENCHMARKS) == page


@settings(deadline=None)
@given(st.floats(0.0001, 1e7))
def test_numbers_keep_three_figures(value: float) -> None:
    shown = number(value)
    assert "e" not in shown
    assert math.isclose(float(shown), value, rel_tol=0.006, abs_tol=0.00006)


def test_every_benchmark_of_the_table_is_there() -> None:
    for name in BENCHMARKS:
        assert callable(benchmark(name))
    with pytest.raises(KeyError):
        benchmark("nothing")


def test_measures_are_taken_in_turn_and_give_their_medians() -> None:
    values = {"a": iter([1.0, 9.0, 2.0]), "b": iter([5.0, 4.0, 6.0])}
    order: list[str] = []

    def measure(name: str) -> float:
        order.append(name)
        return next(values[name])

    assert alternated(3, (lambda: measure("a"), lambda: measure("b")), "x", no_report) == (2.0, 5.0)
    assert order == ["a", "b"] * 3


def test_a_fresh_home_is_gone_afterwards() -> None:
    before = os.environ["SEMIOSCOPE_HOME"]
    with fresh_home() as home:
        assert cache_folder().is_relative_to(home)
    assert os.environ["SEMIOSCOPE_HOME"] == before
    assert not home.exists()


def test_dropped_frames_are_those_that_were_never_painted() -> None:
    painted = [n for n in range(200) for _ in range(2) if n not in (50, 51)]
    dropped, blocked, *_ = rows_of(Watch(painted, [5.0] * 99 + [51.0]), 200, 60.0)
    assert dropped.value == pytest.approx(1.0)
    assert dropped.holds is False
    assert (blocked.value, blocked.holds) == (51.0, False)
    short, *_ = rows_of(Watch(painted, [5.0]), 200, 6.7)
    assert short.holds is None, "in so short a time a single frame decides"


def test_a_picture_that_stood_still_is_no_playback() -> None:
    dropped, *_ = rows_of(Watch([0] * 50, [5.0]), 200, 60.0)
    assert dropped.value == pytest.approx(99.5)
    assert dropped.holds is False


def test_frames_of_a_camera_that_were_never_painted_are_dropped() -> None:
    watch = Watch(list(range(100)), [5.0], [3.0])
    seen = Seen([*range(30, 90), *range(91, 100), -1], [0.01] * 90 + [0.05] * 10)
    alone = Watch(list(range(98)), [5.0], [2.0])
    leading, camera, apart, computed = camera_rows(alone, watch, seen, (100, 70), "in a tile")
    assert (leading.value, leading.holds) == (0.0, True)
    assert leading.floor == pytest.approx(2.0)
    assert (computed.value, computed.floor) == (3.0, 2.0)
    assert camera.value == pytest.approx(100 / 70)
    assert apart.value == pytest.approx(50.0)
    assert apart.holds is False


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_a_virtual_screen_ends_with_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with screen(640, 480) as drawn_on:
        name = os.environ["DISPLAY"]
        assert "QT_QPA_PLATFORM" not in os.environ
        assert Path(f"/tmp/.X11-unix/X{name[1:]}").exists()
        with virtual_screen(640, 480) as other:
            assert other != name
    assert "virtual screen" in drawn_on
    assert "DISPLAY" not in os.environ
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    assert not Path(f"/tmp/.X11-unix/X{name[1:]}").exists()


def test_a_present_screen_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":77")
    with screen() as drawn_on:
        assert os.environ["DISPLAY"] == ":77"
    assert "screen of this session" in drawn_on


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """A benchmark that gives RESULT; the options it was asked with."""
    asked: list[Options] = []

    def run(options: Options) -> Result:
        asked.append(options)
        return RESULT

    monkeypatch.setattr(benchmarks.__main__, "benchmark", lambda _name: run)
    return asked


def test_bench_prints_a_table_or_json(
    stand_in: list[Options], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["start", "--seconds", "3", "--runs", "2"]) == 0
    assert "MISSED" in capsys.readouterr().out
    assert main(["start", "--json"]) == 0
    assert from_json(capsys.readouterr().out) == RESULT
    out = tmp_path / "start.json"
    assert main(["start", "--json", str(out)]) == 0
    assert from_json(out.read_text(encoding="utf-8")) == RESULT
    assert (stand_in[0].seconds, stand_in[0].runs) == (3.0, 2)


def test_strict_tells_which_bar_was_missed(
    stand_in: list[Options], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["start", "--strict"]) == 1
    assert "start" in capsys.readouterr().err
    assert len(stand_in) == 1


def test_all_writes_every_result_and_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Done:
        returncode = 0

    def ran(command: list[str], **_options: object) -> Done:
        name, path = command[command.index("benchmarks") + 1], Path(command[command.index("--json") + 1])
        done = Done()
        if name == "pose":
            done.returncode = 1
        else:
            path.write_text(to_json(Result(name, {}, RESULT.rows)), encoding="utf-8")
        return done

    monkeypatch.setattr("benchmarks.__main__.subprocess.run", ran)
    page = tmp_path / "performance.md"
    code = main(["all", "--json", str(tmp_path / "out"), "--docs", str(page)])
    assert code == 1
    assert "Not every benchmark finished" in capsys.readouterr().err
    text = page.read_text(encoding="utf-8")
    assert [name for name in BENCHMARKS if f"## {name}" in text] == [n for n in BENCHMARKS if n != "pose"]
