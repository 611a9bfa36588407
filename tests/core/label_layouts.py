"""The invented tables of `shared/cases/layouts`, made anew for each test run, and small tables of labels."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.evaluation.label_sources import LabelShelf
from app.core.evaluation.label_tables import LabelTable, read_label_table
from app.core.exchange.codec import Source
from app.core.study.store import Study
from app.core.study.viewer import Viewer, every_reader

LAYOUTS = Path("/work/shared/cases/layouts/make.py")


def make_layouts(folder: Path, seed: int = 7) -> Path:
    """The tables of the layouts in `folder`. Skips the test where their maker is not there."""
    if not LAYOUTS.exists():
        pytest.skip("the layouts of shared/cases are not on this machine")
    subprocess.run([sys.executable, LAYOUTS, folder, str(seed)], check=True, capture_output=True)
    return folder


def table(
    *rows: tuple[object, ...], name: str = "labels.csv", names: Mapping[str, str] | None = None
) -> LabelTable:
    """The labels of a table with these rows."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return read_label_table(Source(name, text.getvalue().encode("utf-8")), names or {})


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Study, Viewer]]:
    with Study.open_for_viewing(folder) as study:
        yield study, every_reader(study)


def shelf(names: Mapping[str, str] | None = None) -> LabelShelf:
    """Reads labels as the command does without options."""
    return LabelShelf(names or {}, opened)
