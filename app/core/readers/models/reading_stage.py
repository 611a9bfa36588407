"""Where a model's reading is, and what has become of a request: what the window shows from its start."""

from __future__ import annotations

from enum import StrEnum


class ReadingStage(StrEnum):
    """Where a model's reading is."""

    IDLE = "idle"
    WAITING = "waiting"
    """The signal reader is still at work, and the pose it looks for is needed."""
    PREPARING = "preparing"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"

    @property
    def asking(self) -> bool:
        """Whether something is being sent, or will be without a further question."""
        return self in {ReadingStage.RUNNING, ReadingStage.PAUSED, ReadingStage.STOPPING}


class Status(StrEnum):
    """What has become of one request."""

    WAITING = "waiting"
    ASKING = "asking"
    ANSWERED = "answered"
    PARTLY = "answered in part"
    FAILED = "failed"
    NOT_SHOWN = "not shown"


STATUS_GLYPHS: dict[Status, str] = {
    Status.WAITING: "·",
    Status.ASKING: "…",
    Status.ANSWERED: "✓",
    Status.PARTLY: "!",
    Status.FAILED: "✕",
    Status.NOT_SHOWN: "–",
}
