"""`analyze` with models, and `ledger`: what leaves, what is kept, and what never does."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends import null

from app import cli
from app.commands.model_options import MODELS
from app.core.privacy.destination import Destination
from app.core.privacy.gate import permissions
from app.core.privacy.ledger import Ledger, body_digest
from app.core.readers.models import gemini
from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.prompts import PROMPT_SETS, prompts_to_json
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.providers import PROVIDERS
from app.core.reading import ReaderKind, from_json
from app.core.semiology import Presence
from app.core.study.store import Study
from tests.loopback import Answer, Service, completion, served
from tests.media import tone, write_recording

AS_RECORDED = ("--enhance", "none", "--cover", "none")

KEY = "canary-key-0123456789"
NAME = "Mustermann_Erika"
LEFT = "files/clip-0123456789abcdef"
Run = Callable[..., tuple[int, str, str]]
Traced = Callable[..., list[str]]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr("app.core.readers.models.retrying.random.uniform", lambda *_range: 0.0)
    with served() as made:
        yield made


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    folder = tmp_path / "canary-path"
    folder.mkdir()
    return write_recording(folder / f"{NAME}.mp4", frames=50, sound=tone(2.0))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)

    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in argv])
        return code, *capsys.readouterr()

    return call


def openai(service: Service, clip: Path, *more: object) -> tuple[object, ...]:
    """A reading without enhancement, so that nobody has to be found first."""
    address = f"{service.url}/v1"
    server = ("--reader", "openai", "--base-url", address, "--model", "tiny-vl")
    return ("analyze", clip, *AS_RECORDED, *server, *more)


def study_of(clip: Path) -> Path:
    return clip.with_suffix(".semioscope")


def everything_kept(*folders: Path) -> bytes:
    return b"\n".join(
        str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        for folder in folders
        for path in sorted(folder.rglob("*"))
    )


def test_the_readers_of_the_command_line_are_the_providers() -> None:
    assert set(MODELS) == set(PROVIDERS)


# the gate


def test_without_the_attestation_nothing_is_sent_or_written(run: Run, service: Service, clip: Path) -> None:
    code, out, err = run(*openai(service, clip))
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert f"127.0.0.1:{service.port}" in line
    assert "stays on this computer" in line
    assert "--i-have-authority" in line
    assert service.paths == []
    assert list(clip.parent.iterdir()) == [clip]


def test_the_terms_of_the_place_are_named(run: Run, clip: Path) -> None:
    _, _, err = run("analyze", clip, "--reader", "gemini")
    assert "exclude clinical practice" in err
    assert "generativelanguage.googleapis.com:443" in err


def test_a_plan_is_printed_and_nothing_is_sent_or_written(run: Run, service: Service, clip: Path) -> None:
    code, out, _ = run(*openai(service, clip, "--plan", "--i-have-authority"))
    assert code == 0
    assert "3 requests" in out
    assert "price not known for this model" in out
    assert "pose at 2 fps: 11 features" in out
    assert service.paths == []
    assert list(clip.parent.iterdir()) == [clip]
    assert "20 requests" in run(*openai(service, clip, "--plan", "--mode", "per-feature"))[1]
    assert run(*openai(service, clip, "--plan", "--i-have-authority", "--fps", "5"))[0] == 0


def test_a_plan_says_whose_heads_are_covered(run: Run, service: Service, clip: Path) -> None:
    plan = (*openai(service, clip), "--plan")
    assert "patient: can be recognised; other people: not covered" in run(*plan)[1]
    covered = run(*plan, "--cover", "bystanders,patient")[1]
    assert "patient: face covered in clips for limbs and body; other people: heads covered" in covered
    assert run(*plan, "--cover", "nurse")[0] == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--reader", "openai"), "address is missing"),
        (("--reader", "openai", "--base-url", "http://127.0.0.1:9/v1"), "No model of the server"),
        (("--reader", "openai", "--base-url", "http://models.example.org", "--model", "m"), "https"),
        (("--reader", "vertex"), "project"),
        (("--reader", "gemini", "--i-have-authority"), "There is no key"),
        (("--reader", "gemini", "--prompts", "nonsense"), "neither a set of prompts"),
        (("--reader", "gemini", "--enhance", "transcript"), "ranscript"),
        (("--plan",), "--plan is for models"),
        (("--i-have-authority",), "--i-have-authority is for models"),
        (("--mode", "grouped"), "--mode is for models"),
    ],
)
def test_what_is_missing_is_one_line_before_any_work(
    run: Run, clip: Path, options: tuple[str, ...], words: str
) -> None:
    code, out, err = run("analyze", clip, *options)
    assert (code, out) == (1, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert list(clip.parent.iterdir()) == [clip]


@pytest.mark.parametrize("value", ["sharpen", "", "pose,sharpen"])
def test_an_unknown_enhancement_is_a_usage_error(run: Run, clip: Path, value: str) -> None:
    assert run("analyze", clip, "--reader", "gemini", "--enhance", value)[0] == 2
    assert run("analyze", clip, "--reader", "gemini", "--fps", "31")[0] == 2


# the whole way


def test_a_server_reads_and_the_study_keeps_it(
    run: Run, service: Service, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    service.presence = "yes"
    out = tmp_path / "reading.json"
    code, table, err = run(*openai(service, clip, "--i-have-authority", "--json", out))
    assert code == 0
    assert "Clonic" in table
    assert "The model reads segment 1" in err
    assert [header.get("authorization") for header in service.headers] == [f"Bearer {KEY}"] * 3
    reading = from_json(out.read_text())
    assert reading.reader.kind is ReaderKind.MODEL
    assert reading.reader.details["served"] == "tiny-vl-1"
    assert reading.reader.details["prompts"] == PROMPT_SETS["expert"].hash
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    with Study.open(study_of(clip), author="test", create=False) as study:
        (kept,) = study.readings(1)
    assert kept.answers == reading.answers
    (permission,) = permissions(study_of(clip))
    assert permission.covers_recordings
    sent = [(entry.sending.size, entry.sending.sha256) for entry in Ledger(study_of(clip)).entries()]
    assert sorted(sent) == sorted((len(body), body_digest(body)) for body in service.bodies)

    asked = len(service.paths)
    assert run(*openai(service, clip, "--i-have-authority"))[0] == 0
    assert len(service.paths) == asked, "what was answered is not asked again"


def test_gemini_reads_too_and_sends_films(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    code, out, _ = run("analyze", clip, *model, "--i-have-authority", "--json", "-")
    assert code == 0
    assert from_json(out).reader.details["served"] == "gemini-tiny-001"
    assert {header.get("x-goog-api-key") for header in service.headers} == {KEY}
    media = [part for body in service.asked for part in body["contents"][0]["parts"] if "inlineData" in part]
    assert len(media) == 3


def test_prompts_from_a_file_are_asked_as_they_stand(
    run: Run, service: Service, clip: Path, tmp_path: Path
) -> None:
    text = (
        prompts_to_json(PROMPT_SETS["plain"])
        .replace("go stiff", "become like a board")
        .replace("plain", "mine", 1)
    )
    (tmp_path / "mine.json").write_text(text)
    run(*openai(service, clip, "--i-have-authority", "--prompts", tmp_path / "mine.json", "--json", "-"))
    assert any(b"become like a board" in body for body in service.bodies)
    assert run(*openai(service, clip, "--prompts", tmp_path / "gone.json"))[0] == 1


def test_what_failed_is_listed_and_the_same_command_completes_it(
    run: Run, service: Service, clip: Path
) -> None:
    service.before = lambda _path, body: (500, {}, b"{}") if b"input_audio" in body else None
    code, _, err = run(*openai(service, clip, "--i-have-authority"))
    assert code == 1
    assert "0000-sound: The server is busy" in err
    assert "1 requests have no answer" in err
    service.before = lambda _path, _body: None
    asked = len(service.paths)
    code, out, _ = run(*openai(service, clip, "--i-have-authority", "--json", "-"))
    assert code == 0
    assert len(service.paths) == asked + 1
    assert {answer.presence for answer in from_json(out).answers.values()} == {Presence.NO}


def test_a_wrong_key_is_tried_by_the_requests_under_way_only(run: Run, service: Service, clip: Path) -> None:
    service.before = lambda _path, _body: (401, {}, b"{}")
    code, _, err = run(*openai(service, clip, "--i-have-authority", "--mode", "per-feature"))
    assert code == 1
    assert len(service.paths) <= 4
    assert "20 requests have no answer" in err


def test_what_a_model_does_not_take_is_not_sent(run: Run, service: Service, clip: Path) -> None:
    known = ModelChoice(
        "openai", "tiny-vl", f"{service.url}/v1", capabilities=Capabilities(sound="It is deaf.")
    )
    save_choice(replace(known, tested=known.target))
    code, out, _ = run(
        "analyze", clip, "--reader", "openai", *AS_RECORDED, "--i-have-authority", "--json", "-"
    )
    assert code == 0
    answer = from_json(out).answers["ictal_vocalization"]
    assert answer.presence is Presence.NOT_ASSESSABLE
    assert "It is deaf." in answer.explanation
    assert len(service.paths) == 2
    assert not any(b"input_audio" in body for body in service.bodies)


def test_silence_is_not_assessable_and_not_sent(run: Run, service: Service, tmp_path: Path) -> None:
    mute = write_recording(tmp_path / "mute.mp4", frames=50)
    code, out, _ = run(*openai(service, mute, "--i-have-authority", "--json", "-"))
    assert code == 0
    assert from_json(out).answers["verbal_responsiveness"].presence is Presence.NOT_ASSESSABLE
    assert len(service.paths) == 2


def _gemini_at(address: str) -> Destination:
    choice = ModelChoice("gemini", "gemini-tiny", address)
    return PROVIDERS["gemini"].destination(choice)


def test_files_left_with_a_provider_are_deleted_by_the_next_run(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    study = study_of(clip)
    Study.open(study, author="test").close()
    Ledger(study).uploaded("files/clip-00000000000001ef", _gemini_at(service.url))
    Ledger(study).uploaded("files/clip-00000000e15e3e7e", _gemini_at("https://elsewhere"))
    assert "clip-00000000000001ef" in run("ledger", study)[1]
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    assert run("analyze", clip, *model, "--i-have-authority")[0] == 0
    assert any("files/clip-00000000000001ef" in path for path in service.paths)
    assert [file.id for file in Ledger(study).orphans()] == ["files/clip-00000000e15e3e7e"]


def test_a_provider_that_never_ends_a_deletion_does_not_hold_the_run(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(path: str, _body: bytes) -> Answer | None:
        if "files/" in path:
            time.sleep(300)
        return None

    service.before = hang
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setattr(gemini, "DELETION_TIME", 0.2)
    Study.open(study_of(clip), author="test").close()
    place = _gemini_at(service.url)
    Ledger(study_of(clip)).uploaded("files/clip-00000000000001ef", place)
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    assert run("analyze", clip, *model, "--i-have-authority")[0] == 0
    assert len(Ledger(study_of(clip)).orphans()) == 1


def test_a_redirect_reaches_nobody(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with served() as sink:
        for status in (301, 302, 307, 308):
            service.before = lambda _path, _body, s=status: (s, {"location": f"{sink.url}/v1/x"}, b"")  # type: ignore[misc]
            assert run(*openai(service, clip, "--i-have-authority"))[0] == 1
        assert sink.paths == []
    assert len(service.paths) == 4 * 3


# the ledger


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


# crashes and cancel, in a process of its own


def command(*argv: object) -> list[str]:
    return [sys.executable, "-m", "app", *map(str, argv)]


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def hanging_after(answers: int) -> Callable[[str, bytes], Answer | None]:
    """Answers so many questions and never the others."""
    numbers = itertools.count()

    def before(_path: str, _body: bytes) -> Answer | None:
        if next(numbers) >= answers:
            time.sleep(600)
        return None

    return before


def answered(clip: Path) -> set[str]:
    return {path.stem for path in study_of(clip).glob("readings/*/0*.json")}


def test_after_a_kill_only_the_rest_is_asked(run: Run, service: Service, clip: Path) -> None:
    service.before = hanging_after(2)
    program = subprocess.Popen(
        command(*openai(service, clip, "--i-have-authority")), stderr=subprocess.DEVNULL
    )
    until(lambda: len(service.paths) >= 3 and len(answered(clip)) == 2)
    program.kill()
    program.wait()
    (folder,) = study_of(clip).glob("readings/*")
    (folder / ".unfinished-00ff00ff00ff00ff").mkdir()
    (folder / ".semioscope-00ff00ff00ff00ff").write_bytes(b"half a reply")
    service.before = lambda _path, _body: None
    before = len(service.paths)
    assert run(*openai(service, clip, "--i-have-authority"))[0] == 0
    assert len(service.paths) == before + 1
    assert len(answered(clip)) == 3
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    outcomes = [entry.outcome for entry in Ledger(study_of(clip)).entries()]
    assert sorted(outcomes) == ["200", "200", "200", "sending"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_run_that_hangs(service: Service, clip: Path) -> None:
    service.before = hanging_after(1)
    program = subprocess.Popen(
        command(*openai(service, clip, "--i-have-authority")), stderr=subprocess.PIPE, text=True
    )
    until(lambda: len(service.paths) >= 3 and len(answered(clip)) == 1)
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=60)  # the server would hang for ten minutes
    assert program.returncode == 130
    assert "no unfinished file was left" in err
    assert len(answered(clip)) == 1
    outcomes = [entry.outcome for entry in Ledger(study_of(clip)).entries()]
    assert sorted(outcomes) == ["200", "cancelled", "cancelled"]


def test_two_programs_do_not_ask_the_same_at_once(run: Run, service: Service, clip: Path) -> None:
    service.before = hanging_after(0)
    program = subprocess.Popen(
        command(*openai(service, clip, "--i-have-authority")), stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: len(service.paths) == 3)
        code, _, err = run(*openai(service, clip, "--i-have-authority"))
        assert code == 1
        assert "working on this reading" in err
        assert len(service.paths) == 3
    finally:
        program.kill()
        program.wait()


GUARD = """
import socket, sys

