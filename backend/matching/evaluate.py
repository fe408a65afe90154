"""How well matching finds what people judged to fit: the production pipeline over a folder of judgements.

A folder holds `corpus.jsonl[.gz]`, `queries.jsonl[.gz]` and `qrels.tsv`. Its documents become published listings and
its queries needs, in a database that is made for the run and dropped after it. Vectors are kept in a file by content.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from rich.progress import Progress
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.clock import now
from backend.core.db import database_url, new_engine
from backend.core.ids import new_id
from backend.core.migrations import migrate
from backend.core.settings import settings
from backend.ip.classes import problem
from backend.language.detect import detect
from backend.language.embed import Role, Vectors, content_hash
from backend.language.embedder import embed_texts, embedder
from backend.listings.models import IpRight, Listing
from backend.matching.candidates import halfvec
from backend.matching.profile import listing_text, need_text, profile_of_need
from backend.matching.service import ranked
from backend.matching.vectors import query_vector
from backend.matching.words import count_words
from backend.needs.models import Need
from backend.search.documents import project
from backend.search.models import SearchDocument

TAKEN = 100
_BATCH = 500
Row = dict[str, Any]


def evaluate(folder: Path, *, progress: Progress | None = None, cache: Path | None = None) -> dict[str, Any]:
    """{"ndcg@10", "recall@100", "mrr@10", "queries", "by_lang": {language: the same}} over the judged queries."""
    corpus, judged = list(_rows(folder / "corpus.jsonl")), _judged(folder)
    queries = [query for query in _rows(folder / "queries.jsonl") if _has_answer(judged, query)]
    store = VectorFile(cache or settings().var_dir / "vectors")
    tick = _ticker(progress)
    figures: list[tuple[str, tuple[float, float, float]]] = []
    with throw_away_database() as url:
        engine = new_engine(url)
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                owner, seeker = _organisation("SG"), _organisation("TH")
                session.add_all([owner, seeker])
                session.flush()
                names = _load(session, owner, corpus, store, tick)
                count_words(session)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE search_document"))
            needs = [_need(seeker, query) for query in queries]
            vectors = _vectors([need_text(need) for need in needs], "query", store, tick("embedding queries"))
            with Session(engine, expire_on_commit=False) as session:
                _keep_vectors(session, vectors, "query")
                done = tick("matching")
                for number, (query, need) in enumerate(zip(queries, needs, strict=True), 1):
                    excluded = set(query.get("exclude") or ())
                    profile = profile_of_need(need, query_vector(session, need_text(need)))
                    scored, _ = ranked(session, profile, at=now(), most=TAKEN + len(excluded), explain=False)
                    found = [names[listing_id] for listing_id, _ in scored if names[listing_id] not in excluded]
                    figures.append((str(query.get("lang") or "und"), measured(found, judged[query["id"]])))
                    done(number, len(queries))
        finally:
            engine.dispose()
    by_language: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for language, row in figures:
        by_language[language].append(row)
    languages = {language: _means(rows) for language, rows in sorted(by_language.items())}
    return {**_means([row for _, row in figures]), "by_lang": languages}


def measured(found: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float]:
    """nDCG@10 (gain 2^grade - 1), recall among the first 100, reciprocal rank among the first 10."""
    good = {name for name, grade in grades.items() if grade > 0}
    gained = sum((2 ** grades.get(name, 0) - 1) / math.log2(place + 2) for place, name in enumerate(found[:10]))
    best = sorted(grades.values(), reverse=True)[:10]
    ideal = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))
    first = next((1 / (place + 1) for place, name in enumerate(found[:10]) if name in good), 0.0)
    return gained / ideal, len(good & set(found[:TAKEN])) / len(good), first


@contextmanager
def throw_away_database() -> Iterator[str]:
    """A migrated database of its own on the same server, dropped afterwards whatever happens."""
    name = f"padan_evaluation_{os.getpid()}_{new_id().hex[-8:]}"
    base = database_url()
    admin = new_engine(base).execution_options(isolation_level="AUTOCOMMIT")
    path, mark, query = base.partition("?")
    url = f"{path.rsplit('/', 1)[0]}/{name}{mark}{query}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        migrate(url)
        yield url
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


class VectorFile:
    """Vectors kept between runs: 32 bytes of content hash and 384 half floats a record, only ever appended to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        model = "".join(c if c.isalnum() or c in "-." else "_" for c in embedder().plain.model_id)
        self._path = folder / f"{model}.bin"
        self._size = 32 + 2 * embedder().dimension
        self._known: dict[bytes, bytes] = {}
        held = self._path.read_bytes() if self._path.exists() else b""
        for at in range(0, len(held) - self._size + 1, self._size):
            self._known[held[at : at + 32]] = held[at + 32 : at + self._size]

    def get(self, key: bytes) -> Vectors | None:
        held = self._known.get(key)
        return None if held is None else np.frombuffer(held, dtype=np.float16).astype(np.float32)

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        with self._path.open("ab") as file:
            for key, vector in zip(keys, vectors, strict=True):
                self._known[key] = vector.astype(np.float16).tobytes()
                file.write(key + self._known[key])


