"""Servers with OpenAI's chat completions API: vLLM, SGLang, llama.cpp, LMDeploy, Ollama, LM Studio.

The client is implemented here because these servers agree on little more than the outline of the request, and
every byte has to pass the guarded transport.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from app.core.plain_text import plain
from app.core.privacy.keys import Secret
from app.core.readers.models.answer_schema import count_questions
from app.core.readers.models.families import FAMILIES, UNKNOWN, ClipForm, Family, clip_form, filled_options
from app.core.readers.models.guarded_transport import SendContext, guarded_client
from app.core.readers.models.media_json import base64_text, data_url, json_bytes
from app.core.readers.models.provider import (
    Capabilities,
    ClipPicture,
    Material,
    OfferedModel,
    Reply,
    plausible_count,
)
from app.core.readers.models.reply_cleaning import failure_text
from app.core.readers.models.retrying import BusyError, NoAnswerError, RequestError, error_for_status, saying
from app.core.readers.models.verdict_tokens import MOST_ALTERNATIVES, verdict_shares


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
        family: Family = FAMILIES[UNKNOWN],
    ) -> None:
        self._base = base_url.rstrip("/")
        self._model = passage.permission.destination.model
        self._key = key
        self._capabilities = capabilities or Capabilities()
        self._prefer_video = prefer_video
        self._family = family
        self._client = guarded_client(passage, *([key] if key else []))

    async def ask(self, material: Material) -> Reply:
        body = request_body(
            self._model, material, self._capabilities, prefer_video=self._prefer_video, family=self._family
        )
        return reply_of(await self._json("POST", "/chat/completions", body))

    async def models(self) -> tuple[OfferedModel, ...]:
        """The offered models."""
        data = await self._json("GET", "/models", None)
        rows = data.get("data")
        if not isinstance(rows, list):
            raise RequestError("The server's list of models could not be read.")
        named = (row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str))
        return tuple(_offered(row) for row in named)

    async def tidy(self) -> None:
        """Do nothing: no files are uploaded to such a server."""

    async def close(self) -> None:
        await self._client.aclose()

    async def _json(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._key.reveal()}"} if self._key else {}
        content = None
        if body is not None:
            content = json_bytes(body)
            headers["content-type"] = "application/json"
        try:
            response = await self._client.request(method, self._base + path, content=content, headers=headers)
        except (
            httpx2.ConnectError,
            httpx2.ReadError,
            httpx2.RemoteProtocolError,
            httpx2.WriteError,
        ) as error:
            broke_off = f"The server broke off the connection ({type(error).__name__})."
            raise BusyError(broke_off, begun=not isinstance(error, httpx2.ConnectError)) from error
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


def _offered(row: Mapping[str, Any]) -> OfferedModel:
    """A row of a list of models; vLLM and SGLang state `max_model_len`, llama.cpp `meta.n_ctx`."""
    owner, meta = row.get("owned_by"), row.get("meta")
    stated = row.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None)
    return OfferedModel(
        plain(row["id"], 200),
        plain(owner, 60) if isinstance(owner, str) else "",
        plausible_count(stated) or 0,
    )


def _failure(response: httpx2.Response) -> RequestError:
    """As `error_for_status`; llama.cpp answers 500 to unsupported media, for which retrying is useless."""
    said = _failure_text(response)
    if response.status_code in {500, 501} and b"not supported" in response.content:
        return RequestError(f"The server does not take this kind of material{saying(said)}.")
    return error_for_status(response.status_code, response.headers, said)


def _failure_text(response: httpx2.Response) -> str:
    """The server's description of a failure; "" when the body is not JSON."""
    try:
        return failure_text(json.loads(response.content))
    except ValueError:
        return ""


def request_body(
    model: str,
    material: Material,
    capabilities: Capabilities,
    *,
    prefer_video: bool = False,
    family: Family = FAMILIES[UNKNOWN],
) -> dict[str, Any]:
    """The body of one chat completion: the media first, the question last, as the family takes them.

    `prefer_video` sends the clip as one video file where the server accepts it. Options come from the table
    of families alone.
    """
    form = _form_of(material, clip_form(family, capabilities, prefer_video=prefer_video), capabilities)
    content = _media(material, capabilities, form, family)
    words = _sampling_words(material, form, family)
    content.append({"type": "text", "text": "\n\n".join(filter(None, (words, material.prompt)))})
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        family.answer_limit: material.most_tokens or family.answer_tokens(count_questions(material.schema)),
        **family.options,
    }
    if material.temperature is not None and "temperature" in body:
        body["temperature"] = material.temperature
    if material.verdict_tokens:
        body |= {"logprobs": True, "top_logprobs": MOST_ALTERNATIVES}
    if form is ClipForm.FRAMES and material.pictures:
        body |= filled_options(family.frame_options, len(material.pictures), material.fps)
    if not capabilities.schema and family.schema == "response_format":
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answers", "schema": dict(material.schema), "strict": True},
        }
    return body


def _form_of(material: Material, form: ClipForm | None, capabilities: Capabilities) -> ClipForm | None:
    """The form of a clip; single pictures where there is no file of the video."""
    if form is ClipForm.VIDEO and not material.video:
        return None if capabilities.pictures else ClipForm.PICTURES
    return form


def _media(
    material: Material, capabilities: Capabilities, form: ClipForm | None, family: Family
) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    if form is ClipForm.VIDEO and material.video:
        content.append(_video("video/mp4", material.video))
    elif form is ClipForm.FRAMES and material.pictures:
        content.append(_video("video/jpeg", *(picture.jpeg for picture in material.pictures)))
    elif form is ClipForm.PICTURES:
        for picture in material.pictures:
            content.extend(_picture(picture, family))
    if material.sound and family.takes_sound and not capabilities.sound:
        sound = {"data": base64_text(material.sound), "format": "wav"}
        content.append({"type": "input_audio", "input_audio": sound})
    return content


def _sampling_words(material: Material, form: ClipForm | None, family: Family) -> str:
    """A sentence on the times of frames that come without a time each; "" without such frames."""
    if form is None or form is ClipForm.PICTURES or not material.pictures:
        return ""
    last = family.times.written(material.pictures[-1].milliseconds)
    return (
        f"The video has {len(material.pictures)} frames, {material.fps:g} a second, "
        f"from {family.times.written(0)} to {last}."
    )


def _picture(picture: ClipPicture, family: Family) -> tuple[dict[str, Any], dict[str, Any]]:
    image = {"url": data_url("image/jpeg", picture.jpeg), **family.picture_options}
    return (
        {"type": "text", "text": f"{family.times.written(picture.milliseconds)}:"},
        {"type": "image_url", "image_url": image},
    )


def _video(kind: str, *contents: bytes) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": data_url(kind, *contents)}}


def reply_of(data: Mapping[str, Any]) -> Reply:
    """The reply in the body of a response. Raises NoAnswerError when it holds no whole answer."""
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise NoAnswerError("The server's response contains no answer.")
    usage = data.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    tokens = plausible_count(counts.get("prompt_tokens")), plausible_count(counts.get("completion_tokens"))
    reason = choices[0].get("finish_reason")
    if reason == "length":
        raise NoAnswerError("The model's answer was cut off before its end.", *tokens)
    if reason == "content_filter":
        raise NoAnswerError("The server's filter withheld the answer.", *tokens)
    message = choices[0].get("message")
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise NoAnswerError("The model's answer is empty.", *tokens)
    served = data.get("model")
    shares = verdict_shares(text, choices[0].get("logprobs"))
    return Reply(text, plain(served, 200) if isinstance(served, str) else "", *tokens, shares)
