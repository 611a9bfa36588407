"""The text below a page of an EEG: everything that decides how its traces look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.filters import NO_FILTERS, Filters, inapplicable_filters
from app.core.eeg.page_content import PageContent
from app.core.eeg.page_scale import DEFAULT_SENSITIVITY, sensitivity_text
from app.core.plain_text import plain

_ROWS_NAMED = 8
_MIDDOT = " · "


def footer_lines(content: PageContent, speed: float) -> tuple[str, ...]:
    """The lines below a page of `speed` mm/s, each of any length."""
    lines = [
        _MIDDOT.join((content.title, *_scales(content), f"{speed:.3g} mm/s", _polarity(content))),
        _MIDDOT.join(_filters(content)),
        *_remarks(content),
    ]
    return tuple(plain(line) for line in lines if line)


def describe_filters(filters: Filters) -> str:
    """The filters in a few words."""
    parts = [f"low cut {filters.low_cut:g} Hz"] if filters.low_cut else []
    parts += [f"high cut {filters.high_cut:g} Hz"] if filters.high_cut else []
    if filters.notch:
        parts.append(f"notch {filters.notch:g} Hz{' and multiples' if filters.harmonics else ''}")
    return ", ".join(parts) or "no filters"


def _kinds(content: PageContent) -> list[ChannelKind]:
    """The kinds of channels on the page, in the order in which they appear."""
    return list(dict.fromkeys(trace.row.kind for trace in content.traces))


def _scales(content: PageContent) -> Iterator[str]:
    in_volts = {trace.row.kind for trace in content.traces if trace.row.unit == "µV"}
    values = {
        kind: content.choice.sensitivities.get(kind, DEFAULT_SENSITIVITY[kind])
        for kind in _kinds(content)
        if kind in in_volts
    }
    for value, kinds in groupby(sorted(values, key=lambda kind: values[kind]), key=lambda kind: values[kind]):
        yield f"{', '.join(_name(kind) for kind in kinds)} {sensitivity_text(value, 'µV')}"


def _polarity(content: PageContent) -> str:
    return "negative up" if content.choice.negative_up else "positive up"


def _filters(content: PageContent) -> Iterator[str]:
    by_kind = {kind: content.choice.filters.get(kind, NO_FILTERS) for kind in _kinds(content)}
    texts: dict[str, list[str]] = {}
    for kind, filters in by_kind.items():
        texts.setdefault(describe_filters(filters), []).append(_name(kind))
    for text, kinds in texts.items():
        yield text if len(texts) == 1 else f"{', '.join(kinds)}: {text}"
    if any(filters != NO_FILTERS for filters in by_kind.values()):
        zero_phase = any(filters.zero_phase for filters in by_kind.values())
        yield (
            "zero phase" if zero_phase else "causal filters, begun before the page so that they have settled"
        )
    if any(trace.unsettled.any() for trace in content.traces):
        yield "pale: filters not settled"


def _remarks(content: PageContent) -> Iterator[str]:
    if content.missing:
        named = "; ".join(f"{row.name} ({row.why})" for row in content.missing[:_ROWS_NAMED])
        more = len(content.missing) - _ROWS_NAMED
        yield f"Not shown: {named}{f'; and {more} more' if more > 0 else ''}."
    yield from _sentence("Hidden", content.hidden)
    rows = [(content.traces[n].row, value) for n, value in content.separate.items()]
    separate = [f"{row.name} {sensitivity_text(value, row.unit)}" for row, value in rows]
    yield from _sentence("Scaled separately", separate)
    yield from _sentence("Marked bad", content.choice.bad)
    notes = sorted({f"{trace.row.name}: {trace.row.note}" for trace in content.traces if trace.row.note})
    yield from _sentence("Derived", notes)
    fitted = [trace.row.name for trace in content.traces if trace.row.unit != "µV"]
    yield from _sentence("Scaled to their rows", fitted)
    if any(not content.choice.filters.get(kind, NO_FILTERS).low_cut for kind in _kinds(content)):
        yield "Traces without a low cut are centred on their median."
    yield from _left_out(content)


def _left_out(content: PageContent) -> Iterator[str]:
    found = {
        f"{what} at {float(trace.row.rate):g} Hz"
        for trace in content.traces
        for what in inapplicable_filters(
            content.choice.filters.get(trace.row.kind, NO_FILTERS), float(trace.row.rate)
        )
    }
    yield from _sentence("Filters that the sampling rate does not allow", sorted(found))


def _sentence(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _ROWS_NAMED} more" if len(names) > _ROWS_NAMED else ""
        yield f"{what}: {', '.join(names[:_ROWS_NAMED])}{more}."


def _name(kind: ChannelKind) -> str:
    return kind.value
