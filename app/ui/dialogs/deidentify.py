"""The dialog that writes de-identified clips: of which stretch, how people are hidden, and their check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.deidentify.drawn_covers import covered_with, describe_taken_away
from app.core.errors import Cancelled
from app.core.jobs import Progress, Task
from app.core.plain_text import plain
from app.core.saving_places import SaveKind
from app.core.semiology import FEATURE, Span
from app.core.timeline.clock_text import clock, parse_clock, span_text
from app.ui.dialogs.check_clip import TITLE, ClipCheckDialog
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import QUIT, StandingQuestion, form, question, sentence, side_by_side
from app.ui.dialogs.hiding_choices import FACES, PICTURE_OF, SOUND_OF, VOICES, choice_field
from app.ui.dialogs.place_drawing import PlaceDrawing
from app.ui.memory import Memory
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.views.save_dialog import ask_where

if TYPE_CHECKING:
    from app.core.deidentify.clip_choice import ClipStretch, HidingChoice
    from app.core.deidentify.prepared_clips import PreparedClips
    from app.core.deidentify.stretches_of_study import ReadStretches
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.access import StudyAccess
    from app.core.study.store import Study

NAME = "de-identified clip.mp4"
"""The proposed name, which says nothing of the recording."""
_NOTHING_OPEN = "Open a recording first; the clip is of it."

ESTIMATING = "estimating how long it takes …"
RANGE, SEIZURE, FEATURES = "range", "seizure", "features"
_STRETCHES = (
    ("From … to …", RANGE),
    ("The seizure: from its onset to its end as they are marked", SEIZURE),
    ("A clip for each feature answered yes: its longest evidence", FEATURES),
)
_LIMITS = (
    "Burned-in text is covered where it is found. Detectors miss faces and text: cover by hand what you see, "
    "and look at the most doubtful frames before the clip gets its name. Build, gait and clothing can still "
    "tell who somebody is."
)


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What is wanted: `stretch` is one of RANGE, SEIZURE, FEATURES, `span` that of a range; how people are
    hidden; the name of the clip; the places that the study held when they were shown."""

    stretch: str
    span: Span
    choice: HidingChoice
    out: Path
    shown: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipsToCheck:
    """Clips that wait to be confirmed, and what is to be said of all of them ("" for nothing)."""

    prepared: PreparedClips
    said: str = ""


