"""Generated files of every foreign format against what was really seen: nothing wrong or silently lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from app.core.exchange.codec import Source
from app.core.exchange.formats import FORMATS
from app.core.exchange.import_readings import plan_import
from app.core.semiology import Presence
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.foreign_files import LENGTH
from tests.core.foreign_truth import Truth, boris_of, eaf_of, events_of, table_of, truths
from tests.core.study_cases import Clip

MANY, FEW = 500, 40

FILES: dict[str, tuple[str, str, Callable[[Truth], bytes]]] = {
    "boris": ("boris", "own.boris", boris_of),
    "elan": ("eaf", "own.eaf", eaf_of),
    "table": ("csv-long", "own.csv", table_of),
    "events": ("bids", "event_events.tsv", events_of),
}


def held(
    study: Study, source: Source, format_id: str
) -> tuple[dict[str, tuple[tuple[float, float], ...]], str]:
    """What an import would make of the study, by feature, and everything that it says."""
    imported = FORMATS[format_id].codec.read(source)
    plan = plan_import(study, imported, SealedFrom(()), "Coder A")
    assert plan.unsettled == ()
    found = {}
    for edit in plan.edits:
        assert isinstance(edit, SetAnswer)
        assert edit.after.presence is Presence.YES
        found[edit.after.feature] = tuple(
            (round(one.start, 6), round(one.end, 6)) for one in edit.after.evidence
        )
    return found, "\n".join(plan.remarks)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_what_was_seen_is_what_is_imported(tmp_path: Path, name: str, examples: int) -> None:
    format_id, file, write = FILES[name]
    with Study.open(tmp_path / "s.semioscope", author="Ana") as study:
        study.recording(Clip(tmp_path / "event.mp4", duration=LENGTH))

        @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow], deadline=None)
        @given(truths())
        def comes_in(truth: Truth) -> None:
            if not truth.spans and not truth.late:
                return
            found, told = held(study, Source(file, write(truth)), format_id)
            expected = truth.held() | ({} if "clonic" in truth.spans or not truth.late else {"clonic": ()})
            assert found == expected
            assert ("70.0–75.0 s, beyond the end" in told) is truth.late
            assert ("nurse" in told) is truth.nurse
            assert ("bedside" in told) is (name == "boris")

        comes_in()
