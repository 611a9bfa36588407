"""Output on any console: what its encoding cannot show is escaped, and JSON is UTF-8 on all of them."""

from __future__ import annotations

import io
import sys


def escape_what_cannot_be_shown() -> None:
    """Let stdout and stderr escape characters that their encoding does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_json(text: str) -> None:
    """Write a JSON text with its line end to stdout in UTF-8, whatever the console's encoding is."""
    text = text if text.endswith("\n") else text + "\n"
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    # Half a character stays what JSON writes for it.
    buffer.write(text.encode("utf-8", "backslashreplace"))
    buffer.flush()
