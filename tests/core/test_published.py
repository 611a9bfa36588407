"""The published scores of models, as a caution beside each feature."""

from __future__ import annotations

import pytest

from app.core.published import published
from app.core.semiology import FEATURES


def test_every_feature_has_a_caution() -> None:
    for feature in FEATURES:
        scores = published(feature.id)
        assert scores is not None
        assert 0 < scores.best <= 1
        assert 0 < scores.always_yes <= 1
        assert scores.positives <= scores.recordings
        assert "always saying yes scores ." in scores.sentence
    assert published("nothing of the kind") is None


def test_the_best_is_that_of_a_model_not_of_a_trained_baseline() -> None:
    blinking = published("eye_blinking")
    assert blinking is not None
    assert blinking.best == pytest.approx(0.25), "the baselines reach .388 and .314"
    assert blinking.always_yes == pytest.approx(0.277)
    assert "No model did better" in blinking.sentence
    clonic = published("clonic")
    assert clonic is not None
    assert clonic.sentence == (
        "Published scores of such models for this feature: F1 .43 at best; always saying yes scores .32."
    )


def test_sound_has_the_models_that_hear() -> None:
    vocal = published("ictal_vocalization")
    assert vocal is not None
    assert vocal.best == pytest.approx(0.793)
