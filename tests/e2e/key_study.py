"""A study to press keys in: eight explanations to rate, and eight features on which two persons differ."""

from __future__ import annotations

from pathlib import Path

from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.edits import SetAnswer, SetBlindByDefault
from app.core.study.store import Study, study_folder_for

RATED = tuple(feature.id for feature in FEATURES[:8])
DISPUTED = tuple(feature.id for feature in FEATURES[8:16])
SPAN = (Span(0.5, 1.0),)


def make_key_study(film: Path) -> Path:
    """Make the study beside a recording, which is read open; gives the study's folder."""
    folder = study_folder_for(film)
    with Study.open(folder, author="Coder A", shared=True) as study:
        number = study.recording(open_recording(film))
        study.apply(SetBlindByDefault(True, False))
        for name, disputed in (("Coder A", Presence.YES), ("Coder B", Presence.NO)):
            study.change_author(name)
            study.apply_all(_answers(number, person(name), disputed))
        model = ReaderIdentity(ReaderKind.MODEL, "Model M", "1")
        said = {one: Answer(one, Presence.YES, 80, SPAN, None, "It moved.") for one in RATED}
        study.keep_reading(number, Reading(RecordingIdentity(film.name, "", 3.0), model, said))
    return folder


def _answers(number: int, reader: ReaderIdentity, disputed: Presence) -> list[SetAnswer]:
    agreed = [Answer(one, Presence.YES, None, SPAN, Laterality.LEFT) for one in RATED]
    answers = [*agreed, *(Answer(one, disputed) for one in DISPUTED)]
    return [SetAnswer(number, reader, Answer(one.feature), one) for one in answers]
