"""A study as lines of clip, question and answer: what a segment says, the gate, the ledger."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import cli
from app.core import exports
from app.core.batch import export_question_lines as exporting
from app.core.batch.export_question_lines import LINES, LinesChoice, export_question_lines
from app.core.batch.preview_question_lines import preview_question_lines
from app.core.batch.question_lines import answer_in_segment, line_requests
from app.core.clips.clip import Clip, ClipOptions, ClipSpec
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.exports import remove_left_by_killed_programs
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, no_report
from app.core.privacy.destination import Destination
from app.core.privacy.gate import ATTESTATION, Permission, allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.reading import Reading, RecordingIdentity, person
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Answer, Laterality, Presence, SideFrom, Span
from app.core.study.edits import SetBlindByDefault, SetPatientData
from app.core.study.patient_data import NO_PATIENT_DATA, PatientData
from app.core.study.store import Study
from tests.media import write_recording

EVA, BO = person("Eva Müller"), person("Bo")
NAME = "Mustermann_Erika_1970"
STUDY = PROMPT_SETS["study"]
SECRET = "as Frau Mustermann told the nurse"


@pytest.fixture
def clips(monkeypatch: pytest.MonkeyPatch) -> list[ClipOptions]:
    """Clips whose files are two letters: how real ones are made is tested with the models' clips."""
    asked: list[ClipOptions] = []

    def prepare(*of: Any, options: ClipOptions, **rest: Any) -> tuple[Clip, ...]:
        asked.append(options)
        return clips_of_two_letters(*of, **rest)

    monkeypatch.setattr(exporting, "prepare_clips", prepare)
    return asked


def clips_of_two_letters(
    _recording: object, specs: tuple[ClipSpec, ...], folder: Path, **_rest: object
) -> tuple[Clip, ...]:
    folder.mkdir(parents=True)
    made = []
    for spec in specs:
        name = f"{spec.name}.{'wav' if spec.enhancement is Enhancement.SOUND else 'mp4'}"
        content = name.encode()
        (folder / name).write_bytes(content)
        sound = spec.enhancement is Enhancement.SOUND
        made.append(
            Clip(
                spec.name, spec.enhancement, spec.span, spec.fps, 1.0,
                video=None if sound else name, sound=name if sound else None,
                sums=((name, hashlib.sha256(content).hexdigest()),),
                unusable="" if spec.enhancement is not Enhancement.FACE else "No face was found.",
            )
        )  # fmt: skip
    return tuple(made)


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """A recording of 3 s that Eva and Bo have read, Bo differently."""
    path = write_recording(tmp_path / f"{NAME}.mp4", frames=75)
    recording = open_recording(path)
    folder = tmp_path / "one.semioscope"
    with Study.open(folder, author="Eva Müller") as study:
        number = study.recording(recording)
        identity = RecordingIdentity(recording.name, "", recording.duration)
        evidence = (Span(0.5, 1.25),)
        answers = {
            "tonic": Answer("tonic", Presence.YES, 90, evidence, None, SECRET),
            "clonic": Answer("clonic", Presence.NO, 80),
            "ictal_vocalization": Answer("ictal_vocalization", Presence.NOT_ASSESSABLE),
            "eye_blinking": Answer("eye_blinking", Presence.NO),
        }
        study.keep_reading(number, Reading(identity, EVA, answers))
        study.keep_reading(number, Reading(identity, BO, {"tonic": Answer("tonic", Presence.NO)}))
        data = PatientData(patient="Erika", split="development")
        study.apply(SetPatientData(number, NO_PATIENT_DATA, data))
    return folder


def export(
    folder: Path, out: Path, reader: str | None = "Eva Müller", **changes: Any
) -> list[dict[str, Any]]:
    with Study.open(folder, author="Eva Müller", create=False) as study:
        export_question_lines(
            study, LinesChoice(reader, **changes), out, lambda place: allow(folder, place, "Eva"), "Eva",
            report=no_report, cancel=CancelToken(),
        )  # fmt: skip
    return [json.loads(line) for line in (out / LINES).read_text("utf-8").splitlines()]


def test_lines_hold_clip_question_and_answer(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions]
) -> None:
    out = tmp_path / "out"
    lines = {line["feature"]: line for line in export(study_folder, out)}
    assert set(lines) == {"tonic", "clonic", "ictal_vocalization"}, "no line from a clip that shows no face"
    tonic = lines["tonic"]
    assert tonic["answer"] == {
        "presence": "yes",
        "evidence": [{"start": 0.5, "end": 1.25}],
        "laterality": "none",
    }
    assert '"tonic"' in tonic["question"]
    assert tonic["split"] == "development"
    assert lines["ictal_vocalization"]["answer"]["presence"] == "not_assessable"
    for line in lines.values():
        for name in (line["clip"]["video"], line["clip"]["sound"]):
            assert name is None or (out / name).read_bytes() == Path(name).name.encode()
    (options,) = clips
    assert options.covers
    assert options.cover_patient
    assert not options.pose


