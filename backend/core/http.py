"""The one door to the outside: every outbound call has a timeout, follows no redirect and reads a bounded answer."""

from typing import Any

import httpx

MAX_ANSWER = 20_000_000


class OutboundError(Exception):
    """The other side was unreachable, too slow, answered an error or too much."""


def post_json(url: str, payload: Any, *, headers: dict[str, str] | None = None, timeout: float = 10.0) -> Any:
    """POST `payload` as JSON to an address the operator configured; returns the decoded answer."""
    try:
        with httpx.Client(timeout=timeout, follow_redirects=False) as client:
            answer = client.post(url, json=payload, headers=headers)
            answer.raise_for_status()
            if len(answer.content) > MAX_ANSWER:
                raise OutboundError("answer too large")
            return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OutboundError(str(error)) from error
