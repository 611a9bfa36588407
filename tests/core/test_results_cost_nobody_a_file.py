"""Every option of every command that writes a file keeps what others need: found by walking all parsers."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli
from app.commands.result_options import ResultOption
from app.core.atomic import write_atomically
from app.core.batch.results import open_results
from app.core.errors import UserError
from app.core.study.result_places import check_not_kept
from app.core.study.store import Study
from tests.core.blind_cases import BO, lock_all, read_blind
from tests.core.command_runs import Run, run
from tests.core.program_source import ROOT
from tests.core.study_cases import ANA

__all__ = ["run"]

KEPT = b'{"format": "semioscope-reading/1"} of somebody else'
READ = frozenset(
    (
        *("answers", "backbone", "by", "course", "diagnoses", "file", "labels", "lookalikes", "names"),
        *("notes", "passphrase_from", "readings", "reading", "recordings", "reference", "source", "study"),
        *("table", "transcript_model", "videos"),
    )
)
"""Options that name what is read, or a study."""
IN_THEIR_OWN_WAY = frozenset(
    (
        ("batch", "out"),  # goes on with its results, and begins none over a summary that is not its own
        ("experiment", "out"),
        ("course make", "out"),  # goes on with its course, and makes none where another is
        ("course phantom", "out"),
    )
)
WORDS = frozenset(
    (
        *("alias", "bad", "base_url", "column", "dask", "foil", "format", "group_by", "heard_by", "hide"),
        *(
            "key",
            "location",
            "map",
            "marks",
            "model",
            "montage",
            "name",
            "part",
            "patient",
            "pattern",
            "prevalence_by",
        ),
        *("project", "prompts", "rater", "reader", "recording", "restore", "seen_by", "since", "text"),
        *("title", "viewer", "who"),
    )
)
"""Options whose text is neither a file nor a folder."""
REQUIRED = {"at": "1", "seed": "1", "key": "consensus", "signal": "0", "count": "1", "format": "csv-long"}


def parsers(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield name.strip(), parser
    for action in inner:
        for word, one in action.choices.items():
            yield from parsers(one, f"{name} {word}")


PARSERS = dict(parsers(cli.program_parser()))


def results(name: str) -> dict[str, ResultOption]:
    return PARSERS[name].get_default("results") or {}


WHOLE = [(name, dest) for name in PARSERS for dest, one in results(name).items() if one.whole]
MADE = [(name, dest) for name in PARSERS for dest, one in results(name).items() if not one.whole]


def command(name: str, dest: str, target: Path, source: Path) -> list[str]:
    """The command with this result, and with the source wherever something is to be read."""
    given = [*name.split()]
    for action in PARSERS[name]._actions:
        option = action.option_strings[:1]
        if action.dest == dest:
            given += [*option, str(target)]
        elif action.required and action.dest in results(name):
            given += [*option, str(source.with_name("another.out"))]
        elif action.required:
            given += [*option, REQUIRED.get(action.dest, str(source))]
    if (name, dest) == ("diagnosis", "json"):
        given += ["--by", str(source)]
    return given


def test_each_option_is_known_to_read_to_write_or_to_be_words() -> None:
    unknown = [
        (name, action.dest)
        for name, parser in PARSERS.items()
        for action in parser._actions
        if action.nargs != 0
        and action.type in (None, Path)
        and not action.choices
        and action.dest not in (READ if action.type is Path else READ | WORDS)
        and (name, action.dest) not in IN_THEIR_OWN_WAY
        and action.dest not in results(name)
    ]
    assert unknown == [], "files are written by result_option"


def test_no_command_writes_a_file_past_the_checks() -> None:
    for path in (ROOT / "app" / "commands").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert path.name == "result_options.py" or "write_atomically" not in text, path.name
        assert "write_bytes" not in text, path.name
        assert "write_text" not in text, path.name


@pytest.mark.parametrize("name", sorted({name for name, _ in (*WHOLE, *MADE)}))
def test_help_offers_to_replace(name: str) -> None:
    assert "--replace" in PARSERS[name].format_help()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.csv"
    path.write_bytes(KEPT)
    return path


@pytest.mark.parametrize(("name", "dest"), WHOLE)
def test_nothing_is_replaced_unasked(run: Run, source: Path, name: str, dest: str) -> None:
    target = source.with_name("there.png")
    target.write_bytes(KEPT)
    code, _, err = run(*command(name, dest, target, source))
    assert (code, target.read_bytes()) == (1, KEPT), err
    assert "“there.png” exists already" in err
    assert "--replace" in err


def other_names(path: Path) -> Iterator[Path]:
    """The file by other paths, and by links."""
    yield path
    yield path.parent / ".." / path.parent.name / path.name
    symbolic, hard = path.with_name("symbolic.csv"), path.with_name("hard.csv")
    symbolic.symlink_to(path)
    yield symbolic
    os.link(path, hard)
    yield hard


@pytest.mark.parametrize(("name", "dest"), WHOLE)
def test_what_is_read_is_never_replaced(run: Run, source: Path, name: str, dest: str) -> None:
    if name == "phantom":
        pytest.skip("a phantom reads nothing")
    for target in other_names(source):
        code, _, err = run(*command(name, dest, target, source), "--replace")
        assert (code, "never written over" in err, source.read_bytes()) == (1, True, KEPT), (target, err)
        assert target.samefile(source)


@pytest.mark.parametrize(("name", "dest"), WHOLE)
def test_what_a_study_keeps_is_never_replaced(run: Run, source: Path, name: str, dest: str) -> None:
    study = source.with_name("a.semioscope")
    with Study.open(study, author="Ana"):
        pass
    among_recordings = source.parent / "together"
    shutil.copytree(study, among_recordings)
    (among_recordings / "egress.jsonl").write_bytes(KEPT)
    (study / "more.html").write_bytes(KEPT)
    for target in (
        study / "study.sqlite",
        study / "study.sqlite-wal",
        study / "more.html",
        among_recordings / "study.sqlite",
        among_recordings / "egress.jsonl",
    ):
        before = target.read_bytes() if target.exists() else None
        code, _, err = run(*command(name, dest, target, source), "--replace")
        assert (code, "never written over" in err) == (1, True), (target, err)
        assert (target.read_bytes() if target.exists() else None) == before


@pytest.mark.parametrize(("name", "dest"), WHOLE)
def test_what_a_course_keeps_is_never_replaced(run: Run, source: Path, name: str, dest: str) -> None:
    """A course may be in any folder, and be begun: then its clips wait to be confirmed."""
    for folder in ("epilepsy", "begun", "new.semioscope-course"):
        course = source.parent / folder
        for kept in ("course.json", "clips/a.mp4", "keys/a.sealed", "learners/ana/answers.jsonl"):
            file = course / kept
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(KEPT)
        if folder == "begun":
            (course / "course.json").unlink()
        for file in filter(Path.is_file, course.rglob("*")):
            code, _, err = run(*command(name, dest, file, source), "--replace")
            assert (code, "belongs to a study or a course" in err, file.read_bytes()) == (1, True, KEPT), err


def test_a_folder_that_is_called_like_one_of_a_course_is_any_folder(tmp_path: Path) -> None:
    target = tmp_path / "clips" / "a.csv"
    target.parent.mkdir()
    target.write_bytes(KEPT)
    check_not_kept(target, ())
    (tmp_path / "course.json").write_bytes(KEPT)
    with pytest.raises(UserError, match="belongs to a study or a course"):
        check_not_kept(target, ())


@pytest.mark.parametrize(("name", "dest"), WHOLE)
def test_a_recording_is_replaced_by_recordings_alone(run: Run, source: Path, name: str, dest: str) -> None:
    for ending in (".mp4", ".MTS", ".edf", ".vhdr"):
        if ending in results(name)[dest].writes:
            continue
        target = source.with_name(f"patient{ending}")
        target.write_bytes(KEPT)
        code, _, err = run(*command(name, dest, target, source), "--replace")
        assert (code, "is a recording" in err, target.read_bytes()) == (1, True, KEPT), err


@pytest.mark.parametrize(("name", "dest"), [*WHOLE, *MADE])
def test_where_no_file_can_be_is_said(run: Run, source: Path, name: str, dest: str) -> None:
    circle, long = source.with_name("circle"), source.with_name("n" * 300)
    circle.symlink_to(circle)
    for target in (circle, long, circle / "a", long / "a"):
        code, _, err = run(*command(name, dest, target, source), "--replace")
        assert (code, "cannot be written" in err) == (1, True), (target, err)
    assert circle.is_symlink()


@pytest.mark.parametrize(("name", "dest"), WHOLE)
def test_a_device_is_never_replaced(run: Run, source: Path, name: str, dest: str) -> None:
    target = source.with_name("device")
    os.mkfifo(target)
    code, _, err = run(*command(name, dest, target, source), "--replace")
    assert (code, "is a device or the like" in err, target.is_fifo()) == (1, True, True), err


def test_two_results_are_not_one_file(run: Run, source: Path) -> None:
    both = ("--html", source.with_name("a"), "--methods", source.parent / "." / "a")
    code, _, err = run("evaluate", "--reference", source, source, *both)
    assert (code, "Two results cannot be the same file" in err) == (1, True), err


def test_readings_in_a_folder_that_is_read_are_kept(run: Run, source: Path) -> None:
    reading = source.with_suffix(".json")
    reading.write_bytes(KEPT)
    command = ("evaluate", "--reference", source, f"A={source.parent}", "--json", reading, "--replace")
    code, _, err = run(*command)
    assert (code, "never written over" in err, reading.read_bytes()) == (1, True, KEPT), err


def test_an_export_beside_the_database_of_its_study_is_replaced_when_asked(run: Run, tmp_path: Path) -> None:
    with read_blind(tmp_path / "ward") as study:
        lock_all(study, ANA, BO)
    target = tmp_path / "ward" / "export.json"
    for more in ((), ("--replace",)):
        code, _, err = run("export", tmp_path / "ward", "--format", "json", "--out", target, *more)
        assert code == 0, err


def test_charts_replace_nothing_unasked(run: Run, source: Path) -> None:
    chart = source.parent / "charts" / "heat-map.png"
    chart.parent.mkdir()
    chart.write_bytes(KEPT)
    code, _, err = run("evaluate", "--reference", source, source, "--figures", chart.parent)
    assert (code, "“heat-map.png” exists already" in err, chart.read_bytes()) == (1, True, KEPT), err
    code, _, err = run("evaluate", "--reference", source, source, "--figures", source)
    assert (code, "“source.csv” is a file" in err) == (1, True), err


def test_a_page_of_a_demonstration_is_kept(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = "app.core.phantom.demonstration_file.demonstration_recording"
    monkeypatch.setattr(file, lambda **_more: tmp_path / "demo.mp4")
    (tmp_path / "demo.html").write_bytes(KEPT)
    code, _, err = run("demo", "--report", tmp_path)
    assert (code, "“demo.html” exists already" in err) == (1, True), err


def test_a_demonstration_without_a_name_replaces_its_page(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed = argparse.Namespace(reading=None)
    monkeypatch.setattr(
        "app.core.phantom.demonstration_file.demonstration_recording", lambda **_more: tmp_path / "demo.mp4"
    )
    for name, stand_in in (
        ("has_display", lambda: False),
        ("analyse", lambda *_args, **_more: analysed),
        ("print_answers", lambda _reading: None),
        ("write_page", lambda page, *_more, replace, **_rest: write_atomically(page, b"", replace=replace)),
    ):
        monkeypatch.setattr(f"app.commands.demo.{name}", stand_in)
    monkeypatch.chdir(tmp_path)
    for _time in range(2):
        code, _, err = run("demo")
        assert (code, (tmp_path / "out" / "demo" / "demo.html").is_file()) == (0, True), err


@pytest.mark.parametrize("name", ["summary.csv", "manifest.json"])
def test_a_batch_begins_over_no_file_of_others(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(KEPT)
    with pytest.raises(UserError, match="exists already"), open_results(tmp_path):
        pass
    assert [one.name for one in tmp_path.iterdir()] == [name]
    (tmp_path / name).unlink()
    for _time in range(2):
        with open_results(tmp_path) as results:
            results.write(name, b"of the batch")
        (tmp_path / "failed").rmdir()  # as archives lose an empty folder


def test_what_names_are_made_from_is_tested_apart() -> None:
    assert MADE == [
        ("report", "out"), ("export", "out"), ("deidentify", "out"), ("evaluate", "figures"),
        ("demo", "report"),
    ]  # fmt: skip
