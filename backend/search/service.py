"""Searching, and keeping what is searched equal to the records.

The outside engine is asked where there is one and it is well; else PostgreSQL answers, within the second, and says so.
Whatever engine answers, it answers ids: what is shown is read from the projection, so nothing withdrawn can appear.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from markupsafe import Markup
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, defer

from backend.accounts.models import Organisation
from backend.core import metrics
from backend.core.clock import now
from backend.core.db import session_scope
from backend.core.settings import settings
from backend.needs.models import Need
from backend.search import meaning, outside
from backend.search.breaker import Breaker
from backend.search.embedding import embedding_progress, enqueue_embedding
from backend.search.engine import Engine, EngineDown, Results
from backend.search.highlight import marked
from backend.search.lexemes import query_words
from backend.search.models import SearchDocument
from backend.search.outside import quarantined
from backend.search.postgres import PostgresEngine
from backend.search.projection import BATCH, converge
from backend.search.query import Kind, SearchQuery
from backend.search.reconcile import reconcile, reproject

__all__ = [
    "Found", "Hit", "embedding_progress", "engine_health", "loosened", "newest", "quarantined",
    "reconcile", "reindex", "search", "suggest", "sync", "sync_many", "sync_organisation",
]  # fmt: skip

log = structlog.get_logger("padan.search")
breaker = Breaker()
# What lists do not show is not fetched with them.
HEAVY = (
    SearchDocument.text, SearchDocument.words, SearchDocument.plain, SearchDocument.vector, SearchDocument.codes,
    SearchDocument.head,
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """One document as lists show it; attributes of the document, plus these."""

    document: SearchDocument
    score: float
    title: Markup
    summary: Markup
    verified_at: date | None = None
    verification_source: str | None = None
    deadline: date | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.document, name)

    @property
    def id(self) -> UUID:
        return self.document.id

    @property
    def territories_in_force(self) -> list[str]:
        return self.document.in_force

    @property
    def need_kind(self) -> str | None:
        return self.document.record_kind if self.document.kind == "need" else None

    @property
    def where_used(self) -> list[str]:
        return self.document.territories if self.document.kind == "need" else []


@dataclass(frozen=True)
class Found:
    """What a results page shows. `degraded`: the usual engine did not answer and another one did."""

    query: SearchQuery
    hits: Sequence[Hit]
    results: Results
    degraded: bool = False
    mended: dict[str, str] = field(default_factory=dict)

    @property
    def distant(self) -> bool:
        """Nothing fits closely; these only come nearest."""
        return bool(self.results.extra.get("distant"))

    @property
    def total(self) -> int:
        return self.results.total

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.query.size))


def search(session: Session, query: SearchQuery, locale: str = "en") -> Found:
    """Answer the question with whichever engine can. Never raises for a question that could be parsed."""
    results, degraded = _answered(session, query, locale)
    metrics.SEARCHES.labels(results.engine).inc()
    for name in ("postgres", "meilisearch"):
        metrics.SEARCH_ENGINE.labels(name).set(name == results.engine)
    mended = dict(results.extra.get("mended", {}))
    return Found(query, _hits(session, query, results, mended), results, degraded, mended)


def suggest(session: Session, kind: Kind, prefix: str, locale: str = "en") -> list[str]:
    """Titles that the words typed so far could be leading to."""
    return PostgresEngine(session).suggest(kind, prefix, locale)


def loosened(session: Session, query: SearchQuery) -> list[tuple[str, str | None, int]]:
    """For a question without answer: each filter with the number of answers there would be without it, best first."""
    names = [
        *query.chosen,
        *(name for name in ("trl_min", "trl_max", "verification") if getattr(query, name) is not None),
    ]
    engine = PostgresEngine(session)
    found: list[tuple[str, str | None, int]] = []
    for name in names[:6]:
        total = engine.search(replace(query.without(name), size=1)).total
        if total:
            found.append((name, None, total))
    if query.q and names and (total := engine.search(replace(query.unfiltered(), size=1)).total):
        found.append(("", None, total))
    return sorted(found, key=lambda row: -row[2])


def sync(session: Session, kind: Kind, key: UUID) -> None:
    """Make every projection of one record equal to it, however often and in whatever order this runs."""
    sync_many(session, kind, [key])


def sync_many(session: Session, kind: Kind, keys: Sequence[UUID]) -> None:
    """As `sync`, for a batch (an import's, for example)."""
    gone = converge(session, kind, keys)
    if len(gone) < len(keys):
        waiting = select(func.count()).where(SearchDocument.id.in_(list(keys)), SearchDocument.vector.is_(None))
        if session.scalar(waiting):
            enqueue_embedding(session)
    if settings().meili_url:
        outside.mark_gone(session, kind, gone)
        outside.enqueue_push(session, kind)


def sync_organisation(session: Session, key: UUID) -> None:
    """An organisation's name, state and verification level stand in every document it owns."""
    for kind in outside.KINDS:
        ids = session.scalars(
            select(SearchDocument.id).where(SearchDocument.organisation_id == key, SearchDocument.kind == kind)
        ).all()
        for start in range(0, len(ids), BATCH):
            sync_many(session, kind, ids[start : start + BATCH])


def newest(session: Session, kind: Kind, count: int) -> list[Hit]:
    """The documents published last, as lists show them."""
    query = SearchQuery(kind=kind, size=count)
    ids = session.scalars(
        select(SearchDocument.id)
        .where(SearchDocument.kind == kind, or_(SearchDocument.expires_at.is_(None), SearchDocument.expires_at > now()))
        .order_by(SearchDocument.published_at.desc(), SearchDocument.id)
        .limit(count)
    )
    return _hits(session, query, Results([(key, 0.0) for key in ids], count, {}, "postgres"), {})


def reindex(progress: Any = None) -> None:
    """Rebuild the projection from the records, then the outside index beside the live one where there is one.

    `progress` is a rich Progress, or None.
    """
    for kind in outside.KINDS:
        bar = progress.add_task(f"reading {kind}s", total=None) if progress else None
        with session_scope() as session:
            changed = reproject(session, kind)
        if progress:
            progress.update(bar, total=changed, completed=changed)
        if settings().meili_url:
            bar = progress.add_task(f"indexing {kind}s", total=None) if progress else None

            def tell(done: int, total: int, bar: Any = bar) -> None:
                if progress:
                    progress.update(bar, completed=done, total=total)

            outside.reindex(kind, progress=tell)


def engine_health(session: Session) -> bool:
    """Whether searches are answered as configured: the outside engine where there is one, else the projection."""
    if settings().meili_url:
        return outside.is_well()
    session.execute(select(SearchDocument.id).limit(1))
    return True


def _answered(session: Session, query: SearchQuery, locale: str) -> tuple[Results, bool]:
    degraded = False
    if settings().meili_url and outside.is_ready(session, query.kind):
        degraded = True
        if breaker.allows():
            try:
                results = _outside(session, query).search(query, locale)
            except EngineDown as error:
                breaker.failed()
                log.warning("search engine down", error=str(error)[:300])
            else:
                breaker.succeeded()
                return results, False
    return PostgresEngine(session).search(query, locale), degraded


def _outside(session: Session, query: SearchQuery) -> Engine:
    return outside.engine(meaning.meaning_of(session, query.q) if query.q else None)


def _hits(session: Session, query: SearchQuery, results: Results, mended: dict[str, str]) -> list[Hit]:
    ids = [key for key, _score in results.hits]
    if not ids:
        return []
    documents = {
        row.id: row
        for row in session.scalars(
            select(SearchDocument)
            .where(SearchDocument.id.in_(ids), SearchDocument.kind == query.kind)
            .options(*(defer(column) for column in HEAVY))
        )
    }
    owners = _owners(session, documents.values())
    deadlines = _deadlines(session, ids) if query.kind == "need" else {}
    words = [*query_words(query.q), *mended.values()] if query.q else []
    prefix = words[-1] if words and not query.q.endswith(" ") else ""
    hits = []
    for key, score in results.hits:
        document = documents.get(key)
        if document is None:
            continue  # withdrawn a moment ago: the index does not know yet
        verified_at, source = (
            owners.get(document.organisation_id, (None, None)) if document.owner_name else (None, None)
        )
        hits.append(
            Hit(
                document, score, marked(document.title, words, prefix), marked(document.summary, words, prefix),
                verified_at, source, deadlines.get(key),
            )
        )  # fmt: skip
    return hits


def _owners(session: Session, documents: Any) -> dict[UUID, tuple[date | None, str | None]]:
    """When and by which source an owner was verified: of named owners only, for a source can name them."""
    named = {row.organisation_id for row in documents if row.owner_name}
    if not named:
        return {}
    rows = session.execute(
        select(Organisation.id, Organisation.verified_on, Organisation.verification_source).where(
            Organisation.id.in_(named)
        )
    )
    return {key: (on, source) for key, on, source in rows}


def _deadlines(session: Session, ids: Sequence[UUID]) -> dict[UUID, date | None]:
    return dict(session.execute(select(Need.id, Need.deadline).where(Need.id.in_(ids))).all())
