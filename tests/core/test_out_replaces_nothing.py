"""`--out` replaces nothing that exists unless `--replace` is given, which is known before any work."""

from __future__ import annotations

import argparse
import io
import json
import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.commands import export, report, result_options
from app.core.atomic import has_unfinished, put_in_place
from app.core.deidentify.clip_choice import ClipStretch
from app.core.deidentify.clip_ledger import WAITING_CLIPS, confirm_waiting, waiting_clip, waiting_sheet
from app.core.eeg.conversion import CONVERTED
from app.core.eeg.edf_writing import WrittenChannel, WrittenStretch, write_edf
from app.core.eeg.other_formats import OtherFormat
from app.core.errors import UserError
from app.core.exports import check_free
from app.core.folders import settings_folder
from app.core.semiology import Span
from tests.core.command_runs import Run, run
from tests.core.test_deidentify import place, prepared
from tests.core.test_exchange_study import study
from tests.media import write_recording

__all__ = ["place", "run", "study"]

KEPT = b"of somebody else"
COMMANDS = (
    ("frame", "in.mp4", "--at", "0"),
    ("copy", "in.mp4"),
    ("report", "in.mp4"),
    ("phantom", "--seed", "1"),
    ("train", "in.mp4", "--labels", "t.csv", "--group-by", "patient"),
    ("eeg", "page", "in.edf", "--at", "0"),
    ("eeg", "anonymise", "in.edf"),
    ("eeg", "convert", "in.edf"),
)


def name_of(command: tuple[str, ...]) -> str:
    return " ".join(command[:2]) if command[0] == "eeg" else command[0]


def target_of(folder: Path, command: tuple[str, ...]) -> Path:
    ending = {"report": "html", "copy": "mp4", "eeg anonymise": "edf", "eeg convert": "edf"}
    return folder / f"out.{ending.get(name_of(command), 'png')}"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that the commands can read, in the folder in which they run."""
    write_recording(tmp_path / "in.mp4", frames=12)
    values = (np.arange(200.0),)
    write_edf(
        tmp_path / "in.edf", [WrittenChannel("Fp1", Fraction(100))], [WrittenStretch(Fraction(0), values)]
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "app.core.eeg.conversion._format_of", lambda _path: OtherFormat("other", "nothing", modules=("json",))
    )
    # First, so that its module is loaded with what it calls, not with what is put in its place below.
    monkeypatch.setattr("app.core.hiding.text_of_recording.run_process", lambda *_a, **_k: "[]")
    monkeypatch.setattr("app.core.recording.analysis_process.run_process", convert)
    monkeypatch.setattr("app.core.phantom.render.render_phantom", draw)
    monkeypatch.setattr("app.core.training.train_reader.train_reader", lambda *_a, **_k: Trained())
    monkeypatch.setattr("app.commands.train.training_lines", lambda _reader: [])
    json_of = "app.core.readers.trained.trained_reader_file.trained_reader_to_json"
    monkeypatch.setattr(json_of, lambda _reader: "{}")
    return tmp_path


def convert(_process: str, job: dict[str, str], **_more: object) -> str:
    (Path(job["folder"]) / CONVERTED).write_bytes(b"edf")
    return '{"worst_error": 0.0, "not_finite": 0}'


def draw(_script: object, out: Path, *_more: object) -> None:
    out.write_bytes(b"drawn")


class Trained:
    seals = remarks = ()
    reader = None


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_exists_is_kept(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    target = target_of(tmp_path, command)
    target.write_bytes(KEPT)
    code, _, err = run(*command, "--out", target)
    assert (code, f"“{target.name}” exists already" in err, "--replace" in err) == (1, True, True), err
    assert target.read_bytes() == KEPT


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_exists_is_replaced_when_that_is_asked_for(
    run: Run, sources: Path, command: tuple[str, ...]
) -> None:
    target = target_of(sources, command)
    target.write_bytes(KEPT)
    code, _, err = run(*command, "--out", target, "--replace")
    assert code == 0, err
    assert target.read_bytes() != KEPT


@pytest.fixture
def taken_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has made the files when a command has just seen that there are none."""
    whole = result_options.check_new

    def check(args: argparse.Namespace, targets: Iterable[Path], *more: tuple[str, ...]) -> None:
        files = tuple(targets)
        whole(args, files, *more)
        for file in files:
            file.write_bytes(KEPT)

    for module in (result_options, report, export):
        monkeypatch.setattr(module, "check_new", check)


@pytest.mark.usefixtures("taken_meanwhile")
@pytest.mark.parametrize("command", [one for one in COMMANDS if one[0] != "phantom"], ids=" ".join)
def test_what_appears_meanwhile_is_kept(run: Run, sources: Path, command: tuple[str, ...]) -> None:
    target = target_of(sources, command)
    code, _, err = run(*command, "--out", target)
    assert (code, f"“{target.name}” exists already" in err) == (1, True), err
    assert target.read_bytes() == KEPT
    assert not has_unfinished(sources)


