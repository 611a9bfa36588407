"""A key that a server gives back, anywhere in its reply, is nowhere afterwards: neither kept nor shown."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import null

from app import cli
from tests.hostile_replies import KEY
from tests.loopback import Answer, Service, answer_to, completion, served
from tests.media import tone, write_recording

AS_RECORDED = ("--enhance", "none", "--cover", "none")


def escaped(form: str) -> str:
    return "".join(form.format(ord(letter)) for letter in KEY)


SPELLINGS = {
    "as it is": KEY,
    "turned": "\u202e".join(KEY),
    "invisible": "\u200b".join(KEY),
    "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in KEY),
    "percent": escaped("%{:02x}"),
    "HTML": escaped("&#{};"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "capitals": KEY.upper(),
    "its beginning": KEY[:15],
}


def _in_answer(text: str, **changes: Any) -> Answer:
    data = json.loads(text)
    data["answers"] = [row | changes for row in data["answers"]]
    return 200, {}, completion(json.dumps(data))


def _envelope(text: str, **more: Any) -> Answer:
    return 200, {}, json.dumps(json.loads(completion(text)) | more).encode()


PLACES: list[Callable[[str], Answer]] = [
    *(lambda text, form=form: _in_answer(text, explanation=f"with {form}.") for form in SPELLINGS.values()),
    lambda text: _in_answer(text, explanation="with " + escaped("\\u{:04x}")),
    lambda text: (200, {}, completion(text.replace("loopback", escaped("\\u{:04x}")))),
    lambda text: (200, {}, completion(text).replace(b"loopback", escaped("\\u{:04x}").encode())),
    lambda text: _in_answer(text, presence=KEY),
    lambda text: _in_answer(text, laterality=KEY),
    lambda text: _in_answer(text, feature=KEY),
    lambda text: _in_answer(text, evidence=[KEY]),
    lambda text: _in_answer(text, confidence=KEY),
    lambda text: _in_answer(text, **{KEY: KEY}),
    lambda text: (200, {}, completion(f"<think>{KEY}</think>{text}")),
    lambda text: (200, {}, completion(f"{KEY} {text}")),
    lambda text: (200, {}, completion(KEY)),
    lambda text: _envelope(text, model=f"served {KEY}"),
    lambda text: _envelope(text, model=escaped("\\u{:04x}")),
    lambda text: _envelope(text, model="\xad".join(KEY)),
    lambda text: _envelope(text, id=KEY, **{KEY: {KEY: [KEY]}}),
    lambda text: _envelope(text, usage={"prompt_tokens": KEY, "completion_tokens": KEY}),
    lambda text: (200, {"x-request-id": KEY, "content-type": KEY}, completion(text)),
    lambda _text: (200, {}, json.dumps({"error": {"message": f"bad {KEY}", "code": 400}}).encode()),
    lambda _text: (400, {}, json.dumps({"error": f"bad key {KEY[:14]}"}).encode()),
    lambda _text: (400, {}, json.dumps({"detail": [{"msg": escaped("&#x{:x};")}]}).encode()),
    lambda _text: (500, {}, json.dumps({"error": {"message": KEY.encode().hex()}}).encode()),
    lambda _text: (307, {"location": f"http://{KEY}.example/"}, KEY.encode()),
    lambda _text: (429, {"retry-after": KEY}, b"{}"),
    lambda _text: (200, {}, f"<html>{KEY}</html>".encode()),
    lambda _text: (200, {KEY: KEY}, b"[" * 50_000),
    # These end a run.
    lambda _text: (404, {}, json.dumps({"message": " ".join(KEY)}).encode()),
    lambda _text: (401, {}, json.dumps({"error": {"message": f"no: {KEY}"}}).encode()),
]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr("app.core.readers.models.retrying.random.uniform", lambda *_range: 0.0)
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    with served() as made:
        yield made


def leaks(text: str) -> list[str]:
    """The spellings of the key in a text, looked for without what takes keys out."""
    shown = "".join(letter for letter in text if letter.isprintable() and letter not in "\u200b\u202e\xad")
    return [name for name, form in SPELLINGS.items() if form.lower() in text.lower() + shown.lower()]


def test_a_key_given_back_in_forty_places_is_found_nowhere(  # noqa: PLR0917
    service: Service,
    tmp_path: Path,
    own_folders: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    film = write_recording(tmp_path / "film.mp4", frames=30, sound=tone(2.0))
    study = tmp_path / "study"
    server = ("--reader", "openai", "--base-url", f"{service.url}/v1", "--model", "tiny-vl", "--study", study)
    places = itertools.cycle(PLACES)

    def before(_path: str, body: bytes) -> Answer:
        schema = json.loads(body)["response_format"]["json_schema"]["schema"]
        return next(places)(answer_to(schema, "no"))

    service.before = before
    for number in range(2):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        options = (*AS_RECORDED, "--mode", "per-feature", "--json", tmp_path / f"{number}.json")
        rate = ("--fps", 1 + number / 100, "--i-have-authority")
        cli.main([str(one) for one in ("analyze", film, *server, *options, *rate)])
    cli.main(["ledger", str(study), "--json"])
    cli.main(["export", str(study), "--format", "json", "--out", str(tmp_path / "all.json")])
    cli.main(["report", str(study), "--out", str(tmp_path / "report.html"), "--no-pictures"])
    assert (tmp_path / "all.json").is_file()
    assert len(service.asked) >= len(PLACES) >= 35
    assert leaks("".join(capsys.readouterr())) == []
    assert leaks(caplog.text) == []
    for path in [*tmp_path.rglob("*"), *own_folders.rglob("*")]:
        if path.is_file():
            assert leaks(path.read_bytes().decode("utf-8", errors="ignore")) == [], path
