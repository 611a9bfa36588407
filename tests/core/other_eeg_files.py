"""EEG files of other systems, made byte by byte from the descriptions of their formats.

Each is of two channels, Fp1 and O2, in two stretches with a gap, and names a patient who must not be found
in what is made of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.eeg.edf_streaming import StreamedEdf, write_edf_blocks
from app.core.eeg.other_recording import OtherRecording

RATE = 200
COUNTS = (500, 300)
"""Samples of the two stretches."""

BEGAN = datetime(2024, 2, 29, 23, 59, 50)  # noqa: DTZ001 - local time
GAP = 30
"""Whole seconds from the end of the first stretch to the start of the second."""

PATIENT = "Haagse_Harry"
NOTE = "Spasm, left"
NOTE_SAMPLE = 600
"""In the second stretch."""

Numbers = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A file, its values (2, n) in µV, and the coarsest time (s) that the format states."""

    path: Path
    values: npt.NDArray[np.float64]
    resolution: float = 1e-4
    end_of_note: float | None = None


def numbers() -> Numbers:
    """(2, n) stored numbers."""
    generator = np.random.default_rng(4)
    return generator.integers(-20_000, 20_000, (2, sum(COUNTS))).astype(np.int16)


def second_start() -> datetime:
    """When the second stretch begins."""
    return BEGAN + timedelta(seconds=COUNTS[0] / RATE + GAP)


def brainvision(folder: Path, *, form: str = "INT_16") -> Made:
    """Header, markers and multiplexed data; of the older program that writes no code page."""
    stored = numbers()
    scale = np.array([[0.1], [0.5]])
    data = stored.T.astype("<i2") if form == "INT_16" else (stored * scale).T.astype("<f4")
    (folder / "a.eeg").write_bytes(data.tobytes())
    (folder / "a.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n"
        "[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\nMarkerFile=a.vmrk\nDataFormat=BINARY\n"
        f"DataOrientation=MULTIPLEXED\nNumberOfChannels=2\nSamplingInterval={1_000_000 // RATE}\n"
        f"[Binary Infos]\nBinaryFormat={'INT_16' if form == 'INT_16' else 'IEEE_FLOAT_32'}\n"
        + ("[Channel Infos]\nCh1=Fp1,,0.1,µV\nCh2=O2,,0.5,µV\n" if form == "INT_16"
           else "[Channel Infos]\nCh1=Fp1,,1,µV\nCh2=O2,,1,µV\n")
        + f"[Comment]\nPatient: {PATIENT}\n",
        encoding="utf-8",
    )  # fmt: skip
    (folder / "a.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n"
        "[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n[Marker Infos]\n"
        f"Mk1=New Segment,,1,1,0,{BEGAN:%Y%m%d%H%M%S%f}\n"
        f"Mk2=New Segment,,{COUNTS[0] + 1},1,0,{second_start():%Y%m%d%H%M%S%f}\n"
        f"Mk3=Comment,{NOTE.replace(',', chr(92) + '1')},{NOTE_SAMPLE + 1},1,0\n",
        encoding="utf-8",
    )
    return Made(folder / "a.vhdr", stored * scale)


