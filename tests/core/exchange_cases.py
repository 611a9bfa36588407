"""What the tests of exchange share: generated studies, and one small study that is written out."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

from hypothesis import strategies as st

from app.core.exchange.bundle import Bundle, ExchangedRating, ReadingExtras, ReadRecording, answers_given
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, ConfidenceKind, Laterality, Presence, SideFrom, Span
from app.core.study.marks import Mark, MarkKind, sort_marks
from app.core.study.rating import Particular, Rating, make_sheet

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FORMULAS = st.sampled_from(
    ["=1+1", "+49", "-1", "@SUM(A1)", "\t=x", "\r=x", "'=1", "''=1", "'tis", "n/a", "na", "\\t", "\\&n/a",
     "_x000D_", " space ", 'a "quote", b', "a\r\nb", "<b>&amp;</b>", "]]>", "％", "\x00\x1f", "左 😀",
     "\u2028"]
)  # fmt: skip
TEXT = ANY_TEXT | FORMULAS
NAME = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Cn", "Co"], exclude_characters="\ufffe\uffff"
    ),
    min_size=1,
    max_size=12,
) | st.sampled_from(
    ["=cmd.mp4", "-x.mp4", "@a", "+b", "'q'", "a / clonic", "n/a", "A (2)", "ünï.mp4", "1", "01"]
)
SECONDS = st.floats(0, 100_000, allow_nan=False) | st.integers(0, 600).map(float)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first, second = draw(SECONDS), draw(SECONDS)
    return Span(min(first, second), max(first, second))


@st.composite
def answers(draw: st.DrawFn, feature: str) -> Answer:
    answer = Answer(
        feature,
        draw(st.sampled_from([None, *Presence])),
        draw(st.none() | st.integers(0, 100)),
        tuple(draw(st.lists(spans(), max_size=3))),
        draw(st.sampled_from([None, *Laterality])),
        draw(TEXT),
        draw(st.sampled_from(ConfidenceKind)),
    )
    return draw(changing_sides(answer))


@st.composite
def changing_sides(draw: st.DrawFn, answer: Answer) -> Answer:
    """The answer, with a side that changes where it has one."""
    first = answer.laterality
    if first is None or draw(st.booleans()):
        return answer
    times = sorted(draw(st.lists(st.floats(0, 1e4), min_size=2, max_size=4, unique=True)))
    others = [side for side in Laterality if side is not first]
    sides = cycle((first, others[0]))
    return replace(answer, sides=tuple(SideFrom(time, next(sides)) for time in times))


READERS = st.builds(
    ReaderIdentity,
    st.sampled_from(ReaderKind),
    NAME,
    NAME,
    st.dictionaries(NAME, NAME, max_size=2),
)


MARKS = st.builds(Mark, st.sampled_from(MarkKind), SECONDS, TEXT)

RATED = st.builds(
    ExchangedRating,
    st.sampled_from([feature.id for feature in FEATURES]),
    st.builds(ReaderIdentity, st.just(ReaderKind.PERSON), NAME, NAME, st.just({})),
    st.builds(
        Rating,
        st.integers(1, 5),
        TEXT,
        st.dictionaries(st.sampled_from(Particular), st.booleans()).map(make_sheet),
    ),
    TEXT,
)

BESIDE = st.just(ReadingExtras()) | st.builds(
    ReadingExtras,
    st.dictionaries(st.sampled_from([feature.id for feature in FEATURES]), TEXT.filter(bool), max_size=2),
    st.lists(MARKS, max_size=3).map(sort_marks),
    st.lists(RATED, max_size=2, unique_by=lambda one: (one.feature, one.rater.name)).map(tuple),
)

ROWS = st.dictionaries(NAME, st.none() | st.integers(-(2**63), 2**63 - 1) | SECONDS | TEXT, max_size=4)
"""Rows of a history: JSON gives back whatever a study writes into them."""


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    """Up to two recordings with up to two readings each, with everything that a reading can hold."""
    entries = []
    for name in draw(st.lists(NAME, max_size=2, unique=True)):
        sha256 = draw(st.sampled_from(["", "ab" * 32, "0" * 64, "1" * 64]))
        recording = RecordingIdentity(name, sha256, draw(SECONDS))
        readers = draw(st.lists(READERS, max_size=2, unique_by=repr))
        readings = tuple(Reading(recording, reader, draw(some_answers())) for reader in readers)
        beside = tuple(draw(st.lists(BESIDE, min_size=len(readings), max_size=len(readings))))
        beside = beside if any(each != ReadingExtras() for each in beside) else ()
        entries.append(ReadRecording(recording, readings, draw(st.sampled_from(["", "f" * 64])), beside))
    return Bundle(tuple(entries), tuple(draw(st.lists(ROWS, max_size=2))))


@st.composite
def some_answers(draw: st.DrawFn) -> dict[str, Answer]:
    features = draw(st.lists(st.sampled_from([feature.id for feature in FEATURES]), max_size=3, unique=True))
    return answers_given({feature: draw(answers(feature)) for feature in features})


RECORDING = RecordingIdentity("event.mp4", "ab" * 32, 61.25)
ANA = ReaderIdentity(ReaderKind.PERSON, "Ana", "1")
SIGNAL = ReaderIdentity(ReaderKind.SIGNAL, "signal", "1", {"rules": "2026-11"})

SMALL = Bundle(
    (
        ReadRecording(
            RECORDING,
            (
                Reading(
                    RECORDING,
                    ANA,
                    {
                        "tonic": Answer("tonic", Presence.NO),
                        "clonic": Answer(
                            "clonic", Presence.YES, 90, (Span(1.5, 2.5), Span(10.0, 20.25)), Laterality.LEFT,
                            "=jerks"
                        ),
                        "head_turning": Answer("head_turning", Presence.YES),
                        "verbal_responsiveness": Answer("verbal_responsiveness", Presence.NOT_ASSESSABLE),
                    },
                ),
                Reading(
                    RECORDING, SIGNAL, {"clonic": Answer("clonic", Presence.YES, 71, (Span(9.0, 19.0),))}
                ),
            ),
        ),
    )
)  # fmt: skip
