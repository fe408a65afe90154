"""The migrations, from an empty database, make exactly what the models say."""

import os
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from backend.core.db import Base
from backend.core.migrations import alembic_config, migrate
from tests.conftest import _url


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = f"{os.environ['PADAN_TEST_TEMPLATE']}_empty_{os.getpid()}"
    admin = create_engine(_url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield _url(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_an_empty_database_becomes_what_the_models_say(empty: str) -> None:
    migrate(empty)
    engine = create_engine(empty)
    with engine.connect() as connection:
        tables = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
            },
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert set(Base.metadata.tables) <= tables
    assert "procrastinate_jobs" in tables
    assert differences == []


def test_the_check_that_operators_run_finds_nothing_to_do(empty: str) -> None:
    migrate(empty)
    command.check(alembic_config(empty))


def test_migrating_twice_changes_nothing(empty: str) -> None:
    migrate(empty)
    migrate(empty)
