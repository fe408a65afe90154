"""What one web process holds in memory after it has served pages, searches and the API for a while."""

from __future__ import annotations

import itertools
from urllib.parse import quote

from sqlalchemy import text

from backend.core import db as core_db
from tests.benchmarks.conftest import BENCH, Bench, Server
from tests.benchmarks.measuring import Figure, Report, Spread
from tests.benchmarks.processes import Browser, free_port, resident_megabytes, running, wait_for
from tests.benchmarks.test_search import QUERIES

REQUESTS = 500
LANGUAGES = ("en", "id", "th", "vi")


def test_the_web_process_stays_within_300_mb(bench: Bench, empty_server: Server, report: Report) -> None:
    with core_db.session_scope() as session:
        listings = session.scalars(text("SELECT id FROM listing WHERE state = 'published' LIMIT 200")).all()
        needs = session.scalars(text("SELECT id FROM need WHERE state = 'published' LIMIT 100")).all()
    paths = itertools.chain.from_iterable(
        (
            f"/?lang={LANGUAGES[number % 4]}",
            f"/listings?q={quote(QUERIES[number % len(QUERIES)])}&right_kind=patent&lang={LANGUAGES[number % 4]}",
            f"/listings/{listings[number % len(listings)]}?lang={LANGUAGES[number % 4]}",
            f"/api/v1/listings?q={quote(QUERIES[number % len(QUERIES)])}+{number % 25}&language=en",
            f"/needs?page={number % 20 + 1}",
            f"/needs/{needs[number % len(needs)]}",
            f"/api/v1/listings/{listings[-1 - number % len(listings)]}",
            "/login",
        )
        for number in itertools.count()
    )
    port = free_port()
    arguments = ("-m", "backend", "serve", "--port", str(port))
    with running(*arguments, environment=bench.environment, log=BENCH / "memory.log") as pid:
        wait_for(port, "/robots.txt")
        start = resident_megabytes(pid)
        with Browser(port) as browser:
            for path in itertools.islice(paths, REQUESTS):
                browser.get(path)
        held = resident_megabytes(pid)
    report.add(
        Figure(
            f"web process after {REQUESTS} requests", "MB", Spread.of([held]), 300, "empty FastAPI process",
            Spread.of([resident_megabytes(empty_server.pid)]), note=f"{start:.0f} MB before the first request",
        )
    )  # fmt: skip
