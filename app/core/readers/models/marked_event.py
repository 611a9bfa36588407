"""When the seizure begins and ends by the marks of the person who asks a model."""

from __future__ import annotations

from app.core.readers.models.reading_range import EventTimes, event_times
from app.core.reading import ReaderIdentity
from app.core.study.store import Study


def event_marked_by(study: Study, recording_id: int, reader: ReaderIdentity) -> EventTimes:
    """Onset and end as this person marked them; nothing marked where they have no reading.

    A prompt only ever tells marks of the person who asks, so nothing that is sealed from them.
    """
    return event_times(study.full_reading(recording_id, reader, viewer=reader).marks)
