"""The fields of a course that is to be made: its recordings and key, what is asked, its rules, how people are
hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.semiology import FEATURES, Group
from app.core.teaching.case_key import LONGEST_NOTE
from app.core.teaching.course import CourseRules, FeedbackTime
from app.core.teaching.course_file import LONGEST_SESSION
from app.core.teaching.key_sealing import SHORTEST_PASSPHRASE
from app.core.teaching.study_course import CONSENSUS_KEY, NEEDS_EYES, TRUTH_KEY
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import button, form, sentence, side_by_side, stacked
from app.ui.dialogs.hiding_choices import FACES, PICTURE_OF, SOUND_OF, VOICES, choice_field
from app.ui.session.session import Session
from app.ui.views.table_style import TABLE_ROW
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.deidentify.clip_choice import HidingChoice
    from app.core.teaching.course_order import CourseOffer

_KEYS = {CONSENSUS_KEY: "Consensus", TRUTH_KEY: "The truth of drawn patients"}
NOT_THE_SAME = "The two passphrases are not the same; type both again."
_KEY_AND_FOIL = (
    "The key is what learners are scored with; a foil is a program's answer shown after theirs. Notes and "
    "explanations are sealed as they are: read them for names before the course is made."
)
_WIDEST_NAME = 320
"""Pixels of a recording's name, beside which its answers and its note are to be seen."""
_ID = Qt.ItemDataRole.UserRole
_AS_IT_IS = "as it is"
_ASKED_WHERE = {
    Group.FACE: " (asked only of drawn patients: else heads are covered)",
    Group.SOUND: " (asked only where words can be heard)",
}
_DRAWN = "The clips are taken as they are, which is done of drawn patients alone."
_FEEDBACK = (("At once, after each answer", "at_once"), ("At the end of a session", "at_end"))
_TESTS = (
    "Twice as many recordings are kept for the tests and never practised; all recordings of one patient are "
    "in the same test or in practice."
)
_PASSPHRASE = (
    f"With a passphrase of {SHORTEST_PASSPHRASE} characters or more the whole course is a test: nobody sees "
    "a key, and only you can score it. A lost passphrase cannot be recovered. Without one, keys open after "
    "the answer."
)


class RecordingFields(QWidget):
    """Who is the key and who a foil, and the recordings with a note on each."""

    def __init__(self) -> None:
        super().__init__()
        self._offer: CourseOffer | None = None
        self._notes: dict[int, str] = {}
        self.key, self.foil, self.table = QComboBox(), QComboBox(), QTableWidget()
        self.key.currentIndexChanged.connect(lambda _index: self._show_recordings())
        self.table.setColumnCount(3)
        self.table.setHorizontalHeaderLabels(["Recording", "Answers", "Note, shown when the case is done"])
        self.table.setAccessibleName("Recordings of the course")
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(TABLE_ROW)
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        head.setStretchLastSection(True)
        ticks = button("Tick all", self._tick_all), button("Tick none", self._tick_none)
        column = QVBoxLayout(self)
        rows = (("&Key", self.key), ("&Foil", self.foil))
        column.addLayout(form(rows))
        column.addWidget(sentence(_KEY_AND_FOIL))
        column.addWidget(self.table, 1)
        column.addWidget(side_by_side(*ticks))

    def show_offer(self, offer: CourseOffer) -> None:
        """Fill in what the study has."""
        self._offer = offer
        for key in offer.keys:
            self.key.addItem(_KEYS.get(key, plain(key, 80)), key)
        self.foil.addItem("None", None)
        for name in offer.foils:
            self.foil.addItem(plain(name, 80), name)
        self._show_recordings()

    @property
    def names(self) -> tuple[str, ...]:
        """What the recordings of the study are called."""
        return tuple(one.name for one in self._offer.recordings) if self._offer is not None else ()

    @property
    def ticked(self) -> frozenset[int]:
        """The numbers of the recordings that are wanted."""
        items = (self.table.item(row, 0) for row in range(self.table.rowCount()))
        return frozenset(
            int(one.data(_ID)) for one in items if one and one.checkState() is Qt.CheckState.Checked
        )

    @property
    def notes(self) -> dict[str | int, str]:
        """The notes by the recording's number. Raises UserError for one that is too long."""
        self._take_notes()
        found: dict[str | int, str] = {number: note for number, note in self._notes.items() if note}
        if any(len(note) > LONGEST_NOTE for note in found.values()):
            raise UserError(f"A note has {LONGEST_NOTE} characters at most.")
        return found

    def _take_notes(self) -> None:
        """Remember what is typed, also for recordings that another key has not answered."""
        for row in range(self.table.rowCount()):
            item, note = self.table.item(row, 0), self.table.item(row, 2)
            if item is not None and note is not None:
                self._notes[int(item.data(_ID))] = note.text().strip()

    def _show_recordings(self) -> None:
        self._take_notes()
        key = self.key.currentData()
        rows = [one for one in self._offer.recordings if one.answered.get(key)] if self._offer else []
        self.table.setRowCount(len(rows))
        for row, one in enumerate(rows):
            name = QTableWidgetItem(plain(one.name, 120))
            name.setData(_ID, one.number)
            name.setToolTip(tool_tip(name.text()))
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked)
            count = QTableWidgetItem(f"{one.answered[key]} of {len(FEATURES)}")
            count.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for column, item in enumerate((name, count, QTableWidgetItem(self._notes.get(one.number, "")))):
                self.table.setItem(row, column, item)
        self.table.resizeColumnToContents(0)
        self.table.setColumnWidth(0, min(self.table.columnWidth(0), _WIDEST_NAME))

    def _tick_all(self) -> None:
        self._tick(Qt.CheckState.Checked)

    def _tick_none(self) -> None:
        self._tick(Qt.CheckState.Unchecked)

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.table.rowCount()):
            item = self.table.item(row, 0)
            if item is not None:
                item.setCheckState(state)


