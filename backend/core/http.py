"""The one door to the outside: every outbound call has a timeout, follows no redirect and reads a bounded answer."""

import json
from typing import Any

import httpx

MAX_ANSWER = 20_000_000
MAX_WAIT = 3600.0  # no other side may put us off for longer than an hour


class OutboundError(Exception):
    """The other side was unreachable, too slow, answered an error or too much.

    `code` is one of timeout, unreachable, busy, refused, too_large, not_json; `retry_after` are the seconds it asked
    for. The address is never in the message: it may hold a password, and messages are kept and shown.
    """

    def __init__(self, message: str, code: str = "unreachable", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code, self.retry_after = code, retry_after


def post_json(url: str, payload: Any, *, headers: dict[str, str] | None = None, timeout: float = 10.0) -> Any:
    """POST `payload` as JSON to an address the operator configured; returns the decoded answer."""
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False) as client,
            client.stream("POST", url, json=payload, headers=headers) as answer,
        ):
            if not answer.is_success:
                code = "busy" if answer.status_code in (429, 503) else "refused"
                raise OutboundError(f"HTTP {answer.status_code}", code, _asked_wait(answer))
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MAX_ANSWER:
                    raise OutboundError("answer too large", "too_large")
    except httpx.TimeoutException as error:
        raise OutboundError(f"no answer within {timeout:g} seconds", "timeout") from error
    except httpx.HTTPError as error:
        raise OutboundError(type(error).__name__, "unreachable") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise OutboundError("the request could not be made", "unreachable") from error
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OutboundError("the answer is not JSON", "not_json") from error


def _asked_wait(answer: httpx.Response) -> float | None:
    """Retry-After in seconds; the form with a date is left to our own waiting."""
    value = answer.headers.get("retry-after", "").strip()
    return min(float(value), MAX_WAIT) if value.isascii() and value.isdigit() and len(value) < 10 else None
