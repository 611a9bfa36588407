"""A course is made of the open study: chosen, de-identified in the background, looked at, and written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QWidget

from app.core.errors import UserError
from app.core.jobs import Progress, Task
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.saving_places import SaveKind
from app.core.semiology import FEATURES
from app.core.settings import with_recent_course
from app.ui.dialogs.course_fields import NOT_THE_SAME, AskedFields, HidingFields, RecordingFields, RuleFields
from app.ui.dialogs.course_lookalikes import LookalikeFields
from app.ui.dialogs.course_sheets import CourseSheetsDialog
from app.ui.dialogs.exchange import WorkDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.save_dialog import ask_where

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.teaching.case_clips import WaitingClip
    from app.core.teaching.course_order import CourseOffer, CourseOrder
    from app.core.teaching.study_course import CoursePlan

_NOTHING_OPEN = "Open a recording first; the course is made of its study."
_NO_RECORDING = "Tick the recordings of the course."
_NOTHING_ASKED = "Tick what is asked."
_NO_TITLE = "Give the course a title."

WAIT = "No course yet: the clips wait in its folder. “Make…” into the same folder shows their sheets again."


@dataclass(frozen=True, slots=True)
class MadeClips:
    """What was made for an order, and the clips that a person has to look at."""

    order: CourseOrder
    plan: CoursePlan
    waiting: tuple[WaitingClip, ...]


class MakeCourseDialog(WorkDialog):
    """Fields on five pages; nothing is a course before each sheet was looked at."""

    cancelled = "Stopped; clips that were made wait in the folder, and “Make…” goes on with them."

    def __init__(self, session: Session, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(session, "Make a course", "Make…", self.choose, parent)
        self._memory = memory
        self.sheets: CourseSheetsDialog | None = None
        self._finishing: Path | None = None
        last = memory.settings.teaching
        self.recordings, self.asked = RecordingFields(), AskedFields(last)
        self.lookalikes = LookalikeFields()
        self.rules, self.hiding = RuleFields(session, last), HidingFields(last)
        # Never what a study is called by itself: that is its recording's name, which may be a patient's.
        self.rules.title.setText(plain(session.study.content.study_name or "", 100))
        self.tabs = QTabWidget()
        for page, name in (
            (self.recordings, "&Recordings and key"),
            (self.asked, "What is &asked"),
            (self.lookalikes, "What &looks alike"),
            (self.rules, "R&ules and tests"),
            (self.hiding, "&Hiding people"),
        ):
            self.tabs.addTab(page, name)
        self._places_of: dict[str, tuple[QWidget, QWidget]] = {
            _NO_RECORDING: (self.recordings, self.recordings.table),
            _NOTHING_ASKED: (self.asked, self.asked.list),
            _NO_TITLE: (self.rules, self.rules.title),
            NOT_THE_SAME: (self.rules, self.rules.passphrase),
        }
        room = self.screen().availableSize()
        self.tabs.setMinimumSize(min(720, room.width() - 64), min(420, room.height() - 170))
        # Qt opens no dialog at more than two thirds of the screen, and would cut what does not fit.
        self.setMinimumWidth(self.tabs.minimumWidth() + 32)
        self.choices.addWidget(self.tabs)
        self.work.posted.connect(self.recordings.show_offer)
        self.work.posted.connect(self.lookalikes.show_offer)
        session.closing.connect(self._leave_sheets)
        access = self._access(_NOTHING_OPEN)
        if access is not None:
            self.start(lambda task: _offer(access, task))

    def choose(self) -> None:
        try:
            order = self.order(Path())
        except UserError as error:
            self._refuse(error)
            return
        places, title = self.session.worklist.naming.places, "The folder of the course"
        path, _ = ask_where(
            self, places, SaveKind.COURSE, title, _name_of(order.title, self.recordings.names), kinds="*"
        )
        if path is not None:
            self.make_in(path)

    def _refuse(self, error: UserError) -> None:
        """Say what is missing, and show the field that it is about."""
        self.say(str(error))
        if (place := self._places_of.get(str(error))) is not None:
            page, field = place
            self.tabs.setCurrentWidget(page)
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def order(self, path: Path) -> CourseOrder:
        """The course that these fields describe. Raises UserError when something is missing."""
        from app.core.teaching.course_order import CourseOrder

        features, title = self.asked.features, " ".join(self.rules.title.text().split())
        ticked = self.recordings.ticked
        if not ticked:
            raise UserError(_NO_RECORDING)
        if not features:
            raise UserError(_NOTHING_ASKED)
        if not title:
            raise UserError(_NO_TITLE)
        return CourseOrder(
            path,
            title,
            str(self.recordings.key.currentData()),
            self.rules.rules(features),
            self.hiding.choice,
            ticked,
            self.recordings.foil.currentData(),
            self.recordings.notes,
            self.rules.tests.value(),
            self.rules.checked_passphrase(),
            self.lookalikes.choices,
        )

    def make_in(self, out: Path) -> None:
        """Begin to make the course in this folder."""
        from app.core.teaching.course_writing import course_path

        access = self._access(_NOTHING_OPEN)
        if access is None:
            return
        try:
            order = self.order(course_path(out))
        except UserError as error:
            self._refuse(error)
            return
        self._finishing = None  # of one that failed
        self._remember(order)
        self.start(lambda task: make_clips_of(access, order, task))

    def show_done(self, result: Any) -> None:
        if not isinstance(result, MadeClips):
            super().show_done(result)
            if self._finishing is not None:
                settings = self._memory.settings
                self._memory.replace(with_recent_course(settings, self._finishing, settings.learner_alias))
                self._finishing = None
        elif result.waiting:
            self.say("Please look at the sheet of each clip.")
            self.sheets = CourseSheetsDialog(result.waiting, self)
            self.sheets.accepted.connect(lambda: self._finish(result))
            self.sheets.rejected.connect(self._leave_sheets)
            self.sheets.open()
        else:
            self._write(result, frozenset())

    def done(self, result: int) -> None:
        self._leave_sheets()
        super().done(result)

    def _finish(self, made: MadeClips) -> None:
        sheets, self.sheets = self.sheets, None
        kept = frozenset() if sheets is None else frozenset(sheets.kept)
        self._write(made, kept)

    def _write(self, made: MadeClips, kept: frozenset[str]) -> None:
        """Write the course, which *Practise* then lists."""
        self._finishing = made.order.path
        self.start(lambda _task: finish_course_of(made, kept))

    def _leave_sheets(self) -> None:
        if self.sheets is not None:
            self.sheets = None
            self.say(WAIT)

    def _remember(self, order: CourseOrder) -> None:
        rules = order.rules
        chosen = {
            box.accessibleName(): box.currentData()
            for box in (self.rules.feedback, self.hiding.faces, self.hiding.voice)
        }
        kept = {
            "session": rules.session,
            "pass_mark": self.rules.pass_mark.value(),
            "not_asked": [feature.id for feature in FEATURES if feature.id not in rules.features],
        }
        self._memory.change(teaching={**self._memory.settings.teaching, **chosen, **kept})


def _name_of(title: str, recordings: Iterable[str]) -> str:
    """The name that is proposed for the folder: the title, unless a recording's name is in it, which may be a
    patient's."""
    words = re.sub(r"[^\w\- ]+", "", title).strip()[:60].strip()
    if any(Path(name).stem.casefold() in title.casefold() for name in recordings):
        words = ""
    return f"{words or 'course'}.semioscope-course"