def watch(event, arguments):
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        open(TRACE, "a").write("AF_INET")

sys.addaudithook(watch)
"""
"""For where there is no strace: every Python process of the program tells of its internet sockets."""


@pytest.fixture(params=["strace", "audit hook"])
def traced(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Traced:
    """Runs a command and gives what it told of internet sockets."""
    trace = tmp_path / "trace"
    trace.touch()
    strace: list[str] = []
    if request.param == "strace":
        if shutil.which("strace") is None:
            pytest.skip("there is no strace here")
        strace = ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto", "-o", str(trace)]
    else:
        (tmp_path / "sitecustomize.py").write_text(GUARD.replace("TRACE", repr(str(trace))))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def call(*argv: str) -> list[str]:
        done = subprocess.run([*strace, *argv], capture_output=True, text=True, check=False)
        if "Operation not permitted" in done.stderr:
            pytest.skip("strace is not permitted here")
        assert done.returncode == 0, done.stderr
        return re.findall(r"AF_INET", trace.read_text())

    return call


def test_local_only_opens_no_internet_socket(traced: Traced, clip: Path, tmp_path: Path) -> None:
    """P1: the built-in reader, with its analysis process."""
    assert traced(*command("analyze", clip, "--json", tmp_path / "out.json")) == []
    assert (tmp_path / "out.json").exists()
    assert traced(sys.executable, "-c", "import socket; socket.socket()"), "the watch sees a socket"
