"""Clips that the service keeps, as a command and as a setting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.folders import MODEL_CHOICE, settings_folder
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.families import FAMILIES
from app.core.readers.models.kept_clips import LONGEST_KEPT
from app.core.readers.models.model_choice import (
    ModelChoice,
    choice_from_text,
    choice_text,
    load_choice,
    save_choice,
)
from app.core.readers.models.model_work import planned
from app.core.readers.models.prices import Price
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.request_plan import AskingMode
from app.core.readers.models.run_phrases import KEPT_THERE, what_words
from app.core.reading import RecordingIdentity
from tests.core.model_commands import AS_RECORDED, KEY, Run, clip, run, service, study_of
from tests.kept_content import KeptContent
from tests.loopback import Service

__all__ = ["clip", "run", "service"]

PRICE = Price(1.0, 4.0, "USD", kept=0.1, storage=1.0)


@pytest.fixture
def there(service: Service, monkeypatch: pytest.MonkeyPatch) -> KeptContent:
    """A service that keeps clips of any size, at a known price."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setitem(FAMILIES, "gemini-3", replace(FAMILIES["gemini-3"], fewest_kept=1))
    monkeypatch.setattr("app.core.readers.models.reader.price_of", lambda _choice: PRICE)
    return KeptContent(service)


def analyze(run: Run, clip: Path, there: KeptContent, *more: object) -> tuple[int, str, str]:
    server = ("--reader", "gemini", "--base-url", there.service.url, "--model", "gemini-tiny")
    asked = ("--mode", "per-feature", "--i-have-authority")
    return run("analyze", clip, *AS_RECORDED, *server, *asked, *more)


def test_a_command_keeps_clips_and_says_what_was_taken_from_there(
    run: Run, clip: Path, there: KeptContent
) -> None:
    code, _, err = analyze(run, clip, there)
    assert (code, "kept by the service" in err) == (0, True), err
    assert there.made
    assert there.contents == {}
    ledger = Ledger(study_of(clip))
    assert ledger.contents().orphans == ()
    assert len(ledger.entries()) == len(there.service.paths)
    assert KEY not in (settings_folder() / "uploads.jsonl").read_text()


def test_a_plan_says_what_is_kept_and_sends_nothing(run: Run, clip: Path, there: KeptContent) -> None:
    code, out, _ = analyze(run, clip, there, "--plan")
    assert (code, there.service.paths) == (0, [])
    assert "kept at the service while asked about, which saves" in out
    _, out, _ = analyze(run, clip, there, "--plan", "--no-keep-clips")
    assert "kept at the service" not in out


def test_the_gate_says_that_clips_are_kept_there(clip: Path, there: KeptContent, tmp_path: Path) -> None:
    choice = ModelChoice("gemini", "gemini-tiny", there.service.url, mode=AskingMode.PER_FEATURE)
    recording = RecordingIdentity(clip.name, "0" * 64, 30.0)
    said = [
        what_words(planned(plan_reading(one, recording, tmp_path)))
        for one in (choice, replace(choice, keep_clips=False))
    ]
    assert [KEPT_THERE in words for words in said] == [True, False]


def test_a_refusal_is_said_once_and_costs_no_answer(run: Run, clip: Path, there: KeptContent) -> None:
    there.refuses["create"] = (403, {}, b'{"error": {"message": "caching is not enabled"}}')
    code, _, err = analyze(run, clip, there)
    assert (code, err.count("caching is not enabled")) == (0, 1), err


def test_switched_off_nothing_is_kept(run: Run, clip: Path, there: KeptContent) -> None:
    code, _, err = analyze(run, clip, there, "--no-keep-clips")
    assert (code, there.made, "kept by the service" in err) == (0, [], False)


def test_the_switch_is_a_setting_and_changes_no_reading() -> None:
    choice = ModelChoice("gemini", "gemini-tiny")
    save_choice(choice)
    assert load_choice().keep_clips is True
    path = settings_folder() / MODEL_CHOICE
    data = json.loads(path.read_text())
    del data["keep_clips"]
    path.write_text(json.dumps(data))
    assert load_choice().keep_clips is False, "who saved it was not asked whether clips may be kept"
    assert choice_from_text(choice_text(choice)) == choice


def test_who_agreed_before_clips_were_kept_is_asked_once_more(tmp_path: Path) -> None:
    place = Destination(ServiceKind.GEMINI_API, "127.0.0.1:9", "gemini-tiny")
    given = allow(tmp_path, place, "Dr A")
    assert given.valid
    assert not replace(given, terms_version="2026-11").valid
    assert "kept there meanwhile, for up to an hour" in place.terms.text
    assert LONGEST_KEPT == 3600
