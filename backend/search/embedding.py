"""Vectors for documents that have none yet: in batches, newest first, never the same text twice.

A document is found by its words from the first moment; its vector follows when the embedder gets to it. What it cannot
read is put off, not given up: see unread.py.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.jobs import enqueue, task
from backend.core.settings import settings
from backend.language.embed import EmbeddingError, Vectors
from backend.language.embedder import embed_texts, embedder
from backend.search import meaning, outside, unread
from backend.search.documents import EmbeddingText, embedding_text
from backend.search.models import SearchDocument, UnreadText
from backend.search.projection import cached_vectors, records
from backend.search.query import Kind

BATCH = 32
LOCK = "search.embed_pending"
ROLES = ("passage", "query")
MOST_CALLS = 24
_ONE_READER = func.pg_try_advisory_xact_lock(func.hashtextextended(LOCK, 0))
log = structlog.get_logger("padan.search")
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
    if not session.scalar(select(_ONE_READER)):  # another worker reads: nothing is read twice
        _later(session, now() + timedelta(seconds=5))
        return 0
    done = embed_batch(session)
    if done:
        try:
            meaning.keep_background(session)
        except EmbeddingError as error:
            log.warning("background not embedded", code=error.code, error=str(error))
        if settings().meili_url:
            for kind in outside.KINDS:
                outside.enqueue_push(session, kind)
    if done and due(session):
        enqueue_embedding(session)
    elif (at := unread.next_try(session)) is not None:
        _later(session, at)
    return done


def try_now(session: Session) -> None:
    """Staff ask for everything that was put off to be tried at once."""
    for key in unread.put_first(session):
        enqueue(session, "matching.match_need", queueing_lock=f"match-need-{key}", need_id=str(key))
    enqueue_embedding(session)


def pending(session: Session) -> int:
    """Documents without a vector."""
    return session.scalar(select(func.count()).where(SearchDocument.vector.is_(None))) or 0


def due(session: Session) -> bool:
    """Whether a document waits that is not put off."""
    return session.scalar(_due(now()).limit(1)) is not None


def embed_batch(session: Session, size: int = BATCH) -> int:
    """Vectors for the newest `size` documents without one; returns how many were dealt with, and 0 when there are none
    or the embedder does not answer. What cannot be read is marked and tried again later."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(LOCK, 0))))
    waiting = session.execute(
        _due(now())
        .add_columns(SearchDocument.kind, SearchDocument.embedding_hash)
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
    reading = _Reading(texts)
    meaning.remember(session, model, reading.made)
    found: dict[bytes, object] = {**known, **dict(reading.made)}
    done: list[UUID] = []
    failed: dict[tuple[Kind, int], tuple[EmbeddingError, list[UUID]]] = {}
    for row in waiting:
        vector = found.get(row.embedding_hash)
        error = reading.failed.get(row.embedding_hash)
        if error is not None:
            failed.setdefault((row.kind, id(error)), (error, []))[1].append(row.id)
        elif vector is None:
            # The record changed since its document was written, or the model did: its next sync writes a new hash.
            _refresh(session, row.kind, row.id)
            done.append(row.id)
        else:
            # The hash is part of the condition: a text edited meanwhile keeps waiting for its own vector.
            session.execute(
                update(SearchDocument)
                .where(SearchDocument.id == row.id, SearchDocument.embedding_hash == row.embedding_hash)
                .values(vector=vector)
            )
            if row.kind == "listing" and few:
                # Matched by its words so far, now by its meaning as well.
                lock = f"match-listing-{row.id}"
                enqueue(session, "matching.match_listing", queueing_lock=lock, listing_id=str(row.id))
            done.append(row.id)
    of_text = 0
    for (kind, _), (error, ids) in failed.items():
        log.warning("not embedded", kind=kind, count=len(ids), code=error.code, error=str(error))
        unread.mark(session, kind, ids, error)
        of_text += len(ids) if error.of_text else 0
    freed = unread.clear(session, done)
    for row in waiting:
        if row.kind == "need" and row.id in freed:
            enqueue(session, "matching.match_need", queueing_lock=f"match-need-{row.id}", need_id=str(row.id))
    return len(done) + of_text


class _Reading:
    """Vectors of these texts, and for which there is none. A batch that fails for one text's sake is halved until that
    text is found, within a bounded number of calls; a server that fails is not asked for the rest of the batch."""

    def __init__(self, texts: dict[bytes, EmbeddingText]) -> None:
        self.made: list[tuple[bytes, Vectors]] = []
        self.failed: dict[bytes, EmbeddingError] = {}
        self._texts, self._calls = texts, 0
        self._down: EmbeddingError | None = None
        for role in ROLES:
            self._read(role, [key for key, text in texts.items() if text.role == role])

    def _read(self, role: str, keys: list[bytes]) -> None:
        if not keys:
            return
        error = self._down
        if error is None:
            self._calls += 1
            try:
                texts = [self._texts[key].text for key in keys]
                vectors = embed_texts(texts, "query" if role == "query" else "passage")
            except EmbeddingError as caught:
                error = caught
            else:
                self.made += zip(keys, vectors, strict=True)
                return
            if not error.of_text or self._calls > MOST_CALLS:
                self._down = error = EmbeddingError(str(error), error.code, error.retry_after)
            elif len(keys) > 1:
                middle = len(keys) // 2
                self._read(role, keys[:middle])
                self._read(role, keys[middle:])
                return
        self.failed |= dict.fromkeys(keys, error)


def _due(at: datetime) -> Select[UUID]:
    put_off = select(UnreadText.id).where(UnreadText.retry_at > at)
    return select(SearchDocument.id).where(SearchDocument.vector.is_(None), SearchDocument.id.not_in(put_off))


def _later(session: Session, at: datetime) -> None:
    """A lock of its own: a job that waits for its hour must not keep a new text from being read at once."""
    enqueue(session, "search.embed_pending", queueing_lock=f"{LOCK}.later", queue="embedding", schedule_at=at)


def _refresh(session: Session, kind: Kind, key: Any) -> None:
    from backend.search.projection import converge

    converge(session, kind, [key])
