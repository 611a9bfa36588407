"""The noise profile of a recording, its quietest second: from the cache, else from a separate process."""

from __future__ import annotations

import numpy as np

from app.core.enhance.denoise import SOUND_RATE, QuietSearch, Samples
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.array_cache import Arrays, load_arrays, save_arrays
from app.core.recording.recording import Recording
from app.core.recording.samples import SoundReader
from app.core.recording.sparse_time import BREAK

WHAT = "Searching for a quiet stretch"
_KIND = "noise"
_VERSION = 1
"""Part of the cache's key, to be raised whenever the same recording would give another profile."""
_PROCESS = "app.core.enhance.noise_process"
_REPORT_EVERY = 20 * SOUND_RATE


def noise_profile(
    recording: Recording,
    *,
    channel: int | None = None,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> Samples | None:
    """The quietest second of the sound of `recording.track`, or of one channel of it, mono at `SOUND_RATE`;
    None without sound or without a quiet stretch (see `denoise.QuietSearch`).

    A model's clips are denoised with the same profile. The first call takes about as long as decoding all
    sound. Raises UserError when the file is gone or has changed, or when the process failed; Cancelled.
    """
    if recording.audio is None:
        return None
    key = f"{recording.fingerprint}-{_VERSION}-{recording.track}-{'all' if channel is None else channel}"
    kept = _from_cache(load_arrays(_KIND, key))
    if kept is None:
        kept = _run_search(recording, channel, report, cancel or CancelToken())
        save_arrays(_KIND, key, {"profile": kept})
    return kept if len(kept) else None


def search_profile(recording: Recording, channel: int | None, report: Report) -> Samples:
    """The profile found in all of the sound; empty without one. Raises UserError."""
    search, estimate, reported = QuietSearch(SOUND_RATE), TimeEstimate(), 0
    with SoundReader(recording) as reader:
        for block in reader.blocks(0.0, SOUND_RATE, 1, only=channel, longest_silence=BREAK):
            search.add(block.samples[:, 0])
            if block.first - reported >= _REPORT_EVERY:
                reported = block.first
                share = min(block.first / SOUND_RATE / max(recording.duration, 1e-3), 1.0)
                report(Progress(WHAT, share, estimate.remaining(share)))
    found = search.found()
    return np.zeros(0, np.float32) if found is None else found


def _run_search(recording: Recording, channel: int | None, report: Report, cancel: CancelToken) -> Samples:
    job = {
        **recording_job(recording),
        "track": recording.track,
        "channel": channel,
    }
    failed = f"The noise in the sound of “{recording.name}” could not be found; the sound is as recorded."
    content = run_process(_PROCESS, job, failed=failed, report=report, cancel=cancel)
    return np.frombuffer(content, np.float32)


def _from_cache(arrays: Arrays | None) -> Samples | None:
    profile = arrays.get("profile") if arrays is not None else None
    if profile is None or profile.dtype != np.float32 or profile.ndim != 1:
        return None
    return profile
