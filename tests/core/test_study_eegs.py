"""EEG files in a study: what it holds of them, hostile values, and what is expected before it is on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.eeg.content_hash import content_hash
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.sync import MarkPair, Sync
from app.core.errors import UserError
from app.core.reading import Reading, RecordingIdentity
from app.core.study.change_requests import ApplyEdits, reach, says_the_same
from app.core.study.content import Content
from app.core.study.edits import AttachEeg, Conflict, SetBadChannels, SetEegSync
from app.core.study.expected_content import with_requests
from app.core.study.history_listing import history_page
from app.core.study.history_search import HistoryFilter
from app.core.study.store import Study
from app.core.study.stored_eeg import (
    LARGEST_DRIFT,
    MOST_BAD_CHANNELS,
    MOST_EEGS,
    MOST_PAIRS,
    AgreedSync,
    StoredEeg,
    bad_channels_from_json,
    eeg_from_value,
    eeg_value,
    stored_eeg,
    sync_from_json,
    sync_to_json,
)
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip
from tests.ui.eeg_cases import write_eeg

CLOCKS = AgreedSync(Sync(-3600), "start times of both files")
MARKS = AgreedSync(Sync(-3598.25, 1.2e-5), "marks", (MarkPair(7200, 3601.8), MarkPair(3610, 11.8)))
NIGHT = StoredEeg("d" * 40, "night.edf", "../night.edf", 1000, CLOCKS)
DAY = StoredEeg("a" * 40, "day.edf", "../day.edf", 10, AgreedSync(Sync(-9000.0)), frozenset({"Fp1"}))


@pytest.fixture
def study(tmp_path: Path) -> Any:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as opened:
        opened.recording(Clip(tmp_path / "clip.mp4"))
        yield opened


# values


def test_pairs_are_in_order_and_numbers_have_one_form() -> None:
    assert [pair.eeg for pair in MARKS.pairs] == [3610.0, 7200.0]
    assert isinstance(CLOCKS.sync.offset, float)
    assert sync_to_json(AgreedSync(Sync(-0.0))) == sync_to_json(AgreedSync(Sync(0)))
    assert sync_from_json(sync_to_json(MARKS)) == MARKS


@pytest.mark.parametrize(
    "make",
    [
        lambda: AgreedSync(Sync(float("nan"))),
        lambda: AgreedSync(Sync(float("inf"))),
        lambda: AgreedSync(Sync(1e10)),
        lambda: AgreedSync(Sync(0.0, 2 * LARGEST_DRIFT)),
        lambda: AgreedSync(Sync(0.0), "x" * 501),
        lambda: AgreedSync(Sync(0.0), "\ud800"),
        lambda: AgreedSync(Sync(0.0), "", (MarkPair(0.0, float("nan")),)),
        lambda: AgreedSync(Sync(0.0), "", (MarkPair(0.0, 0.0),) * (MOST_PAIRS + 1)),
        lambda: replace(NIGHT, name="\ud800"),
        lambda: replace(NIGHT, size=-1),
        lambda: replace(NIGHT, path="x" * 5000),
        lambda: replace(NIGHT, bad_channels=frozenset({"\ud800"})),
        lambda: replace(NIGHT, bad_channels=frozenset(map(str, range(MOST_BAD_CHANNELS + 1)))),
        lambda: SetBadChannels(1, "d", frozenset(), frozenset({"x" * 5000})),
        lambda: AttachEeg(1, None, None),
        lambda: AttachEeg(1, NIGHT, DAY),
    ],
)
def test_what_no_study_can_hold_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a bug of who calls it, without a sentence
        make()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["offset", "drift", "origin", "pairs", "sync", "bad_channels", "size", "name", "x"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for read in (sync_from_json, bad_channels_from_json, lambda text: eeg_from_value(json.loads(text))):
        try:
            read(json.dumps(value))
        except ValueError:
            continue


@given(st.sampled_from(["fingerprint", "name", "path", "size", "sync", "bad_channels"]), _JSON)
def test_an_eeg_with_any_wrong_part_is_refused_or_the_same_again(part: str, value: Any) -> None:
    said = {**(eeg_value(NIGHT) or {}), part: value}
    try:
        eeg = eeg_from_value(said)
    except ValueError:
        return
    assert eeg_from_value(json.loads(json.dumps(eeg_value(eeg)))) == eeg


# edits


def test_an_edit_that_starts_from_another_state_is_refused(study: Study) -> None:
    study.apply(AttachEeg(1, None, NIGHT))
    with pytest.raises(Conflict):
        study.apply(AttachEeg(1, None, replace(NIGHT, name="other.edf")))
    with pytest.raises(Conflict):
        study.apply(SetEegSync(1, NIGHT.fingerprint, MARKS, CLOCKS))
    with pytest.raises(Conflict):
        study.apply(SetBadChannels(1, DAY.fingerprint, frozenset(), frozenset({"x"})))
    assert study.eegs(1) == (NIGHT,)
    assert study.verify_history() == ()


def test_more_files_than_a_day_can_have_are_refused(study: Study) -> None:
    study.apply_all(
        [AttachEeg(1, None, replace(NIGHT, fingerprint=f"{number:040}")) for number in range(MOST_EEGS)]
    )
    with pytest.raises(UserError, match="detach one first"):
        study.apply(AttachEeg(1, None, DAY))


def test_the_history_says_it_in_words(study: Study) -> None:
    study.apply(AttachEeg(1, None, NIGHT))
    study.apply(SetEegSync(1, NIGHT.fingerprint, CLOCKS, MARKS))
    study.apply(SetBadChannels(1, NIGHT.fingerprint, frozenset(), frozenset({"T3", "Fp1"})))
    rows = history_page(study, SealedFrom((ANA,)), HistoryFilter(recording_id=1)).rows
    assert [(row.what, row.old, row.new) for row in reversed(rows)] == [
        ("EEG", "", "night.edf"),
        (
            "sync of the EEG",
            "offset -3600.000 s, drift +0.0 µs/s: start times of both files",
            "offset -3598.250 s, drift +12.0 µs/s: marks",
        ),
        ("bad channels", "none", "Fp1, T3"),
    ]


_EEGS = st.sampled_from([NIGHT, DAY])
_AGREED = st.sampled_from([CLOCKS, MARKS])
_BAD = st.frozensets(st.sampled_from(["Fp1", "T3", "ä"]))
_WISHES = st.lists(
    st.tuples(st.sampled_from(["attach", "sync", "bad"]), _EEGS, _AGREED, _BAD), min_size=1, max_size=8
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_WISHES)
def test_what_is_expected_is_what_the_study_then_holds(
    tmp_path_factory: pytest.TempPathFactory, wishes: list[tuple[str, StoredEeg, AgreedSync, frozenset[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("study")
    content = Content(Reading(RecordingIdentity("", "", 0.0), ANA, {}))
    with Study.open(folder, author="Ana") as study:
        study.recording(Clip(folder / "clip.mp4"))
        for what, eeg, agreed, bad in wishes:
            known = next((one for one in content.eegs if one.fingerprint == eeg.fingerprint), None)
            edit: AttachEeg | SetEegSync | SetBadChannels
            if what == "attach" or known is None:
                edit = AttachEeg(1, known, eeg if known is None else None)
            elif what == "sync":
                edit = SetEegSync(1, eeg.fingerprint, known.agreed, agreed)
            else:
                edit = SetBadChannels(1, eeg.fingerprint, known.bad_channels, bad)
            content = with_requests(content, [ApplyEdits((edit,))], 1)
            study.apply(edit)
            assert study.eegs(1) == content.eegs
            inverse = with_requests(content, [ApplyEdits((edit.inverse(),))], 1)
            again = with_requests(inverse, [ApplyEdits((edit,))], 1)
            assert again.eegs == content.eegs
        assert study.verify_history() == ()


def test_edits_of_one_file_build_on_each_other_and_of_two_do_not() -> None:
    bad = [SetBadChannels(1, one.fingerprint, frozenset(), frozenset({"x"})) for one in (NIGHT, DAY)]
    assert not says_the_same(*bad)
    attach, sync = AttachEeg(1, None, NIGHT), SetEegSync(1, NIGHT.fingerprint, CLOCKS, MARKS)
    assert reach(ApplyEdits((attach,))).meets(reach(ApplyEdits((sync,))))
    assert reach(ApplyEdits((sync,))).meets(reach(ApplyEdits((bad[0],))))
    assert not reach(ApplyEdits((sync,))).meets(reach(ApplyEdits((bad[1],))))


def test_a_study_and_its_eeg_that_are_moved_together_stay_together(tmp_path: Path) -> None:
    path = write_eeg(tmp_path / "a" / "eeg" / "night.edf")
    folder = tmp_path / "a" / "clip.semioscope"
    stored = stored_eeg(path, "d" * 40, 1000, folder, CLOCKS)
    assert stored.path == "../eeg/night.edf"
    assert stored.place(tmp_path / "b" / "clip.semioscope") == tmp_path / "b" / "eeg" / "night.edf"


# the content of a file


def _hash(path: Path, size: int | None = None) -> str:
    with opened_eeg(path) as file:
        return content_hash(file, size)


def test_the_hash_is_of_header_and_first_records_without_who_was_recorded(tmp_path: Path) -> None:
    path = write_eeg(tmp_path / "a.edf", seconds=4000)
    first, content = _hash(path), bytearray(path.read_bytes())

    def changed(at: int, new: bytes) -> str:
        other = bytearray(content)
        other[at : at + len(new)] = new
        (tmp_path / "b.edf").write_bytes(other)
        return _hash(tmp_path / "b.edf")

    assert changed(8, b"another patient".ljust(80)) == first
    assert changed(236, b"-1      ") == first
    assert changed(len(content) - 50, b"later") == first, "what comes after the first records is not read"
    assert changed(168, b"03.03.26") != first
    assert changed(256, b"EEG F7-REF") != first
    assert changed(1100, b"\x11\x22\x33") != first


def test_a_file_that_has_grown_since_keeps_the_hash_of_its_former_size(tmp_path: Path) -> None:
    path = write_eeg(tmp_path / "a.edf", seconds=5)
    first, size = _hash(path), path.stat().st_size
    path.write_bytes(path.read_bytes() + path.read_bytes()[-2 * 150 :])
    assert _hash(path, size) == first
