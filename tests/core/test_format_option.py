"""Formats by their ids and by plain names, and the help that lists exactly what is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.core.exchange.format_names import FORMAT_NAMES, PLAIN_NAMES
from tests.core.command_runs import Run, run
from tests.core.test_exchange_study import study

__all__ = ["run", "study"]


def test_formats_have_plain_names(run: Run, study: Path, tmp_path: Path) -> None:
    for plain, full in PLAIN_NAMES.items():
        for name in (plain, full):
            code, _, err = run("export", study, "--unsealed", "--format", name, "--out", tmp_path / name)
            assert code == 0, err
        files = [sorted(one.name for one in (tmp_path / name).iterdir()) for name in (plain, full)]
        assert files[0] == files[1] != []
    code, _, err = run("export", study, "--format", "word", "--out", tmp_path / "out")
    assert (code, "csv, xlsx, elan, jsonl" in err) == (2, True), err


@pytest.mark.parametrize(("command", "further"), [("export", "jsonl"), ("import", "table")])
def test_help_lists_exactly_the_formats_that_are_taken(run: Run, command: str, further: str) -> None:
    code, out, _ = run(command, "--help")
    listed = re.search(r"  --format\s+\{([^}]*)\}\s", out)
    assert (code, listed is None) == (0, False)
    assert listed is not None
    assert re.sub(r"\s", "", listed[1]).split(",") == [*FORMAT_NAMES, *PLAIN_NAMES, further]
