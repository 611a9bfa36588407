"""Montages of an EEG: the text format, what is derived from which channels."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import (
    Derivation,
    DerivedRow,
    InputChannel,
    derive,
    fitting_montage,
    row_values,
)
from app.core.eeg.electrodes import EARS, SCALP, Side, electrode_named
from app.core.eeg.montage_folder import (
    ORDER,
    default_montage,
    find_montage,
    known_montages,
    save_personal_montage,
)
from app.core.eeg.montages import (
    AS_RECORDED,
    CHANNEL,
    Against,
    Montage,
    MontageRow,
    parse_montage,
    read_montage,
)
from app.core.eeg.page_scale import sensitivity_text
from app.core.errors import UserError

TEN_TWENTY = (
    *("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8"),
    *("P7", "P3", "Pz", "P4", "P8", "O1", "O2"),
)
RATE = Fraction(256)


def inputs(*labels: str, rate: Fraction = RATE, unit: str = "uV") -> list[InputChannel]:
    return [InputChannel(label, rate, unit) for label in labels]


def derived(text: str, channels: list[InputChannel], bad: tuple[int, ...] = ()) -> Derivation:
    return derive(parse_montage(text), channels, bad)


# The text format

electrodes = st.one_of(
    st.sampled_from((*SCALP, *EARS)),
    st.text(st.characters(codec="utf-8", exclude_characters='"', exclude_categories=("C", "Z")), min_size=1),
)
plain_words = st.text("abcdefgh XYZ=#-,0123", max_size=20).map(str.strip)
names = plain_words.map(lambda text: " ".join(text.split()))


@st.composite
def montage_rows(draw: st.DrawFn) -> MontageRow:
    each = draw(st.booleans())
    kinds = st.sampled_from([*(kind.value for kind in ChannelKind), CHANNEL])
    shown = draw(kinds if each else electrodes)
    others = draw(st.lists(electrodes.filter(lambda one: one != shown), max_size=4, unique=True))
    average = draw(st.booleans())
    return MontageRow(shown, Against(tuple(others), average), each, draw(names), draw(st.booleans()))


def written(montage: Montage) -> str:
    """The montage in the file format, with every electrode in quotation marks."""
    return "\n".join(
        (f"montage: {montage.title}", f"source: {montage.source}", *map(written_row, montage.rows))
    )


def written_row(row: MontageRow) -> str:
    others = ", ".join(f'"{electrode}"' for electrode in row.against.electrodes)
    if row.against.average:
        subtracted = f" - average without {others}" if others else " - average"
    else:
        subtracted = f" - mean({others})" if others else ""
    shown = f"each {row.electrode}" if row.each else f'"{row.electrode}"'
    return ("\n" if row.gap else "") + (f'"{row.name}" = ' if row.name else "") + shown + subtracted


@given(st.lists(montage_rows(), min_size=1, max_size=8), plain_words, plain_words)
def test_a_written_montage_reads_the_same(rows: list[MontageRow], title: str, source: str) -> None:
    rows[0] = replace(rows[0], gap=False)  # there is nothing above the first row
    if len(rows[0].against.electrodes) == 1 and rows[0].against.average:
        rows[0] = replace(rows[0], against=Against())
    title, source = title.partition("#")[0].strip() or "Title", source.partition("#")[0].strip()
    montage = Montage(title, tuple(rows), source)
    assert parse_montage(written(montage)) == montage


@given(st.text(max_size=200))
def test_any_text_is_a_montage_or_refused(text: str) -> None:
    with contextlib.suppress(UserError):
        assert parse_montage(text).rows


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Fp1 - F7\nFp1 -", 2, "missing"),
        ("Fp1 F7", 1, "“-” is missing"),
        ("# a comment\n\n- F7", 3, "missing"),
        ("C3 - mean(F3", 1, "is not allowed here"),
        ("each dog", 1, "not known"),
        ("Fp1 - F7 - T7", 1, "is not expected here"),
        ("Fp1 - FP1", 1, "with itself"),
        ("C3 - mean(F3, F3)", 1, "twice"),
        ("C3 - mean(F3 T7)", 1, "comma"),
        (" = Fp1", 1, "no name"),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int, words: str) -> None:
    with pytest.raises(UserError, match=f"“a.txt”, line {line}: .*{words}"):
        parse_montage(text, "a.txt")


def test_a_montage_without_rows_is_refused() -> None:
    with pytest.raises(UserError, match="no rows"):
        parse_montage("montage: nothing\n# only words\n", "a.txt")


def test_names_in_a_montage_may_be_old_ones() -> None:
    assert parse_montage("t3 - T5 # words\n").rows == (MontageRow("T7", Against(("P7",))),)


def test_the_montages_of_the_program() -> None:
    files = known_montages(Path("nowhere"))
    assert [file.name for file in files] == list(ORDER)
    assert not [file.error for file in files if file.error]
    channels = inputs(*(f"EEG {name}-REF" for name in TEN_TWENTY), "ECG", "EOG", "EMG")
    counts = {file.name: len(derive(file.montage, channels).rows) for file in files if file.montage}
    assert counts == {
        "longitudinal_bipolar": 18 + 3,
        "transverse_bipolar": 18 + 3,
        "common_average": 19 + 3,
        "cz_reference": 18 + 3,
        "laplacian": 19 + 3,
        "as_recorded": 22,
        "other_signals": 3,
    }
    assert not any(derive(file.montage, channels).missing for file in files if file.montage)


def test_what_is_shown_first() -> None:
    nowhere = Path("nowhere")
    assert default_montage(inputs(*TEN_TWENTY), nowhere).title == "Longitudinal bipolar (double banana)"
    assert default_montage(inputs("C3", "C4", "Cz"), nowhere) is AS_RECORDED
    assert default_montage(inputs(*(f"A{number}" for number in range(1, 17))), nowhere) is AS_RECORDED


def test_ones_own_montages(tmp_path: Path) -> None:
    save_personal_montage("mine", "O1 - O2\n", tmp_path)
    save_personal_montage("cz_reference", "montage: My Cz\nO1 - Cz\n", tmp_path)
    (tmp_path / "broken.txt").write_text("Fp1 Fp2", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    files = {file.name: file for file in known_montages(tmp_path)}
    assert files["cz_reference"].is_personal
    assert files["broken"].montage is None
    assert files["broken"].text == "Fp1 Fp2", "it can be put right"
    assert "line 1" in files["broken"].error
    assert "UTF-8" in files["binary"].error
    assert find_montage("my cz", tmp_path).title == "My Cz"
    assert find_montage("mine.txt", tmp_path).title == "mine"
    with pytest.raises(UserError, match="line 1"):
        find_montage("broken", tmp_path)
    with pytest.raises(UserError, match="no montage “other”"):
        find_montage("other", tmp_path)
    for name in ("", "a/b", ".hidden", ".."):
        with pytest.raises(UserError):
            save_personal_montage(name, "O1 - O2", tmp_path)
    with pytest.raises(UserError, match="line 1"):
        save_personal_montage("wrong", "O1 O2", tmp_path)
    with pytest.raises(UserError, match="could not be read"):
        read_montage(tmp_path / "none.txt")


# What is derived


def values_of(row: DerivedRow, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    (found,) = row_values([row], list(values))
    return np.asarray(found)


def test_a_renamed_montage_is_one_file_under_its_new_name(tmp_path: Path) -> None:
    save_personal_montage("mine", "O1 - O2\n", tmp_path)
    save_personal_montage("Ours", "O1 - Cz\n", tmp_path, former="mine")
    save_personal_montage("ours", "O1 - Cz\n", tmp_path, former="Ours")
    assert [path.stem for path in tmp_path.iterdir()] == ["ours"]
    with pytest.raises(UserError):
        save_personal_montage("wrong", "O1 O2", tmp_path, former="ours")
    assert find_montage("ours", tmp_path).title == "ours"


def test_a_difference_and_an_average() -> None:
    channels = inputs(*(f"EEG {name}-REF" for name in TEN_TWENTY))
    values = np.random.default_rng(1).standard_normal((19, 100))
    result = derived("T3 - O1\neach EEG - average\nC3 - mean(F3, Cz, P3, T7)\nC4", channels)
    assert not result.missing
    places = {name: number for number, name in enumerate(TEN_TWENTY)}
    found = row_values(result.rows, list(values))
    assert np.allclose(found[0], values[places["T7"]] - values[places["O1"]])
    assert np.allclose(found[1:20], values - values.mean(axis=0))
    around = [places[name] for name in ("F3", "Cz", "P3", "T7")]
    assert np.allclose(found[20], values[places["C3"]] - values[around].mean(axis=0))
    assert np.allclose(found[21], values[places["C4"]])
    assert result.rows[0].name == "T7-O1"
    assert result.rows[0].side is Side.LEFT


def test_missing_electrodes_are_named() -> None:
    result = derived("Fp1 - F7\nFp1 - F3\nC4", inputs("Fp1", "F3"))
    assert [row.name for row in result.rows] == ["Fp1-F3"]
    assert [(one.name, one.why) for one in result.missing] == [
        ("Fp1-F7", "F7 is missing"),
        ("C4", "C4 is missing"),
    ]


def test_bad_channels_are_left_out_of_the_average_and_of_means() -> None:
    channels = inputs("C3", "C4", "Cz", "Pz", "O1")
    values = np.arange(10.0).reshape(5, 2)
    values[1] = 1000.0
    result = derived("C3 - average\nC4 - average\nC3 - mean(C4, Cz, Pz)", channels, bad=(1,))
    found = row_values(result.rows, list(values))
    assert np.allclose(found[0], values[0] - values[[0, 2, 3, 4]].mean(axis=0))
    assert np.allclose(found[2], values[0] - values[[2, 3]].mean(axis=0))
    assert [row.has_bad for row in result.rows] == [False, True, False]
    assert result.rows[2].note == "without C4"


def test_a_row_says_that_it_has_a_bad_channel_on_either_side() -> None:
    channels = inputs("C3", "C4", "Cz")
    rows = derived("C3 - C4\nC4 - C3\nC3 - Cz\nCz - C4", channels, bad=(1,)).rows
    assert [row.has_bad for row in rows] == [True, True, False, True]


def test_a_mean_needs_more_than_half_of_its_electrodes() -> None:
    result = derived("C3 - mean(A1, A2)", inputs("C3", "A1"))
    assert result.missing[0].why == "A2 is missing"
    assert not derived("C3 - mean(A1, A2, O1)", inputs("C3", "A1", "A2")).missing


def test_ears_and_other_kinds_are_no_part_of_the_average() -> None:
    channels = inputs("C3", "C4", "Cz", "A1", "ECG", "EMG chin")
    (row,) = derived("C3 - average", channels).rows
    assert row.inputs == (0, 1, 2)
    assert derived("C3 - average without Cz", channels).missing[0].why == (
        "there are too few electrodes for an average"
    )


def test_different_sampling_rates_are_never_mixed() -> None:
    channels = [*inputs("C3", "Cz", "C4", "Pz"), *inputs("O1", "A2", rate=Fraction(512))]
    result = derived("C3 - O1\nC3 - average\nO1 - A2", channels)
    assert result.missing[0].why == "the sampling rates of its electrodes differ"
    assert result.rows[0].inputs == (0, 1, 2, 3)
    assert result.rows[0].note == "average without O1 (another sampling rate)"
    assert [row.rate for row in result.rows] == [RATE, Fraction(512)]
    lengths = [len(one) for one in row_values(result.rows, [np.zeros(4)] * 4 + [np.zeros(8)] * 2)]
    assert lengths == [4, 8]


def test_a_file_that_is_bipolar_shows_as_recorded() -> None:
    labels = ("FP1-F7", "F7-T7", "T7-P7", "T8-P8-0", "T8-P8-1", "P7-T7")
    channels = inputs(*labels)
    result = derived("Fp1 - F7\nP8 - T8\nFp1 - T7\neach EEG - average", channels)
    assert [row.name for row in result.rows] == ["Fp1-F7", "P8-T8"]
    assert result.rows[1].inputs == (3,)
    assert result.rows[1].weights == (-1.0,), "recorded the other way round"
    assert (
        result.missing[0].why == "Fp1 was recorded only as a difference; T7 was recorded only as a difference"
    )
    assert len(result.missing) == 1 + len(labels)
    average = parse_montage("each EEG - average")
    assert fitting_montage([average], channels) is AS_RECORDED
    recorded = derive(AS_RECORDED, channels)
    assert [row.name for row in recorded.rows][:3] == ["Fp1-F7", "F7-T7", "T7-P7"]
    assert [row.weights for row in recorded.rows] == [(1.0,)] * 6


def test_the_reference_of_the_recording_is_zero_itself() -> None:
    channels = inputs("Fp1-Cz", "Fp2-Cz", "O1-Cz", "O2-Cz")
    values = np.random.default_rng(2).standard_normal((4, 10))
    result = derived("Fp1 - Cz\nCz - O1\nO2 - average\nCz - average\nCz", channels)
    found = row_values(result.rows, list(values))
    assert np.allclose(found[0], values[0])
    assert np.allclose(found[1], -values[2])
    mean = values.sum(axis=0) / 5
    assert np.allclose(found[2], values[3] - mean)
    assert np.allclose(found[3], -mean)
    assert "flat" in result.missing[0].why


def test_different_references_are_noted() -> None:
    (row,) = derived("C3 - C4", inputs("C3-A1", "C4-A2")).rows
    assert row.note == "recorded against A1 and A2"


def test_what_is_recorded_against_the_other_electrode_is_the_difference_already() -> None:
    channels, values = inputs("F3-A1", "A1", "C4"), np.random.default_rng(3).standard_normal((3, 10))
    rows = derived("F3 - A1\nA1 - F3", channels).rows
    found = row_values(rows, list(values))
    assert np.allclose(found[0], values[0])
    assert np.allclose(found[1], -values[0])
    assert [row.note for row in rows] == ["", ""]
    (alone,) = derived("F3 - A1", inputs("F3-A1", "C4-A1")).rows
    assert alone.weights == (1.0,)


def test_units_become_microvolts() -> None:
    channels = [
        InputChannel("C3", RATE, "mV"),
        InputChannel("C4", RATE, "µV"),
        InputChannel("SpO2", RATE, "%"),
    ]
    rows = derived("C3 - C4\neach other", channels).rows
    assert np.allclose(values_of(rows[0], np.array([[1.0], [300.0], [97.0]])), [700.0])
    assert [row.unit for row in rows] == ["µV", "%"]
    for unknown in ("n/a", " N/A ", "?", "unknown", "-"):
        rows = derived("C3 - C4\neach other", [*channels[:2], InputChannel("SpO2", RATE, unknown)]).rows
        assert rows[-1].unit == ""
    assert sensitivity_text(70, "µV") == "70 µV/mm"
    assert sensitivity_text(200, "") == "200 units/mm (unit unknown)"


def test_single_channels_are_scaled_and_not_multiplied_with_all_others() -> None:
    channels = [InputChannel("C3", RATE, "mV"), InputChannel("C4", RATE), InputChannel("Fz", RATE)]
    rows = derive(AS_RECORDED, channels).rows
    values = np.array([[1.0, 2.0], [np.inf, 5.0], [3.0, np.nan]])
    scaled, infinite, gap = row_values(rows, list(values))
    assert scaled.tolist() == [1000.0, 2000.0]
    assert np.array_equal(infinite, [np.nan, 5.0], equal_nan=True)
    assert np.array_equal(gap, [3.0, np.nan], equal_nan=True)
    assert values[1, 0] == np.inf, "what was read stays as it is"


@given(st.data())
def test_a_row_is_nan_exactly_where_one_of_its_inputs_is(data: st.DataObject) -> None:
    labels = TEN_TWENTY[:6]
    channels = inputs(*labels)
    pairs = data.draw(
        st.lists(st.tuples(st.sampled_from(labels), st.sampled_from(labels)), min_size=1, max_size=6)
    )
    text = "\n".join(f"{first} - {second}" for first, second in pairs if first != second) + "\neach EEG"
    rows = derived(text, channels).rows
    gaps = np.array(
        data.draw(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=6, max_size=6))
    )
    values = np.where(gaps, np.nan, np.random.default_rng(3).standard_normal((6, 5)))
    for row, found in zip(rows, row_values(rows, list(values)), strict=True):
        expected = sum(
            weight * values[number] for number, weight in zip(row.inputs, row.weights, strict=True)
        )
        assert np.allclose(found, expected, equal_nan=True)


def test_gaps_between_groups_and_names() -> None:
    text = 'montage: Mine\n\nFp1 - F7\n\n"left back" = P7 - O1\n# words\nO1 - P7\n'
    result = derived(text, inputs("Fp1", "F7", "P7", "O1"))
    assert result.title == "Mine"
    assert [(row.name, row.gap) for row in result.rows] == [
        ("Fp1-F7", False),
        ("left back", True),
        ("O1-P7", False),
    ]


def test_a_canonical_name_is_its_own() -> None:
    assert all(electrode_named(name) == name for name in (*SCALP, *EARS))


def test_the_example_of_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "eeg_display.md"
    montage = parse_montage(page.read_text(encoding="utf-8").split("```")[1])
    assert montage.title == "Longitudinal bipolar, left"
    assert [row.gap for row in montage.rows][:3] == [False, False, True]
    assert len(montage.rows) == 9
