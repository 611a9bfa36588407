"""Label files of other programs, generated from what was really seen, which a study should hold then.

A truth is what one coder saw of a recording of 60 s: spans and moments in whole milliseconds, the patient's
alone. The files write it with an offset, in two sources, with other people's events, with words for what is
missing, with times beyond the end; each such part has to be named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from tests.core.foreign_files import Event, Tier, eaf, observation, project

FEATURES = ("clonic", "tonic", "head_turning", "oral_automatisms")
POINTS = ("oral_automatisms",)
"""The features that the project of a program defines as points."""

Milliseconds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Truth:
    """What was seen by feature; `parts` says in which of two sources each stretch is written, `late` whether
    one more is written beyond the end."""

    spans: dict[str, tuple[Milliseconds, ...]]
    parts: tuple[int, ...]
    offset: int
    nurse: bool
    late: bool

    def held(self) -> dict[str, tuple[tuple[float, float], ...]]:
        """What the study has to hold: times in seconds by feature."""
        return {
            feature: tuple((start / 1000, end / 1000) for start, end in spans)
            for feature, spans in self.spans.items()
        }

    def written(self, source: int) -> list[tuple[str, Milliseconds]]:
        """The stretches that one of the two sources holds."""
        places = [(feature, span) for feature, spans in self.spans.items() for span in spans]
        return [one for one, part in zip(places, self.parts, strict=False) if part == source]


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    spans = {
        feature: tuple(_apart(draw(st.lists(st.integers(0, 59_000), max_size=6, unique=True)), feature))
        for feature in draw(st.lists(st.sampled_from(FEATURES), unique=True))
    }
    spans = {feature: found for feature, found in spans.items() if found}
    count = sum(map(len, spans.values()))
    parts = tuple(draw(st.lists(st.sampled_from((0, 1)), min_size=count, max_size=count)))
    offset = draw(st.sampled_from([0, 10_000, 5_400_000, 1234]))
    return Truth(spans, parts, offset, draw(st.booleans()), draw(st.booleans()))


def _apart(times: Sequence[int], feature: str) -> list[Milliseconds]:
    """Stretches that do not touch each other, or moments."""
    ordered = sorted(times)
    if feature in POINTS:
        return [(time, time) for time in ordered]
    return [(start, end) for start, end in [*pairwise(ordered)][::2] if end - start > 1]


def boris_of(truth: Truth) -> bytes:
    """A project with two observations of the video, the second with the offset."""
    kinds = [(feature, "Point event" if feature in POINTS else "State event") for feature in FEATURES]
    found = {}
    for source, shift in ((0, 0), (1, truth.offset)):
        events = [one for feature, span in truth.written(source) for one in _events(feature, span, shift)]
        if source == 0 and truth.nurse:
            events += _events("clonic", (100, 200), 0, "nurse")
        if source == 0 and truth.late:
            events += _events("clonic", (70_000, 75_000), 0)
        found[f"pass {source}"] = observation(events, **{"time offset": shift / 1000})
    found["bedside"] = observation(_events("tonic", (1000, 2000), 0), file={}, type="LIVE")
    return json.dumps(project(found, kinds)).encode()


def _events(feature: str, span: Milliseconds, shift: int, who: str = "patient") -> list[Event]:
    times = dict.fromkeys(span) if feature in POINTS else span
    return [((time + shift) / 1000, who, feature, "") for time in times]


def eaf_of(truth: Truth) -> bytes:
    """An ELAN file whose time 0 is `offset` into the video, with a tier for each side of the body."""
    slots: dict[str, int | None] = {}
    tiers = []
    for source, side in ((0, "left arm"), (1, "right arm")):
        words: dict[str, list[tuple[str, str, str]]] = {}
        late = [("clonic", (70_000, 75_000))] if truth.late and source == 0 else []
        for feature, span in [*truth.written(source), *late]:
            names = [f"ts{len(slots) + 1}", f"ts{len(slots) + 2}"]
            slots |= {name: time + 6_000_000 - _origin(truth) for name, time in zip(names, span, strict=True)}
            words.setdefault(feature, []).append((*names, "yes"))  # type: ignore[arg-type]
        tiers += [
            Tier(f"{side}/{feature}", found, "Coder A", "Patient 07") for feature, found in words.items()
        ]
    if truth.nurse:
        tiers.append(Tier("nurse speaks", [], "Coder A", "Nurse"))
    return eaf(tiers, slots, more=f' TIME_ORIGIN="{_origin(truth) - 6_000_000}"')


def _origin(truth: Truth) -> int:
    return truth.offset


def table_of(truth: Truth) -> bytes:
    """A table with semicolons and decimal commas, the recording in two spellings."""
    lines = ["Round 1", "recording;reader;feature;presence;start;end"]
    for source, name in ((0, "event.mp4"), (1, "D:\\videos\\EVENT")):
        lines += [_row(name, feature, span) for feature, span in truth.written(source)]
    if truth.late:
        lines.append(_row("event.mp4", "clonic", (70_000, 75_000)))
    if truth.nurse:
        lines += ["event.mp4;Coder A;nurse speaks;yes;1;2", "event.mp4;coder a;figure4;NA;;"]
    return "\r\n".join(lines).encode("cp1252")


def _row(name: str, feature: str, span: Milliseconds) -> str:
    start, end = (f"{time / 1000}".replace(".", ",") for time in span)
    return f"{name};Coder A ;{feature};yes;{start};{end}"


def events_of(truth: Truth) -> bytes:
    """Events of BIDS by type, of one source."""
    rows = [one for source in (0, 1) for one in truth.written(source)]
    rows += [("clonic", (70_000, 75_000))] if truth.late else []
    lines = ["onset\tduration\ttrial_type"]
    lines += [f"{span[0] / 1000}\t{(span[1] - span[0]) / 1000}\t{feature}" for feature, span in rows]
    lines += ["1\tn/a\tnurse speaks"] if truth.nurse else []
    return "\n".join(lines).encode()
