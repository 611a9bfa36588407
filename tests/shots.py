"""`make shots`: pictures of the real window on the demonstration, for the eye and for the docs.

Every picture is the whole window on a virtual screen, drawn after the reader has answered.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.core.semiology import Presence
from benchmarks.screen import virtual_screen

DRAWN_AT = 33.2
"""Seconds into the demonstration: the tonic phase."""
SELECTED = "tonic"
TICKED = (
    ("occur_during_sleep", Presence.NO),
    ("arm_flexion", Presence.YES),
    ("arm_straightening", Presence.YES),
    ("figure4", Presence.YES),
    ("tonic", Presence.YES),
    ("clonic", Presence.YES),
    ("pelvic_thrusting", Presence.NO),
    ("close_eyes", Presence.NO),
    ("eye_blinking", Presence.NOT_ASSESSABLE),
    ("verbal_responsiveness", Presence.NO),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: the size of the screen in pixels, the theme, and Qt's scale."""

    name: str
    width: int
    height: int
    theme: str
    scale: float = 1.0
    empty: bool = False
    dialogs: bool = False


SHOTS = (
    Shot("1280x800-dark", 1280, 800, "dark"),
    Shot("1280x800-light", 1280, 800, "light"),
    Shot("1920x1080-dark", 1920, 1080, "dark"),
    Shot("1920x1080-light", 1920, 1080, "light"),
    Shot("2560x1600-dark-200", 2560, 1600, "dark", scale=2.0),
    Shot("1280x800-dark-empty", 1280, 800, "dark", empty=True),
    Shot("dialogs-dark-200", 2560, 1600, "dark", scale=2.0, dialogs=True),
    Shot("dialogs-light", 1280, 800, "light", dialogs=True),
)


PHANTOMS = "phantoms"
SEEDS = range(1, 10)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/shots"))
    parser.add_argument("--only", help="the name of one picture")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    out = args.out.absolute()
    if args.child:
        draw(next(shot for shot in SHOTS if shot.name == args.child), out)
        return 0
    out.mkdir(parents=True, exist_ok=True)
    for shot in SHOTS:
        if args.only in (None, shot.name):
            with virtual_screen(shot.width, shot.height) as display:
                environment = os.environ | {
                    "DISPLAY": display,
                    "QT_QPA_PLATFORM": "xcb",
                    "QT_SCALE_FACTOR": f"{shot.scale:g}",
                    "SEMIOSCOPE_HOME": str(out / "home"),
                }
                command = [sys.executable, "-m", "tests.shots", "--out", str(out), "--child", shot.name]
                subprocess.run(command, check=True, env=environment)
            print(out / f"{shot.name}.png")  # noqa: T201
    if args.only in (None, PHANTOMS):
        draw_phantoms(out / f"{PHANTOMS}.jpg")
        print(out / f"{PHANTOMS}.jpg")  # noqa: T201
    return 0


def draw(shot: Shot, out: Path) -> None:
    """Open the window, bring it into the state of the picture, and write it."""
    from benchmarks.window import answered, settle, shown_window, wait_for
    from tests.shots_of_dialogs import draw_dialogs

    with shown_window(round(shot.width / shot.scale), round(shot.height / shot.scale)) as (window, session):
        window.move(0, 0)
        session.appearance.set_mode(shot.theme)  # type: ignore[arg-type]
        if not shot.empty:
            session.opening.open_demonstration()
            wait_for(
                session, lambda: answered(session) and session.analysis.work is None, "the reader's answers"
            )
            for feature, presence in TICKED:
                session.answers.answer(feature, presence)
            session.selection.select(SELECTED)
            session.playback.seek(DRAWN_AT)
        settle(2.0)
        if shot.dialogs:
            draw_dialogs(window, out / shot.name)
        if not window.grab().save(str(out / f"{shot.name}.png")):
            raise OSError(f"{shot.name} could not be written")


def draw_phantoms(place: Path) -> None:
    """One picture of nine phantoms: what the seed changes in build, clothing, bed, light and camera."""
    import cv2
    import numpy as np

    from app.core.phantom.random_course import random_script
    from app.core.phantom.render import phantom_frame

    drawn = [phantom_frame(random_script(seed, 30.0), 12.0) for seed in SEEDS]
    small = [cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA) for picture in drawn]
    sheet = np.vstack([np.hstack(small[row : row + 3]) for row in range(0, len(small), 3)])
    if not cv2.imwrite(str(place), sheet, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise OSError(f"{place.name} could not be written")


if __name__ == "__main__":
    sys.exit(main())
