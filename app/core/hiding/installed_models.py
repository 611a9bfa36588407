"""Networks in the wheels of installed packages, and how they are run: nothing is downloaded, and where one is
missing nothing is shown."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.neural_network import load_network


def installed_file(package: str, name: str, missing: str) -> Path:
    """The file of this name in an installed package. Raises UserError with the sentence `missing`."""
    try:
        listed = metadata.distribution(package).files or []
    except metadata.PackageNotFoundError:
        listed = []
    paths = [Path(str(each.locate())) for each in listed if each.name == name]
    if not paths or not paths[0].is_file():
        raise UserError(missing)
    return paths[0]


def network_session(model: bytes, threads: int, failed: str, *, keep_memory: bool = True) -> Any:
    """A session of onnxruntime for an ONNX model; `keep_memory` as in `load_network`. Raises UserError with
    the sentence `failed`."""
    try:
        return load_network(model, threads=threads, keep_memory=keep_memory)
    except Exception as error:  # onnxruntime's errors have no common class, and none may show a face
        raise UserError(failed) from error
