"""De-identified clips: made in a process of low priority, looked at by a person, and only then given their
names.

Until then they lie in an unfinished folder next to their place, which goes when they are discarded, when the
program is killed (the next one sweeps it), and when nobody confirms them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from app.core.atomic import check_writable, remove_unfinished, unfinished_folder
from app.core.clips.clip_process import TRACK_NAME
from app.core.deidentify.clip_choice import ClipStretch, HidingChoice, choice_to_dict
from app.core.deidentify.clip_ledger import ClipLedger
from app.core.deidentify.clip_work import POSE_OF_A_FRAME, work_of_clip
from app.core.enhance.pose import pose_track
from app.core.errors import UserError
from app.core.exports import check_free, exporting_to, is_one_of
from app.core.jobs import CancelToken, Report, part_of
from app.core.picture_box import Box
from app.core.plural import plural
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.recording import Recording
from app.core.semiology import Span
from app.core.study.recording_files import recording_files

ENDING = ".mp4"
OVER_ITSELF = "A clip is never written over the recording itself; choose another name."
_PROCESS = "app.core.deidentify.deidentify_process"
_LEAST_SHARE = 0.01
"""Share of a picture below which no number is said of it."""


@dataclass(frozen=True, slots=True)
class PreparedClip:
    """A clip that waits for its name `target`: its file and that of the sheet of its doubtful frames.

    `coarse` of its `frames` had to be made coarse as a whole; in `suspected` of the `checked` ones the second
    detector finds a face of the recording that still shows; `text` is the most of a picture that is covered
    as text or in one of the `drawn` places.
    """

    span: Span
    path: Path
    sheet: Path
    target: Path
    frames: int
    coarse: int
    text: float
    checked: int
    suspected: int
    drawn: int = 0


class PreparedClips:
    """Clips that nobody has confirmed yet; to be closed, which discards them unless they were kept."""

    def __init__(
        self,
        clips: tuple[PreparedClip, ...],
        ledger: ClipLedger,
        held: ExitStack,
        there: frozenset[Path] = frozenset(),
    ) -> None:
        """`there` are the names that something had when the clips were begun."""
        self.clips = clips
        self._there = there
        self._ledger = ledger
        self._held = held

    def keep(self, *, replace: bool = False) -> tuple[Path, ...]:
        """Give the clips their names, each after its row of the ledger; to be called once a person has looked
        at every sheet. Raises UserError, also before anything has its name if there are files with one of
        them, which nobody said are to be `replace`d."""
        return self._keep(frozenset(clip.target for clip in self.clips) if replace else frozenset())

    def keep_as_asked(self) -> tuple[Path, ...]:
        """As `keep`, where a dialog for the name has asked whether what had it by then is to be replaced."""
        return self._keep(self._there)

    def lay_aside(self) -> tuple[tuple[Path, Path], ...]:
        """Put each clip that has no name yet and its sheet next to its name, to be confirmed by a later
        command. Raises UserError; the paths of both."""
        left = [clip for clip in self.clips if clip.path.exists()]
        return tuple(
            self._ledger.lay_aside(clip.path, clip.sheet, clip.target, suspected=clip.suspected)
            for clip in left
        )

    def _keep(self, replaced: frozenset[Path]) -> tuple[Path, ...]:
        check_free(clip.target for clip in self.clips if clip.target not in replaced)
        return tuple(
            self._ledger.give_name(clip.path, clip.target, replace=clip.target in replaced)
            for clip in self.clips
        )

    def close(self) -> None:
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def prepare_deidentified(
    recording: Recording,
    stretches: Sequence[ClipStretch],
    choice: HidingChoice,
    out: Path,
    ledger: ClipLedger,
    *,
    patient: Box | None = None,
    report: Report,
    cancel: CancelToken,
) -> PreparedClips:
    """The clips of the stretches, ready to be looked at; `out` is the name of the only one, and what comes
    before a dash and the stretch's name for several.

    Raises UserError when the recording has no picture, cannot be read or the folder cannot be written;
    Cancelled within a second of `cancel`, with nothing left behind.
    """
    targets = tuple(target_of(out, stretch) for stretch in stretches)
    _check(recording, out, targets, ledger.folder)
    _check_unasked(out, targets)
    there = frozenset(target for target in targets if os.path.lexists(target))
    posed = _share_of_pose(recording, stretches, choice)
    track = pose_track(recording, patient=patient, report=part_of(report, 0.0, posed), cancel=cancel)
    with ExitStack() as held:
        remove_unfinished(out.absolute().parent)
        held.enter_context(exporting_to(out.absolute().parent))
        folder = held.enter_context(unfinished_folder(out.absolute()))
        np.savez(folder / TRACK_NAME, **track.arrays())
        job = {
            **recording_job(recording),
            "folder": str(folder),
            "choice": choice_to_dict(choice),
            "stretches": [asdict(stretch) for stretch in stretches],
        }
        failed = "The de-identified clip could not be made; nothing was written."
        content = run_process(_PROCESS, job, failed=failed, report=part_of(report, posed, 1.0), cancel=cancel)
        rows = json.loads(content)
        clips = tuple(_prepared(folder, n, stretches[n].span, targets[n], rows[n]) for n in range(len(rows)))
        return PreparedClips(clips, ledger, held.pop_all(), there)


def _share_of_pose(recording: Recording, stretches: Sequence[ClipStretch], choice: HidingChoice) -> float:
    """Which share of all the work it is to find the poses, of the whole recording, where none are kept."""
    clips = sum(work_of_clip(recording, stretch.span, choice.faces).total for stretch in stretches)
    pose = POSE_OF_A_FRAME * (recording.video.n if recording.video is not None else 0)
    return pose / (pose + clips)


def target_of(out: Path, stretch: ClipStretch) -> Path:
    """The final name of a clip."""
    stem = out.stem if out.suffix.lower() == ENDING else out.name
    return out.with_name(f"{stem}-{stretch.name}{ENDING}" if stretch.name else f"{stem}{ENDING}")


def _check(recording: Recording, out: Path, targets: Sequence[Path], study: Path) -> None:
    """Check before long work that the clips can be written, and replace no recording of the study, if there
    is one in that folder. A name that was given counts too, where the clip's has an ending more: nobody means
    to name a clip after its recording. Raises UserError."""
    if recording.video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no clip to make of it.")
    kept = recording_files(study)
    for target in (out, *targets):
        if is_one_of(target, (recording.path,)):
            raise UserError(OVER_ITSELF)
        if is_one_of(target, kept):
            raise UserError(f"“{target.name}” is a recording of the study; choose another name.")
    for target in targets:
        check_writable(target.absolute())


def _check_unasked(out: Path, targets: Sequence[Path]) -> None:
    """Raises UserError if a clip would replace a file whose name was not given: one with a feature in it."""
    there = next((one for one in targets if one.stem not in (out.stem, out.name) and one.exists()), None)
    if there is not None:
        raise UserError(f"“{there.name}” exists already; choose another name for the clips.")


def _prepared(folder: Path, number: int, span: Span, target: Path, row: dict[str, Any]) -> PreparedClip:
    clip, sheet = folder / f"{number}.mp4", folder / f"{number}.png"
    with clip.open("rb+") as file:
        os.fsync(file.fileno())
    return PreparedClip(span, clip, sheet, target, **row)


def describe_prepared(clip: PreparedClip) -> tuple[str, ...]:
    """Sentences on what the second detector found and what could not be shown."""
    every = clip.checked == clip.frames
    searched = f"all {plural(clip.frames, 'frame')}" if every else f"{clip.checked} of {clip.frames} frames"
    found = "" if clip.suspected else " and found no face that still shows"
    sentences = [f"A second detector searched {searched}{found}."]
    if clip.suspected:
        come = "it comes" if clip.suspected == 1 else "the most doubtful of them come"
        sentences.append(
            f"In {plural(clip.suspected, 'frame')} a face may still show: {come} first, with a ring. A hand, "
            "a print on a shirt or the cells themselves can be taken for a face too, so look whether it is "
            "one."
        )
    if clip.coarse:
        coarse = "All" if clip.coarse == clip.frames else f"{clip.coarse} of"
        sentences.append(
            f"{coarse} {clip.frames} frames are coarse as a whole, because it was not certain where the "
            "patient is."
        )
    if clip.text:
        share = f"Up to {clip.text:.0%}" if clip.text >= _LEAST_SHARE else "Less than 1%"
        drawn = f" or in one of {clip.drawn} places that you named" if clip.drawn else ""
        drawn = " or in the place that you named" if clip.drawn == 1 else drawn
        sentences.append(f"{share} of the picture is covered as text{drawn}.")
    return tuple(sentences)


CONFIRMING = (
    "Look at every picture. Keep the clip only if you can recognise nobody and read no name or date. The "
    "detectors were tried on few people: looking is up to you."
)
"""What a person is asked to do before they keep a clip."""

LEGEND = (
    "The time is that in the clip. A yellow ring marks the face that may show, or else what the second "
    "detector takes for a face most, and the percentage how sure it is; white rings mark what else it takes "
    "for one. “None shows”: it takes something for a face there, but what it found is "
    "not a face of the recording that can still be seen."
)
"""What is written over a picture of a sheet, explained."""
