"""Databases that hold a market of some size each, built when first asked for and kept under `var/bench`."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core import db as core_db
from backend.core.migrations import migrate
from backend.needs.models import Need
from tests.benchmarks import scale
from tests.benchmarks.asked import mixed
from tests.benchmarks.conftest import _admin, url_of, use
from tests.benchmarks.measuring import Report

NEEDS = 20_000
ASKED = 60
# Two more sizes for the curve, when somebody has the half hour that 300,000 take to be written and indexed.
SIZES = [int(size) for size in os.environ.get("PADAN_SCALE", "10000,100000").split(",")]


def ready(listings: int, report: Report) -> str:
    """Work on the market of this size from now on; returns its address."""
    from backend.language.embed import query_text
    from backend.language.embedder import embedder
    from backend.search.documents import VERSION

    source = Path(scale.__file__).read_bytes()
    key = hashlib.sha256(repr((source, VERSION, embedder().model_id, NEEDS)).encode()).hexdigest()[:10]
    name = f"scale_{listings}_{key}"
    with _admin() as admin:
        held = set(admin.scalars(text("SELECT datname FROM pg_database")))
        for old in sorted(held):
            if old.startswith((f"scale_{listings}_", f"new_scale_{listings}_")) and old != name:
                admin.execute(text(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)"))
        if name not in held:
            admin.execute(text(f"CREATE DATABASE new_{name}"))
    if name not in held:
        migrate(url_of(f"new_{name}"))
        use(url_of(f"new_{name}"))
        asked = embedder().query([query_text(*pair) for pair in mixed(ASKED)])
        report.note(_build(scale.Market(np.asarray(asked, dtype=np.float64)), listings, embedder().model_id))
        core_db.engine().dispose()
        with _admin() as admin:
            admin.execute(text(f"ALTER DATABASE new_{name} RENAME TO {name}"))
    migrate(url_of(name))
    use(url_of(name))
    _settle(report)
    return url_of(name)


def _settle(report: Report) -> None:
    """As after some time of use: the words of every need are known, and each keeps matches, about ten on average."""
    from backend.matching.asked import TEXT_HASH, keep_words, reader
    from backend.matching.profile import profile_of_need
    from backend.matching.score import COSINE_CHANCE, COSINE_WEIGHT, START
    from backend.matching.service import WORTH_SHOWING
    from backend.matching.store import KEPT
    from backend.matching.words import vocabulary_of, wanted, words_of

    began = time.perf_counter()
    with core_db.session_scope() as session:
        session.execute(text("SET statement_timeout = 0"))
        known = f"SELECT FROM need_words w WHERE w.need_id = n.id AND w.words <> '' AND w.text_hash = {TEXT_HASH}"
        unread = text(f"SELECT id FROM need n WHERE NOT EXISTS ({known})")
        waiting = list(session.scalars(unread, {"reader": reader()}))
    for at in range(0, len(waiting), 200):
        with core_db.session_scope() as session:
            for need in session.scalars(select(Need).where(Need.id.in_(waiting[at : at + 200]))):
                asked = profile_of_need(need).concepts
                keep_words(session, need, wanted(asked, vocabulary_of(session, words_of(asked))))
    with core_db.session_scope() as session:
        session.execute(text("SET statement_timeout = 0"))
        held = session.scalar(text("SELECT count(*) FROM (SELECT FROM match LIMIT 1000) AS few")) or 0
        if held < 1_000:
            # Log-odds as the score has them, with 4 for words and wishes as matching some of them gave.
            nearest = f"""
                INSERT INTO match (id, need_id, listing_id, score, reasons, found_at, updated_at)
                SELECT gen_random_uuid(), near.need_id, near.id, near.score, '[]', now(), now()
                  FROM (SELECT n.id AS need_id, d.id,
                               1 / (1 + exp(-({START} + 4 + {COSINE_WEIGHT} * (d.cosine - {COSINE_CHANCE})))) AS score
                          FROM search_document n CROSS JOIN LATERAL (
                               SELECT o.id, 1 - (o.vector <=> n.vector) AS cosine FROM search_document o
                                WHERE o.kind = 'listing' ORDER BY o.vector <=> n.vector LIMIT {KEPT}) AS d
                         WHERE n.kind = 'need') AS near
                 WHERE near.score >= {WORTH_SHOWING} AND hashtext(near.id::text) % 4 = 0"""
            session.execute(text("SELECT set_config('hnsw.ef_search', '50', true)"))
            session.execute(text(nearest))
    if waiting or held < 1_000:
        with core_db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
        report.note(f"{len(waiting):,} needs read, matches kept: {time.perf_counter() - began:.0f} s.")


def _build(market: scale.Market, listings: int, model: str) -> str:
    from backend.matching.words import count_words
    from backend.search.meaning import keep_background

    began = time.perf_counter()
    with Session(core_db.engine()) as session, session.begin():
        # One whole graph costs a fraction of adding to it row by row, as long as it fits into memory.
        session.execute(text("SET maintenance_work_mem = '1500MB'; SET statement_timeout = 0"))
        session.execute(text("SET max_parallel_maintenance_workers = 2"))
        held = list(scale.indexes(session))
        for name, _ in held:
            session.execute(text(f'DROP INDEX "{name}"'))
        written = [0]

        def tick(count: int) -> None:
            written[0] += count
            if written[0] % 10_000 == 0:
                print(f"{written[0]:,} records in {time.perf_counter() - began:.0f} s", flush=True)

        scale.fill(session, market, listings, NEEDS, model, tick)
        stored = time.perf_counter()
        for name, definition in held:
            session.execute(text(definition))
            print(f"{name} after {time.perf_counter() - began:.0f} s", flush=True)
        indexed = time.perf_counter()
        count_words(session)
        keep_background(session)
    counted = time.perf_counter()
    with core_db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    return (
        f"{listings:,} listings and {NEEDS:,} needs: written in {stored - began:.0f} s, indexed in"
        f" {indexed - stored:.0f} s, words counted in {counted - indexed:.0f} s."
    )
