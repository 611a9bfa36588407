"""The table of formats, and reading and writing through it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.core.atomic import check_writable, make_folder, write_atomically
from app.core.errors import UserError
from app.core.exchange import long_table, wide_table
from app.core.exchange.bids import Bids
from app.core.exchange.boris import Boris
from app.core.exchange.bundle import Bundle, Imported, join_bundles
from app.core.exchange.codec import Format, load
from app.core.exchange.csv_file import CsvTable
from app.core.exchange.eaf import Eaf
from app.core.exchange.edf_annotations import SUFFIX, EdfAnnotations
from app.core.exchange.fidelity import Fidelity, Text, Times, kept_parts
from app.core.exchange.folder_search import find_files, name_below
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.study_json import StudyJson
from app.core.exchange.xlsx_file import XlsxTable
from app.core.exports import exporting_to

_WIDE = Fidelity(Times.NONE, details=False)
_XLSX_LONG = Fidelity(Times.MICROSECONDS, Text.CELL)
_XLSX_WIDE = Fidelity(Times.NONE, Text.CELL, details=False)
_MARKED = Fidelity(Times.MICROSECONDS, details=False, marks=True)
_EVERYTHING = Fidelity(without_readings=True, everything_beside=True)

FORMATS: dict[str, Format] = {
    row.id: row
    for row in (
        Format("csv-long", ".csv", True, Fidelity(),
               CsvTable(long_table.to_rows, long_table.from_table)),
        Format("csv-wide", ".csv", True, _WIDE,
               CsvTable(wide_table.to_rows, wide_table.from_table)),
        Format("xlsx-long", ".xlsx", True, _XLSX_LONG,
               XlsxTable(long_table.to_rows, long_table.from_table)),
        Format("xlsx-wide", ".xlsx", True, _XLSX_WIDE,
               XlsxTable(wide_table.to_rows, wide_table.from_table)),
        Format("eaf", ".eaf", False, Fidelity(Times.MILLISECONDS_LONG, Text.XML), Eaf()),
        Format("boris", ".boris", True, Fidelity(Times.MILLISECONDS, Text.XML), Boris(),
               (".boris.gz",)),
        Format("bids", "_events.tsv", False, Fidelity(seizure=True), Bids(), nested=True),
        Format("edf", SUFFIX, False, _MARKED, EdfAnnotations()),
        Format("json", ".json", True, _EVERYTHING, StudyJson()),
    )
}  # fmt: skip
"""Every format by its id; a new one is a file of this room and a row here."""


CheckPaths = Callable[[tuple[Path, ...]], object]
"""Raises UserError where something must not be written."""


def nothing_checked(_paths: tuple[Path, ...]) -> None:
    """What exists is replaced, as where a person has been asked."""


def export(
    bundle: Bundle,
    target: Path,
    format_: Format,
    check: CheckPaths = nothing_checked,
    *,
    replace: bool = True,
) -> tuple[Path, ...]:
    """Write the bundle, and give the paths that were written.

    `target` is a folder (made when it is missing), or, for a format in one file, the name of that
    file. Each file is whole or not there; `check` is called with the paths first; what exists is
    kept without `replace`. Raises UserError.
    """
    return write_files(files_of(bundle, target, format_, check), replace=replace)


def files_of(
    bundle: Bundle, target: Path, format_: Format, check: CheckPaths = nothing_checked
) -> Mapping[Path, bytes]:
    """What `export` writes, by path; nothing is written but a missing folder. Raises UserError where that
    cannot be, or `check` refuses it."""
    one_file = format_.single and target.suffix.lower() == format_.suffix and not target.is_dir()
    folder = target.parent if one_file else target
    if not one_file:
        make_folder(folder)
    files = format_.codec.write(bundle, target.stem if one_file else "semioscope")
    paths = [folder / file.name for file in files]
    if one_file:
        paths = [target]
    check(tuple(paths))
    for path in paths:
        check_writable(path)
    return {path: file.content for path, file in zip(paths, files, strict=True)}


def write_files(files: Mapping[Path, bytes], *, replace: bool = True) -> tuple[Path, ...]:
    """Write these files, of one folder, each whole or not at all; gives their paths. Raises UserError."""
    with contextlib.ExitStack() as stack:
        for folder in {path.parent for path in files}:
            stack.enter_context(exporting_to(folder))
        for path, content in files.items():
            write_atomically(path, content, replace=replace)
    return tuple(files)


def read(path: Path, format_: Format, meaning: Meaning = NOTHING_MAPPED) -> Imported:
    """What a file holds, or all files of the format in a folder. Raises UserError in one sentence.

    In a folder hidden files, links and files that programs leave behind are passed over; a file that cannot
    be understood is left out and named, unless no other is left.
    """
    if not path.is_dir():
        return format_.codec.read(load(path), meaning)
    found = find_files(path, format_)
    if not found.paths:
        passed = "".join(f" {remark}" for remark in found.remarks)
        raise UserError(f"The folder “{path.name}” holds no file that ends in {format_.suffix}.{passed}")
    read_: list[tuple[str, Imported]] = []
    faults = [*found.remarks]
    for entry in found.paths:
        name = name_below(entry, path)
        try:
            read_.append((name, format_.codec.read(load(entry), meaning)))
        except UserError as error:
            faults.append(f"{name} was left out: {error}")
    if not read_:
        raise UserError(faults[len(found.remarks)])
    return _joined(read_, faults)


def _joined(read_: Sequence[tuple[str, Imported]], faults: Sequence[str]) -> Imported:
    remarks = [f"{name}: {remark}" for name, each in read_ for remark in each.remarks]
    asides = tuple(f"{name}: {aside}" for name, each in read_ for aside in each.asides)
    unknown = dict.fromkeys(one for _, each in read_ for one in each.unknown)
    subjects = dict.fromkeys(one for _, each in read_ for one in each.subjects)
    bundles = (_placed(each.bundle, name) for name, each in read_)
    return Imported(join_bundles(bundles), (*remarks, *faults), tuple(unknown), tuple(subjects), asides)


def _placed(bundle: Bundle, name: str) -> Bundle:
    """The bundle with the file's name in every place."""
    entries = (
        replace(entry, places=tuple(_in_file(places, one.answers, name) for one, places in
                                    zip(entry.readings, entry.all_places(), strict=True)))
        for entry in bundle.recordings
    )  # fmt: skip
    return replace(bundle, recordings=tuple(entries))


