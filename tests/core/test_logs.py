"""Logs are one JSON object a line, and hold no secrets."""

import json
from typing import Any

import pytest
import structlog

from backend.core.logs import configure_logs, redact
from backend.web.middleware import loggable


@pytest.mark.parametrize("key", ["password", "new_password", "Authorization", "api_token", "Set-Cookie", "csrf_token"])
def test_what_is_secret_is_not_written(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    structlog.get_logger("test").warning("something", **{key: "kenari-secret", "path": "/login"})
    line = capsys.readouterr().err.strip()
    assert "kenari-secret" not in line
    assert json.loads(line)[key] == "[redacted]"


def test_secrets_deeper_down_are_not_written_either() -> None:
    event: dict[str, Any] = {"form": {"password": "kenari", "rows": [{"token": "kenari"}]}, "title": "kept"}
    shown = redact(None, "info", event)
    assert "kenari" not in str(shown)
    assert shown["title"] == "kept"


def test_a_line_break_in_a_value_makes_no_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    structlog.get_logger("test").warning("asked", path='/x\n{"event": "forged"}')
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_link_from_a_mail_is_not_written() -> None:
    assert "x" * 43 not in loggable("/password/reset/" + "x" * 43)
    assert loggable("/listings/01a209c0-4faf-7b25-a240-d534cf781577").endswith("781577")
