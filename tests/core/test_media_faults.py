"""The table of media faults names tests and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.core.test_frames import FILES
from tests.faulty_recordings import OPENED

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "media_faults.md").read_text(encoding="utf-8")
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}


@pytest.mark.parametrize(("file", "named"), re.findall(r"`(\w+\.py)`: ([^|;)\n]+)", TABLE))
def test_what_holds_a_fault_exists(file: str, named: str) -> None:
    for test in re.findall(r"`(test_\w+)`", named):
        assert f"def {test}(" in SOURCES[file]
    if "`" not in named:
        known = {"test_frames.py": FILES, "faulty_recordings.py": OPENED}.get(file)
        for name in [named.strip()] if known and named.strip() in known else named.split(","):
            kind = name.strip()
            assert kind in known if known is not None else f'"{kind}"' in SOURCES[file]


def test_every_kind_of_file_is_in_the_table() -> None:
    ordinary = {"mp4", "mp4 fragmented", "mp4 late picture", "mp4 hevc", "mp4 one keyframe"}
    ordinary |= {"mp4 intra refresh", "mov mjpeg", "mkv", "ts", "ts cut", "mpg", "avi mpeg4", "avi h264"}
    ordinary |= {"name of a patient in the metadata", "truncated transport stream"}
    assert {kind for kind in {**FILES, **OPENED} if kind not in TABLE} <= ordinary
