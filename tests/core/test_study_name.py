"""What a study is called: given, bounded, plain, taken back, refused, and kept out of places of files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app import cli
from app.core.errors import UserError
from app.core.exchange.table_files import is_table, table_patterns
from app.core.jobs import CancelToken
from app.core.reading import person
from app.core.report.report_of_study import gather_study
from app.core.study.edits import SetSavedFilter, SetStudyName
from app.core.study.rename_study import rename_open_study, rename_study, renaming
from app.core.study.store import Study
from app.core.study.study_look import study_look
from app.core.study.study_name import LONGEST_NAME, checked_name
from app.core.study.viewer import every_reader
from tests.core.study_cases import Clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Friday.semioscope"
    with Study.open(place, author="Ana") as study:
        study.recording(Clip(tmp_path / "clip.mp4"))
    return place


def name_in(folder: Path) -> str | None:
    with Study.open_for_viewing(folder) as study:
        return study.settings().name


def test_a_study_is_called_as_its_folder_until_it_is_given_a_name(folder: Path) -> None:
    assert name_in(folder) is None
    assert study_look(folder, person("Ana")).name == "Friday"
    renamed = rename_study(folder, "  Conference of\t4 December ", "Ana")
    assert (renamed.before, renamed.after) == ("Friday", "Conference of 4 December")
    assert name_in(folder) == "Conference of 4 December"
    assert study_look(folder, person("Ana")).name == "Conference of 4 December"
    assert folder.is_dir(), "what leads to the folder still does"
    back = rename_study(folder, "Friday", "Ana")
    assert (back.before, back.after) == ("Conference of 4 December", "Friday")
    assert name_in(folder) is None, "it is called as its folder again, wherever that is moved"


def test_renaming_is_a_row_of_the_history_and_its_inverse_takes_it_back(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        edit = renaming(study.folder, None, "Ward 3")
        assert edit is not None
        study.apply(edit)
        study.apply(edit.inverse())
        assert study.settings().name is None
        rows = [(row.subject, row.feature, row.old, row.new) for row in study.history(viewer=None)]
        assert study.verify_history() == ()
    assert rows[-2:] == [
        ("setting", "study_name", "null", '"Ward 3"'),
        ("setting", "study_name", '"Ward 3"', "null"),
    ]


@pytest.mark.parametrize("below", ["", "exports"])
def test_a_folder_that_is_named_by_where_the_program_runs_has_its_name(
    folder: Path, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / below).mkdir(exist_ok=True)
    monkeypatch.chdir(folder / below)
    here = Path("..") if below else Path()
    assert study_look(here, person("Ana")).name == "Friday"
    assert rename_study(here, "Ward 3", "Ana").before == "Friday"
    rename_study(here, "Friday", "Ana")
    assert name_in(folder) is None


def test_the_same_name_again_changes_nothing(folder: Path) -> None:
    rename_study(folder, "Ward 3", "Ana")
    with Study.open_for_viewing(folder) as study:
        before = len(study.history(viewer=None))
    rename_study(folder, " Ward  3", "Ana")
    with Study.open_for_viewing(folder) as study:
        assert len(study.history(viewer=None)) == before


@pytest.mark.parametrize("name", ["", "  \n ", "\u202e\u200b", "x" * (LONGEST_NAME + 1)])
def test_what_can_be_no_name_is_refused_in_words(folder: Path, name: str) -> None:
    with pytest.raises(UserError, match="name"):
        rename_study(folder, name, "Ana")
    assert name_in(folder) is None


def test_control_characters_and_turned_text_are_left_out() -> None:
    assert checked_name("Ward\x1b[31m \u202e3\u202c") == "Ward[31m 3"
    with pytest.raises(UserError):
        checked_name("\x07")


def test_an_edit_that_was_made_elsewhere_is_checked_too(folder: Path) -> None:
    with (
        Study.open(folder, author="Ana") as study,
        pytest.raises(UserError, match="plain text"),
    ):
        study.apply(SetStudyName(None, "two\nlines"))


def test_a_name_of_a_foreign_program_is_shortened_and_made_plain(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        long = '"' + "y" * 5000 + '\\u202e"'
        connection.execute("INSERT INTO settings VALUES ('study_name', ?)", (long,))
        connection.commit()
    name = name_in(folder)
    assert name is not None
    assert len(name) == LONGEST_NAME
    assert "\u202e" not in name


def test_a_study_that_cannot_be_changed_says_why(folder: Path) -> None:
    with Study.open(folder, author="Ana"), Study.open(folder, author="Ben") as second:
        assert second.read_only
        with pytest.raises(UserError) as refused:
            rename_open_study(second, "Mine")
        assert str(refused.value) == second.note
    assert name_in(folder) is None


def test_a_name_is_no_filter_and_a_filter_no_name(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        study.apply(SetStudyName(None, "Ward 3"))
        study.apply(SetSavedFilter("mine", None, "{}"))
        assert study.settings().filters == {"mine": "{}"}
        assert study.settings().name == "Ward 3"
    assert not SetSavedFilter.is_named("study_name")


def test_the_report_bears_the_name_and_its_file_that_of_the_folder(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rename_study(folder, "../../escaped & <b>bold</b>", "Ana")
    with Study.open_for_viewing(folder) as study:
        gathered = gather_study(study, every_reader(study), {}, cancel=CancelToken())
    assert gathered.name == "../../escaped & <b>bold</b>"
    out = tmp_path / "out" / "in"
    assert cli.main(["report", str(folder), "--out", str(out)]) == 0, capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["Friday.html"]
    text = (out / "Friday.html").read_text()
    assert "escaped &amp; &lt;b&gt;bold&lt;/b&gt;" in text
    assert "<b>bold" not in text


def test_the_command_line_renames_with_the_same_rules(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["rename", str(folder), "Ward 3"]) == 0
    assert "“Friday” is called “Ward 3” now." in capsys.readouterr().out
    assert cli.main(["rename", str(folder), "Ward 3"]) == 0
    assert "already" in capsys.readouterr().out
    assert cli.main(["rename", str(folder), " "]) == 1
    assert "Give the study a name." in capsys.readouterr().err
    assert name_in(folder) == "Ward 3"


def test_the_patterns_of_dialogs_are_those_of_what_is_read() -> None:
    patterns = table_patterns().split()
    assert {"*.tab", "*.xlsm", "*.CSV"} <= {*patterns}
    assert all(is_table(Path(pattern.replace("*", "list"))) for pattern in patterns)
