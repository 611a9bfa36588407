"""The trained signal reader as it is trained: the signal reader's measures, and what its rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.core.jobs import CancelToken, Report
from app.core.readers.signal.reader import SignalReader
from app.core.readers.trained.signal_inputs import (
    BLOCKS,
    PATTERNS,
    VERSION,
    SignalInputs,
    inputs_of_nothing,
    is_yes_by_rule,
    signal_inputs,
)
from app.core.recording.recording import Recording
from app.core.semiology import FEATURES
from app.core.training.case_inputs import Array
from app.core.training.fitting import Candidate

EVERY_FEATURE = tuple(feature.id for feature in FEATURES)
_PENALTIES = (0.01, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class SignalCase:
    """The inputs of one recording."""

    inputs: SignalInputs

    def names(self, feature: str) -> tuple[str, ...]:
        return tuple(self.inputs.of(feature, PATTERNS))

    def rows(self, feature: str) -> Array:
        """(1, k), or (0, 0) where the feature cannot be assessed."""
        if self.inputs.why_not(feature) is not None:
            return np.zeros((0, 0))
        return np.array([list(self.inputs.of(feature, PATTERNS).values())], dtype=np.float64)

    def rule_says_yes(self, feature: str) -> bool:
        return is_yes_by_rule(feature, self.inputs.rules)


class SignalSource:
    """The source of the trained signal reader's inputs."""

    kind = "signal"
    version = VERSION

    def __init__(self, features: Sequence[str] = EVERY_FEATURE) -> None:
        """`features` are those that are to be learned."""
        self.features = features

    def measure(self, recording: Recording, *, report: Report, cancel: CancelToken) -> SignalCase:
        found = SignalReader().read_measured(recording, report=report, cancel=cancel)
        return SignalCase(signal_inputs(found.measures, found.reading))

    def candidates(self, feature: str) -> Sequence[Candidate]:
        """The blocks, each with all before it, and three strengths of the penalty."""
        widths = block_widths(feature)
        return tuple(Candidate(f"{block}, C {c:g}", widths[block], c) for block in BLOCKS for c in _PENALTIES)


def block_widths(feature: str) -> Mapping[str, int]:
    """How many inputs a feature has up to and with each block."""
    nothing = inputs_of_nothing()
    return {block: len(nothing.of(feature, block)) for block in BLOCKS}
