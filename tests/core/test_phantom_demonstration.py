"""The demonstration's EEG: next to the recording, attached in its study with the clock that is true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_values
from app.core.phantom import demonstration_file
from app.core.phantom.demonstration import demo_script
from app.core.phantom.demonstration_file import (
    EEG_SYNC,
    demonstration_eeg_file,
    demonstration_recording,
)
from app.core.phantom.render import render_phantom
from app.core.phantom.script import PhantomScript
from app.core.recording.probe import open_recording
from app.core.study.edits import AttachEeg
from app.core.study.place import study_folder_for
from app.core.study.store import Study
from tests.core.test_phantom_eeg import power


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration that is drawn in a second."""

    def script() -> PhantomScript:
        whole = demo_script(duration=12.0)
        return PhantomScript(whole.seed, whole.duration, whole.events, fps=2.0, size=(160, 90))

    monkeypatch.setattr(demonstration_file, "demo_script", script)


def study_of(recording: Path) -> Study:
    return Study.open(study_folder_for(recording, open_recording(recording).fingerprint), author="Reviewer")


def test_the_first_start_attaches_the_eeg_and_a_later_one_respects_what_was_done() -> None:
    file = demonstration_recording()
    eeg = demonstration_eeg_file(file)
    with opened_eeg(eeg) as opened:
        read = read_recording(opened)
    assert read.duration == pytest.approx(20.0 + 12.0 + 10.0, abs=1.0)
    truth = json.loads(file.with_name("eeg_truth.json").read_text())
    assert EEG_SYNC.to_recording(truth["onset"]) == pytest.approx(2.0 - 1.0)
    assert truth["side"] == "right"
    with study_of(file) as study:
        number = study.recording(open_recording(file))
        (attached,) = study.eegs(number)
        assert attached.agreed.sync == EEG_SYNC
        assert attached.place(study.folder) == eeg
        study.apply(AttachEeg(number, attached, None))
    assert demonstration_recording() == file
    with study_of(file) as study:
        assert study.eegs(number) == (), "what was detached is not attached again"
        study.undo(number)
        assert study.eegs(number) == (attached,)


def test_alpha_is_seen_before_the_picture_while_the_eyes_are_closed() -> None:
    with opened_eeg(demonstration_eeg_file(demonstration_recording())) as opened:
        read = read_recording(opened)
        back = next(one for one in opened.header.signals if one.label == "EEG O1-REF")
        closed, after = (read_values(opened, read.timeline, back, at, 1024) for at in (5, 16))
    told = {one.text: one.onset for one in read.annotations}
    assert told["Eyes closed"] == pytest.approx(3.0, abs=0.01)
    assert told["Eyes open"] == pytest.approx(15.0, abs=0.01)
    assert power(closed, 9.0, 11.0) > 10 * power(after, 9.0, 11.0)


def test_a_demonstration_of_an_earlier_version_gets_its_eeg() -> None:
    file = demonstration_recording()
    eeg = demonstration_eeg_file(file)
    with study_of(file) as study:
        number = study.recording(open_recording(file))
        (attached,) = study.eegs(number)
        study.apply(AttachEeg(number, attached, None))
    born = file.stat().st_mtime_ns
    eeg.unlink()
    assert demonstration_recording() == file
    assert file.stat().st_mtime_ns == born, "the picture is not drawn again"
    with study_of(file) as study:
        assert study.eegs(number) == (attached,)


def test_a_study_that_was_removed_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    file = demonstration_recording()
    folder = study_folder_for(file)
    for one in sorted(folder.rglob("*"), reverse=True):
        if one.is_dir():
            one.rmdir()
        else:
            one.unlink()
    monkeypatch.setattr(
        demonstration_file, "render_phantom", lambda *_arguments: pytest.fail(render_phantom.__name__)
    )
    demonstration_recording()
    with study_of(file) as study:
        assert len(study.eegs(study.recording(open_recording(file)))) == 1
