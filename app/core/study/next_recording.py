"""The next recording of a study to read, and the patient's last seizure before one."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.study.work_order import as_counted
from app.core.study.worklist import WorkItem, WorkStatus


def beside(items: Sequence[WorkItem], here: int, direction: int) -> WorkItem | None:
    """The recording after that of number `here` (`direction` 1) or before it (-1); None at the end."""
    numbers = [item.recording_id for item in items]
    place = (numbers.index(here) if here in numbers else -1) + direction
    return items[place] if 0 <= place < len(items) else None


def next_to_read(items: Sequence[WorkItem], here: int) -> WorkItem | None:
    """The next recording whose reading is not locked, round to the first; None when none is left."""
    numbers = [item.recording_id for item in items]
    place = numbers.index(here) if here in numbers else -1
    left = (
        item
        for item in (*items[place + 1 :], *items[: max(place, 0)])
        if item.status is not WorkStatus.LOCKED and item.has_video
    )
    return next(left, None)


def last_seizure(items: Sequence[WorkItem], here: int) -> WorkItem | None:
    """The recording of the same patient's event before that of `here` in which the reader has answered.

    Events are compared as people count them (2 before 10); where one is not known the recordings' order
    in the study counts. None when the patient is not known, or nothing was answered.
    """
    present = next((item for item in items if item.recording_id == here), None)
    if present is None or not present.patient_data.patient:
        return None
    place = items.index(present)
    earlier = [
        (_counted(item), number, item)
        for number, item in enumerate(items)
        if item.patient_data.patient == present.patient_data.patient
        and item.answered
        and _is_before((item, number), (present, place))
    ]
    return max(earlier, key=lambda one: one[:2])[2] if earlier else None


def _is_before(one: tuple[WorkItem, int], other: tuple[WorkItem, int]) -> bool:
    if one[0].patient_data.event and other[0].patient_data.event:
        return (_counted(one[0]), one[1]) < (_counted(other[0]), other[1])
    return one[1] < other[1]


def _counted(item: WorkItem) -> tuple[tuple[int, int, str], ...]:
    return as_counted(item.patient_data.event)
