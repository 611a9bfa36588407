"""The windows of a recording that are asked about at a high rate, by its pose."""

from __future__ import annotations

from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose import cached_pose_track
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.request_plan import WINDOW_RATE, Part, most_windows, rate_windows
from app.core.readers.models.where_to_look import WindowChoice, choose_windows
from app.core.recording.recording import Recording


def windows_that_move(
    choice: ModelChoice, part: Part, content: Recording | None, patient: Box | None
) -> WindowChoice:
    """The windows that are worth asking about. Raises UserError when the pose is not known yet."""
    track = None if content is None else cached_pose_track(content, patient=patient)
    if track is None:
        raise UserError(
            "Where short windows are worth asking about is seen from the pose: let the signal reader analyse "
            "this recording first, or ask about short windows everywhere, which takes many times the tokens."
        )
    windows = rate_windows(part.duration, WINDOW_RATE, part.stretches, part.within)
    most = most_windows(part.duration, choice.fps, part.stretches, part.within)
    # By the kind of clip: a turn of the head may be judged from the whole picture.
    clips: frozenset[Enhancement] = frozenset(part.asking.features_by_clip(choice.enhancements))
    return choose_windows(track, windows, most, clips)
