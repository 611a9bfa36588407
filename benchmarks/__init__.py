"""The benchmarks: what is measured, its floor in the same run, its bar."""

from __future__ import annotations

from importlib import import_module

from benchmarks.benchmark import Benchmark

BENCHMARKS: dict[str, str] = {
    "seek": "exact seeks and steps back, against full decoding, beside bare PyAV and mpv",
    "sync": "sound against picture through a real-time device, pausing, eight times the speed",
    "opening": "two hours opened to the first picture and to the whole waveform",
    "memory": "memory while two hours are played, searched and looked through",
    "timeline": "panning and zooming 10,000 events, and dragging across hours",
    "traces": "ten minutes of traces in twelve rows: panned, zoomed, pointed at",
    "heat_map": "all answers of 2,000 recordings by three readers as cells: opened, scrolled, saved",
    "spans": "10,000 spans of my reading in one recording: dragged, undone, panned",
    "playback": "1080p30 playback with pose, waveform and checklist shown",
    "cameras": "two 1080p30 recordings of one event played side by side",
    "pose": "pose and face over a recording, against bare mediapipe",
    "hiding": "real faces on real bodies: area left uncovered, time a frame",
    "people": "real people as they are, turned, dark, blurred, slow and soundless: crashes, false answers",
    "signal": "the signal reader against the truth of phantoms",
    "trained": "the trained signal reader against its rules, on phantoms of unseen seeds",
    "deidentify": "de-identified clips: faces, text and metadata that are left, time and memory",
    "models": "reading with a model: requests, clips, waiting, leaks",
    "two_passes": "short twitches at a high rate only where the pose moves, against everywhere: tokens, hits",
    "asking": "1080p30 playback while a model's clips are made, and while it is asked",
    "eeg": "a day of EEG from 256 electrodes: first page, all time stamps, memory",
    "eeg_peers": "the same day beside mne, edfio and pyedflib",
    "eeg_files": "odd and real EEG files against what is true of them",
    "key_press": "one answer by key: calls from its commit until the views are painted",
    "start": "start to a usable window",
    "bundle_start": "start to a usable window, the bundle against the program from source",
    "reopen": "second opening of an analysed recording",
    "store": "a tick until it is on disk, and programs that write at once",
    "eeg_page": "pages and trends of an EEG without a window: filters, reduction, a day's overview",
    "eeg_panel": "the EEG in the window: pages, scrolling, zoom, sensitivity, playing 1080p30 with it",
    "elsewhere": "studies, damage and replies that come from elsewhere: how long they take, what comes back",
    "evaluation": "scores of five readers over 500 recordings, and what their intervals hold",
    "batch": "10,000 recordings listed and resumed, and two readings at once against one",
    "teaching": "simulated learners: cards until nine of ten features are kept, scheduled and at random",
    "agreement": "figures of agreement against their definitions, and over thousands of recordings",
}
"""What each benchmark measures, by the name of its file in this room."""


def benchmark(name: str) -> Benchmark:
    """The `run` of one benchmark, imported only now. Raises KeyError for an unknown name."""
    if name not in BENCHMARKS:
        raise KeyError(name)
    run: Benchmark = import_module(f"benchmarks.{name}").run
    return run
