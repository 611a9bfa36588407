"""Annotations of the attached EEG become parts of the person's reading, as edits that can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg.annotation_search import EVERY_ANNOTATION, AnnotationFilter, AnnotationList
from app.core.eeg.sync import Sync
from app.core.study.marks import Mark, MarkKind
from app.core.study.stored_eeg import AgreedSync
from app.ui.session.eeg_annotations import AnnotationUse
from app.ui.session.session import Session
from tests.ui.eeg_cases import attach, write_eeg
from tests.ui.session_cases import opened, quick, recording_path, saved, stored

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["quick", "recording_path"]

NOTES = ((10.0, "Video start"), (10.52, "Spasm"), (11.0, "Arm"), (40.0, "far away"))


@pytest.fixture
def session(qtbot: QtBot, recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as one:
        attach(qtbot, one, write_eeg(recording_path.parent / "night.edf", notes=NOTES))
        yield one


def listed(qtbot: QtBot, session: Session, wanted: AnnotationFilter = EVERY_ANNOTATION) -> AnnotationList:
    """What a search finds."""
    with qtbot.waitSignal(session.eeg_annotations.found) as found:
        session.eeg_annotations.search(wanted)
    answers = [one for one in found.args or () if isinstance(one, AnnotationList)]
    assert len(answers) == 1
    return answers[0]


def test_they_are_listed_on_the_recordings_clock_and_follow_the_sync(qtbot: QtBot, session: Session) -> None:
    part, heard = session.eeg_annotations, []
    part.changed.connect(lambda: heard.append(True))
    assert [(row.start, row.text) for row in listed(qtbot, session).rows] == [
        (at - 10.0, text) for at, text in NOTES
    ]
    assert [row.text for row in listed(qtbot, session, AnnotationFilter(text="arm")).rows] == ["Arm"]
    (eeg,) = session.attached_eeg.files
    session.attached_eeg.set_sync(eeg, AgreedSync(Sync(-9.0)))
    assert heard
    assert listed(qtbot, session).rows[0].start == 1.0


def test_one_becomes_onset_end_phase_or_note_and_back(qtbot: QtBot, session: Session) -> None:
    _start, spasm, arm, _far = listed(qtbot, session).rows
    use = session.eeg_annotations.use
    use(spasm, AnnotationUse.ONSET)
    use(arm, AnnotationUse.END)
    use(spasm, AnnotationUse.PHASE)
    use(spasm, AnnotationUse.NOTE)
    use(spasm, AnnotationUse.NOTE)
    use(arm, AnnotationUse.NOTE)
    feature = session.selection.feature
    mine = session.answers.my_reading
    assert mine.marks == (
        Mark(MarkKind.ONSET, 0.52),
        Mark(MarkKind.PHASE, 0.52, "Spasm"),
        Mark(MarkKind.END, 1.0),
    )
    assert mine.note(feature) == "0:00.5 Spasm\n0:01.0 Arm"
    saved(qtbot, session)
    with stored(session) as study:
        assert study.full_reading(1, session.study.me, viewer=None).marks == mine.marks
        assert study.verify_history() == ()
    for _edit in range(5):
        session.undoing.undo()
    assert session.answers.my_reading.marks == ()
    assert session.answers.my_reading.note(feature) == ""
    saved(qtbot, session)


def test_what_is_outside_of_the_recording_is_said(qtbot: QtBot, session: Session) -> None:
    far = listed(qtbot, session).rows[-1]
    session.eeg_annotations.use(far, AnnotationUse.ONSET)
    assert "outside of the recording" in session.status.line
    assert session.answers.my_reading.marks == ()


def test_a_locked_reading_takes_none(qtbot: QtBot, session: Session) -> None:
    from app.core.study.edits import LockReading

    spasm = listed(qtbot, session).rows[1]
    session.study.apply(lambda: LockReading(session.study.opened(), session.study.me))
    saved(qtbot, session)
    session.eeg_annotations.use(spasm, AnnotationUse.ONSET)
    qtbot.waitUntil(lambda: "locked" in session.status.message)
    # It was shown as on its way, and goes when the study has been read again.
    qtbot.waitUntil(lambda: session.answers.my_reading.marks == ())
    saved(qtbot, session)


def test_without_an_eeg_nothing_is_found(qtbot: QtBot, session: Session) -> None:
    session.attached_eeg.detach(session.attached_eeg.files[0])
    assert listed(qtbot, session).rows == ()
    saved(qtbot, session)
