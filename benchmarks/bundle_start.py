"""Start to a usable window: the bundle that `make bundle` has built, against the program from source."""

from __future__ import annotations

import sys
from functools import partial

from app.core.errors import UserError
from benchmarks.benchmark import Options, Result, machine, within
from benchmarks.screen import screen
from benchmarks.stage import ROOT, alternated, fresh_home
from benchmarks.start import RUNS, SOURCE, compiled, seconds_to_window

BAR = 1.3
_PROGRAM = ROOT / "build" / "bundle" / "dist" / "semioscope" / "semioscope"


def run(options: Options) -> Result:
    """Medians of alternated runs, after one of each that fills the disk's cache and compiles.

    Raises UserError when there is no bundle.
    """
    program = _PROGRAM.with_suffix(".exe") if sys.platform == "win32" else _PROGRAM
    if not program.is_file():
        raise UserError("There is no bundle to start; `make bundle` builds it.")
    with screen() as drawn_on, fresh_home() as home, compiled(home / "compiled"):
        ready = home / "ready"
        starts = [partial(seconds_to_window, words, ready) for words in ((str(program),), SOURCE)]
        for start in starts:
            start()
        bundle, source = alternated(options.runs or RUNS, starts, "Starting", options.report)
    return Result(
        "bundle_start",
        machine(),
        (within("start of the bundle to a usable window", bundle, "s", source, BAR),),
        ("The floor is the same start of the program from source, with its modules compiled.", drawn_on),
    )