def persyst(folder: Path) -> Made:
    """A layout and multiplexed data."""
    stored = numbers()
    (folder / "A B.dat").write_bytes(stored.T.astype("<i2").tobytes())
    zero = (BEGAN - BEGAN.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    then = (
        second_start() - second_start().replace(hour=0, minute=0, second=0, microsecond=0)
    ).total_seconds()
    (folder / "A B.LAY").write_text(
        "[FileInfo]\r\nFile=C:\\data\\a b.DAT\r\nFileType=Interleaved\r\n"
        f"SamplingRate={RATE}\r\nHeaderLength=0\r\nCalibration=0.1\r\nWaveformCount=2\r\nDataType=0\r\n"
        f"[Patient]\r\nFirst=Harry\r\nLast={PATIENT}\r\nID=4711\r\nTestDate=2024.02.29\r\n"
        f"TestTime={BEGAN:%H:%M:%S}\r\n"
        f"[SampleTimes]\r\n0={zero:.6f}\r\n{COUNTS[0]}={then:.6f}\r\n"
        "[ChannelMap]\r\nFp1-Ref=1\r\nO2-Ref=2\r\n"
        f"[Comments]\r\n{NOTE_SAMPLE / RATE:.3f},1.5,0,100,{NOTE}\r\n",
        encoding="utf-8",
    )
    return Made(folder / "A B.LAY", stored * 0.1, end_of_note=1.5)


def nihon_kohden(folder: Path) -> Made:
    """One control block with two data blocks, electrodes and events in separate files."""
    stored, version = numbers(), b"EEG-1100C V01.00"
    raw = bytearray(0x1800)
    raw[0:16] = raw[0x81:0x91] = version
    raw[0x17FE] = 1
    raw[0x91] = 1
    raw[0x92:0x96] = struct.pack("<I", 0x400)
    raw[0x40:0x4C] = PATIENT.encode()
    raw[0x400 + 17] = 2
    first = 0
    for block, (count, began) in enumerate(zip(COUNTS, (BEGAN, second_start()), strict=True)):
        raw[0x400 + 18 + 20 * block : 0x400 + 22 + 20 * block] = struct.pack("<I", len(raw))
        head = bytearray(0x27 + 20)
        moment = (began.year % 100, began.month, began.day, began.hour, began.minute, began.second)
        head[0x14:0x1A] = bytes((part // 10 << 4) + part % 10 for part in moment)
        head[0x1A:0x1C] = struct.pack("<H", 0xC000 | RATE)
        head[0x1C:0x20] = struct.pack("<I", count * 10 // RATE)
        head[0x26] = 2
        head[0x27], head[0x27 + 10] = 0, 9
        values = np.vstack([stored[:, first : first + count], np.zeros((1, count), np.int16)])
        raw += head + ((values.astype(np.int32) + 0x8000).astype("<u2")).T.tobytes()
        first += count
    (folder / "N.EEG").write_bytes(raw)
    (folder / "N.21e").write_bytes(b"[ELECTRODE]\r\n0000=Fp1\r\n0009=O2\r\n[OTHER]\r\n")
    (folder / "N.PNT").write_bytes(version + PATIENT.encode())
    log = bytearray(0x1800)
    log[0:16], log[0x91] = version, 1
    log[0x92:0x96] = struct.pack("<I", 0x1000)
    log[0x1001:0x1011], log[0x1012] = version, 1
    elapsed = int(COUNTS[0] / RATE + GAP + (NOTE_SAMPLE - COUNTS[0]) / RATE)
    log[0x1014:0x1041] = NOTE.encode().ljust(20, b"\0") + f"{elapsed:06d}".encode().ljust(25, b"0")
    (folder / "N.LOG").write_bytes(log)
    step = (3199.902 + 3200) / 65535
    return Made(folder / "N.EEG", stored * step + (-3200 + 32768 * step), resolution=1.0)


def micromed(folder: Path) -> Made:
    """A header of type 4 with its areas, and unsigned data."""
    stored = numbers()
    head = bytearray(4096)
    head[0:30] = b"* MICROMED  Brain-Quick file *"
    head[64:86] = PATIENT.encode().ljust(22)
    moment = (BEGAN.day, BEGAN.month, BEGAN.year - 1900, BEGAN.hour, BEGAN.minute, BEGAN.second)
    head[128:134] = bytes(moment)
    head[138:150] = struct.pack("<IHHHH", len(head), 2, 4, RATE, 2)
    head[175] = 4
    # "ORDER" states which electrode each channel is, "LABCOD" describes the electrodes.
    areas = {"ORDER": (1024, 4), "LABCOD": (1100, 512), "NOTE": (2000, 88), "TRONCA": (2200, 32)}
    names: tuple[str, ...] = (
        "ORDER",
        "LABCOD",
        "NOTE",
        "FLAGS",
        "TRONCA",
        "IMPED_B",
        "IMPED_E",
        "MONTAGE",
        "COMPRESS",
    )
    names += ("AVERAGE", "HISTORY", "DVIDEO", "EVENT A", "EVENT B", "TRIGGER")
    for number, name in enumerate(names):
        at, size = areas.get(name, (3000, 12))
        head[176 + 16 * number : 192 + 16 * number] = name.ljust(8).encode() + struct.pack("<II", at, size)
    head[1024:1028] = struct.pack("<HH", 1, 2)
    for number, label in ((1, b"Fp1"), (2, b"O2")):
        at = 1100 + 128 * number
        head[at + 2 : at + 14] = label.ljust(6, b"\0") + b"G2".ljust(6, b"\0")
        head[at + 14 : at + 36] = struct.pack("<iiiiih", 0, 65535, 32768, -3200, 3200, 0)
        head[at + 44 : at + 46] = struct.pack("<H", 1)
    head[2000:2044] = struct.pack("<I40s", NOTE_SAMPLE, NOTE.encode())
    gap = round(GAP * RATE)
    head[2200:2216] = struct.pack("<IIII", 0, 0, COUNTS[0] + gap, COUNTS[0])
    # A first segment that begins at 0 would end the list, which is how a file of one segment is written.
    head[2200:2216] = struct.pack("<IIII", RATE, 0, RATE + COUNTS[0] + gap, COUNTS[0])
    data = (stored.astype(np.int32) + 32768).astype("<u2").T.tobytes()
    (folder / "m.TRC").write_bytes(bytes(head) + data)
    return Made(folder / "m.TRC", stored * (6400 / 65536))


MAKERS: dict[str, Callable[[Path], Made]] = {
    "brainvision": brainvision,
    "persyst": persyst,
    "nihon_kohden": nihon_kohden,
    "micromed": micromed,
}


def written(path: Path, recording: OtherRecording, shares: list[float] | None = None) -> StreamedEdf:
    """The recording as an EDF file at `path`; `shares` is given the progress."""
    with path.open("wb") as file:
        return write_edf_blocks(file, recording, (shares if shares is not None else []).append)
