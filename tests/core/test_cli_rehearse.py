"""`semioscope rehearse` and the options on costs, as commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import main
from app.core.privacy.ledger import Ledger
from app.core.readers.models import rehearsal_trial
from app.core.readers.models.generated_media import picture
from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.prices import Price
from app.core.readers.models.provider import ClipPicture
from tests.core.counting_server import CountingServer, counting
from tests.core.model_commands import AS_RECORDED, Run, clip, openai, run, service, study_of
from tests.loopback import Service, served
from tests.media import tone, write_recording

__all__ = ["clip", "run", "service"]

QWEN = ("--model", "Qwen/Qwen2.5-VL-7B-Instruct")


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    small = picture()
    monkeypatch.setattr(
        rehearsal_trial,
        "pictures",
        lambda number, *_rest, **_cancel: tuple(ClipPicture(500 * place, small) for place in range(number)),
    )


@pytest.mark.parametrize(
    ("server", "code", "said"),
    [
        (CountingServer(), 0, "✓ Pose, 60 pictures"),
        (CountingServer(most_frames=32), 1, "→ Start vLLM with --media-io-kwargs"),
        (CountingServer(context=4096, owner="library"), 1, "num_ctx"),
    ],
)
def test_a_rehearsal_says_what_the_server_does(
    run: Run, server: CountingServer, code: int, said: str
) -> None:
    with served(counting(server)) as service:
        found, out, _ = run("rehearse", "--reader", "openai", "--base-url", f"{service.url}/v1", *QWEN)
    assert (found, said in out) == (code, True), out


@pytest.mark.parametrize(
    "option",
    [
        ("--plan",), ("--i-have-authority",), ("--part", "0-9"), ("--tell-event",), ("--tell-earlier",),
        ("--long",), ("--most-cost", "5"), ("--merging", "2 segments"), ("--confidence", "repeats"),
        ("--times-asked", "3"), ("--wordings", "plain"), ("--transcript-model", "."),
        ("--ask-refused-again",),
    ],
)  # fmt: skip
def test_a_rehearsal_takes_no_options_for_recordings(run: Run, option: tuple[str, ...]) -> None:
    code, _, err = run(
        "rehearse", "--reader", "openai", *QWEN, "--base-url", "http://127.0.0.1:9/v1", *option
    )
    assert code == 1
    assert f"{option[0]} is for recordings" in err


def test_the_help_shows_only_what_does_something(capsys: pytest.CaptureFixture[str]) -> None:
    """What is refused by name stands in no help; what is shown is taken (`test_cli_models.py`)."""
    shown = {}
    for command in ("rehearse", "offline", "analyze"):
        assert main([command, "--help"]) == 0
        shown[command] = {*re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)}
    assert "--most-cost" in shown["analyze"]
    assert not shown["rehearse"] & {
        "--plan", "--i-have-authority", "--part", "--tell-event", "--tell-earlier", "--long", "--most-cost",
        "--merging", "--confidence", "--times-asked", "--wordings", "--transcript-model",
        "--ask-refused-again",
    }  # fmt: skip
    assert {"--deadline", "--enhance", "--fps", "--prompts", "--cover", "--video"} <= shown["rehearse"]
    assert not shown["offline"] & {
        "--base-url", "--project", "--location", "--private-network", "--plan", "--most-cost", "--long",
        "--deadline", "--tell-earlier", "--times-asked", "--wordings", "--part", "--tell-event",
    }  # fmt: skip
    assert {"--merging", "--i-have-authority", "--cover", "--fps"} <= shown["offline"]


def test_a_ceiling_needs_a_price_before_anything_is_sent(run: Run, service: Service, clip: Path) -> None:
    code, _, err = run(*openai(service, clip, "--i-have-authority", "--most-cost", "0.5"))
    assert code == 1
    assert "No price is known" in err
    assert service.paths == []
    assert Ledger(study_of(clip)).entries() == ()


def test_a_ceiling_stops_and_says_so_and_the_rest_can_be_asked(
    run: Run, service: Service, clip: Path
) -> None:
    price = Price(1.0, 4.0)
    save_choice(ModelChoice("openai", "tiny-vl", f"{service.url}/v1", own_price=price))
    code, out, err = run(*openai(service, clip, "--i-have-authority", "--most-cost", "0.000001"))
    assert code == 1
    assert service.asked == []
    assert err.count("Not asked: with it more than 0.00 USD could be spent") == 3
    code, out, _ = run(*openai(service, clip, "--plan", "--most-cost", "7"))
    assert "stops before it passes 7.00" in out
    code, _, err = run(*openai(service, clip, "--i-have-authority", "--most-cost", "7"))
    assert (code, len(service.asked)) == (0, 3), err


def test_an_option_out_of_range_is_refused(run: Run, clip: Path) -> None:
    for option, value in (("--most-cost", "-1"), ("--deadline", "1"), ("--deadline", "99999")):
        assert run("analyze", clip, "--reader", "openai", option, value)[0] == 2, option


def test_the_ceiling_of_the_settings_holds_for_a_whole_batch(run: Run, service: Service, clip: Path) -> None:
    write_recording(clip.with_name("second.mp4"), frames=60, sound=tone(2.4))
    # What the first request sets aside: twice its plan and its longest answer.
    price = Price(1_000_000.0, 1_000_000.0)
    given = ModelChoice("openai", "tiny-vl", f"{service.url}/v1", own_price=price, most_cost=40_000.0)
    save_choice(given)
    there = ("--study", clip.with_name("both.semioscope"), *AS_RECORDED, "--i-have-authority")
    code, _, err = run("batch", clip.parent, "--reader", "openai", *there)
    assert code == 1
    assert "Not asked: with it more than 40000.00 USD could be spent" in err
    assert 0 < len(service.asked) < 6, "a server without counts is paid at the most"
