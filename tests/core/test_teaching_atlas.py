"""The atlas: entries with sources, clips whose truth is the feature, examples that give nothing sealed."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from app.core.errors import Cancelled
from app.core.jobs import CancelToken, Task, no_report
from app.core.phantom.truth import truth
from app.core.reading import ReaderIdentity, person
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURE, FEATURES, Answer, Presence, Span
from app.core.study.edits import SetAnswer, SetBlindByDefault
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom, Unsealed
from app.core.teaching import atlas_clips
from app.core.teaching.agreed_examples import agreed_examples, shared_span
from app.core.teaching.atlas import atlas_entries, atlas_entry, search_atlas
from app.core.teaching.atlas_clips import (
    PAIRS,
    are_drawn,
    clip_path,
    feature_script,
    lookalike_clips,
    lookalike_script,
)
from tests.core.study_cases import ANA
from tests.media import write_recording

BO = person("Bo")
IDS = [feature.id for feature in FEATURES]


def test_every_feature_has_an_entry_and_every_claim_a_source() -> None:
    assert [one.feature.id for one in atlas_entries()] == IDS
    for entry in atlas_entries():
        assert all((entry.sources, entry.update, entry.side, entry.caution))
        assert len(entry.confusers) == len(entry.feature.confusers.split(";"))
        assert all(one.name and one.differs for one in entry.confusers)


def test_every_source_is_used() -> None:
    text = resources.files("app.core.teaching").joinpath("atlas.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    used = {name for row in data["features"].values() for name in row["sources"]}
    assert used == set(data["sources"])
    assert {row["update"] for row in data["features"].values()} == set(data["update"])


def test_words_are_searched_in_everything_that_is_said() -> None:
    assert search_atlas("") == atlas_entries()
    assert [one.feature.id for one in search_atlas("VERSIVE")] == ["head_turning"]
    assert {"clonic", "figure4", "tonic"} <= {one.feature.id for one in search_atlas("contralateral")}
    assert search_atlas("clonic")[0] == atlas_entry("clonic")
    assert {"clonic", "face_twitching", "figure4"} <= {one.feature.id for one in search_atlas("clonic")}
    assert search_atlas("clonic nothing-of-the-kind") == ()


@pytest.mark.parametrize("feature", IDS)
def test_a_clip_shows_its_feature_and_the_lookalike_does_not(feature: str) -> None:
    shown, resembling = truth(feature_script(feature)), truth(lookalike_script(feature))
    assert shown.answer(feature).presence is Presence.YES
    assert resembling.answer(feature).presence is not Presence.YES
    assert PAIRS[feature].lookalike


def tiny_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    def tiny(feature: str) -> object:
        return replace(whole(feature), duration=0.2, size=(64, 48))

    whole = atlas_clips.feature_script
    monkeypatch.setattr(atlas_clips, "feature_script", tiny)
    like = atlas_clips.lookalike_script
    monkeypatch.setattr(
        atlas_clips, "lookalike_script", lambda name: replace(like(name), duration=0.2, size=(64, 48))
    )


def a_task(cancel: CancelToken | None = None) -> Task:
    return Task(no_report, cancel or CancelToken(), lambda _what: None)


def test_clips_are_drawn_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tiny_clips(monkeypatch)
    assert not are_drawn("clonic", tmp_path)
    paths = lookalike_clips("clonic", tmp_path, a_task())
    assert are_drawn("clonic", tmp_path)
    assert all(open_recording(path).duration == pytest.approx(0.2, abs=0.05) for path in paths)
    times = [path.stat().st_mtime_ns for path in paths]
    assert lookalike_clips("clonic", tmp_path, a_task()) == paths
    assert [path.stat().st_mtime_ns for path in paths] == times
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}


def test_a_cancelled_clip_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tiny_clips(monkeypatch)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        lookalike_clips("clonic", tmp_path, a_task(token))
    assert list(tmp_path.iterdir()) == []


def test_another_drawing_has_another_name(tmp_path: Path) -> None:
    names = {clip_path(tmp_path, feature_script(name)).name for name in IDS}
    assert len(names) == len(IDS)


# the study's own recordings


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = Study.open(tmp_path / "ward.semioscope", author="Ana")
    study.recording(open_recording(write_recording(tmp_path / "one.mp4", frames=4)))
    study.recording(open_recording(write_recording(tmp_path / "two.mp4", frames=6)))
    study.apply(SetBlindByDefault(True, False))
    return study


def say(study: Study, number: int, who: ReaderIdentity, presence: Presence, *spans: Span) -> None:
    study.apply(SetAnswer(number, who, Answer("tonic"), Answer("tonic", presence, evidence=spans)))


def test_an_example_is_where_people_agree(study: Study) -> None:
    with study:
        say(study, 1, ANA, Presence.YES, Span(1, 5))
        assert agreed_examples(study, Unsealed())["tonic"] == ()
        say(study, 1, BO, Presence.YES, Span(2, 8))
        (example,) = agreed_examples(study, Unsealed())["tonic"]
        assert (example.number, example.readers, example.span) == (1, 2, Span(2, 5))
        say(study, 2, ANA, Presence.YES)
        say(study, 2, BO, Presence.NO)
        assert len(agreed_examples(study, Unsealed())["tonic"]) == 1
        assert set(agreed_examples(study, Unsealed())) == set(FEATURE)


def test_what_is_sealed_is_no_example(study: Study) -> None:
    with study:
        study.apply(SetBlindByDefault(False, True))
        say(study, 1, ANA, Presence.YES, Span(1, 5))
        say(study, 1, BO, Presence.YES, Span(2, 8))
        carla = person("Carla")
        assert agreed_examples(study, SealedFrom((carla,)))["tonic"] == ()
        assert len(agreed_examples(study, Unsealed())["tonic"]) == 1
        say(study, 1, carla, Presence.YES)
        assert agreed_examples(study, SealedFrom((carla,)))["tonic"] == ()


def test_the_shared_stretch_is_the_one_most_readers_marked() -> None:
    assert shared_span([]) is None
    assert shared_span([(), ()]) is None
    assert shared_span([(Span(1, 9),), (Span(2, 3), Span(5, 8)), (Span(6, 7),)]) == Span(6, 7)
    assert shared_span([(Span(4, 4),)]) == Span(4, 4)
