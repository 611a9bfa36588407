"""The kinds of channels that an EEG has."""

from __future__ import annotations

from enum import StrEnum


class ChannelKind(StrEnum):
    """The kind of a channel; DEPTH is EEG of numbered contacts (intracranial, or of a numbered cap)."""

    EEG = "EEG"
    DEPTH = "depth"
    EOG = "EOG"
    ECG = "ECG"
    EMG = "EMG"
    RESPIRATION = "respiration"
    SOUND = "sound"
    OTHER = "other"
