"""Writing the projection: one document equal to its record, or none where the record may not be seen.

Batches on purpose: an import of 21,000 listings goes the same way as one edit.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from backend.core.clock import today
from backend.language.embedder import embedder
from backend.listings.models import Listing
from backend.needs.models import Need
from backend.search.codes import codes_for, packed
from backend.search.counting import head
from backend.search.documents import Record, project, visible_in_search
from backend.search.facets import tags_of
from backend.search.models import Embedding, SearchDocument
from backend.search.query import Kind

BATCH = 500
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
MODELS: dict[Kind, type[Listing] | type[Need]] = {"listing": Listing, "need": Need}


def records(session: Session, kind: Kind, ids: Iterable[UUID]) -> list[Record]:
    """The rows as they are now, with everything a document is made of."""
    model: Any = MODELS[kind]
    query = select(model).where(model.id.in_(list(ids))).execution_options(populate_existing=True)
    if kind == "listing":
        query = query.options(selectinload(Listing.rights))
    return list(session.scalars(query).unique())


def converge(session: Session, kind: Kind, ids: Sequence[UUID]) -> list[UUID]:
    """Make the documents of these records equal to the records; returns the ids of those that have no document now.

    The locks keep an older reading of a record from overwriting a newer one.
    """
    session.flush()
    # In the order of the ids, so that two batches that share records never wait for each other in a circle.
    session.execute(_LOCK, {"names": [f"search:{key}" for key in sorted(ids)]})
    held = [record for record in records(session, kind, ids) if visible_in_search(record)]
    project_many(session, held)
    gone = sorted(set(ids) - {record.id for record in held})
    if gone:
        session.execute(delete(SearchDocument).where(SearchDocument.id.in_(gone)))
    return gone


def project_many(session: Session, held: Sequence[Record]) -> int:
    """Write the documents of visible records; returns how many were new or changed."""
    model, day = embedder().model_id, today()
    documents = {record.id: project(record, day, model) for record in held}
    if not documents:
        return 0
    known = dict(
        session.execute(
            select(SearchDocument.id, SearchDocument.content_hash).where(SearchDocument.id.in_(list(documents)))
        ).all()
    )
    changed = [row for key, row in documents.items() if known.get(key) != row["content_hash"]]
    tags = {row["id"]: tags_of(row) for row in changed}
    codes = codes_for(session, (tag for each in tags.values() for tag in each)) if changed else {}
    vectors = cached_vectors(session, (row["embedding_hash"] for row in changed))
    for row in changed:
        held_codes = [codes[tag] for tag in tags[row["id"]]]
        row["codes"], row["head"] = packed(held_codes), head(row, held_codes)
        row["vector"] = vectors.get(row["embedding_hash"])
    if changed:
        statement = insert(SearchDocument.__table__)  # type: ignore[arg-type]
        columns = {name: statement.excluded[name] for name in changed[0] if name != "id"}
        session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=columns), changed)
    return len(changed)


def cached_vectors(session: Session, keys: Iterable[bytes]) -> dict[bytes, object]:
    wanted = list(set(keys))
    if not wanted:
        return {}
    query = select(Embedding.content_hash, Embedding.vector).where(Embedding.content_hash.in_(wanted))
    return dict(session.execute(query).all())
