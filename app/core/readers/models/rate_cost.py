"""How many times the tokens higher rates take, as the window and the command line say it."""

from __future__ import annotations

from functools import cache

from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.request_plan import Serving, media_tokens, requests

_MINUTES = 2
"""A usual recording; the factor does not depend on it by more than a few percent."""
_WITH_POSE = frozenset({Enhancement.POSE, Enhancement.FACE})
"""Limbs and face; sound has no rate of pictures."""


@cache
def times_everywhere() -> int:
    """The tokens of higher rates everywhere, as a multiple of those of the usual rate, rounded."""
    usual, higher = (
        sum(
            media_tokens(request, Serving())
            for request in requests(60.0 * _MINUTES, enhancements=_WITH_POSE, feature_rates=quick)
        )
        for quick in (False, True)
    )
    return round(higher / usual)
