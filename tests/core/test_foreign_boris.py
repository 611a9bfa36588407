"""Projects as BORIS writes them, each imported by the real command into a study of one recording of 60 s."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.foreign_files import VIDEO, Import, import_file, observation, project, state

POINT = (("oral_automatisms", "Point event"),)
YES = {"Bo: clonic": "yes 5-20"}
Take = Callable[..., Import]


@pytest.fixture
def take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Imports a project of Bo's."""

    def do(data: dict[str, Any], *more: str, packed: bool = False) -> Import:
        content = json.dumps(data).encode()
        path = tmp_path / ("own.boris.gz" if packed else "own.boris")
        path.write_bytes(gzip.compress(content) if packed else content)
        return import_file(capsys, tmp_path, path, "boris", "--reader", "Bo", *more)

    return do


@pytest.mark.parametrize(
    ("offset", "shift"),
    [(0.0, 0.0), (10.0, 10.0), (5400.0, 5400.0), ("NA", 0.0), ("0:00:10", 10.0), (-2, -2.0)],
)
def test_times_are_those_of_the_video_without_the_observations_offset(
    take: Take, offset: object, shift: float
) -> None:
    events = state(5 + shift, 20 + shift)
    assert take(project({"one": observation(events, **{"time offset": offset})})).held == YES


def test_the_date_of_the_video_as_offset_is_taken_away_or_the_observation_named(take: Take) -> None:
    made = {"length": {VIDEO: 60.0}, "offset": {"1": 0.0}, "media_creation_time": {VIDEO: 1_700_000_000}}
    dated = {"media_creation_date_as_offset": True}
    events = state(1_700_000_005.0, 1_700_000_020.0)
    assert take(project({"one": observation(events, media_info=made, **dated)})).held == YES
    lost = take(project({"two": observation(events, **dated)}))
    assert (lost.code, "“two” counts from when the video was made" in lost.told) == (1, True)


@pytest.mark.parametrize("offset", ["ten past", [1], 4e300, "1,5,3"])
def test_an_offset_that_is_not_understood_costs_its_observation(take: Take, offset: object) -> None:
    found = take(
        project(
            {"odd": observation(state(1, 2), **{"time offset": offset}), "one": observation(state(5, 20))}
        )
    )
    assert found.held == YES
    assert "“odd”" in found.told


def test_two_observations_of_one_video_are_put_together(take: Take) -> None:
    coders = {"A": observation(state(5, 20)), "B": observation(state(6, 21)), "C": observation([])}
    assert take(project(coders)).held == {"Bo: clonic": "yes 5-20, 6-21"}


def test_a_time_beyond_the_end_is_named_and_left_out(take: Take) -> None:
    found = take(project({"one": observation(state(50, 75))}))
    assert found.held == {"Bo: clonic": "yes"}
    assert "50.0–75.0 s, beyond the end of the recording at 60.0 s, was left out" in found.told


@pytest.mark.parametrize("times", [(10.0,), (10.0, 40.0)])
def test_points_are_moments(take: Take, times: tuple[float, ...]) -> None:
    events = [(time, "patient", "oral_automatisms", "") for time in times]
    expected = ", ".join(f"{time:g}-{time:g}" for time in times)
    assert take(project({"one": observation(events)}, POINT)).held == {
        "Bo: oral_automatisms": f"yes {expected}"
    }


def test_what_others_do_is_not_the_patients(take: Take) -> None:
    events = [*state(2, 9, who="nurse"), *state(5, 20)]
    found = take(project({"one": observation(events)}))
    assert found.held == YES
    assert "events of “nurse”, who is not the patient; left out: 2" in found.told
    assert take(project({"one": observation(state(5, 20, who=""))})).held == YES


def test_a_nurse_alone_is_not_the_patient(take: Take) -> None:
    assert take(project({"one": observation(state(5, 20, who="nurse"))}, subjects=())).held == {}


def test_the_patient_is_asked_for_among_several_subjects(take: Take) -> None:
    events = [*state(2, 9, who="P 1"), *state(5, 20, who="P 2")]
    two = project({"one": observation(events)}, subjects=("P 1", "P 2"))
    found = take(two)
    assert (found.code, found.held, "one of “P 1”, “P 2” is the patient" in found.told) == (1, {}, True)
    assert take(two, "--patient", "p 2").held == YES


