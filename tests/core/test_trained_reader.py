"""Trained readers: their files are numbers that are checked, their answers say what they rest on."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from app.core.errors import UserError
from app.core.readers.signal.measures.measures import measure
from app.core.readers.signal.reader import MeasuredReading, reading_of_measures
from app.core.readers.trained.linear_model import LinearModel, decisive
from app.core.readers.trained.signal_inputs import (
    BLOCKS,
    OWN,
    PATTERNS,
    VERSION,
    inputs_of_nothing,
    signal_inputs,
)
from app.core.readers.trained.trained_reader_file import (
    FeatureTraining,
    TrainedFeature,
    TrainedReaderFile,
    load_trained_reader,
    trained_reader_from_dict,
    trained_reader_to_json,
)
from app.core.readers.trained.trained_signal_reader import TrainedSignalReader, trained_reading
from app.core.reading import ReaderKind, RecordingIdentity, from_json, to_json
from app.core.report.phrases import caution, describe_reader, reader_name
from app.core.semiology import FEATURES, Presence
from tests.core.patients_of_numbers import CLONIC, ORDINARY, Patient, track
from tests.media import tone, write_recording

SHA = "a" * 64


def model(feature: str, *weights: tuple[str, float], intercept: float = 0.0) -> TrainedFeature:
    names = tuple(inputs_of_nothing().of(feature, PATTERNS))
    found = np.zeros(len(names))
    for name, weight in weights:
        found[names.index(name)] = weight
    zeros, ones = np.zeros(len(names)), np.ones(len(names))
    scores = {"f1": 0.9, "rules_f1": 0.8, "always_yes_f1": 0.6}
    return TrainedFeature(
        LinearModel(names, zeros, zeros, ones, found, intercept, 2.0, 0.0, 0.4),
        FeatureTraining(20, 30, 25, "rules, C 1", scores),
    )


def trained_file(**features: TrainedFeature) -> TrainedReaderFile:
    return TrainedReaderFile(
        *("signal", "EMU", VERSION, "0.1.0", "2026-01-01T00:00:00+00:00", "experts", "patient"),
        25, (SHA,), features, {"tonic": "there are 3 recordings with yes and 40 with no."},
        {"scikit-learn": "1.5"},
    )  # fmt: skip


CLONIC_FILE = trained_file(
    clonic=model("clonic", ("rule: Clonic", 3.0), ("arm speed, higher side: highest", 0.1))
)


def measured(patient: Patient, sha256: str = "b" * 64) -> MeasuredReading:
    found = measure(track(patient), None)
    identity = RecordingIdentity("x.mp4", sha256, patient.seconds)
    return MeasuredReading(reading_of_measures(identity, track(patient), found), found)


def test_an_answer_shows_what_decided_and_how_training_went() -> None:
    reading = trained_reading(CLONIC_FILE, measured(CLONIC))
    answer = reading.answer("clonic")
    assert answer.presence is Presence.YES
    assert answer.evidence == measured(CLONIC).reading.answer("clonic").evidence
    for part in (
        "Decided by rule: Clonic", "arm speed, higher side: highest", "(for yes)",
        "On unseen patients its F1 was 0.90", "the rules 0.80", "always yes 0.60",
        "50 recordings of 25 patients, 20 with yes",
    ):  # fmt: skip
        assert part in answer.explanation
    assert trained_reading(CLONIC_FILE, measured(ORDINARY)).answer("clonic").presence is Presence.NO


def test_what_was_not_trained_stays_open_with_the_reason() -> None:
    reading = trained_reading(CLONIC_FILE, measured(CLONIC))
    assert reading.answer("tonic").presence is None
    assert "3 recordings with yes" in reading.answer("tonic").explanation
    assert reading.answer("eye_blinking").presence is None


def test_a_recording_it_was_trained_on_is_said_to_be_one() -> None:
    said = trained_reading(CLONIC_FILE, measured(CLONIC, SHA)).answer("clonic").explanation
    assert "one of those the reader was trained on" in said
    other = trained_reading(CLONIC_FILE, measured(CLONIC)).answer("clonic").explanation
    assert "trained on:" not in other


def test_what_was_not_seen_is_not_assessable() -> None:
    nothing = measure(None, None)
    identity = RecordingIdentity("x.mp4", "c" * 64, 5.0)
    found = MeasuredReading(reading_of_measures(identity, None, nothing), nothing)
    answer = trained_reading(CLONIC_FILE, found).answer("clonic")
    assert answer.presence is Presence.NOT_ASSESSABLE
    assert "Nobody" in answer.explanation


def test_it_is_a_reader_of_its_own_and_says_so() -> None:
    reading = trained_reading(CLONIC_FILE, measured(CLONIC))
    assert from_json(to_json(reading)).reader == reading.reader
    assert reading.reader.kind is ReaderKind.SIGNAL
    assert not reading.reader.is_rule_based
    assert reader_name(reading.reader) == "trained signal reader EMU"
    assert "mean F1 was 0.90" in caution(reading.reader)
    assert "1 recording of 25 patients" in describe_reader(reading.reader)
    other = trained_file(clonic=model("clonic", ("rule: Clonic", 3.1)))
    assert other.digest != CLONIC_FILE.digest


def test_every_recording_has_the_same_inputs_in_the_same_order() -> None:
    found = measured(CLONIC)
    inputs = signal_inputs(found.measures, found.reading)
    for feature in FEATURES:
        for block in BLOCKS:
            assert list(inputs.of(feature.id, block)) == list(inputs_of_nothing().of(feature.id, block))
        assert list(inputs.of(feature.id, OWN)) == ["its rule says yes", "its rule cannot assess it"]
    wide = list(inputs.of("clonic", PATTERNS))
    for block in BLOCKS:
        narrow = list(inputs.of("clonic", block))
        assert wide[: len(narrow)] == narrow


def test_what_moved_the_score_furthest_is_named_first() -> None:
    ones = np.ones(3)
    linear = LinearModel(("a", "b", "c"), 0 * ones, 0 * ones, ones, np.array([1.0, -3.0, 2.0]), 0, 1, 0, 0.5)
    found = decisive(linear, np.array([1.0, 1.0, np.nan]))
    assert [(one.name, one.added) for one in found] == [("b", -3.0), ("a", 1.0)]


def test_the_file_comes_back_as_it_was() -> None:
    again = trained_reader_from_dict(json.loads(trained_reader_to_json(CLONIC_FILE)))
    assert again.digest == CLONIC_FILE.digest
    assert trained_reader_to_json(again) == trained_reader_to_json(CLONIC_FILE)
    one, other = (each.features["clonic"].model for each in (again, CLONIC_FILE))
    assert one.inputs == other.inputs
    assert (one.weights == other.weights).all()


Change = Callable[[dict[str, Any]], object]


def _model(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["features"]["clonic"]["model"]
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(format="semioscope-trained-reader/2"),
        lambda data: data.update(kind="pickle"),
        lambda data: data.update(recordings=["../../etc/passwd"]),
        lambda data: data.update(recordings="a"),
        lambda data: data.update(patients=-1),
        lambda data: data.update(name=3),
        lambda data: data["features"].update(nonsense=data["features"]["clonic"]),
        lambda data: data["features"].update(clonic=[]),
        lambda data: _model(data).update(weights=[1.0]),
        lambda data: _model(data).update(inputs=[]),
        lambda data: _model(data).update(inputs=["x"] * len(_model(data)["inputs"])),
        lambda data: _model(data)["scale"].__setitem__(0, 0.0),
        lambda data: _model(data)["weights"].__setitem__(0, "1"),
        lambda data: _model(data)["weights"].__setitem__(0, 1e300),
        lambda data: _model(data)["weights"].__setitem__(0, True),
        lambda data: _model(data).update(threshold=1.5),
        lambda data: _model(data).update(slope=None),
    ],
)  # fmt: skip
def test_a_file_from_elsewhere_is_checked_value_by_value(change: Change, tmp_path: Path) -> None:
    data = json.loads(trained_reader_to_json(CLONIC_FILE))
    change(data)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError, match=r"“x\.json” is not a trained reader"):
        load_trained_reader(path)


class Runs:
    """What a pickle could make of a reader."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (Path("ran"), "ran"))


