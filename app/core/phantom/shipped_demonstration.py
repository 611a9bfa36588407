"""The demonstration that a bundled program carries: drawn and analysed when the bundle was built.

Among the resources stands `demonstration/`: `recording/NAME/` holds the recording and the files next to it,
where NAME says of which version it is, and `analysis/KIND/` what was computed of it. The study is made anew.
"""

from __future__ import annotations

from pathlib import Path

from app.core.atomic import write_atomically
from app.core.folders import cache_folder, resource

_SHIPPED, _RECORDING, _ANALYSIS = "demonstration", "recording", "analysis"
_KINDS = ("pose", "waveform", "spectrogram")
"""The folders of the cache whose files do not depend on where the recording is."""


def take_shipped_demonstration(file: Path) -> bool:
    """Copy the recording `file`, what belongs to it and its analysis from the program; whether it has them.

    Raises UserError when the cache cannot be written.
    """
    shipped = resource(_SHIPPED)
    recording = shipped / _RECORDING / file.parent.name
    if not (recording / file.name).is_file():
        return False
    for kind in _KINDS:
        _copy_files(shipped / _ANALYSIS / kind, cache_folder() / kind)
    _copy_files(recording, file.parent, last=file.name)
    return True


def ship_demonstration(file: Path, resources: Path) -> None:
    """Put the demonstration `file`, and the analysis of it that the cache has, among the resources."""
    _copy_files(file.parent, resources / _SHIPPED / _RECORDING / file.parent.name)
    for kind in _KINDS:
        _copy_files(cache_folder() / kind, resources / _SHIPPED / _ANALYSIS / kind)


def _copy_files(source: Path, target: Path, *, last: str = "") -> None:
    """Copy the files of a folder, none of its folders; the one of the name `last` says that all are there."""
    paths = (path for path in source.glob("*") if path.is_file())
    for path in sorted(paths, key=lambda path: (path.name == last, path.name)):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(target / path.name, path.read_bytes())
