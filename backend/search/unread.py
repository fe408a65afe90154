"""What the embedder could not read: marked, tried again at growing intervals, and shown to staff.

A record that waits loses nothing but its meaning: it is found and matched by its words. When the server answers again,
everything that waited for it is tried at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Float, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.marking import N_
from backend.language.embed import EmbeddingError
from backend.search.models import SearchDocument, UnreadText
from backend.search.query import Kind

FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0  # seconds
MOST_DOUBLINGS = 7

# What each code means to the people who run the site.
CAUSES = {
    "timeout": N_("The embedding server does not answer in time."),
    "unreachable": N_("The embedding server cannot be reached."),
    "busy": N_("The embedding server is busy and asked us to wait."),
    "refused": N_("The embedding server refuses the request."),
    "resting": N_("The embedding server failed a moment ago and is left alone for a while."),
    "too_large": N_("The embedding server's answer is too large."),
    "not_json": N_("The embedding server answers something other than JSON."),
    "not_embeddings": N_("The embedding server's answer holds no vectors in the known form."),
    "wrong_count": N_("The embedding server gives another number of vectors than texts."),
    "wrong_dimension": N_("The embedding server's vectors have another length than the database keeps."),
    "not_a_number": N_("The embedding server gives vectors that are not numbers."),
    "unusable": N_("The embedder gives no usable vector."),
}


@dataclass(frozen=True)
class Waiting:
    """One record that waits to be read. `tries` is 0 for one that has only to wait its turn."""

    id: UUID
    kind: str
    title: str
    since: datetime
    tries: int = 0
    cause: str = ""
    detail: str = ""
    retry_at: datetime | None = None


def mark(session: Session, kind: Kind, ids: Collection[UUID], error: EmbeddingError) -> datetime | None:
    """Another try has failed: when the next one is due. The wait doubles from half a minute up to an hour, and is never
    shorter than what the server asked for."""
    if not ids:
        return None
    at = now()
    asked = min(error.retry_after or 0.0, LONGEST_WAIT)
    first = timedelta(seconds=max(FIRST_WAIT, asked))
    seconds = func.least(FIRST_WAIT * func.pow(2.0, func.least(UnreadText.tries, MOST_DOUBLINGS)), LONGEST_WAIT)
    rows = [
        {
            "id": key, "kind": kind, "tries": 1, "since": at, "tried_at": at, "retry_at": at + first,
            "error": error.code if error.code in CAUSES else "unusable", "detail": _detail(error),
        }
        for key in sorted(ids)
    ]  # fmt: skip
    statement = insert(UnreadText).values(rows)
    changed = {
        "tries": UnreadText.tries + 1,
        "tried_at": at,
        "retry_at": at + func.make_interval(0, 0, 0, 0, 0, 0, func.greatest(seconds, asked, type_=Float)),
        "error": statement.excluded.error,
        "detail": statement.excluded.detail,
    }
    written = statement.on_conflict_do_update(index_elements=["id"], set_=changed).returning(UnreadText.retry_at)
    return min(session.scalars(written))


def clear(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """These have been read; returns those of them that had been marked. Their server works, so all others are due."""
    if not ids:
        return set()
    freed = set(session.scalars(delete(UnreadText).where(UnreadText.id.in_(list(ids))).returning(UnreadText.id)))
    if freed:
        at = now()
        theirs = UnreadText.error.in_(("timeout", "unreachable", "busy", "resting", "refused", "not_json"))
        session.execute(update(UnreadText).where(theirs, UnreadText.retry_at > at).values(retry_at=at))
    return freed


def next_try(session: Session) -> datetime | None:
    """When the first of the documents that are put off is due."""
    mine = select(func.min(UnreadText.retry_at)).join(SearchDocument, SearchDocument.id == UnreadText.id)
    return session.scalar(mine.where(SearchDocument.vector.is_(None)))


def put_first(session: Session) -> list[UUID]:
    """Whatever was put off is due now; returns the needs among it, which are matched anew."""
    at = now()
    session.execute(update(UnreadText).values(retry_at=func.least(UnreadText.retry_at, at)))
    return list(session.scalars(select(UnreadText.id).where(UnreadText.kind == "need").limit(500)))


def is_unread(session: Session, key: UUID) -> bool:
    """Whether a record still waits to be read for its meaning."""
    marked = select(UnreadText.id).where(UnreadText.id == key)
    pending = select(SearchDocument.id).where(SearchDocument.id == key, SearchDocument.vector.is_(None))
    return session.scalar(select(marked.exists() | pending.exists())) or False


def waiting(session: Session, most: int = 50) -> list[Waiting]:
    """What waits, the troubled first, then the newest, which are read first."""
    titles = select(SearchDocument.id, SearchDocument.title).subquery()
    rows: Sequence[Any] = session.execute(
        select(UnreadText, titles.c.title)
        .outerjoin(titles, titles.c.id == UnreadText.id)
        .order_by(UnreadText.since, UnreadText.id)
        .limit(most)
    ).all()
    found = [
        Waiting(row.id, row.kind, title or "", row.since, row.tries, CAUSES[row.error], row.detail, row.retry_at)
        for row, title in rows
    ]
    left = most - len(found)
    plain = (
        select(SearchDocument.id, SearchDocument.kind, SearchDocument.title, SearchDocument.published_at)
        .where(SearchDocument.vector.is_(None), SearchDocument.id.not_in(select(UnreadText.id)))
        .order_by(SearchDocument.published_at.desc(), SearchDocument.id)
        .limit(left)
    )
    if left > 0:
        found += [Waiting(key, kind, title, since) for key, kind, title, since in session.execute(plain)]
    return found


def sweep(session: Session) -> None:
    """Forget marks of records that no longer wait: withdrawn, deleted, or read on another way."""
    from backend.needs.models import Need

    waits = select(SearchDocument.id).where(SearchDocument.vector.is_(None))
    session.execute(
        delete(UnreadText).where(UnreadText.id.not_in(waits), UnreadText.id.not_in(select(Need.id)))
    )


def _detail(error: EmbeddingError) -> str:
    """What the server's side said, in a few words; addresses and keys never come here, they are cut all the same."""
    return " ".join(word for word in str(error).split() if "//" not in word and "@" not in word)[:200]