def test_the_set_of_the_study_is_answered_as_the_study_was(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions]
) -> None:
    lines = {line["feature"]: line for line in export(study_folder, tmp_path / "out", prompts=STUDY)}
    assert lines["tonic"]["answer"] == {"answer": "yes", "justification": ""}
    assert lines["ictal_vocalization"]["answer"]["answer"] == "NA"
    assert STUDY.questions["clonic"] in lines["clonic"]["question"]


def test_no_name_leaves_the_study(study_folder: Path, tmp_path: Path, clips: list[ClipOptions]) -> None:
    out = tmp_path / "out"
    export(study_folder, out)
    content = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    names = " ".join(str(path.relative_to(out)) for path in out.rglob("*"))
    for secret in (NAME, "Erika", "Eva", "Bo", SECRET):
        assert secret.encode() not in content
        assert secret not in names
    with_text = export(study_folder, tmp_path / "second", explanations=True)
    assert SECRET in {line["answer"].get("explanation") for line in with_text}


def test_a_row_of_the_ledger_before_a_clip_gets_its_name(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    named: list[bool] = []
    sending = Ledger.sending

    def watched(ledger: Ledger, row: Any) -> str:
        named.append(any((out / "clips").glob("r*/*")))
        return sending(ledger, row)

    monkeypatch.setattr(Ledger, "sending", watched)
    export(study_folder, out)
    assert named == [False]
    (entry,) = Ledger(study_folder).entries()
    assert (entry.outcome, entry.sending.host) == ("written", "this computer")
    assert entry.sending.model == "questions for fine-tuning"
    assert entry.sending.size == sum(path.stat().st_size for path in out.rglob("clips/*/*"))
    assert "face covered" in entry.sending.deidentification


_KILLED = """
    import os, signal, sys
    from pathlib import Path
    from app.core.batch import export_question_lines as exporting
    from app.core.privacy.ledger import Ledger
    from tests.core.test_question_lines import clips_of_two_letters, export
    exporting.prepare_clips = clips_of_two_letters
    Ledger.sending = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    export(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.skipif(os.name == "nt", reason="by locks, which there are others of")
def test_what_a_killed_export_left_goes_at_the_next_start(study_folder: Path, tmp_path: Path) -> None:
    """Faces can be recognised in these clips: neither beside the lines nor in the study any is left."""
    out = tmp_path / "out"
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_KILLED), study_folder, out],
        check=False, cwd=Path(__file__).parents[2], env={**os.environ},
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL

    def left() -> list[Path]:
        return [path for place in (out, study_folder) for path in place.rglob("*.mp4")]

    assert len({path.is_relative_to(out) for path in left()}) == 2
    remove_left_by_killed_programs(settings_folder())
    assert left() == []
    assert not [path for path in out.rglob("*") if path.is_file()]
    assert list((settings_folder() / exports.FOLDER).iterdir()) == []


def test_without_permission_nothing_is_made(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions]
) -> None:
    def other(place: Destination) -> Permission:
        elsewhere = Destination(place.service, place.host, "another folder", place.scheme)
        return Permission(elsewhere, "Eva", "2026", elsewhere.terms.version, ATTESTATION)

    with (
        Study.open(study_folder, author="Eva Müller", create=False) as study,
        pytest.raises(UserError, match="not been allowed"),
    ):
        export_question_lines(
            study, LinesChoice("Eva Müller"), tmp_path / "out", other, "Eva",
            report=no_report, cancel=CancelToken(),
        )  # fmt: skip
    assert clips == []
    assert not (tmp_path / "out").exists()


def test_what_is_sealed_from_anybody_is_not_written(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions]
) -> None:
    with Study.open(study_folder, author="Eva Müller", create=False) as study:
        study.apply(SetBlindByDefault(study.settings().blind_by_default, True))
    for reader in ("Eva Müller", "Bo"):
        with pytest.raises(UserError, match="Not sealed there are: none"):
            export(study_folder, tmp_path / "out", reader)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_refused(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="holds something"):
        export(study_folder, tmp_path / "out")


def test_the_command_asks_for_the_authority(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [
        "export",
        str(study_folder),
        "--format",
        "jsonl",
        "--out",
        str(tmp_path / "out"),
        "--reader",
        "Bo",
    ]
    assert cli.main(asked) == 1
    assert "training a model" not in capsys.readouterr().out
    assert not (tmp_path / "out").exists()
    assert cli.main([*asked, "--i-have-authority", "--unsealed"]) == 1
    capsys.readouterr()
    assert cli.main([*asked, "--i-have-authority"]) == 0
    assert "1 line of 1 recording" in capsys.readouterr().out
    assert (
        cli.main(["export", str(study_folder), "--format", "eaf", "--out", str(tmp_path), "--fps", "2"]) == 1
    )
    assert "--fps belongs to --format jsonl" in capsys.readouterr().err


def test_what_an_answer_says_of_a_segment() -> None:
    here, there = Span(0.0, 30.0), Span(50.0, 80.0)
    yes = Answer("tonic", Presence.YES, None, (Span(20.0, 40.0),))
    found = answer_in_segment(yes, here, 0, whole=False)
    assert found is not None
    assert found.evidence == (Span(20.0, 30.0),)
    assert answer_in_segment(yes, there, 2, whole=False) is None, "nobody said that nothing is there"
    bare = Answer("tonic", Presence.YES)
    assert answer_in_segment(bare, here, 0, whole=False) is None
    assert answer_in_segment(bare, here, 0, whole=True) is not None
    asleep = Answer("occur_during_sleep", Presence.NO)
    assert answer_in_segment(asleep, here, 0, whole=False) is not None
    assert answer_in_segment(asleep, there, 1, whole=False) is None
    assert answer_in_segment(Answer("tonic"), here, 0, whole=True) is None


def test_a_side_that_changes_is_that_of_the_segment() -> None:
    left, right, both = Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH
    answer = Answer(
        "clonic", Presence.YES, evidence=(Span(2, 8), Span(31, 36), Span(70, 75)), laterality=left,
        sides=(SideFrom(2, left), SideFrom(33, right)),
    )  # fmt: skip
    expected = {(0, 30): left, (25, 55): both, (34, 64): right, (50, 80): right, (0, 80): both}
    for (start, end), side in expected.items():
        found = answer_in_segment(answer, Span(start, end), 1, whole=False)
        assert found is not None
        assert found.laterality is side
    bare = replace(answer, evidence=())
    found = answer_in_segment(bare, Span(0, 80), 0, whole=True)
    assert found is not None
    assert found.laterality is both


@given(st.lists(st.tuples(st.floats(0, 90), st.floats(0.1, 30)), max_size=4), st.floats(0, 60))
def test_evidence_stays_within_its_segment(spans: list[tuple[float, float]], start: float) -> None:
    answer = Answer("tonic", Presence.YES, None, tuple(Span(at, at + long) for at, long in sorted(spans)))
    segment = Span(start, start + 30.0)
    found = answer_in_segment(answer, segment, 1, whole=False)
    touching = [one for one in answer.evidence if one.start < segment.end and one.end > segment.start]
    assert (found is not None) == bool(touching)
    for one in found.evidence if found is not None else ():
        assert segment.start <= one.start <= one.end <= segment.end


def test_every_feature_is_asked_once_in_a_segment() -> None:
    asked = [request.features[0].id for request in line_requests(20.0, 2.0)]
    assert sorted(asked) == sorted(feature.id for feature in FEATURES)


def test_readers_are_told_by_kind_alone(study_folder: Path, tmp_path: Path, clips: list[ClipOptions]) -> None:
    lines = export(study_folder, tmp_path / "out")
    assert {line["answered_by"] for line in lines} == {"person"}


def test_the_preview_is_of_the_first_recording_that_has_lines(
    study_folder: Path, tmp_path: Path, clips: list[ClipOptions]
) -> None:
    """The recording that is open is another, and the first that was read is gone."""
    path = write_recording(tmp_path / "second.mp4", frames=60)
    with Study.open(study_folder, author="Eva Müller") as study:
        number = study.recording(open_recording(path))
        identity = RecordingIdentity(path.name, "", 2.4)
        study.keep_reading(number, Reading(identity, EVA, {"clonic": Answer("clonic", Presence.NO)}))
    (tmp_path / f"{NAME}.mp4").unlink()

    def previewed(number: int) -> tuple[str, list[str]]:
        with Study.open(study_folder, author="Eva Müller") as study:
            made = preview_question_lines(
                study, LinesChoice("Eva Müller"), number, report=no_report, cancel=CancelToken()
            )
            return made.recording, [line.feature for line in made.lines]

    assert previewed(99) == ("second.mp4", ["clonic"])
    with pytest.raises(UserError):
        previewed(1)
    path.unlink()
    with pytest.raises(UserError):
        previewed(99)


def test_only_clips_that_a_line_shows_are_written_not_those_of_a_similar_name() -> None:
    span = Span(0.0, 1.0)
    near = [
        Clip(name, Enhancement.POSE, span, 2.0, 1.0, pictures=((0, f"{name}.jpg"),))
        for name in ("0-none", "10-none")
    ]
    clip = {"video": None, "sound": None, "pictures": [{"at": 0, "file": "clips/r/10-none.jpg"}]}
    assert [one.name for one in exporting._used(near, [{"clip": clip}])] == ["10-none"]
