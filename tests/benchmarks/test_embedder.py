"""How fast the bundled embedder reads, one text at a time and in batches."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from backend.core import db as core_db
from backend.core.migrations import migrate
from backend.imports.service import import_file
from backend.language.embed import LocalEmbedder, passage_text
from backend.language.embedder import embed_texts, embedder
from backend.listings.models import Listing
from backend.search.documents import embedding_text
from backend.search.embedding import embed_batch
from backend.search.indexing import help_along
from backend.search.models import SearchDocument
from tests.benchmarks.asked import mixed
from tests.benchmarks.conftest import _admin, url_of, use
from tests.benchmarks.measuring import Figure, Report, Spread

TEXTS, BATCH = 48, 16


def test_tokens_a_second(report: Report) -> None:
    model = embedder()
    if not isinstance(model, LocalEmbedder):
        pytest.skip("an outside server embeds")
    texts = [passage_text(*pair) for pair in mixed(TEXTS)]
    sizes = [model.token_count(text) for text in texts]
    model.passage(["warm"])
    single = []
    for text, size in zip(texts, sizes, strict=True):
        began = time.perf_counter()
        model.passage([text])
        single.append(size / (time.perf_counter() - began))
    batches = []
    for at in range(0, TEXTS, BATCH):
        began = time.perf_counter()
        model.passage(texts[at : at + BATCH])
        batches.append(sum(sizes[at : at + BATCH]) / (time.perf_counter() - began))
    spread = Spread.of([sum(batches) / len(batches)])
    one = Spread.of([sum(single) / len(single)])
    note = f"{TEXTS} texts of {sum(sizes) / TEXTS:.0f} tokens"
    report.add(Figure("embedder, in batches", "tokens/s", spread, None, "one text at a time", one, True, note))


@pytest.fixture
def fresh_database() -> Iterator[None]:
    """An empty database for texts that nobody has read yet; the process goes back to its own afterwards."""
    name, before = f"run_embed_{os.getpid()}", os.environ.get("DATABASE_URL")
    with _admin() as admin:
        admin.execute(sql(f"CREATE DATABASE {name}"))
    migrate(url_of(name))
    use(url_of(name))
    yield
    core_db.engine().dispose()
    with _admin() as admin:
        admin.execute(sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    if before:
        use(before)


@pytest.mark.usefixtures("fresh_database")
def test_a_bulk_run_is_nearly_as_fast_as_the_bare_model(report: Report, tmp_path: Path) -> None:
    """All of a bulk run (find what waits, read, store, ask for matching) beside the model alone, batch by batch on the
    same texts in one run: nine tenths of its tokens a second."""
    model = embedder()
    if not isinstance(model, LocalEmbedder):
        pytest.skip("an outside server embeds")
    rows = [{"id": str(n), "title": title, "text": body} for n, (title, body) in enumerate(mixed(6 * BATCH))]
    (tmp_path / "bulk.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    import_file(tmp_path / "bulk.jsonl", kind="listings", source="bulk")
    help_along(lambda _done, _total: None)
    with core_db.session_scope() as session:
        newest = select(SearchDocument.id).order_by(SearchDocument.published_at.desc(), SearchDocument.id)
        texts = [embedding_text(session.get_one(Listing, key)).text for key in session.scalars(newest)]
    model.passage(["warm"])
    bare, bulk = [], []
    for at in range(0, len(texts), 2 * BATCH):
        part = texts[at : at + 2 * BATCH]
        size = sum(model.token_count(one) for one in part)
        began = time.perf_counter()
        embed_texts(part)
        bare.append(size / (time.perf_counter() - began))
        began = time.perf_counter()
        with core_db.session_scope() as session:
            assert embed_batch(session, 2 * BATCH) == len(part)
        bulk.append(size / (time.perf_counter() - began))
    share = 100 * sum(bulk) / sum(bare)
    note = f"{sum(bulk) / len(bulk):.0f} tokens/s in bulk, {len(texts)} texts"
    alone = Spread.of([sum(bare) / len(bare)])
    report.add(
        Figure("embedder, share kept in a bulk run", "%", Spread.of([share]), 90, "bare tokens/s", alone, True, note)
    )
