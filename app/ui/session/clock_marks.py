"""Setting the clocks of the EEG and the recording by marks: drafted, previewed, then one edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.eeg.clock_draft import (
    ClockDraft,
    fit_of,
    is_changed,
    moved_by,
    origin_of,
    with_mark,
    with_pair,
    without_pair,
)
from app.core.eeg.sync import MarkPair, SyncFit, uncertainty_at
from app.core.errors import UserError
from app.ui.session.attached_eeg import AttachedEeg, AttachedEegs
from app.ui.session.current_eeg import CurrentEeg
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.eeg_selection import EegSelection
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.playback import Playback

if TYPE_CHECKING:
    from app.core.recording.recording import VideoStream

_USUAL_FRAME = 0.04
"""Seconds, where there is no picture."""


class ClockMarks(QObject):
    """The draft of each EEG of each recording, kept until it is applied or discarded."""

    changed = Signal()
    """Another draft, or another EEG, or its sync is another one, or it is previewed or no longer."""
    dialog_wanted = Signal()
    """A mark was set from elsewhere: the person wants to see what has become of it."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        playback: Playback,
        attached: AttachedEegs,
        current: CurrentEeg,
        display: EegDisplay,
        selection: EegSelection,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._playback = playback
        self._attached = attached
        self._current = current
        self._display = display
        self._selection = selection
        self._drafts: dict[tuple[str, str], ClockDraft] = {}
        self._previewing = False
        attached.changed.connect(self._on_other)
        opened.recording_changed.connect(self._on_other)
        attached.sync_changed.connect(lambda _eeg: self.changed.emit())

    # what there is

    @property
    def eeg(self) -> AttachedEeg | None:
        """The EEG whose clock is set."""
        return self._attached.current

    @property
    def draft(self) -> ClockDraft:
        """What is marked, at first the pairs that the sync was fitted to."""
        eeg = self.eeg
        if eeg is None:
            return ClockDraft()
        return self._drafts.get(self._key(eeg), ClockDraft(eeg.pairs))

    @property
    def is_unapplied(self) -> bool:
        """Whether something of the draft would be lost."""
        return self.eeg is not None and is_changed(self.draft, self.eeg.pairs)

    @property
    def fit(self) -> SyncFit | None:
        """What the draft gives; None without an EEG, and for marks that give nothing (`problem`)."""
        try:
            return None if self.eeg is None else fit_of(self.draft, self.eeg.sync)
        except UserError:
            return None

    @property
    def problem(self) -> str:
        """Why the marks give nothing; "" when they do."""
        try:
            if self.eeg is not None:
                fit_of(self.draft, self.eeg.sync)
        except UserError as error:
            return str(error)
        return ""

    @property
    def previewing(self) -> bool:
        """Whether the display shows the draft."""
        return self._previewing

    @property
    def trace_moment(self) -> float | None:
        """The moment of the trace that would be marked, on the EEG's clock: what was chosen while the picture
        is held, else where the selected stretch begins, else the cursor."""
        if self._display.file is None:
            return None
        held = self._display.position.held
        if held.on:
            return held.point
        span = self._selection.span
        return self._display.position.cursor if span is None else span[0]

    @property
    def picture_moment(self) -> float:
        """The time of the frame under the cursor."""
        return self._frame_from(self._playback.cursor, 0)

    def uncertainty(self) -> float | None:
        """The uncertainty of the draft at the cursor in seconds; None without a pair."""
        fit, pairs = self.fit, self.draft.pairs
        return uncertainty_at(pairs, fit.sync.to_eeg(self._playback.cursor)) if fit and pairs else None

    # marking

    def mark_picture(self) -> None:
        """Mark the frame under the cursor."""
        if self.eeg is not None:
            self._take(with_mark(self.draft, picture=self.picture_moment))

    def mark_trace(self, seconds: float | None = None) -> None:
        """Mark a moment of the trace on the EEG's clock, by default `trace_moment`."""
        seconds = self.trace_moment if seconds is None else seconds
        if self.eeg is not None and seconds is not None:
            self._take(with_mark(self.draft, trace=seconds))

    def remove(self, number: int) -> None:
        """Remove a pair."""
        self._take(without_pair(self.draft, number))

    def nudge_picture(self, number: int, frames: int) -> None:
        """Move the mark of a pair in the picture by frames."""
        pair = self.draft.pairs[number]
        self._take(
            with_pair(self.draft, number, MarkPair(pair.eeg, self._frame_from(pair.recording, frames)))
        )

    def nudge_trace(self, number: int, samples: int) -> None:
        """Move the mark of a pair in the trace by samples of the fastest channel."""
        pair = self.draft.pairs[number]
        moved = MarkPair(pair.eeg + samples * self.sample_seconds, pair.recording)
        self._take(with_pair(self.draft, number, moved))

    def move(self, seconds: float) -> None:
        """Let the whole EEG come later on the recording's clock."""
        if self.eeg is not None:
            self._take(moved_by(self.draft, seconds))

    @property
    def frame_seconds(self) -> float:
        """How long a frame lasts, on average."""
        video = self._video
        return 1 / video.rate if video is not None and video.rate > 0 else _USUAL_FRAME

    @property
    def sample_seconds(self) -> float:
        """The time between two samples of the fastest channel."""
        file = self._display.file
        rates = [float(one.rate) for one in file.signals if one.rate] if file is not None else []
        return 1 / max(rates, default=256.0)

    # taking it or not

    def hold(self, on: bool) -> None:
        """Let a click in the trace choose a moment and not move the picture."""
        self._display.position.held.set(on)
        self.changed.emit()

    def preview(self, on: bool) -> None:
        """Show picture and trace as the draft has them, or as they are agreed."""
        self._previewing = on
        if on:
            self._display.position.held.set(False)
        self._show_preview()
        self.changed.emit()

    def apply(self) -> bool:
        """Agree to the draft: one edit. Whether it was taken; why not shows as a message."""
        from app.core.study.stored_eeg import AgreedSync

        eeg, fit, draft = self.eeg, self.fit, self.draft
        if eeg is None or fit is None or draft.trace is not None or draft.picture is not None:
            return False
        self._attached.set_sync(eeg, AgreedSync(fit.sync, origin_of(draft, eeg.origin), draft.pairs))
        now = self._attached.find(eeg.fingerprint)
        if now is None or now.sync != fit.sync:
            return False
        self.discard()
        return True

    def discard(self) -> None:
        """Forget the draft and show what is agreed."""
        if self.eeg is not None:
            self._drafts.pop(self._key(self.eeg), None)
        self._previewing = False
        self._show_preview()
        self.changed.emit()

    def end(self) -> None:
        """The dialog is closed: show what is agreed, and let clicks move the picture again."""
        self._display.position.held.set(False)
        self.preview(False)

    def _take(self, draft: ClockDraft) -> None:
        eeg = self.eeg
        if eeg is not None:
            self._drafts[self._key(eeg)] = draft
            self._show_preview()
            self.changed.emit()

    def _show_preview(self) -> None:
        fit = self.fit if self._previewing else None
        self._current.preview(None if fit is None else fit.sync)

    def _on_other(self) -> None:
        self._previewing = False
        self._current.preview(None)
        self.changed.emit()

    def _key(self, eeg: AttachedEeg) -> tuple[str, str]:
        recording = self._opened.recording
        return "" if recording is None else recording.fingerprint, eeg.fingerprint

    @property
    def _video(self) -> VideoStream | None:
        recording = self._opened.recording
        return None if recording is None else recording.video

    def _frame_from(self, seconds: float, frames: int) -> float:
        """The time of the frame that shows a moment, or of one so many frames away."""
        video = self._video
        if video is None or not len(video.times):
            return seconds + frames * _USUAL_FRAME
        number = min(max(video.number_at(seconds) + frames, 0), len(video.times) - 1)
        return float(video.times[number])
