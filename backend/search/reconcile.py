"""The nightly comparison of every record with its document and of every document with the outside index.

Convergence by event is enough on a good day; this is for the other days.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.settings import settings
from backend.publication.states import State
from backend.search import embedding, outside, unread
from backend.search.models import SearchDocument
from backend.search.projection import BATCH, MODELS, project_many, records
from backend.search.query import Kind

log = structlog.get_logger("padan.search")


def reconcile(session: Session) -> None:
    for kind in outside.KINDS:
        changed = reproject(session, kind)
        if changed:
            log.warning("projection repaired", kind=kind, changed=changed)
        if settings().meili_url:
            outside.reconcile_outside(session, kind)
    unread.sweep(session)
    if embedding.pending(session):
        embedding.enqueue_embedding(session)


def reproject(session: Session, kind: Kind) -> int:
    """Make all documents of a kind equal to their records; returns how many had to change."""
    model: Any = MODELS[kind]
    published = select(model.id).where(model.state == State.PUBLISHED, model.published_at.is_not(None))
    gone = select(SearchDocument.id).where(SearchDocument.kind == kind, SearchDocument.id.not_in(published))
    stale = list(session.scalars(gone))
    if stale:
        session.execute(delete(SearchDocument).where(SearchDocument.id.in_(stale)))
        if settings().meili_url:
            outside.mark_gone(session, kind, stale)
    changed = len(stale)
    for ids in _batches(list(session.scalars(published.order_by(model.id)))):
        held = records(session, kind, ids)
        changed += project_many(session, held)
        for record in held:
            session.expunge(record)  # 21,000 records need not stay in memory
    return changed


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
