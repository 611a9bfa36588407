"""Nothing that goes wrong with a kept clip fails a request, and nothing is left at the service that can be
deleted."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.enhance.enhancement import Enhancement
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, no_report
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models import clip_keeping
from app.core.readers.models.clip_keeping import MOST_FAILURES, ClipKeeping
from app.core.readers.models.gemini import Gemini
from app.core.readers.models.journal import Journal
from app.core.readers.models.kept_clips import Keeping, KeptClip
from app.core.readers.models.model_run import ModelRun, RunOutcome
from app.core.readers.models.provider import KeptContent as Kept
from app.core.readers.models.provider import Material, OfferedModel, Reply, WithoutServer
from app.core.readers.models.request_plan import AskingMode, Request, requests
from app.core.readers.models.retrying import NoAnswerError
from tests.core.test_clip_keeping import (
    OPTIONS,
    PLAN,
    POSE,
    PRICE,
    SEGMENTS,
    SERVING,
    Clips,
    asked,
    keeping,
    left,
    passage,
    run_of,
    there,
    tidy,
)
from tests.kept_content import KeptContent
from tests.loopback import Answer, short_answer_to

__all__ = ["there"]

AT_ONCE = {"retry-after": "0"}
OUT_OF_ORDER: Answer = 503, AT_ONCE, b"{}"
PUT = "POST /v1beta/cachedContents"


def referring(there: KeptContent) -> int:
    return sum("cachedContent" in row for row in there.service.asked)


def nothing_is_left(folder: Path, there: KeptContent) -> bool:
    return (there.contents, Ledger(folder).contents().orphans, left(folder, there)) == ({}, (), 0)


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests wait half a second for their clip, and have their whole deadline all the same."""
    monkeypatch.setattr(clip_keeping, "SHARE_OF_DEADLINE", 0.5 / OPTIONS.deadline)


@pytest.mark.usefixtures("short_waits")
def test_a_clip_that_is_put_there_too_slowly_fails_no_request(tmp_path: Path, there: KeptContent) -> None:
    there.seconds = 2.5
    outcome = asked(tmp_path, there)
    assert outcome.failed == ()
    assert len(there.answered) == len(PLAN)
    assert referring(there) < len(POSE), "the first ones are asked without it"
    assert len(there.made) == SEGMENTS, "it is put there once all the same"
    assert nothing_is_left(tmp_path, there)