@pytest.mark.usefixtures("taken_meanwhile")
def test_what_appears_during_an_export_is_kept(run: Run, study: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    code, _, err = run("export", study, "--format", "csv-long", "--unsealed", "--out", target)
    assert (code, "exists already" in err, target.read_bytes()) == (1, True, KEPT), err


@pytest.mark.parametrize("more", [("jsonl",), ("bids", "--with-eeg"), ("bids", "--with-video")])
def test_folders_are_never_replaced(run: Run, study: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    code, _, err = run("export", study, "--out", tmp_path / "out", "--replace", "--format", *more)
    assert (code, "--replace goes without" in err, (tmp_path / "out").exists()) == (1, True, False), err


@pytest.mark.parametrize("links", [True, False])
def test_a_finished_file_takes_no_name_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refused(*_names: object, **_more: object) -> None:
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", refused)
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    put_in_place(tmp_path / "one", tmp_path / "name", replace=False)
    with pytest.raises(UserError, match="“name” exists already"):
        put_in_place(tmp_path / "two", tmp_path / "name", replace=False)
    assert (tmp_path / "name").read_text() == "one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["name", "two"]
    put_in_place(tmp_path / "two", tmp_path / "name", replace=True)
    assert (tmp_path / "name").read_text() == "two"


def test_a_link_that_leads_nowhere_is_something(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match="“link” exists already"):
        check_free((tmp_path / "new", tmp_path / "link"))


@pytest.mark.parametrize("into_folder", [False, True])
def test_an_export_replaces_nothing(run: Run, study: Path, tmp_path: Path, into_folder: bool) -> None:
    out = tmp_path / "out"
    target = out / "semioscope.csv" if into_folder else out.with_suffix(".csv")
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(KEPT)
    command = ("export", study, "--format", "csv-long", "--unsealed", "--out", out if into_folder else target)
    code, _, err = run(*command)
    assert (code, "exists already" in err, target.read_bytes()) == (1, True, KEPT), err
    code, _, err = run(*command, "--replace")
    assert (code, target.read_bytes() != KEPT) == (0, True), err


def test_confirming_replaces_nothing_and_moves_nothing(place: Path) -> None:
    target = place / "clip.mp4"
    with prepared(place) as clips:
        clips.lay_aside()
    target.write_bytes(KEPT)
    with pytest.raises(UserError, match="exists already"):
        confirm_waiting(place / "study", target)
    assert target.read_bytes() == KEPT
    assert waiting_clip(target).exists()
    assert waiting_sheet(target).exists()
    confirm_waiting(place / "study", target, replace=True)
    assert target.read_bytes() != KEPT


def test_of_several_clips_none_is_moved_when_one_name_is_taken(place: Path) -> None:
    stretches = (ClipStretch(Span(0.0, 0.3), "tonic"), ClipStretch(Span(0.2, 0.5), "clonic"))
    with prepared(place, *stretches) as clips:
        (place / "clip-clonic.mp4").write_bytes(KEPT)
        with pytest.raises(UserError, match=r"“clip-clonic\.mp4” exists already"):
            clips.keep(replace=False)
    assert not (place / "clip-tonic.mp4").exists()


def test_a_clip_whose_name_is_taken_meanwhile_is_laid_aside(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = place / "clip.mp4"

    def agrees(_question: str) -> str:
        target.write_bytes(KEPT)
        return "y"

    monkeypatch.setattr("builtins.input", agrees)
    monkeypatch.setattr("sys.stdin", Terminal())
    code, _, err = run("deidentify", place / "a.mp4", "--out", target)
    assert (code, target.read_bytes()) == (1, KEPT), err
    assert "“clip.unconfirmed.mp4” was laid aside" in err
    code, _, err = run("deidentify", place / "a.mp4", "--out", target, "--confirm", "--replace")
    assert (code, target.read_bytes() != KEPT) == (0, True), err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_window_replaces_only_what_was_there_when_it_asked(place: Path) -> None:
    target = place / "clip.mp4"
    with prepared(place) as clips:
        target.write_bytes(KEPT)
        with pytest.raises(UserError, match="exists already"):
            clips.keep_as_asked()
        assert target.read_bytes() == KEPT
    with prepared(place) as clips:
        clips.keep_as_asked()
    assert target.read_bytes() != KEPT


@pytest.mark.parametrize("ending", ["mp4", "png"])
def test_only_what_this_account_laid_aside_is_replaced(place: Path, ending: str) -> None:
    theirs = place / f"clip.unconfirmed.{ending}"
    theirs.write_bytes(KEPT)
    with prepared(place) as clips, pytest.raises(UserError, match="exists already"):
        clips.lay_aside()
    assert theirs.read_bytes() == KEPT
    theirs.unlink()
    for _time in range(2):
        with prepared(place) as clips:
            clips.lay_aside()
    assert theirs.read_bytes() != KEPT


def test_a_sheet_of_an_earlier_version_is_replaced_with_its_clip(place: Path) -> None:
    with prepared(place) as clips:
        clips.lay_aside()
    noted = settings_folder() / WAITING_CLIPS
    rows = [json.loads(line) for line in noted.read_text().splitlines() if line]
    noted.write_text("".join(json.dumps({**row, "sheet": None}) + "\n" for row in rows))
    with prepared(place) as clips:
        clips.lay_aside()
    assert waiting_sheet(place / "clip.mp4").exists()


def test_the_command_looks_before_it_makes_or_moves_a_clip(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    target = place / "clip.mp4"
    target.write_bytes(KEPT)
    for more in ((), ("--confirm",)):
        code, _, err = run("deidentify", place / "a.mp4", "--out", target, *more)
        assert (code, "“clip.mp4” exists already" in err, target.read_bytes()) == (1, True, KEPT), err
