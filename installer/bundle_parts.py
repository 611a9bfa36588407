"""What a bundle carries ready-made: the models of several people's poses, and the analysed demonstration.

    python installer/bundle_parts.py RESOURCES

Run with an empty SEMIOSCOPE_HOME, so that nothing of the person who builds the bundle gets into it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from app.core.atomic import write_atomically
from app.core.enhance.pose_bundle import FILE_NAME, assembled_pose_bundle
from app.core.phantom.demonstration_file import demonstration_recording
from app.core.phantom.shipped_demonstration import ship_demonstration


def main(resources: Path) -> None:
    """Put the parts among the resources; takes some minutes."""
    write_atomically(resources / FILE_NAME, assembled_pose_bundle())
    # The command draws, analyses and keeps what it computed, as the window does.
    with TemporaryDirectory() as report:
        subprocess.run([sys.executable, "-m", "app", "demo", "--report", report], check=True)
    ship_demonstration(demonstration_recording(), resources)
    # What the program keeps is its account's alone; what it is shipped with may be read by all.
    for path in (resources / FILE_NAME, *(resources / "demonstration").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
