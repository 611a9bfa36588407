"""Files as people make them in ELAN, imported by the real command into a study of one recording of 60 s."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.core.foreign_files import Import, Tier, eaf, import_file

TWO = {"ts1": 5000, "ts2": 20000}
FOUR = {"ts1": 5000, "ts2": 10000, "ts3": 20000, "ts4": 25000}
SPAN = ("ts1", "ts2", "yes")
YES = {"Coder A: clonic": "yes 5-20"}
Take = Callable[..., Import]


@pytest.fixture
def take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Imports an ELAN file."""

    def do(content: bytes, *more: str, name: str = "event.mp4") -> Import:
        path = tmp_path / "own.eaf"
        path.write_bytes(content)
        return import_file(capsys, tmp_path, path, "eaf", *more, name=name)

    return do


def clonic(*annotations: tuple[str, str, str], annotator: str = "Coder A", participant: str = "") -> Tier:
    return Tier("clonic", annotations or (SPAN,), annotator, participant)


def test_tiers_of_one_annotator_are_put_together(take: Take) -> None:
    tiers = [Tier("left arm/clonic", [SPAN]), Tier("right arm/clonic", [("ts3", "ts4", "yes")])]
    assert take(eaf(tiers, FOUR)).held == {"Coder A: clonic": "yes 5-10, 20-25"}


def test_the_annotator_reads_and_the_participant_is_filmed(take: Take) -> None:
    tiers = [
        Tier("A/clonic", [SPAN], "Coder A", "Patient 07"),
        Tier("B/clonic", [("ts1", "ts2", "no")], "Coder B", "Patient 07"),
    ]
    assert take(eaf(tiers, TWO)).held == {"Coder A: clonic": "yes 5-20", "Coder B: clonic": "no 5-20"}


def test_a_part_of_the_body_is_no_reader(take: Take) -> None:
    tiers = [Tier("left arm/clonic", [SPAN], annotator="")]
    found = take(eaf(tiers, TWO))
    assert (found.code, "does not say who answered" in found.told) == (1, True)
    assert take(eaf(tiers, TWO), "--reader", "Bo").held == {"Bo: clonic": "yes 5-20"}


@pytest.mark.parametrize(("origin", "span"), [("3000", "8-23"), ("-1000", "4-19"), ("0", "5-20")])
def test_the_time_origin_is_that_of_the_media(take: Take, origin: str, span: str) -> None:
    content = eaf([clonic()], TWO, more=f' TIME_ORIGIN="{origin}"')
    assert take(content).held == {"Coder A: clonic": f"yes {span}"}


def test_times_in_frames_are_seconds_and_unknown_units_are_refused(take: Take) -> None:
    frames = {"ts1": 125, "ts2": 500}
    assert take(eaf([clonic()], frames, units="PAL-frames")).held == YES
    ntsc = {"ts1": 150, "ts2": 600}
    assert take(eaf([clonic()], ntsc, units="NTSC-frames")).held == {"Coder A: clonic": "yes 5.005-20.02"}
    odd = take(eaf([clonic()], frames, units="fortnights"))
    assert (odd.code, "“fortnights”, which is not known" in odd.told) == (1, True)


def test_a_reference_has_the_time_of_its_annotation(take: Take) -> None:
    seizure = Tier("seizure", [("ts1", "ts2", "sz1")])
    child = Tier("clonic", [("seizure-0", "", "yes")], parent="seizure", kind="child")
    for tiers in ([seizure, child], [child, seizure]):
        found = take(eaf(tiers, TWO))
        assert found.held == YES
        assert "The tier “seizure” is for none of the 20 features" in found.told


def test_a_subdivision_shares_the_time_of_its_annotation(take: Take) -> None:
    parts = [("seizure-0", "", word) for word in ("no", "yes", "yes")]
    tiers = [Tier("seizure", [("ts1", "ts2", "x")]), Tier("clonic", parts, parent="seizure", kind="parts")]
    told = take(eaf(tiers, TWO))
    assert (told.code, "no, 5.0–10.0 s" in told.told, "yes, 10.0–15.0, 15.0–20.0 s" in told.told) == (
        1,
        True,
        True,
    )
    meant = take(eaf(tiers, TWO), "--on-contradiction", "later")
    assert meant.held == {"Coder A: clonic": "yes 10-15, 15-20"}


def test_slots_without_a_time_divide_their_stretch_evenly(take: Take) -> None:
    slots = {"ts1": 5000, "ts2": None, "ts3": 20000}
    words = [("ts1", "ts2", "yes"), ("ts2", "ts3", "yes")]
    assert take(eaf([clonic(*words)], slots)).held == {"Coder A: clonic": "yes 5-12.5, 12.5-20"}


def test_one_file_in_two_spellings_is_one(take: Take) -> None:
    media = '<MEDIA_DESCRIPTOR MEDIA_URL="./Anfall%20M%C3%A4rz.mp4" MIME_TYPE="video/mp4"/>'
    found = take(eaf([clonic()], TWO, media=media), name="Anfall März.mp4")
    assert found.held == YES


