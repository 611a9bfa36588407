"""Two studies that are merged by export and import come to the same, whichever of them has joined labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.exchange.bundle import bundle_of_study
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.import_readings import import_into
from app.core.exchange.join_labels import join_labels
from app.core.exchange.label_joins import propose_joins
from app.core.reading import person
from app.core.same_names import recording_key
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.edits import SetAnswer, SetMark, SetNote
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import Clip

OPEN = SealedFrom(())
_IDS = st.sampled_from([feature.id for feature in FEATURES[:4]])
_SAYS = st.tuples(
    _IDS,
    st.sampled_from(Presence),
    st.sampled_from(["answer", "note", "mark"]),
    st.integers(0, 50),
)
_STEPS = st.lists(st.one_of(st.just("join"), st.just("part"), _SAYS), max_size=8)


def _take(study: Study, steps: Sequence[Any], who: str, video: Clip, names: dict[str, str]) -> None:
    """Say and join what the steps say; `who` says something, wherever the recording stands then."""
    for step in steps:
        if step == "join":
            _join(study, video, names)
        elif step == "part":
            number = next((row.id for row in study.recordings() if row.has_video), None)
            if number is not None:
                study.undo(number)
        else:
            _say(study, who, step)


def _join(study: Study, video: Clip, names: dict[str, str]) -> None:
    study.recording(video)
    for join in propose_joins(study, names).joins:
        join_labels(study, OPEN, join)


def _say(study: Study, who: str, step: tuple[str, Presence, str, int]) -> None:
    feature, presence, what, second = step
    number = study.recordings()[0].id
    full = study.full_reading(number, person(who), viewer=None)
    reader, before = full.reading.reader, full.reading.answer(feature)
    after = Answer(feature, presence, second, (Span(second, second + 1),))
    if what == "note":
        study.apply(SetNote(number, reader, feature, full.note(feature), f"{second} s"))
    elif what == "mark":
        mark = Mark(MarkKind.PHASE, float(second), "aura")
        if mark not in full.marks:
            study.apply(SetMark(number, reader, None, mark))
    elif before != after:
        study.apply(SetAnswer(number, reader, before, after))


def _merge(source: Study, target: Study, folder: Path) -> None:
    bundle = bundle_of_study(source)
    if bundle.readings:
        (path,) = export(bundle, folder, FORMATS["json"])
        import_into(target, read(path, FORMATS["json"]), OPEN)


def _said(study: Study) -> list[tuple[Any, ...]]:
    """Everything that is said of the recording, wherever it stands."""
    return sorted(
        (full.reading.reader.name, sorted(full.reading.answers.items()), dict(full.notes), full.marks)
        for row in study.recordings()
        for full in study.full_readings(row.id, viewer=None)
        if full.reading.answers or full.notes or full.marks
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_STEPS, _STEPS, st.booleans(), st.booleans())
def test_studies_come_to_the_same_whichever_has_joined(
    tmp_path_factory: Any, mine: list[Any], theirs: list[Any], ours_first: bool, by_map: bool
) -> None:
    folder: Path = tmp_path_factory.mktemp("studies")
    video = Clip(folder / ("0017.mp4" if by_map else "p01_BED.MP4"))
    names = {recording_key(video.name): "p01_bed"} if by_map else {}
    with (
        Study.open(folder / "a.semioscope", author="Ana") as one,
        Study.open(folder / "b.semioscope", author="Bo") as other,
    ):
        for study, steps, who in ((one, mine, "Ana"), (other, theirs, "Bo")):
            study.recording_without_video("P01_bed")
            # What is said of a video after it was parted from labels of another name belongs to it alone.
            taken = [step for step in steps if not (by_map and step == "part")]
            _take(study, taken, who, video, names)
        order = [(one, other), (other, one)]
        for number, (source, target) in enumerate(order if ours_first else reversed(order)):
            _merge(source, target, folder / f"{number}")
        for study in (one, other):
            _join(study, video, names)
            assert [row.fingerprint for row in study.recordings()] == [video.fingerprint]
            assert study.verify_history() == ()
        assert _said(one) == _said(other)
