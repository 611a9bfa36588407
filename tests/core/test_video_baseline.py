"""The video baseline: what a network is shown, what comes from elsewhere, from training to an answer."""

from __future__ import annotations

import json
import runpy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app import cli
from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.readers.trained.trained_reader_file import load_trained_reader
from app.core.readers.trained.video import video_embeddings as embeddings_module
from app.core.readers.trained.video.backbone import load_backbone, preprocessing_from_json
from app.core.readers.trained.video.trained_video_reader import TrainedVideoReader, video_reading
from app.core.readers.trained.video.video_embeddings import (
    VideoEmbeddings,
    frame_numbers,
    middle,
    scaled_size,
    video_embeddings,
)
from app.core.reading import RecordingIdentity, from_json
from app.core.recording.probe import open_recording
from app.core.semiology import Presence, Span
from tests.media import HEIGHT, WIDTH, write_recording
from tests.tiny_network import network, numbers_elsewhere, write_network


def coloured(path: Path, levels: Sequence[tuple[int, int, int]], rate: int = 10) -> Path:
    """A recording whose frames are of one colour each."""
    pictures = [np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in levels]
    return write_recording(path, frames=len(levels), rate=rate, pictures=pictures)


def test_a_segment_is_shown_as_the_preprocessing_says(tmp_path: Path) -> None:
    backbone = load_backbone(write_network(tmp_path / "n", mean=[0.5, 0.0, 0.0], std=[0.5, 1.0, 1.0]))
    # Two seconds in red, then blue: segments of 0–2 and 1.5–3.5 s.
    movie = coloured(tmp_path / "m.mp4", [(200, 0, 0)] * 20 + [(0, 0, 200)] * 15)
    found = video_embeddings(open_recording(movie), backbone, report=no_report, cancel=CancelToken())
    assert [(round(span.start, 1), round(span.end, 1)) for span in found.spans] == [(0, 2), (1.5, 3.5)]
    red, _, blue = found.rows[0]
    assert red == pytest.approx((200 / 255 - 0.5) / 0.5, abs=0.05)
    assert blue == pytest.approx(0, abs=0.05)
    # Of its four pictures, at 1.75, 2.25, 2.75 and 3.25 s, three are blue.
    assert found.rows[1][2] == pytest.approx(0.75 * 200 / 255, abs=0.05)


def test_a_recording_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = load_backbone(write_network(tmp_path / "n"))
    recording = open_recording(coloured(tmp_path / "m.mp4", [(90, 90, 90)] * 10))
    first = video_embeddings(recording, backbone, report=no_report, cancel=CancelToken())
    monkeypatch.setattr(embeddings_module, "FrameReader", None)
    again = video_embeddings(recording, backbone, report=no_report, cancel=CancelToken())
    assert (again.rows == first.rows).all()
    assert again.spans == first.spans
    other = load_backbone(write_network(tmp_path / "o", resize=24))
    with pytest.raises(TypeError):
        video_embeddings(recording, other, report=no_report, cancel=CancelToken())


def test_frames_are_those_on_the_screen_and_the_middle_is_cut_out() -> None:
    times = np.arange(4) * 0.5
    assert frame_numbers(times, Span(0, 2), 4) == [0, 1, 2, 3]
    assert frame_numbers(times, Span(0, 2), 1) == [2]
    assert frame_numbers(times + 9, Span(0, 2), 2) == [0, 0]
    assert scaled_size(1920, 1080, 128) == (228, 128)
    assert scaled_size(100, 300, 128) == (128, 384)
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    assert (middle(picture, 4) == picture[1:5, 2:6]).all()


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "x"}, {"model": "../tiny.onnx"}, {"model": "/etc/x.onnx"}, {"model": "tiny.pkl"},
        {"frames": 0}, {"frames": 10**6}, {"frames": True}, {"size": 4}, {"resize": 8}, {"mean": [0, 0]},
        {"std": [0, 1, 1]}, {"layout": "NHWC"}, {"segment_seconds": 1e9}, {"overlap_seconds": 1.9},
        {"name": 3}, {"mean": "x"},
    ],
)  # fmt: skip
def test_a_preprocessing_from_elsewhere_is_checked(changed: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not understood"):
        load_backbone(write_network(tmp_path / "n", **changed))


def test_a_network_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    folder = write_network(tmp_path / "n", layout="NTCHW")
    pictures = np.zeros((4, 16, 16, 3), np.uint8)
    with pytest.raises(UserError, match="does not take what"):
        load_backbone(folder).embed(pictures)
    (folder / "tiny.onnx").write_bytes(b"no network")
    with pytest.raises(UserError, match="is not a network"):
        load_backbone(folder)
    (folder / "tiny.onnx").unlink()
    with pytest.raises(UserError, match="cannot be read"):
        load_backbone(folder)


@pytest.mark.parametrize("place", ["{}", "secret.bin", "../secret.bin"])
def test_a_network_cannot_take_its_numbers_from_another_file(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"\0" * 12)
    folder = write_network(tmp_path / "n")
    (folder / "tiny.onnx").write_bytes(network(further=numbers_elsewhere(place.format(secret))))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="is not a network"):
        load_backbone(folder)


