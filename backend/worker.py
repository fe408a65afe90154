"""The worker: every task's home is imported here, and the periodic ones are timed.

A worker that is killed leaves its job marked as being done; `retry_stalled` gives such jobs to the next worker.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from sqlalchemy.orm import Session

import backend.accounts.mail
import backend.handlers
import backend.notifications.digests
import backend.search.embedding
import backend.search.indexing
import backend.search.service
from backend.accounts import sweeping
from backend.core import jobs
from backend.core.db import conninfo, session_scope
from backend.core.logs import configure_logs
from backend.core.memory import settle
from backend.language.embedder import start_with_embedder
from backend.matching.passing import rematch_passed
from backend.matching.words import count_words
from backend.publication import service as publication
from backend.statistics import service as statistics

log = structlog.get_logger("padan.worker")

# What runs by the clock (UTC): task name -> cron line.
PERIODIC: dict[str, tuple[str, Callable[[Session, datetime], Any]]] = {
    "publication.expire": ("5 * * * *", publication.expire_due),
    "publication.remind": ("10 1 * * *", publication.remind_due),
    "publication.archive": ("20 1 * * *", publication.archive_due),
    "notifications.digest": ("0 0 * * *", backend.notifications.digests.send_digests),
    "search.reconcile": ("40 18 * * *", lambda session, _at: backend.search.service.reconcile(session)),
    "matching.passed": ("15 0 * * *", rematch_passed),
    "matching.recount": ("25 */6 * * *", lambda session, _at: count_words(session)),
    "statistics.count": ("35 */3 * * *", statistics.compute),
    "accounts.sweep": ("15 2 * * *", sweeping.sweep),
}


def with_worker_connector() -> App:
    """The job application, able to fetch jobs, with its periodic tasks."""
    app = jobs.app.with_connector(PsycopgConnector(conninfo=conninfo(), min_size=1, max_size=5))

    for name, (cron, function) in PERIODIC.items():
        app.periodic(cron=cron)(app.task(name=name)(_periodic(function)))

    @app.periodic(cron="* * * * *")
    @app.task(name="jobs.retry_stalled", pass_context=True)
    async def retry_stalled(context: Any, timestamp: int) -> None:  # noqa: ARG001 - the library passes the time
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=45):
            log.warning("stalled job is tried again", job=job.task_name, id=job.id)
            await manager.retry_job(job)

    @app.periodic(cron="30 3 * * *")
    @app.task(name="jobs.forget", pass_context=True)
    async def forget(context: Any, timestamp: int) -> None:  # noqa: ARG001
        await context.app.job_manager.delete_old_jobs(nb_hours=72)

    return app


def _periodic(function: Callable[[Session, datetime], Any]) -> Callable[[int], None]:
    def run(timestamp: int) -> None:
        with session_scope() as session:
            function(session, datetime.fromtimestamp(timestamp, UTC))

    return run


def main(concurrency: int = 3) -> None:
    """Run until told to stop (SIGINT or SIGTERM); a job under way is finished first."""
    configure_logs()
    start_with_embedder()
    app = with_worker_connector()
    settle()

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(
                concurrency=concurrency, listen_notify=True, fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=10, update_heartbeat_interval=10, stalled_worker_timeout=45,
            )

    asyncio.run(run())