class AskedFields(QWidget):
    """The features that are asked."""

    def __init__(self, last: Mapping[str, Any]) -> None:
        super().__init__()
        self.list = QListWidget()
        self.list.setAccessibleName("Features that are asked")
        unticked = last.get("not_asked", ())
        for feature in FEATURES:
            shown_by = Group.FACE if feature.id in NEEDS_EYES else feature.group
            item = QListWidgetItem(feature.name + _ASKED_WHERE.get(shown_by, ""))
            item.setData(_ID, feature.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            wanted = not isinstance(unticked, list) or feature.id not in unticked
            item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        ticks = (
            button("Tick all", lambda: self._tick(Qt.CheckState.Checked)),
            button("Tick none", lambda: self._tick(Qt.CheckState.Unchecked)),
        )
        column = QVBoxLayout(self)
        column.addWidget(sentence("Of these, what the key answers is asked in each recording."))
        column.addWidget(self.list, 1)
        column.addWidget(side_by_side(*ticks))

    @property
    def features(self) -> tuple[str, ...]:
        """The ids of the ticked features."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(str(one.data(_ID)) for one in items if one.checkState() is Qt.CheckState.Checked)

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.list.count()):
            self.list.item(row).setCheckState(state)


class RuleFields(QWidget):
    """Title, feedback, length, pass mark, tests and passphrase."""

    def __init__(self, session: Session, last: Mapping[str, Any]) -> None:
        super().__init__()
        self.title = QLineEdit()
        self.feedback = choice_field("Keys are shown", _FEEDBACK, last)
        self.hints = CheckBox(session, "&Definitions may be looked up before the answer")
        self.session = _number(1, LONGEST_SESSION, _kept(last, "session", 20), " cards")
        self.pass_mark = _number(0, 100, _kept(last, "pass_mark", 80), " %")
        self.tests = _number(0, 500, 0, " cards each")
        self.tests.setSpecialValueText("None")
        self.passphrase, self.again = _secret("Passphrase"), _secret("Passphrase again")
        typed = side_by_side(self.passphrase, self.again)
        rows = (
            ("&Title", self.title),
            ("Keys are sho&wn", self.feedback),
            ("", self.hints),
            ("Sessi&on", self.session),
            ("Pass &mark", self.pass_mark),
            ("Tests &before and after", stacked(self.tests, sentence(_TESTS, small=True))),
            ("Pass&phrase", stacked(typed, sentence(_PASSPHRASE, small=True))),
        )
        column = QVBoxLayout(self)
        column.addLayout(form(rows))
        column.addStretch(1)

    def rules(self, features: tuple[str, ...]) -> CourseRules:
        """The rules of these fields."""
        return CourseRules(
            features,
            FeedbackTime(str(self.feedback.currentData())),
            self.hints.isChecked(),
            self.pass_mark.value() / 100,
            self.session.value(),
        )

    def checked_passphrase(self) -> str | None:
        """The passphrase; None without one. Raises UserError when it was not typed twice alike."""
        if self.passphrase.text() != self.again.text():
            raise UserError(NOT_THE_SAME)
        return self.passphrase.text() or None


class HidingFields(QWidget):
    """How people are hidden in the clips, or that they are drawn."""

    def __init__(self, last: Mapping[str, Any]) -> None:
        super().__init__()
        faces = (*FACES, ("As it is: drawn patients only", _AS_IT_IS))
        self.faces = choice_field("Picture", faces, last)
        self.voice = choice_field("Sound", VOICES, last)
        self.about = sentence()
        column = QVBoxLayout(self)
        column.addLayout(form((("&Picture", self.faces), ("&Sound", self.voice))))
        column.addWidget(self.about)
        column.addStretch(1)
        for box in (self.faces, self.voice):
            box.currentIndexChanged.connect(self._describe)
        self._describe()

    @property
    def choice(self) -> HidingChoice | None:
        """How people are hidden; None for drawn patients, which are taken as they are."""
        from app.core.deidentify.clip_choice import FaceHiding, HidingChoice
        from app.core.hiding.voices import VoiceHiding

        faces = str(self.faces.currentData())
        if faces == _AS_IT_IS:
            return None
        return HidingChoice(FaceHiding(faces), VoiceHiding(str(self.voice.currentData())))

    def _describe(self) -> None:
        faces = str(self.faces.currentData())
        self.voice.setEnabled(faces != _AS_IT_IS)
        if faces == _AS_IT_IS:
            self.about.setText(_DRAWN)
            return
        heard = SOUND_OF[str(self.voice.currentData())]
        self.about.setText(
            f"{PICTURE_OF[faces]} {heard}\n\nEach recording becomes a clip of full length, which takes "
            "several times as long as it is. You look at the sheet of each before it is part of the course."
        )


def _number(least: int, most: int, value: int, suffix: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setValue(min(max(value, least), most))  # a damaged setting can be any number
    box.setSuffix(suffix)
    return box


def _secret(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setAccessibleName(name)
    field.setPlaceholderText(name)
    field.setMinimumWidth(230)
    return field


def _kept(last: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = last.get(name)
    return value if isinstance(value, int) else otherwise
