"""Many spans in one import: the work grows with their number, not with its square."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.core.exchange.bundle import Imported
from app.core.exchange.codec import Source
from app.core.exchange.formats import FORMATS
from app.core.exchange.import_readings import import_into
from app.core.reading import person
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.foreign_files import observation, project, state
from tests.core.study_cases import Clip


def table(spans: int) -> Source:
    rows = (
        f"event.mp4,Bo,clonic,yes,{n * 55 / spans:.6f},{n * 55 / spans + 1e-4:.6f}\n" for n in range(spans)
    )
    return Source("own.csv", ("recording,reader,feature,presence,start,end\n" + "".join(rows)).encode())


def boris(spans: int) -> Source:
    import json

    events = [event for n in range(spans) for event in state(n * 55 / spans, (n + 0.5) * 55 / spans)]
    return Source("own.boris", json.dumps(project({"one": observation(events)})).encode())


def calls_of(format_id: str, source: Source) -> tuple[int, Imported]:
    """The calls of functions that reading takes, and what was read."""
    calls = 0

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        imported = FORMATS[format_id].codec.read(source)
    finally:
        sys.setprofile(None)
    return calls, imported


@pytest.mark.parametrize(("format_id", "make"), [("csv-long", table), ("boris", boris)])
def test_eight_times_the_spans_take_about_eight_times_the_calls(format_id: str, make: object) -> None:
    assert callable(make)
    calls_of(format_id, make(100))
    few, _ = calls_of(format_id, make(1_500))
    many, imported = calls_of(format_id, make(12_000))
    assert len(imported.bundle.readings[0].answer("clonic").evidence) > 4_000
    assert many / few < 10, "with the square it would be 64 times"


def test_a_hundred_thousand_spans_are_all_in_the_study(tmp_path: Path) -> None:
    imported = FORMATS["csv-long"].codec.read(table(100_000))
    with Study.open(tmp_path / "s.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "event.mp4"))
        outcome = import_into(study, imported, SealedFrom(()))
        assert (outcome.changed, outcome.remarks) == (1, ())
        assert len(study.reading(number, person("Bo"), viewer=None).answer("clonic").evidence) == 100_000
        assert study.verify_history() == (), "what was kept can be read again"
        assert study.undo(number) is not None
        assert study.reading(number, person("Bo"), viewer=None).answer("clonic").evidence == ()
