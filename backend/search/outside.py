"""Keeping the outside index equal to the projection by comparing hashes: what differs is sent, what is gone removed.

An entry is written only when the index's task has succeeded. So a killed worker, a failed task, a full queue or an
event that came twice leave a difference behind, and the next push closes it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.db import session_scope
from backend.core.jobs import enqueue, task
from backend.core.settings import settings
from backend.search import meilisearch
from backend.search.engine import Engine, EngineDown
from backend.search.meaning import Meaning
from backend.search.meilisearch import INDEXES, MAX_BATCH, Meili, Outcome
from backend.search.models import IndexEntry, IndexState, SearchDocument
from backend.search.query import Kind

log = structlog.get_logger("padan.search")
Scope = Callable[[], AbstractContextManager[Session]]
KINDS: tuple[Kind, ...] = ("listing", "need")
UNKNOWN = b""  # an entry whose document may or may not be in the index


def engine(meaning: Meaning | None) -> Engine:
    return meilisearch.MeiliEngine(meilisearch.server(), meaning)


def is_well() -> bool:
    return meilisearch.server().is_well()


def is_ready(session: Session, kind: Kind) -> bool:
    """Whether the index has been built; until then it is not asked."""
    return session.get(IndexState, INDEXES[kind]) is not None


def enqueue_push(session: Session, kind: Kind) -> None:
    """One waiting job per index is enough, and one runs at a time: never more than one task in flight."""
    name = f"search.push:{INDEXES[kind]}"
    enqueue(session, "search.push", queueing_lock=name, lock=name, kind=kind)


def mark_gone(session: Session, kind: Kind, ids: Iterable[UUID]) -> None:
    """These may be in the index, whatever our entries say: the next push removes them."""
    rows = [{"index": INDEXES[kind], "id": key, "content_hash": UNKNOWN, "indexed_at": now()} for key in ids]
    if rows:
        session.execute(insert(IndexEntry).values(rows).on_conflict_do_nothing())


def quarantined(session: Session) -> Sequence[IndexEntry]:
    """Documents that the index refused, with its reason; they are tried again when they change."""
    query = select(IndexEntry).where(IndexEntry.quarantined_at.is_not(None)).order_by(IndexEntry.quarantined_at.desc())
    return session.scalars(query.limit(200)).all()


@task("search.push")
def push(session: Session, kind: Kind, **_nothing: Any) -> None:
    """Close every difference between projection and live index. Raises EngineDown, so that the job is tried again."""
    if not settings().meili_url:
        return
    state = session.get(IndexState, INDEXES[kind])
    if state is None or state.settings_hash != meilisearch.config_hash(kind):
        enqueue(session, "search.reindex", queueing_lock=f"search.reindex:{kind}", kind=kind)
        if state is None:
            return
    _alone(session, INDEXES[kind])
    if meilisearch.server().unfinished(INDEXES[kind]):
        raise EngineDown("the index is still busy with an earlier task")
    while push_batch(session, kind, INDEXES[kind], meilisearch.server()):
        pass


@task("search.reindex")
def reindex_job(session: Session, kind: Kind, **_nothing: Any) -> None:  # noqa: ARG001 - it has transactions of its own
    if settings().meili_url:
        reindex(kind)


def _alone(session: Session, index: str) -> None:
    """One writer at a time to the live index, so that no task of it is under way when it is swapped."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"search.index:{index}", 0))))


# One batch -----------------------------------------------------------------------------------------------------------


def push_batch(session: Session, kind: Kind, index: str, meili: Meili) -> int:
    """Send one batch of differences and wait for its task; returns how many documents were dealt with."""
    gone = _gone(session, kind, index)
    if gone:
        outcome = meili.outcome(meili.remove(index, gone))
        if not outcome.succeeded and outcome.code != "index_not_found":
            raise EngineDown(f"{outcome.code}: {outcome.message}")
        session.execute(delete(IndexEntry).where(IndexEntry.index == index, IndexEntry.id.in_(gone)))
    rows = _different(session, kind, index)
    for batch in meilisearch.batches(map(meilisearch.document, rows)):
        _send(session, index, meili, batch, {str(row.id): row for row in rows})
    session.flush()
    return len(rows) + len(gone)


def _vector_hash() -> Any:
    return case((SearchDocument.vector.is_not(None), SearchDocument.embedding_hash), else_=None)


