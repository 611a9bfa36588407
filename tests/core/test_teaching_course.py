"""The file of a course comes from elsewhere: it is read within limits, and refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.hiding.voices import VoiceHiding
from app.core.semiology import FEATURES, Answer, Group
from app.core.teaching.course import Sitting
from app.core.teaching.course_file import FILE_NAME, course_from_dict, course_to_dict, open_course
from app.core.teaching.course_writing import begin_course
from app.core.teaching.key_opening import check_clip
from app.core.teaching.study_course import can_be_noticed
from tests.core.teaching_courses import IDS, YES, a_key, case_name, make_course, plain_keys


def changed(path: Path, **values: Any) -> Path:
    """A course whose file says something else."""
    folder = make_course(path, plain_keys(3, IDS[:2]), tested=2)
    data = course_to_dict(folder.course)
    (path / FILE_NAME).write_text(json.dumps({**data, **values}), encoding="utf-8")
    return path


def test_a_course_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(3, IDS[:2]), tested=1)
    assert open_course(folder.path) == folder


def test_what_a_key_leaves_open_is_not_asked(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", [a_key(Answer("tonic", YES), Answer("clonic"))])
    assert folder.course.cases[0].asked == ("tonic",)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"format": "semioscope-course/2"}, "newer version"),
        ({"format": "semioscope-study/1"}, "damaged"),
        ({"title": ""}, "damaged"),
        ({"title": "\u202e\u0000"}, "damaged"),
        ({"id": "../../x"}, "damaged"),
        ({"planned": 10**9}, "damaged"),
        ({"planned": 1}, "damaged"),
        ({"cases": [{}] * 5000}, "damaged"),
        ({"sealing": {"mode": "open", "salt": "00" * 16}}, "damaged"),
        ({"rules": {"features": ["tonic", "x"]}}, "damaged"),
        ({"tests": {"before": [[case_name(0), IDS[0]]]}}, "damaged"),
        ({"tests": {"before": [[case_name(1), IDS[0]], [case_name(1), IDS[1]]]}}, "damaged"),
        ({"tests": {"before": [[case_name(1), IDS[0]]], "after": [[case_name(1), IDS[0]]]}}, "damaged"),
        ({"tests": {"practice": [[case_name(1), IDS[0]]]}}, "damaged"),
    ],
)
def test_a_course_that_cannot_be_is_one_sentence(
    tmp_path: Path, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        open_course(changed(tmp_path / "c", **values))


@pytest.mark.parametrize("clip", ["../secret.mp4", "/etc/passwd", "case-00000001.mp4", "a.mp4"])
def test_a_clip_is_called_like_its_case_and_lies_nowhere_else(tmp_path: Path, clip: str) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1, IDS[:2]))
    data: Any = course_to_dict(folder.course)
    data["cases"][0]["clip"] = clip
    (folder.path / FILE_NAME).write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        open_course(folder.path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["format", "id", "title", "rules", "cases"]), inner)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_course_or_an_error_that_is_expected(data: Any) -> None:
    if isinstance(data, dict):
        data["format"] = "semioscope-course/1"
    with pytest.raises((ValueError, KeyError, TypeError)):
        course_from_dict(data)


def test_no_course_no_folder_and_a_link(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not the folder of a course"):
        open_course(tmp_path)
    with pytest.raises(UserError, match="not the folder of a course"):
        open_course(tmp_path / "nowhere")
    folder = make_course(tmp_path / "c", plain_keys(1))
    (folder.path / FILE_NAME).rename(tmp_path / "kept.json")
    (folder.path / FILE_NAME).symlink_to(tmp_path / "kept.json")
    with pytest.raises(UserError, match="link"):
        open_course(folder.path)


def test_a_course_is_never_written_over_another(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1))
    with pytest.raises(UserError, match="a course already"):
        begin_course(folder.path, "Other", folder.course.rules, 1)
    assert open_course(folder.path) == folder


def test_a_clip_that_is_missing_changed_or_a_link_is_one_sentence(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1))
    (case,) = folder.course.cases
    check_clip(folder, case)
    kept = folder.clip(case).read_bytes()
    folder.clip(case).write_bytes(b"another")
    with pytest.raises(UserError, match="was changed"):
        check_clip(folder, case)
    folder.clip(case).unlink()
    with pytest.raises(UserError, match="missing"):
        check_clip(folder, case)
    (tmp_path / "kept").write_bytes(kept)
    folder.clip(case).symlink_to(tmp_path / "kept")
    with pytest.raises(UserError, match="link"):
        check_clip(folder, case)


def test_the_cases_of_tests_are_not_practised(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(4), tested=2)
    assert folder.course.tests.get(Sitting.BEFORE) is None
    assert [case.tested for case in folder.course.cases] == [False, False, True, True]


def test_nothing_is_asked_that_needs_what_is_covered() -> None:
    body = {feature.id for feature in FEATURES if feature.group is Group.BODY}
    heard = {feature.id for feature in FEATURES if feature.group is Group.SOUND}
    asked = {
        voice: {one for one in IDS if can_be_noticed(one, voice)}
        for voice in (VoiceHiding.REMOVE, VoiceHiding.SHIFT, None)
    }
    assert asked[VoiceHiding.REMOVE] == body - {"occur_during_sleep"}, "eyes cannot be seen"
    assert asked[VoiceHiding.SHIFT] == (body | heard) - {"occur_during_sleep"}
    assert asked[None] == set(IDS), "drawn patients are taken as they are"
