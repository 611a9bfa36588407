"""What is sealed from a person who reads blind is not given away by commands, unless it is noted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app import cli
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import LockReading, RateExplanation, SetAnswer, SetBlindByDefault
from app.core.study.rating import Rating
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip

BO = person("Bo")
Runner = Callable[..., tuple[int, str, str]]
"""Runs a command on the study: exit code, stdout, stderr."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Read blind by Ana and Bo, neither locked; the signal reader has answered too."""
    place = tmp_path / "ward"
    with Study.open(place, author="Ana") as study:
        study.apply(SetBlindByDefault(True, True))
        for name in ("one.mp4", "two.mp4"):
            number = study.recording(Clip(tmp_path / name, fingerprint=name[0] * 64))
            said = {each.id: Answer(each.id, Presence.NO, explanation="still") for each in FEATURES}
            study.keep_reading(number, Reading(RecordingIdentity("", "", 0), SIGNAL, said))
            for reader, presence in ((ANA, Presence.YES), (BO, Presence.NO)):
                study.apply(SetAnswer(number, reader, Answer("tonic"), Answer("tonic", presence)))
    return place


def lock(folder: Path, *readers: object) -> None:
    with Study.open(folder, author="Ana") as study:
        for row in study.recordings():
            for reader in (ANA, BO):
                if reader in readers:
                    study.apply(LockReading(row.id, reader))
                    study.reveal(row.id, reader)


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        code = cli.main([command, str(folder), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def exported(run: Runner, out: Path, *arguments: str) -> tuple[int, list[str], str]:
    code, _said, err = run("export", "--format", "json", "--out", str(out), *arguments)
    if code:
        return code, [], err
    data = json.loads(out.read_text(encoding="utf-8"))
    names = [one["reader"]["name"] for recording in data["recordings"] for one in recording["readings"]]
    return code, sorted(set(names)), err


def unsealed(folder: Path) -> list[tuple[str, dict[str, object]]]:
    with Study.open(folder, author="x", shared=True) as study:
        assert study.verify_history() == ()
        return [
            (row.who, json.loads(row.new)) for row in study.history(viewer=None) if row.subject == "unsealed"
        ]


def test_while_two_read_blind_nothing_of_anybody_is_exported(
    run: Runner, folder: Path, tmp_path: Path
) -> None:
    code, _names, err = exported(run, tmp_path / "out.json")
    assert code == 1
    assert "Readings left out: 6. They are sealed as long as Ana, Bo read blind" in err
    assert "All such answers are sealed, so nothing was written." in err
    assert not (tmp_path / "out.json").exists()
    assert unsealed(folder) == []


def test_a_rating_that_was_taken_back_is_in_no_exported_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Study.open(tmp_path / "alone", author="Ana") as study:
        study.apply(SetBlindByDefault(True, True))
        number = study.recording(Clip(tmp_path / "one.mp4"))
        study.apply(SetAnswer(number, ANA, Answer("tonic"), Answer("tonic", Presence.YES)))
        study.change_author("Bo")
        given = RateExplanation(number, ANA, "tonic", BO, None, Rating(1, "made up"))
        study.apply(given)
        study.apply(given.inverse())
    out = tmp_path / "out.json"
    assert cli.main(
        ["export", str(tmp_path / "alone"), "--format", "json", "--out", str(out), "--viewer", "Ana"]
    ) == 0  # fmt: skip
    text = out.read_text(encoding="utf-8")
    assert "tonic" in text
    assert "made up" not in text
    assert "The history was left out" in capsys.readouterr().err


def test_for_one_of_them_it_is_what_they_may_see(run: Runner, folder: Path, tmp_path: Path) -> None:
    assert exported(run, tmp_path / "a.json", "--viewer", "Ana")[:2] == (0, ["Ana"])
    assert "sealed" not in (tmp_path / "a.json").read_text(encoding="utf-8")
    lock(folder, ANA)
    assert exported(run, tmp_path / "b.json", "--viewer", "Ana")[:2] == (0, ["Ana", "Bo", "signal"])
    assert exported(run, tmp_path / "c.json", "--viewer", "Bo")[:2] == (0, ["Bo"])
    code, _names, err = exported(run, tmp_path / "d.json", "--viewer", "Cy")
    assert code == 1
    assert "no human reader “Cy”; it has Ana, Bo" in err


def test_the_history_goes_with_what_is_sealed(run: Runner, folder: Path, tmp_path: Path) -> None:
    exported(run, tmp_path / "a.json", "--viewer", "Ana")
    assert "yes" in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["history"] == []


def test_when_all_have_locked_and_seen_everything_is_given(run: Runner, folder: Path, tmp_path: Path) -> None:
    lock(folder, ANA, BO)
    code, names, err = exported(run, tmp_path / "out.json")
    assert (code, names, err) == (0, ["Ana", "Bo", "signal"], "")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["history"]
    assert run("agreement", "--json")[0] == 0
    assert unsealed(folder) == []


def test_what_is_given_all_the_same_is_noted(
    run: Runner, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.settings.author_of", lambda _settings: "Lead")
    code, names, err = exported(run, tmp_path / "out.json", "--unsealed")
    assert (code, names) == (0, ["Ana", "Bo", "signal"])
    assert "Sealed readings given all the same: 6" in err
    assert unsealed(folder) == [("Lead", {"for": "export as json", "readings": 6})]
    code, out, _err = run("agreement", "--json", "--unsealed")
    assert code == 0
    assert len(json.loads(out)["pairs"]) == 3
    assert [new["for"] for _who, new in unsealed(folder)] == ["export as json", "agreement"]
    with Study.open(folder, author="Ana") as study:
        (row, _former) = study.history_page(None, limit=2, viewers=()).rows
        assert row.new == "6 sealed readings given to: agreement"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("export", "--format", "json", "--out", "there.json"), "exists already"),
        (("export", "--format", "json", "--out", "there.mp4/a.json", "--replace"), "cannot be"),
        (("export", "--format", "bids", "--out", "there.json", "--replace"), "cannot be made"),
        (("export", "--format", "bids", "--with-video", "--out", "there"), "there already"),
        (("export", "--format", "json", "--out", "a.json", "--reader", "Nobody"), "no such answers"),
        (("export", "--format", "bids", "--with-video", "--out", "a", "--reader", "Nobody"), "no answers"),
        (("report", "--out", "there.html"), "exists already"),
        (("report", "--out", "there.mp4/a.html", "--replace"), "cannot be"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_what_is_not_written_is_not_noted_as_given(
    run: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(folder.parent)
    for name in ("there.json", "there.html", "there.mp4", "there/a.tsv"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"of somebody else")
    name, *more = command
    code, _out, err = run(name, *more, "--unsealed")
    assert (code, why in err) == (1, True), err
    assert unsealed(folder) == []
    assert Path("there.html").read_bytes() == b"of somebody else"


def test_where_it_cannot_be_noted_it_is_not_given(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.study.store.writable", lambda _path: False)
    code, _names, err = exported(run, tmp_path / "out.json", "--unsealed")
    assert code == 1
    assert "cannot be written" in err
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("more", [(), ("--faithfulness", "--reader", "signal", "--reference", "Ana")])
def test_agreement_leaves_out_what_is_sealed(run: Runner, more: tuple[str, ...]) -> None:
    code, out, err = run("agreement", *more)
    assert code == 1
    assert out == ""
    assert "Readings left out: 6." in err


def test_a_study_that_nobody_reads_blind_is_given_whole(run: Runner, folder: Path, tmp_path: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        study.apply(SetBlindByDefault(True, False))
    assert exported(run, tmp_path / "a.json") == (0, ["Ana", "Bo", "signal"], "")
    assert exported(run, tmp_path / "b.json", "--unsealed") == (0, ["Ana", "Bo", "signal"], "")
    assert unsealed(folder) == [], "nothing was sealed"
