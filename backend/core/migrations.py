"""Bring a database up to the code, from empty or from any earlier state."""

from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).parent.parent.parent


def alembic_config(url: str | None = None) -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str | None = None) -> None:
    """Upgrade to the newest revision; safe to run from several processes at once (advisory lock)."""
    command.upgrade(alembic_config(url), "head")
