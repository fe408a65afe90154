"""A listing's page as a visitor gets it, beside a route that does nothing."""

from __future__ import annotations

import random

from sqlalchemy import text

from backend.core import db as core_db
from tests.benchmarks.conftest import Server
from tests.benchmarks.measuring import Figure, Report, Spread, timed
from tests.benchmarks.processes import Browser, processor_seconds

PAGES = 300


def test_a_listing_page_takes_25_ms(
    server: Server, browser: Browser, empty_server: Server, report: Report
) -> None:
    with core_db.session_scope() as session:
        ids = session.scalars(text("SELECT id FROM listing WHERE state = 'published' ORDER BY id")).all()
    chosen = random.Random(7).sample(ids, PAGES)
    with Browser(empty_server.port) as empty:
        for one in chosen[:40]:
            browser.get(f"/listings/{one}")
            empty.get("/")
        took, bare, used = [], [], processor_seconds(server.pid)
        for one in chosen:
            took.append(timed(lambda one=one: browser.get(f"/listings/{one}")))
            bare.append(timed(lambda: empty.get("/")))
        used = (processor_seconds(server.pid) - used) / PAGES * 1000
    note = f"{used:.1f} ms of the web process each"
    report.add(Figure("listing page", "ms", Spread.of(took), 25, "empty FastAPI route", Spread.of(bare), note=note))