def test_from_training_to_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Forty recordings of ten patients: red in one of two segments is a yes."""
    backbone = write_network(tmp_path / "n")
    folder = tmp_path / "recordings"
    folder.mkdir()
    rows = ["file_name,tonic,ictal_vocalization"]
    for number in range(40):
        yes = number // 10 % 2 == 0
        shade = 40 + 3 * number
        levels = [(shade, shade, shade)] * 18
        if yes:
            levels[13:] = [(220, 0, 0)] * 5
        coloured(folder / f"P{number % 10}_{number}.mp4", levels, rate=5)
        rows.append(f"P{number % 10}_{number}.mp4,{'yes' if yes else 'no'},{'yes' if yes else 'no'}")
    labels = tmp_path / "labels.csv"
    labels.write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "video.json"
    train = ["train", str(folder), "--labels", str(labels), "--reader", "video", "--out", str(out)]
    assert cli.main([*train, "--backbone", str(backbone)]) == 1
    refused = capsys.readouterr().err
    assert "Nothing says which recordings are of one patient" in refused
    assert "Measuring" not in refused
    assert cli.main([*train, "--group-by", r"P\d"]) == 0
    shown = capsys.readouterr().out
    assert "40 recordings of 10 patients" in shown
    file = load_trained_reader(out)
    assert set(file.features) == {"tonic"}
    assert file.features["tonic"].training.scores["f1"] > 0.9
    assert "ictal_vocalization" not in file.refused
    unseen = coloured(tmp_path / "unseen.mp4", [(60, 60, 60)] * 13 + [(220, 0, 0)] * 6, rate=5)
    reading = tmp_path / "reading.json"
    assert cli.main(["analyze", "--reader", f"trained:{out}", "--json", str(reading), str(unseen)]) == 0
    answer = from_json(reading.read_text("utf-8")).answer("tonic")
    assert answer.presence is Presence.YES
    assert answer.evidence[0].start > 0
    assert "40 recordings of 10 patients" in answer.explanation
    changed = json.loads((backbone / "preprocessing.json").read_text("utf-8")) | {"resize": 24}
    (backbone / "preprocessing.json").write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(UserError, match="another network or preprocessing"):
        TrainedVideoReader(file, load_backbone(backbone))
    sound_alone = video_reading(file, RecordingIdentity("x", "", 1.0), VideoEmbeddings((), np.zeros((0, 0))))
    assert sound_alone.answer("tonic").presence is Presence.NOT_ASSESSABLE
    with pytest.raises(UserError, match="damaged"):
        video_reading(
            replace(file), RecordingIdentity("x", "", 1.0), VideoEmbeddings((Span(0, 1),), np.zeros((1, 2)))
        )


def test_the_exported_colours_are_those_of_the_networks_own_processor() -> None:
    path = Path(__file__).parents[2] / "resources" / "backbones" / "export_backbone.py"
    script = runpy.run_path(str(path))
    shown = SimpleNamespace(
        rescale_factor=1 / 127.5, offset=True, do_normalize=True, image_mean=[0.5] * 3, image_std=[0.25] * 3
    )
    found = script["colours"](shown)
    for level in (0, 100, 255):
        wanted = ((level / 127.5 - 1) - 0.5) / 0.25
        assert (level / 255 - found["mean"][0]) / found["std"][0] == pytest.approx(wanted)
    for row in (script["R3D18"], script["VIVIT"] | found):
        data = {"format": "semioscope-backbone/1", "model": "network.onnx", **row}
        assert preprocessing_from_json(json.dumps(data).encode()).frames == row["frames"]
