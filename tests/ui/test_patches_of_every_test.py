"""What every test of this room has patched is not taken back with the patches of the test itself."""

from __future__ import annotations

import gc
from types import FunctionType

import pytest


def test_a_collector_that_was_closed_is_noticed_after_a_test_took_its_patches_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert isinstance(gc.unfreeze, FunctionType)
