"""A Debian without Python, in which a bundle is run by a user without rights or a network.

It takes root's rights (mount and network namespaces), `mmdebstrap` and the machine's own list of packages.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("mmdebstrap", "unshare", "chroot", "Xvfb", "xdotool", "strace")
LIBRARIES = ("libegl1", "libgl1", "libasound2", "fontconfig", "fonts-dejavu-core")
"""What the Debian package depends on, and a font."""
DESKTOP = (*LIBRARIES, "shared-mime-info", "desktop-file-utils", "libglib2.0-bin")
"""And what a desktop knows the types of files by."""
USER, HOME = 12345, "/home/reviewer"
LONGEST = 900
"""Seconds after which a command is ended, for one that would hang."""
_CHANGING = ("proc", "sys", "dev", "tmp", "home", "run", "var/log", "var/cache", "var/tmp")
"""Folders that are not compared: of the system, of users, temporary."""


def what_is_missing() -> str:
    """Why no bare system can be made here; "" when one can."""
    if os.geteuid() != 0:
        return "root's rights are needed for a system of its own"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    return f"{', '.join(missing)} is not installed" if missing else ""


@dataclass(frozen=True)
class BareSystem:
    """The root folder of the system."""

    root: Path

    def inside(self, path: str) -> Path:
        """A path of the system as one of this machine."""
        return self.root / path.lstrip("/")

    def command(self, *words: str, user: int = USER) -> list[str]:
        """What runs a command in it: no network but a loopback that is down, an empty account."""
        enter = [
            "unshare",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            f"--mount-proc={self.root}/proc",
        ]
        chroot = shutil.which("chroot") or "chroot"  # outside the search path of the account
        return [*enter, chroot, f"--userspec={user}:{user}", "--groups=", str(self.root), *words]

    def environment(self, **more: str) -> dict[str, str]:
        """The variables of a new session."""
        return {"HOME": HOME, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "USER": "reviewer", **more}

    def run(
        self, *words: str, user: int = USER, before: Sequence[str] = (), **more: str
    ) -> subprocess.CompletedProcess[str]:
        """The finished command; `before` stands in front of what starts it."""
        return subprocess.run(
            [*before, *self.command(*words, user=user)],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )

    def files(self) -> Mapping[str, tuple[int, int]]:
        """Size and time of change of every file of the system outside users' and temporary folders."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            place = os.path.relpath(folder, self.root)
            folders[:] = [one for one in folders if os.path.normpath(f"{place}/{one}") not in _CHANGING]
            for name in names:
                status = Path(folder, name).lstat()
                found[os.path.normpath(f"{place}/{name}")] = (status.st_size, status.st_mtime_ns)
        return found


def make_bare_system(root: Path, folder: Path, packages: Sequence[str] = LIBRARIES) -> BareSystem:
    """Make it with these packages, from an archive in `folder`, which is made first where it is missing (two
    minutes)."""
    archive = folder / f"bare-system-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:8]}.tar"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        part = archive.with_name(f"unfinished-{archive.name}")
        command = [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            f"--include={','.join(packages)}",
            _release(),
        ]
        subprocess.run([*command, str(part)], check=True, timeout=LONGEST)
        part.rename(archive)
    root.mkdir(parents=True)
    subprocess.run(["tar", "--extract", f"--file={archive}", f"--directory={root}"], check=True)
    home = root / HOME.lstrip("/")
    home.mkdir(mode=0o700)
    os.chown(home, USER, USER)
    with (root / "etc/passwd").open("a") as accounts:
        accounts.write(f"reviewer:x:{USER}:{USER}::{HOME}:/bin/sh\n")
    return BareSystem(root)


def _release() -> str:
    """The name of this machine's Debian."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"].strip('"')
