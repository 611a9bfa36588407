"""The requests of a plan: which features share a clip, and which are shown at a higher rate."""

from __future__ import annotations

import itertools

import pytest

from app.core.readers.models.request_plan import MOST_FRAMES, AskingMode, clip_specs, requests
from app.core.semiology import FEATURE, FEATURES, Span


def test_grouped_and_per_feature_share_their_clips() -> None:
    assert clip_specs(requests(60.0)) == clip_specs(requests(60.0, mode=AskingMode.PER_FEATURE))
    assert len(clip_specs(requests(60.0))) == 9


@pytest.mark.parametrize("mode", list(AskingMode))
def test_features_that_need_more_frames_get_them_in_shorter_windows(mode: AskingMode) -> None:
    plan = requests(60.0, mode=mode, feature_rates=True)
    assert len({request.key for request in plan}) == len(plan)
    assert {feature.id for request in plan for feature in request.features} == set(FEATURE)
    for request in plan:
        assert all(request.fps >= (feature.min_fps or 0) for feature in request.features)
        assert request.segment.span.duration * request.fps <= MOST_FRAMES + 1e-6
    for feature in FEATURES:
        spans = [request.segment.span for request in plan if feature in request.features]
        assert (spans[0].start, spans[-1].end) == (0.0, 60.0)
        assert all(after.start <= before.end for before, after in itertools.pairwise(spans))
    (asleep, *_) = [r for r in plan if FEATURE["occur_during_sleep"] in r.features]
    assert asleep.segment.span == Span(0.0, 30.0)
