"""The keys of other keyboards in the real window: answering, rating and deciding write what is meant.

Keys are pressed by their place on the keyboard (X keycodes), so that the layout decides what they are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.reading import Reading
from app.core.semiology import Presence
from app.core.study.consensus import is_consensus
from app.core.study.store import Study
from tests.e2e.key_study import RATED, make_key_study
from tests.e2e.program import Program, wait_until

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("setxkbmap") is None, reason="layouts are set with setxkbmap"),
]

SHIFT, DIGIT_3, N, Y_OF_US, Y_OF_DE, BACKSPACE = 50, 12, 57, 29, 52, 22


@dataclass(frozen=True)
class Layout:
    """A layout of X with the place of the key on which Y is printed, and of those that write 3."""

    name: str
    yes: int
    three: tuple[int, ...]


LAYOUTS = (
    Layout("us", Y_OF_US, (DIGIT_3,)),
    Layout("de", Y_OF_DE, (DIGIT_3,)),
    Layout("fr", Y_OF_US, (SHIFT, DIGIT_3)),
    Layout("cz", Y_OF_DE, (SHIFT, DIGIT_3)),
    Layout("ru,us", Y_OF_US, (DIGIT_3,)),
    Layout("gr,us", Y_OF_US, (DIGIT_3,)),
    Layout("ru", Y_OF_US, (DIGIT_3,)),
    Layout("gr", Y_OF_US, (DIGIT_3,)),
)


class Typist:
    """Presses keys by place on a display whose layout it sets."""

    def __init__(self, program: Program, study: Path) -> None:
        self.program, self.study = program, study

    def use(self, layout: str) -> None:
        self._run("setxkbmap", layout)
        # The program hears of the new layout by an event that nothing confirms; a harmless key follows it.
        self.press(SHIFT)

    def press(self, *keys: int) -> None:
        downs = [word for key in keys[:-1] for word in ("keydown", str(key))]
        ups = [word for key in reversed(keys[:-1]) for word in ("keyup", str(key))]
        self._run("xdotool", *downs, "key", "--delay", "120", str(keys[-1]), *ups)

    def _run(self, *words: str) -> None:
        environment = {**os.environ, "DISPLAY": self.program.display}
        subprocess.run(words, env=environment, timeout=60, check=True, capture_output=True)

    def until(self, found: Callable[[], Sized], count: int, what: str) -> None:
        """Wait until so many are found on disk."""
        wait_until(lambda: len(found()) == count, what)

    def readings(self) -> tuple[Reading, ...]:
        with Study.open(self.study, author="test", create=False, shared=True) as study:
            return study.readings(1, viewer=None)

    def own(self) -> dict[str, Presence | None]:
        """What the person at the screen has answered."""
        others = {"Coder A", "Coder B", "Consensus"}
        mine = [
            one for one in self.readings() if one.reader.kind == "person" and one.reader.name not in others
        ]
        return {
            name: one.presence for reading in mine for name, one in reading.answers.items() if one.presence
        }

    def decided(self) -> dict[str, Presence | None]:
        found = next((one for one in self.readings() if is_consensus(one.reader)), None)
        return {} if found is None else {name: one.presence for name, one in found.answers.items()}

    def scores(self) -> list[int]:
        with Study.open(self.study, author="test", create=False, shared=True) as study:
            return [one.rating.score for one in study.ratings(recording_id=1, viewer=None)]


def say_who_reads(program: Program, home: Path) -> None:
    """Press the first button of the question, that of the account, as soon as it is there."""
    settings = home / "settings" / "settings.json"

    def said() -> bool:
        text = settings.read_text(encoding="utf-8") if settings.exists() else ""
        if '"author": "' in text and '"author": ""' not in text:
            return True
        program.keys("Return")
        return False

    wait_until(said, "the name of who reads")


@pytest.fixture(scope="module")
def typist(brief: Path, display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    folder = tmp_path_factory.mktemp("keys")
    film = Path(shutil.copy(brief, folder / "film.mp4"))
    study = make_key_study(film)
    home = folder / "home"
    home.mkdir()
    program = Program(film, home, display, folder / "program.log")
    try:
        program.start()
        typist = Typist(program, study)
        say_who_reads(program, home)
        # Keys that answer do so only once the recording is open; its analysis comes after that.
        wait_until(lambda: any(one.reader.is_rule_based for one in typist.readings()), "the analysis")
        program.keys("Home")
        yield typist
    finally:
        subprocess.run(["setxkbmap", "us"], env={**os.environ, "DISPLAY": display}, check=False)
        program.end()


def test_the_key_that_is_labelled_y_answers_yes(typist: Typist) -> None:
    for layout in LAYOUTS:
        typist.use(layout.name)
        typist.press(SHIFT, layout.yes)
        wait_until(lambda: list(typist.own().values()) == [Presence.YES], f"yes on {layout.name}")
        typist.press(BACKSPACE)
        wait_until(lambda: not typist.own(), f"no answer after {layout.name}")
    typist.use("us")


def test_what_writes_3_rates_3_and_answers_nothing(typist: Typist) -> None:
    typist.program.keys("ctrl+shift+f")
    typist.program.keys("Return")
    for count, layout in enumerate(LAYOUTS, 1):
        typist.use(layout.name)
        if len(layout.three) > 1:
            typist.press(DIGIT_3)  # on this layout no digit
        typist.press(*layout.three)
        typist.until(typist.scores, count, f"rating {count} on {layout.name}")
    typist.use("us")
    assert typist.scores() == [3] * len(RATED)
    assert typist.own() == {}


def test_the_key_that_is_labelled_y_decides_yes_in_the_consensus(typist: Typist) -> None:
    typist.program.keys("ctrl+shift+d")
    for count, layout in enumerate(LAYOUTS, 1):
        typist.use(layout.name)
        typist.press(layout.yes)
        typist.until(typist.decided, count, f"decision {count} on {layout.name}")
    typist.use("us")
    assert set(typist.decided().values()) == {Presence.YES}
    assert typist.own() == {}
