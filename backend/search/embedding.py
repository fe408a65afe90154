"""Vectors for documents that have none yet: in batches, newest first, never the same text twice.

A document is found by its words from the first moment; its vector follows when the embedder gets to it.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.core.jobs import enqueue, task
from backend.core.settings import settings
from backend.language.embed import Vectors, embed_texts, embedder
from backend.search import meaning, outside
from backend.search.documents import EmbeddingText, embedding_text
from backend.search.models import SearchDocument
from backend.search.projection import cached_vectors, records
from backend.search.query import Kind

BATCH = 32
LOCK = "search.embed_pending"
ROLES = ("passage", "query")
# Up to so many waiting documents, each listing is matched anew once it is read; after a bulk import `padan rematch` is
# faster.
FEW = 500


def embedding_progress(session: Session) -> tuple[int, int]:
    """(documents with a vector, documents)."""
    done, total = session.execute(select(func.count(SearchDocument.vector), func.count())).one()
    return done, total


def enqueue_embedding(session: Session) -> None:
    """A waiting job is enough, however many documents wait."""
    enqueue(session, "search.embed_pending", queueing_lock=LOCK, queue="embedding")


@task("search.embed_pending", queue="embedding")
def embed_pending(session: Session, **_nothing: Any) -> int:
    """One batch, then another job for the next: progress is committed and newer documents come first."""
    meaning.keep_background(session)
    done = embed_batch(session)
    if settings().meili_url:
        for kind in outside.KINDS:
            outside.enqueue_push(session, kind)
    if done and pending(session):
        enqueue_embedding(session)
    return done


def embed_all(session_scope: Callable[[], Any], progress: Callable[[int, int], None] | None = None) -> int:
    """Every document that waits, a transaction a batch; for commands that show how far they are."""
    made = 0
    while True:
        with session_scope() as session:
            batch = embed_batch(session, BATCH * 4)
            made += batch
            if progress:
                progress(*embedding_progress(session))
        if not batch:
            return made


def pending(session: Session) -> int:
    return session.scalar(select(func.count()).where(SearchDocument.vector.is_(None))) or 0


def embed_batch(session: Session, size: int = BATCH) -> int:
    """Vectors for the newest `size` documents without one; returns how many were dealt with."""
    waiting = session.execute(
        select(SearchDocument.id, SearchDocument.kind, SearchDocument.embedding_hash)
        .where(SearchDocument.vector.is_(None))
        .order_by(SearchDocument.published_at.desc(), SearchDocument.id)
        .limit(size)
    ).all()
    if not waiting:
        return 0
    few = len(waiting) < size or pending(session) <= FEW
    model = embedder().model_id
    known = cached_vectors(session, (row.embedding_hash for row in waiting))
    texts: dict[bytes, EmbeddingText] = {}
    kinds: tuple[Kind, ...] = ("listing", "need")
    for kind in kinds:
        missing = [row.id for row in waiting if row.kind == kind and row.embedding_hash not in known]
        for record in records(session, kind, missing) if missing else []:
            text = embedding_text(record)
            texts[text.key(model)] = text
    made: list[tuple[bytes, Vectors]] = []
    for role in ROLES:
        keys = [key for key, text in texts.items() if text.role == role]
        vectors = embed_texts([texts[key].text for key in keys], "query" if role == "query" else "passage")
        made += list(zip(keys, vectors, strict=True))
    meaning.remember(session, model, made)
    found: dict[bytes, object] = {**known, **dict(made)}
    done = 0
    for row in waiting:
        vector = found.get(row.embedding_hash)
        if vector is None:
            # The record changed since its document was written, or the model did: its next sync writes a new hash.
            _refresh(session, row.kind, row.id)
            done += 1
            continue
        # The hash is part of the condition: a text edited meanwhile keeps waiting for its own vector.
        session.execute(
            update(SearchDocument)
            .where(SearchDocument.id == row.id, SearchDocument.embedding_hash == row.embedding_hash)
            .values(vector=vector)
        )
        if row.kind == "listing" and few:
            # Matched by its words so far, now by its meaning as well.
            enqueue(session, "matching.match_listing", queueing_lock=f"match-listing-{row.id}", listing_id=str(row.id))
        done += 1
    return done


def _refresh(session: Session, kind: Kind, key: Any) -> None:
    from backend.search.projection import converge

    converge(session, kind, [key])
