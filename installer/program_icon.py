"""The icon of the program as a picture, from which PyInstaller makes those of Windows and macOS.

python installer/program_icon.py semioscope.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QIcon

SIZE = 512
SOURCE = Path(__file__).parent.parent / "resources" / "semioscope.svg"


def main(out: Path) -> None:
    """Write the picture; SystemExit when the icon cannot be drawn."""
    application = QGuiApplication(["icon", "-platform", "offscreen"])
    picture = QIcon(str(SOURCE)).pixmap(QSize(SIZE, SIZE), 1.0)
    if picture.width() != SIZE or not picture.save(str(out)):
        raise SystemExit(f"{SOURCE.name} could not be drawn")
    application.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
