"""The video baseline as it is trained: a frozen network's embedding of every segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.jobs import CancelToken, Report
from app.core.readers.trained.video.backbone import LARGEST_EMBEDDING, Backbone
from app.core.readers.trained.video.video_embeddings import (
    VideoEmbeddings,
    inputs_version,
    video_embeddings,
)
from app.core.recording.recording import Recording
from app.core.semiology import Group, in_group
from app.core.training.case_inputs import Array
from app.core.training.fitting import Candidate

_PENALTIES = (0.001, 0.01, 0.1)


@dataclass(frozen=True, slots=True)
class VideoCase:
    """The embeddings of one recording, the same for every feature."""

    found: VideoEmbeddings

    def names(self, _feature: str) -> tuple[str, ...]:
        return tuple(f"embedding {number + 1}" for number in range(self.found.rows.shape[1]))

    def rows(self, _feature: str) -> Array:
        """(s, d): a row for each segment."""
        return self.found.rows

    def rule_says_yes(self, _feature: str) -> None:
        return None


class VideoSource:
    """The source of embeddings by a network."""

    kind = "video"
    features: Sequence[str] = tuple(one.id for group in (Group.BODY, Group.FACE) for one in in_group(group))

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone

    @property
    def version(self) -> str:
        return inputs_version(self._backbone)

    def measure(self, recording: Recording, *, report: Report, cancel: CancelToken) -> VideoCase:
        return VideoCase(video_embeddings(recording, self._backbone, report=report, cancel=cancel))

    def candidates(self, _feature: str) -> Sequence[Candidate]:
        """All of the embedding, and three strengths of the penalty."""
        return tuple(Candidate(f"C {c:g}", LARGEST_EMBEDDING, c) for c in _PENALTIES)
