"""Logs are JSON lines on standard error, with the request's id, and without secrets."""

import logging
import sys
from typing import Any

import structlog
from asgi_correlation_id import correlation_id

from backend.core.settings import settings

SECRET_KEYS = ("password", "token", "secret", "authorization", "cookie", "csrf")


def redact(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for key in event:
        if any(word in key.lower() for word in SECRET_KEYS):
            event[key] = "[redacted]"
    if correlation_id.get():
        event.setdefault("request_id", correlation_id.get())
    return event


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
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(message)s", stream=sys.stderr)
