"""Logs are JSON lines on standard error, with the request's id, and without secrets."""

import logging
import sys
from typing import Any

import structlog
from asgi_correlation_id import correlation_id

from backend.core.settings import settings

SECRET_KEYS = ("password", "token", "secret", "authorization", "cookie", "csrf")


def redact(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    event = _without_secrets(event)
    if correlation_id.get():
        event.setdefault("request_id", correlation_id.get())
    return event


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "[redacted]" if any(word in str(key).lower() for word in SECRET_KEYS) else _without_secrets(item)
            for key, item in value.items()
        }
    return [_without_secrets(item) for item in value] if isinstance(value, list | tuple) else value


def configure_logs() -> None:
    level = getattr(logging, settings().log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,  # type: ignore[list-item]
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up at each line, because whoever captures the output may put another stream in its place.
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(message)s", stream=sys.stderr)
