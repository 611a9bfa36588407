"""The filters of a page in plain words."""

from __future__ import annotations

from app.core.eeg.filters import Filters, inapplicable_filters, run_in


def filter_text(filters: Filters) -> str:
    """`0.5–70 Hz, notch 50 Hz`, or `not filtered`."""
    if filters.low_cut and filters.high_cut:
        parts = [f"{filters.low_cut:g}–{filters.high_cut:g} Hz"]
    else:
        parts = [f"above {filters.low_cut:g} Hz"] if filters.low_cut else []
        parts += [f"below {filters.high_cut:g} Hz"] if filters.high_cut else []
    if filters.notch:
        parts.append(f"notch {filters.notch:g} Hz" + (" and its multiples" if filters.harmonics else ""))
    return ", ".join(parts) or "not filtered"


def filter_description(filters: Filters, rate: float, *, loaded: bool = True) -> str:
    """What the filters do to the traces at `rate` Hz: cuts, phase, and how they were settled; the last not
    while what is needed to work it out has not been `loaded`, which takes a second."""
    words = [filter_text(filters)]
    if filters.low_cut or filters.high_cut or filters.notch:
        words.append(
            "zero phase (an onset may appear early)"
            if filters.zero_phase
            else "causal (an onset may appear late)"
        )
    if loaded and (seconds := run_in(filters, rate)):
        words.append(f"filters begin {seconds:.1f} s before the page")
    if impossible := inapplicable_filters(filters, rate):
        words.append(f"{', '.join(impossible)} not possible at {rate:g} Hz")
    return " · ".join(words)
