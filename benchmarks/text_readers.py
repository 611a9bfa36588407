"""Readers of text of other makes at work on pictures: what they read of a planted text."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from benchmarks.stage import ROOT

_PYTHON = ROOT / "build" / "text-peers" / "venv" / "bin" / "python"
_PROCESS = Path(__file__).with_name("text_peer_process.py")
_TESSERACT = shutil.which("tesseract")
_LIKE = 0.7
"""Likeness of what is read to a planted word from which the word counts as readable."""


def installed_readers() -> tuple[str, ...]:
    """The names of the readers that this machine has."""
    there = (("rapidocr", _PYTHON.exists()), ("tesseract", _TESSERACT is not None))
    return tuple(name for name, is_there in there if is_there)


def readable(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """The names of the texts of which an installed reader reads a word in `folder/NAME.png`."""
    every = read_by_each(folder, texts).values()
    return [name for name, text in texts.items() if any(reads(text, read[name]) for read in every)]


def read_by_each(folder: Path, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """By the name of each reader that is installed what it reads in each `folder/NAME.png`."""
    wanted = tuple(names)
    read: dict[str, dict[str, str]] = {}
    for reader in installed_readers():
        if reader == "rapidocr":
            read[reader] = _by_rapidocr(folder, wanted) if wanted else {}
        else:
            read[reader] = {name: _by_tesseract(folder / f"{name}.png") for name in wanted}
    return read


def _by_rapidocr(folder: Path, names: Iterable[str]) -> dict[str, str]:
    done = subprocess.run(
        [str(_PYTHON), "-P", str(_PROCESS), str(folder), *names],
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        check=True,
        timeout=3600,
    )
    read: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return read


def _by_tesseract(path: Path) -> str:
    """What the second reader, which is of another family, reads in a picture."""
    done = subprocess.run(
        [str(_TESSERACT), str(path), "stdout", "--psm", "6"],
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode(errors="replace")


def reads(planted: str, read: str) -> bool:
    """Whether a word of what was planted is among what was read, a letter or two wrong."""
    words = [word for word in re.findall(r"\w+", planted.lower()) if len(word) >= 4]
    words += re.findall(r"\d\d[.:]\d\d[.:]\d+|\d{4}-\d\d-\d\d", planted)
    found = re.findall(r"[\w.:-]+", read.lower())
    return any(SequenceMatcher(None, word, one).ratio() >= _LIKE for word in words for one in found)
