"""De-identified clips: faces, text and metadata that are left, and how long 30 s of 1080p30 take."""

from __future__ import annotations

import os
import re
import resource
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import av

from app.core.deidentify.clip_choice import HidingChoice, chosen_stretch
from app.core.deidentify.clip_ledger import ClipLedger
from app.core.deidentify.prepared_clips import PreparedClip, prepare_deidentified
from app.core.jobs import CancelToken, Report, share_of
from app.core.recording.probe import open_recording
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.hidden_text import hidden_texts
from benchmarks.kept_results import KeptResults, folder_of_code, name_with_content
from benchmarks.stage import ROOT, fresh_home, phantom_file, seconds_of

SECONDS, MOST_SECONDS, MOST_MEMORY = 30.0, 240.0, 1500.0
PEOPLE = ROOT.parent / "shared" / "media" / "people"
_KNOWN = {"major_brand", "minor_version", "compatible_brands", "language", "handler_name"}


SPEED, PLANTED = "1080p30", "planted text"
"""What `only` can name besides a clip."""


def run(options: Options) -> Result:
    """`runs` is how many texts are planted (200), `seconds` the length of the 1080p30 recording (30 s).

    `only` takes the parts whose name holds it: `1080p30`, `planted text`, or the file of a clip. Clips and
    scenes with texts are kept: an interrupted run goes on. Time and memory are measured first, always anew.
    """
    kept = KeptResults("deidentify", again=options.again)
    scenes_folder = folder_of_code("planted", "app/core", "benchmarks")
    report, rows, notes = options.report, list[Row](), list[str]()
    seconds = options.seconds or SECONDS
    moving = phantom_file(seconds, (1920, 1080), report) if options.only in SPEED else None
    with fresh_home(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if moving is not None:
            rows += _speed(moving, folder, seconds, share_of(report, 0.0, 0.2))
        for found, told in (
            _people(folder, options.only, kept, share_of(report, 0.2, 0.7)),
            hidden_texts(scenes_folder, options, kept, share_of(report, 0.7, 1.0))
            if options.only in PLANTED
            else ((), ()),
        ):
            rows += found
            notes += told
    subset = (f"A subset: only what is called “{options.only}”.",) if options.only else ()
    return Result("deidentify", machine(), tuple(rows), (*subset, *kept.note, *notes))


# people


def _people(
    folder: Path, only: str, kept: KeptResults, report: Report
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    every = sorted(PEOPLE.glob("*.m*"), key=lambda path: path.stat().st_size)
    every = [path for path in every if path.suffix in (".mp4", ".mkv", ".mov")]
    if not every:
        return (), ("Clips of people were not tried: shared/media/people is missing.",)
    files = [path for path in every if only in path.name]
    if not files:
        return (), ()
    found = []
    for number, path in enumerate(files):
        part = share_of(report, number / len(files), (number + 1) / len(files))
        found.append(kept.result(name_with_content(path), partial(_of_clip, path, folder / "clip.mp4", part)))
    total = {key: sum(one[key] for one in found) for key in found[0]}
    rows = (
        fact(f"of {len(every)} clips are de-identified", len(files), ""),
        at_most(
            f"of {total['checked']} frames of them show a face of the recording, says the second detector",
            total["suspected"],
            "",
            0,
        ),
        at_most("metadata in the clips", total["told"], "", 0),
        at_most("clips with a sound track by default", total["sounds"], "", 0),
        fact(
            f"of {total['frames']} frames are coarse as a whole", 100 * total["coarse"] / total["frames"], "%"
        ),
    )
    return rows, tuple(
        f"{path.name}: {one['suspected']} of {one['checked']} frames suspected, {one['coarse']} of "
        f"{one['frames']} coarse, {one['text']:.0%} of the picture covered as text."
        for path, one in zip(files, found, strict=True)
    )


def _of_clip(path: Path, out: Path, report: Report) -> dict[str, float]:
    """What is counted of one clip, and the share of the picture that is covered as text."""
    made = deidentified(path, out, report)
    return {
        "checked": made.checked,
        "suspected": made.suspected,
        "frames": made.frames,
        "coarse": made.coarse,
        "text": made.text,
        "told": len(said_by(out)),
        "sounds": open_recording(out).audio is not None,
    }


def deidentified(path: Path, out: Path, report: Report) -> PreparedClip:
    """Make the clip of a whole recording and keep it unseen; what was found in it."""
    recording = open_recording(path)
    stretches = (chosen_stretch(recording, None, None),)
    ledger = ClipLedger(out.parent, "benchmark", HidingChoice())
    with prepare_deidentified(
        recording, stretches, HidingChoice(), out, ledger, report=report, cancel=CancelToken()
    ) as prepared:
        prepared.keep(replace=True)
        return prepared.clips[0]


def said_by(path: Path) -> Sequence[str]:
    """What the file says of itself besides its form."""
    with av.open(str(path)) as container:
        metadata = [container.metadata, *(stream.metadata for stream in container.streams)]
    told = [f"{key}: {value}" for each in metadata for key, value in each.items() if key not in _KNOWN]
    return told + [text.decode() for text in re.findall(rb"x264|Lavc|Lavf", path.read_bytes())]


# speed


def _speed(path: Path, folder: Path, seconds: float, report: Report) -> tuple[Row, ...]:
    """Time, and that of the processors, which does not depend on what else runs; the most memory."""
    before = os.times()
    taken = seconds_of(lambda: deidentified(path, folder / "fast.mp4", report))
    after = os.times()
    spent = sum(after[:4]) - sum(before[:4])
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    what = f"{seconds:g} s of 1080p30 with pose, hiding and check"
    return (
        # The start of the detectors takes as long for a short recording.
        at_most(what, taken, "s", MOST_SECONDS) if seconds == SECONDS else fact(what, taken, "s"),
        fact("the same in processor time", spent, "s"),
        at_most("the most memory of a process", memory, "MB", MOST_MEMORY),
    )
