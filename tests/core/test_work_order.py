"""Recordings of one patient stand together in lists of work, seizures as people count them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.study.patient_data import PatientData
from app.core.study.work_order import in_groups
from app.core.study.worklist import WorkItem, WorkStatus


def item(number: int, patient: str = "", event: str = "") -> WorkItem:
    data = PatientData(patient, event)
    return WorkItem(number, f"r{number}", 1.0, WorkStatus.UNANSWERED, 0, (), None, None, patient_data=data)


def test_patients_and_seizures_are_counted_as_people_do() -> None:
    given_order = [item(1, "P10", "1"), item(2), item(3, "P2", "10"), item(4, "p2", "9"), item(5, "P2", "2")]
    assert [one.recording_id for one in in_groups(given_order)] == [5, 4, 3, 1, 2]


def test_without_patients_the_order_of_adding_stays() -> None:
    assert [one.recording_id for one in in_groups([item(3), item(1), item(2)])] == [3, 1, 2]


@given(st.lists(st.tuples(st.sampled_from(["", "A", "A1", "B²", "٣"]), st.text("12ab²", max_size=3))))
def test_every_recording_stays_and_patients_stay_together(rows: list[tuple[str, str]]) -> None:
    items = [item(number, *row) for number, row in enumerate(rows)]
    ordered = in_groups(items)
    assert sorted(one.recording_id for one in ordered) == list(range(len(rows)))
    seen = [one.patient_data.patient for one in ordered]
    assert len([name for place, name in enumerate(seen) if place == 0 or seen[place - 1] != name]) == len(
        {*seen}
    )
