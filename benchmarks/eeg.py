"""A day of EEG from 256 electrodes: until its first page is there, all its time stamps, and its memory."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.eeg_file import EegFile, opened_eeg
from app.core.eeg.eeg_recording import EegHeader
from app.core.eeg.record_scan import first_timeline, scan_records
from app.core.eeg.samples import PageValues, read_page
from app.core.errors import UserError
from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, at_most, fact, machine, within
from benchmarks.stage import alternated, seconds_of

SECONDS, CHANNELS, RATE, RUNS = 86_400, 256, 2048, 9
PAGE = 10
GAP, SUBSECOND = 100, 0.25
"""Seconds of the gap in the middle of the day, and of the first sample after the header's second."""

PAGE_BAR, STAMPS_BAR, MEMORY_BAR = 1.5, 30.0, 500.0
_STAMP_BYTES = 120
_HOLE = 1 << 26


@dataclass(slots=True)
class _Memory:
    """Resident memory of this process in MB above where it began, and the most that was seen."""

    most: float = 0.0
    _process: Any = None
    _begun: float = 0.0

    def __post_init__(self) -> None:
        import psutil  # type: ignore[import-untyped]  # it has no stubs here

        self._process = psutil.Process(os.getpid())
        self._begun = self._now()

    def look(self) -> None:
        self.most = max(self.most, self._now() - self._begun)

    def _now(self) -> float:
        return float(self._process.memory_info().rss) / 1e6


def run(options: Options) -> Result:
    """`seconds` is the length of the EEG."""
    seconds = int(options.seconds or SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        check_holes(Path(folder))
        path = Path(folder) / "day.edf"
        options.report(Progress(f"Writing {seconds / 3600:.3g} h of EEG", 0.0))
        write_day(path, seconds)
        size = path.stat().st_size
        with opened_eeg(path) as eeg:
            header = eeg.header
        ours, floor, opening = alternated(
            options.runs or RUNS,
            (
                lambda: seconds_of(lambda: _first_page(path)),
                lambda: seconds_of(lambda: _bare_page(path, header)),
                lambda: seconds_of(lambda: _open(path)),
            ),
            "Opening",
            options.report,
        )
        memory = _Memory()
        _first_page(path, memory)
        stamps = seconds_of(lambda: _all_stamps(path, memory))
    return Result(
        "eeg",
        machine(),
        (
            within(f"open, and a page of {PAGE} s", ours * 1000, "ms", floor * 1000, PAGE_BAR),
            fact("open alone", opening * 1000, "ms"),
            at_most("all time stamps and annotations", stamps, "s", STAMPS_BAR),
            at_most("memory gained by both at most", memory.most, "MB", MEMORY_BAR),
        ),
        (
            f"EDF+D of {seconds / 3600:.3g} h, {CHANNELS} signals of {RATE} Hz, {size / 1e9:.3g} GB, "
            f"holes but for the time stamps and the first page; a gap of {GAP} s in the middle.",
            "A page is all signals in physical units, rounded to float32. Its floor is a bare memory map of "
            "the same bytes, the places and gains of the signals known, decoded to the same values.",
        ),
    )


def write_day(path: Path, seconds: int, *, kind: str = "EDF+D", last_note: str = "") -> None:
    """A file of records of 1 s: noise in the first page, stamps in every record, holes elsewhere; a gap in
    the middle of EDF+D. `last_note` is the text of an annotation in the middle of the last record."""
    record_bytes = CHANNELS * RATE * 2 + _STAMP_BYTES
    header = _header(seconds, kind)
    noise = np.random.default_rng(1).integers(-32768, 32767, CHANNELS * RATE, np.int16).tobytes()
    with path.open("wb") as file:
        file.write(header)
        for record in range(seconds):
            at = len(header) + record * record_bytes
            if record < PAGE:
                file.seek(at)
                file.write(noise)
            file.seek(at + record_bytes - _STAMP_BYTES)
            later = GAP if record >= seconds // 2 and kind == "EDF+D" else 0
            text = f"+{record + later + SUBSECOND}\x14\x14\0"
            if last_note and record == seconds - 1:
                text += f"+{record + later + SUBSECOND + 0.5}\x14{last_note}\x14\0"
            file.write(text.encode().ljust(_STAMP_BYTES, b"\0"))


def _header(records: int, kind: str) -> bytes:
    count = CHANNELS + 1
    first = (
        ("0", 8), ("X X X X", 80), ("Startdate 02-MAR-2026 X X X", 80), ("02.03.26", 8), ("08.15.00", 8),
        (str(256 * (count + 1)), 8), (kind, 44), (str(records), 8), ("1", 8), (str(count), 4),
    )  # fmt: skip
    columns = (
        ([f"EEG {number}" for number in range(CHANNELS)], "EDF Annotations", 16), ("", "", 80),
        ("uV", "", 8), ("-3276.8", "-1", 8), ("3276.7", "1", 8), ("-32768", "-32768", 8),
        ("32767", "32767", 8), ("", "", 80), (str(RATE), str(_STAMP_BYTES // 2), 8), ("", "", 32),
    )  # fmt: skip
    raw = "".join(text.ljust(width) for text, width in first)
    for signals, notes, width in columns:
        texts = signals if isinstance(signals, list) else [signals] * CHANNELS
        raw += "".join(text.ljust(width) for text in (*texts, notes))
    return raw.encode()


def check_holes(folder: Path) -> None:
    """Raise UserError where holes would take room: the day would fill the disk."""
    path = folder / "hole"
    with path.open("wb") as file:
        file.truncate(_HOLE)
    blocks = getattr(path.stat(), "st_blocks", None)
    path.unlink()
    if blocks is None or blocks * 512 > _HOLE // 2:
        raise UserError("This benchmark needs a disk on which holes in files take no room.")


def _first_page(path: Path, memory: _Memory | None = None) -> None:
    with opened_eeg(path) as eeg:
        page = _page(eeg)
        if memory:
            memory.look()
    assert len(page) == CHANNELS


def _open(path: Path) -> None:
    with opened_eeg(path) as eeg:
        assert len(eeg.header.signals) == CHANNELS


def _page(eeg: EegFile) -> tuple[PageValues, ...]:
    return read_page(eeg, first_timeline(eeg), eeg.header.signals, 0.0, PAGE)


def _bare_page(path: Path, header: EegHeader) -> list[npt.NDArray[np.float32]]:
    shape = (header.records, header.record_bytes)
    records = np.memmap(path, np.uint8, "r", header.header_bytes, shape)
    page = []
    for signal in header.signals:
        stored = records[:PAGE, signal.offset : signal.offset + 2 * signal.per_record].view("<i2")
        page.append((stored.reshape(-1) * signal.gain + signal.base).astype(np.float32))
    return page


def _all_stamps(path: Path, memory: _Memory) -> None:
    with opened_eeg(path) as eeg:
        segments = 0
        for found in scan_records(eeg):
            segments = len(found.timeline.starts)
            memory.look()
        assert segments == 2
