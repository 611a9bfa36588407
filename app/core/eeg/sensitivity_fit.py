"""The sensitivity at which the traces of a page stay within their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow
from app.core.eeg.page_scale import SENSITIVITIES
from app.core.eeg.trace_tiles import TraceColumns

WHOLE = 0.98
"""The share of the columns of a row that stay within it; the rest are artefacts and single sharp waves."""

MOSTLY = 0.9
"""The same, for a page of which only what is the most of the time is to be readable."""

_FAR = 4.0
"""Rows with waves larger than those of the middle row by this factor are left out: noise or a loose
electrode."""


def fitted_sensitivities(
    columns: TraceColumns, rows: Sequence[DerivedRow | None], millimetres: float, share: float = WHOLE
) -> Mapping[ChannelKind, float]:
    """The µV/mm of each kind of channel at which `share` of the columns of its rows stay within
    `millimetres`, the height of a row: the next larger clinical step.

    Rows that do not count are None. Kinds without a wave are left out.
    """
    reaches = _reaches(columns, share)
    found: dict[ChannelKind, float] = {}
    for kind in dict.fromkeys(row.kind for row in rows if row is not None):
        numbers = [n for n, row in enumerate(rows) if row is not None and row.kind is kind]
        reach = _typical_largest(reaches[numbers])
        if reach > 0:
            found[kind] = _step_for(reach / (millimetres / 2))
    return found


def _reaches(columns: TraceColumns, share: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How far the trace of each row is from its line in `share` of its columns; NaN where there is none."""
    away = np.fmax(np.abs(columns.low), np.abs(columns.high))
    if columns.unsettled is not None:
        away[columns.unsettled] = np.nan
    there = np.isfinite(away).any(axis=1)
    found = np.full(len(away), np.nan)
    if there.any():
        found[there] = np.nanquantile(away[there], share, axis=1)
    return found


def _typical_largest(reaches: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """The largest of the rows but those that are far larger than the middle one; 0 without a row."""
    known = reaches[np.isfinite(reaches) & (reaches > 0)]
    return float(known[known <= _FAR * np.median(known)].max()) if len(known) else 0.0


def _step_for(value: float) -> float:
    return next((step for step in SENSITIVITIES if step >= value * (1 - 1e-6)), SENSITIVITIES[-1])
