"""One reader of EDF at work on one file, in a process: `python eeg_peer_process.py READER FILE`.

It prints JSON: seconds until the file is open and a page is read (`page`), until all annotations are known
as well (`all`), the memory gained in MB, and the time of the last annotation (s). A reader that cannot do it
prints `{"error": …}`. Apart from its reader it needs nothing of the program, so that it also runs where only
the reader is installed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = 10.0
LEAST = 4
"""Signals of a page that must have been read for it to count."""

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

_OF_PRODUCT = ("app.core.eeg.eeg_file", "app.core.eeg.record_scan", "app.core.eeg.samples")

Reader = Callable[[str], tuple[float, float, float]]
"""Reads a file; gives the seconds of the page and of everything, and the time of the last annotation (s)."""


def semioscope(path: str) -> tuple[float, float, float]:
    from app.core.eeg.eeg_file import opened_eeg
    from app.core.eeg.record_scan import first_timeline, read_recording
    from app.core.eeg.samples import read_page

    begun = time.perf_counter()
    with opened_eeg(Path(path)) as eeg:
        page = read_page(eeg, first_timeline(eeg), eeg.header.signals, 0.0, PAGE)
        _check(len(page))
        paged = time.perf_counter() - begun
        read = read_recording(eeg)
    return paged, time.perf_counter() - begun, max((one.onset for one in read.annotations), default=-1.0)


def mne(path: str) -> tuple[float, float, float]:
    import mne as library

    begun = time.perf_counter()
    raw = library.io.read_raw_edf(path, preload=False, verbose="ERROR")
    page = raw.get_data(start=0, stop=round(PAGE * raw.info["sfreq"]))
    _check(len(page))
    paged = time.perf_counter() - begun
    onsets = raw.annotations.onset
    return paged, time.perf_counter() - begun, float(onsets.max()) if len(onsets) else -1.0


def edfio(path: str) -> tuple[float, float, float]:
    import edfio as library

    begun = time.perf_counter()
    edf = library.read_edf(path, lazy_load_data=True)
    page = [signal.get_data_slice(0.0, PAGE) for signal in edf.signals]
    _check(len(page))
    paged = time.perf_counter() - begun
    onsets = [one.onset for one in edf.annotations]
    return paged, time.perf_counter() - begun, max(onsets, default=-1.0)


def pyedflib(path: str) -> tuple[float, float, float]:
    import pyedflib as library

    begun = time.perf_counter()
    with library.EdfReader(path) as edf:
        count = range(edf.signals_in_file)
        page = [edf.readSignal(one, 0, round(PAGE * edf.getSampleFrequency(one))) for one in count]
        _check(len(page))
        paged = time.perf_counter() - begun
        onsets = edf.readAnnotations()[0]
    return paged, time.perf_counter() - begun, float(max(onsets, default=-1.0))


READERS: dict[str, Reader] = {"semioscope": semioscope, "mne": mne, "edfio": edfio, "pyedflib": pyedflib}


def _check(signals: int) -> None:
    if signals < LEAST:
        raise ValueError(f"only {signals} signals were read")


def main(name: str, path: str) -> dict[str, Any]:
    """What was measured. The import of the library, its first use included, is not."""
    for module in _OF_PRODUCT if name == "semioscope" else (name,):
        __import__(module)
    before = _resident()
    try:
        page, everything, last = READERS[name](path)
    except Exception as error:  # noqa: BLE001 - how a reader fails is the result
        return {"error": f"{type(error).__name__}: {error}"[:200]}
    return {"page": page, "all": everything, "memory": _most_resident() - before, "last": last}


def _resident() -> float:
    """The resident memory of this process in MB, from which on the most is counted: what an import needed for
    a moment is no room for what is read."""
    _CLEAR.write_text("5", encoding="ascii")
    return _status("VmRSS")


def _most_resident() -> float:
    """The most resident memory since then, in MB."""
    return _status("VmHWM")


def _status(name: str) -> float:
    """A figure of this process in MB, as Linux tells it."""
    (line,) = (
        line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:")
    )
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2])) + "\n")
