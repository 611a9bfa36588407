"""The BIDS dataset: valid for the validator of BIDS, the EEG on its clock, nobody's name in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import edfio
import pytest

from app import cli
from app.core.errors import Cancelled, UserError
from app.core.exchange.bids_dataset import (
    DatasetChoice,
    WrittenDataset,
    describe_dataset,
    export_bids_dataset,
)
from app.core.exchange.bids_video import AS_RECORDED
from app.core.exchange.formats import FORMATS, read
from app.core.jobs import CancelToken, no_report
from app.core.privacy.ledger import WRITTEN, Ledger
from app.core.recording.probe import open_recording
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.edits import LockReading, SetAnswer
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom, Viewer
from tests.core.eeg_files import SECRETS
from tests.core.eeg_study import BO, ONSET, SYNC, make_eeg_study
from tests.core.study_cases import ANA
from tests.media import write_recording

VALIDATOR = shutil.which("bids-validator-deno")


def written(
    folder: Path, target: Path, viewer: Viewer | None = None, choice: DatasetChoice | None = None
) -> WrittenDataset:
    with Study.open(folder, author="Ana") as opened:
        return export_bids_dataset(
            opened,
            viewer or SealedFrom(()),
            target,
            choice or DatasetChoice(),
            user="Ana",
            report=no_report,
            cancel=CancelToken(),
        )


def rows_of(path: Path) -> list[dict[str, str]]:
    head, *lines = path.read_text("utf-8").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_eeg_study(tmp_path)


@pytest.fixture
def dataset(study: Path, tmp_path: Path) -> Path:
    with Study.open(study, author="Ana") as opened:
        before = Answer("clonic", Presence.YES)
        after = Answer("clonic", Presence.YES, evidence=(Span(25.0, 30.0),))
        opened.apply(SetAnswer(1, ANA, before, after))
    written(study, tmp_path / "dataset")
    return tmp_path / "dataset"


def test_the_eeg_is_there_with_its_events_on_its_clock(dataset: Path) -> None:
    eeg = dataset / "sub-001" / "eeg"
    events = rows_of(eeg / "sub-001_task-seizure_events.tsv")
    found = {(row["trial_type"], row["reader"]): row for row in events}
    assert float(found["seizure_onset", "Ana"]["onset"]) == pytest.approx(SYNC.sync.to_eeg(ONSET))
    assert found["seizure_onset", "Ana"]["duration"] == "n/a"
    clonic = found["clonic", "Ana"]
    assert (float(clonic["onset"]), float(clonic["duration"])) == (35.0, 5.0)
    channels = rows_of(eeg / "sub-001_task-seizure_channels.tsv")
    assert [(row["name"], row["type"], row["units"]) for row in channels] == [
        ("EEG Fp1-REF", "EEG", "µV"), ("EEG F7-REF", "EEG", "µV"), ("ECG", "ECG", "µV"),
    ]  # fmt: skip
    sidecar = json.loads((eeg / "sub-001_task-seizure_eeg.json").read_text("utf-8"))
    assert (sidecar["SamplingFrequency"], sidecar["EEGReference"], sidecar["RecordingDuration"]) == (
        100.0, "REF", 60.0,
    )  # fmt: skip
    scans = rows_of(dataset / "sub-001" / "sub-001_scans.tsv")
    assert scans == [
        {"filename": "eeg/sub-001_task-seizure_eeg.edf", "acq_time": "1923-12-31T23:59:50.000000"}
    ]
    read = edfio.read_edf(eeg / "sub-001_task-seizure_eeg.edf")
    assert (read.patient.name, len(read.annotations)) == ("X", 0)


def test_nobody_is_named_in_any_file_or_name(dataset: Path) -> None:
    for path in dataset.rglob("*"):
        raw = str(path.relative_to(dataset)).encode() + (path.read_bytes() if path.is_file() else b"")
        for secret in (*SECRETS, "smiles", "2026", "02-MAR"):
            assert secret.encode() not in raw, (path.name, secret)


INSIDE = ("LA1", "LA2", "LA3", "RH1", "RH2", "ECG")


@pytest.mark.skipif(VALIDATOR is None, reason="the validator of BIDS is not installed")
@pytest.mark.parametrize("labels", [INSIDE, ("ECOG G1", "ECOG G2", "ECG")])
def test_the_validator_finds_no_error_in_contacts(tmp_path: Path, labels: tuple[str, ...]) -> None:
    written(make_eeg_study(tmp_path, labels, "HP:0.1Hz LP:500Hz N:50Hz"), tmp_path / "dataset")
    ended = subprocess.run(
        [str(VALIDATOR), str(tmp_path / "dataset"), "--json"], capture_output=True, text=True, check=False
    )
    issues = json.loads(ended.stdout)["issues"]["issues"]
    assert not [issue for issue in issues if issue["severity"] == "error"], issues


def test_contacts_in_the_brain_are_ieeg(tmp_path: Path) -> None:
    written(make_eeg_study(tmp_path, INSIDE, "HP:0.1Hz LP:500Hz N:50Hz"), tmp_path / "dataset")
    folder = tmp_path / "dataset" / "sub-001" / "ieeg"
    assert not (tmp_path / "dataset" / "sub-001" / "eeg").exists()
    assert (folder / "sub-001_task-seizure_ieeg.edf").exists()
    channels = rows_of(folder / "sub-001_task-seizure_channels.tsv")
    assert list(channels[0])[:5] == ["name", "type", "units", "low_cutoff", "high_cutoff"]
    assert [row["type"] for row in channels] == ["SEEG"] * 5 + ["ECG"]
    assert {(row["low_cutoff"], row["high_cutoff"], row["notch"]) for row in channels} == {
        ("0.1", "500", "50")
    }
    sidecar = json.loads((folder / "sub-001_task-seizure_ieeg.json").read_text("utf-8"))
    assert {"iEEGReference", "SamplingFrequency", "PowerLineFrequency", "SoftwareFilters"} <= set(sidecar)
    assert "EEGReference" not in sidecar
    assert (sidecar["SEEGChannelCount"], sidecar["ECOGChannelCount"]) == (5, 0)
    assert sidecar["PowerLineFrequency"] == 50.0
    electrodes = rows_of(folder / "sub-001_electrodes.tsv")
    assert [row["name"] for row in electrodes] == list(INSIDE[:5])
    assert {row["x"] for row in electrodes} == {"n/a"}
    assert sidecar["HardwareFilters"] == {
        "HighpassFilter": {"CutoffFrequency": 0.1},
        "LowpassFilter": {"CutoffFrequency": 500.0},
        "NotchFilter": {"CutoffFrequency": 50.0},
    }
    scans = rows_of(tmp_path / "dataset" / "sub-001" / "sub-001_scans.tsv")
    assert scans[0]["filename"] == "ieeg/sub-001_task-seizure_ieeg.edf"


@pytest.mark.skipif(VALIDATOR is None, reason="the validator of BIDS is not installed")
@pytest.mark.parametrize(("video", "eeg"), [(False, True), (True, True), (True, False)])
def test_the_validator_of_bids_finds_no_error(study: Path, tmp_path: Path, video: bool, eeg: bool) -> None:
    write_recording(tmp_path / "a.mp4")
    written(study, tmp_path / "dataset", choice=DatasetChoice(video=video, eeg=eeg))
    ended = subprocess.run(
        [str(VALIDATOR), str(tmp_path / "dataset"), "--json"], capture_output=True, text=True, check=False
    )
    issues = json.loads(ended.stdout)["issues"]["issues"]
    assert not [issue for issue in issues if issue["severity"] == "error"], issues


def test_the_video_goes_along_when_asked_for_and_is_told(study: Path, tmp_path: Path) -> None:
    write_recording(tmp_path / "a.mp4")
    found = written(study, tmp_path / "dataset", choice=DatasetChoice(video=True, annotations=True))
    beh = tmp_path / "dataset" / "sub-001" / "beh"
    (video,) = beh.glob("*video.mp4")
    assert video.read_bytes() == (tmp_path / "a.mp4").read_bytes()
    facts = json.loads(video.with_suffix(".json").read_text("utf-8"))
    assert {"TaskName", "Duration", "FrameRate", "Width", "Height"} <= set(facts)
    assert any("show people" in sentence for sentence in describe_dataset(found))
    rows = rows_of(tmp_path / "dataset/sub-001/sub-001_scans.tsv")
    scans = {row["filename"]: row["acq_time"] for row in rows}
    assert scans[f"beh/{video.name}"] == "1924-01-01T00:00:00.000000"
    copy = next((tmp_path / "dataset" / "sub-001" / "eeg").glob("*.edf"))
    assert [note.text for note in edfio.read_edf(copy).annotations] == ["Harry smiles"]


def test_a_study_without_eeg_is_a_dataset_of_videos_that_is_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, video = tmp_path / "s.semioscope", tmp_path / "dataset", write_recording(tmp_path / "a.mp4")
    told = Answer("tonic", Presence.YES, 80, (Span(0.1, 0.4),), Laterality.LEFT, "stiff")
    with Study.open(folder, author="Ana") as opened:
        opened.recording(open_recording(video))
        opened.recording_without_video("gone.mp4")
        for number in (1, 2):
            opened.apply(SetAnswer(number, ANA, Answer("tonic"), told))
    base = ["export", str(folder), "--unsealed", "--with-video", "--out", str(out)]
    assert cli.main([*base, "--format", "csv-long"]) != 0
    assert cli.main([*base, "--format", "bids", "--keep-annotations"]) != 0
    assert cli.main([*base, "--format", "bids"]) == 0
    said = capsys.readouterr().err
    assert "show people" in said
    assert "“gone.mp4” is missing: the study has its labels alone" in said
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {
        "sub-001/beh/sub-001_task-seizure_video.mp4", "sub-001/beh/sub-001_task-seizure_video.json",
        "sub-001/beh/sub-001_task-seizure_events.tsv", "sub-002/beh/sub-002_task-seizure_events.tsv",
        "participants.tsv", "dataset_description.json",
    } <= names  # fmt: skip
    assert not any("eeg" in name for name in names)
    head = json.loads((out / "dataset_description.json").read_text("utf-8"))
    assert head["Name"] == "Seizure semiology with video"
    back = read(out, FORMATS["bids"])
    assert [one.answer("tonic") for one in back.bundle.readings] == [told, told]


def test_eeg_that_was_not_asked_for_is_named(study: Path, tmp_path: Path) -> None:
    write_recording(tmp_path / "a.mp4")
    found = written(study, tmp_path / "dataset", choice=DatasetChoice(video=True, eeg=False))
    assert "The attached EEG files were not asked for and are not in it." in found.remarks
    assert not [*(tmp_path / "dataset").rglob("*.edf")]


def test_what_is_sealed_is_not_in_it(study: Path, tmp_path: Path) -> None:
    with Study.open(study, author="Ana") as opened:
        opened.apply(LockReading(1, ANA))
    found = written(study, tmp_path / "dataset", SealedFrom((BO,)))
    assert found.seal.withheld == 1
    assert "seizure_onset" not in (
        tmp_path / "dataset/sub-001/eeg/sub-001_task-seizure_events.tsv"
    ).read_text("utf-8")


def test_it_is_whole_or_not_there(study: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="new or empty folder"):
        written(study, tmp_path / "full")
    cancel = CancelToken()
    cancel.cancel()
    before = sorted(entry.name for entry in tmp_path.iterdir())
    with Study.open(study, author="Ana") as opened, pytest.raises(Cancelled):
        export_bids_dataset(
            opened, SealedFrom(()), tmp_path / "new", DatasetChoice(),
            user="Ana", report=no_report, cancel=cancel,
        )  # fmt: skip
    assert sorted(entry.name for entry in tmp_path.iterdir()) == before


def test_the_command_writes_it(
    study: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "dataset"
    wanted = ["export", str(study), "--format", "bids", "--with-eeg", "--out", str(out)]
    assert cli.main([*wanted, "--unsealed"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    assert (out / "dataset_description.json").is_file()
    assert cli.main(["export", str(study), "--format", "csv-long", "--with-eeg", "--out", str(out)]) != 0
    assert "bids" in capsys.readouterr().err


def test_each_video_has_a_row_in_the_ledger(study: Path, tmp_path: Path) -> None:
    video = write_recording(tmp_path / "a.mp4")
    found = written(study, tmp_path / "dataset", choice=DatasetChoice(video=True, eeg=False))
    (entry,) = Ledger(study).entries()
    sent = entry.sending
    assert (entry.outcome, sent.user, sent.host, sent.purpose) == (WRITTEN, "Ana", "this computer", "export")
    assert sent.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()
    assert sent.size == video.stat().st_size
    assert "recording 1 of the study as sub-001_task-seizure_video.mp4" in sent.deidentification
    assert "as recorded: people can be recognised" in sent.deidentification
    assert "a.mp4" not in sent.deidentification
    assert any("ledger" in remark for remark in found.remarks)


def test_without_videos_the_ledger_has_no_row(study: Path, tmp_path: Path) -> None:
    write_recording(tmp_path / "a.mp4")
    written(study, tmp_path / "dataset")
    assert Ledger(study).entries() == ()


def test_no_video_leaves_without_its_row(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_recording(tmp_path / "a.mp4")
    (study / "egress.jsonl").mkdir()  # so that no line can be written
    monkeypatch.setattr(
        "app.core.exchange.bids_dataset.unfinished_folder",
        lambda _target: pytest.fail("begun before the ledger was tried"),
    )
    with pytest.raises(UserError, match="ledger"):
        written(study, tmp_path / "dataset", choice=DatasetChoice(video=True))
    assert not (tmp_path / "dataset").exists()


def test_that_people_can_be_recognised_is_said_before_anything_is_copied(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_recording(tmp_path / "a.mp4")
    told: list[tuple[str, bool]] = []
    out = tmp_path / "dataset"
    monkeypatch.setattr("app.commands.export.say", lambda text: told.append((text, out.exists())))
    wanted = ["export", str(study), "--format", "bids", "--unsealed", "--out", str(out), "--with-video"]
    assert cli.main(wanted) == 0
    assert told[0] == (AS_RECORDED, False)
    assert "metadata" in AS_RECORDED
    assert "people can be recognised" in AS_RECORDED
