"""No patient is in two of practice, the test before and the test after."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.recording.probe import open_recording
from app.core.semiology import Answer
from app.core.study.edits import SetAnswer, SetBlindByDefault, SetPatientData
from app.core.study.patient_data import PatientData
from app.core.study.store import Study
from app.core.study.viewer import NOTHING_SEALED, Unsealed
from app.core.teaching.course import Sitting
from app.core.teaching.matched_tests import matched_tests
from app.core.teaching.study_course import CoursePlan, PlannedCase, kept_for_tests, plan_course
from tests.core.study_cases import ANA
from tests.core.teaching_courses import NO, YES, a_key, case_name, plain_keys
from tests.media import write_recording

FEATURES = ("tonic", "clonic")


def a_plan(patients: list[str]) -> CoursePlan:
    cases = tuple(
        PlannedCase(
            case_name(number), number, Path(), "", 10.0, None, a_key(Answer("tonic", YES)), None, of_patient
        )
        for number, of_patient in enumerate(patients)
    )
    return CoursePlan(cases, ("tonic",), NOTHING_SEALED)


@given(
    st.lists(st.sampled_from(("", "P1", "P2", "P3", "P4", "P5", "P6")), min_size=2, max_size=24),
    st.integers(1, 4),
)
def test_a_patient_is_practised_or_in_one_test(patients: list[str], size: int) -> None:
    plan = a_plan(patients)
    owner = {case.id: case.of_patient or case.id for case in plan.cases}
    try:
        kept = kept_for_tests(plan, size)
    except UserError:
        return
    assert not {owner[name] for name in kept} & {owner[name] for name in owner if name not in kept}
    keys = dict(zip(owner, plain_keys(len(owner), FEATURES), strict=True))
    try:
        tests = matched_tests({name: keys[name] for name in kept}, FEATURES, size, 7, owner)
    except UserError:
        return
    before, after = ({owner[card.case] for card in tests[one]} for one in (Sitting.BEFORE, Sitting.AFTER))
    assert not before & after
    assert all(len(cards) == size for cards in tests.values())


def test_tests_of_too_few_patients_are_refused() -> None:
    with pytest.raises(UserError, match="the patients 1"):
        kept_for_tests(a_plan(["P1"] * 6), 2)
    keys = dict(zip([case_name(number) for number in range(4)], plain_keys(4, FEATURES), strict=True))
    with pytest.raises(UserError, match="too few patients"):
        matched_tests(keys, FEATURES, 2, 7, dict.fromkeys(keys, "P1"))


def test_the_patient_comes_from_the_study_and_stays_in_it(tmp_path: Path) -> None:
    with Study.open(tmp_path / "ward.semioscope", author="Ana") as study:
        study.apply(SetBlindByDefault(True, False))
        number = study.recording(open_recording(write_recording(tmp_path / "one.mp4", frames=4)))
        study.apply(SetPatientData(number, PatientData(), PatientData("P07")))
        study.apply(SetAnswer(number, ANA, Answer("tonic"), Answer("tonic", NO)))
        study.recording_without_video("labels alone")
        (case,) = plan_course(study, Unsealed(), "Ana", ("tonic",)).cases
    assert case.of_patient == "P07"
    assert "P07" not in repr(case.key)