def test_sides_are_modifiers(take: Take) -> None:
    events = [*state(5, 20, side="left"), *state(22, 25, side="right")]
    assert take(project({"one": observation(events)})).held == {"Bo: clonic": "yes 5-20, 22-25 both"}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (observation(state(2, 4), file={}, type="LIVE"), "a live observation"),
        (observation(state(2, 4), type="IMAGES"), "an observation of images"),
        (
            observation(state(2, 4), file={"1": ["a/x.mp4", "a/y.mp4"]}),
            "several videos that follow each other",
        ),
        (observation([(3.0, "patient", "tonic", "")], file={"1": ["x/other.mp4"]}), "never stops it"),
        (observation(state(2, 4), file={"1": []}), "names no video"),
        ({"events": 3}, "no list of events"),
    ],
)
def test_one_bad_observation_costs_itself_alone(take: Take, other: dict[str, Any], told: str) -> None:
    both = {"one": observation(state(5, 20)), "bad": other}
    found = take(project(both, (("clonic", "State event"), ("tonic", "State event"))))
    assert (found.code, found.held) == (0, YES)
    assert "“bad”" in found.told
    assert told in found.told


@pytest.mark.parametrize(
    ("duration", "told"), [("9" * 18, "impossible duration"), ("9" * 4000, "is not valid JSON")]
)
def test_a_project_without_a_good_observation_changes_nothing(take: Take, duration: str, told: str) -> None:
    identity = f'{{"recording": {{"name": "event.mp4", "sha256": "", "duration": {duration}}}}}'
    bad = observation(state(5, 20), independent_variables={"semioscope identity": identity})
    found = take(project({"one": bad}))
    assert (found.code, found.held, told in found.told) == (1, {}, True)


def test_a_compressed_project_is_read(take: Take) -> None:
    assert take(project({"one": observation(state(5, 20))}), packed=True).held == YES


def test_a_video_of_another_length_is_another_one(take: Take) -> None:
    info = {"length": {VIDEO: 7200.0}, "offset": {"1": 0.0}}
    found = take(project({"one": observation(state(5, 20), media_info=info)}))
    assert (found.code, found.held, "another length" in found.told) == (1, {}, True)
    both = {"one": observation(state(5, 20)), "longer": observation(state(5, 20), media_info=info)}
    assert take(project(both)).code == 0, "a part of it was imported"


def test_a_name_of_another_program_is_mapped_and_kept_for_the_next_import(take: Take) -> None:
    walks = project({"one": observation(state(5, 20, "Jerks"))}, (("Jerks", "State event"),))
    found = take(walks)
    assert (found.held, "The behaviour “Jerks” is none" in found.told) == ({}, True)
    assert take(walks, "--map", "Jerks=clonic").held == YES
    again = take(walks)
    assert (again.held, "Jerks" in again.told) == (YES, False)
    assert "Jerks" not in take(walks, "--map", "jerks=").told
    wrong = take(walks, "--map", "Jerks=dancing")
    assert (wrong.code, "one of the 20 features" in wrong.told) == (1, True)


def test_a_number_that_is_not_set_costs_its_observation_alone(take: Take) -> None:
    """BORIS writes NaN, which JSON does not have, for the times of pictures."""
    pictures = observation([(math.nan, "patient", "clonic", "")], type="IMAGES", file={})
    unset = observation([(math.nan, "patient", "clonic", ""), (math.inf, "patient", "clonic", "")])
    found = take(project({"one": observation(state(5, 20)), "pictures": pictures, "unset": unset}))
    assert (found.code, found.held) == (0, YES)
    assert "“pictures” is an observation of images" in found.told
    assert "“unset” has an event without a time" in found.told


@pytest.mark.parametrize(
    ("offsets", "held"),
    [
        ({}, YES), ({"1": 0.0, "2": 0.0}, YES), ({"1": 0.0, "2": 4.0}, {}), ({"1": 3.0}, {}),
        ({"1": 0.0, "2": math.nan}, {}), ({"1": 0.0, "2": "soon"}, {}),
    ],
)  # fmt: skip
def test_a_further_player_counts_only_while_it_is_not_shifted(
    take: Take, offsets: dict[str, float], held: dict[str, str]
) -> None:
    info = {"length": {}, "offset": offsets}
    files = {"1": ["side.mp4"], "2": [VIDEO]}
    assert take(project({"one": observation(state(5, 20), file=files, media_info=info)})).held == held


def test_a_first_video_in_a_later_player_is_shifted_by_that_players_offset(take: Take) -> None:
    files = {"1": [], "2": [VIDEO]}
    for offset, held in ((0.0, YES), (4.0, {})):
        info = {"length": {}, "offset": {"1": 9.0, "2": offset}}
        assert take(project({"one": observation(state(5, 20), file=files, media_info=info)})).held == held


@pytest.mark.parametrize("offset", [math.nan, "soon", [1]])
def test_an_offset_of_a_further_player_that_is_not_known_costs_that_player_alone(
    take: Take, offset: object
) -> None:
    info = {"length": {}, "offset": {"1": 0.0, "2": offset}}
    files = {"1": [VIDEO], "2": ["side.mp4"]}
    found = take(project({"one": observation(state(5, 20), file=files, media_info=info)}))
    assert (found.code, found.held) == (0, YES)
