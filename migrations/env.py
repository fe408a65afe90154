"""Run migrations one at a time under a lock, and give up quickly rather than queue behind a long transaction."""

from alembic import context
from sqlalchemy import text

import backend.tables  # noqa: F401 - every table
from backend.core.db import Base, database_url, new_engine

OURS = set(Base.metadata.tables)


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The job library's own tables are its own business."""
    return kind != "table" or name in OURS


def run(connection) -> None:  # type: ignore[no-untyped-def]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=False,
    )
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SET statement_timeout = '10min'"))
    connection.execute(text("SELECT pg_advisory_lock(hashtext('padan migrations'))"))
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(hashtext('padan migrations'))"))
        connection.commit()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = new_engine(context.config.attributes.get("url") or database_url())
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
