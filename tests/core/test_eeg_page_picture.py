"""The picture of an EEG page: amplitudes in millimetres, polarity, gaps, paleness, and what stands beside."""

from __future__ import annotations

import io
import tempfile
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pictures

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.display_choices import DisplayChoices, FileChoices, row_keys
from app.core.eeg.edf_writing import WrittenAnnotation, WrittenChannel, WrittenStretch, write_edf
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.filters import NO_FILTERS, Filters
from app.core.eeg.montages import parse_montage
from app.core.eeg.page_content import (
    PageChoice,
    PageContent,
    PageMark,
    day_ticks,
    displayed_page,
    filters_by_kind,
    scaled_sensitivities,
    second_ticks,
)
from app.core.eeg.page_footer import footer_lines
from app.core.eeg.page_layout import DARK, LIGHT, PageLayout, PictureStyle, lay_out_page
from app.core.eeg.page_of_file import FilePage, draw_page_of_file, page_content_of_file
from app.core.eeg.page_picture import draw_page, page_png
from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from tests.core.eeg_files import Plan, edf, plans

RATE = Fraction(200)
START = datetime(2026, 3, 2, 8, 15, 0, 250_000)  # noqa: DTZ001 - EDF has local times
UNFILTERED = PageChoice(
    parse_montage("Fp1"), dict.fromkeys(ChannelKind, NO_FILTERS), scaled_sensitivities(10.0)
)
Image = npt.NDArray[np.uint8]


def wave(seconds: float, amplitude: float = 100.0, rate: Fraction = RATE) -> npt.NDArray[np.float64]:
    """A sine of 1 Hz."""
    return np.asarray(amplitude * np.sin(2 * np.pi * np.arange(round(seconds * rate)) / float(rate)))


def file_with(
    folder: Path,
    *stretches: tuple[float, npt.NDArray[np.float64]],
    labels: tuple[str, ...] = ("EEG Fp1-REF",),
    rate: Fraction = RATE,
    annotations: tuple[WrittenAnnotation, ...] = (),
) -> Path:
    path = folder / "page.edf"
    written = [WrittenStretch(Fraction(at), (values,) * len(labels)) for at, values in stretches]
    write_edf(path, [WrittenChannel(label, rate) for label in labels], written, annotations, start=START)
    return path


def content_of(path: Path, choice: PageChoice = UNFILTERED, **wanted: Any) -> PageContent:
    page = FilePage(**{"start": 0.0, "seconds": 10.0, **wanted})
    with opened_eeg(path) as eeg:
        return page_content_of_file(eeg, page, choice, report=no_report, cancel=CancelToken())


def traces_of(content: PageContent, style: PictureStyle) -> tuple[Image, PageLayout]:
    """The part of the picture with the traces."""
    layout = lay_out_page(content, style)
    image = draw_page(content, style)
    assert image.shape == (layout.whole_height, style.width, 3)
    top, left = layout.top, layout.left
    return image[top : top + layout.height, left : left + layout.width], layout


def inked(area: Image, palette: Any = LIGHT, colour: str = "left") -> npt.NDArray[np.bool_]:
    """Where the colour of the trace is."""
    wanted = np.array(getattr(palette, colour), int)
    return np.asarray(np.abs(area.astype(int) - wanted).sum(axis=2) < 90)


@pytest.mark.parametrize("rate", [Fraction(50), Fraction(200), Fraction(2000)])
@pytest.mark.parametrize("dots", [75.0, 150.0])
def test_a_wave_is_as_high_as_its_sensitivity_says(tmp_path: Path, rate: Fraction, dots: float) -> None:
    content = content_of(file_with(tmp_path, (0, wave(10, rate=rate)), rate=rate))
    area, layout = traces_of(content, PictureStyle(dots_per_inch=dots))
    rows = np.flatnonzero(inked(area).any(axis=1))
    height = (rows[-1] - rows[0]) / dots * 25.4
    assert height == pytest.approx(20.0, abs=0.6)  # 200 µV peak to peak at 10 µV/mm
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(layout.middles[0], abs=2)


@pytest.mark.parametrize(("negative_up", "above"), [(True, False), (False, True)])
def test_the_first_half_wave_is_drawn_by_its_polarity(tmp_path: Path, negative_up: bool, above: bool) -> None:
    choice = PageChoice(
        UNFILTERED.montage, UNFILTERED.filters, UNFILTERED.sensitivities, negative_up=negative_up
    )
    content = content_of(file_with(tmp_path, (0, wave(10))), choice)
    area, layout = traces_of(content, PictureStyle())
    quarter = round(0.25 / 10 * layout.width)  # where the sine is at its highest, which is positive
    rows = np.flatnonzero(inked(area)[:, quarter - 2 : quarter + 3].any(axis=1))
    assert bool(rows.mean() < layout.middles[0]) is above


