"""When each sign begins by each reader: seconds after the first sign that this reader marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence

SignDelays = Mapping[str, Mapping[str, tuple[float, ...]]]
"""By reader and feature, one number (s) for each recording in which the reader says yes and marks when."""


def sign_delays(readers: Mapping[str, Sequence[Reading]]) -> SignDelays:
    """The delays of all readers' signs; a reader with fewer than two signs in a recording shows no order."""
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for name, readings in readers.items():
        delays: dict[str, tuple[float, ...]] = {}
        for reading in readings:
            answers = (reading.answer(feature.id) for feature in FEATURES)
            onsets = {
                one.feature: min(span.start for span in one.evidence)
                for one in answers
                if one.presence is Presence.YES and one.evidence
            }
            if len(onsets) < 2:
                continue
            first = min(onsets.values())
            for feature, onset in onsets.items():
                delays[feature] = (*delays.get(feature, ()), onset - first)
        found[name] = delays
    return found