def _different(session: Session, kind: Kind, index: str) -> Sequence[SearchDocument]:
    changed = IndexEntry.content_hash.is_distinct_from(SearchDocument.content_hash)
    vector = IndexEntry.quarantined_at.is_(None) & IndexEntry.vector_hash.is_distinct_from(_vector_hash())
    query = (
        select(SearchDocument)
        .outerjoin(IndexEntry, (IndexEntry.id == SearchDocument.id) & (IndexEntry.index == index))
        .where(SearchDocument.kind == kind, or_(IndexEntry.id.is_(None), changed, vector))
        .order_by(SearchDocument.published_at.desc(), SearchDocument.id)
        .limit(MAX_BATCH)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _gone(session: Session, kind: Kind, index: str) -> list[UUID]:  # noqa: ARG001
    present = select(SearchDocument.id).where(SearchDocument.id == IndexEntry.id)
    query = select(IndexEntry.id).where(IndexEntry.index == index, ~present.exists()).limit(MAX_BATCH)
    return list(session.scalars(query))


def _send(
    session: Session, index: str, meili: Meili, batch: list[dict[str, Any]], rows: dict[str, SearchDocument]
) -> None:
    """One bad document fails its whole batch, so a failed batch is halved until the bad ones stand alone."""
    good: list[str] = []
    bad: list[tuple[str, Outcome]] = []
    todo = [batch]
    while todo:
        part = todo.pop()
        outcome = meili.outcome(meili.add(index, part))
        if outcome.succeeded:
            good += [one["id"] for one in part]
        elif len(part) == 1:
            bad.append((part[0]["id"], outcome))
        elif outcome.at_fault or outcome.code == "internal":
            todo += [part[: len(part) // 2], part[len(part) // 2 :]]
        else:
            raise EngineDown(f"{outcome.code}: {outcome.message}")
    if bad and not good and not all(outcome.at_fault for _key, outcome in bad):
        raise EngineDown(f"{bad[0][1].code}: {bad[0][1].message}")  # everything fails: it is not the documents
    entries = [_entry(index, rows[key], None) for key in good]
    entries += [_entry(index, rows[key], outcome) for key, outcome in bad]
    for key, outcome in bad:
        log.error("document quarantined", index=index, id=key, code=outcome.code, message=outcome.message)
    statement = insert(IndexEntry)
    columns = ("content_hash", "vector_hash", "indexed_at", "quarantined_at", "error")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["index", "id"], set_={name: statement.excluded[name] for name in columns}
        ),
        entries,
    )


def _entry(index: str, row: SearchDocument, outcome: Outcome | None) -> dict[str, Any]:
    return {
        "index": index,
        "id": row.id,
        "content_hash": row.content_hash,
        "vector_hash": row.embedding_hash if row.vector is not None else None,
        "indexed_at": now(),
        "quarantined_at": now() if outcome else None,
        "error": f"{outcome.code}: {outcome.message}" if outcome else None,
    }


# Rebuilding and repairing --------------------------------------------------------------------------------------------


def reindex(kind: Kind, scope: Scope = session_scope, progress: Callable[[int, int], None] | None = None) -> None:
    """Build a fresh index beside the live one, fill it, swap, and send what changed meanwhile.

    Entries of the new index are kept under its own name while it is filled and become the live ones with the swap, so
    what was written during the rebuild shows as a difference afterwards and is sent: nothing is lost.
    """
    meili, live, wanted = meilisearch.server(), INDEXES[kind], meilisearch.config_hash(kind)
    fresh = f"{live}_{wanted.hex()[:12]}"
    _expect(meili, meili.drop(fresh), "index_not_found")
    _expect(meili, meili.create(fresh))
    _expect(meili, meili.configure(fresh, meilisearch.config(kind)))
    with scope() as session:
        session.execute(delete(IndexEntry).where(IndexEntry.index == fresh))
        total = session.scalar(select(func.count()).where(SearchDocument.kind == kind)) or 0
    done = 0
    while True:
        with scope() as session:
            sent = push_batch(session, kind, fresh, meili)
        done += sent
        if progress:
            progress(min(done, total), total)
        if not sent:
            break
    _expect(meili, meili.create(live), "index_already_exists")
    with scope() as session:
        _alone(session, live)
        while push_batch(session, kind, fresh, meili):
            pass
        _expect(meili, meili.swap(live, fresh))
        session.execute(delete(IndexEntry).where(IndexEntry.index == live))
        moved = select(IndexEntry).where(IndexEntry.index == fresh)
        for entry in session.scalars(moved):
            entry.index = live
        state = session.get(IndexState, live)
        if state is None:
            session.add(IndexState(index=live, settings_hash=wanted))
        else:
            state.settings_hash, state.rebuilt_at = wanted, now()
        session.flush()
    with scope() as session:
        while push_batch(session, kind, live, meili):
            pass
    _expect(meili, meili.drop(fresh), "index_not_found")


def reconcile_outside(session: Session, kind: Kind) -> int:
    """Take the index's own word for what it holds, and push the difference; returns how many entries were wrong."""
    index, meili = INDEXES[kind], meilisearch.server()
    if not is_ready(session, kind):
        enqueue_push(session, kind)
        return 0
    held = meili.held(index)
    entries = {entry.id: entry for entry in session.scalars(select(IndexEntry).where(IndexEntry.index == index))}
    wrong = 0
    for key, entry in entries.items():
        if entry.quarantined_at is None and held.get(key) != entry.content_hash:
            session.delete(entry)
            wrong += 1
    unknown = [key for key in held if key not in entries]
    session.flush()
    stale = [key for key in held if key not in entries or held[key] != entries[key].content_hash]
    mark_gone(session, kind, stale)  # still there by id: removed, or sent again, whichever the projection says
    if wrong or unknown:
        log.warning("index repaired", index=index, wrong=wrong, unknown=len(unknown))
    enqueue_push(session, kind)
    return wrong + len(unknown)


def _expect(meili: Meili, number: int, *accepted: str) -> None:
    outcome = meili.outcome(number, seconds=600)
    if not outcome.succeeded and outcome.code not in accepted:
        raise EngineDown(f"{outcome.code}: {outcome.message}")
