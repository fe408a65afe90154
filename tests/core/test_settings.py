"""Production starts with settings of its own, or not at all."""

from typing import Any

import pytest

from backend import app
from backend.core.settings import DEMO_SECRET, Settings

SAFE: dict[str, Any] = {
    "environment": "production", "secret_key": "k" * 40, "database_url": "postgresql://db.example/padan",
    "base_url": "https://padan.example", "smtp_host": "mail.example",
}  # fmt: skip


def test_production_starts_when_all_is_set() -> None:
    assert Settings(**SAFE).problems() == []


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"secret_key": DEMO_SECRET}, "PADAN_SECRET_KEY"), ({"secret_key": "short"}, "PADAN_SECRET_KEY"),
        ({"database_url": ""}, "DATABASE_URL"), ({"base_url": "http://padan.example"}, "PADAN_BASE_URL"),
        ({"meili_url": "http://search"}, "MEILI_KEY"), ({"smtp_host": ""}, "PADAN_SMTP_HOST"),
    ],
)  # fmt: skip
def test_production_names_what_has_to_be_set(
    changed: dict[str, str], names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    unsafe = Settings(**{**SAFE, **changed})
    assert len(unsafe.problems()) == 1
    assert names in unsafe.problems()[0]
    monkeypatch.setattr(app, "settings", lambda: unsafe)
    with pytest.raises(RuntimeError, match=names):
        app.create()


def test_a_demo_starts_with_nothing_set() -> None:
    assert Settings(environment="demo").problems() == []


def test_the_names_every_operator_knows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://one/two")
    monkeypatch.setenv("MEILI_URL", "http://search:7700")
    monkeypatch.setenv("PADAN_LOG_LEVEL", "DEBUG")
    read = Settings()
    assert (read.database_url, read.meili_url, read.log_level) == (
        "postgresql://one/two", "http://search:7700", "DEBUG",
    )  # fmt: skip


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(Settings(**{**SAFE, "meili_key": "m" * 20, "smtp_password": "p" * 20}))
    assert not any(secret in shown for secret in ("k" * 40, "m" * 20, "p" * 20))
