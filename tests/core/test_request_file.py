"""Requests as a file for vLLM: what leaves is in the ledger, what comes back is judged as any reply."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.enhance import pose
from app.core.errors import UserError
from app.core.privacy.ledger import Ledger
from app.core.readers.models.request_file import open_results
from app.core.readers.models.retrying import BusyError, NoAccessError, RequestError
from app.core.semiology import Presence
from tests.core.batch_models import PLAIN, WINDOWS, empty_pose_cache, twitching_pose
from tests.core.model_commands import AS_RECORDED, NAME, Run, clip, run
from tests.core.overnight_commands import readings
from tests.loopback import answer_to

__all__ = ["clip", "run"]

MODEL = ("--model", "Qwen/Qwen2.5-VL-7B-Instruct", "--family", "qwen2.5-omni")
Row = dict[str, Any]


@pytest.fixture
def study(clip: Path, tmp_path: Path) -> Path:
    return tmp_path / "one.semioscope"


@pytest.fixture
def offline(run: Run, clip: Path, study: Path) -> Callable[..., tuple[int, str, str]]:
    def call(action: str, file: Path, *more: object) -> tuple[int, str, str]:
        given = ("--study", study, *AS_RECORDED, *MODEL, *more)
        return run("offline", action, clip.parent, file, *given)

    return call


Offline = Callable[..., tuple[int, str, str]]


def written(offline: Offline, tmp_path: Path) -> list[Row]:
    code, out, err = offline("write", tmp_path / "ask.jsonl", "--i-have-authority")
    assert (code, err.count("semioscope:")) == (0, 0), out + err
    return [json.loads(line) for line in (tmp_path / "ask.jsonl").read_bytes().splitlines()]


def result(row: Row, presence: str = "yes", **changes: Any) -> Row:
    """A line as `vllm run-batch` writes it."""
    schema = row["body"]["response_format"]["json_schema"]["schema"]
    message = {"role": "assistant", "content": answer_to(schema, presence)}
    body = {
        "model": "Qwen2.5-VL",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 90},
    }
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "vllm-1", "custom_id": row["custom_id"], "response": response, "error": None} | changes


def results(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(
        b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows)
    )
    return path


def test_every_request_is_in_the_ledger_and_names_nobody(
    offline: Offline, tmp_path: Path, study: Path
) -> None:
    rows = written(offline, tmp_path)
    assert len(rows) == 3
    lines = (tmp_path / "ask.jsonl").read_bytes().splitlines(keepends=True)
    entries = Ledger(study).entries()
    assert [(entry.sending.size, entry.sending.sha256) for entry in entries] == [
        (len(line), hashlib.sha256(line).hexdigest()) for line in lines
    ]
    assert {entry.outcome for entry in entries} == {"written"}
    assert {(row["method"], row["url"]) for row in rows} == {("POST", "/v1/chat/completions")}
    assert {row["body"]["model"] for row in rows} == {MODEL[1]}
    assert NAME.encode() not in b"".join(lines)
    assert b"canary-path" not in b"".join(lines)
    assert len({row["custom_id"] for row in rows}) == 3


def test_the_pose_for_a_second_pass_is_found_first(
    offline: Offline, tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose, "_analyse", lambda recording, *_rest: twitching_pose(recording))
    twice = ("--feature-rates", "moving")
    code, out, err = offline("write", tmp_path / "ask.jsonl", "--i-have-authority", *twice)
    rows = [json.loads(line) for line in (tmp_path / "ask.jsonl").read_bytes().splitlines()]
    assert (code, len(rows)) == (0, PLAIN + WINDOWS), out + err
    empty_pose_cache()
    said = results(tmp_path / "said.jsonl", [result(row) for row in rows])
    code, out, err = offline("read", said, *twice)
    assert (code, len(readings(study))) == (0, 1), out + err


def test_no_request_in_a_file_waits_for_another(offline: Offline, tmp_path: Path) -> None:
    assert not any("In earlier clips" in json.dumps(row) for row in written(offline, tmp_path))
    code, _, err = offline("write", tmp_path / "again.jsonl", "--i-have-authority", "--tell-earlier")
    assert (code, "--tell-earlier is for models that are asked directly" in err) == (1, True), err
    for option in (("--part", "0-1"), ("--tell-event",)):
        code, _, err = offline("write", tmp_path / "again.jsonl", "--i-have-authority", *option)
        assert (code, "is for one recording" in err) == (1, True), err
    assert not (tmp_path / "again.jsonl").exists()


def test_one_reply_never_counts_as_several_repeats(offline: Offline, tmp_path: Path, study: Path) -> None:
    rows = written(offline, tmp_path)
    found = results(tmp_path / "results.jsonl", [result(row) for row in rows])
    repeats = ("--confidence", "repeats")
    code, _, err = offline("write", tmp_path / "again.jsonl", "--i-have-authority", *repeats)
    assert (code, "cannot ask the same several times" in err) == (1, True), err
    assert not (tmp_path / "again.jsonl").exists()
    assert len(Ledger(study).entries()) == len(rows)
    code, _, err = offline("read", found, *repeats)
    assert (code, "cannot ask the same several times" in err) == (1, True), err
    assert readings(study) == []


def test_without_authority_nothing_is_written(offline: Offline, tmp_path: Path, study: Path) -> None:
    code, _, err = offline("write", tmp_path / "ask.jsonl")
    assert code == 1
    assert "--i-have-authority" in err
    assert not (tmp_path / "ask.jsonl").exists()
    assert not study.exists()


def test_a_file_is_never_written_over(offline: Offline, tmp_path: Path) -> None:
    (tmp_path / "ask.jsonl").write_text("mine")
    code, _, err = offline("write", tmp_path / "ask.jsonl", "--i-have-authority")
    assert code == 1
    assert "already" in err
    assert (tmp_path / "ask.jsonl").read_text() == "mine"


def test_results_in_any_order_become_a_reading_and_nothing_is_sent(
    offline: Offline, tmp_path: Path, study: Path
) -> None:
    rows = written(offline, tmp_path)
    before = len(Ledger(study).entries())
    made = [result(row) for row in rows]
    random.Random(1).shuffle(made)
    code, out, err = offline("read", results(tmp_path / "said.jsonl", made))
    assert (code, err.count("semioscope:")) == (0, 0), err
    assert "1 reading kept." in out
    (reading,) = readings(study)
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    assert reading.answers["tonic"].evidence[0].end == 0.5
    assert len(Ledger(study).entries()) == before
    code, _, err = offline("write", tmp_path / "again.jsonl", "--i-have-authority")
    assert code == 1
    assert "Nothing is left to ask" in err


def test_what_is_missing_is_written_again_and_alone(offline: Offline, tmp_path: Path, study: Path) -> None:
    rows = written(offline, tmp_path)
    refused = result(rows[1], response=None, error={"message": "At most 1 image(s)"})
    code, out, _ = offline("read", results(tmp_path / "said.jsonl", [result(rows[0]), refused, b"{\n"]))
    assert code == 1
    assert "2 requests without an answer that can be used. 1 line without a result." in out
    (reading,) = readings(study)
    unanswered = [answer for answer in reading.answers.values() if answer.presence is None]
    assert unanswered
    assert any("At most 1 image" in answer.explanation for answer in unanswered)
    code, _, _ = offline("write", tmp_path / "rest.jsonl", "--i-have-authority")
    rest = [json.loads(line) for line in (tmp_path / "rest.jsonl").read_bytes().splitlines()]
    assert [row["custom_id"] for row in rest] == [row["custom_id"] for row in rows[1:]]


def test_results_of_another_question_are_not_taken(offline: Offline, tmp_path: Path, study: Path) -> None:
    rows = written(offline, tmp_path)
    file = results(tmp_path / "said.jsonl", [result(row) for row in rows])
    code, out, err = offline("read", file, "--prompts", "plain")
    assert code == 1
    assert "same options" in err
    assert "0 readings" in out
    assert readings(study) == []


NAME_OF = "0" * 64
REPLIES: dict[str, Row] = {
    "an error": {"response": None, "error": {"message": "no"}},
    "a status": {"response": {"status_code": 503, "body": {"error": "busy"}}},
    "no access": {"response": {"status_code": 401, "body": {}}},
    "a status that is none": {"response": {"status_code": "200", "body": {}}},
    "an answer that is none": {"response": {"status_code": 200, "body": {"choices": []}}},
    "a list": {"response": {"status_code": 200, "body": [1]}},
    "deep": {"response": {"status_code": 200, "body": json.loads("[" * 40 + "]" * 40)}},
    "text": {"response": "yes"},
    "a success that is an error": {"response": {"status_code": 200, "body": {"error": {"message": "x"}}}},
    "too large": {"response": {"status_code": 200, "body": {"choices": "x" * 1_100_000}}},
}


@pytest.mark.parametrize("row", REPLIES.values(), ids=REPLIES.keys())
def test_a_result_without_an_answer_is_a_failure_that_is_not_tried_again(row: Row, tmp_path: Path) -> None:
    found = open_results(results(tmp_path / "said.jsonl", [{"custom_id": NAME_OF} | row]))
    with pytest.raises(RequestError) as caught:
        found.reply(NAME_OF)
    assert not isinstance(caught.value, BusyError | NoAccessError)


def test_the_last_answer_to_a_request_counts_and_an_error_after_it_does_not(tmp_path: Path) -> None:
    def said(text: str) -> Row:
        choice = {"finish_reason": "stop", "message": {"content": text}}
        return {"custom_id": NAME_OF, "response": {"status_code": 200, "body": {"choices": [choice]}}}

    error = {"custom_id": NAME_OF, "response": None, "error": "x"}
    found = open_results(results(tmp_path / "a.jsonl", [error, said("one"), said("two"), error]))
    assert found.reply(NAME_OF).text == "two"
    with pytest.raises(RequestError, match="no answer"):
        found.reply("1" * 64)


def test_a_line_without_an_end_costs_only_itself(tmp_path: Path) -> None:
    long = b'{"custom_id": "' + b"x" * 5_000_000 + b'"}\n'
    good = {"custom_id": NAME_OF, "response": {"choices": [{"message": {"content": "{}"}}]}}
    found = open_results(results(tmp_path / "a.jsonl", [long, good]))
    assert (found.unread, found.reply(NAME_OF).text) == (1, "{}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_file_is_results_or_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match="holds no results"):
        open_results(path)
