"""What a plan costs: a price that was entered, a dated list price, or nothing that is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.readers.models.prices import LIST_PRICES, Price, format_cost, list_price
from app.core.readers.models.providers import price_of
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.request_plan import estimate, requests
from app.core.reading import RecordingIdentity

GEMINI = ModelChoice("gemini", "gemini-3.8-flash")
SERVER = ModelChoice("openai", "gemini-3.8-flash", base_url="http://127.0.0.1:8000/v1")
VERTEX = ModelChoice("vertex", "gemini-3.8-flash", project="ward-7", location="europe-west3")
OWN = Price(2.0, 8.0, "EUR")


def test_every_listed_price_has_a_day_and_a_source() -> None:
    assert LIST_PRICES
    for row in LIST_PRICES:
        assert date.fromisoformat(row.price.read) <= date(2026, 11, 22)
        assert row.price.source
        assert 0 < row.price.tokens_in < row.price.tokens_out
        assert row.begins <= row.ends


def test_no_model_has_two_prices_on_one_day() -> None:
    for row in LIST_PRICES:
        days = {row.begins, row.ends, date(2026, 11, 22)}
        for day in days:
            assert sum(other.holds(row.model, day) for other in LIST_PRICES) <= 1


def test_a_price_holds_on_its_days_only() -> None:
    until, after = (list_price("gemini-3.8-flash", day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert until is not None
    assert after is not None
    assert (until.tokens_in, until.tokens_out) == (0.75, 3.75)
    assert (after.tokens_in, after.tokens_out) == (1.5, 7.5)


@pytest.mark.parametrize("name", ["gemini-3.5-flash", "gemini-3.5-flash-001"])
def test_a_release_of_a_model_costs_what_the_model_costs(name: str) -> None:
    assert list_price(name) == list_price("gemini-3.5-flash")
    assert list_price(name) is not None


@pytest.mark.parametrize(
    "name", ["", "gemini-3.8", "gemini-3.8-flash-turbo", "qwen3-vl", "gemini-3.5-flash-1"]
)
def test_another_model_has_no_price(name: str) -> None:
    assert list_price(name) is None


def test_the_list_is_the_gemini_developer_apis_alone() -> None:
    assert price_of(GEMINI) is not None
    assert price_of(ModelChoice("gemini")) == price_of(GEMINI), "the default model"
    assert price_of(SERVER) is None
    assert price_of(VERTEX) is None, "a contract has its own prices"
    assert price_of(replace(GEMINI, base_url="https://proxy.example/")) is None


@pytest.mark.parametrize("choice", [GEMINI, SERVER, VERTEX])
def test_ones_own_price_goes_first(choice: ModelChoice) -> None:
    assert price_of(replace(choice, own_price=OWN)) == OWN


def test_a_plan_says_what_it_costs_and_whose_figure_that_is(tmp_path: Path) -> None:
    recording = RecordingIdentity("event.mp4", "00" * 32, 120.0)

    def words(choice: ModelChoice) -> str:
        return plan_reading(choice, recording, tmp_path).estimate.cost_text

    assert words(SERVER) == "not known for this model"
    own = plan_reading(replace(SERVER, own_price=OWN), recording, tmp_path).estimate
    assert own.cost == pytest.approx((2.0 * own.tokens_in + 8.0 * own.tokens_out) / 1e6)
    assert f"about {own.cost:.2f} EUR, your own price" in own.cost_text
    assert "list price of 2026-10-07" in words(GEMINI)
    assert "without thinking" in words(GEMINI)
    assert words(replace(SERVER, own_price=Price(0.0, 0.0, "EUR"))).startswith("0.00 EUR")


def test_a_price_is_no_part_of_what_decides_the_answers(tmp_path: Path) -> None:
    recording = RecordingIdentity("event.mp4", "00" * 32, 30.0)
    folders = {
        plan_reading(choice, recording, tmp_path).folder
        for choice in (SERVER, replace(SERVER, own_price=OWN))
    }
    assert len(folders) == 1


def test_small_and_unknown_costs_in_words() -> None:
    plan = estimate(requests(1.0), limit=4, price=Price(0.001, 0.001))
    assert plan.cost_text.startswith("less than 0.01 USD")
    assert format_cost(None, None) == "not known for this model"


def test_ones_own_price_is_remembered(tmp_path: Path) -> None:
    save_choice(replace(SERVER, own_price=OWN), tmp_path)
    assert load_choice(tmp_path) == replace(SERVER, own_price=OWN)


@pytest.mark.parametrize(
    "price",
    [
        '{"tokens_in": -1, "tokens_out": 1}',
        '{"tokens_in": NaN, "tokens_out": 1}',
        "3",
        '{"tokens_in": 1}',
        "[]",
    ],
)
def test_a_price_that_is_none_makes_the_program_local_only(tmp_path: Path, price: str) -> None:
    save_choice(SERVER, tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace('"own_price": null', f'"own_price": {price}'))
    assert load_choice(tmp_path) == ModelChoice()
