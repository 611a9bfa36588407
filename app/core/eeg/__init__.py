"""EEG: EDF and BDF files, montages, filters, pages, synchronisation with a recording, trends."""

from app.core.eeg.eeg_file import EegFile, open_eeg, opened_eeg
from app.core.eeg.eeg_recording import Annotation, EegHeader, EegRecording, EegWarning, Signal
from app.core.eeg.patient_fields import Identity, anonymous_header, read_identity
from app.core.eeg.record_scan import Scan, first_timeline, read_recording, scan_records, timeline_until
from app.core.eeg.samples import read_page, read_values
from app.core.eeg.timeline import EegSegment, EegTimeline

__all__ = [
    "Annotation",
    "EegFile",
    "EegHeader",
    "EegRecording",
    "EegSegment",
    "EegTimeline",
    "EegWarning",
    "Identity",
    "Scan",
    "Signal",
    "anonymous_header",
    "first_timeline",
    "open_eeg",
    "opened_eeg",
    "read_identity",
    "read_page",
    "read_recording",
    "read_values",
    "scan_records",
    "timeline_until",
]
