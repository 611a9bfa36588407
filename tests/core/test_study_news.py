"""What is said of an open recording that was changed elsewhere: what is shown, never what is withheld."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.study.content import Content
from app.core.study.full_reading import FullReading
from app.core.study.my_reading import MyReading
from app.core.study.study_news import CHANGED_ELSEWHERE, news

RECORDING = RecordingIdentity("clip.mp4", "f" * 64, 9.0)


def reading(reader: ReaderIdentity) -> Reading:
    return Reading(RECORDING, reader, {})


BEFORE = Content(reading(person("Ana")), others=(reading(person("Ben")),))


def test_a_colleagues_note_is_news() -> None:
    noted = replace(BEFORE, beside=(FullReading(reading(person("Ben")), {"tonic": "left first"}),))
    assert news(BEFORE, noted) == CHANGED_ELSEWHERE
    assert news(noted, noted) == ""


@pytest.mark.parametrize(
    "mine", [MyReading(notes={"tonic": "left"}), MyReading(locked=True), MyReading(revealed=True)]
)
def test_what_i_did_in_another_window_is_news(mine: MyReading) -> None:
    assert news(BEFORE, replace(BEFORE, my_reading=mine)) == CHANGED_ELSEWHERE


def test_nothing_is_said_of_what_is_withheld() -> None:
    mine = MyReading(withheld=("Cem",), known=(person("Cem"),), people=("Ana", "Cem"))
    assert news(BEFORE, replace(BEFORE, my_reading=mine)) == ""
