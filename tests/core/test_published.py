"""The published scores of models, as a caution beside each feature."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from app.core.clips.clip import ClipOptions
from app.core.published import PublishedArm, caution, published
from app.core.readers.models.asking import AskingWays
from app.core.readers.models.model_caution import arm_shown, published_caution
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURES, Group

QWEN = ("qwen2.5-vl", "Qwen2.5-VL")


def test_every_feature_has_scores_each_with_its_model_arm_and_number() -> None:
    for feature in FEATURES:
        scores = published(feature.id)
        assert len(scores) == (3 if feature.group is Group.SOUND else 4)
        for score in scores:
            assert 0 <= score.f1 <= 1
            assert 0 <= score.always_yes[0] <= score.always_yes[1] < 1
            assert str(score.recordings) in score.words
    assert published("nothing of the kind") == ()
    assert caution("nothing of the kind", *QWEN, PublishedArm.PLAIN) == ""


def test_the_skeleton_was_judged_on_fewer_recordings_and_the_crop_on_all() -> None:
    numbers = {(score.family, score.arm): score.recordings for score in published("clonic")}
    assert numbers == {
        ("qwen2.5-vl", PublishedArm.PLAIN): 90,
        ("internvl3.5", PublishedArm.PLAIN): 90,
        ("qwen2.5-vl", PublishedArm.SKELETON): 81,
        ("internvl3.5", PublishedArm.SKELETON): 84,
    }
    assert {score.recordings for score in published("blank_stare")} == {90}
    assert {score.recordings for score in published("close_eyes")} == {86}


def test_always_yes_is_that_on_the_same_recordings() -> None:
    plain, _, skeleton, _ = published("clonic")
    assert plain.always_yes == (0.318, 0.318)
    # 17 of 90 are clonic; the 9 that were left out may hold 0 to 9 of them.
    assert skeleton.always_yes == pytest.approx((2 * 8 / (81 + 8), 2 * 17 / (81 + 17)))
    assert ".18 to .35 (the recordings left out were not named)" in skeleton.words


def test_a_caution_is_that_of_the_same_family_and_arm() -> None:
    assert caution("clonic", *QWEN, PublishedArm.PLAIN) == (
        "Published for this feature: F1 .38 (Qwen2.5-VL-32B, the picture as recorded, 90 recordings); always "
        "saying yes scores .32 on the same ones."
    )
    with_skeleton = caution("clonic", *QWEN, PublishedArm.SKELETON)
    assert "F1 .30 (Qwen2.5-VL-32B, the skeleton drawn over the picture, 81 recordings)" in with_skeleton
    assert with_skeleton.endswith("Always saying yes does as well.")


def test_one_recording_is_one() -> None:
    one = replace(published("clonic")[0], recordings=1)
    assert ", 1 recording);" in one.words


def test_where_nothing_was_published_the_caution_says_so() -> None:
    other = caution("clonic", "gemini-3", "Gemini 3.x and later", PublishedArm.PLAIN)
    assert other.startswith(
        "Nothing is published for Gemini 3.x and later. The best of another family: F1 .43"
    )
    assert "InternVL3.5-38B, the picture as recorded" in other
    beside = caution("clonic", *QWEN, PublishedArm.BESIDE)
    assert beside.startswith(
        "Nothing is published for the skeleton in a second picture. Of this family: F1 .38"
    )
    assert "Nothing is published for this model." in caution("clonic", "unknown", "", PublishedArm.PLAIN)


def shown(feature: str, asking: AskingWays | None = None, **options: object) -> PublishedArm:
    made = {**asdict(ClipOptions(pose=False, face=False, denoise=False)), **options}
    return arm_shown({"clips": json.dumps(made), "asking": (asking or AskingWays()).text}, feature)


def test_the_arm_is_what_the_feature_was_shown() -> None:
    assert shown("clonic") is PublishedArm.PLAIN
    assert shown("clonic", pose=True) is PublishedArm.SKELETON
    assert shown("clonic", pose=True, beside=True) is PublishedArm.BESIDE
    assert shown("blank_stare", pose=True) is PublishedArm.PLAIN
    assert shown("head_turning", face=True) is PublishedArm.CROP
    assert shown("head_turning", AskingWays(with_shoulders=True), face=True) is PublishedArm.PLAIN
    assert shown("ictal_vocalization") is PublishedArm.SOUND
    assert shown("ictal_vocalization", denoise=True) is PublishedArm.DENOISED
    assert shown("ictal_vocalization", AskingWays(with_picture=True)) is PublishedArm.SEEN_SOUND


@pytest.mark.parametrize("details", [{}, {"clips": "["}, {"clips": "[]", "asking": "by post"}])
def test_details_from_elsewhere_do_no_harm(details: dict[str, str]) -> None:
    reader = ReaderIdentity(ReaderKind.MODEL, "Qwen2.5-VL-7B-Instruct", "2", details)
    assert "Qwen2.5-VL-32B, the picture as recorded" in published_caution(reader, "clonic")