def test_a_clip_that_takes_longer_than_the_deadline_fails_no_request(
    tmp_path: Path, there: KeptContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.seconds = 30.0
    monkeypatch.setattr(clip_keeping, "DELETION_TIME", 3.0)  # after which the run no longer waits for it
    outcome = asked(tmp_path, there, deadline=10.0)
    assert outcome.failed == ()
    assert len(there.answered) == len(PLAN)
    assert (referring(there), len(there.made)) == (0, SEGMENTS)
    assert nothing_is_left(tmp_path, there)


@pytest.mark.usefixtures("short_waits")
def test_requests_do_not_wait_long_for_a_clip_and_later_ones_find_it(
    tmp_path: Path, there: KeptContent
) -> None:
    there.seconds = 1.0

    def answer(row: dict[str, object]) -> str:
        time.sleep(0.1)
        return short_answer_to(row)

    there.answers = answer
    outcome = asked(tmp_path, there, limit=1)
    assert outcome.failed == ()
    assert 0 < referring(there) < len(POSE)
    assert outcome.used.of_kept[1] == 5000 * SEGMENTS, "each is paid for once"
    assert nothing_is_left(tmp_path, there)


def test_what_is_kept_although_the_service_did_not_say_so_is_deleted(
    tmp_path: Path, there: KeptContent
) -> None:
    there.hidden = OUT_OF_ORDER
    outcome = asked(tmp_path, there)
    assert outcome.failed == ()
    assert len(there.made) > SEGMENTS
    assert nothing_is_left(tmp_path, there)


def test_a_cancel_while_a_clip_is_put_there_deletes_it(tmp_path: Path, there: KeptContent) -> None:
    there.seconds = 5.0
    cancel = CancelToken()

    def cancel_then() -> None:
        while not there.made:
            time.sleep(0.01)
        cancel.cancel()

    threading.Thread(target=cancel_then, daemon=True).start()
    with pytest.raises(Cancelled):
        asked(tmp_path, there, cancel)
    assert there.made
    assert nothing_is_left(tmp_path, there)


def test_a_name_that_cannot_be_noted_is_deleted_all_the_same(
    tmp_path: Path, there: KeptContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_name: str, _served: str) -> None:
        raise UserError("The list of what is uploaded cannot be written, so nothing is sent.")

    monkeypatch.setattr("app.core.readers.models.gemini_kept.note_served_name", refuse)
    outcome = asked(tmp_path, there)
    assert (outcome.failed, referring(there)) == ((), len(POSE))
    assert nothing_is_left(tmp_path, there)


def test_a_clip_that_cannot_be_listed_is_not_put_there(
    tmp_path: Path, there: KeptContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_ledger: Ledger, _name: str, _place: object, _reading: str = "") -> None:
        raise UserError("The list of what is uploaded cannot be written, so nothing is sent.")

    monkeypatch.setattr(Ledger, "uploaded", refuse)
    outcome = asked(tmp_path, there)
    assert (outcome.failed, there.made) == ((), [])
    assert "cannot be written" in outcome.remark


def test_a_cancel_during_a_deletion_does_not_forget_it(tmp_path: Path, there: KeptContent) -> None:
    cancel = CancelToken()

    def cancelled() -> Answer:
        cancel.cancel()
        time.sleep(1.0)
        return OUT_OF_ORDER

    there.once["delete"] = cancelled
    with pytest.raises(Cancelled):
        asked(tmp_path, there, cancel)
    assert nothing_is_left(tmp_path, there)


def test_a_deletion_that_failed_is_tried_again_at_the_end(tmp_path: Path, there: KeptContent) -> None:
    there.once["delete"] = OUT_OF_ORDER
    assert asked(tmp_path, there).failed == ()
    assert sum(step.startswith("DELETE") for step in there.steps) == SEGMENTS + 1
    assert nothing_is_left(tmp_path, there)


@pytest.mark.parametrize(("status", "kept"), [(400, SEGMENTS - 1), (429, SEGMENTS), (503, SEGMENTS)])
def test_one_clip_that_is_refused_is_no_reason_to_keep_no_other(
    tmp_path: Path, there: KeptContent, status: int, kept: int
) -> None:
    there.once["create"] = status, AT_ONCE, b"{}"
    outcome = asked(tmp_path, there)
    assert outcome.failed == ()
    assert len(there.made) == kept
    assert (outcome.remark == "") == (status != 400), "what was busy once is nothing to be told of"


def test_after_several_failures_in_a_row_no_more_are_tried(tmp_path: Path, there: KeptContent) -> None:
    plan = tuple(
        one for one in requests(180.0, mode=AskingMode.PER_FEATURE) if one.enhancement is Enhancement.POSE
    )
    assert len(keeping().clips(plan)) > MOST_FAILURES + 1
    there.refuses["create"] = 400, {}, b"{}"
    outcome = asked_about(plan, tmp_path, there)
    assert outcome.failed == ()
    assert there.steps.count(PUT) == MOST_FAILURES


def asked_about(plan: tuple[Request, ...], folder: Path, there: KeptContent) -> RunOutcome:
    context = passage(folder, there)
    options = replace(OPTIONS, keeping=keeping(), limit=1)
    journal = Journal(folder / "readings" / "r", {"recording": "abc"})
    run = ModelRun(plan, Clips(), journal, options)

    def make() -> Gemini:
        return Gemini(context, Secret("canary-key-0123456789"), base_url=there.service.url)

    return run.run(make, report=no_report, cancel=CancelToken())


def test_a_clip_that_is_too_large_for_one_request_is_not_kept() -> None:
    large = replace(SERVING, sizes={Enhancement.POSE: (20_000, 20_000)})
    assert Keeping(SERVING, PRICE, 4, OPTIONS.wording.beginning).clips(PLAN)
    assert Keeping(large, PRICE, 4, OPTIONS.wording.beginning).clips(PLAN) == ()


@pytest.mark.parametrize("body", [b"[1]", b'"gone"', b"{", b"3"])
def test_an_odd_answer_to_a_deletion_ends_no_reading(tmp_path: Path, there: KeptContent, body: bytes) -> None:
    there.refuses["delete"] = 200, {}, body
    there.refuses["list"] = 200, {}, body
    outcome = asked(tmp_path, there)
    assert (outcome.failed, len(there.answered)) == ((), len(PLAN))
    context = passage(tmp_path, there)
    context.ledger.uploaded("kept/clip-0123456789abcdef", context.permission.destination)
    tidy(tmp_path, there)


def test_a_ledger_that_cannot_be_written_for_a_moment_ends_no_reading(
    tmp_path: Path, there: KeptContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted, tried = Ledger.deleted, []

    def refuse_once(ledger: Ledger, name: str) -> None:
        tried.append(name)
        if len(tried) == 1:
            raise UserError("The ledger of what is sent cannot be written, so nothing is sent.")
        deleted(ledger, name)

    monkeypatch.setattr(Ledger, "deleted", refuse_once)
    assert asked(tmp_path, there).failed == ()
    assert nothing_is_left(tmp_path, there)


def test_an_answer_is_shown_before_its_clip_is_deleted(tmp_path: Path, there: KeptContent) -> None:
    shown: list[object] = []
    when_deleted: list[int] = []

    def slow() -> Answer:
        when_deleted.append(len(shown))
        return OUT_OF_ORDER

    there.once["delete"] = slow
    context = passage(tmp_path, there)
    run_of(tmp_path, limit=1).run(
        lambda: Gemini(context, Secret("canary-key-0123456789"), base_url=there.service.url),
        report=no_report,
        cancel=CancelToken(),
        arrived=shown.append,
    )
    assert when_deleted[0] >= len(POSE) // SEGMENTS


def test_the_connection_is_closed_whatever_happens_to_what_is_kept(
    tmp_path: Path, there: KeptContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    async def fail(_provider: Gemini, _patience: float) -> None:
        raise LookupError("a bug")

    async def close(_provider: Gemini) -> None:
        closed.append(True)

    monkeypatch.setattr(Gemini, "release_all", fail)
    monkeypatch.setattr(Gemini, "close", close)
    with pytest.raises(LookupError):
        asked(tmp_path, there)
    assert closed == [True]


class Silent(WithoutServer):
    """Keeps a clip, and answers nothing."""

    async def ask(self, _material: Material) -> Reply:
        raise NoAnswerError("empty", 100, 10)

    async def keep(self, _material: Material, _seconds: float) -> Kept:
        return Kept("cachedContents/a", 5000)

    async def release(self, _names: object, _patience: float) -> None:
        """There is nothing."""

    async def release_all(self, _patience: float) -> None:
        """There is nothing."""

    async def models(self) -> tuple[OfferedModel, ...]:
        return ()


def test_a_request_without_an_answer_pays_for_its_clip_apart_from_its_tokens() -> None:
    clip = KeptClip(PLAN[:2], "", 6000, 1800.0)
    kept = ClipKeeping(Silent(), [clip], 60.0)
    with pytest.raises(NoAnswerError) as caught:
        asyncio.run(kept.ask(PLAN[0], Material("", {})))
    assert (caught.value.tokens_in, caught.value.of_kept) == (100, (0, 5000, 2500.0))
