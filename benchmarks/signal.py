"""The signal reader against the truth of phantoms: F1 per feature, what lookalikes cost, ordinary people.

As a module it is also the development evaluation: `python -m benchmarks.signal --seeds 1000-1009
--folder DIR` renders, finds the pose once, keeps both in DIR, and prints every wrong answer with its reason.
Thresholds are looked at on seeds from 1000 on only; the benchmark's own seeds (1–40) are never looked at for
that.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core import phantom
from app.core.enhance.pose import DETECTOR_VERSION, pose_track
from app.core.enhance.pose_track import PoseTrack
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.phantom.ordinary_course import ordinary_script
from app.core.phantom.random_course import random_script
from app.core.phantom.render import render_phantom
from app.core.phantom.script import PhantomScript
from app.core.phantom.truth import truth
from app.core.readers.signal.reader import SOUND_RATE, signal_reading
from app.core.reading import Reading, from_json, to_json
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples
from app.core.semiology import FEATURES, Presence
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine

PHANTOMS, ORDINARY, FPS, SECONDS = 40, 8, 25.0, 60.0
HARD_TO_SEE = {"in infrared": "infrared", "under a blanket": "blanket"}
"""What is hard to see, and the field of the phantom's appearance with it; a blanket lies only where it hides
nothing that has to be seen."""
_FIRST_HARD = 101
_CLASSES = (Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE)


@dataclass(frozen=True, slots=True)
class Case:
    """A phantom as the reader gets it: track and sound (16 kHz), and what is true of it."""

    name: str
    track: PoseTrack
    sound: npt.NDArray[np.float32]
    truth: Reading

    def reading(self) -> Reading:
        return signal_reading(self.truth.recording, self.track, self.sound)


@dataclass(frozen=True, slots=True)
class Pair:
    """What is true and what was read of one phantom."""

    name: str
    truth: Reading
    read: Reading


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of *yes* against everything else; `f1` is NaN when nothing was there and nothing was said."""

    right: int
    false: int
    missed: int

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.false + self.missed
        return 2 * self.right / total if total else float("nan")


def case(script: PhantomScript, folder: Path) -> Case:
    """Render a script, find its pose, read its sound; from `folder` when it was done before."""
    key = hashlib.sha256(f"{script!r}{_drawing()}{DETECTOR_VERSION}".encode()).hexdigest()[:12]
    kept, told = (folder / f"{script.title}-{script.seed}-{key}{ending}" for ending in (".npz", ".json"))
    if not kept.exists() or not told.exists():
        movie = folder / f"{script.title}-{script.seed}-{key}.mp4"
        render_phantom(script, movie)
        recording = open_recording(movie)
        track = pose_track(recording, report=no_report, cancel=CancelToken())
        sound = read_samples(recording, rate=SOUND_RATE)
        np.savez_compressed(kept, sound=sound, **track.arrays())
        told.write_text(to_json(truth(script, movie.name)), encoding="utf-8")
        movie.unlink()
    with np.load(kept) as stored:
        arrays = {name: stored[name] for name in stored.files}
    name = f"{script.title}-{script.seed}"
    return Case(name, PoseTrack.load(arrays), arrays["sound"], from_json(told.read_text(encoding="utf-8")))


@cache
def _drawing() -> str:
    """A digest of the phantom's code: cases that another version drew are made anew."""
    folder = Path(phantom.__file__).parent
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def pairs(scripts: Sequence[PhantomScript], folder: Path, report: Report = no_report) -> list[Pair]:
    """Truth and reading of every script."""
    done = []
    for number, script in enumerate(scripts):
        report(Progress(f"Phantom {number + 1} of {len(scripts)}", number / len(scripts)))
        one = case(script, folder)
        done.append(Pair(one.name, one.truth, one.reading()))
    return done


def score(of: Iterable[Pair], feature: str, positive: Presence = Presence.YES) -> Score:
    """How often a presence was right, said falsely, or missed for one feature."""
    right = false = missed = 0
    for pair in of:
        is_so = pair.truth.answer(feature).presence is positive
        said = pair.read.answer(feature).presence is positive
        right += is_so and said
        false += said and not is_so
        missed += is_so and not said
    return Score(right, false, missed)


def f1(of: Sequence[Pair], feature: str) -> float:
    """F1 of *yes*; for verbal responsiveness the mean over the presences that occur (docs/formats.md)."""
    if feature != "verbal_responsiveness":
        return score(of, feature).f1
    return float(np.nanmean([score(of, feature, presence).f1 for presence in _CLASSES]))


def false_positives(of: Iterable[Pair]) -> tuple[int, int]:
    """How many *yes* are false, and out of how many answers that are not truly yes."""
    wrong = chances = 0
    for pair in of:
        for feature in FEATURES:
            if pair.truth.answer(feature.id).presence is not Presence.YES:
                chances += 1
                wrong += pair.read.answer(feature.id).presence is Presence.YES
    return wrong, chances


def scripts(seeds: Iterable[int], seconds: float, *, lookalikes: bool) -> list[PhantomScript]:
    """Random courses at the benchmark's frame rate."""
    return [replace(random_script(seed, seconds, lookalikes=lookalikes), fps=FPS) for seed in seeds]


def hard_to_see(how: str, count: int, seconds: float) -> list[PhantomScript]:
    """The first `count` courses, of seeds that no other set has, whose pictures are hard to see so."""
    drawn = (
        one for seed in itertools.count(_FIRST_HARD) for one in scripts([seed], seconds, lookalikes=True)
    )
    wanted = (one for one in drawn if getattr(one.appearance, HARD_TO_SEE[how]))
    return list(itertools.islice(wanted, count))


