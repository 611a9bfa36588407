"""What a trained signal reader is given of one recording: numbers by name, in blocks from few to many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from app.core.readers.signal.measures.measures import MeasureFailedError, Measures, measure
from app.core.readers.signal.reader import reading_of_measures
from app.core.readers.trained.course_inputs import band_inputs, convolution_inputs, level_inputs
from app.core.readers.trained.measure_courses import Courses, courses_of
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import FEATURE, FEATURES, Group, Presence

VERSION = "signal-inputs/1"
"""To be raised whenever the same recording would give other numbers."""

OWN, RULES, LEVELS, BANDS, PATTERNS = "its rule", "rules", "measures", "band powers", "patterns"
BLOCKS = (OWN, RULES, LEVELS, BANDS, PATTERNS)
"""The blocks, each with more inputs than the one before: what the feature's own rule says, the answers of all
rules, level and spread of each measure, its power by band, random convolutions. With its own rule alone a
reader can fall back on that rule where more inputs do not help."""


_NOTHING = {
    Group.BODY: "Nobody was measured in the picture.",
    Group.FACE: "No face was measured in the picture.",
    Group.SOUND: "There is no sound that could be measured.",
}
_ABSTAINS = frozenset({"verbal_responsiveness"})
"""Features of which *not assessable* is an answer like yes and no (nobody asks): their rule says when."""


@dataclass(frozen=True, slots=True)
class SignalInputs:
    """The inputs of one recording: by group of features and block, by name; `measured` groups were seen or
    heard."""

    rules: Mapping[str, float]
    blocks: Mapping[tuple[Group, str], Mapping[str, float]]
    measured: frozenset[Group]

    def why_not(self, feature: str) -> str | None:
        """Why the feature cannot be assessed in this recording, as a sentence; None when it can."""
        group = FEATURE[feature].group
        if group not in self.measured:
            return _NOTHING[group]
        if feature in _ABSTAINS and self.rules[f"rule: {FEATURE[feature].name}"] == 0:
            return "Its rule cannot assess it in this recording."
        return None

    def of(self, feature: str, upto: str) -> dict[str, float]:
        """The inputs of a feature from the first block up to and with `upto`."""
        group = FEATURE[feature].group
        found = own_answer(feature, self.rules)
        if upto != OWN:
            found |= self.rules
        for block in BLOCKS[2 : BLOCKS.index(upto) + 1]:
            found |= self.blocks[group, block]
        return found


def signal_inputs(measures: Measures, by_rules: Reading) -> SignalInputs:
    """The inputs from the measures of a recording and what the rules say of it."""
    blocks: dict[tuple[Group, str], Mapping[str, float]] = {}
    for group in Group:
        courses = _courses(measures, group)
        blocks[group, LEVELS] = dict(level_inputs(courses))
        blocks[group, BANDS] = dict(band_inputs(courses))
        blocks[group, PATTERNS] = dict(convolution_inputs(courses))
    measured = frozenset(group for group in Group if _is_measured(measures, group))
    return SignalInputs(dict(_answers(by_rules)), blocks, measured)


def _courses(measures: Measures, group: Group) -> Courses:
    """The courses of a group; where a measure failed those of a recording without anything in it."""
    try:
        return courses_of(measures, group)
    except MeasureFailedError:
        return courses_of(measure(None, None), group)


def _is_measured(measures: Measures, group: Group) -> bool:
    try:
        part = {Group.BODY: "body", Group.FACE: "face", Group.SOUND: "voice"}[group]
        return getattr(measures, part) is not None
    except MeasureFailedError:
        return False


def _answers(by_rules: Reading) -> Iterator[tuple[str, float]]:
    """How clearly the rules say yes (above 0) or no (below 0) of each feature; 0: not assessable."""
    for feature in FEATURES:
        answer = by_rules.answer(feature.id)
        sign = {Presence.YES: 1.0, Presence.NO: -1.0}.get(answer.presence or Presence.NOT_ASSESSABLE, 0.0)
        yield f"rule: {feature.name}", sign * (50 if answer.confidence is None else answer.confidence) / 100


@cache
def inputs_of_nothing() -> SignalInputs:
    """The inputs of a recording without picture and sound: all names, no values."""
    nothing = measure(None, None)
    return signal_inputs(nothing, reading_of_measures(RecordingIdentity("", "", 0.0), None, nothing))


def is_yes_by_rule(feature: str, rules: Mapping[str, float]) -> bool:
    """Whether the feature's rule says yes."""
    return rules[f"rule: {FEATURE[feature].name}"] > 0


def own_answer(feature: str, rules: Mapping[str, float]) -> dict[str, float]:
    """Whether the rule of this feature itself says yes, and whether it could not assess it."""
    said = rules[f"rule: {FEATURE[feature].name}"]
    return {"its rule says yes": float(said > 0), "its rule cannot assess it": float(said == 0)}
