"""Real servers for the tests of this folder, where they could be built."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.servers.model_server import PLACE, PYTHON, Server, Start, free_port, running


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start servers: `start("tiny")` ends its texts soon, `start("endless")` never; all end with the test.

    A server that is given keys answers nobody without one of them."""
    why_not = PLACE / "why-not.txt"
    if why_not.is_file():
        pytest.skip(f"no model server: {why_not.read_text().strip()}")
    if not PYTHON.is_file():
        pytest.skip("no model server: `make test-servers` installs it")
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with contextlib.ExitStack() as open_ones:

        def begin(model: str, *keys: str, port: int = 0) -> Server:
            return open_ones.enter_context(running(model, keys, port or free_port(), log))

        yield begin
