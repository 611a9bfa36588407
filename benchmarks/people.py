"""Healthy people in real rooms, as they are and in variants: crashes and false answers of the reader."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.core.jobs import Progress
from app.core.reading import Reading, from_dict, to_dict
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine
from benchmarks.kept_results import KeptResults, folder_of_code, kept_poses, name_with_content
from benchmarks.real_people import FOLDER, VARIANTS, Clip, Tally, clips, reading_of, tally, variant_of

Case = tuple[Clip, str]
"""A clip, and the variant of it that is read."""

_MISSING = "The clips of people (shared/media/people) are not beside the repository."


def run(options: Options) -> Result:
    """`only` takes the cases whose name (`asl_walk.mkv dark`) holds it, `runs` the first so many of them.

    Variants and pose tracks stay in the cache, and so do readings: an interrupted run goes on, and one after
    a change of the rules finds the pose of every recording.
    """
    every = _cases(clips())
    if not every:
        return Result("people", machine(), (), (_MISSING,))
    chosen = [case for case in every if options.only in _name(case)][: options.runs or None]
    kept = KeptResults("people", again=options.again)
    folder = folder_of_code("variants", "benchmarks/real_people.py")
    read: list[tuple[Clip, str, Reading]] = []
    crashed: list[str] = []
    with _faults_noted() as faults, kept_poses():
        for number, case in enumerate(chosen):
            options.report(Progress(f"Reading {_name(case)}", number / len(chosen)))
            try:
                name = f"{name_with_content(FOLDER / case[0].name)} {case[1]}"
                found = kept.result(name, partial(_read, case, folder, faults))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is counted
                crashed.append(f"Crashed: {_name(case)}: {_where(error)}")
            else:
                read.append((*case, from_dict(found["reading"])))
                crashed += (f"Crashed: {_name(case)}: {fault}" for fault in found["faults"])
    notes = (*_notes(len(chosen), len(every)), *kept.note, *crashed, *_told(read))
    return Result("people", machine(), _rows(tally(read), len(chosen), len(crashed)), notes)


def _cases(known: Sequence[Clip]) -> list[Case]:
    """Variant by variant, the shortest clips first: what an interrupted run has read is whole variants."""
    by_length = sorted(known, key=lambda clip: clip.seconds)
    return [(clip, variant) for variant in VARIANTS for clip in by_length]


def _name(case: Case) -> str:
    return f"{case[0].name} {case[1]}"


def _read(case: Case, folder: Path, faults: list[str]) -> dict[str, object]:
    """The reading as its file holds it, and the rules that failed, each of which cost one answer."""
    clip, variant = case
    faults.clear()
    reading = reading_of(variant_of(FOLDER / clip.name, variant, folder))
    return {"reading": to_dict(reading), "faults": list(faults)}


@contextmanager
def _faults_noted() -> Iterator[list[str]]:
    """What the program logs as its fault, which a reading survives."""
    found: list[str] = []

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            found.append(f"{record.getMessage()}: {_where(error)}" if error else record.getMessage())

    noting = Noting(logging.ERROR)
    logging.getLogger("app").addHandler(noting)
    try:
        yield found
    finally:
        logging.getLogger("app").removeHandler(noting)


def _where(error: BaseException) -> str:
    places = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(place.filename).name}, line {place.lineno})" for place in places)
    return f"{type(error).__name__}: {error}{where}"


def _rows(found: Tally, cases: int, crashes: int) -> tuple[Row, ...]:
    accepted = 100 * found.accepted_share if found.answers else 0.0
    silent = 100 * found.accepted_of_silence
    return (
        fact("clips and variants that were read", cases, ""),
        at_most("crashes, of a reading or of one of its rules", crashes, "", 0),
        at_least(f"of {found.answers} answers are accepted", accepted, "%", 97, floor=silent),
        at_most("yes to a pathologic feature that nobody shows", len(found.false_yes), "", 1),
        at_most("no about parts that were never in the picture", len(found.unseen_no), "", 0),
        fact(
            f"of {found.assessable} that a person might answer with yes or no, so many are",
            100 * found.assessed / max(found.assessable, 1),
            "%",
        ),
    )


def _notes(cases: int, every: int) -> tuple[str, ...]:
    about = (
        "As they are, mirrored, turned by 90°, 180° and 270°, dark, blurred, at 2 frames a second, soundless."
    )
    about += " The floor of what is accepted is a reader that calls everything not assessable."
    return (about,) if cases == every else (about, f"A subset: {cases} of {every} clips and variants.")


def _told(read: Sequence[tuple[Clip, str, Reading]]) -> Iterator[str]:
    """How each variant was read, and every answer that is not accepted."""
    for variant in VARIANTS:
        rows = [one for one in read if one[1] == variant]
        found = tally(rows)
        if rows:
            yield (
                f"{variant}: {len(rows)} clips, {100 * found.accepted_share:.1f} % accepted, "
                f"{len(found.false_yes)} false yes, {len(found.unseen_no)} no on parts never seen."
            )
        yield from (f"Not accepted: {line}" for line in found.wrong)
        yield from (f"No on what was never seen: {line}" for line in found.unseen_no)
