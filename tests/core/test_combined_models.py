"""A composite reader: what is seen by one model, what is heard by another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import main
from app.core.agreement.combined_models import combine, combine_in_study, models_of_study
from app.core.errors import UserError
from app.core.readers.models.model_caution import published_caution
from app.core.reading import (
    ReaderIdentity,
    ReaderKind,
    Reading,
    RecordingIdentity,
    from_json,
    person,
    to_json,
)
from app.core.semiology import FEATURES, Answer, Group, Presence
from app.core.study.store import Study

QWEN = ReaderIdentity(
    ReaderKind.MODEL, "Qwen2.5-VL-32B", "2", {"prompts": "a", "arm": "raw", "clips": '{"pose":true}'}
)
FLAMINGO = ReaderIdentity(
    ReaderKind.MODEL,
    "audio-flamingo-3",
    "2",
    {"prompts": "a", "arm": "denoised", "clips": '{"denoise":true}'},
)


def reading(reader: ReaderIdentity, presence: Presence, sha256: str = "ab") -> Reading:
    answers = {feature.id: Answer(feature.id, presence, explanation=reader.name) for feature in FEATURES}
    return Reading(RecordingIdentity("a.mp4", sha256, 9.0), reader, answers)


SEEN, HEARD = reading(QWEN, Presence.YES), reading(FLAMINGO, Presence.NO)


def test_each_model_answers_what_it_is_there_for() -> None:
    both = combine(SEEN, HEARD)
    assert len(both.answers) == 20
    for feature in FEATURES:
        whose = FLAMINGO if feature.group is Group.SOUND else QWEN
        assert both.answer(feature.id).explanation == whose.name
    assert both.reader.name == "Qwen2.5-VL-32B + audio-flamingo-3"
    assert both.reader.details["arm"] == "raw / denoised"
    assert from_json(to_json(both)) == both


def test_it_is_the_same_reader_whatever_belongs_to_one_recording() -> None:
    other = replace(QWEN, details={**QWEN.details, "patient": "box", "served": "q-1", "program": "9"})
    assert (
        combine(replace(SEEN, reader=other), HEARD).reader.exact_key == combine(SEEN, HEARD).reader.exact_key
    )
    asked = replace(QWEN, details={**QWEN.details, "prompts": "b"})
    assert combine(replace(SEEN, reader=asked), HEARD).reader.key != combine(SEEN, HEARD).reader.key


def asked(reader: ReaderIdentity, **more: str) -> ReaderIdentity:
    return replace(reader, details={**reader.details, **more})


def test_composite_readers_of_other_spans_and_views_are_one_reader() -> None:
    one = combine(reading(asked(QWEN, range="60-120", picture="2"), Presence.YES), HEARD).reader
    other = combine(reading(asked(QWEN, range="0.5-9", view="mirrored"), Presence.NO), HEARD).reader
    assert one.anywhere == other.anywhere
    assert other.details["view"] == "mirrored", "which sides are meant stays said"
    for part in ({}, {"range": "event:10"}):
        whole = combine(reading(asked(QWEN, **part), Presence.YES), HEARD).reader
        assert whole.anywhere.key != one.anywhere.key


def test_a_composite_reader_that_is_stored_is_found_again() -> None:
    """Its text is in studies: made again it replaces itself, and what names a span is one with the rest."""
    details = '{"arm":"raw","clips":"{\\"pose\\":true}","prompts":"a"}'
    assert combine(SEEN, HEARD).reader.details["seen_by"] == f'["Qwen2.5-VL-32B","2",{details}]'
    earlier = combine(SEEN, HEARD).reader
    spans = earlier.details["seen_by"].replace('"prompts":"a"', '"prompts":"a","range":"60-120"')
    stored = replace(earlier, details={**earlier.details, "seen_by": spans})
    now = combine(reading(asked(QWEN, range="5-9"), Presence.YES), HEARD).reader
    assert stored.anywhere.key == now.anywhere.key
    assert published_caution(stored, "clonic") == published_caution(now, "clonic")


def test_readings_of_two_recordings_or_of_a_person_are_not_combined() -> None:
    with pytest.raises(ValueError, match="different recordings"):
        combine(SEEN, reading(FLAMINGO, Presence.NO, "cd"))
    with pytest.raises(ValueError, match="not models"):
        combine(SEEN, reading(person("Ana"), Presence.NO))


def test_the_caution_is_that_of_the_model_that_answered() -> None:
    both = combine(SEEN, HEARD).reader
    assert "Qwen2.5-VL-32B, the skeleton drawn over the picture, 81 recordings" in published_caution(
        both, "clonic"
    )
    assert "Audio Flamingo 3, the sound with its noise reduced" in published_caution(
        both, "ictal_vocalization"
    )
    for text in ("", "[", "[1]", '["a","1",[]]'):
        broken = replace(both, details={**both.details, "seen_by": text})
        assert "Nothing is published" in published_caution(broken, "clonic")


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "study", author="Ana") as opened:
        for name, readers in (("a", (QWEN, FLAMINGO)), ("b", (QWEN,)), ("c", ())):
            number = opened.recording_without_video(f"{name}.mp4")
            for reader in readers:
                opened.keep_reading(number, reading(reader, Presence.YES))
        yield opened


def test_a_study_keeps_it_beside_the_models_own_readings(study: Study) -> None:
    assert models_of_study(study) == (QWEN.name, FLAMINGO.name)
    made = combine_in_study(study, QWEN.name, FLAMINGO.name)
    assert (made.recordings, made.left_out) == (1, 1)
    assert len(study.readings(1, viewer=None)) == 3
    assert combine_in_study(study, QWEN.name, FLAMINGO.name) == made, "again it replaces itself"
    assert len(study.readings(1, viewer=None)) == 3
    assert models_of_study(study) == (QWEN.name, FLAMINGO.name), "it is not combined again"
    assert [one.reader.name for one in study.readings(2, viewer=None)] == [QWEN.name]


def test_a_model_that_was_asked_for_other_spans_is_combined_as_one(tmp_path: Path) -> None:
    with Study.open(tmp_path / "spans", author="Ana") as opened:
        for name, *parts in (("a", "60-120", "5-9"), ("b", "0.5-1.5")):
            number = opened.recording_without_video(f"{name}.mp4")
            for part in parts:
                seen = asked(QWEN, range=part, view="turned 1", patient=part)
                opened.keep_reading(number, reading(seen, Presence.NO if part == "60-120" else Presence.YES))
            opened.keep_reading(number, reading(FLAMINGO, Presence.YES))
        opened.keep_reading(opened.recording_without_video("c.mp4"), reading(QWEN, Presence.YES))
        whole, part = (name for name in models_of_study(opened) if name.startswith(QWEN.name))
        made = combine_in_study(opened, part, FLAMINGO.name)
        assert (made.recordings, whole) == (2, "Qwen2.5-VL-32B 2")
        (first,), (second,) = (
            [one for one in opened.readings(number, viewer=None) if "seen_by" in one.reader.details]
            for number in (1, 2)
        )
        assert first.reader.anywhere == second.reader.anywhere
        assert first.answer("clonic").presence is Presence.YES, "of two spans of one recording the latest"
        assert len(opened.readings(1, viewer=None)) == 4, (
            "the readings themselves stay, each under its own key"
        )


def test_an_unknown_model_and_none_in_common_are_refused(study: Study) -> None:
    with pytest.raises(UserError, match="no model called “gpt”"):
        combine_in_study(study, "gpt", FLAMINGO.name)


def test_the_command(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(study.folder)
    study.close()
    assert main(["combine", folder]) == 1
    assert "This study has: Qwen2.5-VL-32B, audio-flamingo-3." in capsys.readouterr().err
    assert main(["combine", folder, "--seen-by", QWEN.name, "--heard-by", FLAMINGO.name]) == 0
    assert "1 recording; read by one of the two only: 1." in capsys.readouterr().out
