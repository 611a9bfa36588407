"""The atlas: what each feature is, what it is confused with and how that differs, and what its side is worth.

The definitions are those of `semiology.csv`; the rest comes from `atlas.toml`, with its sources.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from app.core.semiology import FEATURE, FEATURES, Feature

NO_TERM = "The ILAE's glossary has no term for it."
SHORT_OF_MEDICINE = (
    "Side and value are of groups of patients, never of one. What no source could be found for is left out."
)


@dataclass(frozen=True, slots=True)
class Confuser:
    """Something that resembles a feature, and how it differs."""

    name: str
    differs: str


@dataclass(frozen=True, slots=True)
class AtlasEntry:
    """All that the atlas says of a feature.

    `term` is that of the ILAE's glossary ("" without one), `update` where the feature belongs in the ILAE's
    classification of 2025; `side` is what it or its side speaks for, `caution` when that fails; `sources` are
    what these were checked with.
    """

    feature: Feature
    confusers: tuple[Confuser, ...]
    term: str
    update: str
    side: str
    caution: str
    sources: tuple[str, ...]


@lru_cache(maxsize=1)
def atlas_entries() -> tuple[AtlasEntry, ...]:
    """The entries of all features, in the order of the checklist."""
    text = resources.files("app.core.teaching").joinpath("atlas.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return tuple(_entry(feature, data) for feature in FEATURES)


def _entry(feature: Feature, data: Mapping[str, Any]) -> AtlasEntry:
    row = data["features"][feature.id]
    names = [name.strip() for name in feature.confusers.split(";")]
    return AtlasEntry(
        feature,
        tuple(Confuser(name, differs) for name, differs in zip(names, row["tells_apart"], strict=True)),
        row.get("term", ""),
        data["update"][row["update"]],
        row["side"],
        row["caution"],
        tuple(data["sources"][name] for name in row["sources"]),
    )


def atlas_entry(feature: str) -> AtlasEntry:
    """The entry of a feature. Raises KeyError for an unknown one."""
    return atlas_entries()[FEATURES.index(FEATURE[feature])]


def search_atlas(words: str) -> tuple[AtlasEntry, ...]:
    """The entries in which every one of the words stands, whatever its case; all for no words.

    Those with the words in their name come first.
    """
    wanted = words.casefold().split()
    found = [one for one in atlas_entries() if all(word in _text_of(one) for word in wanted)]
    return tuple(sorted(found, key=lambda one: not all(w in one.feature.name.casefold() for w in wanted)))


@lru_cache(maxsize=len(FEATURES))
def _text_of(entry: AtlasEntry) -> str:
    feature = entry.feature
    parts = (
        feature.name, feature.id, feature.observable, feature.minimum, feature.confusers,
        entry.term, entry.update, entry.side, entry.caution, *(one.differs for one in entry.confusers),
    )  # fmt: skip
    return " ".join(parts).casefold()
