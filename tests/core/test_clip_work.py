"""What remains of the work on a de-identified clip, from its first pictures on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.deidentify.clip_choice import FaceHiding
from app.core.deidentify.clip_work import ClipProgress, ClipWork, work_of_clip
from app.core.jobs import Progress, TimeEstimate
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from tests.media import write_recording


def test_a_short_clip_is_mostly_the_search_for_text(tmp_path: Path) -> None:
    short = open_recording(write_recording(tmp_path / "a.mp4", frames=60))
    work = work_of_clip(short, Span(0.0, short.duration / 4), FaceHiding.COVER)
    assert work.hide == pytest.approx(15)
    assert work.text > work.hide + work.check
    assert work_of_clip(short, Span(0.0, 0.5), FaceHiding.FIGURE).text == 0
    whole = work_of_clip(short, Span(0.0, short.duration), FaceHiding.COVER)
    assert whole.text == work.text / 2, "the whole recording is searched once"


def test_a_long_clip_is_mostly_hiding_and_checking(tmp_path: Path) -> None:
    short = open_recording(write_recording(tmp_path / "a.mp4", frames=60))
    assert short.video is not None
    # Forty times as long, with as many pictures a second.
    long = replace(
        short, duration=40 * short.duration, video=replace(short.video, times=np.arange(2400) / 25)
    )
    whole, work = (
        work_of_clip(long, Span(0.0, seconds), FaceHiding.COVER)
        for seconds in (long.duration, long.duration / 2)
    )
    assert (whole.hide, work.hide) == pytest.approx((2400, 1200)), "by its pictures"
    assert whole.check == pytest.approx(2 * work.check), "by its seconds"
    assert whole.text < whole.check < whole.hide
    assert work.text == 2 * whole.text, "in the recording and in the clip, however long they are"
    assert whole.total < 2 * work.total


def test_what_remains_is_right_from_the_start_although_getting_ready_took_long() -> None:
    """Ten seconds until the first picture, then a tenth of a second for each unit of work."""
    now, said = [0.0], list[Progress]()
    progress = ClipProgress(
        ClipWork(text=300, hide=100, check=100),
        said.append,
        lambda begun: TimeEstimate(begun, lambda: now[0]),
    )
    steps = (
        [(progress.text, "text", (at + 1) / 30, 1.0) for at in range(30)]
        + [(progress.hide, "hide", (at + 1) / 100, 0.1) for at in range(100)]
        + [(progress.check, "check", (at + 1) / 20, 0.5) for at in range(20)]
    )
    now[0] = 10.0
    for step, what, share, seconds in steps:
        now[0] += seconds
        step(what, share)
    assert said[0].remaining is None, "nothing is known before a second picture"
    for one in said[1:]:
        assert one.remaining == pytest.approx(50 * (1 - one.done), abs=0.01)
    assert said[-1].done == 1.0
