"""The replies of Gemini: its errors as those of a run, its answers as `Reply`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2

from app.core.plain_text import plain
from app.core.readers.models.provider import Reply, plausible_count
from app.core.readers.models.reply_cleaning import failure_text
from app.core.readers.models.retrying import (
    BusyError,
    NoAccessError,
    NoAnswerError,
    RequestError,
    error_for_status,
)

if TYPE_CHECKING:
    from google.genai import errors, types

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


@contextmanager
def translated_errors() -> Iterator[None]:
    """The context in which errors of the vendor's client are raised as `RequestError` or one of its kinds."""
    from google.auth.exceptions import GoogleAuthError
    from google.genai import errors

    try:
        yield
    except errors.APIError as error:
        raise _failure(error) from error
    except GoogleAuthError as error:
        raise NoAccessError("Google did not accept this computer's credentials.") from error
    except (httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.WriteError) as error:
        broke_off = f"The service broke off the connection ({type(error).__name__})."
        raise BusyError(broke_off, begun=not isinstance(error, httpx2.ConnectError)) from error
    except httpx2.HTTPError as error:
        raise RequestError(f"The service could not be asked ({type(error).__name__}).") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # The client fails in any of these ways to parse a malformed answer.
        raise NoAnswerError(f"The service's answer could not be read ({type(error).__name__}).") from error


def _failure(error: errors.APIError) -> RequestError:
    headers = getattr(error.response, "headers", None)
    known = error_for_status(
        status_of(error), httpx2.Headers(dict(headers) if headers else {}), failure_text(error.details)
    )
    if isinstance(known, BusyError) and known.delay is None:
        known.delay = _retry_delay(error.details)
    return known


def status_of(error: errors.APIError) -> int:
    """The HTTP status of the response, which the code in its body need not match."""
    status = getattr(error.response, "status_code", None)
    return status if isinstance(status, int) else 0


def status_behind(error: Exception) -> int:
    """The HTTP status of the response that a translated error says, 0 where there was none."""
    from google.genai import errors

    cause = error.__cause__
    return status_of(cause) if isinstance(cause, errors.APIError) else 0


def _retry_delay(details: object) -> float | None:
    """The delay (s) in `RetryInfo.retryDelay` of an error's details; None without one."""
    told = details.get("error") if isinstance(details, dict) else None
    rows = told.get("details") if isinstance(told, dict) else None
    for row in rows if isinstance(rows, list) else []:
        found = _DURATION.fullmatch(str(row.get("retryDelay", ""))) if isinstance(row, dict) else None
        if found:
            return float(found.group(1))
    return None


def reply_of(response: types.GenerateContentResponse) -> Reply:
    """The text and the token counts of a response. Raises NoAnswerError when it holds no whole answer."""
    feedback = response.prompt_feedback
    if feedback and feedback.block_reason:
        raise NoAnswerError(
            f"The service refused to look at the clip ({plain(feedback.block_reason.name, 60)})."
        )
    tokens = _tokens(response)
    if not response.candidates:
        raise NoAnswerError("The service's response contains no answer.")
    candidate = response.candidates[0]
    reason = candidate.finish_reason.name if candidate.finish_reason else "STOP"
    if reason == "MAX_TOKENS":
        raise NoAnswerError("The model's answer was cut off before its end.", *tokens)
    if reason != "STOP":
        raise NoAnswerError(f"The service withheld the answer ({plain(reason, 60)}).", *tokens)
    parts = candidate.content.parts if candidate.content and candidate.content.parts else []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    if not text.strip():
        raise NoAnswerError("The model's answer is empty.", *tokens)
    usage = response.usage_metadata
    taken = plausible_count(usage.cached_content_token_count if usage else None) or 0
    return Reply(text, plain(response.model_version or "", 200), *tokens, tokens_taken=taken)


def _tokens(response: types.GenerateContentResponse) -> tuple[int | None, int | None]:
    """The counted tokens in and out; those of thoughts are paid for as tokens out."""
    usage = response.usage_metadata
    said = plausible_count(usage.candidates_token_count if usage else None)
    thought = plausible_count(usage.thoughts_token_count if usage else None)
    out = None if said is None and thought is None else (said or 0) + (thought or 0)
    return plausible_count(usage.prompt_token_count if usage else None), out
