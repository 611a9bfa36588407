"""What the tests of de-identified clips share: a recording that names its patient, and a stand-in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.core.deidentify.clip_choice import HidingChoice
from app.core.deidentify.clip_ledger import ClipLedger
from app.core.deidentify.clip_writer import ClipWriter
from app.core.jobs import Progress
from tests.media import tone, write_recording

PATIENT = "Kowalski Greta 1961-07-04"


def named_recording(path: Path) -> Path:
    """Two seconds of numbered frames and a tone, whose metadata name a patient and a time."""
    return write_recording(
        path,
        frames=50,
        sound=tone(2.0),
        metadata={"title": PATIENT, "artist": PATIENT, "creation_time": "2026-03-14T12:04:00Z"},
    )


def ledger_in(folder: Path) -> ClipLedger:
    folder.mkdir(exist_ok=True)
    return ClipLedger(folder, "Dr. Example", HidingChoice())


def make_clips(
    _module: str, job: Any, *, report: Callable[[Progress], None], suspected: int = 0, **_rest: Any
) -> bytes:
    """In place of the process: a tiny clip and a sheet for each stretch, with so many suspected frames."""
    folder = Path(job["folder"])
    rows = []
    for number, _stretch in enumerate(job["stretches"]):
        report(Progress("Hiding faces and text", 0.5))
        with ClipWriter(folder / f"{number}.mp4", (64, 48), rate=25.0, sound=None) as writer:
            writer.add(0.0, np.full((48, 64, 3), 40 + number, np.uint8))
            writer.finish(0.2)
        (folder / f"{number}.png").write_bytes(_png())
        rows.append({"frames": 5, "coarse": 1, "text": 0.02, "checked": 5, "suspected": suspected})
    return json.dumps(rows).encode()


def _png() -> bytes:
    import cv2

    return bytes(cv2.imencode(".png", np.full((90, 160, 3), 90, np.uint8))[1].tobytes())
