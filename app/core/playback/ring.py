"""The samples between the thread that prepares sound and the callback that plays it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.recording.samples import Samples


class Ring:
    """A ring of stereo samples with one writer and one reader, without locks.

    Each side moves only its own counter, and a counter moves after the samples have been copied. `read`
    counts the samples that went to the device: the master clock.
    """

    def __init__(self, length: int, channels: int) -> None:
        self._samples = np.zeros((length, channels), np.float32)
        self._length = length
        self.written = 0
        self.read = 0
        self._before = 0
        self._asked: float | None = None
        self._sounds_at = 0.0

    @property
    def room(self) -> int:
        return self._length - (self.written - self.read)

    def write(self, samples: Samples) -> int:
        """Copy in as many of `samples` as there is room for; gives how many."""
        n = min(len(samples), self.room)
        at = self.written % self._length
        first = min(n, self._length - at)
        self._samples[at : at + first] = samples[:first]
        self._samples[: n - first] = samples[first:n]
        self.written += n
        return n

    def replace(self, at: int, samples: Samples, fade: int) -> int:
        """Put `samples` over what was written from sample `at` on, the first `fade` of them as they fade in;
        gives how many lay there. What the reader has taken meanwhile is past and stays as it was."""
        n = min(len(samples), self.written - at)
        if n <= 0:
            return 0
        places = np.arange(at, at + n) % self._length
        share = np.minimum(np.arange(1, n + 1, dtype=np.float32) / max(fade, 1), 1.0)[:, None]
        self._samples[places] += share * (samples[:n] - self._samples[places])
        return n

    def take(self, out: npt.NDArray[np.float32], now: float, delay: float) -> None:
        """Fill `out` (frames, channels), with silence where samples are missing; called by the callback.

        `out` will leave the loudspeaker `delay` seconds after `now`.
        """
        n = min(len(out), self.written - self.read)
        at = self.read % self._length
        first = min(n, self._length - at)
        out[:first] = self._samples[at : at + first]
        out[first:n] = self._samples[: n - first]
        out[n:] = 0.0
        self._before, self._asked, self._sounds_at = self.read, now, now + delay
        self.read += n

    def wait(self, now: float) -> None:
        """The device lives but gets none of these samples."""
        self._asked = now

    def heard(self, rate: int, now: float) -> float:
        """Seconds of these samples that have left the loudspeaker."""
        if self._asked is None:
            return 0.0
        return max(min(self._before / rate + now - self._sounds_at, self.read / rate), 0.0)

    def silent_for(self, now: float) -> float | None:
        """Seconds since the device asked for samples last; None before the first time."""
        return None if self._asked is None else now - self._asked


class Pace:
    """Holds samples back from a device that does not take them as time passes but all at once, to throw them
    away, as some do after they had to wait: at most `slack` seconds are given faster than they are heard."""

    _QUICKER = 1.02
    """A device's clock may run so much faster than the computer's."""

    def __init__(self, rate: int, slack: float) -> None:
        self._rate = rate * self._QUICKER
        self._most = self._left = rate * slack
        self._at = 0.0

    def allows(self, frames: int, now: float) -> bool:
        """Whether so many samples are due at `now`; called by the callback."""
        passed = (now - self._at) * self._rate
        self._left = min(self._left + passed, self._most + 2 * frames)
        if passed > frames / 2:
            # It calls about as often as it should again: now what it missed is forgiven.
            self._left = max(self._left, 2.0 * frames)
        self._at = now
        if self._left < frames:
            return False
        self._left -= frames
        return True
