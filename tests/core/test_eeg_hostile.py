"""EEG files that lie: read or refused, in bounded memory."""

from __future__ import annotations

import json
import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.eeg import describe_eeg, to_dict
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.patient_fields import read_identity
from app.core.eeg.record_scan import first_timeline, read_recording
from app.core.eeg.samples import read_page, read_values
from app.core.errors import UserError
from tests.core.eeg_files import edf, with_noise
from tests.core.eeg_with_gaps import PLAN

HOSTILE = (
    b"99999999",
    b"-9999999",
    b"9e99",
    b"1e-99",
    b"nan",
    b"inf",
    b"",
    b"0",
    b"1",
    b"\xff" * 8,
    b"\0\0\0\0",
)
NUMBERS = [
    *((at, 8) for at in (184, 236, 244)),
    (252, 4),
    *((256 + 5 * part, 8) for part in (104, 112, 120, 128, 216)),
    *((256 + 5 * part + 8, 8) for part in (104, 112, 120, 128, 216)),
]
"""Where the numbers stand in the header of a file of five signals."""


def spoilt(raw: bytes, chance: random.Random) -> bytes:
    """A file with a few of the faults that an attacker or a bad disk makes."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        kind = chance.randrange(6)
        at = chance.randrange(max(len(found), 1))
        if kind == 0 and found:
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[at:]
        elif kind == 2:
            place, width = chance.choice(NUMBERS)
            found[place : place + width] = chance.choice(HOSTILE)[:width].ljust(width)
        elif kind == 3:
            found[at:at] = chance.randbytes(chance.randint(1, 9))
        elif kind == 4:
            del found[at : at + chance.randint(1, 9)]
        else:
            found[at : at + 20] = b"+%d\x14\x14\0+1\x15%d\x14x\x14" % (10 ** chance.randint(0, 19), 10**9)
    return bytes(found)


def read_all_of(path: Path) -> None:
    """Everything that can be asked of a file."""
    with opened_eeg(path) as eeg:
        recording = read_recording(eeg)
        json.dumps(to_dict(recording), allow_nan=False)
        describe_eeg(recording, read_identity(eeg))
        signals = [signal for signal in eeg.header.signals if signal.rate]
        for at in (0.0, -1e9, 50.5, 1e9):
            for signal in signals[:4]:
                assert len(read_values(eeg, recording.timeline, signal, at, 100)) == 100
        small = [signal for signal in signals if float(signal.rate or 0) < 1e6]
        read_page(eeg, recording.timeline, small[:9], 0.5, 0.5)
        change_message = eeg.change_message()
        assert change_message is None


def attack(folder: Path, seeds: range) -> int:
    """Read spoilt files; how many of them were refused."""
    refused = 0
    raws = [edf(PLAN), edf(replace(with_noise(PLAN), kind="BDF+C"))]
    for seed in seeds:
        chance = random.Random(seed)
        path = folder / "spoilt.edf"
        path.write_bytes(spoilt(chance.choice(raws), chance))
        tracemalloc.start()
        try:
            read_all_of(path)
        except UserError:
            refused += 1
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 30_000_000, seed
    return refused


def test_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    refused = attack(tmp_path, range(200))
    assert 0 < refused < 200


@pytest.mark.slow
def test_thousands_of_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    refused = attack(tmp_path, range(1000, 6000))
    assert 0 < refused < 5000


def test_work_follows_what_is_there_and_not_what_a_number_says(tmp_path: Path) -> None:
    """Records of 2 TB in a file of 5 kB, 9999 signals, an annotation channel of all of a record."""
    raw = bytearray(edf(PLAN))
    raw[256 + 5 * 216 : 256 + 5 * 224] = b"99999999" * 5
    path = tmp_path / "a.edf"
    path.write_bytes(raw)
    read_all_of(path)
    with opened_eeg(path) as eeg:
        assert eeg.header.records == 0
        assert {"records_missing", "truncated"} <= {warning.code for warning in eeg.header.warnings}
    many = b"0       ".ljust(252) + b"9999" + b"1" * 256 * 9999
    path.write_bytes(many + bytes(40_000))
    tracemalloc.start()
    read_all_of(path)
    assert tracemalloc.get_traced_memory()[1] < 150_000_000
    tracemalloc.stop()
    first_timeline_of(path)


def first_timeline_of(path: Path) -> None:
    with opened_eeg(path) as eeg:
        assert first_timeline(eeg).records == eeg.header.records
