"""What a kind of trained reader measures of a recording, as training asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from app.core.jobs import CancelToken, Report
from app.core.recording.recording import Recording
from app.core.training.fitting import Candidate

Array = NDArray[Any]


class CaseInputs(Protocol):
    """The inputs of one recording."""

    def names(self, feature: str) -> tuple[str, ...]:
        """The names of a feature's inputs, the same for every recording."""

    def rows(self, feature: str) -> Array:
        """(r, k): a row for each part of the recording; none where nothing of the feature was measured."""

    def rule_says_yes(self, feature: str) -> bool | None:
        """What rules that were not trained say of the recording; None where there are none."""


class InputSource(Protocol):
    """A kind of trained reader, as it is trained."""

    @property
    def kind(self) -> str:
        """The kind, as its file names it."""

    @property
    def version(self) -> str:
        """What the inputs are; a file is read with the same inputs only."""

    @property
    def features(self) -> Sequence[str]:
        """The features that can be learned from these inputs."""

    def measure(self, recording: Recording, *, report: Report, cancel: CancelToken) -> CaseInputs:
        """The inputs of a recording. Raises UserError, Cancelled."""

    def candidates(self, feature: str) -> Sequence[Candidate]:
        """The ways of fitting a feature among which one is chosen, the simplest first."""
