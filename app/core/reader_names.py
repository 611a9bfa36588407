"""Names of readers, no two the same: those that are called alike with what tells them apart, in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.core.reader_details import ARM, MARKS, PROMPT_SET, REPEAT, TELLS_EARLIER
from app.core.reading import ReaderIdentity

_LONGEST = 16
"""Characters of a setting; of a hash the first ones."""

_WORDS = (
    *(ARM, PROMPT_SET, "mode", "feature_rates", "range", "tells_event", TELLS_EARLIER, MARKS),
    REPEAT,
)
"""Settings in words, which say more than hashes; the first that tell readers apart are enough."""

_UNSAID = frozenset({"clips", "patient"})
"""Settings that are JSON, which only stands in a name where nothing else differs."""


def name_readers(
    readers: Iterable[ReaderIdentity], call: Callable[[ReaderIdentity], str] = lambda reader: reader.name
) -> dict[str, str]:
    """A name for each reader, by its exact key and in the order of the readers.

    It is what `call` gives. Where several are called so, each has its version, and those of one version the
    settings in which they differ, in words where they have any; repeats of one question have their number:
    “m 1 (arm face crop, prompt set plain)#2”.
    """
    known = {reader.exact_key: reader for reader in readers}
    alike: dict[str, list[ReaderIdentity]] = {}
    for reader in known.values():
        alike.setdefault(call(reader) or "Reader", []).append(reader)
    ways: dict[str, Sequence[str]] = {}
    for name, group in alike.items():
        ways |= {reader.exact_key: _ways(name, reader, group) for reader in group}
    return _first_that_differ(ways)


def _ways(name: str, reader: ReaderIdentity, group: Sequence[ReaderIdentity]) -> Sequence[str]:
    """What the reader may be called, each name saying more than the one before; the last is its alone."""
    versioned = f"{name} {reader.version}".strip()
    same = [one for one in group if one.version == reader.version]
    differing = _differing(same)
    words = [key for key in _WORDS if key in differing]
    others = [key for key in differing if key not in words and key not in _UNSAID]
    return (
        name,
        versioned,
        versioned + _settings(reader, words),
        versioned + _settings(reader, [*words, *others]),
        versioned + _settings(reader, differing, longest=None),
        f"{name} {json.dumps(json.loads(reader.exact_key), ensure_ascii=False)}",
    )


def _differing(readers: Sequence[ReaderIdentity]) -> list[str]:
    """The settings in which readers of one name and version differ."""
    keys = sorted({key for one in readers for key in one.details})
    return [key for key in keys if len({one.details.get(key) for one in readers}) > 1]


def _settings(reader: ReaderIdentity, keys: Iterable[str], longest: int | None = _LONGEST) -> str:
    wanted = [*keys]
    said = [
        f"{key.replace('_', ' ')} {_shown(key, reader.details[key], longest)}"
        for key in wanted
        if key != REPEAT and reader.details.get(key)
    ]
    # As evaluation knows repeats of one question: NAME#1, NAME#2.
    repeat = f"#{reader.details.get(REPEAT, '1')}" if REPEAT in wanted else ""
    return (f" ({', '.join(said)})" if said else "") + repeat


def _shown(key: str, value: str, longest: int | None) -> str:
    return value if key in _WORDS else value[:longest].replace("_", " ")


def _first_that_differ(ways: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each reader the first of its names that no other has; of names alike all say more."""
    level = dict.fromkeys(ways, 0)
    while True:
        names = {key: said[level[key]] for key, said in ways.items()}
        count = Counter(names.values())
        again = [key for key, name in names.items() if count[name] > 1 and level[key] < len(ways[key]) - 1]
        if not again:
            return names
        for key in again:
            level[key] += 1
