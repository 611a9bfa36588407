"""Servers with OpenAI's chat completions API: vLLM, SGLang, llama.cpp, LMDeploy, Ollama, LM Studio.

The client is implemented here because these servers agree on little more than the outline of the request, and
every byte has to pass the guarded transport.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import httpx2

from app.core.plain_text import plain
from app.core.privacy.keys import Secret
from app.core.readers.models.guarded_transport import SendContext, guarded_client
from app.core.readers.models.provider import Capabilities, ClipPicture, Material, Reply, plausible_count
from app.core.readers.models.reply_cleaning import failure_text
from app.core.readers.models.retrying import BusyError, NoAnswerError, RequestError, error_for_status

MAX_ANSWER_TOKENS = 8192


class OpenAICompatible:
    """One model of one server; `base_url` is the part before `/chat/completions` (usually ends in `/v1`)."""

    def __init__(
        self,
        base_url: str,
        passage: SendContext,
        *,
        key: Secret | None = None,
        capabilities: Capabilities | None = None,
        prefer_video: bool = False,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._model = passage.permission.destination.model
        self._key = key
        self._capabilities = capabilities or Capabilities()
        self._prefer_video = prefer_video
        self._client = guarded_client(passage, *([key] if key else []))

    async def ask(self, material: Material) -> Reply:
        body = request_body(self._model, material, self._capabilities, prefer_video=self._prefer_video)
        return _reply(await self._json("POST", "/chat/completions", body))

    async def models(self) -> tuple[str, ...]:
        """The names of the offered models."""
        data = await self._json("GET", "/models", None)
        rows = data.get("data")
        if not isinstance(rows, list):
            raise RequestError("The server's list of models could not be read.")
        names = (row.get("id") for row in rows if isinstance(row, dict))
        return tuple(plain(name, 200) for name in names if isinstance(name, str))

    async def tidy(self) -> None:
        """Do nothing: no files are uploaded to such a server."""

    async def close(self) -> None:
        await self._client.aclose()

    async def _json(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._key.reveal()}"} if self._key else {}
        try:
            response = await self._client.request(method, self._base + path, json=body, headers=headers)
        except (
            httpx2.ConnectError,
            httpx2.ReadError,
            httpx2.RemoteProtocolError,
            httpx2.WriteError,
        ) as error:
            raise BusyError(f"The server broke off the connection ({type(error).__name__}).") from error
        except httpx2.HTTPError as error:
            raise RequestError(f"The server could not be asked ({type(error).__name__}).") from error
        if response.status_code != 200:
            raise _failure(response)
        try:
            data = json.loads(response.content)  # serialised again by the transport, within its limits
        except ValueError as error:
            raise RequestError("The server's answer is not JSON.") from error
        if not isinstance(data, dict):
            raise RequestError("The server's answer is not of the expected form.")
        return data


def _failure(response: httpx2.Response) -> RequestError:
    """As `error_for_status`; llama.cpp answers 500 to unsupported media, for which retrying is useless."""
    if response.status_code in {500, 501} and b"not supported" in response.content:
        return RequestError("The server does not take this kind of material.")
    return error_for_status(response.status_code, response.headers, _failure_text(response))


def _failure_text(response: httpx2.Response) -> str:
    """The server's description of a failure; "" when the body is not JSON."""
    try:
        return failure_text(json.loads(response.content))
    except ValueError:
        return ""


def request_body(
    model: str, material: Material, capabilities: Capabilities, *, prefer_video: bool = False
) -> dict[str, Any]:
    """The body of one chat completion.

    Frames are sent as pictures, each preceded by its time, because servers sample videos by different rules;
    `prefer_video` sends the clip as one video where the server accepts it.
    """
    content: list[dict[str, Any]] = [{"type": "text", "text": material.prompt}]
    # A server that accepts no pictures may still accept a video.
    as_video = (prefer_video or capabilities.pictures) and not capabilities.video
    if as_video and material.video:
        content.append({"type": "video_url", "video_url": {"url": _data("video/mp4", material.video)}})
    elif not capabilities.pictures:
        for picture in material.pictures:
            content.extend(_picture(picture))
    if material.sound and not capabilities.sound:
        encoded = base64.b64encode(material.sound).decode("ascii")
        content.append({"type": "input_audio", "input_audio": {"data": encoded, "format": "wav"}})
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        "temperature": 0,
        "max_tokens": MAX_ANSWER_TOKENS,
    }
    if not capabilities.schema:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answers", "schema": dict(material.schema), "strict": True},
        }
    return body


def _picture(picture: ClipPicture) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {"type": "text", "text": f"{picture.milliseconds} ms:"},
        {"type": "image_url", "image_url": {"url": _data("image/jpeg", picture.jpeg)}},
    )


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _reply(data: Mapping[str, Any]) -> Reply:
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise NoAnswerError("The server's response contains no answer.")
    reason = choices[0].get("finish_reason")
    if reason == "length":
        raise NoAnswerError("The model's answer was cut off before its end.")
    if reason == "content_filter":
        raise NoAnswerError("The server's filter withheld the answer.")
    message = choices[0].get("message")
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise NoAnswerError("The model's answer is empty.")
    usage = data.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    served = data.get("model")
    return Reply(
        text,
        plain(served, 200) if isinstance(served, str) else "",
        plausible_count(counts.get("prompt_tokens")),
        plausible_count(counts.get("completion_tokens")),
    )
