"""What the loopback service keeps for further requests, as Gemini does: put there, listed, deleted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import Answer, Service, generated, short_answer_to

Row = dict[str, Any]
GONE: Answer = 403, {}, b'{"error": {"code": 403, "message": "CachedContent not found"}}'


@dataclass
class KeptContent:
    """Contents at a service by name. `refuses` answers instead of a step: create, list, delete,
    generate, `once` only the first time; a content expires after so many `uses`; `seconds` pass before it
    says that it keeps one, and it says `hidden` instead, if that is given."""

    service: Service
    refuses: dict[str, Answer] = field(default_factory=dict)
    once: dict[str, Answer | Callable[[], Answer]] = field(default_factory=dict)
    hidden: Answer | None = None
    uses: int = 1_000_000
    seconds: float = 0.0
    answers: Callable[[Row], str] = short_answer_to
    contents: dict[str, Row] = field(default_factory=dict)
    made: list[Row] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    """The questions that were answered, in their whole text."""
    used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.service.before = self.answer

    @property
    def steps(self) -> list[str]:
        """What was asked for, without queries."""
        return self.service.steps

    def answer(self, path: str, body: bytes) -> Answer | None:
        # Requests come at once, so the last of the service's methods need not be that of this one.
        name = path.partition("?")[0].removeprefix("/v1beta/")
        if name == "cachedContents":
            step = "create" if body else "list"
        else:
            step = "delete" if name.startswith("cachedContents/") else "generate"
        first = self.once.pop(step, None)
        if first is not None:
            return first() if callable(first) else first
        return self.refuses.get(step) or self._answered(step, name, body)

    def _answered(self, step: str, name: str, body: bytes) -> Answer | None:
        if step == "create":
            return self._create(json.loads(body))
        if step == "delete":
            return (200, {}, b"{}") if self.contents.pop(name, None) else GONE
        if step == "generate":
            return self._generate(json.loads(body)) if "generateContent" in name else None
        rows = [{"name": name, "displayName": row["displayName"]} for name, row in self.contents.items()]
        return 200, {}, json.dumps({"cachedContents": rows}).encode()

    def _create(self, row: Row) -> Answer:
        name = f"cachedContents/c{len(self.made)}"
        self.made.append(row)
        self.contents[name] = row
        time.sleep(self.seconds)
        if self.hidden is not None:
            return self.hidden
        usage = {"totalTokenCount": 5000}
        return 200, {}, json.dumps({"name": name, "model": row["model"], "usageMetadata": usage}).encode()

    def _generate(self, asked: Row) -> Answer:
        text = asked["contents"][-1]["parts"][-1]["text"]
        tokens = {"promptTokenCount": 5100, "candidatesTokenCount": 20}
        name = asked.get("cachedContent")
        if name is not None:
            kept = self.contents.get(name)
            if kept is None or self.used.get(name, 0) >= self.uses:
                self.contents.pop(name, None)
                return GONE
            self.used[name] = self.used.get(name, 0) + 1
            text = "\n\n".join([*_texts(kept), text])
            tokens["cachedContentTokenCount"] = 5000
        self.answered.append(text)
        reply = json.loads(generated(self.answers(asked)))
        return 200, {}, json.dumps({**reply, "usageMetadata": tokens}).encode()


def _texts(row: Row) -> list[str]:
    return [part["text"] for content in row["contents"] for part in content["parts"] if "text" in part]
