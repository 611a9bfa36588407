"""Choosing what to practise: the course, the alias, and how many cards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QWidget,
)

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.settings import author_of, with_recent_course
from app.core.teaching.course import Sitting
from app.core.teaching.course_file import LONGEST_SESSION
from app.core.teaching.course_list import ListedCourse, list_course, list_courses
from app.core.teaching.learner_log import LONGEST_ALIAS, checked_alias
from app.core.teaching.sitting_work import SittingChoice
from app.ui.dialogs.form import (
    CANCEL,
    OK,
    Problem,
    button,
    buttons,
    form,
    lay_out,
    sentence,
    side_by_side,
    title,
)
from app.ui.memory import Memory
from app.ui.session.appearance import WindowAppearance
from app.ui.session.background import Background
from app.ui.views.tool_tip import tool_tip

_ABOUT = (
    "You answer one question on a clip at a time, and see the key after your answer. What you answer is kept "
    "in the course's folder under the alias, which need not be your name."
)
_NAMES = {
    Sitting.PRACTICE: "Practice",
    Sitting.BEFORE: "Test before practising, without answers",
    Sitting.AFTER: "Test after practising, without answers",
}
_LONGEST_LIMIT = 3600
_PLACE = Qt.ItemDataRole.UserRole


class CoursesDialog(QDialog):
    """The first course, the recent ones, and a folder that is chosen or dropped. Does not block."""

    chosen = Signal(object)
    """A SittingChoice."""

    def __init__(self, memory: Memory, appearance: WindowAppearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Practise a course")
        self.setAcceptDrops(True)
        self._memory = memory
        self._courses: dict[str, ListedCourse] = {}
        self._opened: Path | None = None
        self._reading = Background("list of courses", self)
        self._reading.done.connect(self._show)
        self.list = QListWidget()
        self.alias = QLineEdit(memory.settings.learner_alias or author_of(memory.settings)[:LONGEST_ALIAS])
        self.sitting, self.cards, self.limit = QComboBox(), QSpinBox(), QSpinBox()
        self.problem = Problem(appearance.theme)
        self.buttons = buttons(self, OK, CANCEL)
        self._arrange()
        self._reading.start(lambda _task: list_courses(memory.settings.recent_courses))

    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    @property
    def current(self) -> ListedCourse | None:
        """The chosen course."""
        item = self.list.currentItem()
        return self._courses.get(str(item.data(_PLACE))) if item is not None else None

    def take(self, path: Path) -> None:
        """Add the course in a folder to the list and choose it."""
        self._opened = path
        self._reading.start(lambda _task: (list_course(path),))

    def _arrange(self) -> None:
        self.list.setAccessibleName("Courses")
        self.list.setWordWrap(True)
        self.list.currentItemChanged.connect(lambda *_items: self._show_course())
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
        self.alias.setMaxLength(LONGEST_ALIAS)
        self.cards.setRange(1, LONGEST_SESSION)
        self.limit.setRange(0, _LONGEST_LIMIT)
        self.limit.setSingleStep(10)
        self.limit.setSpecialValueText("no limit")
        self.limit.setSuffix(" s")
        self.sitting.addItem(_NAMES[Sitting.PRACTICE], Sitting.PRACTICE.value)
        ok = self.buttons.button(OK)
        ok.setText("Practise")
        ok.setDefault(True)
        rows = (
            ("&Alias", self.alias),
            ("&What", self.sitting),
            ("&Cards", self.cards),
            ("&Time for each card", self.limit),
        )
        choose = button("Open a course…", self.choose_folder, tip="Also by dropping its folder here")
        lay_out(
            self,
            sentence(_ABOUT, small=True),
            self.list,
            side_by_side(choose),
            form(rows),
            self.problem,
            self.buttons,
            growing=self.list,
        )
        self.list.setFocus()

    def choose_folder(self) -> None:
        """Choose the folder of a course."""
        recent = self._memory.settings.recent_courses
        start = str(Path(recent[0]).parent) if recent else str(Path.home())
        name = QFileDialog.getExistingDirectory(self, "Open the folder of a course", start)
        if name:
            self.take(Path(name))

    def accept(self) -> None:
        course = self.current
        if course is None:
            return
        self.problem.tell(course.problem)
        if course.problem:
            return
        try:
            alias = checked_alias(self.alias.text())
        except UserError as error:
            self.problem.tell(str(error))
            self.alias.setFocus()
            return
        self.chosen.emit(
            SittingChoice(
                course.path,
                alias,
                Sitting(self.sitting.currentData()),
                self.cards.value(),
                self.limit.value() or None,
            )
        )
        super().accept()

    def done(self, result: int) -> None:
        self._reading.close()
        super().done(result)

    # what is shown

    def _show(self, courses: tuple[ListedCourse, ...]) -> None:
        for course in courses:
            self._add(course)
        if self._opened is not None and len(courses) == 1 and not courses[0].problem:
            settings = self._memory.settings
            self._memory.replace(with_recent_course(settings, self._opened, settings.learner_alias))
        chosen = courses[-1] if len(courses) == 1 else self._last_practised(courses)
        self._select(chosen.path)

    def _last_practised(self, courses: tuple[ListedCourse, ...]) -> ListedCourse:
        recent = self._memory.settings.recent_courses[:1]
        return next((one for one in courses if str(one.path) in recent), courses[0])

    def _add(self, course: ListedCourse) -> None:
        place = str(course.path)
        words = f"{plain(course.title, 200)}\n{plain(course.about or course.problem, 300)}"
        known = next((item for item in self._items() if item.data(_PLACE) == place), None)
        item = known or QListWidgetItem()
        item.setText(words)
        item.setToolTip(tool_tip(place))
        item.setData(_PLACE, place)
        self._courses[place] = course
        if known is None:
            self.list.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _select(self, path: Path) -> None:
        for item in self._items():
            if item.data(_PLACE) == str(path):
                self.list.setCurrentItem(item)
        self._show_course()

    def _show_course(self) -> None:
        course = self.current
        if course is None:
            return
        self.problem.tell(course.problem)
        self.cards.setValue(course.session)
        self.sitting.clear()
        for sitting in course.sittings:
            self.sitting.addItem(_NAMES[sitting], sitting.value)

    # drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_folder(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folder = dropped_folder(event)
        if folder is not None:
            event.acceptProposedAction()
            self.take(folder)


def dropped_folder(event: QDropEvent) -> Path | None:
    """The first local path of a drop."""
    places = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return places[0] if places else None
