"""Trends of groups of channels, such as those of one region of one side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from app.core.eeg.electrodes import Side, region_of, side_of
from app.core.eeg.trends import Bytes, Halves, Trends

_Array = TypeVar("_Array", Halves, Bytes)


def region_groups(electrodes: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The channel numbers in each region of each side ("left temporal", "midline central" …), in order of
    appearance; `electrodes` are the canonical names of the channels, others are ignored."""
    groups: dict[str, tuple[int, ...]] = {}
    for number, electrode in enumerate(electrodes):
        region, side = region_of(electrode), side_of(electrode)
        if region and side is not Side.NONE:
            name = f"{side.value} {region}"
            groups[name] = (*groups.get(name, ()), number)
    return groups


def group_trends(trends: Trends, groups: Mapping[str, Sequence[int]]) -> Trends:
    """The trends of each group: means of powers, dB and amplitudes, and of the rates of rhythms weighted by
    their share of the spectrum. Channels are excluded where they have a gap."""
    members = [list(numbers) for numbers in groups.values()]
    return Trends(
        tuple(groups),
        trends.start,
        _stacked([_root_mean_square(trends.rms[some]) for some in members], trends.rms),
        _stacked([_mean_bytes(trends.spectrum[some]) for some in members], trends.spectrum),
        _stacked([_mean(trends.low[some]) for some in members], trends.low),
        _stacked([_mean(trends.high[some]) for some in members], trends.high),
        _stacked([_weighted(trends.peak[some], trends.rhythm[some]) for some in members], trends.peak),
        _stacked([_mean_bytes(trends.rhythm[some]) for some in members], trends.rhythm),
    )


def _stacked(parts: list[_Array], like: _Array) -> _Array:
    """The parts as rows; an empty array with the columns of `like` without parts."""
    return np.stack([like[0], *parts])[1:] if len(like) else like


def _mean(values: Halves) -> Halves:
    """The mean over the first axis, ignoring NaN."""
    wide = values.astype(np.float32)
    there = np.isfinite(wide)
    count = there.sum(axis=0)
    total = np.where(there, wide, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / count, np.float16)


def _root_mean_square(values: Halves) -> Halves:
    wide = np.square(values.astype(np.float32))
    there = np.isfinite(wide)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, wide, 0.0).sum(axis=0) / there.sum(axis=0)
    return np.asarray(np.sqrt(mean), np.float16)


def _mean_bytes(values: Bytes) -> Bytes:
    """The mean over the first axis, ignoring 0 (no value)."""
    count = np.maximum((values > 0).sum(axis=0), 1)
    return np.asarray(np.rint(values.sum(axis=0, dtype=np.uint32) / count), np.uint8)


def _weighted(peaks: Halves, rhythms: Bytes) -> Halves:
    weights = np.where(np.isfinite(peaks), rhythms, 0).astype(np.float32)
    total = weights.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nansum(peaks.astype(np.float32) * weights, axis=0) / total, np.float16)
