"""`--out` replaces nothing that exists unless `--replace` is given, which is known before any work."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.core.deidentify.clip_choice import ClipStretch
from app.core.deidentify.clip_ledger import confirm_waiting, waiting_clip, waiting_sheet
from app.core.errors import UserError
from app.core.exports import check_free
from app.core.semiology import Span
from tests.core.command_runs import Run, run
from tests.core.test_deidentify import place, prepared
from tests.core.test_exchange_study import study

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


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_exists_is_kept(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    target = tmp_path / ("out.html" if command[0] == "report" else "out.png")
    target.write_bytes(KEPT)
    code, _, err = run(*command, "--out", target)
    assert (code, f"“{target.name}” exists already" in err, "--replace" in err) == (1, True, True), err
    assert target.read_bytes() == KEPT
    if command[0] != "phantom":  # which would begin to draw; the others miss what they are asked to read
        _, _, err = run(*command, "--out", target, "--replace")
        assert "exists already" not in err


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


def test_the_command_looks_before_it_makes_or_moves_a_clip(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    target = place / "clip.mp4"
    target.write_bytes(KEPT)
    for more in ((), ("--confirm",)):
        code, _, err = run("deidentify", place / "a.mp4", "--out", target, *more)
        assert (code, "“clip.mp4” exists already" in err, target.read_bytes()) == (1, True, KEPT), err
