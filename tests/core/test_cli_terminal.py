"""What the command line prints: tables, progress, and text that cannot command a terminal."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import cli
from app.commands.terminal import ProgressLine, format_answers, one_line, summarise
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.report.phrases import format_evidence
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.times import clock


def reading(*answers: Answer) -> Reading:
    return Reading(
        RecordingIdentity("night 3.mp4", "0" * 64, 60.0),
        ReaderIdentity(ReaderKind.SIGNAL, "signal reader", "1"),
        {answer.feature: answer for answer in answers},
    )


CLONIC = Answer(
    "clonic",
    Presence.YES,
    87,
    (Span(12.4, 31.0),),
    Laterality.LEFT,
    "The left wrist moved at 3.1 Hz, 42 px peak to peak, 12.4–31.0 s. " * 3,
)


def test_table_shows_all_features_in_groups_with_their_words() -> None:
    table = format_answers(
        reading(CLONIC, Answer("tonic", Presence.NO), Answer("blank_stare", Presence.NOT_ASSESSABLE)), 90
    )
    for feature in FEATURES:
        assert feature.name in table
    row = next(line for line in table.splitlines() if line.strip().startswith("Clonic"))
    assert row.split()[1:4] == ["yes", "87", "%"]
    assert "left side" in row
    assert "0:12.4–0:31.0" in row
    assert "Tonic" in table
    assert "not assessable" in table
    assert table.count("unanswered") == 17
    assert table.index("LIMB AND BODY") < table.index("FACE") < table.index("SOUND")


@pytest.mark.parametrize("width", [50, 80, 120])
def test_table_keeps_to_the_width(width: int) -> None:
    many = Answer("clonic", Presence.YES, 50, tuple(Span(i, i + 0.5) for i in range(30)), None, "word " * 80)
    assert max(map(len, format_answers(reading(many), width).splitlines())) <= width


@settings(deadline=None)
@given(st.text(), st.integers(50, 140))
def test_no_explanation_can_command_the_terminal(text: str, width: int) -> None:
    table = format_answers(reading(Answer("clonic", Presence.YES, 1, (), None, text)), width)
    assert all(char.isprintable() or char == "\n" for char in table)


def test_one_line_drops_escapes_and_bidi() -> None:
    assert one_line("a\x1b[31mb\n c\u202e\u200b") == "a[31mb c"


@settings(deadline=None)
@given(st.floats(0, 1e5))
def test_clock_reads_back_to_a_tenth(seconds: float) -> None:
    *hours, minutes, rest = clock(seconds).split(":")
    told = 3600 * int("".join(hours) or 0) + 60 * int(minutes) + float(rest)
    assert abs(told - seconds) <= 0.0501
    assert float(rest) < 60
    assert int(minutes) < 60


def test_spans_are_shortened_and_points_are_points() -> None:
    assert format_evidence([Span(1, 1), Span(59.96, 61)]) == "0:01.0, 1:00.0–1:01.0"
    assert format_evidence([Span(i, i) for i in range(10)], most=2) == "0:00.0, 0:01.0 and 8 more"


def test_summary_counts_every_presence() -> None:
    assert summarise(reading(CLONIC, Answer("tonic", Presence.NO))) == "1 yes, 1 no, 18 unanswered"


def test_progress_is_sparse_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with ProgressLine(stream) as report:
        for step in range(1001):
            report(Progress("Finding the pose", step / 1000))
        report(Progress("Answering\x1b[2J", 0.0))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 6
    assert lines[0] == "Finding the pose: 0%"
    assert lines[-1] == "Answering[2J: 0%"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_bar_is_redrawn_in_place_and_wiped_at_the_end() -> None:
    stream = Terminal()
    with ProgressLine(stream) as report:
        report(Progress("Finding the pose", 0.5, 75.0))
        report(Progress("Reading", 2.0))
    text = stream.getvalue()
    assert "\n" not in text
    assert " 50%  Finding the pose  1:15 left" in text
    assert "100%  Reading" in text
    assert text.endswith("\r")
    assert text.rsplit("\r", 2)[1].strip() == ""


def test_ctrl_c_while_a_command_is_loaded_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pressed(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", pressed)
    assert cli.main(["probe", "a.mp4"]) == cli.INTERRUPTED
    assert capsys.readouterr().err.splitlines() == ["semioscope: Stopped; no unfinished file was left."]
