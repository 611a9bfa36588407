"""The commands about readers, and the dialogs that they open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from app.ui.commands.command import Command, Menu, rows_of
from app.ui.commands.mark_commands import MarkDialogs
from app.ui.dialogs.form import question
from app.ui.memory import Memory
from app.ui.session.labels import REACTION_LIMIT
from app.ui.session.session import Session

_NOBODY, _CONSENSUS = "no reference reader", "Consensus"


class ReaderDialogs(QObject):
    """Opens the dialogs of the commands about readers."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._marks = MarkDialogs(window, session)
        session.readers.ask_for_new_studies(True)
        session.labels.set_reaction(memory.settings.reaction_seconds)
        session.order.set_only_evidence(memory.settings.timeline_evidence_only)
        session.requests.lock.connect(self.lock)
        session.requests.copies.connect(self.show_copies)
        session.requests.moved.connect(self.find_moved)

    def commands(self) -> tuple[Command, ...]:
        """The rows of the menus."""
        row = rows_of(Menu.READER)
        return (
            *self._marks.commands(),
            Command(
                "add_recordings",
                Menu.FILE,
                "Add recordings to this study…",
                (),
                "Read and compare several recordings together.",
                self.add_recordings,
                needs_recording=True,
            ),
            Command(
                "find_moved",
                Menu.FILE,
                "Find moved recordings…",
                (),
                "Search a folder for recordings of this study that were moved or renamed.",
                self.find_moved,
                needs_recording=True,
            ),
            Command(
                "copies",
                Menu.FILE,
                "Copies of this study…",
                (),
                "List the copies, check them, make one now or restore one.",
                self.show_copies,
                needs_recording=True,
            ),
            Command(
                "copy_now",
                Menu.FILE,
                "Copy this study now",
                (),
                "Make a complete copy in the study's folder “backups”, in addition to the automatic ones.",
                self._session.safekeeping.copy_now,
                needs_recording=True,
            ),
            Command(
                "who_reads",
                Menu.READER,
                "Reader…",
                (),
                "Choose the name that you answer under.",
                self.who_reads,
                parted=True,
            ),
            row(
                "reference",
                "Reference reader…",
                (),
                "The reader that the others are compared with: a person or the consensus.",
                self.ask_reference,
            ),
            row("lock", "Lock my reading…", (), "Lock your answers and show the others'.", self.lock),
            row(
                "blind",
                "Blind first readings",
                (),
                "Seal the others' answers in this study until yours are locked.",
                self.turn_blind,
                checked=lambda: self._session.answers.my_reading.blind_study,
            ),
            Command(
                "reaction",
                Menu.CHECKLIST,
                "Reaction time…",
                (),
                "How late you press a key; evidence marked by holding a key is moved back by it.",
                self.ask_reaction,
            ),
            Command(
                "only_evidence",
                Menu.VIEW,
                "Timeline: only features that were seen",
                ("Shift+T",),
                "List only the features that you or the reader have seen, and the selected one.",
                self.only_evidence,
                lambda: self._session.order.only_evidence,
            ),
        )

    def add_recordings(self) -> None:
        recording = self._session.opened.recording
        start = str(recording.path.parent) if recording is not None else ""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Add recordings to this study", start)
        self._session.worklist.add_recordings(tuple(Path(name) for name in names))

    def find_moved(self) -> None:
        from app.ui.dialogs.moved import MovedDialog

        MovedDialog(self._session, self._window).open()

    def show_copies(self) -> None:
        from app.ui.dialogs.copies import CopiesDialog

        CopiesDialog(self._session, self._window).open()

    def who_reads(self) -> None:
        from app.ui.dialogs.readers import ReadersDialog

        dialog = ReadersDialog(self._session, self._window)
        dialog.accepted.connect(lambda: self._memory.change(author=dialog.chosen))
        dialog.open()

    def lock(self) -> None:
        """Lock the reading after a confirmation, because it cannot be undone."""
        own = self._session.answers.my_reading
        if own.revealed:
            self._session.status.say("your reading is already locked")
            return
        answered = sum(one.presence is not None for one in self._session.answers.mine.answers.values())
        left = f" {20 - answered} of 20 features are unanswered." if answered < 20 else ""
        question(
            self._window,
            "Lock my reading",
            f"Lock your reading and see the others' answers?{left}",
            "This is recorded in the history and cannot be undone. You can still change answers; "
            "your locked answers stay visible next to them.",
            yes="Lock and show",
            do=self._session.readers.lock_and_reveal,
        )

    def ask_reference(self) -> None:
        """Choose the reference reader among the persons of the study and the consensus."""
        consensus = self._session.consensus
        names = [_NOBODY, _CONSENSUS, *self._session.answers.my_reading.people]
        now = consensus.reference or _NOBODY
        chosen, given = QInputDialog.getItem(
            self._window,
            "Reference of the study",
            "Reference reader",
            names,
            names.index(now) if now in names else 0,
            False,
        )
        if given and chosen != now:
            consensus.set_reference("" if chosen == _NOBODY else chosen)

    def turn_blind(self) -> None:
        """Switch blind reading; as the answer to a new study's question it is blind."""
        readers = self._session.readers
        readers.read_blind(readers.asking or not self._session.answers.my_reading.blind_study)

    def only_evidence(self) -> None:
        """Switch between features with evidence and all features in the timeline; stored."""
        order = self._session.order
        order.set_only_evidence(not order.only_evidence)
        self._memory.change(timeline_evidence_only=order.only_evidence)

    def ask_reaction(self) -> None:
        seconds, given = QInputDialog.getDouble(
            self._window,
            "Reaction time",
            "Seconds by which evidence marked by holding a key is moved back",
            self._session.labels.reaction,
            0.0,
            REACTION_LIMIT,
            2,
        )
        if given:
            self._session.labels.set_reaction(seconds)
            self._memory.change(reaction_seconds=self._session.labels.reaction)
