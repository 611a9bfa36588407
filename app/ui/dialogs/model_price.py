"""The row of a model's price: a personal price for a million tokens, else the list price."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QVBoxLayout, QWidget

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prices import DEFAULT_CURRENCY, LONGEST_CURRENCY, Price, currency
from app.core.readers.models.providers import price_of
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import sentence, side_by_side, stacked
from app.ui.session.session import Session

MOST = 10_000.0
"""Of any currency for a million tokens."""
UNKNOWN = "No list price is known for this model."


class PriceRow(QWidget):
    """Fills `own_price` and `most_cost` of a choice; beneath the price stands what holds without it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.own = CheckBox(session, "Custom, per million tokens:")
        self.tokens_in = _amount("in", "Price of a million tokens in")
        self.tokens_out = _amount("out", "Price of a million tokens out")
        self.currency = QLineEdit(DEFAULT_CURRENCY)
        self.listed = sentence(small=True)
        self.limited = CheckBox(session, "Stop before one run costs more than")
        self.most = _amount("", "The most that one run may cost")
        self.most.setDecimals(2)
        self._list_currency = DEFAULT_CURRENCY
        self.limited.setToolTip(
            "In the currency of the price. A request is not sent when it could pass this; what was answered "
            "is kept, and asking for the rest later is another run"
        )
        self._arrange()
        self.own.toggled.connect(self._enable)
        self.limited.toggled.connect(self.most.setEnabled)
        self.currency.textChanged.connect(self._show_currency)
        self._enable(False)
        self.most.setEnabled(False)

    def show_price(self, price: Price | None) -> None:
        """Show a personal price, or that there is none."""
        self.own.setChecked(price is not None)
        if price is not None:
            self.tokens_in.setValue(price.tokens_in)
            self.tokens_out.setValue(price.tokens_out)
            self.currency.setText(price.currency)

    def show_ceiling(self, most: float | None) -> None:
        """Show the most that one run may cost, or that there is no limit."""
        self.limited.setChecked(most is not None)
        self.most.setValue(1.0 if most is None else most)

    @property
    def ceiling(self) -> float | None:
        """The most that one run may cost; None without a limit."""
        return self.most.value() if self.limited.isChecked() else None

    def show_listed(self, choice: ModelChoice) -> None:
        """Say what the list knows of the choice's model."""
        try:
            price = price_of(replace(choice, own_price=None))
        except UserError:
            price = None  # not whole yet
        self.listed.setText(listed_words(price))
        self._list_currency = price.currency if price is not None else DEFAULT_CURRENCY
        self._show_currency()

    @property
    def price(self) -> Price | None:
        """The personal price; None when the list price applies."""
        if not self.own.isChecked():
            return None
        return Price(self.tokens_in.value(), self.tokens_out.value(), currency(self.currency.text()))

    def _enable(self, on: bool) -> None:
        for widget in (self.tokens_in, self.tokens_out, self.currency):
            widget.setEnabled(on)
        self._show_currency()

    def _show_currency(self) -> None:
        """The ceiling is in the currency of the price that holds."""
        price = self.price
        self.most.setSuffix(f" {price.currency if price is not None else self._list_currency}")

    def _arrange(self) -> None:
        self.currency.setMaxLength(LONGEST_CURRENCY)
        self.currency.setFixedWidth(64)
        self.currency.setAccessibleName("Currency of the price")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(
            stacked(
                self.own,
                side_by_side(self.tokens_in, self.tokens_out, self.currency),
                self.listed,
                side_by_side(self.limited, self.most),
            )
        )
        self.setFocusProxy(self.own)


def listed_words(price: Price | None) -> str:
    """A list price with its day and source."""
    if price is None:
        return UNKNOWN
    words = f"List price of {price.read}: {price.tokens_in:g} {price.currency} in, {price.tokens_out:g} out"
    return plain(f"{words} for a million tokens ({price.source}).", 200)


def _amount(what: str, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, MOST)
    box.setDecimals(3)
    box.setSuffix(f" {what}" if what else "")
    box.setAccessibleName(name)
    return box
