"""The trained signal reader: the signal reader's measures, weighed as a department's labels taught it."""

from __future__ import annotations

from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.picture_box import Box
from app.core.readers.signal.reader import MeasuredReading, SignalReader, of_picture
from app.core.readers.trained.linear_model import decisive
from app.core.readers.trained.signal_inputs import PATTERNS, VERSION, SignalInputs, signal_inputs
from app.core.readers.trained.trained_answers import (
    SEEN_IN_TRAINING,
    decided_text,
    identity_of,
    trained_answer,
    untrained_answer,
)
from app.core.readers.trained.trained_reader_file import TrainedReaderFile
from app.core.reading import ReaderIdentity, Reading
from app.core.recording.recording import Recording
from app.core.semiology import FEATURES, Answer, Presence


class TrainedSignalReader:
    """A reader by a trained file of the kind `signal`; `patient` is the box around the patient, if any.

    Raises UserError for a file that was trained on other inputs than this program computes.
    """

    def __init__(self, file: TrainedReaderFile, patient: Box | None = None) -> None:
        check_inputs(file)
        self._file = file
        self._signal = SignalReader(patient)

    @property
    def identity(self) -> ReaderIdentity:
        return identity_of(self._file)

    def read(self, recording: Recording, *, report: Report, cancel: CancelToken) -> Reading:
        """The reading of a recording. Raises UserError when it cannot be read, Cancelled."""
        measured = self._signal.read_measured(recording, report=report, cancel=cancel)
        reading = trained_reading(self._file, measured)
        return Reading(reading.recording, of_picture(self.identity, recording), reading.answers)


def check_inputs(file: TrainedReaderFile) -> None:
    """Raises UserError unless the file's inputs are those that this program computes."""
    if file.kind != "signal" or file.inputs != VERSION:
        raise UserError(
            f"“{file.name}” was trained on other measures ({file.inputs}) than this program takes "
            f"({VERSION}); train it anew."
        )


def trained_reading(file: TrainedReaderFile, measured: MeasuredReading) -> Reading:
    """The reading of what was measured. Raises UserError for a file with inputs that are not known."""
    inputs = signal_inputs(measured.measures, measured.reading)
    seen = measured.reading.recording.sha256 in file.recordings
    answers = {feature.id: _answer(file, feature.id, inputs, measured, seen=seen) for feature in FEATURES}
    return Reading(measured.reading.recording, identity_of(file), answers)


def _answer(
    file: TrainedReaderFile, feature: str, inputs: SignalInputs, measured: MeasuredReading, *, seen: bool
) -> Answer:
    trained = file.features.get(feature)
    if trained is None:
        return untrained_answer(file, feature)
    reason = inputs.why_not(feature)
    if reason is not None:
        return Answer(feature, Presence.NOT_ASSESSABLE, explanation=reason)
    try:
        row = trained.model.row(inputs.of(feature, PATTERNS))
    except KeyError as error:
        raise UserError(f"“{file.name}” asks for a measure that is not known: it is damaged.") from error
    by_rule = measured.reading.answer(feature)
    evidence = by_rule.evidence if by_rule.presence is Presence.YES else ()
    return trained_answer(
        feature,
        trained,
        float(trained.model.scores(row)),
        evidence,
        decided=decided_text(decisive(trained.model, row)),
        note=SEEN_IN_TRAINING if seen else "",
    )
