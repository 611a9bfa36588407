"""The evidence of all features over the recording's clock, as inline SVG."""

from __future__ import annotations

from html import escape

from app.core.reading import Reading
from app.core.report.words import clock
from app.core.semiology import FEATURES, Answer, Presence

_LABELS = 190.0
_WIDTH = 960.0
_ROW = 22.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def timeline(duration: float, readings: dict[str, Reading]) -> str:
    """One row per feature that has evidence; `readings` by the class that colours them (mine, reader).

    `duration` in seconds. Gives an empty string when nobody has evidence.
    """
    rows = [(feature.name, _marked(feature.id, readings)) for feature in FEATURES]
    rows = [(name, marked) for name, marked in rows if marked]
    if not rows or duration <= 0:
        return ""
    height = len(rows) * _ROW
    parts = [
        f'<svg viewBox="0 0 {_WIDTH:g} {height + 24:g}" role="img" aria-label="Evidence over time">',
        *_grid(duration, height),
    ]
    for number, (name, marked) in enumerate(rows):
        parts += _row(name, marked, list(readings), number * _ROW, duration)
    return "\n".join([*parts, "</svg>"])


def _marked(feature: str, readings: dict[str, Reading]) -> dict[str, Answer]:
    answers = {who: reading.answer(feature) for who, reading in readings.items()}
    return {who: a for who, a in answers.items() if a.presence is Presence.YES and a.evidence}


def _grid(duration: float, height: float) -> list[str]:
    step = next((step for step in _STEPS if duration / step <= 10), _STEPS[-1])
    parts = []
    for number in range(int(duration // step) + 1):
        x = _x(number * step, duration)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height:g}"/>')
        label = clock(number * step, tenths=False)
        parts.append(f'<text x="{x:.1f}" y="{height + 18:g}" text-anchor="middle">{label}</text>')
    return parts


def _row(name: str, marked: dict[str, Answer], order: list[str], top: float, duration: float) -> list[str]:
    parts = [f'<text class="name" x="0" y="{top + 15:g}">{escape(name)}</text>']
    lane = (_ROW - 6) / len(order)
    for who, answer in marked.items():
        y = top + 3 + order.index(who) * lane
        for span in answer.evidence:
            left = _x(min(span.start, duration), duration)
            width = max(_x(min(span.end, duration), duration) - left, 2.0)
            parts.append(
                f'<rect class="{who}" x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" '
                f'height="{lane - 1:.1f}" rx="1.5"><title>{escape(name)} {clock(span.start)}–'
                f"{clock(span.end)}</title></rect>"
            )
    return parts


def _x(seconds: float, duration: float) -> float:
    return _LABELS + (_WIDTH - _LABELS - 20) * seconds / duration
