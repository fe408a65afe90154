"""Every setting of Padan, read from the environment once.

Production refuses to start with a secret that stands in this file, because anyone can read it here.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_SECRET = "padan-demo-secret-change-me"  # noqa: S105 - refused in production below


class Settings(BaseSettings):
    """Read from `PADAN_*`, except the three names every operator already knows (`DATABASE_URL`, `MEILI_*`)."""

    model_config = SettingsConfigDict(env_prefix="PADAN_", env_file=None, extra="ignore", populate_by_name=True)

    environment: Literal["demo", "test", "production"] = "demo"
    base_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr(DEMO_SECRET)
    var_dir: Path = Path("var")
    database_url: str = ""
    database_pool: int = 10
    statement_timeout_ms: int = 15_000
    meili_url: str = ""
    meili_key: SecretStr = SecretStr("")
    meili_timeout: float = 0.8
    embeddings_url: str = ""
    embeddings_model: str = ""
    embeddings_key: SecretStr = SecretStr("")
    embeddings_dimension: int = 384
    mail_from: str = "Padan <no-reply@padan.example>"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    trusted_proxies: str = "127.0.0.1"
    address_limit_scale: int | None = None
    log_level: str = "INFO"
    metrics_token: SecretStr = SecretStr("")

    def __init__(self, **values: object) -> None:
        import os

        for field in ("database_url", "meili_url", "meili_key"):
            if field.upper() in os.environ:
                values.setdefault(field, os.environ[field.upper()])
        super().__init__(**values)  # type: ignore[arg-type]

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def address_limits_times(self) -> int:
        """Limits per network address are for strangers; a demo and its tests all come from one address."""
        return self.address_limit_scale or (1 if self.is_production else 20)

    def problems(self) -> list[str]:
        """What must be mended before production may start; empty when it may."""
        if not self.is_production:
            return []
        found = []
        secret = self.secret_key.get_secret_value()
        if secret == DEMO_SECRET or len(secret) < 32:
            found.append("PADAN_SECRET_KEY must be set to a random text of at least 32 characters")
        if not self.database_url:
            found.append("DATABASE_URL must name a PostgreSQL server; the embedded one is for demo and tests")
        if not self.base_url.startswith("https://"):
            found.append("PADAN_BASE_URL must begin with https://")
        if self.meili_url and len(self.meili_key.get_secret_value()) < 16:
            found.append("MEILI_KEY must be set, with at least 16 characters")
        if not self.smtp_host:
            found.append("PADAN_SMTP_HOST must be set, or nobody receives a mail")
        return found


@lru_cache
def settings() -> Settings:
    return Settings()
