"""Names of readers, no two the same: those that are called alike with what tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.core.reading import ReaderIdentity

_LONGEST = 16
"""Characters of a setting; of a hash the first ones."""


def name_readers(
    readers: Iterable[ReaderIdentity], call: Callable[[ReaderIdentity], str] = lambda reader: reader.name
) -> dict[str, str]:
    """A name for each reader, by its exact key and in the order of the readers.

    It is what `call` gives. Where several are called so, each has its version, and those of one version the
    settings in which they differ: “signal 1.2 (picture track 2)”.
    """
    known = {reader.exact_key: reader for reader in readers}
    alike: dict[str, list[ReaderIdentity]] = {}
    for reader in known.values():
        alike.setdefault(call(reader) or "Reader", []).append(reader)
    names: dict[str, str] = {}
    for name, group in alike.items():
        names |= _named(name, group)
    return _numbered({key: names[key] for key in known})


def _named(name: str, group: Sequence[ReaderIdentity]) -> Mapping[str, str]:
    if len(group) == 1:
        return {group[0].exact_key: name}
    versions: dict[str, list[ReaderIdentity]] = {}
    for reader in group:
        versions.setdefault(reader.version, []).append(reader)
    return {
        reader.exact_key: f"{name} {version}".strip() + _settings(reader, same)
        for version, same in versions.items()
        for reader in same
    }


def _settings(reader: ReaderIdentity, same: Sequence[ReaderIdentity]) -> str:
    """The settings of a reader in which it differs from the others of its name and version."""
    keys = sorted({key for one in same for key in one.details})
    differing = [key for key in keys if len({one.details.get(key) for one in same}) > 1]
    said = [_setting(key, reader.details[key]) for key in differing if key in reader.details]
    return f" ({', '.join(said)})" if said else ""


def _setting(key: str, value: str) -> str:
    return f"{key} {value[:_LONGEST]}".replace("_", " ")


def _numbered(names: Mapping[str, str]) -> dict[str, str]:
    """The names, of equal ones all but the first with a number."""
    taken: dict[str, str] = {}
    counts: dict[str, int] = {}
    used = set(names.values())
    for key, name in names.items():
        counts[name] = counts.get(name, 0) + 1
        free = name
        while counts[name] > 1 and (free := f"{name} ({counts[name]})") in used:
            counts[name] += 1
        used.add(free)
        taken[key] = free
    return taken
