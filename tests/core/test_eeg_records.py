"""What is wrong with records and headers of EEG files: it is reported, and they are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.header_fields import text_of
from app.core.eeg.patient_fields import anonymous_header
from app.core.errors import UserError
from tests.core.eeg_files import Channel, Plan, edf
from tests.core.eeg_reading import Read, codes, filled, onsets, read

__all__ = ["read"]


@pytest.mark.parametrize(
    ("change", "records", "code"),
    [
        ({"said": -1}, 3, "records_not_counted"),
        ({"said": 9}, 3, "records_missing"),
        ({"said": 1}, 3, "more_records"),
        ({"fields": {"records": b"many"}}, 3, "records_not_counted"),
        ({"cut": 5}, 2, "truncated"),
        ({"tail": b"\x1a"}, 3, "truncated"),
        ({"header_bytes": 0}, 3, "header_size"),
        ({"fields": {"seconds": b"never"}}, 3, "bad_record_duration"),
        ({"fields": {"seconds": b"-1"}}, 3, "bad_record_duration"),
        ({"fields": {"seconds": b"0"}}, 3, "no_rate"),
        ({"fields": {"seconds": b"1,0"}}, 3, "decimal_comma"),
        ({"annotation_channels": 0}, 3, "no_annotation_channel"),
        ({"fields": {"reserved": b""}}, 3, "unexpected_annotations"),
        ({"channels": (Channel(physical=("5", "5")),)}, 3, "no_calibration"),
        ({"channels": (Channel(physical=("ten", "5")),)}, 3, "no_calibration"),
        ({"channels": (Channel(digital=(7, 7)),)}, 3, "no_calibration"),
        ({"channels": (Channel(physical=("5", "-5")),)}, 3, "inverted"),
        ({"channels": (Channel(""),)}, 3, "blank_labels"),
        ({"channels": (Channel(), Channel())}, 3, "duplicate_labels"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_it_is_read(
    read: Read,
    change: dict[str, object],
    records: int,
    code: str,
) -> None:
    plan = Plan("EDF+C", onsets=onsets(0, 1, 2))
    plan = replace(plan, **change)  # type: ignore[arg-type]
    found = read(filled(plan))
    assert found.header.records == records
    assert code in codes(found)


def test_names_are_unique_and_never_empty(read: Read) -> None:
    labels = ("EEG T3", "", "EEG T3", "EEG T3 (2)", "EEG T3", "Signal 2")
    found = read(filled(Plan(channels=tuple(Channel(label) for label in labels))))
    names = [signal.name for signal in found.header.signals]
    assert names == ["EEG T3", "Signal 2", "EEG T3 (3)", "EEG T3 (2)", "EEG T3 (4)", "Signal 2 (2)"]
    assert [signal.label for signal in found.header.signals] == list(labels)


def test_a_label_cut_inside_its_last_character_keeps_the_rest() -> None:
    assert text_of("EKG Herzübertraü".encode()[:16]) == "EKG Herzübertra"
    assert text_of("Überprüfung abé".encode()[:16]) == "Überprüfung ab"
    assert text_of("EKG Herzzeiger é".encode("latin-1")) == "EKG Herzzeiger é"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (b"  uV  ", "uV"),
        (b"uV\0rest", "uV"),
        (b"\0\0", ""),
        (b"\xb5V", "µV"),
        ("μV".encode(), "μV"),
        (b"a\x1b[b", "a[b"),
    ],
)
def test_fields_are_plain_text(field: bytes, text: str) -> None:
    assert text_of(field) == text


@pytest.mark.parametrize("kind", ["EDF", "EDF+C"])
def test_anonymous_header_is_that_of_the_specification(kind: str) -> None:
    raw = edf(Plan(kind, patient="F Haagse_Harry", recording="Startdate 02-MAR-2002 PSG-1 Tessa X9"))
    kept, without = anonymous_header(raw), anonymous_header(raw, keep_date=False)
    assert kept[8:88] == b"X X X X".ljust(80)
    assert kept[88:168] == b"Startdate 02-MAR-2002 X X X".ljust(80)
    assert without[88:168] == b"Startdate X X X X".ljust(80)
    assert (kept[168:176], without[168:176]) == (b"02.03.02", b"01.01.85")
    for header in (kept, without):
        assert len(header) == len(raw)
        assert header[176:] == raw[176:]
        assert not any(name in header for name in (b"Harry", b"PSG", b"Tessa"))
    far = edf(Plan("EDF+C", date="31.12.yy", recording="Startdate 31-DEC-2090 X X X"))
    assert anonymous_header(far)[168:176] == b"31.12.yy"
    assert anonymous_header(far)[88:115] == b"Startdate 31-DEC-2090 X X X"


def test_a_date_field_that_holds_something_else_does_not_get_into_the_anonymous_header() -> None:
    raw = edf(Plan(date="Harry"))
    assert b"Harry" not in anonymous_header(raw)


def test_files_without_signals_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(edf(Plan("EDF", channels=(), annotation_channels=0)))
    with pytest.raises(UserError, match="no signals"), opened_eeg(path):
        pass
