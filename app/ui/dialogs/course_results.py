"""What learners of a course achieved, by alias and as a group, with plots and a page of their tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHeaderView,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import UserError
from app.core.jobs import Progress, Task
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.saving_places import SaveKind
from app.core.semiology import FEATURE
from app.core.settings import with_recent_course
from app.core.teaching.course import Sealing
from app.core.teaching.course_file import ENDING, CourseFolder, open_course
from app.core.teaching.course_list import answered_courses
from app.core.teaching.course_results import NOT_A_JUDGEMENT
from app.core.teaching.figure_words import number_words, share_words
from app.core.teaching.learner_certainty import describe_certainty
from app.core.teaching.learner_log import LONGEST_REASON
from app.core.teaching.learner_page import tests_of
from app.core.teaching.learner_progress import (
    ALL_FEATURES,
    GroupFeature,
    LearnerProgress,
    confusions_of,
    group_features,
)
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, sentence, side_by_side
from app.ui.memory import Memory
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.views.progress_plot import ProgressPlot
from app.ui.views.save_dialog import ask_where

if TYPE_CHECKING:
    from app.core.teaching.learner_log import LearnerNote
    from app.core.teaching.learner_results import SittingScores

GROUP = "All learners"
_SITTINGS = {"practice": "Practice", "before": "Test before", "after": "Test after"}
_OF_LEARNER = ("Feature", "Cards", "Right", "κ", "Side right", "Onset, s", "Overlap")
_OF_NOTES = ("Learner", "Day", "Case", "Feature", "Note")
_OF_GROUP = ("Feature", "Cards", "Learners", "Right", "Most often taken for")


class CourseResultsDialog(WorkDialog):
    """A list of learners, and of the chosen one scores, weeks, certainty and confusions."""

    def __init__(self, session: Session, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(session, "Results of a course", "Page of the tests…", self.choose, parent)
        self._memory = memory
        self.folder: CourseFolder | None = None
        self.learners: tuple[LearnerProgress, ...] = ()
        self._group: tuple[GroupFeature, ...] = ()
        self.course = QComboBox()
        self.course_button = button("Open a course…", self.choose_course)
        self.list, self.tabs = QListWidget(), QTabWidget()
        self.sitting, self.feature = QComboBox(), QComboBox()
        self.summary, self.certain, self.noted = sentence(), sentence(), sentence()
        self.scores, self.mixed, self.notes = QTableWidget(), QTableWidget(), QTableWidget()
        self.weeks = ProgressPlot(session, "Share right over the weeks")
        self.certainty = ProgressPlot(session, "Certainty and share right")
        self._arrange()
        self.list.currentRowChanged.connect(lambda _row: self._show_learner())
        self.sitting.currentIndexChanged.connect(lambda _index: self._show_scores())
        self.feature.currentIndexChanged.connect(lambda _index: self._show_weeks())
        self.work.posted.connect(self._show_course)
        self.course.activated.connect(lambda _index: self.load(Path(self.course.currentData())))
        self._show_learner()
        self._listing = Background("answered courses", self)
        self._listing.done.connect(self._offer)
        self._listing.start(lambda _task: answered_courses(memory.settings.recent_courses))

    # the course

    def _offer(self, courses: Sequence[CourseFolder]) -> None:
        """List these courses, and show the first one, unless it is a test, which has to be unlocked."""
        for folder in courses:
            self._add(folder)
        if courses and self.folder is None and not self.work.running:
            self.course.setCurrentIndex(self.course.findData(str(courses[0].path)))
            if courses[0].course.sealing is not Sealing.TEST:
                self.load(courses[0].path)

    def _add(self, folder: CourseFolder) -> None:
        if self.course.findData(str(folder.path)) < 0:
            words = f"{folder.course.title} ({folder.path.name.removesuffix(ENDING)})"
            self.course.addItem(plain(words, 200), str(folder.path))

    def choose_course(self) -> None:
        """Choose the folder of a course; of a test its passphrase is asked for."""
        start = self.session.worklist.naming.places.proposal(SaveKind.COURSE, "x").parent
        name = QFileDialog.getExistingDirectory(self, "The folder of a course", str(start))
        if name:
            self.load(Path(name))

    def load(self, path: Path, passphrase: str | None = None) -> None:
        """Read the results of the course in this folder."""
        try:
            folder = open_course(path)
        except UserError as error:
            self.say(str(error))
            self._select_shown()
            return
        if folder.course.sealing is Sealing.TEST and passphrase is None:
            text, given = QInputDialog.getText(
                self, "A test", "The passphrase of this test", QLineEdit.EchoMode.Password
            )
            if not given:
                self._select_shown()
                return
            passphrase = text
        self.session.worklist.naming.places.take(SaveKind.COURSE, path)
        self.start(lambda task: _read(folder, passphrase, task))

    def _show_course(self, found: tuple[CourseFolder, tuple[LearnerProgress, ...]]) -> None:
        self.folder, self.learners = found
        self._group = group_features(self.learners)
        settings = self._memory.settings
        self._memory.replace(with_recent_course(settings, self.folder.path, settings.learner_alias))
        self._add(self.folder)
        self._select_shown()
        self.list.clear()
        self.list.addItem(GROUP)
        self.list.addItems([plain(one.result.alias, 60) for one in self.learners])
        self.list.setCurrentRow(0)

    def _select_shown(self) -> None:
        """Let the list of courses say whose results are shown."""
        self.course.setCurrentIndex(
            -1 if self.folder is None else self.course.findData(str(self.folder.path))
        )

    @property
    def learner(self) -> LearnerProgress | None:
        """The chosen learner; None for the group."""
        row = self.list.currentRow() - 1
        return self.learners[row] if 0 <= row < len(self.learners) else None

    # composing

    def _arrange(self) -> None:
        self.course.setAccessibleName("Course")
        self.course.setPlaceholderText("Open the folder of a course")
        self.list.setAccessibleName("Learners")
        self.sitting.setAccessibleName("Which answers")
        self.feature.setAccessibleName("Feature of the plot")
        for table, name in (
            (self.scores, "Scores by feature"),
            (self.mixed, "What was taken for what"),
            (self.notes, "What learners wrote"),
        ):
            table.setAccessibleName(name)
            table.verticalHeader().hide()
            table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        for name, parts in (
            ("&Scores", (self.sitting, self.summary, self.scores)),
            ("&Weeks", (self.feature, self.weeks)),
            ("C&ertainty", (self.certainty, self.certain)),
            ("&Confusions", (self.mixed,)),
            ("&Notes", (self.noted, self.notes)),
        ):
            self.tabs.addTab(_page(parts), name)
        self.tabs.setDocumentMode(True)
        halves = QSplitter()
        halves.addWidget(self.list)
        halves.addWidget(self.tabs)
        halves.setSizes([170, 690])
        halves.setStretchFactor(1, 1)
        halves.setMinimumSize(700, 340)
        self.choices.addWidget(side_by_side(self.course, self.course_button, growing=self.course))
        self.choices.addWidget(halves, 1)
        self.choices.addWidget(sentence(NOT_A_JUDGEMENT, small=True))

    # what is shown

    def _show_learner(self) -> None:
        learner = self.learner
        can_write = (
            learner is not None and self.folder is not None and bool(tests_of(self.folder.course, learner))
        )
        self.begin.setEnabled(can_write and not self.work.running)
        self.begin.setToolTip("" if can_write else "Choose a learner who has answered a test")
        for box in (self.sitting, self.feature):
            box.blockSignals(True)
            box.clear()
        sittings = () if learner is None else learner.result.sittings
        for one in sittings:
            self.sitting.addItem(_SITTINGS[one.value], one)
        self.feature.addItem("All features", ALL_FEATURES)
        for name in {} if learner is None else learner.weeks:
            if name != ALL_FEATURES:
                self.feature.addItem(FEATURE[name].name, name)
        for box in (self.sitting, self.feature):
            box.blockSignals(False)
            box.setVisible(learner is not None)
        self._show_scores()
        self._show_weeks()
        self._show_certainty()
        self._show_confusions()
        self._show_notes()

    def _show_scores(self) -> None:
        learner = self.learner
        if learner is None:
            self.summary.setText("" if not self.learners else "The weakest feature first.")
            _fill(self.scores, _OF_GROUP, [_group_row(one) for one in self._group])
            return
        scores = learner.result.sittings.get(self.sitting.currentData())
        self.summary.setText("" if scores is None else _summary(scores))
        _fill(self.scores, _OF_LEARNER, [] if scores is None else _score_rows(scores))

    def _show_weeks(self) -> None:
        learner = self.learner
        if learner is None:
            lines = {one.result.alias: one.weeks.get(ALL_FEATURES, ()) for one in self.learners}
            self.weeks.show_weeks(lines, intervals=False)
        else:
            name = self.feature.currentData()
            self.weeks.show_weeks({learner.result.alias: learner.weeks.get(name, ())}, intervals=True)

    def _show_certainty(self) -> None:
        learner = self.learner
        found = None if learner is None else learner.certainty
        self.certainty.show_certainty(found)
        self.certain.setText("Choose a learner." if learner is None else describe_certainty(found))

    def _show_confusions(self) -> None:
        chosen = (self.learner,) if self.learner is not None else self.learners
        rows = [
            (plain(one.result.alias, 60), _name(mixed.shown), _name(mixed.said), str(mixed.count))
            for one in chosen
            for mixed in confusions_of(one)
        ]
        _fill(self.mixed, ("Learner", "Shown", "Taken for", "Times"), rows)

    def _show_notes(self) -> None:
        """What was written, the latest first."""
        chosen = (self.learner,) if self.learner is not None else self.learners
        written = [(one.result.alias, note) for one in chosen for note in one.result.notes]
        written.sort(key=lambda one: one[1].at, reverse=True)
        self.noted.setText("" if written else "No learner wrote why they thought so.")
        _fill(self.notes, _OF_NOTES, [_note_row(alias, note) for alias, note in written])
        head = self.notes.horizontalHeader()
        head.setSectionResizeMode(len(_OF_NOTES) - 1, QHeaderView.ResizeMode.Stretch)
        self.notes.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    # the page

    def choose(self) -> None:
        """Ask for the place of the page; the button."""
        learner = self.learner
        if learner is None:
            return
        words, places = f"{plain(learner.result.alias, 60)}.pdf", self.session.worklist.naming.places
        path, _ = ask_where(self, places, SaveKind.LEARNER, "Page of the tests", words, kinds="*.pdf *.html")
        if path is not None:
            self.write_page(path)

    def write_page(self, path: Path) -> None:
        """Write the tests of the chosen learner as a page."""
        folder, learner = self.folder, self.learner
        if folder is not None and learner is not None:
            self.start(lambda _task: _write(path, folder, learner))

    def _running(self, on: bool) -> None:
        super()._running(on)
        if not on:
            self._select_shown()
            self._show_learner()

    def done(self, result: int) -> None:
        self._listing.leave_to(self.session)
        super().done(result)


def _read(folder: CourseFolder, passphrase: str | None, task: Task) -> tuple[str, ...]:
    from app.core.teaching.learner_progress import progress_of_course

    task.report(Progress("Scoring the answers", 0.1))
    task.post((folder, progress_of_course(folder, passphrase)))
    return ("",)


def _write(path: Path, folder: CourseFolder, learner: LearnerProgress) -> tuple[str, ...]:
    from app.core.teaching.learner_page import write_learner_page
    from app.ui.paper.print_page import write_pdf

    write_learner_page(path, folder.course, learner, datetime.now(UTC), write_pdf)
    return (f"Written: {plain(path.name, 120)}.",)


def _page(parts: Iterable[QWidget]) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    for part in parts:
        column.addWidget(part, 1 if isinstance(part, QTableWidget | ProgressPlot) else 0)
    return page


def _fill(table: QTableWidget, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table.setColumnCount(len(head))
    table.setHorizontalHeaderLabels(list(head))
    table.setRowCount(len(rows))
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.setItem(row, column, QTableWidgetItem(text))
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setStretchLastSection(True)


def _name(feature: str) -> str:
    return FEATURE[feature].name


def _summary(scores: SittingScores) -> str:
    verdict = {True: ", pass mark reached", False: ", pass mark not reached", None: ""}[scores.passed]
    right, kappa = share_words(scores.right), number_words(scores.kappa)
    return f"{right} of {plural(scores.n, 'card')} right{verdict}; κ with the key {kappa}"


def _score_rows(scores: SittingScores) -> list[tuple[str, ...]]:
    return [
        (
            _name(one.feature),
            str(one.right.n),
            share_words(one.right),
            number_words(one.kappa),
            share_words(one.sides),
            number_words(one.spans.onset, "+.1f"),
            number_words(one.spans.iou),
        )
        for one in scores.features
    ]


def _group_row(one: GroupFeature) -> tuple[str, ...]:
    taken = f"{_name(one.taken_for)} ({one.times}×)" if one.taken_for else ""
    return (_name(one.feature), str(one.n), str(one.learners), share_words(one.right), taken)


def _note_row(alias: str, note: LearnerNote) -> tuple[str, ...]:
    feature = FEATURE.get(note.card.feature)
    return (
        plain(alias, 60),
        f"{note.at:%Y-%m-%d}",
        note.card.case,
        note.card.feature if feature is None else feature.name,
        plain(note.text, LONGEST_REASON),
    )
