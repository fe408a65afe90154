"""How fast a file of listings is stored and then indexed, beside PostgreSQL's own COPY of the stored rows."""

from __future__ import annotations

import io
import time

import psycopg

from backend.core import db as core_db
from backend.imports.service import import_file
from backend.search.indexing import index
from tests.benchmarks.conftest import Bench
from tests.benchmarks.measuring import Figure, Report, Spread

INDEXED_BATCHES = 6
TABLES = ("organisation", "listing", "ip_right", "event")


def test_import_stores_a_thousand_listings_a_second(bench: Bench, import_database: str, report: Report) -> None:
    seconds, processor, stored = [], time.process_time(), []
    for path in bench.listings:
        began = time.perf_counter()
        stored.append(import_file(path, kind="listings", source=path.name.split(".")[0]).created)
        seconds.append(time.perf_counter() - began)
    processor = time.process_time() - processor
    report.add(
        Figure(
            "padan import, storing", "listings/s", Spread.of([sum(stored) / sum(seconds)]), 1_000,
            "COPY of the same rows and indexes", Spread.of([sum(stored) / _copied()]), at_least=True,
            note=f"{sum(stored):,} listings; {sum(stored) / processor:,.0f} a second of this process's own work",
        )
    )  # fmt: skip
    _indexing(report)


def _indexing(report: Report) -> None:
    with core_db.session_scope() as session:
        waiting = session.connection().exec_driver_sql(
            "SELECT args FROM procrastinate_jobs WHERE queue_name = 'indexing' ORDER BY id"
        )
        batches = [row.args for row in waiting]
    # From both files: texts of one differ from the other's.
    chosen = batches[:: max(1, len(batches) // INDEXED_BATCHES)]
    rates, processor, done = [], time.process_time(), 0
    for batch in chosen:
        began = time.perf_counter()
        with core_db.session_scope() as session:
            index(session, **batch)
        rates.append(len(batch["ids"]) / (time.perf_counter() - began))
        done += len(batch["ids"])
    processor = time.process_time() - processor
    report.add(
        Figure(
            "padan import, indexing by words", "listings/s", Spread(Spread.of(rates).p50, min(rates), len(rates)), None,
            "", None, at_least=True,
            note=f"{done:,} listings; {done / processor:,.0f} a second of this process's own work",
        )
    )  # fmt: skip


def _copied() -> float:
    """Seconds that COPY takes to write the rows of the import into tables of the same shape."""
    took = 0.0
    with psycopg.connect(core_db.conninfo()) as connection:
        for table in TABLES:
            connection.execute(f"CREATE TEMP TABLE copied_{table} (LIKE {table} INCLUDING ALL)")
            content = io.BytesIO()
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as out:
                for piece in out:
                    content.write(piece)
            began = time.perf_counter()
            with connection.cursor().copy(f"COPY copied_{table} FROM STDIN") as copy:
                copy.write(content.getvalue())
            took += time.perf_counter() - began
        connection.rollback()
    return took
