"""The video baseline as a reader: the head's answer to the segment that speaks most for a yes."""

from __future__ import annotations

import numpy as np

from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.readers.trained.trained_answers import (
    SEEN_IN_TRAINING,
    identity_of,
    trained_answer,
    untrained_answer,
)
from app.core.readers.trained.trained_reader_file import TrainedReaderFile
from app.core.readers.trained.video.backbone import Backbone
from app.core.readers.trained.video.video_embeddings import (
    VideoEmbeddings,
    inputs_version,
    video_embeddings,
)
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.recording.identity import content_sha256
from app.core.recording.recording import Recording
from app.core.semiology import FEATURES, Answer, Presence
from app.core.times import clock


class TrainedVideoReader:
    """A reader by a trained file of the kind `video` and the network that it was trained with.

    Raises UserError for another network: its embeddings mean something else.
    """

    def __init__(self, file: TrainedReaderFile, backbone: Backbone) -> None:
        if file.kind != "video" or file.inputs != inputs_version(backbone):
            raise UserError(
                f"“{file.name}” was trained with another network or preprocessing than "
                f"“{backbone.preprocessing.name}”; name the folder of that one with --backbone."
            )
        self._file, self._backbone = file, backbone

    @property
    def identity(self) -> ReaderIdentity:
        return identity_of(self._file)

    def read(self, recording: Recording, *, report: Report, cancel: CancelToken) -> Reading:
        """The reading of a recording. Raises UserError when it cannot be read, Cancelled."""
        found = video_embeddings(recording, self._backbone, report=report, cancel=cancel)
        sha256 = content_sha256(recording.path, cancel=cancel)
        identity = RecordingIdentity(recording.name, sha256, recording.duration)
        return video_reading(self._file, identity, found)


def video_reading(file: TrainedReaderFile, recording: RecordingIdentity, found: VideoEmbeddings) -> Reading:
    """The reading of a recording's embeddings."""
    note = SEEN_IN_TRAINING if recording.sha256 in file.recordings else ""
    answers = {feature.id: _answer(file, feature.id, found, note) for feature in FEATURES}
    return Reading(recording, identity_of(file), answers)


def _answer(file: TrainedReaderFile, feature: str, found: VideoEmbeddings, note: str) -> Answer:
    trained = file.features.get(feature)
    if trained is None:
        return untrained_answer(file, feature)
    if not found.spans:
        return Answer(feature, Presence.NOT_ASSESSABLE, explanation="The recording has no picture.")
    if found.rows.shape[1] != len(trained.model.inputs):
        raise UserError(f"“{file.name}” does not fit the network's numbers: it is damaged.")
    scores = trained.model.scores(found.rows)
    span = found.spans[int(np.argmax(scores))]
    decided = (
        f"Decided by {clock(span.start)}–{clock(span.end)}, the segment of {len(found.spans)} that speaks "
        "most for a yes."
    )
    return trained_answer(feature, trained, float(scores.max()), (span,), decided=decided, note=note)
