"""Names of electrodes and channels: one name for one place, kinds, sides and regions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.channel_names import channel_names, parse_label
from app.core.eeg.electrodes import EARS, SCALP, Side, region_of, side_of, side_of_pair


@pytest.mark.parametrize(
    ("label", "electrode", "against", "bipolar"),
    [
        ("EEG Fp1-REF", "Fp1", "REF", False),
        ("Fp1-A1", "Fp1", "A1", False),
        ("FP1", "Fp1", "", False),
        ("  eeg  fpz ", "Fpz", "", False),
        ("POL C3", "C3", "", False),
        ("EEG F3-LE", "F3", "LE", False),
        ("F3-Avg", "F3", "AVG", False),
        ("EEG T3-AV", "T7", "AV", False),
        ("T3 - T5", "T7", "P7", True),
        ("T6", "P8", "", False),
        ("EEG T8-P8-1", "T8", "P8", True),
        ("T8-P8-0", "T8", "P8", True),
        ("EEG Fpz-Cz", "Fpz", "Cz", True),
        ("Fp1–F7", "Fp1", "F7", True),
        ("EEG C3-A1A2", "C3", "A1A2", False),
        ("A1-A2", "A1", "A2", True),
        ("Fp1 Ref", "Fp1", "REF", False),
    ],
)
def test_labels_of_many_programs_name_the_same_electrodes(
    label: str, electrode: str, against: str, bipolar: bool
) -> None:
    name = parse_label(label)
    assert (name.kind, name.electrode, name.against, name.bipolar) == (
        ChannelKind.EEG,
        electrode,
        against,
        bipolar,
    )


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("EKG", ChannelKind.ECG),
        ("ECG ECG1", ChannelKind.ECG),
        ("EEG EKG1-REF", ChannelKind.ECG),
        ("LOC", ChannelKind.EOG),
        ("EOG(L)", ChannelKind.EOG),
        ("E1-M2", ChannelKind.EOG),
        ("EMG submental", ChannelKind.EMG),
        ("Chin1-Chin2", ChannelKind.EMG),
        ("THOR RES", ChannelKind.RESPIRATION),
        ("Mic", ChannelKind.SOUND),
        ("SPO2", ChannelKind.OTHER),
        ("DC01", ChannelKind.OTHER),
        ("Status", ChannelKind.OTHER),
        ("--0", ChannelKind.OTHER),
        ("", ChannelKind.OTHER),
        ("EEG 20-REF", ChannelKind.EEG),
        ("SEEG LA1", ChannelKind.DEPTH),
    ],
)
def test_kinds_are_told_apart(label: str, kind: ChannelKind) -> None:
    assert parse_label(label).kind is kind


@given(st.sampled_from(SCALP), st.sampled_from(["{}", "EEG {}-REF", "eeg {}", "{}-A1", " {} ", "POL {}"]))
def test_an_electrode_is_found_in_any_case(electrode: str, form: str) -> None:
    for written in (electrode, electrode.upper(), electrode.lower()):
        assert parse_label(form.format(written)).electrode == electrode


@given(st.text(max_size=30))
def test_any_label_is_read(label: str) -> None:
    assert channel_names([label])[0].label == label


def test_contacts_inside_the_brain_are_no_scalp_electrodes() -> None:
    labels = [f"{letter}{number}" for letter in "ACFT" for number in range(1, 11)] + ["EKG1", "EKG2"]
    names = channel_names(labels)
    assert {name.kind for name in names[:-2]} == {ChannelKind.DEPTH}
    assert [name.electrode for name in names[:-2]] == labels[:-2], "T3 stays T3, A1 is no ear"
    assert {name.kind for name in names[-2:]} == {ChannelKind.ECG}
    assert {name.side for name in names} == {Side.NONE}


def test_scalp_electrodes_beside_contacts_keep_their_names() -> None:
    names = channel_names(["EEG F3", "EEG T3", "EEG O1", "POL LA1", "POL LA2", "POL LA3"])
    assert [name.electrode for name in names[:3]] == ["F3", "T7", "O1"]
    assert {name.kind for name in names[3:]} == {ChannelKind.DEPTH}


def test_an_electrode_that_all_are_recorded_against_is_the_reference() -> None:
    names = channel_names(["Fp1-Cz", "Fp2-Cz", "O1-Cz", "O2-Cz"])
    assert not any(name.bipolar for name in names)
    names = channel_names(["Fp1-Cz", "Fp2-Cz", "O1-Cz", "O2-Pz"])
    assert all(name.bipolar for name in names), "two different seconds are bipolar channels"
    names = channel_names(["Fp1-Cz", "Fp2-Cz", "O1-Cz", "O2-Cz", "C3-REF"])
    assert all(name.bipolar for name in names[:4]), "the file has another reference"


def test_sides_and_regions() -> None:
    assert [side_of(name) for name in ("F7", "T8", "Cz", "A1", "X9")] == [
        Side.LEFT,
        Side.RIGHT,
        Side.MIDLINE,
        Side.LEFT,
        Side.NONE,
    ]
    assert side_of_pair("C3", "Cz") is Side.LEFT
    assert side_of_pair("Fp1", "Fp2") is Side.MIDLINE
    assert all(region_of(name) for name in SCALP)
    assert not any(region_of(name) for name in EARS)
    assert region_of("T7") == region_of("P8") == "temporal"
