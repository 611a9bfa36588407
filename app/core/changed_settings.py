"""Changes of settings, saved also by a program that could not read the settings when it began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.settings import CHECKS, RECENT_LIMIT, Settings, UnreadSettings, load_settings, save_settings

_RECENT = ("recent", "recent_courses")


def save_changes(before: Settings, now: Settings) -> None:
    """Store the settings as they are now; of a program that had none to read, only what differs from
    `before`, over those that can be read meanwhile.

    Raises UserError when they cannot be written, or read before that: they are never replaced by defaults.
    """
    if not isinstance(before, UnreadSettings):
        save_settings(now)
    elif now != before:
        save_settings(laid_over(load_settings(), before, now))


def laid_over(read: Settings, before: Settings, now: Settings) -> Settings:
    """The settings that were read, with what differs between `before` and `now`.

    Mappings are merged key by key, and lists of what was opened are joined, with the latest first.
    """
    changed: dict[str, Any] = {}
    for name in CHECKS:
        former, present, kept = (getattr(one, name) for one in (before, now, read))
        if name in _RECENT:
            changed[name] = _joined(kept, former, present)
        else:
            changed[name] = _merged(kept, former, present)
    return replace(read, **changed)


def _joined(kept: tuple[str, ...], former: tuple[str, ...], present: tuple[str, ...]) -> tuple[str, ...]:
    if present == former:
        return kept
    others = (one for one in kept if one not in present and one not in former)
    return (*present, *others)[:RECENT_LIMIT]


def _merged(kept: Any, former: Any, present: Any) -> Any:
    """What was kept with what differs between `former` and `present`; in a mapping that goes to the end."""
    if present == former:
        return kept
    if not (isinstance(kept, Mapping) and isinstance(former, Mapping) and isinstance(present, Mapping)):
        return present
    merged = {key: value for key, value in kept.items() if key in present or key not in former}
    for key, value in present.items():
        if key not in former or value != former[key]:
            merged[key] = _merged(merged.pop(key, None), former.get(key), value)
    return merged
