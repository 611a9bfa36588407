"""Files as BORIS and ELAN write them, made in the tests, and what a study holds after their import."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.core.study.store import Study
from tests.core.study_cases import Clip

LENGTH = 60.0
VIDEO = "C:/Videos/event.mp4"
CLONIC = (("clonic", "State event"),)

Event = tuple[float, str, str, str]
"""Time, subject, behaviour, modifier, as BORIS writes them."""


@dataclass(frozen=True, slots=True)
class Import:
    """What the command gave, and the answers that the study holds then (`reader: feature`, then what)."""

    code: int
    told: str
    held: Mapping[str, str]


def import_file(
    capsys: pytest.CaptureFixture[str], folder: Path, path: Path, format_id: str, *more: str,
    name: str = "event.mp4",
) -> Import:  # fmt: skip
    """Import into a fresh study of one recording of 60 s by the real command."""
    place = folder / "event.semioscope"
    shutil.rmtree(place, ignore_errors=True)
    with Study.open(place, author="Ana") as study:
        number = study.recording(Clip(folder / name, duration=LENGTH))
    code = main(["import", str(place), str(path), "--format", format_id, "--unsealed", *more])
    said = capsys.readouterr()
    with Study.open(place, author="Ana") as study:
        held = {
            f"{full.reading.reader.name}: {feature}": described(answer)
            for full in study.full_readings(number, viewer=None)
            for feature, answer in full.reading.answers.items()
        }
        marks = {
            f"{full.reading.reader.name}: {mark.kind.value}": f"{mark.seconds:g}"
            for full in study.full_readings(number, viewer=None)
            for mark in full.marks
        }
    return Import(code, said.err + said.out, held | marks)


def described(answer: Any) -> str:
    """An answer as `yes 5-20, 22-25 both`."""
    spans = ", ".join(f"{span.start:g}-{span.end:g}" for span in answer.evidence)
    parts = answer.presence.value if answer.presence else "–", spans, answer.laterality or ""
    return " ".join(part for part in parts if part)


def state(
    start: float, end: float, code: str = "clonic", who: str = "patient", side: str = ""
) -> list[Event]:
    """The two events of a state in BORIS."""
    return [(start, who, code, side), (end, who, code, side)]


def observation(events: Sequence[Event], **more: Any) -> dict[str, Any]:
    """An observation of one video as BORIS writes it."""
    return {
        "file": {"1": [VIDEO], "2": []},
        "type": "MEDIA",
        "time offset": 0.0,
        "events": [[*event, "", 0] for event in events],
        "independent_variables": {},
        "media_info": {"length": {VIDEO: LENGTH}, "fps": {VIDEO: 25.0}, "offset": {"1": 0.0}},
        "media_creation_date_as_offset": False,
        **more,
    }


def project(
    observations: Mapping[str, Any],
    behaviours: Sequence[tuple[str, str]] = CLONIC,
    subjects: Sequence[str] = ("patient",),
) -> dict[str, Any]:
    """A project with these observations; `behaviours` are code and type."""
    return {
        "project_format_version": "7.0",
        "subjects_conf": {str(n): {"key": "p", "name": name} for n, name in enumerate(subjects)},
        "behaviors_conf": {str(n): {"code": code, "type": kind} for n, (code, kind) in enumerate(behaviours)},
        "observations": dict(observations),
    }


Annotation = tuple[str, str, str]
"""Two slots, or the annotation that is referred to and "", and the word."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of an ELAN file."""

    name: str
    annotations: Sequence[Annotation]
    annotator: str = "Coder A"
    participant: str = ""
    parent: str = ""
    kind: str = "whole"


def eaf(
    tiers: Sequence[Tier],
    slots: Mapping[str, int | None],
    *,
    media: str = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/x/event.mp4" MIME_TYPE="video/mp4"{}/>',
    more: str = "",
    units: str = "milliseconds",
) -> bytes:
    """An ELAN file; `more` stands in the media's descriptor."""
    order = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + ("/>" if time is None else f' TIME_VALUE="{time}"/>')
        for name, time in slots.items()
    )
    kinds = (("whole", ""), ("child", "Symbolic_Association"), ("parts", "Symbolic_Subdivision"))
    types = "".join(
        f'<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="{name}" CONSTRAINTS="{constraint}"/>'
        for name, constraint in kinds
    )
    return (
        f'<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="{units}">{media.replace("{}", more)}</HEADER>'
        f"<TIME_ORDER>{order}</TIME_ORDER>{''.join(map(_tier, tiers))}{types}</ANNOTATION_DOCUMENT>"
    ).encode()


def _tier(tier: Tier) -> str:
    said = {"ANNOTATOR": tier.annotator, "PARTICIPANT": tier.participant, "PARENT_REF": tier.parent}
    words = "".join(f' {key}="{value}"' for key, value in said.items() if value)
    body = "".join(_annotation(f"{tier.name}-{number}", *one) for number, one in enumerate(tier.annotations))
    return f'<TIER TIER_ID="{tier.name}" LINGUISTIC_TYPE_REF="{tier.kind}"{words}>{body}</TIER>'


def _annotation(name: str, first: str, last: str, word: str) -> str:
    value = f"<ANNOTATION_VALUE>{word}</ANNOTATION_VALUE>"
    if last:
        return (
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="{first}" '
            f'TIME_SLOT_REF2="{last}">{value}</ALIGNABLE_ANNOTATION></ANNOTATION>'
        )
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{first}">{value}'
        "</REF_ANNOTATION></ANNOTATION>"
    )
