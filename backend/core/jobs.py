"""Jobs wait in the same PostgreSQL as the data and are written in the same transaction: that is the outbox.

A job is at-least-once: a worker killed half-way leaves its job to be run again. So a task makes the world equal to the
row it reads, and running it twice, late or out of order does no harm.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from procrastinate import App, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

from backend.core.db import session_scope

# Never opened: every job is deferred on the caller's own connection.
app = App(connector=SyncPsycopgConnector())
TASKS: dict[str, Callable[..., Any]] = {}
Task = TypeVar("Task", bound=Callable[..., Any])
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


def task(name: str, *, queue: str = "default", retry: RetryStrategy | bool = RETRY) -> Callable[[Task], Task]:
    """Register `function(session, **kwargs)`; the worker runs it in a transaction of its own."""

    def register(function: Task) -> Task:
        def run(**kwargs: Any) -> None:
            with session_scope() as session:
                function(session, **kwargs)

        TASKS[name] = function
        app.task(name=name, queue=queue, retry=retry)(run)
        return function

    return register


def enqueue(
    session: Session,
    name: str,
    /,
    *,
    queueing_lock: str | None = None,
    lock: str | None = None,
    priority: int = 0,
    schedule_at: datetime | None = None,
    queue: str | None = None,
    **kwargs: Any,
) -> None:
    """Add a job to this transaction. With `queueing_lock`, a job that waits already under that lock is enough."""
    connection = session.connection().connection.driver_connection
    options: dict[str, Any] = {"connection": connection, "priority": priority, "lock": lock, "schedule_at": schedule_at}
    if queue:
        options["queue"] = queue
    if queueing_lock is None:
        app.configure_task(name, **options).defer(**kwargs)
        return
    # The connection's own savepoint: the session would set one only at its next statement, too late for this insert.
    savepoint = session.connection().begin_nested()
    try:
        app.configure_task(name, queueing_lock=queueing_lock, **options).defer(**kwargs)
    except AlreadyEnqueued:
        savepoint.rollback()
    else:
        savepoint.commit()
