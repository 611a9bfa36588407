"""`ledger`, and what of a request is kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.privacy.ledger import Ledger
from app.core.study.store import Study
from tests.core.model_commands import (
    AS_RECORDED,
    KEY,
    NAME,
    Run,
    clip,
    everything_kept,
    openai,
    run,
    service,
    study_of,
)
from tests.loopback import Answer, Service, completion

__all__ = ["clip", "run", "service"]


def test_the_ledger_is_printed(run: Run, service: Service, clip: Path) -> None:
    run(*openai(service, clip, "--i-have-authority"))
    code, out, _ = run("ledger", study_of(clip))
    assert code == 0
    assert out.count("· 200") == 3
    assert "3 requests" in out
    data = json.loads(run("ledger", study_of(clip), "--json")[1])
    assert data["format"] == "semioscope-ledger/1"
    assert [entry["bytes"] for entry in data["entries"]] == [
        entry.sending.size for entry in Ledger(study_of(clip)).entries()
    ]
    assert "Nothing has left" in run("ledger")[1]
    assert run("ledger", clip.parent / "gone")[0] == 1
    code, out, err = run("ledger", clip.parent)
    assert (code, out) == (1, "")
    assert "no study" in err


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\r", "\n"])
def test_a_line_end_in_a_name_hides_no_request(run: Run, service: Service, clip: Path, end: str) -> None:
    argv = list(openai(service, clip, "--i-have-authority"))
    argv[argv.index("tiny-vl")] = f"tiny{end}vl"
    assert run(*argv)[0] == 0
    code, out, err = run("ledger", study_of(clip))
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 4
    assert out.count("· 200") == 3


def test_what_makes_no_sense_in_a_ledger_costs_its_own_line(run: Run, service: Service, clip: Path) -> None:
    run(*openai(service, clip, "--i-have-authority"))
    ledger = study_of(clip) / "egress.jsonl"
    wrong: list[object] = [
        {"event": "sending", "id": 1}, {"event": []}, {}, [], None, {"event": "uploaded", "remote": {}},
        {"event": "sending", "id": "a", "time": "", "user": "", "host": "", "model": "", "purpose": "",
         "bytes": 1e400, "sha256": "", "deidentification": ""},
    ]  # fmt: skip
    lines = [json.dumps(row).encode() for row in wrong] + [b"[" * 100_000, b"\xff\xfe", b"x" * 200_000]
    ledger.write_bytes(b"\n".join(lines) + ledger.read_bytes())
    code, out, err = run("ledger", study_of(clip))
    assert code == 0
    assert out.count("· 200") == 3
    assert "10 lines" in err


def test_a_forged_ledger_is_shown_and_nothing_is_deleted(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    study = study_of(clip)
    Study.open(study, author="test").close()
    names = (
        "files/somebodys-own",
        "files/../tunedModels/precious",
        "files/x?a=b",
        "files/clip-0123456789abcdef",
    )
    host = f"127.0.0.1:{service.port}"
    rows = ({"event": "uploaded", "remote": name, "host": host, "time": "2026-11-28"} for name in names)
    (study / "egress.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    assert run("analyze", clip, *model, "--i-have-authority")[0] == 0
    assert not [path for path in service.paths if "generateContent" not in path]
    assert run("ledger", study)[1].count("Listed as left") == 4


# keys and names


def test_neither_key_nor_name_is_found_anywhere(  # noqa: PLR0917
    run: Run,
    service: Service,
    clip: Path,
    own_folders: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = ""
    error = f'{{"error": "{KEY}"}}'.encode()
    answers: list[Answer | None] = [None, (200, {}, completion(f"your key is {KEY}")), (200, {}, error)]
    answers += [
        (status, {"location": f"http://{KEY}.example/"}, error) for status in (302, 400, 401, 404, 500)
    ]
    for number, answer in enumerate(answers):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        service.before = lambda _path, _body, answer=answer: answer  # type: ignore[misc]
        another = ("--fps", 1 + number / 1000)
        told += "".join(map(str, run(*openai(service, clip, "--i-have-authority", *another))))
    assert "OPENAI_API_KEY" not in os.environ, "no child process is told"
    kept = everything_kept(study_of(clip), own_folders)
    assert KEY.encode() not in kept
    assert KEY not in told
    assert KEY not in caplog.text
    for body in service.bodies:
        assert KEY.encode() not in body
        assert NAME.encode() not in body
        assert b"canary-path" not in body
    logs = everything_kept(own_folders / "logs").replace(str(own_folders).encode(), b"")
    assert b"canary-path" not in logs
    readings = everything_kept(study_of(clip) / "readings").replace(str(study_of(clip)).encode(), b"")
    assert NAME.encode() not in readings
    assert b"canary-path" not in readings


# crashes and cancel, in a separate process