def ordinary(seeds: Iterable[int], seconds: float) -> list[PhantomScript]:
    return [replace(ordinary_script(seed, seconds), fps=FPS) for seed in seeds]


def rows_of(with_: Sequence[Pair], without: Sequence[Pair], healthy: Sequence[Pair]) -> list[Row]:
    """The benchmark's rows from what was read with lookalikes, without them, and of ordinary activity."""
    values = {feature.id: f1(with_, feature.id) for feature in FEATURES}
    rows = [
        at_least("mean F1 over features, with lookalikes", float(np.nanmean(list(values.values()))), "", 0.93)
    ]
    rows += [at_least(f"F1 {name}", value, "", 0.75) for name, value in values.items() if np.isfinite(value)]
    if without:
        paired = [pair for pair in with_ if pair.name in {other.name for other in without}]
        shares = [
            wrong / max(chances, 1) for wrong, chances in (false_positives(paired), false_positives(without))
        ]
        rows.append(at_most("false positives that lookalikes add", 100 * (shares[0] - shares[1]), "%", 10))
        rows.append(fact("false positives without lookalikes", 100 * shares[1], "%"))
    if healthy:
        most = max(false_positives([pair])[0] for pair in healthy)
        rows.append(at_most("most yes on an ordinary recording, of 20", float(most), "", 2))
    return rows


def hard_rows(how: str, read: Sequence[Pair]) -> list[Row]:
    """The rows of pictures that are hard to see: mean F1, and how many *yes* are false."""
    wrong, chances = false_positives(read)
    mean = float(np.nanmean([f1(read, feature.id) for feature in FEATURES]))
    return [
        at_least(f"mean F1 over features, {how}", mean, "", 0.93),
        fact(f"false positives {how}", 100 * wrong / max(chances, 1), "%"),
    ]


def run(options: Options) -> Result:
    """Render unseen seeds, read them, compare with their truth. `options.runs` is the number of phantoms.

    Pictures and poses are kept in the cache folder (an hour of work on two cores); the reading never is.
    """
    count = options.runs or PHANTOMS
    seconds = options.seconds or SECONDS
    place = cache_folder() / "bench" / "signal"
    place.mkdir(parents=True, exist_ok=True)
    with_ = pairs(scripts(range(1, count + 1), seconds, lookalikes=True), place, options.report)
    few = range(1, max(2, count // 4) + 1)
    without = pairs(scripts(few, seconds, lookalikes=False), place, options.report)
    healthy = pairs(ordinary(range(1, min(ORDINARY, count) + 1), seconds), place, options.report)
    rows = rows_of(with_, without, healthy)
    for how in HARD_TO_SEE:
        rows += hard_rows(how, pairs(hard_to_see(how, len(few), seconds), place, options.report))
    note = (
        f"{count} phantoms of {seconds:.0f} s with lookalikes, {len(few)} of them without, "
        f"{len(few)} each {' and '.join(HARD_TO_SEE)}, {len(healthy)} ordinary recordings."
    )
    return Result("signal", machine(), tuple(rows), (note,))


def _table(of: Sequence[Pair]) -> str:
    lines = [f"{'feature':26}{'yes':>4}{'false':>6}{'missed':>7}{'F1':>7}"]
    for feature in FEATURES:
        found = score(of, feature.id)
        lines.append(
            f"{feature.id:26}{found.right:4}{found.false:6}{found.missed:7}{f1(of, feature.id):7.2f}"
        )
    mean = np.nanmean([f1(of, feature.id) for feature in FEATURES])
    wrong, chances = false_positives(of)
    return "\n".join([*lines, f"mean F1 {mean:.3f}; false yes {wrong} of {chances}"]) + "\n"


def _mistakes(of: Sequence[Pair]) -> str:
    lines = []
    for pair in of:
        for feature in FEATURES:
            is_so, said = pair.truth.answer(feature.id), pair.read.answer(feature.id)
            if is_so.presence is not said.presence:
                lines.append(f"{pair.name} {feature.id}: said {said.presence}, is {is_so.presence}")
                lines.append(f"    said: {said.explanation}")
                lines.append(f"    true: {is_so.explanation}")
    return "\n".join(lines) + "\n"


def _numbers(text: str) -> list[int]:
    """ "1000-1003,1010" as numbers."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _develop(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Evaluate the signal reader on phantoms kept in a folder.")
    parser.add_argument("--seeds", type=_numbers, default=[], help="random courses with lookalikes")
    parser.add_argument("--plain", type=_numbers, default=[], help="random courses without lookalikes")
    parser.add_argument("--ordinary", type=_numbers, default=[], help="ordinary activity")
    parser.add_argument("--duration", type=float, default=SECONDS)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--quiet", action="store_true", help="no list of wrong answers")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for title, wanted in (
        ("with lookalikes", scripts(chosen.seeds, chosen.duration, lookalikes=True)),
        ("without lookalikes", scripts(chosen.plain, chosen.duration, lookalikes=False)),
        ("ordinary", ordinary(chosen.ordinary, chosen.duration)),
    ):
        if wanted:
            read = pairs(wanted, chosen.folder)
            sys.stdout.write(f"== {title}\n{_table(read)}" + ("" if chosen.quiet else _mistakes(read)))


if __name__ == "__main__":
    _develop(sys.argv[1:])
