"""A study that a command opens to write is copied when it was changed, also when the work was stopped."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from app.core.errors import Cancelled, UserError
from app.core.semiology import Presence
from app.core.study.store import Study
from app.core.study.writable_study import writable_study
from tests.core.study_cases import Clip, tick


def copies(folder: Path) -> list[str]:
    with Study.open_for_viewing(folder) as study:
        return [one.what for one in study.backups()]


def test_what_was_changed_is_copied_and_nothing_twice(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with writable_study(folder, author="Ana") as study:
        tick(study, study.recording(Clip(tmp_path / "a.mp4")), "tonic", Presence.YES)
    assert copies(folder) == ["close"]
    with writable_study(folder) as study, writable_study(folder) as again:
        assert again.recordings() == study.recordings()
    assert copies(folder) == ["close"]


def test_work_that_is_stopped_leaves_a_copy_too(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with contextlib.suppress(Cancelled), writable_study(folder) as study:
        tick(study, study.recording(Clip(tmp_path / "a.mp4")), "tonic", Presence.YES)
        raise Cancelled
    assert copies(folder) == ["close"]


def test_a_study_that_is_not_there_is_made_only_where_that_is_meant(tmp_path: Path) -> None:
    folder = tmp_path / "s.semioscope"
    with pytest.raises(UserError), writable_study(folder, create=False):
        pass
    assert not folder.exists()
