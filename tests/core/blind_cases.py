"""A study of two recordings that Ana and Bo read blind, and in which Ana changed answers after the reveal."""

from __future__ import annotations

from pathlib import Path

from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import LockReading, SetAnswer, SetBlindByDefault
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip

BO = person("Bo")
YES, NO = Presence.YES, Presence.NO


def read_blind(folder: Path) -> Study:
    """The study with nothing locked yet: both said no to everything, the signal reader yes to tonic."""
    study = Study.open(folder, author="Ana")
    study.apply(SetBlindByDefault(True, True))
    for name in ("one.mp4", "two.mp4"):
        number = study.recording(Clip(folder.parent / name, fingerprint=name[0] * 64))
        said = {one.id: Answer(one.id, NO) for one in FEATURES}
        for reader in (ANA, BO):
            study.keep_reading(number, Reading(RecordingIdentity("", "", 0), reader, said))
        said["tonic"] = Answer("tonic", YES)
        study.keep_reading(number, Reading(RecordingIdentity("", "", 0), SIGNAL, said))
    return study


def lock_all(study: Study, *readers: ReaderIdentity) -> None:
    for row in study.recordings():
        for reader in readers:
            study.apply(LockReading(row.id, reader))
            study.reveal(row.id, reader)


def change(study: Study, number: int, answer: Answer, reader: ReaderIdentity = ANA) -> None:
    """Answer otherwise than before."""
    study.apply(
        SetAnswer(number, reader, study.reading(number, reader, viewer=None).answer(answer.feature), answer)
    )


def changed_study(folder: Path) -> Study:
    """Both have locked; Ana then said yes to tonic in both recordings, as the signal reader does."""
    study = read_blind(folder)
    lock_all(study, ANA, BO)
    for row in study.recordings():
        change(study, row.id, Answer("tonic", YES))
    return study
