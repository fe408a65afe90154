"""Indexing in bulk: what an import stored is indexed by jobs that were written in the same transaction as the rows.

A command that waits for them may help the workers along; each batch is done by whoever takes it first.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from anyio.from_thread import start_blocking_portal
from procrastinate import PsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core import jobs
from backend.core.db import conninfo, session_scope
from backend.search.query import Kind
from backend.search.service import sync_many

QUEUE = "indexing"


@jobs.task("search.index", queue=QUEUE)
def index(session: Session, kind: Kind, ids: list[str], **_nothing: Any) -> None:
    sync_many(session, kind, [UUID(key) for key in ids])


def enqueue_indexing(session: Session, kind: Kind, ids: Sequence[UUID]) -> None:
    """A job for one batch, below the priority of anything a person waits for."""
    jobs.enqueue(session, "search.index", queue=QUEUE, priority=-5, kind=kind, ids=[str(key) for key in ids])


def waiting() -> int:
    """Batches still to be indexed, those under way included."""
    query = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = :queue AND status IN ('todo', 'doing')"
    with session_scope() as session:
        return session.scalar(text(query), {"queue": QUEUE}) or 0


def help_along(progress: Callable[[int, int], None]) -> None:
    """Index until no batch waits, beside any worker that runs. `progress(done, total)` in batches."""
    total = waiting()
    app = jobs.app.with_connector(PsycopgConnector(conninfo=conninfo(), min_size=1, max_size=2))

    async def tell() -> None:
        while left := await asyncio.to_thread(waiting):
            progress(total - left, total)
            await asyncio.sleep(0.5)
        progress(total, total)

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE], wait=False, listen_notify=False, concurrency=2, install_signal_handlers=False
            )
        await tell()

    async def both() -> None:
        await asyncio.gather(work(), tell())

    if total:
        with start_blocking_portal() as portal:  # a loop of its own, whatever runs in the caller's thread
            portal.call(both)
