"""The relation of two clocks, as offset and drift. It loads no library, because every study has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sync:
    """The recording's clock = `offset` + (1 + `drift`) × the EEG's clock.

    `offset` (s) is the time on the recording's clock at 0 on the EEG's; `drift` (s/s) is positive when the
    recording's clock is faster. The conversions are accurate to less than a nanosecond within a day.
    """

    offset: float
    drift: float = 0.0

    def to_recording(self, eeg: float) -> float:
        """Seconds on the recording's clock at `eeg` seconds on the EEG's."""
        # The drift is added separately because it is small: no precision is lost.
        return self.offset + eeg + self.drift * eeg

    def to_eeg(self, recording: float) -> float:
        """Seconds on the EEG's clock at `recording` seconds on the recording's."""
        passed = recording - self.offset
        return passed - self.drift / (1.0 + self.drift) * passed


@dataclass(frozen=True, slots=True, order=True)
class MarkPair:
    """The times (s) of one event on both clocks, marked in the trace and in the picture."""

    eeg: float
    recording: float
