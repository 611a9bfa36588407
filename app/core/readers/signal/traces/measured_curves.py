"""The measures of a recording as curves on its own clock, each made once however many features rest on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.core.readers.signal.measures.limbs import LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, together
from app.core.readers.signal.measures.series import Floats
from app.core.recording.sparse_time import ShortClock
from app.core.semiology import Laterality
from app.core.timeline.traces import TraceCurve

Curves = tuple[TraceCurve, ...]


class MeasuredCurves:
    """Makes curves of measures; `clock` is the one they were measured on where it is not the recording's.

    A measure that is not there, or had failed, gives no curve.
    """

    def __init__(self, measures: Measures, clock: ShortClock | None = None) -> None:
        self.measures = measures
        self._clock = clock
        self._made: dict[tuple[str, str], TraceCurve] = {}
        self._times: dict[str, Floats] = {}

    def over_pictures(self, name: str, what: str, values: Floats, side: Laterality | None = None) -> Curves:
        """A measure of every row of the grid; `what` tells apart measures of one part."""
        grid = self.measures.grid
        assert grid is not None
        times = self._on_clock("grid", grid.times)
        return (self._curve(name, what, times, values, side),)

    def over_windows(
        self, name: str, what: str, part: Rhythm, values: Floats, side: Laterality | None = None
    ) -> Curves:
        """A measure of the sliding windows of a rhythm, each at its middle."""
        grid = self.measures.grid
        assert grid is not None
        rows = np.arange(len(values)) * part.hop + part.length // 2
        times = self._on_clock(f"{part.hop} {part.length}", grid.times[np.minimum(rows, len(grid.times) - 1)])
        return (self._curve(name, what, times, values, side),)

    def over_sound(self, name: str, what: str, values: Floats) -> Curves:
        """A measure of every 10 ms of the sound."""
        voice = self.measures.voice
        assert voice is not None
        return (self._curve(name, what, self._on_clock("sound", voice.times), values, None),)

    def at_times(self, name: str, what: str, times: Floats, values: Floats) -> Curves:
        """A measure that is known at these times only."""
        return (self._curve(name, what, self._on_clock(f"{what} {name}", times), values, None),)

    def of_limbs(self, limbs: Sequence[LimbMeasures], what: str) -> Curves:
        """The "angle" at elbow or knee (degrees), or the "speed" of hand or foot (shoulder widths/s)."""
        return tuple(
            curve
            for limb in limbs
            for curve in self.over_pictures(
                limb.name.middle_name if what == "angle" else limb.name.end_name,
                what,
                limb.angle if what == "angle" else limb.speed,
                limb.name.side,
            )
        )

    def of_rhythms(self, limbs: Sequence[LimbMeasures], what: str) -> Curves:
        """The rhythm of hands or feet: "rate", "amplitude", "regularity" or another field of `Rhythm`."""
        return tuple(
            curve
            for limb in limbs
            for part in (self.measures.rhythms[limb.name.end_name],)
            for curve in self.over_windows(
                limb.name.end_name, f"rhythm {what}", part, getattr(part, what), limb.name.side
            )
        )

    def in_step(self, limbs: Sequence[LimbMeasures]) -> Curves:
        """The correlation of two limbs' movements."""
        assert self.measures.grid is not None
        if len(limbs) != 2:
            return ()
        one, other = (self.measures.rhythms[limb.name.end_name] for limb in limbs)
        name = "both wrists" if limbs[0].name.kind == "arm" else "both ankles"
        return self.over_windows(name, "in step", one, together(one, other, self.measures.grid.rate))

    def _curve(
        self, name: str, what: str, times: Floats, values: Floats, side: Laterality | None
    ) -> TraceCurve:
        made = self._made.get((name, what))
        if made is None:
            shown = np.where(np.isfinite(values), values, np.nan).astype(np.float32)
            made = self._made[name, what] = TraceCurve(name, side, times, shown)
        return made

    def _on_clock(self, key: str, times: Floats) -> Floats:
        """The times on the recording's clock; the same array for all curves of one kind."""
        found = self._times.get(key)
        if found is None:
            clock = self._clock
            found = times if clock is None else np.array([clock.lengthened(one) for one in times.tolist()])
            self._times[key] = found
        return found
