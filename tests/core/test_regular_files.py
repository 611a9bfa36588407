"""A pipe without a writer, a device without an end and a folder are refused or passed over at once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.exchange.codec import load
from app.core.exchange.reading_files import read_readings
from app.core.readers.models.prompt_files import read_prompts
from app.core.readers.trained.checked_values import bounded_content
from app.core.regular_file import open_regular, read_at_most

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders there")

Special = Callable[[Path], object]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


special = pytest.mark.parametrize("special", [pipe, endless, Path.mkdir])


@special
def test_it_is_refused_without_waiting_for_it(tmp_path: Path, special: Special) -> None:
    path = tmp_path / "x.json"
    special(path)
    with pytest.raises(OSError, match=r"not a file|directory"):
        open_regular(path)
    with pytest.raises(UserError, match=r"“x\.json” cannot be read: "):
        load(path)
    with pytest.raises(UserError, match=r"“x\.json” cannot be read: "):
        bounded_content(path, 1000, "a reader")
    with pytest.raises(OSError, match=r"not a file|directory"):
        read_prompts(path)


def test_of_a_regular_file_no_more_is_read_than_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abcdef")
    assert (read_at_most(path, 3), read_at_most(path, 9)) == (b"abc", b"abcdef")
    (tmp_path / "link").symlink_to(path)
    assert read_at_most(tmp_path / "link", 9) == b"abcdef"


@special
def test_beside_readings_it_is_passed_over(tmp_path: Path, special: Special) -> None:
    special(tmp_path / "a.json")
    reading = {
        "format": "semioscope-reading/1",
        "recording": {"name": "event.mp4", "sha256": "", "duration": 60.0},
        "reader": {"kind": "person", "name": "Bo", "version": "1"},
        "answers": [{"feature": "clonic", "presence": "yes", "evidence": []}],
    }
    (tmp_path / "b.json").write_text(json.dumps(reading), encoding="utf-8")
    assert [one.reader.name for one in read_readings([tmp_path])] == ["Bo"]
