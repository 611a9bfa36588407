"""Which files are tables, told by their names alone, so that nothing that reads tables has to be loaded."""

from __future__ import annotations

from pathlib import Path

_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm")


def is_table(path: Path) -> bool:
    """Whether the file's name ends like that of a table, in capitals or not."""
    return path.suffix.casefold() in _SUFFIXES


def table_patterns() -> str:
    """The patterns of their names for a dialog that chooses files, in small letters and in capitals."""
    patterns = " ".join(f"*{suffix}" for suffix in _SUFFIXES)
    return f"{patterns} {patterns.upper()}"
