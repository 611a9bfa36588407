"""Every command on consoles that lack most letters: escaped, never a crash; JSON is always UTF-8."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import COMMANDS, main
from app.commands.console import write_json
from app.core.reading import person
from app.core.semiology import Answer, Presence, Span
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from tests.core.study_cases import Clip
from tests.media import write_recording

ENCODINGS = ("cp1252", "ascii", "latin-1", "cp437")
NAME = "Anfall März 発作 😀.mp4"

OPENING = ("open", "demo", "phantom")
"""Commands that open the window, or make something whatever they are given."""

Console = Callable[[str], io.BytesIO]


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Makes stdout and stderr those of a console of an encoding, and gives what is written to stdout."""

    def make(encoding: str) -> io.BytesIO:
        written = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding, write_through=True))
        monkeypatch.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding, write_through=True))
        return written

    return make


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip, a study of it with two readers, and labels, by names that few consoles show."""
    folder = tmp_path_factory.mktemp("console")
    write_recording(folder / NAME, frames=30)
    with Study.open(folder / "s.semioscope", author="Zoë 左") as study:
        number = study.recording(Clip(folder / NAME, duration=2.0))
        for name, presence in (("Zoë 左", Presence.YES), ("Bo →", Presence.NO)):
            after = Answer("clonic", presence, 50, (Span(0.5, 1.0),), None, "Zuckungen ↔ beidseits 😀")
            study.apply(SetAnswer(number, person(name), Answer("clonic"), after))
    labels = f"file_name,clonic,patient\n{NAME},yes,P ü →\n"
    (folder / "labels ü →.csv").write_text(labels, "utf-8")
    return folder


def commands(place: Path) -> dict[str, list[list[str]]]:
    """The main paths of every subcommand that prints."""
    study, clip, labels = str(place / "s.semioscope"), str(place / NAME), str(place / "labels ü →.csv")
    table = ["--reference", f"Zoë 左={study}", "--unsealed"]
    return {
        "import": [["import", study, labels, "--format", "table", "--reader", "Ünal →"],
                   ["import", study, labels, "--format", "csv-wide", "--reader", "→", "--preview"]],
        "export": [["export", study, "--format", "json", "--unsealed", "--replace", "--out",
                    str(place / "out →.json")]],
        "patients": [["patients", study, "--table", labels]],
        "join": [["join", study], ["join", study, clip, "--keep"]],
        "evaluate": [["evaluate", f"Bo →={study}", *table], ["evaluate", f"Bo →={study}", *table, "--json"]],
        "agreement": [["agreement", study, "--unsealed"], ["agreement", study, "--unsealed", "--json"]],
        "history": [["history", study, "--unsealed"], ["history", study, "--unsealed", "--json"]],
        "backup": [["backup", study], ["backup", study, "--list"]],
        "ledger": [["ledger", study], ["ledger", study, "--json"]],
        "probe": [["probe", clip], ["probe", clip, "--json"]],
        "report": [["report", study, "--replace", "--out", str(place / "report →.html"), "--unsealed"]],
        "frame": [["frame", clip, "--at", "0.5", "--as-recorded", "--replace",
                   "--out", str(place / "picture →.png")]],
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_command_fails_on_a_console_that_lacks_letters(
    console: Console, place: Path, encoding: str
) -> None:
    for lines in commands(place).values():
        for line in lines:
            written = console(encoding)
            code = main(line)
            sys.stderr.seek(0)
            assert code == 0, (line, sys.stderr.read())
            if line[-1] == "--json":
                json.loads(written.getvalue().decode("utf-8"))
            else:
                written.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_help_and_faults_are_shown_on_any_console(
    console: Console, tmp_path: Path, encoding: str, command: str
) -> None:
    written = console(encoding)
    assert main([command, "--help"]) == 0
    assert b"usage: semioscope" in written.getvalue()
    if command not in OPENING:
        console(encoding)
        assert main([command, str(tmp_path / "nowhere → 左")]) in {1, 2}


def test_json_is_utf8_on_any_console_and_half_a_character_is_escaped(console: Console) -> None:
    written = console("cp1252")
    write_json('{"a": "発 \udc80"}')
    assert written.getvalue() == '{"a": "発 \\udc80"}\n'.encode()
