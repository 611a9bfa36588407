"""What the window knows after an edit of mine is what the study says, whatever was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.core.semiology import Laterality, Presence, Span
from app.core.study.content import Content
from app.ui.session.session import Session
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

_FEATURES = st.sampled_from(["tonic", "clonic"])
_SPANS = st.sampled_from([Span(0.2, 0.6), Span(0.4, 1.0), Span(1.2, 1.6), Span(0.0, 1.9)])
_STEPS = st.one_of(
    st.tuples(st.just("answer"), _FEATURES, st.none() | st.sampled_from(Presence)),
    st.tuples(st.just("add"), _FEATURES, _SPANS),
    st.tuples(st.just("move"), _FEATURES, _SPANS),
    st.tuples(st.just("remove"), _FEATURES),
    st.tuples(st.just("side"), st.sampled_from(Laterality)),
    st.tuples(st.just("confidence"), st.sampled_from([None, 0, 70])),
    st.tuples(st.just("note"), _FEATURES, st.sampled_from(["", "left arm"])),
    st.tuples(st.just("onset"), st.sampled_from([None, 0.5, 1.0])),
    st.tuples(st.just("phase"), st.sampled_from([0.5, 1.0])),
    st.tuples(st.sampled_from(["undo", "undo", "redo"])),
)


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        yield session


def do(session: Session, step: tuple[Any, ...]) -> None:
    labels, (what, *given_) = session.labels, step
    if what == "answer":
        session.answers.answer(*given_)
    elif what == "add":
        labels.add_span(*given_)
    elif what in {"move", "remove"}:
        held = session.answers.mine.answer(given_[0]).evidence
        if held:
            getattr(labels, f"{what}_span")(given_[0], held[0], *given_[1:])
    elif what == "side":
        labels.toggle_side(*given_)
    elif what == "confidence":
        labels.set_confidence(*given_)
    elif what == "note":
        labels.set_note(*given_)
    elif what == "onset":
        labels.marks.set("onset", *given_)
    elif what == "phase":
        labels.marks.add_phase(given_[0], "tonic")
    else:
        getattr(session.undoing, what)()


def said(content: Content) -> object:
    given_ = {feature: one for feature, one in content.mine.answers.items() if one != type(one)(feature)}
    mine = content.my_reading
    return given_, dict(mine.notes), mine.marks, mine.locked, content.others


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(_STEPS, max_size=14))
def test_it_is_what_the_study_says(session: Session, steps: list[tuple[Any, ...]]) -> None:
    session.selection.select("tonic")
    for step in steps:
        session.status.show_message("")
        do(session, step)
        # The same phase a second time is refused.
        assert session.status.message == "" or step[0] == "phase"
        known = said(session.study.content)
        session.study.of_recording.load()
        assert said(session.study.content) == known, step
