"""A clip that is asked about many times is kept by the service: once, through the gate, deleted after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.ai import generativelanguage_v1beta as published
from google.protobuf import json_format

from app.core.errors import Cancelled
from app.core.jobs import CancelToken, no_report
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.privacy.uploads import remaining_uploads
from app.core.readers.models.families import FAMILIES, ClipForm
from app.core.readers.models.gemini import Gemini
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.journal import Journal
from app.core.readers.models.kept_clips import LONGEST_KEPT, Keeping
from app.core.readers.models.model_run import ModelRun, RunOptions, RunOutcome
from app.core.readers.models.prices import Price, list_price
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Material
from app.core.readers.models.request_plan import AskingMode, Request, Serving, estimate, requests
from app.core.readers.models.retrying import ATTEMPTS
from app.core.readers.models.run_phrases import estimate_words, used_words
from app.core.readers.models.spending import RequestSpending, SpendingLimit
from app.core.readers.models.tidying import run_tidy
from app.core.study.readings_folder import READINGS
from app.core.study.writer_lock import WriterLock
from tests.kept_content import KeptContent
from tests.loopback import served

PRICE = Price(1.0, 4.0, "USD", kept=0.1, storage=1.0)
SERVING = Serving(FAMILIES["gemini-3"], ClipForm.VIDEO)
PLAN = tuple(
    one for one in requests(60.0, mode=AskingMode.PER_FEATURE) if one.enhancement.value in {"pose", "sound"}
)
"""Limbs and body of three segments, of which the last is too short to be kept, and their sound."""
OPTIONS = RunOptions(PROMPT_SETS["expert"], limit=4, price=PRICE)


class Clips:
    def cannot_show(self, _request: Request) -> str:
        return ""

    def media(self, request: Request, _cancel: CancelToken) -> Material:
        return Material("", {}, video=f"mp4 of {request.spec.name}".encode())


def keeping(price: Price | None = PRICE) -> Keeping:
    return Keeping(SERVING, price, 4, OPTIONS.wording.beginning)


POSE = [request for clip in keeping().clips(PLAN) for request in clip.requests]
SEGMENTS = 2


@pytest.fixture
def there() -> Iterator[KeptContent]:
    with served() as service:
        yield KeptContent(service)


def passage(folder: Path, there: KeptContent) -> SendContext:
    place = Destination(ServiceKind.GEMINI_API, f"127.0.0.1:{there.service.port}", "gemini-3.8-flash", "http")
    return SendContext(allow(folder, place, "Dr A"), Ledger(folder), "reading", "none", "0123456789abcdef")


def run_of(folder: Path, **changes: object) -> ModelRun:
    options = replace(OPTIONS, **{"keeping": keeping(), **changes})  # type: ignore[arg-type]
    return ModelRun(PLAN, Clips(), Journal(folder / "readings" / "r", {"recording": "abc"}), options)


def asked(
    folder: Path, there: KeptContent, cancel: CancelToken | None = None, **changes: object
) -> RunOutcome:
    context = passage(folder, there)

    def make() -> Gemini:
        return Gemini(context, Secret("canary-key-0123456789"), base_url=there.service.url)

    return run_of(folder, **changes).run(make, report=no_report, cancel=cancel or CancelToken())


def left(folder: Path, there: KeptContent) -> int:
    return len(remaining_uploads(passage(folder, there).permission.destination, folder))


def test_a_clip_is_sent_once_and_deleted_after_its_last_question(tmp_path: Path, there: KeptContent) -> None:
    outcome = asked(tmp_path, there)
    assert (outcome.failed, outcome.remark) == ((), "")
    assert len(there.made) == SEGMENTS
    referring = [row for row in there.service.asked if "cachedContent" in row]
    assert len(referring) == len(POSE), "the others are too small to be kept"
    assert all(len(row["contents"][0]["parts"]) == 1 for row in referring), "no media go along"
    assert there.contents == {}
    ledger = Ledger(tmp_path)
    assert ledger.contents().orphans == ()
    assert left(tmp_path, there) == 0
    assert len(ledger.contents().remote_files) == SEGMENTS
    assert len(ledger.contents().entries) == len(there.service.paths), "every request is in the ledger"


def test_the_model_is_told_the_same_as_without(tmp_path: Path, there: KeptContent) -> None:
    asked(tmp_path / "with", there)
    kept, there.answered = sorted(there.answered), []
    asked(tmp_path / "without", there, keeping=None)
    assert kept == sorted(there.answered)


def test_what_is_kept_is_what_the_vendor_publishes(tmp_path: Path, there: KeptContent) -> None:
    asked(tmp_path, there)
    for row in there.made:
        json_format.ParseDict(row, published.CachedContent()._pb, ignore_unknown_fields=False)
        assert row["model"] == "models/gemini-3.8-flash"
        assert row["ttl"] == "300s"
        assert row["displayName"].startswith("kept/clip-")
    for row in there.service.asked:
        if "cachedContent" in row:
            assert "mediaResolution" not in row["generationConfig"]
            assert "tools" not in row


@pytest.mark.parametrize("status", [400, 403, 404, 429, 503])
def test_a_service_that_keeps_nothing_is_asked_all_the_same(
    tmp_path: Path, there: KeptContent, status: int
) -> None:
    words = b'{"error": {"message": "Cached content is too small. min_total_token_count=4096"}}'
    there.refuses["create"] = (status, {"retry-after": "0"}, words)
    outcome = asked(tmp_path, there)
    assert outcome.failed == ()
    assert len(there.answered) == len(PLAN)
    tried = {400: SEGMENTS, 403: 1, 404: 1, 429: ATTEMPTS * SEGMENTS, 503: ATTEMPTS * SEGMENTS}[status]
    assert there.steps.count("POST /v1beta/cachedContents") == tried
    assert "too small" in outcome.remark
    assert left(tmp_path, there) == (tried if status == 503 else 0), "it may have kept it all the same"


def test_what_expires_in_the_middle_is_asked_without(tmp_path: Path, there: KeptContent) -> None:
    there.uses = 3
    outcome = asked(tmp_path, there)
    assert outcome.failed == ()
    assert len(there.answered) == len(PLAN), "nothing is answered twice"
    assert len(there.made) == SEGMENTS, "the next clip is kept again"
    assert "no longer has the clip" in outcome.remark
    assert left(tmp_path, there) == 0


def test_what_cannot_be_deleted_stays_listed_and_is_tried_again(tmp_path: Path, there: KeptContent) -> None:
    there.refuses["delete"] = (500, {}, b"{}")
    asked(tmp_path, there)
    assert len(Ledger(tmp_path).contents().orphans) == left(tmp_path, there) == SEGMENTS
    there.refuses.clear()
    tidy(tmp_path, there)
    assert (there.contents, Ledger(tmp_path).contents().orphans, left(tmp_path, there)) == ({}, (), 0)


def tidy(folder: Path, there: KeptContent) -> None:
    context = passage(folder, there)
    secret = Secret("canary-key-0123456789")
    run_tidy(lambda: Gemini(context, secret, base_url=there.service.url), CancelToken())


@pytest.mark.parametrize("knows_its_name", [True, False])
def test_what_a_killed_program_left_is_deleted_at_the_next_start(
    tmp_path: Path, there: KeptContent, knows_its_name: bool
) -> None:
    there.seconds = 0.0 if knows_its_name else 30.0
    there.refuses["generate"] = (503, {}, b"{}")
    script = (
        "import sys; from pathlib import Path; from types import SimpleNamespace as S\n"
        "from tests.core import test_clip_keeping as t\n"
        "t.asked(Path(sys.argv[1]), S(service=S(port=int(sys.argv[2]), url=sys.argv[3])))"
    )
    service = there.service
    program = subprocess.Popen([sys.executable, "-c", script, tmp_path, str(service.port), service.url])
    end = time.monotonic() + 200
    while time.monotonic() < end and not any(
        "generateContent" in path or (there.made and not knows_its_name) for path in service.paths
    ):
        time.sleep(0.05)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    assert len(there.contents) == 1
    (orphan,) = Ledger(tmp_path).contents().orphans
    assert orphan.id == there.made[0]["displayName"]
    there.refuses.clear()
    tidy(tmp_path, there)
    assert (there.contents, Ledger(tmp_path).contents().orphans, left(tmp_path, there)) == ({}, (), 0)


def test_cancel_deletes_what_is_kept(tmp_path: Path, there: KeptContent) -> None:
    cancel = CancelToken()

    def answer(row: dict[str, object]) -> str:
        cancel.cancel()
        return json.dumps(row and {})

    there.answers = answer
    with pytest.raises(Cancelled):
        asked(tmp_path, there, cancel)
    assert there.made
    assert there.contents == {}


def test_of_another_reading_nothing_is_deleted_while_a_program_works_on_it(
    tmp_path: Path, there: KeptContent
) -> None:
    context = passage(tmp_path, there)
    place = context.permission.destination
    another, kept, file = "fedcba9876543210", "kept/clip-0123456789abcdef", "files/clip-0123456789abcdef"
    context.ledger.uploaded(kept, place, another)
    context.ledger.uploaded(file, place)
    folder = tmp_path / READINGS / another
    folder.mkdir(parents=True)
    lock = WriterLock.acquire(folder, tmp_path)
    assert lock is not None
    for caller in ("", context.reading):
        assert [one.name for one in remaining_uploads(place, tmp_path, caller)] == [file]
    assert len(remaining_uploads(place, tmp_path, another)) == 2, "who holds the lock may delete its own"
    tidy(tmp_path, there)
    assert left(tmp_path, there) == 0
    lock.release()
    for caller in ("", context.reading):
        assert [one.name for one in remaining_uploads(place, tmp_path, caller)] == [kept]


@pytest.mark.parametrize(("minutes", "known"), [(50, 0), (80, 1)])
def test_of_another_study_only_what_is_old_enough_is_deleted(
    tmp_path: Path, there: KeptContent, monkeypatch: pytest.MonkeyPatch, minutes: int, known: int
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    context = passage(tmp_path / "a", there)
    place = context.permission.destination
    with monkeypatch.context() as earlier:
        then = datetime.now(UTC) - timedelta(minutes=minutes)
        earlier.setattr("app.core.privacy.uploads._now", then.isoformat)
        context.ledger.uploaded("kept/clip-0123456789abcdef", place, "fedcba9876543210")
    assert LONGEST_KEPT < 80 * 60
    assert len(remaining_uploads(place, tmp_path / "b")) == known


def test_without_a_permission_nothing_is_kept(tmp_path: Path, there: KeptContent) -> None:
    context = passage(tmp_path, there)
    elsewhere = f"http://localhost:{there.service.port}"

    def make() -> Gemini:
        return Gemini(context, Secret("canary-key-0123456789"), base_url=elsewhere)

    outcome = run_of(tmp_path).run(make, report=no_report, cancel=CancelToken())
    assert there.service.paths == []
    assert "other than the permitted one" in outcome.failed[0].reason


def test_a_name_that_the_service_cannot_give_is_not_used(tmp_path: Path, there: KeptContent) -> None:
    name = json.dumps({"name": "cachedContents/../files/clip-0123456789abcdef"}).encode()
    there.refuses["create"] = (200, {}, name)
    outcome = asked(tmp_path, there)
    assert outcome.failed == ()
    assert "no name that can be used" in outcome.remark
    assert not any("DELETE" in step or ".." in step for step in there.steps)


def test_tokens_that_were_kept_are_counted_at_their_price(tmp_path: Path, there: KeptContent) -> None:
    used = asked(tmp_path, there).used
    taken, put, token_hours = used.of_kept
    assert (taken, put) == (5000 * len(POSE), 5000 * SEGMENTS)
    assert token_hours == pytest.approx(put * 300 / 3600)
    dear = PRICE.of(used.tokens_in, used.tokens_out)
    assert dear + PRICE.of_kept(*used.of_kept) == pytest.approx(
        dear + (put + token_hours - 0.9 * taken) / 1e6
    )
    assert "kept by the service" in used_words(used, PRICE)
    again = run_of(tmp_path).run(
        lambda: pytest.fail("nothing is left to ask"), report=no_report, cancel=CancelToken()
    )
    assert again.used == used, "it is kept with the replies"


def test_the_plan_says_what_keeping_saves() -> None:
    without = estimate(PLAN, limit=4, price=PRICE, serving=SERVING)
    planned = keeping().estimate(PLAN, without)
    assert (planned.tokens_in, planned.kept) == (without.tokens_in, SEGMENTS)
    assert without.cost is not None
    assert planned.cost == pytest.approx(without.cost - planned.saved)
    assert planned.saved > 0.5 * without.cost * len(POSE) / len(PLAN) / 2
    assert planned.size < without.size
    assert f"{SEGMENTS} clips kept at the service" in estimate_words(planned)


@pytest.mark.parametrize(
    ("plan", "price", "family"),
    [
        (requests(60.0), PRICE, "gemini-3"),  # each clip is asked about once
        (requests(10.0, mode=AskingMode.PER_FEATURE), PRICE, "gemini-3"),  # too small to be kept
        (PLAN, Price(1.0, 4.0, "USD"), "gemini-3"),  # no price of what is kept
        (PLAN, replace(PRICE, storage=1e4), "gemini-3"),  # storage costs more than it saves
        (PLAN, PRICE, "unknown"),  # the service keeps nothing
        (PLAN, PRICE.halved, "gemini-3"),
        (PLAN, None, "gemini-3"),
    ],
)
def test_a_clip_is_not_kept_where_that_saves_nothing(
    plan: tuple[Request, ...], price: Price | None, family: str
) -> None:
    served_so = replace(SERVING, family=FAMILIES[family])
    assert Keeping(served_so, price, 4, OPTIONS.wording.beginning).clips(plan) == ()


def test_the_list_knows_the_price_of_what_is_kept() -> None:
    price = list_price("gemini-3.8-flash")
    assert price is not None
    assert price.kept == pytest.approx(price.tokens_in / 10)
    assert keeping(price).clips(PLAN)


def test_a_ceiling_holds_with_what_is_kept(tmp_path: Path, there: KeptContent) -> None:
    whole = asked(tmp_path / "whole", there).used
    cost = PRICE.of(whole.tokens_in, whole.tokens_out) + PRICE.of_kept(*whole.of_kept)
    limit = SpendingLimit(cost / 2)
    spending = RequestSpending(limit, PRICE, lambda _one, _text: 6000, lambda _one: 20)
    outcome = asked(tmp_path / "half", there, spending=spending)
    used = outcome.used
    paid = PRICE.of(used.tokens_in, used.tokens_out) + PRICE.of_kept(*used.of_kept)
    assert 0 < used.replies < whole.replies
    assert paid <= limit.most
    assert limit.spent == pytest.approx(paid, rel=0.01)
    assert there.contents == {}