def test_a_wave_is_where_its_time_is(tmp_path: Path) -> None:
    values = np.zeros(2000)
    values[1400] = -150.0  # 7 s
    content = content_of(file_with(tmp_path, (0, values)))
    area, layout = traces_of(content, PictureStyle())
    found = inked(area)[: round(layout.middles[0]) - 20].any(axis=0)
    assert np.flatnonzero(found).mean() == pytest.approx(0.7 * layout.width, abs=2)


def test_a_gap_is_hatched_and_empty(tmp_path: Path) -> None:
    path = file_with(tmp_path, (0, wave(3)), (6, wave(4)))
    content = content_of(path)
    area, layout = traces_of(content, PictureStyle())
    columns = inked(area).any(axis=0)
    edge = 4
    begin, end = round(0.3 * layout.width), round(0.6 * layout.width)
    assert columns[edge : begin - edge].all()
    assert columns[end + edge :].all()
    assert not columns[begin + edge : end - edge].any()
    hatched = area[:, begin + edge : end - edge].reshape(-1, 3)
    assert len(np.unique(hatched, axis=0)) > 1
    assert content.gaps == ((3.0, 6.0),)


def test_before_the_beginning_and_after_the_end_there_is_a_gap(tmp_path: Path) -> None:
    path = file_with(tmp_path, (0, wave(4)))
    assert content_of(path, start=-3.0).gaps == ((0.0, 3.0), (7.0, 10.0))
    with pytest.raises(UserError, match="lasts 4 s; there is nothing at 20 s"):
        content_of(path, start=20.0)


def test_what_has_not_settled_is_pale(tmp_path: Path) -> None:
    choice = PageChoice(parse_montage("Fp1"), filters_by_kind(Filters(0.5, 70.0)))
    path = file_with(tmp_path, (0, wave(20, 30)))
    early, layout = traces_of(content_of(path, choice), PictureStyle())
    late, _ = traces_of(content_of(path, choice, start=8.0), PictureStyle())
    settled = round(2.5 / 10 * layout.width)  # the run-in of 0.5 Hz takes 2.4 s
    assert not inked(early)[:, : settled - 40].any()
    assert inked(early)[:, settled:].any(axis=0).mean() > 0.95
    assert inked(late).any(axis=0).mean() > 0.95
    assert "pale: filters not settled" in " ".join(footer_lines(content_of(path, choice), 30))
    assert "pale" not in " ".join(footer_lines(content_of(path, choice, start=8.0), 30))


def test_the_footer_says_how_the_page_came_about(tmp_path: Path) -> None:
    path = file_with(tmp_path, (0, wave(20)), labels=("EEG Fp1-REF", "EEG C3-REF", "ECG"))
    choice = PageChoice(
        parse_montage("montage: Mine\nFp1 - C3\nFp1 - O1\neach ECG"),
        filters_by_kind(Filters(1.0, 150.0, 50.0, zero_phase=True)),
        scaled_sensitivities(14.0),
        bad=("C3",),
    )
    text = " ".join(footer_lines(content_of(path, choice), 30.0))
    for told in (
        "Mine", "EEG 14 µV/mm", "ECG 140 µV/mm", "30 mm/s", "negative up", "low cut 1 Hz", "notch 50 Hz",
        "zero phase", "Not shown: Fp1-O1 (O1 is missing)", "Marked bad: C3",
        "high cut 150 Hz at 200 Hz",
    ):  # fmt: skip
        assert told in text, told


def test_rows_are_hidden_moved_and_scaled_as_in_the_window(tmp_path: Path) -> None:
    path = file_with(tmp_path, (0, wave(20)), labels=("EEG Fp1-REF", "EEG C3-REF", "EEG O1-REF", "ECG"))
    montage = parse_montage("montage: Mine\nFp1\nC3\nC3\nO1\neach ECG")
    keys = row_keys([trace.row for trace in content_of(path, PageChoice(montage)).traces])
    chosen = FileChoices(
        hidden=frozenset({keys[0], keys[2]}), order=(keys[3],), row_sensitivity={keys[3]: 50}
    )
    choices = DisplayChoices()
    content = content_of(path, displayed_page(choices, chosen, montage))
    assert row_keys([trace.row for trace in content.traces]) == (keys[3], keys[1], keys[4])
    assert [content.sensitivity_of(n) for n in range(3)] == [
        50, choices.sensitivity[ChannelKind.EEG], choices.sensitivity[ChannelKind.ECG],
    ]  # fmt: skip
    text = " ".join(footer_lines(content, 30.0))
    assert f"Hidden: {keys[0]}" in text
    assert f"{keys[3]} 50 µV/mm" in text


