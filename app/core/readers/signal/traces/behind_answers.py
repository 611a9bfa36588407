"""The traces behind the signal reader's answers, measured as it measures and compared with what it said.

Traces say what a sealed answer says. They are therefore made of a reading that the person may see: where it
is sealed there is none to be given here.
"""

from __future__ import annotations

import logging

from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.picture_box import Box
from app.core.program_log import OwnText
from app.core.readers.signal.measures.measures import MeasureFailedError
from app.core.readers.signal.reader import MeasuredReading, SignalReader
from app.core.readers.signal.traces.feature_traces import feature_traces
from app.core.readers.signal.traces.measured_curves import MeasuredCurves
from app.core.reading import Reading
from app.core.recording.recording import Recording
from app.core.semiology import FEATURES, Answer
from app.core.timeline.traces import MeasuredTrace, RecordingTraces

_log = logging.getLogger(__name__)


def traces_behind(
    reading: Reading,
    recording: Recording,
    patient: Box | None,
    *,
    report: Report,
    cancel: CancelToken,
) -> RecordingTraces:
    """The traces behind a reading of the rules, as it is stored, of this recording and patient.

    Raises UserError for the reading of anybody else, Cancelled after `cancel` was set.
    """
    if not reading.reader.is_rule_based:
        raise UserError("Traces are shown for the answers of the signal reader.")
    measured = SignalReader(patient).read_measured(recording, report=report, cancel=cancel)
    return traces_of(measured, reading)


def traces_of(measured: MeasuredReading, reading: Reading) -> RecordingTraces:
    """The traces of a measured recording beside a stored reading of it."""
    curves = MeasuredCurves(measured.measures, measured.clock)
    found = {feature.id: _traces(curves, feature.id) for feature in FEATURES}
    now = measured.reading.answers
    # Of a version with other rules, or another box around the patient.
    other = frozenset(key for key in found if not _says_the_same(now[key], reading.answer(key)))
    return RecordingTraces(found, {key: now[key].evidence for key in found}, other)


def _says_the_same(one: Answer, other: Answer) -> bool:
    """Whether two answers have the same presence and side, and spans of the same times within 0.1 s."""
    if (one.presence, one.laterality) != (other.presence, other.laterality):
        return False
    spans = zip(one.evidence, other.evidence, strict=False)
    near = all(abs(a.start - b.start) < 0.1 and abs(a.end - b.end) < 0.1 for a, b in spans)
    return len(one.evidence) == len(other.evidence) and near


def _traces(curves: MeasuredCurves, feature: str) -> tuple[MeasuredTrace, ...]:
    """The rows of a feature; none where a measure that it rests on had failed, as its answer says."""
    try:
        return feature_traces(curves, feature)
    except MeasureFailedError:
        _log.info("a measure for the traces of %s had failed", OwnText(feature))
        return ()
