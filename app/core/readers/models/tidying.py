"""Files of earlier runs at a provider, deleted."""

from __future__ import annotations

from collections.abc import Callable

from app.core.jobs import CancelToken
from app.core.readers.models.event_loop import run_to_end, until_done
from app.core.readers.models.provider import Provider


def run_tidy(provider: Callable[[], Provider], cancel: CancelToken) -> None:
    """Delete files of earlier runs at a provider; blocking. Raises Cancelled."""

    async def tidy() -> None:
        made = provider()
        try:
            await made.tidy()
        finally:
            await made.close()

    run_to_end(until_done(tidy(), cancel))