def test_marks_and_annotations_stand_at_their_time(tmp_path: Path) -> None:
    notes = (WrittenAnnotation(2.0, None, "Eyes closed"), WrittenAnnotation(40.0, None, "Later"))
    content = content_of(file_with(tmp_path, (0, wave(60)), annotations=notes))
    assert content.marks == (PageMark(2.0, "Eyes closed"),)
    assert content_of(file_with(tmp_path, (0, wave(60)), annotations=notes), annotations=False).marks == ()


def test_a_strong_mark_is_a_line_over_the_whole_height(tmp_path: Path) -> None:
    from dataclasses import replace

    content = replace(content_of(file_with(tmp_path, (0, wave(10)))), marks=(PageMark(2.0, "onset", True),))
    area, layout = traces_of(content, PictureStyle())
    columns = inked(area, colour="mark").mean(axis=0)
    assert np.flatnonzero(columns > 0.99).mean() == pytest.approx(0.2 * layout.width, abs=2)


def test_times_of_day_stand_at_whole_seconds_of_the_day() -> None:
    ticks = day_ticks(START, Fraction(0), Fraction(3))
    assert [(tick.seconds, tick.text) for tick in ticks] == [
        (0.75, "08:15:01"), (1.75, "08:15:02"), (2.75, "08:15:03"),
    ]  # fmt: skip
    late = START.replace(hour=23, minute=59, second=59)
    assert [tick.text for tick in day_ticks(late, Fraction(0), Fraction(2))] == ["00:00:00", "00:00:01"]
    shown = [(tick.seconds, tick.text) for tick in second_ticks(Fraction(-3, 2), Fraction(3))]
    assert shown == [(0.5, "-0:01"), (1.5, "0:00"), (2.5, "0:01")]


@pytest.mark.parametrize(("palette", "paper"), [(LIGHT, 255), (DARK, 18)])
def test_a_png_has_the_size_and_states_only_its_resolution(tmp_path: Path, palette: Any, paper: int) -> None:
    content = content_of(file_with(tmp_path, (0, wave(10))))
    picture = Pictures.open(io.BytesIO(page_png(content, PictureStyle(1000, 700, 100.0, palette))))
    assert picture.size == (1000, 700)
    assert set(picture.info) == {"dpi"}
    assert picture.info["dpi"] == pytest.approx((100, 100), abs=0.1)
    assert picture.getpixel((1, 1))[0] == paper  # type: ignore[index]


def test_many_rows_and_other_units_are_drawn(tmp_path: Path) -> None:
    labels = tuple(f"X{number}" for number in range(300))
    path = file_with(tmp_path, (0, wave(4)), labels=labels)
    picture = draw_page_of_file(
        path, FilePage(0.0, 4.0), PageChoice(), PictureStyle(), report=no_report, cancel=CancelToken()
    )
    assert Pictures.open(io.BytesIO(picture)).size[1] <= 8000
    write_edf(
        path, [WrittenChannel("SpO2", RATE, "%")], [WrittenStretch(Fraction(0), (wave(10, 3.0) + 95.0,))]
    )
    content = content_of(path, PageChoice())
    assert "Scaled to their rows: SpO2" in " ".join(footer_lines(content, 30))
    area, _ = traces_of(content, PictureStyle())
    assert inked(area, colour="ink").any(axis=0).all()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (PageChoice(bad=("T9",)), "There is no channel “T9”"),
        (PageChoice(hidden=("Fz-Cz",)), "There is no trace “Fz-Cz” to hide"),
        (PageChoice(parse_montage("Fz - Cz")), "Nothing of the montage “montage” can be shown"),
        (PageChoice(hidden=("Fp1-REF",)), "Nothing of the montage"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(tmp_path: Path, choice: PageChoice, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        content_of(file_with(tmp_path, (0, wave(4))), choice)


def test_a_picture_that_is_too_narrow_is_refused(tmp_path: Path) -> None:
    content = content_of(file_with(tmp_path, (0, wave(10))))
    with pytest.raises(UserError, match="too narrow"):
        draw_page(content, PictureStyle(400, 400, 600.0))


@settings(max_examples=40, deadline=None)
@given(plans(), st.floats(-5, 30), st.floats(0.01, 100), st.booleans())
def test_any_file_gives_a_picture_or_a_sentence(
    plan: Plan, start: float, seconds: float, zero_phase: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "odd.edf"
        path.write_bytes(edf(plan))
        choice = PageChoice(filters=filters_by_kind(Filters(0.5, 70.0, 50.0, zero_phase=zero_phase)))
        wanted, style = FilePage(start, seconds), PictureStyle(500, 400, 60.0)
        try:
            png = draw_page_of_file(path, wanted, choice, style, report=no_report, cancel=CancelToken())
        except UserError:
            return
    assert Pictures.open(io.BytesIO(png)).size[0] == 500