Tick = Callable[[str], Callable[[int, int], None]]


def _ticker(progress: Progress | None) -> Tick:
    def begin(what: str) -> Callable[[int, int], None]:
        if progress is None:
            return lambda _done, _total: None
        bar = progress.add_task(what, total=None)
        return lambda done, total: progress.update(bar, completed=done, total=total)

    return begin


def _vectors(
    texts: Iterable[str], role: Role, store: VectorFile, done: Callable[[int, int], None]
) -> dict[str, Vectors]:
    """Vectors of these texts, from the file or the embedder. The file keeps the model's own, from which those that
    Padan compares are computed."""
    chosen = embedder()
    keys = {body: content_hash(chosen.plain.model_id, body, role) for body in texts if body}
    missing = sorted((body for body in keys if store.get(keys[body]) is None), key=len)
    for at in range(0, len(missing), 64):
        batch = missing[at : at + 64]
        store.add([keys[body] for body in batch], embed_texts(batch, role, using=chosen.plain))
        done(at + len(batch), len(missing))
    done(1, 1)
    held = {body: vector for body, key in keys.items() if (vector := store.get(key)) is not None}
    return dict(zip(held, chosen.neutral(np.stack([*held.values()])), strict=True)) if held else {}


def _keep_vectors(session: Session, vectors: Mapping[str, Vectors], role: Role) -> None:
    model = embedder().model_id
    rows = [
        {"key": content_hash(model, body, role), "model": model, "vector": halfvec(vector), "at": now()}
        for body, vector in vectors.items()
    ]
    if rows:
        session.execute(
            text("INSERT INTO embedding VALUES (:key, :model, CAST(:vector AS halfvec), :at) ON CONFLICT DO NOTHING"),
            rows,
        )
        session.commit()


def _load(
    session: Session, owner: Organisation, corpus: Sequence[Row], store: VectorFile, tick: Tick
) -> dict[UUID, str]:
    """Insert the corpus as published listings with their search documents; returns listing id -> document id."""
    at = now()
    listings = [(row["id"], _listing(owner, row, at)) for row in corpus]
    bodies = [listing_text(listing) for _, listing in listings]
    vectors = _vectors(bodies, "passage", store, tick("embedding documents"))
    done = tick("loading documents")
    model = embedder().model_id
    for start in range(0, len(listings), _BATCH):
        batch = [listing for _, listing in listings[start : start + _BATCH]]
        session.add_all(batch)
        session.flush()
        rows = []
        for listing in batch:
            row = project(listing, at.date(), model)
            rows.append({**row, "codes": b"", "vector": vectors.get(listing_text(listing))})
        session.execute(insert(SearchDocument), rows)
        done(start + len(batch), len(listings))
    return {listing.id: name for name, listing in listings}


def _listing(owner: Organisation, row: Row, at: datetime) -> Listing:
    ipc = [symbol for symbol in row.get("ipc") or () if problem(symbol) is None]
    cpc = [symbol for symbol in row.get("cpc") or () if problem(symbol) is None]
    listing = Listing(
        id=new_id(), reference=new_id().hex, state="published", kind="patent", organisation=owner,
        open_for_interest=True, anonymous=False, language=row.get("lang") or detect(row["text"])[0],
        title=row.get("title") or "", description=row["text"], summary="", problem="", advantages="",
        economic_comparison="", applications="", partner_role="", published_at=at, expires_at=at + timedelta(days=365),
        sectors=[], sdgs=[], technology_keywords=[], market_keywords=[], deal_types=[], territories=[], green=False,
        terms_visibility="on_request",
    )
    if ipc or cpc:
        listing.rights = [IpRight(kind="patent", office=_office(row), status="not_checked", ipc=ipc, cpc=cpc)]
    return listing


def _office(row: Row) -> str:
    country = str(row.get("country") or "")
    return country if len(country) == 2 else "WO"


def _need(seeker: Organisation, query: Row) -> Need:
    return Need(
        id=new_id(), organisation=seeker, organisation_id=seeker.id, language=detect(query["text"])[0], title="",
        summary="", description=query["text"], why_needed="", site_conditions="", technology_keywords=[],
        market_keywords=[], used_in=[], right_kinds=[], deal_types=[], sectors=[], sdgs=[], requirements=[],
        ipc=[symbol for symbol in query.get("ipc") or () if problem(symbol) is None],
    )


def _organisation(country: str) -> Organisation:
    return Organisation(id=new_id(), name=f"Organisation in {country}", kind="university", country=country)


def _rows(path: Path) -> Iterator[Row]:
    packed = path.with_name(path.name + ".gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    for line in raw.decode("utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def _judged(folder: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")[:3]
        if query != "query_id":
            judged[query][document] = int(grade)
    return judged


def _has_answer(judged: Mapping[str, Mapping[str, int]], query: Row) -> bool:
    return any(grade > 0 for grade in judged.get(query["id"], {}).values())


def _means(rows: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    count = max(1, len(rows))
    ndcg, recall, rank = (round(sum(row[at] for row in rows) / count, 4) for at in range(3))
    return {"ndcg@10": ndcg, "recall@100": recall, "mrr@10": rank, "queries": len(rows)}
