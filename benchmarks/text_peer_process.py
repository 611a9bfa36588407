"""A reader of text at work on pictures, in a process: `python text_peer_process.py FOLDER NAME...`.

Prints JSON: by its name what is read in FOLDER/NAME.png. Needs nothing of the program, so that
it runs where only the reader (rapidocr) is installed.
"""

from __future__ import annotations

import json
import logging
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> int:
    rapidocr: Any = import_module("rapidocr_onnxruntime")

    logging.disable(logging.WARNING)
    engine = rapidocr.RapidOCR()
    read = {}
    folder, *names = sys.argv[1:]
    for name in names:
        path = Path(folder) / f"{name}.png"
        found, _ = engine(str(path), text_score=0.3)
        # Also without its own search for text: the place is known.
        there, _ = engine(str(path), use_det=False, use_cls=False, text_score=0.3)
        read[name] = " ".join([*(row[1] for row in found or ()), *(row[0] for row in there or ())])
    sys.stdout.write("\n" + json.dumps(read) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
