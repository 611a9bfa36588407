"""The kind of disk that a folder is on: a write-ahead log needs shared memory, which network shares lack."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NETWORK_TYPES = {
    "9p", "afs", "ceph", "cifs", "coda", "drvfs", "fuse.ceph", "fuse.gcsfuse", "fuse.glusterfs",
    "fuse.gvfsd-fuse", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse",
    "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf",
    "virtiofs", "vmhgfs",
}  # fmt: skip
"""File systems of Linux whose files other machines can write."""

_MOUNTS = Path("/proc/mounts")


def on_network_share(folder: Path) -> bool:
    """Whether the folder is on a network share, as far as the system tells; False when it does not."""
    if sys.platform == "win32":
        return _is_remote_drive(folder)
    if not _MOUNTS.exists():
        return False
    text = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    return filesystem_type(folder, text) in NETWORK_TYPES


def mount_points() -> tuple[Path, ...]:
    """The places where other file systems begin, as far as the system says without accessing any of them."""
    if not _MOUNTS.exists():
        return ()
    text = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    rows = (line.split(" ") for line in text.splitlines())
    return tuple(Path(_unescaped(row[1])) for row in rows if len(row) > 2)


def filesystem_type(folder: Path, mounts: str) -> str:
    """The type of the file system that holds `folder`, by a table as in /proc/mounts; "" when unknown."""
    place = os.path.realpath(folder)
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = _unescaped(fields[1])
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        # A later mount covers an earlier one on the same point.
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def _unescaped(point: str) -> str:
    for escape, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(escape, character)
    return point


if sys.platform == "win32":
    import ctypes

    _DRIVE_REMOTE = 4

    def _is_remote_drive(folder: Path) -> bool:
        root = os.path.splitdrive(os.path.realpath(folder))[0] + "\\"
        return bool(ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE)

else:

    def _is_remote_drive(_folder: Path) -> bool:
        return False