@pytest.mark.parametrize("content", [pickle.dumps(Runs()), b"", b"[" * 100, b"\x80\x04", b'{"format": NaN}'])
def test_anything_else_is_refused_and_nothing_in_it_is_run(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(UserError, match="is not a trained reader"):
        load_trained_reader(tmp_path / "x.json")
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_other_inputs_and_unknown_names_are_refused() -> None:
    with pytest.raises(UserError, match="train it anew"):
        TrainedSignalReader(replace(CLONIC_FILE, inputs="signal-inputs/0"))
    known = CLONIC_FILE.features["clonic"]
    strange = replace(known, model=replace(known.model, inputs=("x", *known.model.inputs[1:])))
    with pytest.raises(UserError, match="a measure that is not known"):
        trained_reading(trained_file(clonic=strange), measured(CLONIC))


def test_the_command_line_takes_it_like_any_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "emu.json"
    loud = replace(CLONIC_FILE, features={"ictal_vocalization": model("ictal_vocalization", intercept=1.0)})
    file.write_text(trained_reader_to_json(loud), encoding="utf-8")
    movie = tmp_path / "m.mp4"
    write_recording(movie, frames=30, sound=tone(1.5))
    out = tmp_path / "reading.json"
    assert cli.main(["analyze", "--reader", f"trained:{file}", "--json", str(out), str(movie)]) == 0
    shown = capsys.readouterr().out
    assert "trained signal reader EMU" in shown
    assert "mean F1 was 0.90" in shown
    reading = from_json(out.read_text("utf-8"))
    assert reading.answer("ictal_vocalization").presence is not None
    assert reading.answer("clonic").presence is None
    assert cli.main(["analyze", "--reader", "trained:", str(movie)]) == 2
    assert cli.main(["analyze", "--reader", f"trained:{movie}", str(movie)]) == 1
    assert "is not a trained reader" in capsys.readouterr().err
