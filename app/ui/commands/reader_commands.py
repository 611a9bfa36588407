"""The commands about readers, and the dialogs that they open."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.readers.local_readers import TRAINED
from app.ui.commands.command import COPIES, Command, Menu, rows_of
from app.ui.commands.mark_commands import MarkDialogs
from app.ui.commands.start_folder import start_folder
from app.ui.dialogs.single_dialog import show_once
from app.ui.memory import Memory
from app.ui.session.labels import REACTION_LIMIT
from app.ui.session.session import Session
from app.ui.views.who_reads import WhoReads

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
        session.requests.reader.connect(self.read_as)
        session.requests.copies.connect(self.show_copies)
        session.requests.moved.connect(self.find_moved)
        session.requests.join_labels.connect(self.join_labels)
        session.requests.batch.connect(self.analyse_several)
        session.requests.queue.connect(self.show_queue)

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
                "batch",
                Menu.FILE,
                "Analyse several recordings…",
                (),
                "A local reader over recordings of this study, each kept when it is done.",
                self.analyse_several,
                needs_recording=True,
            ),
            Command(
                "queue",
                Menu.FILE,
                "Queue of analyses…",
                (),
                "What is being analysed in the background, what waits, and what failed.",
                self.show_queue,
            ),
            Command(
                "train",
                Menu.FILE,
                "Train a reader…",
                (),
                "A reader that learns from the answers of this study, judged on unseen patients.",
                self.train,
                needs_recording=True,
            ),
            Command(
                "patients",
                Menu.FILE,
                "Patients and events…",
                (),
                "Whose event each recording shows: patient, event, diagnosis, split and free columns.",
                self.patients,
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
                "join_labels",
                Menu.FILE,
                "Join labels with their video…",
                (),
                "Labels that this study has without a video become those of the video of their name.",
                self.join_labels,
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
                group=COPIES,
            ),
            Command(
                "copy_now",
                Menu.FILE,
                "Copy this study now",
                (),
                "Make a complete copy in the study's folder “backups”, in addition to the automatic ones.",
                self._session.safekeeping.copy_now,
                needs_recording=True,
                group=COPIES,
            ),
            Command(
                "who_reads",
                Menu.READER,
                "Reader…",
                ("F9",),
                "Choose the name that you answer under, or type a new one.",
                self.list_readers,
                parted=True,
            ),
            row(
                "reference",
                "Reference reader…",
                (),
                "The reader that the others are compared with: a person or the consensus.",
                self.ask_reference,
            ),
            row(
                "read_by_trained",
                "Answers of a trained reader…",
                (),
                "Let a reader that was trained answer this recording.",
                self.read_by_trained,
            ),
            row(
                "results",
                "Results…",
                (),
                "All readers scored against the reference: figures, charts, and the recordings behind them.",
                self.show_results,
            ),
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
        from PySide6.QtWidgets import QFileDialog

        recording = self._session.opened.recording
        here = () if recording is None else (recording.path,)
        start = start_folder((*here, *self._memory.settings.recent))
        names, _ = QFileDialog.getOpenFileNames(self._window, "Add recordings to this study", start)
        self._session.worklist.add_recordings(tuple(Path(name) for name in names))

    def analyse_several(self, ticked: frozenset[int] = frozenset()) -> None:
        from app.ui.dialogs.batch import BatchDialog

        BatchDialog(self._session, self._memory, ticked, self._window).open()

    def show_queue(self) -> None:
        from app.ui.dialogs.queue import QueueDialog

        most = max(os.cpu_count() or 1, 1)
        show_once(
            self._window,
            QueueDialog,
            lambda: QueueDialog(self._session, self._memory, most, self._window),
        )

    def train(self) -> None:
        from app.ui.dialogs.train_reader import TrainReaderDialog

        TrainReaderDialog(self._session, self._memory, self._window).open()

    def read_by_trained(self) -> None:
        """Ask for the file of a trained reader, and let it answer the open recording."""
        from PySide6.QtWidgets import QFileDialog

        start = self._memory.settings.trained_reader
        name, _ = QFileDialog.getOpenFileName(self._window, "Trained reader", start, "JSON (*.json)")
        if name:
            self._memory.change(trained_reader=name)
            self._session.analysis.go_on(f"{TRAINED}{name}")

    def show_results(self) -> None:
        """Show the results, or bring them to the front."""
        from app.ui.dialogs.results import ResultsDialog

        shown = self._window.findChild(ResultsDialog)
        if shown is None:
            shown = ResultsDialog(self._session, self._window)
        shown.show()
        shown.raise_()
        shown.activateWindow()

    def patients(self) -> None:
        from app.ui.dialogs.patients import PatientsDialog

        PatientsDialog(self._session, self._window).open()

    def find_moved(self) -> None:
        from app.ui.dialogs.moved import MovedDialog

        MovedDialog(self._session, self._window).open()

    def join_labels(self) -> None:
        from app.ui.dialogs.join_labels import JoinLabelsDialog

        JoinLabelsDialog(self._session, self._window).open()

    def show_copies(self) -> None:
        from app.ui.dialogs.copies import CopiesDialog

        CopiesDialog(self._session, self._window).open()

    def list_readers(self) -> None:
        """Open the list at the head of the person's column, or a dialog where it is not seen."""
        head = self._window.findChild(WhoReads)
        if head is not None and not head.visibleRegion().isEmpty():
            head.open_list()
        else:
            self.who_reads()

    def read_as(self, name: str) -> None:
        """Let somebody else read, also when the window is opened again; "" asks who."""
        if not name:
            self.who_reads()
        elif self._session.readers.become(name):
            self._memory.change(author=self._session.readers.me)

    def who_reads(self) -> None:
        from app.ui.dialogs.readers import ReadersDialog

        dialog = ReadersDialog(self._session, self._window)
        # A name in another spelling is that of the reader who is known.
        dialog.accepted.connect(lambda: self._memory.change(author=self._session.readers.me))
        dialog.open()

    def ask_reference(self) -> None:
        """Choose the reference reader among the persons of the study and the consensus."""
        from PySide6.QtWidgets import QInputDialog

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
        from PySide6.QtWidgets import QInputDialog

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
