"""The settings of a study together."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.core.reading import ReaderIdentity
from app.core.study import sealing
from app.core.study.edits.set_people_only import is_people_only
from app.core.study.edits.set_reference import reference
from app.core.study.edits.set_saved_filter import saved_filters
from app.core.study.study_name import given_name


@dataclass(frozen=True, slots=True)
class StudySettings:
    """The settings of a study; `filters` are the worklist's saved filters by name, `name` is what a person
    has called it, None where it is called as its folder, and with `people_only` nobody else takes part in
    the consensus."""

    blind_by_default: bool
    reference: ReaderIdentity | None
    filters: dict[str, str]
    name: str | None = None
    people_only: bool = True


def study_settings(connection: sqlite3.Connection) -> StudySettings:
    """The settings that the study holds, or their defaults."""
    return StudySettings(
        sealing.blind_by_default(connection),
        reference(connection),
        saved_filters(connection),
        given_name(connection),
        is_people_only(connection),
    )
