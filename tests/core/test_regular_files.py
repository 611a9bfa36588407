"""A pipe without a writer, a device without an end and a folder are refused or passed over at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core import settings
from app.core.eeg.other_times import nihon_blocks, nihon_events, text_of
from app.core.errors import UserError
from app.core.exchange import kept_meanings
from app.core.exchange.codec import load
from app.core.exchange.reading_files import read_readings
from app.core.folders import MODEL_CHOICE, settings_folder
from app.core.readers.models import prompt_files, token_counts
from app.core.readers.models.model_choice import ModelChoice, load_choice
from app.core.readers.models.prompt_files import read_prompts
from app.core.readers.models.prompts import PROMPT_SETS, prompts_to_json
from app.core.readers.trained.checked_values import read_checked
from app.core.regular_file import TooLargeError, open_regular, read_at_most

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
        read_checked(path, 1000, "a reader", dict)
    with pytest.raises(OSError, match=r"not a file|directory"):
        read_prompts(path)


@special
def test_no_file_of_the_account_holds_up_the_start(special: Special) -> None:
    folder = settings_folder()
    for name in (settings.FILE_NAME, MODEL_CHOICE, kept_meanings.FILE_NAME, token_counts.FILE_NAME):
        special(folder / name)
    assert settings.load_settings() == settings.Settings()
    assert load_choice() == ModelChoice()
    assert kept_meanings.kept_features() == {}
    assert token_counts._stored(None) == {}


@special
def test_no_file_beside_an_eeg_holds_up_reading_it(tmp_path: Path, special: Special) -> None:
    path = tmp_path / "x.log"
    special(path)
    for read in (text_of, lambda place: list(nihon_blocks(place)), lambda place: list(nihon_events(place))):
        with pytest.raises(OSError, match=r"not a file|directory"):
            read(path)


def test_a_larger_file_is_refused_and_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abcdef")
    assert (read_at_most(path, 6), read_at_most(path, 9)) == (b"abcdef", b"abcdef")
    with pytest.raises(TooLargeError, match="larger than 5 bytes"):
        read_at_most(path, 5)
    (tmp_path / "link").symlink_to(path)
    assert read_at_most(tmp_path / "link", 9) == b"abcdef"


def test_prompts_that_a_cut_would_have_made_valid_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = prompts_to_json(replace(next(iter(PROMPT_SETS.values())), name="mine")).encode()
    path = tmp_path / "x.json"
    path.write_bytes(text + b" " * 10 + b"x")
    monkeypatch.setattr(prompt_files, "_LARGEST", len(text) + 10)
    with pytest.raises(OSError, match="larger than"):
        read_prompts(path)


_LENT_OUT = """
import fcntl, signal, sys
file = open(sys.argv[1], "r+b")
signal.signal(signal.SIGIO, lambda *_: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK))
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("lent", flush=True)
sys.stdin.read()
"""


def test_a_file_that_a_file_server_has_lent_out_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abcdef")
    command = [sys.executable, "-c", _LENT_OUT, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as server:  # type: ignore[call-overload]
        assert server.stdin is not None
        if server.stdout.readline() != b"lent\n":
            pytest.skip("this file system lends no file out")
        assert read_at_most(path, 9) == b"abcdef"
        server.stdin.close()


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
