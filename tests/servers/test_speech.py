"""Transcripts through the real faster-whisper, with a tiny speech model of random numbers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app.core.phantom.voice import Speaker, speech
from tests.loopback import Service, served
from tests.media import write_recording
from tests.servers.model_server import ROOT

pytestmark = pytest.mark.servers

PLACE = Path(os.environ.get("SEMIOSCOPE_SPEECH", ROOT / "build" / "speech"))
PYTHON = PLACE / "venv" / "bin" / "python"
WRITE_DOWN = """
import json, socket, sys
import numpy as np
from app.core.enhance.transcript import transcriber
from app.core.errors import UserError

def looked_up(*_args, **_rest):
    print("LOOKED UP A HOST")
    raise OSError("no network here")

socket.getaddrinfo = looked_up
try:
    print(json.dumps(transcriber(sys.argv[1])(np.load(sys.argv[2]))))
except UserError as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def _installed() -> None:
    if (PLACE / "why-not.txt").is_file():
        pytest.skip(f"no transcripts: {(PLACE / 'why-not.txt').read_text().strip()}")
    if not (PLACE / "model" / "model.bin").is_file():
        pytest.skip("no transcripts: `make test-servers` installs what they need")


@pytest.fixture(scope="module")
def talk() -> npt.NDArray[np.float32]:
    """Half a minute of a phantom that talks without words, 16 kHz."""
    sound = np.concatenate([speech(Speaker(120.0), 3.0, "statement", seed) for seed in range(10)])
    return np.asarray(0.5 * sound / np.abs(sound).max(), np.float32)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """What the program prints of a sound."""

    def run(sound: npt.NDArray[np.float32], model: Path = PLACE / "model") -> str:
        np.save(tmp_path / "sound.npy", sound)
        return in_python("-c", WRITE_DOWN, str(model), str(tmp_path / "sound.npy")).strip()

    return run


def in_python(*arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,  # a busy computer is no failure
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_who_talks_is_written_down_with_times(
    written: Callable[..., str], talk: npt.NDArray[np.float32]
) -> None:
    lines = json.loads(written(talk)).splitlines()
    assert lines
    for line in lines:
        assert line.startswith("[")
        start, end = line[1 : line.index(" s]")].split("–")
        assert 0.0 <= float(start) <= float(end) <= 30.1


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_of_silence_and_noise_nothing_is_made_up(written: Callable[..., str], level: float) -> None:
    sound = np.random.default_rng(0).normal(0.0, 1.0, 48_000).astype(np.float32) * np.float32(level)
    assert json.loads(written(sound)) == ""


def damaged(folder: Path, name: str, content: bytes | None) -> Path:
    for path in (PLACE / "model").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.bin", b""),
        ("model.bin", None),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", None),
        ("config.json", None),
        ("vocabulary.json", None),
    ],
)
def test_a_damaged_model_is_a_sentence_and_nothing_is_fetched(
    written: Callable[..., str], tmp_path: Path, name: str, content: bytes | None
) -> None:
    (tmp_path / "model").mkdir()
    told = written(np.zeros(48_000, np.float32), damaged(tmp_path / "model", name, content))
    assert "LOOKED UP" not in told
    assert "speech model" in told
    assert len(told.splitlines()) == 1


@pytest.fixture
def service() -> Iterator[Service]:
    with served() as made:
        yield made


def test_the_transcript_goes_along_as_secondary_evidence(
    service: Service, talk: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    sound = np.repeat(talk, 3)  # as an ordinary recording has it, 48 kHz
    recording = write_recording(tmp_path / "event.mp4", frames=30 * 25, sound=sound)
    model = ["--reader", "openai", "--base-url", f"{service.url}/v1", "--model", "tiny-vl"]
    # No heads are looked for: in pictures of numbers that takes forty times as long as the rest.
    options = ["--enhance", "transcript", "--cover", "none", "--i-have-authority"]
    options += ["--transcript-model", str(PLACE / "model")]
    in_python("-m", "app", "analyze", str(recording), *model, *options)
    texts = [_words(asked) for asked in service.asked]
    assert sum("written down what it took for speech" in text for text in texts) == 1, "with the sound alone"


def _words(asked: dict[str, Any]) -> str:
    return " ".join(part.get("text", "") for part in asked["messages"][0]["content"])