def _offer(access: StudyAccess, task: Task) -> tuple[str, ...]:
    from app.core.teaching.course_order import offer_of_study

    with access.open() as study:
        offer: CourseOffer = offer_of_study(study, access.viewer)
    task.post(offer)
    return ("",)


def make_clips_of(access: StudyAccess, order: CourseOrder, task: Task) -> MadeClips:
    """The clips of an order, which wait to be looked at; drawn ones are in place. Raises UserError,
    Cancelled."""
    from app.core.teaching.case_clips import copy_drawn_clips, lay_aside, make_case_clips
    from app.core.teaching.course_order import plan_order

    task.report(Progress("Reading the study", 0.0))
    with access.open() as study:
        planned = plan_order(study, access.viewer, order)
    if order.hiding is None:
        copy_drawn_clips(planned.sources, order.path, report=task.report, cancel=task.cancel)
        return MadeClips(order, planned.plan, ())
    waiting = make_case_clips(
        planned.sources, order.path, order.hiding, lay_aside, report=task.report, cancel=task.cancel
    )
    return MadeClips(order, planned.plan, waiting)


def finish_course_of(made: MadeClips, kept: frozenset[str]) -> tuple[str, ...]:
    """Write the course of the clips that were kept, and delete the others; sentences on it."""
    from app.core.study.viewer import describe_seal
    from app.core.teaching.case_clips import confirm_case_clip, discard_case_clip
    from app.core.teaching.course_order import finish_order

    order, out = made.order, set()
    for clip in made.waiting:
        if clip.case.id in kept:
            confirm_case_clip(order.path, clip.case)
        else:
            discard_case_clip(order.path, clip.case)
            out.add(clip.case.id)
    cases = tuple(case for case in made.plan.cases if case.id not in out)
    if not cases:
        raise UserError("Every recording was left out, so there is no course.")
    course = finish_order(order, replace(made.plan, cases=cases)).course
    cards = sum(len(case.asked) for case in course.cases)
    left = f" {plural(len(out), 'recording')} left out." if out else ""
    size = f"{plural(len(course.cases), 'case')} and {plural(cards, 'card')}"
    return (
        f"Written: {plain(order.path.name, 120)} with {size}.{left}",
        "Learners get a copy of this folder.",
        *describe_seal(made.plan.seal),
    )
