"""Join labels that a study keeps alone with the recording of their video: shown first, then one undo.

Everything that was said of the labels alone is said of the video's recording afterwards: answers with their
evidence, notes, marks, ratings, patient data. Decision 0014 says why it is moved by edits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.core.errors import UserError
from app.core.exchange.bundle import ReadRecording
from app.core.exchange.import_readings import UNSETTLED
from app.core.exchange.joined_readings import Alternative, Contradiction, Settlement, join_readings
from app.core.exchange.label_joins import NO_OTHER_NAMES, LabelJoin, Names, propose_joins
from app.core.exchange.moved_content import SaidOfRecording, changes_between, is_empty, said_of
from app.core.exchange.phrases import shorten
from app.core.exchange.said_answers import without_repeated_spans
from app.core.exchange.within_recording import within_recording
from app.core.reading import ReaderIdentity, RecordingIdentity
from app.core.semiology import Answer
from app.core.study.change_group import ChangeGroup
from app.core.study.edits import Conflict, Edit, JoinLabels, SetPatientData
from app.core.study.patient_data import FIXED, NO_PATIENT_DATA, PatientData, columns_of, diagnosis_of
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.viewer import NOTHING_SEALED, Seal, Viewer, is_sealed, sealed_from, settle_seal

WITH_VIDEO, LABELS_ALONE = "with the video", "labels alone"
"""Where the sides of a contradiction stand; the first is *earlier* in a settlement, the second *later*."""

_PURPOSE = "join labels"
_ATTEMPTS = 5
_MOST_NAMED = 5
_SEALED = (
    "Answers that are sealed from you stand on both sides of “{}”, so it cannot be shown whether they "
    "contradict each other; lock your own and reveal the others' first."
)
_SEALED_BEYOND = (
    "“{}”: times that are sealed from you, beyond the end of the recording at {:.1f} s, were left out or set "
    "to its end."
)


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """What joining would do: its `edits` in their order, contradictions that nobody has settled, in sentences
    what else is to be known, and what is moved, in a few words for people; or why it cannot be, a `refusal`.
    """

    join: LabelJoin
    edits: tuple[Edit, ...] = ()
    unsettled: tuple[Contradiction, ...] = ()
    remarks: tuple[str, ...] = ()
    moved: str = ""
    refusal: str = ""

    def check(self) -> None:
        """Raises UserError while a contradiction is not settled."""
        if self.unsettled:
            named = "; ".join(one.describe() for one in self.unsettled[:_MOST_NAMED])
            more = len(self.unsettled) - _MOST_NAMED
            rest = f"; and {more} more" if more > 0 else ""
            raise UserError(f"Nothing was joined, because answers contradict each other: {named}{rest}.")


def plan_join(study: Study, viewer: Viewer, join: LabelJoin, settlement: Settlement = UNSETTLED) -> JoinPlan:
    """What `join_labels` would do, without doing it. Answers of one reader on both sides are joined as those
    of several files are; what contradicts is listed. Raises UserError where that would show what is sealed.
    """
    labels, video = join.labels, join.video
    both = {row.id: said_of(study, row.id) for row in (labels, video)}
    sealed = sealed_from(study, viewer)
    _check_shown(study, join, both, sealed)
    hidden = _hidden(study, both, sealed)
    together = _Together(join, both[video.id], both[labels.id], settlement, hidden)
    known = {row.id: study.patient_data(row.id, viewers=()) for row in (labels, video)}
    patient = _PatientSides(join, known[video.id], known[labels.id], settlement)
    if patient.contradictions and is_sealed(study, video.id, sealed):
        raise UserError(_SEALED.format(shorten(video.name)))
    edits = [
        *_taken_away(labels.id, tuple(both[labels.id].values()), known[labels.id]),
        JoinLabels(video.id, labels.name, None),
        *together.edits(),
        *patient.edits(),
    ]
    found = (*together.contradictions, *patient.contradictions)
    unsettled = tuple(one for one in found if not settlement.settles(one))
    return JoinPlan(join, tuple(edits), unsettled, tuple(together.remarks), _moved(study, labels, sealed))


@dataclass(frozen=True, slots=True)
class SeenJoins:
    """What every join that names propose does, and in sentences the names that fit several."""

    plans: tuple[JoinPlan, ...] = ()
    doubts: tuple[str, ...] = ()
    seal: Seal = NOTHING_SEALED


def look_at_joins(
    study: Study,
    viewer: Viewer,
    names: Names = NO_OTHER_NAMES,
    settlement: Settlement = UNSETTLED,
    videos: Collection[int] = (),
) -> SeenJoins:
    """What joining the labels of a study with its videos would do, by the names that `names` maps too; of
    these `videos` (numbers) alone where there are any. Raises UserError when the history cannot be written.
    """
    seal, found = settle_seal(study, viewer, 0, _PURPOSE), propose_joins(study, names)
    joins = [join for join in found.joins if not videos or join.video.id in videos]
    plans = tuple(_plan_or_refusal(study, viewer, join, settlement) for join in joins)
    return SeenJoins(plans, found.doubts, seal)


def join_proposed(
    study: Study,
    viewer: Viewer,
    names: Names = NO_OTHER_NAMES,
    settlement: Settlement = UNSETTLED,
    videos: Collection[int] = (),
) -> SeenJoins:
    """Join what `look_at_joins` proposes, an undo each; a plan with a refusal was left as it is."""
    seen = look_at_joins(study, viewer, names, settlement, videos)
    return replace(seen, plans=tuple(_joined(study, viewer, plan, settlement) for plan in seen.plans))


def _joined(study: Study, viewer: Viewer, plan: JoinPlan, settlement: Settlement) -> JoinPlan:
    try:
        _join_again(study, viewer, plan.join, settlement)
    except UserError as error:
        return replace(plan, refusal=str(error))
    return replace(plan, refusal="")


def _plan_or_refusal(study: Study, viewer: Viewer, join: LabelJoin, settlement: Settlement) -> JoinPlan:
    try:
        return plan_join(study, viewer, join, settlement)
    except UserError as error:
        return JoinPlan(join, refusal=str(error))


def join_labels(
    study: Study, viewer: Viewer, join: LabelJoin, settlement: Settlement = UNSETTLED
) -> ChangeGroup:
    """Give the video's recording all that was said of its labels alone, which stand nowhere else then: all of
    it or nothing, and one undo takes it back.

    Raises UserError while a contradiction is not settled, when a locked reading would change, or something is
    sealed on both sides.
    """
    settle_seal(study, viewer, 0, _PURPOSE)
    return _join_again(study, viewer, join, settlement)


def _join_again(study: Study, viewer: Viewer, join: LabelJoin, settlement: Settlement) -> ChangeGroup:
    why = f"joined with the labels of “{shorten(join.labels.name)}”"
    for _attempt in range(_ATTEMPTS - 1):
        try:
            return _join(study, viewer, join, settlement, why)
        except Conflict:
            continue  # somebody labels meanwhile; what they said is read again
    return _join(study, viewer, join, settlement, why)


def _join(study: Study, viewer: Viewer, join: LabelJoin, settlement: Settlement, why: str) -> ChangeGroup:
    known = {row.id: row for row in study.recordings()}
    labels, video = known.get(join.labels.id), known.get(join.video.id)
    if labels is None or video is None or labels.has_video or not video.has_video:
        raise UserError(f"“{shorten(join.labels.name)}” is no longer kept by its labels alone.")
    plan = plan_join(study, viewer, LabelJoin(labels, video), settlement)
    plan.check()
    return study.apply_all(plan.edits, why=why)


def describe_join(join: LabelJoin) -> str:
    """What was done, as a sentence."""
    return (
        f"The labels of “{shorten(join.labels.name)}” are those of “{shorten(join.video.name)}” now; "
        "undo takes that back."
    )


def _check_shown(
    study: Study,
    join: LabelJoin,
    both: Mapping[int, Mapping[str, SaidOfRecording]],
    sealed: Sequence[ReaderIdentity],
) -> None:
    on_both = frozenset.intersection(*(frozenset(found) for found in both.values()))
    if on_both & _hidden(study, both, sealed) or (
        # Others' ratings are sealed with the recording, also those of a reading that is not.
        any(is_sealed(study, number, sealed) for number in both)
        and any(all(found[key].beside.ratings for found in both.values()) for key in on_both)
    ):
        raise UserError(_SEALED.format(shorten(join.video.name)))


def _hidden(study: Study, numbers: Iterable[int], sealed: Sequence[ReaderIdentity]) -> frozenset[str]:
    """The readers who are sealed in one of these recordings."""
    return frozenset[str]().union(*(study.sealed_readers(number, sealed) for number in numbers))


def _taken_away(number: int, said: Sequence[SaidOfRecording], patient: PatientData) -> Iterator[Edit]:
    """The edits that take away all that is said of a recording."""
    given = [edit for one in said for edit in changes_between(number, one.nothing(), one)]
    yield from (edit.inverse() for edit in reversed(given))
    if patient != NO_PATIENT_DATA:
        yield SetPatientData(number, patient, NO_PATIENT_DATA)


def _moved(study: Study, labels: RecordingRow, sealed: Sequence[ReaderIdentity]) -> str:
    """How many answers of how many readers are moved, as far as the viewer may know."""
    hidden = study.sealed_readers(labels.id, sealed)
    seen = [one.reading for key, one in said_of(study, labels.id).items() if key not in hidden]
    answers = sum(answer != Answer(feature) for one in seen for feature, answer in one.answers.items())
    readers = ", ".join(shorten(one.reader.name) for one in seen[:_MOST_NAMED])
    shown = f"{answers} {'answer' if answers == 1 else 'answers'} of {readers}" if seen else ""
    rest = "what is sealed from you" if hidden else ""
    return " and ".join(filter(None, (shown, rest))) or "no answers"


@dataclass(slots=True)
class _Together:
    """What every reader has said on both sides, while it is joined."""

    join: LabelJoin
    video: Mapping[str, SaidOfRecording]
    labels: Mapping[str, SaidOfRecording]
    settlement: Settlement
    hidden: frozenset[str]
    contradictions: list[Contradiction] = field(default_factory=list)
    remarks: dict[str, None] = field(default_factory=dict)

    def edits(self) -> Iterator[Edit]:
        for key, alone in self.labels.items():
            now = self.video.get(key, alone.nothing())
            then = self._joined(now, alone)
            yield from changes_between(self.join.video.id, now, then)

    def _joined(self, now: SaidOfRecording, alone: SaidOfRecording) -> SaidOfRecording:
        row = self.join.video
        within, beyond = within_recording(alone.in_file(1, LABELS_ALONE), row.name, row.duration)
        if beyond and alone.reading.reader.exact_key in self.hidden:
            # Which times of what these are is sealed.
            beyond = (_SEALED_BEYOND.format(shorten(row.name), row.duration),)
        self.remarks |= dict.fromkeys(beyond)
        readings = [within] if is_empty(now) else [now.in_file(0, WITH_VIDEO), within]
        entries = [ReadRecording(RecordingIdentity(row.name, "", row.duration))] * 2
        joined = join_readings(readings, entries, (row.id, row.id), self.settlement)
        self.contradictions += joined.contradictions
        (one,) = joined.readings
        answers = {
            feature: replace(answer, evidence=without_repeated_spans(answer.evidence))
            for feature, answer in one.reading.answers.items()
        }
        return SaidOfRecording(replace(one.reading, answers=answers), one.beside)


@dataclass(slots=True)
class _PatientSides:
    """Patient data on both sides, while they are joined."""

    join: LabelJoin
    video: PatientData
    labels: PatientData
    settlement: Settlement
    contradictions: list[Contradiction] = field(default_factory=list)

    def __post_init__(self) -> None:
        for title, text in self.labels.texts.items():
            known = self.video.texts.get(title, text)
            if known != text:
                self.contradictions.append(self._contradiction(title, known, text))

    def _contradiction(self, title: str, known: str, text: str) -> Contradiction:
        name = self.join.video.name
        sides = Alternative(WITH_VIDEO, known), Alternative(LABELS_ALONE, text)
        return Contradiction((name, "", f"patient data {title}"), name, "the patient data", title, "", sides)

    def edits(self) -> Iterator[Edit]:
        texts = {**self.labels.texts, **self.video.texts}
        for one in self.contradictions:
            number = self.settlement.number(one)
            texts[one.what] = "" if number is None else one.alternatives[number].text
        free = {title: text for title, text in texts.items() if title not in FIXED}
        after = PatientData(
            texts.get("patient", ""),
            texts.get("event", ""),
            diagnosis_of(texts.get("diagnosis", ""), "The patient data"),
            texts.get("split", ""),
            columns_of(free),
        )
        if after != self.video:
            yield SetPatientData(self.join.video.id, self.video, after)
