"""A model server that counts tokens, and does to a request what servers do without saying so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import Answer, Service, answer_to

SOUND_BYTES_PER_SECOND = 32_000


@dataclass
class CountingServer:
    """It takes at most `most_frames` of what is sent and cuts what is longer than its `context`; it says that
    it is `owner`, and with `refusal` refuses whatever has more than 8 pictures."""

    per_frame: float = 390.0
    per_second: float = 25.0
    most_frames: int = 10_000
    context: int = 10**9
    owner: str = "vllm"
    states_tokens: bool = True
    refusal: bytes = b""
    extra: float = 0.0
    """Tokens of media that the formula does not know of, as a share."""
    counted: list[int] = field(default_factory=list)

    def answer(self, path: str, body: bytes) -> Answer | None:
        """What `Service.before` gives."""
        if path.endswith("/models"):
            rows = [{"id": "tiny-vl", "owned_by": self.owner}]
            return 200, {}, json.dumps({"data": rows}).encode()
        asked = json.loads(body)
        parts = asked["messages"][0]["content"]
        frames = sum(_frames(parts))
        if self.refusal and frames > 8:
            return 400, {}, self.refusal
        self.counted.append(min(self.context, self._tokens(parts, frames)))
        usage = {"prompt_tokens": self.counted[-1], "completion_tokens": 100} if self.states_tokens else {}
        cut = asked.get("max_tokens", 10_000) < 100
        schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
        text = answer_to(schema, "no") if schema and not cut else "{"
        choice = {
            "index": 0,
            "finish_reason": "length" if cut else "stop",
            "message": {"role": "assistant", "content": text},
        }
        return 200, {}, json.dumps({"model": "tiny-vl-1", "choices": [choice], "usage": usage}).encode()

    def _tokens(self, parts: list[dict[str, Any]], frames: int) -> int:
        text = sum(len(part["text"]) for part in parts if part["type"] == "text")
        heard = [part["input_audio"]["data"] for part in parts if part["type"] == "input_audio"]
        seconds = sum(len(data) for data in heard) * 3 / 4 / SOUND_BYTES_PER_SECOND
        media = self.per_frame * min(frames, self.most_frames) + self.per_second * seconds
        return round(text / 3.6 + media * (1 + self.extra))


def _frames(parts: list[dict[str, Any]]) -> Iterator[int]:
    for part in parts:
        if part["type"] == "image_url":
            yield 1
        elif part["type"] == "video_url" and "video/jpeg" in part["video_url"]["url"]:
            yield part["video_url"]["url"].count(",")


def counting(server: CountingServer) -> Service:
    """The service with this server behind it."""
    return Service(before=server.answer)
