"""The worklist, the way to the next place, the history in pages, and recordings found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import Cancelled
from app.core.jobs import CancelToken
from app.core.reading import Reading, RecordingIdentity, person
from app.core.recording.identity import fingerprint
from app.core.semiology import FEATURES, Answer, Laterality, Presence
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import Decide, Decision, LockReading, SetAnswer, SetMark, SetNote, SetSavedFilter
from app.core.study.history_search import HistoryFilter
from app.core.study.marks import Mark, MarkKind
from app.core.study.moved_recordings import find_moved, is_missing, keep_places, missing_recordings
from app.core.study.store import Study
from app.core.study.worklist import FeaturePlace, WorkFilter, WorkStatus
from tests.core.study_cases import ANA, SIGNAL, Clip, tick

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")
IDS = [feature.id for feature in FEATURES]
IDENTITY = RecordingIdentity("", "", 0.0)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "ward", author="Ana") as opened:
        for number in range(4):
            opened.recording(Clip(tmp_path / f"clip {number + 1}.mp4", f"{number:064x}"))
        yield opened


def _fill(study: Study, recording: int, presence: Presence = NO) -> None:
    answers = {one: Answer(one, presence) for one in IDS}
    study.keep_reading(recording, Reading(IDENTITY, ANA, answers))


def test_the_worklist_says_how_far_one_is(study: Study) -> None:
    tick(study, 2, "tonic", YES)
    study.apply(SetAnswer(2, BO, Answer("tonic"), Answer("tonic", NO)))
    study.apply(SetAnswer(2, BO, Answer("clonic"), Answer("clonic", NO)))
    _fill(study, 3)
    tick(study, 4, "tonic", YES)
    study.apply(LockReading(4, ANA))
    items = study.worklist(ANA, viewer=None)
    assert [(item.name, item.status, item.answered) for item in items] == [
        ("clip 1.mp4", WorkStatus.UNANSWERED, 0),
        ("clip 2.mp4", WorkStatus.STARTED, 1),
        ("clip 3.mp4", WorkStatus.DONE, 20),
        ("clip 4.mp4", WorkStatus.LOCKED, 1),
    ]
    assert [item.readers for item in items] == [(), ("Ana", "Bo"), ("Ana",), ("Ana",)]
    assert [item.agreement for item in items] == [None, 0.0, None, None]
    assert items[0].changed is None
    assert items[3].changed == study.history(viewer=None)[-1].at
    assert study.worklist(BO, viewer=None)[1].answered == 2
    assert study.worklist(person("Nobody"), viewer=None)[1].status is WorkStatus.UNANSWERED


_PRESENCES = st.none() | st.sampled_from(Presence)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(_PRESENCES, min_size=3, max_size=3), min_size=2, max_size=4))
def test_agreement_is_the_share_of_pairs_of_answers_that_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[Presence | None]]
) -> None:
    folder = tmp_path_factory.mktemp("study")
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder / "clip.mp4"))
        for number, presences in enumerate(table):
            answers = {one: Answer(one, presence) for one, presence in zip(IDS, presences, strict=False)}
            study.keep_reading(recording, Reading(IDENTITY, person(f"P{number}"), answers))
        pairs = [
            (one[place], other[place])
            for number, one in enumerate(table)
            for other in table[:number]
            for place in range(3)
            if one[place] is not None and other[place] is not None
        ]
        (item,) = study.worklist(person("P0"), viewer=None)
        share = sum(one is other for one, other in pairs) / len(pairs) if pairs else None
        assert item.agreement == (None if share is None else pytest.approx(share))
        # The way to the next disagreement meets the same features as the list of them.
        met, place = [], study.next_disagreement(viewer=None)
        while place is not None and place.feature not in met:
            met.append(place.feature)
            place = study.next_disagreement(place, viewer=None)
        assert met == [one.feature for one in study.disagreements(recording, viewer=None)]


def test_the_worklist_is_filtered_and_sorted(study: Study) -> None:
    tick(study, 2, "tonic", YES)
    study.apply(SetAnswer(2, BO, Answer("tonic"), Answer("tonic", NO)))
    _fill(study, 3)
    items = study.worklist(ANA, viewer=None)

    def shown(wanted: WorkFilter) -> list[int]:
        return [item.recording_id for item in items if wanted.shows(item)]

    assert shown(WorkFilter()) == [1, 2, 3, 4]
    assert shown(WorkFilter(text="CLIP 3")) == [3]
    assert shown(WorkFilter(text="bo")) == [2]
    assert shown(WorkFilter(reader="Ana")) == [2, 3]
    assert shown(WorkFilter(statuses=frozenset({WorkStatus.DONE, WorkStatus.STARTED}))) == [2, 3]
    assert shown(WorkFilter(agreement_below=0.5)) == [2]
    (agreement,) = (item.agreement for item in items if item.recording_id == 2)
    assert agreement is not None
    assert shown(WorkFilter(agreement_below=agreement)) == []  # less than that, not as much
    saved = WorkFilter("a", frozenset({WorkStatus.DONE, WorkStatus.LOCKED}), "Bo", 0.5)
    study.apply(SetSavedFilter("mine", None, saved.to_text()))
    assert WorkFilter.from_text(study.settings().filters["mine"]) == saved


def test_the_next_unanswered_goes_round(study: Study) -> None:
    for recording in (1, 2, 3, 4):
        _fill(study, recording)
    assert study.next_unanswered(ANA) is None
    tick(study, 2, IDS[3], None)
    tick(study, 4, IDS[0], None)
    first, second = FeaturePlace(2, IDS[3]), FeaturePlace(4, IDS[0])
    assert study.next_unanswered(ANA) == first
    assert study.next_unanswered(ANA, first) == second
    assert study.next_unanswered(ANA, second) == first
    assert study.next_unanswered(ANA, FeaturePlace(2, IDS[2])) == first
    assert study.next_unanswered(ANA, only=4) == second
    assert study.next_unanswered(ANA, only=3) is None
    assert study.next_unanswered(BO) == FeaturePlace(1, IDS[0])


def test_the_next_disagreement_passes_over_what_is_decided_or_sealed(study: Study) -> None:
    for recording in (1, 3):
        for feature in (IDS[4], IDS[9]):
            tick(study, recording, feature, YES)
            study.apply(SetAnswer(recording, BO, Answer(feature), Answer(feature, NO)))
    left, right = (Answer(IDS[0], YES, laterality=side) for side in (Laterality.LEFT, Laterality.RIGHT))
    study.apply(SetAnswer(3, ANA, Answer(IDS[0]), left))
    study.apply(SetAnswer(3, BO, Answer(IDS[0]), right))
    places = [
        FeaturePlace(1, IDS[4]),
        FeaturePlace(1, IDS[9]),
        FeaturePlace(3, IDS[0]),
        FeaturePlace(3, IDS[4]),
        FeaturePlace(3, IDS[9]),
    ]
    met = [study.next_disagreement(viewer=None)]
    for _ in places:
        met.append(study.next_disagreement(met[-1], viewer=None))
    assert met == [*places, places[0]]
    assert study.next_disagreement(only=3, viewer=None) == places[2]
    assert study.next_disagreement(only=2, viewer=None) is None
    study.apply(Decide(1, Decision(Answer(IDS[4])), Decision(Answer(IDS[4], NO), "seen again")))
    assert study.next_disagreement(viewer=None) == places[0]
    assert study.next_disagreement(undecided=True, viewer=None) == places[1]
    assert study.next_disagreement(viewer=ANA) is None
    study.apply(LockReading(3, ANA))
    study.reveal(3, ANA)
    assert study.next_disagreement(viewer=ANA) == places[2]
    assert CONSENSUS.name in study.worklist(ANA, viewer=None)[0].readers


# the history


def test_the_history_is_filtered_and_paged(study: Study) -> None:
    for number in range(10):
        tick(study, 1 + number % 2, IDS[number], YES)
    study.apply(SetNote(1, BO, "tonic", "", "100 % – “über” a_b"), why="looked again")
    page = study.history_page(limit=4, viewers=())
    assert [row.entry.seq for row in page.rows] == [11, 10, 9, 8]
    seen = list(page.rows)
    while page.next is not None:
        page = study.history_page(limit=4, before=page.next, viewers=())
        seen.extend(page.rows)
    assert [row.entry.seq for row in seen] == list(range(11, 0, -1))
    times = {row.entry.seq: row.entry.at for row in seen}

    def found(**wanted: object) -> list[int]:
        rows = study.history_page(HistoryFilter(**wanted), viewers=()).rows  # type: ignore[arg-type]
        return [row.entry.seq for row in rows]

    assert found(recording_id=2) == [10, 8, 6, 4, 2]
    assert found(feature=IDS[3]) == [4]
    assert found(reader=BO) == [11]
    assert found(reader=person("Nobody")) == []
    assert found(who="Ana", subject="note") == [11]
    assert found(operation="undo") == []
    assert found(since=times[9], until=times[10]) == [10, 9]
    for text in ("100 %", "“über”", "a_b", "LOOKED again"):
        assert found(text=text) == [11], text
    assert found(text="aXb") == []
    row = study.history_page(limit=1, viewers=()).rows[0]
    assert (row.recording, row.reader, row.old, row.new) == ("clip 1.mp4", "Bo", "", "100 % – “über” a_b")


def test_old_and_new_are_told_in_words(study: Study) -> None:
    study.keep_reading(1, Reading(IDENTITY, SIGNAL, {"tonic": Answer("tonic", YES, 60)}))
    tick(study, 1, "tonic", Presence.NOT_ASSESSABLE)
    study.apply(LockReading(1, ANA))
    study.reveal(1, ANA)
    told = [(row.old, row.new) for row in study.history_page(viewers=()).rows]
    assert told == [
        ("", "1 reading shown"),
        ("", "locked, read blind"),
        ("unanswered", "not assessable"),
        ("0 of 20 answered", "1 of 20 answered"),
    ]
    study.apply(SetMark(1, BO, None, Mark(MarkKind.PHASE, 5.0, "tonic")))
    (marked,) = study.history_page(limit=1, viewers=()).rows
    assert (marked.what, marked.old, marked.new) == ("mark", "", "phase 5.00 s tonic")
    study.undo(1)
    (undone,) = study.history_page(limit=1, viewers=()).rows
    assert (undone.what, undone.old, undone.new) == ("mark, undone", "phase 5.00 s tonic", "")


# recordings that were moved


def _file(path: Path, content: bytes) -> Clip:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Clip(path, fingerprint(path))


def test_moved_recordings_are_found_by_their_content(tmp_path: Path) -> None:
    with Study.open(tmp_path / "ward", author="Ana") as study:
        first = study.recording(_file(tmp_path / "old" / "a.mp4", b"first"))
        second = study.recording(_file(tmp_path / "old" / "b.mp4", b"second"))
        third = study.recording(_file(tmp_path / "old" / "c.mp4", b"third"))
        (tmp_path / "new" / "deep").mkdir(parents=True)
        (tmp_path / "old" / "a.mp4").rename(tmp_path / "new" / "deep" / "renamed.MP4")
        (tmp_path / "old" / "b.mp4").write_bytes(b"second")
        (tmp_path / "old" / "c.mp4").rename(tmp_path / "gone.mp4")
        (tmp_path / "new" / "a.mp4").write_bytes(b"another of the same name")
        assert [row.id for row in missing_recordings(study)] == [first, third]
        said: list[str] = []
        found = find_moved(study, tmp_path / "new", report=lambda progress: said.append(progress.what))
        assert said[0].startswith("1 file compared, ")
        assert [one.path.name for one in found] == ["renamed.MP4"]
        assert is_missing(study, first), "nothing is written before it is confirmed"
        keep_places(study, found)
        assert not is_missing(study, first)
        assert study.recording_path(first) == tmp_path / "new" / "deep" / "renamed.MP4"
        assert study.recording_path(second) == tmp_path / "old" / "b.mp4"
        assert [row.id for row in missing_recordings(study)] == [third]
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            find_moved(study, tmp_path / "new", cancel=token)
