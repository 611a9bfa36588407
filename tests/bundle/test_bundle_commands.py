"""Commands of the bundle that load further libraries: tables, charts, training, clips, sealed keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bundle.bare_system import HOME, LONGEST, BareSystem
from tests.bundle.bundled_program import EEG, PATIENT, PROGRAM, STUDY, refused, semioscope

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(4 * LONGEST)]

PNG = b"\x89PNG"
SMALL = ("--duration", "2", "--size", "240x136", "--fps", "10")
LABELS = """recording,patient,diagnosis,tonic,clonic,head_turning
a,P1,epileptic,yes,no,yes
b,P2,functional,no,no,yes
c,P3,epileptic,yes,yes,no
d,P4,functional,no,yes,no
"""


def test_a_table_is_evaluated_with_page_and_charts(bare: BareSystem) -> None:
    home = bare.inside(HOME)
    (home / "right.csv").write_text(LABELS, encoding="utf-8")
    (home / "read.csv").write_text(LABELS.replace("epileptic,yes", "epileptic,no", 1), encoding="utf-8")
    out = ("--html", f"{HOME}/page.html", "--figures", f"{HOME}/charts", "--format", "png,svg,pdf")
    given = ("--reference", f"{HOME}/right.csv", "--reading", f"{HOME}/read.csv")
    semioscope(bare, "evaluate", *given, *out, "--json", f"{HOME}/scores.json")
    assert "data:image/png" in (home / "page.html").read_text(encoding="utf-8")
    kinds = {path.suffix for path in (home / "charts").iterdir()}
    assert {".png", ".svg", ".pdf", ".csv"} <= kinds
    (reading,) = json.loads((home / "scores.json").read_text(encoding="utf-8"))["readings"].values()
    assert reading["features"]["tonic"]["f1"] == pytest.approx(2 / 3)


def test_a_page_of_the_eeg_is_drawn(bare: BareSystem, patient: Path) -> None:
    semioscope(bare, "eeg", "page", EEG, "--at", "0", "--out", f"{HOME}/eeg.png")
    assert bare.inside(f"{HOME}/eeg.png").read_bytes().startswith(PNG)


def test_people_are_covered_by_the_models_of_the_bundle(bare: BareSystem, patient: Path) -> None:
    said = refused(bare, "deidentify", PATIENT, "--from", "0", "--to", "1", "--out", f"{HOME}/covered.mp4")
    # A person has to look at the doubtful frames before the clip gets its name.
    assert "covered.unconfirmed.mp4” is not confirmed" in said
    assert bare.inside(f"{HOME}/covered.unconfirmed.mp4").stat().st_size > 10_000


@pytest.mark.parametrize(
    "kind", ["csv-long", "csv-wide", "xlsx-long", "xlsx-wide", "eaf", "boris", "bids", "edf", "json"]
)
def test_every_file_of_another_program_is_written(bare: BareSystem, patient: Path, kind: str) -> None:
    semioscope(bare, "analyze", PATIENT, "--study", STUDY)
    out = f"{HOME}/as-{kind}"
    semioscope(bare, "export", STUDY, "--format", kind, "--out", out, "--unsealed")
    written = [path for path in bare.inside(out).rglob("*") if path.is_file()]
    assert written
    assert all(path.stat().st_size for path in written)


def test_recordings_are_read_at_once_by_processes(bare: BareSystem, patient: Path) -> None:
    semioscope(bare, "batch", HOME, "--jobs", "2", "--out", f"{HOME}/batch")
    assert "answers" in "".join(path.read_text() for path in bare.inside(f"{HOME}/batch").rglob("*.json"))


def test_a_models_clips_are_made_and_planned(bare: BareSystem, patient: Path) -> None:
    requests = f"{HOME}/requests.jsonl"
    model = ("--model", "qwen2.5-vl", "--i-have-authority")
    semioscope(bare, "analyze", PATIENT, "--study", STUDY)
    semioscope(bare, "offline", "write", STUDY, requests, *model)
    assert "data:" in bare.inside(requests).read_text(encoding="utf-8")
    plan = semioscope(bare, "analyze", PATIENT, "--reader", "gemini", "--model", "gemini-3.8-flash", "--plan")
    assert "Nothing was sent." in plan


def test_a_course_is_drawn_and_its_keys_are_sealed(bare: BareSystem) -> None:
    out = f"{HOME}/course.semioscope-course"
    semioscope(bare, "course", "phantom", "--cases", "1", "--size", "240x136", "--out", out)
    assert any(path.suffix == ".mp4" for path in bare.inside(out).rglob("*"))


def test_a_reader_and_a_diagnosis_are_trained(bare: BareSystem) -> None:
    place = f"{HOME}/training"
    bare.run("/bin/mkdir", place)
    rows = ["recording,patient,clonic,diagnosis"]
    for number in range(30):
        answer, diagnosis = (("yes", "epileptic"), ("no", "functional"))[number % 2]
        out = f"{place}/r{number}.mp4"
        semioscope(bare, "phantom", "--seed", f"{number + 1}", "--ordinary", *SMALL, "--out", out)
        rows.append(f"r{number},P{number // 2 % 10},{answer},{diagnosis}")
    labels = f"{HOME}/training.csv"
    bare.inside(labels).write_text("\n".join(rows) + "\n", encoding="utf-8")
    semioscope(bare, "train", place, "--labels", labels, "--out", f"{HOME}/reader.json")
    told = semioscope(bare, "analyze", f"{place}/r0.mp4", "--reader", f"trained:{HOME}/reader.json")
    assert "Clonic" in told
    judge = ("--judge", f"{HOME}/diagnosis.json", "--answers", labels, "--kind", "person")
    done = bare.run(PROGRAM, "diagnosis", *judge)
    assert done.returncode == 0, done.stderr
    assert bare.inside(f"{HOME}/diagnosis.json").is_file()