def test_of_several_media_the_video_or_any_on_its_clock_is_the_recording(take: Take) -> None:
    sound = '<MEDIA_DESCRIPTOR MEDIA_URL="{}.wav" MIME_TYPE="audio/x-wav"/>'
    video = '<MEDIA_DESCRIPTOR MEDIA_URL="{}.mp4" MIME_TYPE="video/mp4"/>'
    for media in (
        sound.replace("{}", "room") + video.replace("{}", "event"),
        video.replace("{}", "side") + video.replace("{}", "event"),
    ):
        assert take(eaf([clonic()], TWO, media=media)).held == YES


def test_words_that_are_no_presence_cost_their_annotation(take: Take) -> None:
    words = [("ts1", "ts2", "yes"), ("ts3", "ts4", "maybe"), ("ts3", "ts4", "")]
    found = take(eaf([clonic(*words)], FOUR))
    assert found.held == {"Coder A: clonic": "yes 5-10"}
    assert "says “maybe”, which is not a presence at 20.0 s" in found.told
    assert "has no word at 20.0 s" in found.told


def test_an_empty_tier_says_nothing(take: Take) -> None:
    assert take(eaf([Tier("clonic", []), Tier("tonic", [SPAN])], TWO)).held == {"Coder A: tonic": "yes 5-20"}


def test_a_duration_out_of_all_bounds_changes_nothing(take: Take) -> None:
    data = '{"name": "event.mp4", "sha256": "", "duration": ' + "9" * 4000 + "}"
    property_ = f'<PROPERTY NAME="semioscope:recording">{data}</PROPERTY>'
    found = take(eaf([clonic()], TWO, media=property_))
    assert (found.code, found.held) == (1, {})


def test_what_systems_leave_in_a_folder_is_passed_over_and_a_bad_file_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "from a mac"
    folder.mkdir()
    (folder / "event.eaf").write_bytes(eaf([clonic()], TWO))
    (folder / "._event.eaf").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X        ")
    (folder / "broken.eaf").write_bytes(b"<ANNO")
    found = import_file(capsys, tmp_path, folder, "eaf")
    assert found.held == YES
    assert "broken.eaf was left out" in found.told
    assert "._event" not in found.told


def test_an_annotation_before_the_recording_or_beyond_all_times_is_left_out_and_named(take: Take) -> None:
    for slots, more, units in (
        (FOUR, ' TIME_ORIGIN="-8000"', "milliseconds"),
        ({**FOUR, "ts1": 10**12 - 2, "ts2": 10**12 - 1}, "", "PAL-frames"),
    ):
        found = take(
            eaf([clonic(SPAN), Tier("tonic", [("ts3", "ts4", "yes")])], slots, more=more, units=units)
        )
        assert found.code == 0
        assert "Coder A: clonic" not in found.held
        assert "Coder A: tonic" in found.held
        assert "The tier “clonic” has an annotation at " in found.told


def test_two_tiers_or_annotations_of_one_name_have_each_their_own_times(take: Take) -> None:
    two = [clonic(SPAN), clonic(("ts3", "ts4", "yes"))]
    assert take(eaf(two, FOUR)).held == {"Coder A: clonic": "yes 5-10, 20-25"}
    same = eaf([Tier("clonic", [SPAN]), Tier("tonic", [("ts3", "ts4", "yes")])], FOUR)
    found = take(same.replace(b'"tonic-0"', b'"clonic-0"'))
    assert found.held == {"Coder A: clonic": "yes 5-10", "Coder A: tonic": "yes 20-25"}


def test_a_reference_to_a_name_that_two_have_costs_its_annotation(take: Take) -> None:
    tiers = [
        Tier("seizure", [("ts1", "ts2", "x")]),
        Tier("phase", [("ts3", "ts4", "x")]),
        Tier("clonic", [("seizure-0", "", "yes")], parent="seizure", kind="child"),
        Tier("tonic", [SPAN]),
    ]
    found = take(eaf(tiers, FOUR).replace(b'"phase-0"', b'"seizure-0"'))
    assert found.held == {"Coder A: tonic": "yes 5-10"}
    assert "The tier “clonic” has an annotation without a time" in found.told


def test_references_lead_through_any_number_of_tiers_and_never_in_a_circle(take: Take) -> None:
    """From the last to the first, the order that costs most."""
    names = [f"t{number}" for number in range(1500)]
    chain = [Tier(name, [(f"{parent}-0", "", "yes")], kind="child") for parent, name in pairwise(names)]
    tiers = [Tier("clonic", [(f"{names[-1]}-0", "", "yes")], kind="child"), *reversed(chain)]
    assert take(eaf([*tiers, Tier("t0", [SPAN])], TWO)).held == YES
    circle = take(eaf([*tiers, Tier("t0", [(f"{names[-1]}-0", "", "yes")], kind="child")], TWO))
    assert (circle.held, "without a time" in circle.told) == ({}, True)
