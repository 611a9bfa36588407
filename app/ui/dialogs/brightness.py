"""The dialog for brightness, contrast and gamma: three sliders that act at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QSlider, QWidget

from app.core.recording.presentation import AS_RECORDED, Tone
from app.ui.dialogs.form import button, form, lay_out, side_by_side, title
from app.ui.session.session import Session
from app.ui.theme import body_font

_STEPS = 100


@dataclass(frozen=True, slots=True)
class _ToneSlider:
    """The slider of one field of the tone, with its value on the slider (−100…100) and as text."""

    field: str
    name: str
    to_slider: Callable[[float], float]
    from_slider: Callable[[float], float]
    words: Callable[[float], str]


_PARTS = (
    _ToneSlider("brightness", "&Brightness", lambda v: v, lambda v: v, lambda v: f"{v * 100:+.0f} %"),
    _ToneSlider("contrast", "&Contrast", lambda v: v, lambda v: v, lambda v: f"{v * 100:+.0f} %"),
    _ToneSlider(
        "gamma",
        "&Gamma",
        lambda v: math.log2(v) / 2.0,
        lambda v: 2.0 ** (2.0 * v),
        lambda v: f"{v:.2f}",
    ),
)


class LightDialog(QDialog):
    """A small dialog next to the picture; the arrow keys move the sliders, Esc closes it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        title(self, "Brightness and contrast")
        self._session = session
        self.sliders: dict[str, QSlider] = {}
        self._words: dict[str, QLabel] = {}
        column = lay_out(self, form((part.name, self._field(part)) for part in _PARTS))
        column.addWidget(button("As recorded", self._reset), 0, Qt.AlignmentFlag.AlignRight)
        session.picture.presentation_changed.connect(self._on_presentation)
        self._show(session.picture.presentation.tone)

    def _field(self, part: _ToneSlider) -> QWidget:
        """The slider with its value."""
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-_STEPS, _STEPS)
        slider.setPageStep(_STEPS // 5)
        slider.setMinimumWidth(220)
        words = QLabel()
        words.setFont(body_font())
        words.setMinimumWidth(words.fontMetrics().horizontalAdvance("+100 %"))
        words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sliders[part.field], self._words[part.field] = slider, words
        slider.valueChanged.connect(lambda value: self._set(part, value / _STEPS))
        return side_by_side(slider, words, growing=slider)

    def _set(self, part: _ToneSlider, value: float) -> None:
        look = self._session.picture.presentation
        tone = replace(look.tone, **{part.field: round(part.from_slider(value), 4)})
        self._session.picture.present(replace(look, tone=tone))

    def _reset(self) -> None:
        self._session.picture.present(replace(self._session.picture.presentation, tone=AS_RECORDED))

    def _on_presentation(self) -> None:
        self._show(self._session.picture.presentation.tone)

    def _show(self, tone: Tone) -> None:
        for part in _PARTS:
            value = getattr(tone, part.field)
            slider = self.sliders[part.field]
            slider.blockSignals(True)
            slider.setValue(round(part.to_slider(value) * _STEPS))
            slider.blockSignals(False)
            self._words[part.field].setText(part.words(value))
