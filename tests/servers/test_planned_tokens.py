"""The tokens of a plan against those that a real server counts with a real vocabulary."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.privacy.gate import allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.event_loop import run_to_end
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompt_context import Told
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet
from app.core.readers.models.provider import Material
from app.core.readers.models.providers import provider_of
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.request_plan import AskingMode, Part, Serving, request_tokens, requests
from app.core.readers.models.request_text import Wording
from app.core.readers.models.retrying import NoAnswerError
from app.core.recording.presentation import UPRIGHT
from tests.servers.model_server import PLACE, Server, free_port, running

pytestmark = pytest.mark.servers

BAR = 0.10
"""How far the plan may be from what is counted."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not (PLACE / "models" / "worded.gguf").is_file():
        pytest.skip("no model with a real vocabulary: `make test-servers` makes it")
    with running("worded", (), free_port(), tmp_path_factory.mktemp("server") / "log", eyes="") as made:
        yield made


def texts(prompts: PromptSet, mode: AskingMode) -> list[str]:
    """What a recording of a minute is asked."""
    told = None if prompts.name == "study" else Told(60.0, EventTimes(), UPRIGHT)
    plan = requests(60.0, mode=mode, part=Part(60.0, form=prompts.form))
    return [Wording(prompts, told=told).text(request) for request in plan]


def counted(server: Server, text: str) -> int:
    """The tokens of a text as the server counts them."""
    body = json.dumps({"content": text}).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/tokenize", body)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return len(json.load(answer)["tokens"])


@pytest.mark.parametrize("name", sorted(PROMPT_SETS))
def test_the_text_of_each_request_is_planned_as_it_is_counted(server: Server, name: str) -> None:
    prompts = PROMPT_SETS[name]
    modes = [AskingMode.PER_FEATURE] if name == "study" else list(AskingMode)
    serving = Serving(form=None)
    (heard, *_) = requests(1.0)
    for mode in modes:
        asked = texts(prompts, mode)
        planned = [request_tokens(heard, serving, text) for text in asked]
        found = [counted(server, text) for text in asked]
        worst = max(abs(one / other - 1) for one, other in zip(planned, found, strict=True))
        assert abs(sum(planned) / sum(found) - 1) <= BAR
        assert worst <= BAR, f"{name}, {mode.value}: {worst:.3f}"


def test_what_a_request_really_takes_is_what_was_planned(server: Server, tmp_path: Path) -> None:
    """The whole way: the request, the server's template round it, and its count in the reply."""
    choice = ModelChoice("openai", "tiny-eyes", server.url)
    row = provider_of(choice)
    passage = SendContext(allow(tmp_path, row.destination(choice), "Dr A"), Ledger(tmp_path), "test", "text")
    text = texts(PROMPT_SETS["expert"], AskingMode.GROUPED)[0]

    async def ask() -> int | None:
        provider = row.make(choice, passage, None)
        try:
            return (await provider.ask(Material(text, {}, most_tokens=1))).tokens_in
        except NoAnswerError as cut_off:
            return cut_off.tokens_in
        finally:
            await provider.close()

    tokens = run_to_end(ask())
    planned = request_tokens(requests(1.0)[0], Serving(form=None), text)
    assert tokens is not None
    assert planned == pytest.approx(tokens, rel=BAR)
