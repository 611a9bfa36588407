"""A study of a recording with an EEG whose header, name and annotations name a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from app.core.eeg.content_hash import content_hash
from app.core.eeg.edf_writing import WrittenAnnotation, WrittenChannel, WrittenStretch, edf_bytes
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.sync import MarkPair, Sync
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from app.core.study.edits import AttachEeg, SetBlindByDefault, SetMark
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, stored_eeg
from tests.core.eeg_files import PATIENT, TECHNICIAN
from tests.core.study_cases import ANA, Clip

BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
NOBODY = RecordingIdentity("", "", 0)
ONSET = 23.5
SYNC = AgreedSync(Sync(-10.0), "two claps", (MarkPair(12.0, 2.0), MarkPair(312.0, 302.0)))


LABELS = ("EEG Fp1-REF", "EEG F7-REF", "ECG")


def write_named_eeg(
    path: Path, seconds: int = 60, labels: Sequence[str] = LABELS, prefilter: str = ""
) -> None:
    """A file whose header, name and annotations name a person; its first channel steps at 33.5 s."""
    values = np.zeros(seconds * 100)
    values[3350:] = 100.0
    channels = [WrittenChannel(label, Fraction(100), prefilter=prefilter) for label in labels]
    stretch = WrittenStretch(Fraction(0), (values, *[values * 0] * (len(labels) - 1)))
    notes = (WrittenAnnotation(33.0, None, "Harry smiles"),)
    start = datetime(2026, 3, 2, 8, 15)  # noqa: DTZ001 - EDF has local times
    raw = bytearray(edf_bytes(channels, [stretch], notes, start=start))
    raw[8:88], raw[88:168] = PATIENT.encode().ljust(80), TECHNICIAN.encode().ljust(80)
    path.write_bytes(raw)


def make_eeg_study(tmp_path: Path, labels: Sequence[str] = LABELS, prefilter: str = "") -> Path:
    """A recording that Ana has read, with her onset, and an EEG whose file name names a person."""
    folder, eeg = tmp_path / "Night.semioscope", tmp_path / "Haagse Harry.edf"
    write_named_eeg(eeg, labels=labels, prefilter=prefilter)
    with opened_eeg(eeg) as file:
        fingerprint = content_hash(file)
    with Study.open(folder, author="Ana") as opened:
        opened.apply(SetBlindByDefault(before=True, after=True))
        number = opened.recording(Clip(tmp_path / "a.mp4", "a" * 64))
        opened.keep_reading(number, Reading(NOBODY, ANA, {"clonic": Answer("clonic", Presence.YES)}))
        opened.keep_reading(number, Reading(NOBODY, BO, {"clonic": Answer("clonic", Presence.NO)}))
        opened.apply(SetMark(number, ANA, None, Mark(MarkKind.ONSET, ONSET)))
        stored = stored_eeg(eeg, fingerprint, eeg.stat().st_size, folder, SYNC)
        opened.apply(AttachEeg(number, None, stored))
    return folder
