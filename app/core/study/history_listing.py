"""The changes of a study that a viewer may see."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.study.history_search import PAGE, HistoryFilter, HistoryPage, HistoryRow
from app.core.study.store import Study
from app.core.study.viewer import Seal, SealedFrom, Viewer, sealed_from, settle_seal

_PURPOSE = "history"


@dataclass(frozen=True, slots=True)
class ListedHistory:
    """The latest changes, the latest first, and how many readings are sealed, whose changes are left out."""

    rows: tuple[HistoryRow, ...]
    seal: Seal


def list_history(study: Study, viewer: Viewer, wanted: HistoryFilter, *, limit: int) -> ListedHistory:
    """The latest changes that the filter lets through and the viewer may see. Raises UserError."""
    readers = sealed_from(study, viewer)
    withheld = sum(len(study.sealed_readers(row.id, readers)) for row in study.recordings())
    seal = settle_seal(study, viewer, withheld, _PURPOSE)
    return ListedHistory(study.history_page(wanted, limit=limit, viewers=readers).rows, seal)


def history_page(
    study: Study, viewer: SealedFrom, wanted: HistoryFilter, *, before: int | None = None
) -> HistoryPage:
    """A page of changes older than row `before` that the viewer may see. Raises UserError."""
    return study.history_page(wanted, limit=PAGE, before=before, viewers=sealed_from(study, viewer))
