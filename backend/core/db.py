"""The database: one engine, one declarative base, one way to run a transaction.

Services never commit. A request, a job and a command each open one `session_scope`, and it alone commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Engine, MetaData, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import Uuid

from backend.core.embedded import embedded_url
from backend.core.settings import settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        int: BigInteger,
    }


def database_url() -> str:
    """The operator's server, or the embedded one; always spoken to through psycopg 3."""
    url = settings().database_url or embedded_url(settings().var_dir / "postgres")
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def new_engine(url: str) -> Engine:
    """JIT is off: these queries take milliseconds and compiling them takes longer."""
    options = f"-c statement_timeout={settings().statement_timeout_ms} -c timezone=UTC -c jit=off -c lock_timeout=5000"
    return create_engine(
        url,
        pool_size=settings().database_pool,
        max_overflow=settings().database_pool,
        pool_pre_ping=True,
        connect_args={"options": options, "application_name": "padan"},
    )


@lru_cache
def engine() -> Engine:
    return new_engine(database_url())


def conninfo() -> str:
    """The same server as a libpq connection string, for the job library."""
    return database_url().replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def session_scope() -> Iterator[Session]:
    """One transaction: leaving the block commits, raising rolls back."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def is_reachable() -> bool:
    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception:
        return False
    return True
