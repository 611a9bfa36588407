"""The demonstration as a recording, rendered once and stored in the cache folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from app import __version__
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Report, no_report
from app.core.phantom.demonstration import demo_script
from app.core.phantom.render import render_phantom


def demonstration_recording(*, report: Report = no_report, cancel: CancelToken | None = None) -> Path:
    """The path of the demonstration recording, rendered the first time; its truth is a JSON file next to it.

    Raises UserError when the cache cannot be written, Cancelled.
    """
    script = demo_script()
    digest = hashlib.sha256(f"{__version__} {script!r}".encode()).hexdigest()[:12]
    file = cache_folder() / "demonstration" / digest / "demonstration.mp4"
    if not file.exists():
        render_phantom(script, file, file.with_name("truth.json"), report, cancel)
    return file
