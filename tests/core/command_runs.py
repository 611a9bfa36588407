"""Commands run in the process of the test: what they give back and print."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import cli

Run = Callable[..., tuple[int, str, str]]
"""Runs a command with these arguments; gives its exit code and what it printed on stdout and stderr."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main([str(part) for part in argv])
        return code, *capsys.readouterr()

    return call
