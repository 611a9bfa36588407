"""Ways of asking as arms of an experiment: told apart in words, refused in words, planned beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends import null

from app import cli
from app.core.batch.batch_reader import UNMARKED, BatchReader
from app.core.batch.experiment_file import Experiment, find_experiment, read_experiment
from app.core.batch.plan_batch import ReaderPlan, describe_plan, plan_batch
from app.core.batch.recording_list import default_results, listed_recordings
from app.core.batch.run_batch import BatchChoice
from app.core.batch.unit import folder_of_copies, question_of, unit_of
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.reader_details import MARKS, TELLS_EARLIER
from app.core.reader_names import name_readers
from app.core.readers.models.blind_control import blind_copy
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.moving_windows import most_windows_of
from app.core.readers.models.prompts import PROMPT_SETS, prompts_to_json
from app.core.readers.models.request_plan import (
    Part,
    PlanEstimate,
    estimate,
    most_windows,
    rate_windows,
    requests,
)
from app.core.readers.models.where_to_look import WindowChoice
from app.core.reading import person
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording
from tests.core.batch_models import PLAIN, WINDOWS, emu_of, know_pose, mark, options, readings_in
from tests.loopback import Service, served

CHOSEN = ModelChoice("openai", "tiny-vl", "http://127.0.0.1:1/v1", cover_bystanders=False, crop=False)
ANA = person("Ana")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    with served() as made:
        yield made


def parsed(folder: Path, text: str, chosen: ModelChoice = CHOSEN) -> Experiment:
    (folder / "e.toml").write_text(text)
    return read_experiment(folder / "e.toml", chosen, PROMPT_SETS)


def names(experiment: Experiment) -> list[str]:
    return [reader.name for reader in experiment.readers]


def test_ways_are_arms_in_words(tmp_path: Path) -> None:
    made = parsed(
        tmp_path,
        'arms = ["raw"]\nmarks = "Reference"\ntell_earlier = false\n'
        '[[readers]]\nreader = "model"\n'
        'tell_event = [false, true]\nrange = ["whole", "event:5", "1:00-2:00"]\n'
        '[[readers]]\nreader = "model"\ntwo_passes = true\n'
        '[[readers]]\nreader = "model"\n'
        'tell_earlier = true\nwordings = ["plain", "expert"]\ntimes_asked = 2\n'
        '[[readers]]\nreader = "signal"\n',
    )
    usual, told = "tiny-vl · raw · prompts expert · grouped", "earlier segments not told"
    assert names(made) == [
        f"{usual} · {told}",
        f"{usual} · event ± 5 s · {told} · marks of Reference",
        f"{usual} · 60-120 · {told}",
        f"{usual} · event told · {told} · marks of Reference",
        f"{usual} · event ± 5 s · event told · {told} · marks of Reference",
        f"{usual} · 60-120 · event told · {told} · marks of Reference",
        f"{usual} · two passes",
        "tiny-vl · raw · prompts expert, plain in turn · grouped",
        "signal",
    ]
    assert len({reader.asked for reader in made.readers}) == len(made.readers)
    assert len({reader.key_for("a", None) for reader in made.readers}) == len(made.readers)


def test_one_pass_as_an_arm_has_no_higher_rate_at_all(tmp_path: Path) -> None:
    everywhere = ModelChoice(
        "openai", "tiny-vl", "http://127.0.0.1:1/v1", feature_rates=True, two_passes=False
    )
    made = parsed(tmp_path, 'two_passes = [false, true]\n[[readers]]\nreader = "model"\n', everywhere)
    choices = [reader.choice for reader in made.readers if reader.choice is not None]
    assert [one.feature_rates for one in choices] == [False, True]
    assert (
        "high rates everywhere" in names(parsed(tmp_path, '[[readers]]\nreader = "model"\n', everywhere))[0]
    )


def test_the_ready_file_differs_from_its_first_reader_in_one_thing_each() -> None:
    made = read_experiment(find_experiment("ways-of-asking"), CHOSEN, PROMPT_SETS)
    first, *others = [json.loads(reader.asked) for reader in made.readers]
    assert len(others) == 6
    apart = [sorted(key for key in {*first, *one} if first.get(key) != one.get(key)) for one in others]
    assert apart == [
        ["marks", "range"],
        ["marks", "tells_event"],
        ["marks", "range", "tells_event"],
        ["asking"],
        ["asking", "feature_rates"],
        ["confidence", "times_asked", "wordings"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("two_passes = true\ntell_earlier = true", "do not go together"),
        ("two_passes = [false, true]\ntell_earlier = [false, true]", "do not go together"),
        ("two_passes = 'yes'", r"two_passes is true, false, or \[false, true\]"),
        ("tell_event = []", "tell_event is true"),
        ("tell_event = true", "say whose"),
        ("range = 'event'", "say whose"),
        ("range = 'all'", "whole, event"),
        ("range = 5", "range is a text"),
        ("range = ['whole', 5]", "range is a text"),
        ("wordings = ['nobody']", "neither a set of prompts"),
        ("wordings = 'plain'", "wordings is a list"),
        ("wordings = ['study']", "in the same form"),
        ("wordings = ['plain', 'ilae']\ntimes_asked = 2", "only 2 are asked"),
        ("wordings = ['mine.json']", "the same name"),
        ("times_asked = 1", "from 2 to"),
        ("times_asked = true", "from 2 to"),
        ("marks = ['Ana']", "marks is a text"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_asked(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.json").write_text(prompts_to_json(PROMPT_SETS["plain"]).replace('"plain"', '"expert"'))
    with pytest.raises(UserError, match=said):
        parsed(tmp_path, f'{text}\n[[readers]]\nreader = "model"\n')


def test_results_of_before_keep_their_names() -> None:
    """A way that is not taken is in no question, so what a folder of results holds is found again."""
    usual = BatchReader("openai", CHOSEN, PROMPT_SETS["expert"], marks="Ana")
    assert usual.key_for("a", None) == usual.key_for("a", None, UNMARKED)
    assert not {"marks", "wordings", "range", "tells_event"} & json.loads(usual.asked).keys()


def test_an_experiment_runs_its_ways_and_says_them(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    emu, study, out = emu_of(tmp_path / "emu", "a", "b"), tmp_path / "all.semioscope", tmp_path / "out"
    mark(study, emu / "a.mp4", ANA, 0.5, 1.5)
    know_pose(emu / "a.mp4")
    know_pose(emu / "b.mp4")
    (tmp_path / "e.toml").write_text(
        'arms = ["raw"]\nmarks = "Ana"\n'
        '[[readers]]\nreader = "model"\ntell_earlier = [true, false]\n'
        '[[readers]]\nreader = "model"\ntwo_passes = true\n'
        '[[readers]]\nreader = "model"\nrange = "event:0"\ntell_event = true\n'
        '[[readers]]\nreader = "model"\nwordings = ["plain"]\ntimes_asked = 2\n'
    )
    base = ["experiment", str(tmp_path / "e.toml"), str(emu), "--out", str(out), "--study", str(study)]
    run = [*base, "--model-reader", "openai", *options(service)]
    assert cli.main([*run, "--plan"]) == 0
    planned = capsys.readouterr().out
    assert "1 reading left" in planned
    assert "1 cannot be read: b.mp4: The study does not have this recording" in planned
    assert not service.asked
    assert cli.main([*run, "--jobs", "2"]) == 1
    asked = len(service.asked)
    assert asked == 2 * (PLAIN + PLAIN + PLAIN + WINDOWS + 2 * PLAIN) + PLAIN
    assert cli.main(run) == 1
    assert len(service.asked) == asked, "nothing is asked twice, and without marks nothing at all"
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["marks"] == "Ana"
    assert [one["name"] for one in manifest["readers"][-1]["wordings"]] == ["plain"]
    (failed,) = [one for one in manifest["results"] if "failed" in one]
    assert (failed["recording"], "marks of Ana" in failed["reader"]) == ("b.mp4", True)
    readers = [one.reader for one in readings_in(out)]
    assert set(name_readers(readers).values()) == {
        "tiny-vl 2 (prompt set expert, plain in turn, tells earlier yes)",
        "tiny-vl 2 (prompt set expert, feature rates two passes)",
        "tiny-vl 2 (prompt set expert, range event:0, tells event yes, tells earlier yes, marks Ana)",
        "tiny-vl 2 (prompt set expert, tells earlier yes)",
        "tiny-vl 2 (prompt set expert)",
    }
    assert sum(MARKS in one.details for one in readers) == 1
    assert sum(TELLS_EARLIER in one.details for one in readers) == 5
    assert cli.main([*run, "--plan"]) == 0
    planned = capsys.readouterr().out
    assert "nothing left to ask" in planned
    assert "2 readings finished before" in planned


def planned(emu: Path, reader: BatchReader, study: Path) -> ReaderPlan:
    choice = BatchChoice(listed_recordings(emu), (reader,), default_results(emu), study)
    plans: Mapping[str, ReaderPlan] = plan_batch(choice, report=no_report, cancel=CancelToken())
    return plans[reader.asked]


def test_a_plan_of_two_passes_has_bounds_until_the_pose_is_known(tmp_path: Path) -> None:
    emu, study = emu_of(tmp_path / "emu", "a", "b"), tmp_path / "all.semioscope"
    two = BatchReader(
        "openai",
        ModelChoice("openai", "tiny-vl", "http://127.0.0.1:1/v1", feature_rates=True, cover_bystanders=False),
        PROMPT_SETS["expert"],
    )
    unknown = planned(emu, two, study)
    assert [one.requests for one in unknown.least] == [PLAIN, PLAIN]
    assert [one.requests for one in unknown.most] == [PLAIN + WINDOWS, PLAIN + WINDOWS]
    words = " ".join(describe_plan(unknown))
    assert "at least 6 requests" in words
    assert "at most 10 requests" in words
    for name in ("a", "b"):
        know_pose(emu / f"{name}.mp4")
    known = planned(emu, two, study)
    assert known.least == known.most == unknown.most, "all of it twitches"
    assert "at most" not in " ".join(describe_plan(known))
    assert not study.exists()


def test_a_control_is_planned_by_what_was_answered_to_its_copy(tmp_path: Path) -> None:
    emu, study = emu_of(tmp_path / "emu", "a"), tmp_path / "all.semioscope"
    asked = BatchReader("openai", CHOSEN, PROMPT_SETS["expert"])
    control = replace(asked, blind=True)
    (recording,) = listed_recordings(emu)
    sha256 = content_sha256(recording.path)

    def answer(reader: BatchReader, shown: Path, count: int) -> None:
        unit = unit_of(recording, reader, sha256, lambda *_asked: UNMARKED)
        opened = open_recording(shown)
        plan = question_of(unit, CHOSEN, None if reader.blind else opened).plan(study, opened, CancelToken())
        plan.folder.mkdir(parents=True)
        for request in plan.requests[:count]:
            (plan.folder / f"{request.key}.json").write_text("{}")

    def left(reader: BatchReader) -> int:
        (one,) = planned(emu, reader, study).most
        return one.requests

    answer(asked, recording.path, PLAIN)
    assert left(asked) == 0
    assert left(control) == PLAIN
    copy = blind_copy(
        open_recording(recording.path),
        sha256,
        folder_of_copies(default_results(emu)),
        report=no_report,
        cancel=CancelToken(),
    )
    assert left(control) == PLAIN
    answer(control, copy, 1)
    assert left(control) == PLAIN - 1


@settings(deadline=None, max_examples=60)
@given(st.floats(1, 900), st.sampled_from([0.5, 1.0, 2.0, 4.0]), st.data())
def test_no_choice_of_windows_costs_more_than_the_most(
    duration: float, fps: float, data: st.DataObject
) -> None:
    choice = ModelChoice("openai", "tiny-vl", "http://127.0.0.1:1/v1", feature_rates=True, fps=fps)
    part = Part(duration)
    windows = [window.number for window in rate_windows(duration, 15.0)]
    some = st.lists(st.sampled_from(windows), max_size=most_windows(duration, fps), unique=True).map(tuple)
    chosen = {one: data.draw(some) for one in (Enhancement.POSE, Enhancement.FACE)}

    def cost(found: WindowChoice) -> PlanEstimate:
        asked = requests(duration, fps=fps, feature_rates=True, chosen=found, part=part)
        return estimate(asked, limit=1)

    most, real = cost(most_windows_of(choice, part, None, None)), cost(chosen)
    assert real.requests <= most.requests
    assert real.tokens_in <= most.tokens_in
    assert real.size <= most.size
