"""A price ceiling is never passed: requests are asked up to it, and not one more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.readers.models.families import FAMILIES
from app.core.readers.models.journal import Journal
from app.core.readers.models.kept_clips import KeptClip
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.readers.models.model_run import ModelRun, RunOptions, RunOutcome
from app.core.readers.models.prices import Price
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Material, OfferedModel, Reply
from app.core.readers.models.reading_cost import request_spending
from app.core.readers.models.request_plan import Request, Serving, requests
from app.core.readers.models.retrying import BusyError, NoAnswerError, RequestError, error_for_status
from app.core.readers.models.spending import Leave, Paid, RequestSpending, SpendingLimit
from app.core.semiology import Presence
from tests.loopback import answer_to

CENTS = Price(1_000_000.0, 1_000_000.0, "EUR")
"""One for each token, so that costs are tokens."""
PLAN = requests(60.0)


class Counting:
    """A model whose requests cost as the test says."""

    def __init__(self, cost: Callable[[int], tuple[int, int] | RequestError]) -> None:
        self.cost = cost
        self.asked = 0
        self.paid = 0

    async def ask(self, material: Material) -> Reply:
        self.asked += 1
        cost = self.cost(self.asked)
        if isinstance(cost, RequestError):
            raise cost
        self.paid += sum(cost)
        return Reply(answer_to(dict(material.schema), "no"), "tiny-1", *cost)

    async def models(self) -> tuple[OfferedModel, ...]:
        return ()

    async def tidy(self) -> None:
        """Nothing is left with it."""

    async def close(self) -> None:
        """Nothing is open."""


class Clips:
    def cannot_show(self, _request: Request) -> str:
        return ""

    def media(self, _request: Request, _cancel: CancelToken) -> Material:
        return Material("", {})


def ran(folder: Path, model: Counting, most: float, *, planned: int = 100, longest: int = 10) -> RunOutcome:
    limit = RequestSpending(SpendingLimit(most), CENTS, lambda _one, _text: planned, lambda _one: longest)
    options = RunOptions(PROMPT_SETS["expert"], limit=4, spending=limit)
    run = ModelRun(PLAN, Clips(), Journal(folder / "readings" / "a", {"a": "b"}), options)
    return run.run(lambda: model, report=no_report, cancel=CancelToken())


# The first request sets aside 2 × 100 + 10, each further one 100 + 10 tokens.
@pytest.mark.parametrize(
    ("most", "asked"), [(209, 0), (210, 1), (219, 1), (220, 2), (329, 2), (330, 3), (990, 9)]
)
def test_requests_are_asked_up_to_the_border_and_not_one_more(tmp_path: Path, most: int, asked: int) -> None:
    assert len(PLAN) == 9
    model = Counting(lambda _number: (100, 10))
    outcome = ran(tmp_path, model, most)
    assert model.asked == asked
    assert model.paid <= most
    left = {failed.request for failed in outcome.failed}
    assert len(left) == 9 - asked
    assert all(failed.again for failed in outcome.failed), "the rest can be asked later"
    assert all(f"more than {most:.2f} EUR" in failed.reason for failed in outcome.failed)
    assert Presence.NOT_ASSESSABLE not in {answer.presence for answer in outcome.answers.values()}


@given(
    costs=st.lists(st.tuples(st.integers(50, 200), st.integers(0, 10)), min_size=9, max_size=9),
    most=st.integers(0, 3000),
)
def test_it_is_never_passed_where_a_plan_is_at_most_twice_too_small(
    costs: list[tuple[int, int]], most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ascending = sorted(costs, reverse=True)  # the worst ratio shows first
    model = Counting(lambda number: ascending[number - 1])
    ran(tmp_path_factory.mktemp("run"), model, most)
    assert model.paid <= most


def test_an_answer_that_was_cut_off_is_paid_for_and_a_refusal_is_not(tmp_path: Path) -> None:
    cut = Counting(lambda _number: NoAnswerError("cut off", 100, 10))
    ran(tmp_path / "cut", cut, 330)
    assert cut.asked == 3
    refused = Counting(lambda _number: RequestError("refused"))
    ran(tmp_path / "refused", refused, 330)
    assert refused.asked == 9


def test_a_server_that_states_no_tokens_is_paid_as_if_it_took_the_most(tmp_path: Path) -> None:
    silent = Counting(lambda _number: NoAnswerError("empty"))
    ran(tmp_path, silent, 629)
    assert silent.asked == 2, "each counts as the 210 that it set aside"


@pytest.mark.parametrize(
    ("busy", "asked"), [(BusyError("broken off", 0.0, begun=True), 2), (BusyError("turned away", 0.0), 27)]
)
def test_each_attempt_that_was_begun_is_paid_for(tmp_path: Path, busy: BusyError, asked: int) -> None:
    model = Counting(lambda _number: busy)
    outcome = ran(tmp_path, model, 629)
    assert model.asked == asked, "27 are three attempts of each request"
    assert len(outcome.failed) == 9
    assert all(failed.again for failed in outcome.failed)


def test_an_attempt_after_one_that_was_begun_is_settled_by_its_reply(tmp_path: Path) -> None:
    busy = BusyError("broken off", 0.0, begun=True)
    model = Counting(lambda number: busy if number == 1 else (100, 10))
    ran(tmp_path, model, 210 + 4 * 110)
    assert model.asked == 1 + 4


@pytest.mark.parametrize(("status", "begun"), [(408, True), (429, False), (500, True), (503, True)])
def test_only_what_was_turned_away_costs_nothing(status: int, begun: bool) -> None:
    error = error_for_status(status, httpx2.Headers())
    assert isinstance(error, BusyError)
    assert error.begun is begun


def test_readings_share_a_ceiling_and_one_currency() -> None:
    limit = SpendingLimit(220)
    assert limit.ask("a", CENTS, 100, 10) is Leave.GIVEN
    assert limit.ask("b", CENTS, 100, 10) is Leave.LATER, "the first reply tells how well it is planned"
    limit.settle("a", Paid(110, 1.0))
    assert limit.ask("b", CENTS, 100, 10) is Leave.GIVEN
    limit.release("b")
    assert limit.ask("c", CENTS, 101, 10) is Leave.REFUSED
    with pytest.raises(UserError, match="currency"):
        limit.ask("d", Price(1.0, 1.0, "USD"), 1, 1)


def test_what_is_kept_changes_the_cost_and_not_how_well_tokens_are_planned() -> None:
    price = Price(1_000_000.0, 1_000_000.0, "EUR", kept=100_000.0, storage=0.0)
    request = PLAN[0]
    spending = RequestSpending(
        SpendingLimit(10_000), price, lambda _one, _text: 100, lambda _one: 10, lambda _one: 1000.0
    )
    assert asyncio.run(spending.leave(request)) == ""
    spending.settle(request, (180, 10, (150, 1000, 0.0)))
    assert spending.limit.spent == pytest.approx(180 + 10 + 1000 - 0.9 * 150)
    # The tokens were 1.8 times the planned ones, whatever was paid for them.
    left = spending.limit.spent + 1.8 * (100 + 1000) + 10
    for most, leave in ((left - 1, Leave.REFUSED), (left + 1, Leave.GIVEN)):
        spending.limit.most = most
        assert spending.limit.ask("next", price, 100, 10, 1000.0) is leave


def test_a_plan_that_is_too_small_is_noticed_although_clips_are_taken_from_the_service() -> None:
    """Answers that are billed a tenth of their tokens tell all the same how many tokens a request has."""
    price = Price(1_000_000.0, 1_000_000.0, "EUR", kept=100_000.0, storage=0.0)
    spending = RequestSpending(SpendingLimit(1_000), price, lambda _one, _text: 100, lambda _one: 0)
    assert asyncio.run(spending.leave(PLAN[0])) == ""
    spending.settle(PLAN[0], (300, 0, (300, 0, 0.0)))
    assert spending.limit.spent == pytest.approx(30)
    assert asyncio.run(spending.leave(PLAN[1])) == ""
    spending.limit.most = 30 + 2 * 300 - 1
    assert spending.limit.ask("third", price, 100, 0) is Leave.LATER, "the second one holds 300"


def test_a_request_sets_aside_what_keeping_its_clip_costs() -> None:
    price = Price(1.0, 4.0, "USD", kept=0.1, storage=1.0)
    choice = ModelChoice("openai", "m", "http://127.0.0.1:9/v1", most_cost=1.0, own_price=price)
    clip = KeptClip(PLAN[:2], "", 6000, 1800.0)
    serving = Serving(FAMILIES["unknown"])
    bare = request_spending(choice, serving, {})
    kept = request_spending(choice, serving, {}, None, {one.key: clip for one in clip.requests})
    assert bare is not None
    assert kept is not None
    assert kept.planned(PLAN[0], "") == bare.planned(PLAN[0], "")
    assert [kept.putting(one) for one in (PLAN[0], PLAN[2])] == pytest.approx([9000 / 1e6, 0.0])


def test_without_a_price_there_is_no_ceiling_to_hold() -> None:
    choice = ModelChoice("openai", "m", "http://127.0.0.1:9/v1", most_cost=1.0)
    serving = Serving(FAMILIES["unknown"])
    with pytest.raises(UserError, match="No price is known"):
        request_spending(choice, serving, {})
    priced = request_spending(replace(choice, own_price=CENTS), serving, {})
    assert priced is not None
    assert priced.limit.most == 1.0
    assert request_spending(replace(choice, most_cost=None), serving, {}) is None


def test_the_ceiling_is_remembered(tmp_path: Path) -> None:
    save_choice(ModelChoice("openai", "m", most_cost=0.5, deadline=600.0), tmp_path)
    found = load_choice(tmp_path)
    assert (found.most_cost, found.deadline) == (0.5, 600.0)
    stored = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(stored | {"most_cost": "1"}))
    assert load_choice(tmp_path).local_only, "a damaged ceiling is not taken for none"
    (tmp_path / "model.json").write_text(json.dumps(stored | {"deadline": 1e9, "most_cost": -1}))
    assert (load_choice(tmp_path).most_cost, load_choice(tmp_path).deadline) == (0.0, 7200.0)
