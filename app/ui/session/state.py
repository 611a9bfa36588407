"""What the window shows: the open recording, the cursor, the selection, and which of them has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.jobs import Progress
from app.core.reading import ReaderKey, Reading
from app.core.semiology import FEATURES, Span
from app.ui.session.answers import Answers
from app.ui.session.my_reading import Own
from app.ui.theme import DARK, Theme

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.recording.waveform import Waveform
    from app.ui.session.preview_frame import Glimpse


class Changed(Flag):
    """What has changed; several can be told at once."""

    RECORDING = auto()
    CURSOR = auto()
    FRAME = auto()
    SELECTION = auto()
    ANSWERS = auto()
    POSE = auto()
    WAVEFORM = auto()
    PLAYING = auto()
    LOOP = auto()
    WORK = auto()
    OVERLAY = auto()
    PATIENT = auto()
    STATUS = auto()
    THEME = auto()
    VISIBLE = auto()
    LOOK = auto()
    MODEL = auto()
    ORDER = auto()
    STUDY = auto()


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn over the picture."""

    skeleton: bool = True
    face: bool = False
    trails: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """Something the window can do for the person now: why, what stands on the button, and doing it."""

    sentence: str
    label: str
    accept: Callable[[], None]


class State(QObject):
    """The state of a session, to be read; only `Session` writes it.

    Lives in the GUI thread; `changed` carries a `Changed` and is always emitted there.
    """

    changed = Signal(object)
    closing = Signal()
    """What runs beside the window must end now."""
    leaving = Signal()
    """Another recording is about to be opened: what is still being written is kept now or never."""
    lock_wanted = Signal()
    """The person asked to lock their reading; the window asks them first."""
    moved_wanted = Signal()
    """Recordings of the study that were moved are to be found."""
    copies_wanted = Signal()
    """The person wants to see the copies of the study."""
    phase_wanted = Signal()
    """The person wants to name the phase that begins at the cursor."""
    field_wanted = Signal(str)
    """The person wants to write the "note" or the "confidence" of the selected feature."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answers = Answers()
        self._recording: Recording | None = None
        self._glimpse: Glimpse | None = None
        self._cursor = 0.0
        self._image: QImage | None = None
        self._frame_time = 0.0
        self._frame_number = -1
        self._playing = False
        self._speed = 1.0
        self._muted = False
        self._loop: Span | None = None
        self._feature = FEATURES[0].id
        self._pose: PoseTrack | None = None
        self._waveform: Waveform | None = None
        self._work: Progress | None = None
        self._overlay = Overlay()
        self._drawing_patient = False
        self._mark: float | None = None
        self._status = ""
        self._message = ""
        self._silent = ""
        self._offer: Offer | None = None
        self._visible = Span(0.0, 0.0)
        self._theme = DARK
        self._shown_reader: ReaderKey | None = None

    @property
    def recording(self) -> Recording | None:
        return self._recording

    @property
    def glimpse(self) -> Glimpse | None:
        """What is seen of a recording that is still being opened; `recording` is None then."""
        return self._glimpse

    @property
    def duration(self) -> float:
        """Seconds of the open recording, 0 without one."""
        return self._recording.duration if self._recording else 0.0

    @property
    def cursor(self) -> float:
        """Seconds on the recording's clock."""
        return self._cursor

    @property
    def image(self) -> QImage | None:
        """The frame that is shown, at the size asked for with `set_picture_size`."""
        return self._image

    @property
    def frame_time(self) -> float:
        """Presentation time of `image`, in seconds."""
        return self._frame_time

    @property
    def frame_number(self) -> int:
        """Number of `image` in the recording, from 0; -1 without one."""
        return self._frame_number

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def muted(self) -> bool:
        return self._muted

    @property
    def loop(self) -> Span | None:
        return self._loop

    @property
    def feature(self) -> str:
        """Id of the selected feature; there always is one."""
        return self._feature

    @property
    def mine(self) -> Reading:
        """The person's own answers."""
        return self._answers.mine

    @property
    def others(self) -> tuple[Reading, ...]:
        """All other readings of the recording, the latest change first."""
        return self._answers.others

    @property
    def shown(self) -> Reading | None:
        """The reading that is shown beside the person's own: the chosen reader's, else the first."""
        chosen = (one for one in self.others if one.reader.key == self._shown_reader)
        return next(chosen, self.others[0] if self.others else None)

    @property
    def study_folder(self) -> Path | None:
        """Where the open recording's study lies; None without one."""
        return self._answers.folder

    @property
    def read_only(self) -> bool:
        """Whether nothing can be kept."""
        return self._answers.read_only

    @property
    def pose(self) -> PoseTrack | None:
        return self._pose

    @property
    def waveform(self) -> Waveform | None:
        return self._waveform

    @property
    def work(self) -> Progress | None:
        """What runs in the background, None when nothing does."""
        return self._work

    @property
    def overlay(self) -> Overlay:
        return self._overlay

    @property
    def own(self) -> Own:
        """What the person keeps beside their answers, and what is sealed from them."""
        return self._answers.own

    @property
    def patient(self) -> Box | None:
        """The box drawn round the patient, in shares of the picture."""
        return self._answers.patient

    @property
    def mark(self) -> float | None:
        """Where the person's evidence for the selected feature begins, until its end is given; seconds."""
        return self._mark

    @property
    def drawing_patient(self) -> bool:
        """Whether the next drag on the picture draws the patient's box."""
        return self._drawing_patient

    @property
    def status(self) -> str:
        """One short line on what was last done ("saved 12:03:41")."""
        return self._status

    @property
    def message(self) -> str:
        """One sentence that the person should read, shown until it is closed; empty without one."""
        return self._message

    @property
    def offer(self) -> Offer | None:
        """What is offered beside `message`, until it is taken or closed."""
        return self._offer

    @property
    def silent(self) -> str:
        """Why no sound is heard; empty when it is."""
        return self._silent

    @property
    def visible(self) -> Span:
        """The part of the clock that the time panels show."""
        return self._visible

    @property
    def theme(self) -> Theme:
        return self._theme