def _in_file(places: Mapping[str, str], features: Iterable[str], name: str) -> dict[str, str]:
    """The places of the answers with the file's name; that of "" is of everything else."""
    return {
        feature: f"{places[feature]} of “{name}”" if feature in places else f"“{name}”"
        for feature in ("", *features)
    }


def suffix_of(format_id: str) -> str:
    """The suffix of a format in one file; "" when it writes a folder of files."""
    row = FORMATS[format_id]
    return row.suffix if row.single else ""


def parts_kept(format_id: str) -> tuple[tuple[str, str], ...]:
    """Every part of a study and what a file of this format keeps of it, in words."""
    return kept_parts(FORMATS[format_id].fidelity)


def describe_fidelity(format_id: str) -> str:
    """A sentence on what a file of this format keeps."""
    keeps = FORMATS[format_id].fidelity
    details = "are kept" if keeps.details else "are not"
    parts = (_kept_times(keeps), f"confidence, side and explanation {details}", _kept_beside(keeps))
    return f"Every presence, recording and reader is kept. {'; '.join(parts)}."


def _kept_times(keeps: Fidelity) -> str:
    words = {"exact": "are kept exactly", "not kept": "are not kept"}
    return f"Times {words.get(keeps.times, f'are kept {keeps.times}')}"


def _kept_beside(keeps: Fidelity) -> str:
    if keeps.everything_beside:
        return "notes, marks, ratings and the history too"
    if keeps.marks:
        return "the seizure's onset, end and phases, but no notes, ratings or history"
    if keeps.seizure:
        return "the seizure's onset and end, but no notes, phases, ratings or history"
    return "notes, marks, ratings and history are not"
