"""Where the program's own pictures lie."""

from __future__ import annotations

from pathlib import Path

import app

_PACKAGE = Path(app.__file__).parent


def resource(name: str) -> Path:
    """The file `name` of the folder `resources`, which an installed program has inside the package."""
    inside = _PACKAGE / "resources" / name
    return inside if inside.exists() else _PACKAGE.parent / "resources" / name
