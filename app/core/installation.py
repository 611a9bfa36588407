"""What is installed where: versions, folders, licences, and a report for a question about the program."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distributions, version
from pathlib import Path

from app import __version__
from app.core.folders import cache_folder, log_folder, settings_folder, studies_folder

_REPORTED = ("PySide6-Essentials", "numpy", "scipy", "av", "mediapipe", "onnxruntime", "scikit-learn")


@dataclass(frozen=True, slots=True)
class AccountFolder:
    """A folder of the account: what is in it, and where it is."""

    holds: str
    path: Path


def account_folders() -> tuple[AccountFolder, ...]:
    """The folders outside of studies next to their recordings; removing the program leaves them."""
    return (
        AccountFolder("Settings", settings_folder()),
        AccountFolder("Studies of recordings in folders that cannot be written", studies_folder()),
        AccountFolder("What can be computed again", cache_folder()),
        AccountFolder("Logs", log_folder()),
    )


def is_bundled() -> bool:
    """Whether the program runs from a bundle, without Python."""
    return bool(getattr(sys, "frozen", False))


def installation_report() -> str:
    """Versions and system as text to be sent with a question; nothing of recordings, accounts or folders."""
    origin = "bundle" if is_bundled() else "source or package"
    lines = [
        f"Semioscope {__version__} ({origin})",
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}, {platform.machine()}",
        *(f"{name} {found}" for name in _REPORTED if (found := _version(name))),
    ]
    return "\n".join(lines)


def package_licences() -> tuple[tuple[str, str], ...]:
    """Name with version, and licence as the package states it, of every installed package by name."""
    found = {_named(one): _licence(one) for one in distributions() if one.name}
    return tuple(sorted(found.items(), key=lambda row: row[0].casefold()))


def _named(package: Distribution) -> str:
    return f"{package.name} {package.version}"


def _licence(package: Distribution) -> str:
    """The licence in a few words; a whole text in its place is cut at its first line."""
    about = package.metadata
    stated = [about.get_all(name) or [] for name in ("License-Expression", "License")]
    kinds = [
        one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License")
    ]
    return next(_lines([*stated[0], *kinds, *stated[1]]), "see its files")


def _lines(texts: Iterable[str]) -> Iterator[str]:
    return (text.strip().splitlines()[0] for text in texts if text.strip())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
