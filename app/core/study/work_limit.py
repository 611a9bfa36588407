"""An end in one sentence to a change that needs more time or memory than a study of its size should."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import UserError
from app.core.study.connection import StudyConnection
from app.core.study.text_limit import TooMuchReadError
from app.core.study.time_limit import is_interruption


@contextmanager
def within_limits(connection: sqlite3.Connection, sentence: str) -> Iterator[None]:
    """Raises UserError with the sentence once the limits of the transaction are reached.

    By itself that would count as a fault of the disk, to be tried again, or of the study's file.
    """
    try:
        yield
    except sqlite3.Error as error:
        if isinstance(error, TooMuchReadError) or (is_interruption(error) and _is_late(connection)):
            raise UserError(sentence) from error
        raise


def _is_late(connection: sqlite3.Connection) -> bool:
    return isinstance(connection, StudyConnection) and connection.limit.is_over()
