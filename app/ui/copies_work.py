"""The copies of the open study: looked at and put back beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.jobs import Progress
from app.ui.background import Task
from app.ui.exchange_work import Written
from app.ui.study_look import StudyLook

if TYPE_CHECKING:
    from app.core.study.backup import Backup

    # Not at run time: the study is loaded with the first recording, not with the window.
    from app.core.study.restoring import Looked  # noqa: TC004 - re-exported for annotations only

__all__ = ["Looked", "look_at_all", "put_back", "what_for"]


def look_at_all(look: StudyLook, task: Task) -> int:
    """Hand over every copy as it is read and checked, the latest first; how many there are."""
    from app.core.study.restoring import look_at

    with look.open() as study:
        copies = study.backups()
    for number, copy in enumerate(copies):
        task.cancel.check()
        task.report(Progress(f"Checking copy {number + 1} of {len(copies)}", number / len(copies)))
        task.post(look_at(copy))
    return len(copies)


def put_back(look: StudyLook, copy: Backup, task: Task) -> Written:
    """Let the study be what the copy says; what it is now is kept first."""
    task.report(Progress("Checking the copy and keeping what is there", 0.3))
    with look.open() as study:
        restored = study.restore(copy)
    return Written(
        f"The study is what it was on {copy.at.astimezone():%Y-%m-%d at %H:%M}. What it was until now is "
        f"kept as the copy {restored.kept.name}, and can be put back in the same way.",
        ("Recordings that were added later are not in it any more; add them again.",),
    )


def what_for(what: str) -> str:
    """Why a copy was made, in words."""
    if what == "day":
        return "daily"
    if what == "replaced":
        return "before it was put back"
    return f"before version {int(what[1:]) + 1}" if what[:1] == "v" and what[1:].isdigit() else what
