"""The session: the parts that together are the open recording and everything that is shown of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal

from app.ui.session.answering import Answering
from app.ui.session.answers import Answers
from app.ui.session.appearance import WindowAppearance
from app.ui.session.ask_model import ModelReading
from app.ui.session.attached_eeg import AttachedEegs
from app.ui.session.background import close_all
from app.ui.session.cameras import Cameras
from app.ui.session.clock_marks import ClockMarks
from app.ui.session.compared_readers import ComparedReaders
from app.ui.session.consensus import ConsensusDecisions
from app.ui.session.current_eeg import CurrentEeg
from app.ui.session.eeg_annotations import EegAnnotations
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.eeg_overview import EegOverview
from app.ui.session.eeg_proposals import EegProposals
from app.ui.session.eeg_selection import EegSelection
from app.ui.session.eeg_videos import EegVideos
from app.ui.session.feature_order import FeatureOrder
from app.ui.session.labels import Labels
from app.ui.session.loop import Loop
from app.ui.session.offered_eeg import OfferedEeg
from app.ui.session.open_recording import MakePlayer, Opening
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.patient import PatientBox
from app.ui.session.picture import ShownPicture
from app.ui.session.playback import Playback
from app.ui.session.played_streams import PlayedStreams
from app.ui.session.proposed_joins import ProposedJoins
from app.ui.session.rating_round import RatingRound
from app.ui.session.ratings import Ratings
from app.ui.session.readers import Readers
from app.ui.session.reading_part import ReadingPart
from app.ui.session.recording_analysis import RecordingAnalysis
from app.ui.session.requests import Requests
from app.ui.session.safekeeping import Safekeeping
from app.ui.session.selection import Selection
from app.ui.session.sound import RecordingSound
from app.ui.session.sound_detail import SoundDetail
from app.ui.session.status import StatusLine
from app.ui.session.study_errors import StudyErrors
from app.ui.session.taking_over import TakingOver
from app.ui.session.unblinded_changes import UnblindedChanges
from app.ui.session.undoing import Undoing
from app.ui.session.unsaved import UnsavedChanges
from app.ui.session.visible_span import VisibleSpan
from app.ui.session.worklist import Worklist


class Session(QObject):
    """Has the parts, each of which knows only those that it is given; lives in the GUI thread.

    How a recording is opened is written in `open_recording`, how a model is asked in `ask_model`.
    """

    closing = Signal()
    """What runs in the background must end now."""

    def __init__(self, parent: QObject | None = None, *, make_player: MakePlayer | None = None) -> None:
        super().__init__(parent)
        # what the window says, and its colours
        self.status = StatusLine(self)
        self.appearance = WindowAppearance(self)
        self.requests = Requests(self)
        # the recording and how it is played
        self.opened = OpenedRecording(self)
        self.playback = Playback(self.opened, self)
        self.loop = Loop(self.opened, self.playback, self.status, self)
        self.visible = VisibleSpan(self.opened, self)
        self.picture = ShownPicture(self)
        self.sound = RecordingSound(self.opened, self.picture, self.status, self)
        self.sound_detail = SoundDetail(self)
        streams = PlayedStreams(self.opened, self.picture, self.sound.denoising, self.sound_detail, self)
        # its study: answers and everything else that is kept
        errors = StudyErrors(self.status, self.requests)
        self.study = OpenedStudy(self.status, errors, self)
        self.answers = Answers(self.study, self.picture, self)
        self.selection = Selection(self)
        compared = ComparedReaders(self.answers, self.opened, self)
        self.order = FeatureOrder(self.selection, self.answers, compared, self.loop, self.status, parent=self)
        self.labels = Labels(
            opened=self.opened,
            playback=self.playback,
            study=self.study,
            answers=self.answers,
            selection=self.selection,
            status=self.status,
            parent=self,
        )
        self.answering = Answering(
            study=self.study,
            answers=self.answers,
            selection=self.selection,
            order=self.order,
            status=self.status,
            parent=self,
        )
        self.patient = PatientBox(self.study, self)
        self.undoing = Undoing(self.study, self.selection)
        self.readers = Readers(self.study, self.answers, self.status)
        UnblindedChanges(self.study, self.answers, self.status, self)
        self.worklist = Worklist(
            opened=self.opened,
            study=self.study,
            answers=self.answers,
            selection=self.selection,
            loop=self.loop,
            status=self.status,
            parent=self,
        )
        ProposedJoins(self.opened, self.study, self.requests, self.status, self)
        self.consensus = ConsensusDecisions(self.study, compared)
        self.ratings = Ratings(self.study, self.answers, self.selection)
        self.rating_round = RatingRound(
            opened=self.opened,
            study=self.study,
            answers=self.answers,
            ratings=self.ratings,
            worklist=self.worklist,
            status=self.status,
            parent=self,
        )
        self.safekeeping = Safekeeping(self.opened, self.study, self.status, errors, self)
        self.unsaved = UnsavedChanges(self.opened, self.study, self.status, errors, self)
        self.cameras = Cameras(
            opened=self.opened,
            study=self.study,
            playback=self.playback,
            sound=self.sound,
            status=self.status,
            parent=self,
        )
        # its EEG
        self.attached_eeg = AttachedEegs(self.opened, self.study, self.status, self)
        self.eeg = EegDisplay(self.opened, self.playback, self)
        self.eeg_overview = EegOverview(self.opened, self.eeg, self.status, self)
        self.eeg_selection = EegSelection(self.opened, self.loop, self.eeg, self)
        self.current_eeg = CurrentEeg(self.attached_eeg, self.eeg, self.status, self)
        self.clock_marks = ClockMarks(
            opened=self.opened,
            playback=self.playback,
            attached=self.attached_eeg,
            current=self.current_eeg,
            display=self.eeg,
            selection=self.eeg_selection,
            parent=self,
        )
        self.eeg_proposals = EegProposals(self.opened, self.status, self)
        self.eeg_videos = EegVideos(self)
        self.eeg_annotations = EegAnnotations(
            opened=self.opened,
            attached=self.attached_eeg,
            labels=self.labels,
            answers=self.answers,
            selection=self.selection,
            status=self.status,
            parent=self,
        )
        # what reads it: programs and models
        self.analysis = RecordingAnalysis(
            opened=self.opened,
            study=self.study,
            answers=self.answers,
            picture=self.picture,
            detail=self.sound_detail,
            status=self.status,
            parent=self,
        )
        self.models = ModelReading(
            opened=self.opened,
            study=self.study,
            answers=self.answers,
            part=ReadingPart(self.opened, self.answers, self.picture, self),
            analysis=self.analysis,
            status=self.status,
            parent=self,
        )
        self.opening = Opening(
            opened=self.opened,
            study=self.study,
            playback=self.playback,
            streams=streams,
            cameras=self.cameras,
            analysis=self.analysis,
            models=self.models,
            status=self.status,
            errors=errors,
            resets=(
                self.loop.reset,
                self.visible.show_all,
                self.picture.reset,
                self.sound.reset,
                self.answers.reset,
                self.selection.reset,
                self.labels.reset,
                self.patient.reset,
                self.analysis.reset,
            ),
            players=(
                self.playback.use,
                self.loop.use,
                self.sound.use,
                streams.use,
                self.cameras.use,
            ),
            make_player=make_player,
            parent=self,
        )
        OfferedEeg(
            opened=self.opened,
            study=self.study,
            attached=self.attached_eeg,
            display=self.eeg,
            status=self.status,
            parent=self,
        )
        TakingOver(self.opened, self.study, self.opening, self.status, self)
        self.worklist.open_wanted.connect(self.opening.open)
        self.patient.set_here.connect(self.analysis.start_again)

    def close(self) -> None:
        """Stop everything; returns when every thread has ended."""
        close_all(self)
        self.closing.emit()
        self.cameras.close()
        self.eeg.pages.close()
        self.attached_eeg.close()
        self.safekeeping.close()
        self.opening.close()
        self.models.leave()
        self.models.close()
        self.analysis.close()
        close_all(self)  # what has begun meanwhile
        if not self.study.settle().requests:
            self.safekeeping.copy_before_closing()
        self.study.close()
        # What was closed is deleted while everything that it refers to is still there.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
