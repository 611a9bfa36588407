"""The start of the bundled program: the command `semioscope`, or one of the processes that it starts.

A bundle has no `python -m`, so the program asks itself for its analysis processes with the same arguments
(`core/recording/analysis_process.py`).
"""

from __future__ import annotations

import runpy
import sys

_OF_A_PROCESS = ["-P", "-m"]


def main() -> int:
    """The exit code."""
    if sys.argv[1:3] == _OF_A_PROCESS:
        module = sys.argv[3]
        if not (module.startswith("app.core.") and module.endswith("_process")):
            raise SystemExit(f"{module} is not a process of Semioscope")
        del sys.argv[1:4]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    from app.cli import main as semioscope

    return semioscope()


if __name__ == "__main__":
    sys.exit(main())
