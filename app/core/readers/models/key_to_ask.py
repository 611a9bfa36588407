"""Whether a model can be asked at all, which is said before anything is computed for it."""

from __future__ import annotations

from collections.abc import Callable

from app.core.errors import UserError
from app.core.privacy.keys import Secret
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.providers import provider_of

KeyFor = Callable[[str], Secret | None]
"""Gives the key for a service or host by its name, None without one."""

IN_THE_WINDOW = "enter it with Reader → Set up a model."


def key_to_ask(choice: ModelChoice, key_for: KeyFor, where_to_keep: str = IN_THE_WINDOW) -> Secret | None:
    """The key with which the chosen model is asked, None where it needs none. Nothing is sent.

    To be called before costs are counted, poses found or clips made, which takes minutes. Raises UserError
    when no model is set up, something is missing in its settings, or it needs a key or credentials of this
    computer and there are none; `where_to_keep` says how a person gives the key.
    """
    row = provider_of(choice)
    place = row.destination(choice)
    row.check_computer()
    key = key_for(place.key_name)
    if key is None and row.needs_key:
        raise UserError(f"There is no key for {place.shown}: {where_to_keep}")
    return key