class DeidentifyDialog(WorkDialog):
    """Choices, then the work, then the sheet of doubtful frames to be confirmed."""

    close_wanted = Signal()
    """The program is to be closed, although the dialog is open, which takes the keys for it."""

    def __init__(self, session: Session, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(session, TITLE, "Write…", self.choose, parent)
        self._memory = memory
        self.check: ClipCheckDialog | None = None
        self.asked = StandingQuestion()
        self._making = False
        """Whether clips are being made, which is minutes of work."""
        self.work.ended.connect(self._made)
        QShortcut(QUIT, self, self.close_wanted.emit)
        last = memory.settings.deidentified_clip
        self.stretch = choice_field("Stretch", _STRETCHES, last)
        self.start_at, self.end_at = QLineEdit(), QLineEdit()
        self.start_at.setAccessibleName("From")
        self.end_at.setAccessibleName("To")
        self.faces = choice_field("Picture", FACES, last)
        self.voice = choice_field("Sound", VOICES, last)
        self.about = sentence()
        self.taken = sentence(small=True)
        self._typed = ("", "")
        self._finding = Background("seconds of the clip", self)
        self._finding.done.connect(self._show_found)
        self._finding.failed.connect(self._tell_taken)
        self._range = side_by_side(self.start_at, sentence("to"), self.end_at)
        rows = (
            ("&Of", self.stretch),
            ("&From", self._range),
            ("&Picture", self.faces),
            ("&Sound", self.voice),
        )
        self.drawing = PlaceDrawing(session)
        self.choices.addLayout(self._columns(form(rows)))
        for box in (self.faces, self.voice):
            box.currentIndexChanged.connect(self._describe)
        self.stretch.currentIndexChanged.connect(self._show_taken)
        for field in (self.start_at, self.end_at):
            field.editingFinished.connect(self._set_stretch)
        session.closing.connect(self._end)
        self._fill_range()
        self._show_taken()
        self._describe()

    def _columns(self, fields: QLayout) -> QHBoxLayout:
        """What is chosen at the left, the frame on which places are drawn at the right."""
        left, both = QVBoxLayout(), QHBoxLayout()
        left.addLayout(fields)
        left.addWidget(self.taken)
        left.addWidget(self.about)
        left.addStretch(1)
        both.setSpacing(16)
        both.addLayout(left, 3)
        both.addWidget(self.drawing, 2)
        return both

    def choose(self) -> None:
        span = self.chosen_span()
        if span is None:
            return
        places = self.session.worklist.naming.places
        path, _ = ask_where(self, places, SaveKind.CLIP, TITLE, NAME, kinds="*.mp4")
        if path is not None:
            self.write_to(path, span)

    def chosen_span(self) -> Span | None:
        """The range in the fields, or what the study's stretches are in; None, and a sentence, when there is
        none."""
        recording = self.session.opened.recording
        if recording is None or self._access(_NOTHING_OPEN) is None:
            return None
        if not self._is_range:
            return Span(0.0, recording.duration)  # which seconds are taken is read anew when they are
        start, end = parse_clock(self.start_at.text()), parse_clock(self.end_at.text())
        if start is None or end is None:
            self.say("These are not times; write them as 1:23.4 or in seconds.")
            return None
        end = min(end, recording.duration)
        if start >= end:
            self.say(
                f"There is nothing between these times; the recording ends at {clock(recording.duration)}."
            )
            return None
        return Span(start, end)

    def write_to(self, out: Path, span: Span) -> None:
        """Begin to make the clips; `out` is the name of the only one."""
        access, recording = self._access(_NOTHING_OPEN), self.session.opened.recording
        if access is None or recording is None:
            return
        self._remember()
        self.drawing.keep()
        order = ClipOrder(str(self.stretch.currentData()), span, self._choice(), out, self.drawing.stored)
        patient = self.session.patient.box
        self._making = True
        self.start(lambda task: prepare_clips_of(access, recording, patient, order, task))

    def left_words(self, progress: Progress) -> str:
        """As for all work; while that is not known yet, that it will be."""
        return super().left_words(progress) or (ESTIMATING if self._making else "")

    def show_done(self, result: Any) -> None:
        if isinstance(result, tuple):
            super().show_done(result)
            return
        self.say("Please look at the sheet of doubtful frames.")
        self.check = ClipCheckDialog(result.prepared, self, said=result.said)
        self.check.accepted.connect(lambda: self._keep(result.prepared))
        self.check.rejected.connect(self._discard)
        self.check.close_wanted.connect(self.close_wanted)
        self.check.open()

    def asks(self, then: Callable[[], object]) -> bool:
        """Ask about clips that are being made or wait to be looked at, if there are any, and call `then` when
        they may be thrown away, which happens when the session closes; whether it was asked."""
        if self.check is not None:
            self.check.raise_()
            self.check.ask_to_discard(then)
        elif self._making:
            self.raise_()
            self._ask_to_stop(then)
        return self.check is not None or self._making

    def reject(self) -> None:
        """Escape, or the window's own button; *Cancel* stops the work without a question."""
        if self._making:
            self._ask_to_stop(self._leave_unasked)
        else:
            self._leave_unasked()

    def _leave_unasked(self) -> None:
        super().reject()

    def _ask_to_stop(self, then: Callable[[], object]) -> None:
        text, about = "Stop making the clip?", "Nothing of it is kept; making it would begin anew."
        self.asked.put(lambda: question(self, TITLE, text, about, yes="Stop", do=then, no="Go on making"))

    def _made(self) -> None:
        """There is nothing left to be stopped."""
        self._making = False
        self.asked.withdraw()

    def _end(self) -> None:
        if self.check is not None:
            self.check.give_up()
        if self.isVisible():
            self.done(self.DialogCode.Rejected)
        self._discard()

    def done(self, result: int) -> None:
        self._made()
        self._discard()
        self.drawing.end()
        self._finding.leave_to(self.session)
        super().done(result)

    def _keep(self, prepared: PreparedClips) -> None:
        self.check = None
        self.start(lambda _task: keep_clips(prepared))

    def _discard(self) -> None:
        check, self.check = self.check, None
        if check is not None:
            check.prepared.close()
            self.say("Discarded; nothing was written.")

    def _choice(self) -> HidingChoice:
        from app.core.deidentify.clip_choice import FaceHiding, HidingChoice
        from app.core.hiding.voices import VoiceHiding

        faces, voice = str(self.faces.currentData()), str(self.voice.currentData())
        return HidingChoice(FaceHiding(faces), VoiceHiding(voice), self.drawing.places.places)

    def _fill_range(self) -> None:
        recording, loop = self.session.opened.recording, self.session.loop.span
        if recording is not None:
            span = loop or Span(0.0, recording.duration)
            self.start_at.setText(clock(span.start))
            self.end_at.setText(clock(span.end))

    @property
    def _is_range(self) -> bool:
        return bool(self.stretch.currentData() == RANGE)

    def _show_taken(self) -> None:
        """Let the fields say which seconds are taken: those that were typed, or what the study names."""
        self._finding.drop()
        if self._range.isEnabled():
            self._typed = self.start_at.text(), self.end_at.text()
        self._range.setEnabled(self._is_range)
        self._show_times(*(self._typed if self._is_range else ("", "")))
        self._tell_taken("")
        access, recording = self.session.study.access(), self.session.opened.recording
        if not self._is_range and access is not None and recording is not None:
            kind = str(self.stretch.currentData())
            self._finding.start(lambda _task: _found(access, recording, kind))

    def _show_times(self, start: str, end: str) -> None:
        self.start_at.setText(start)
        self.end_at.setText(end)
        self._set_stretch()

    def _show_found(self, found: ReadStretches) -> None:
        spans = [one.span for one in found.stretches]
        who = f"“{plain(found.reader.name, 60)}”"
        if self.stretch.currentData() == SEIZURE:
            self._show_times(clock(spans[0].start), clock(spans[0].end))
            self._tell_taken(f"As {who} marked it.")
        else:
            named = (f"{FEATURE[one.name].name} {span_text(one.span)}" for one in found.stretches)
            self._tell_taken(f"As {who} answered: {', '.join(named)}.")

    def _tell_taken(self, words: str) -> None:
        self.taken.setText(words)
        self.taken.setVisible(bool(words))

    def _describe(self) -> None:
        self._set_stretch()
        done = f"{PICTURE_OF[str(self.faces.currentData())]} {SOUND_OF[str(self.voice.currentData())]}"
        self.about.setText(f"{done}\n\n{_LIMITS}")

    def _set_stretch(self) -> None:
        """Let the frame on which is drawn be one of the seconds that are taken, of the whole recording where
        none are shown."""
        start, end = parse_clock(self.start_at.text()), parse_clock(self.end_at.text())
        whole = Span(0.0, self.session.opened.duration)
        if start is not None and end is not None and start < min(end, whole.end):
            whole = Span(start, min(end, whole.end))
        self.drawing.set_stretch(whole)

    def _remember(self) -> None:
        chosen = {box.accessibleName(): box.currentData() for box in (self.stretch, self.faces, self.voice)}
        self._memory.change(deidentified_clip=chosen)


def prepare_clips_of(
    access: StudyAccess, recording: Recording, patient: Box | None, order: ClipOrder, task: Task
) -> ClipsToCheck:
    """The clips of an order, which wait to be confirmed. Raises UserError, Cancelled."""
    from app.core.deidentify.clip_ledger import ClipLedger
    from app.core.deidentify.prepared_clips import prepare_deidentified

    task.report(Progress("Reading the study", 0.0))
    with access.open() as study:
        # Those that cannot be read, or that somebody else has drawn since, were not offered to be covered.
        stored = study.places_to_cover(access.number).get(recording.picture_key, ())
        stretches = _stretches(study, access, recording, order)
    choice = replace(order.choice, covers=covered_with(order.choice.covers, stored))
    prepared = prepare_deidentified(
        recording,
        stretches,
        choice,
        order.out,
        ClipLedger(access.folder, access.me.name, choice),
        patient=patient,
        report=task.report,
        cancel=task.cancel,
    )
    if task.cancel.cancelled:  # nobody is there any longer to whom they could be shown
        prepared.close()
        raise Cancelled
    return ClipsToCheck(prepared, describe_taken_away(order.choice.covers, order.shown, stored))


def keep_clips(prepared: PreparedClips) -> tuple[str, ...]:
    """Give confirmed clips their names; sentences on what was written."""
    with prepared:
        paths = prepared.keep_as_asked()
    names = ", ".join(path.name for path in paths)
    return (f"Written: {names}.", "The ledger of what leaves this computer has a row for each.")


def _stretches(
    study: Study, access: StudyAccess, recording: Recording, order: ClipOrder
) -> tuple[ClipStretch, ...]:
    from app.core.deidentify.clip_choice import ClipStretch

    if order.stretch == RANGE:
        return (ClipStretch(order.span),)
    return _named(study, access, recording, order.stretch).stretches


def _found(access: StudyAccess, recording: Recording, kind: str) -> ReadStretches:
    """What the study names for SEIZURE or FEATURES. Raises UserError where that is nothing."""
    with access.open() as study:
        return _named(study, access, recording, kind)


def _named(study: Study, access: StudyAccess, recording: Recording, kind: str) -> ReadStretches:
    from app.core.deidentify.stretches_of_study import feature_stretches, seizure_stretch

    find = seizure_stretch if kind == SEIZURE else feature_stretches
    return find(study, access.number, access.viewer, recording.duration, me=access.me)
