"""What another program's names mean here: behaviours and tiers as features, and who the patient is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.errors import UserError
from app.core.exchange.phrases import FEATURE_ALIASES, normalise_name

LEFT_OUT = ""
"""In place of a feature: a name that is known and left out on purpose."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """`features` holds the feature, or `LEFT_OUT`, of names that are not ours, by `normalise_name`; `patient`
    is the subject whose events are taken where a file has several, None when it was not said."""

    features: Mapping[str, str] = field(default_factory=dict)
    patient: str | None = None

    def feature_named(self, name: str) -> str | None:
        """The id of the feature that is called so here or there; None when there is none."""
        key = normalise_name(name)
        return FEATURE_ALIASES.get(key) or self.features.get(key) or None

    def is_left_out(self, name: str) -> bool:
        """Whether the name was left out on purpose, so that nothing has to be said of it."""
        return self.features.get(normalise_name(name)) == LEFT_OUT


NOTHING_MAPPED = Meaning()


class PatientUnknownError(UserError):
    """Nothing of a file can be read until somebody says which of the `subjects` is the patient."""

    def __init__(self, sentence: str, subjects: Sequence[str]) -> None:
        super().__init__(sentence)
        self.subjects = tuple(subjects)
