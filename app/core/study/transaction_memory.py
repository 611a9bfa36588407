"""Look-ups that give the same during a whole transaction, made once: a large group asks for each often."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from app.core.study.connection import StudyConnection

T = TypeVar("T")


@contextmanager
def remembering(connection: StudyConnection) -> Iterator[None]:
    """Remember look-ups during the block, which is one transaction."""
    connection.memory = {}
    try:
        yield
    finally:
        connection.memory = None


def remembered(connection: sqlite3.Connection, place: Hashable, look_up: Callable[[], T]) -> T:
    """What `look_up` gives, which `place` tells apart from all other look-ups; what it raises is not kept."""
    memory: dict[Hashable, Any] | None = getattr(connection, "memory", None)
    if memory is None:
        return look_up()
    if place not in memory:
        memory[place] = look_up()
    found: T = memory[place]
    return found


def forget(connection: sqlite3.Connection) -> None:
    """Something that was looked up has changed."""
    memory: dict[Hashable, Any] | None = getattr(connection, "memory", None)
    if memory is not None:
        memory.clear()
