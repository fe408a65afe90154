"""The projection that search and matching read: only what anyone may see, rebuilt from the records at will."""

from datetime import date, datetime
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, Identity, Index, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.clock import now
from backend.core.db import Base

DIMENSION = 384


class Embedding(Base):
    """A vector per text, kept by the hash of model and text, so that no text is embedded twice."""

    __tablename__ = "embedding"

    content_hash: Mapped[bytes] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    vector: Mapped[object] = mapped_column(HALFVEC(DIMENSION))
    created_at: Mapped[datetime] = mapped_column(default=now)


class SearchDocument(Base):
    """One published listing or need. Drafts, private terms and the names of anonymous owners never come here."""

    __tablename__ = "search_document"
    __table_args__ = (
        CheckConstraint("kind IN ('listing', 'need')", name="kind"),
        Index("ix_search_document_words", "words", postgresql_using="gin"),
        Index("ix_search_document_plain", "plain", postgresql_using="gin", postgresql_ops={"plain": "gin_trgm_ops"}),
        # One graph per kind: in a shared one the nearest neighbours of a need are other needs.
        Index(
            "ix_search_document_listing_vector",
            "vector",
            postgresql_using="hnsw",
            postgresql_ops={"vector": "halfvec_cosine_ops"},
            postgresql_where="kind = 'listing'",
        ),
        Index(
            "ix_search_document_need_vector",
            "vector",
            postgresql_using="hnsw",
            postgresql_ops={"vector": "halfvec_cosine_ops"},
            postgresql_where="kind = 'need'",
        ),
        Index("ix_search_document_sketch", "sketch", postgresql_using="gin"),
        # Needs that name a class look up who shares it; the facets do not read this.
        Index("ix_search_document_ipc", "ipc", postgresql_using="gin"),
        Index("ix_search_document_pending", "published_at", postgresql_where="vector IS NULL"),
        # Filters and facets read this index alone, never the rows.
        Index(
            "ix_search_document_facets",
            "kind",
            postgresql_include=["head", "codes", "expires_at"],
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, index=True)
    organisation_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)  # the whole public text, for highlights and evidence
    words: Mapped[str] = mapped_column(TSVECTOR)  # segmented, weights A (title, keywords) to C (description)
    plain: Mapped[str] = mapped_column(Text)  # unaccented lower-case title, keywords, numbers: trigrams forgive typos
    owner_name: Mapped[str | None] = mapped_column(Text)
    owner_country: Mapped[str] = mapped_column(Text)
    owner_kind: Mapped[str] = mapped_column(Text)
    verification_level: Mapped[int] = mapped_column(SmallInteger)
    open_for_interest: Mapped[bool]
    record_kind: Mapped[str] = mapped_column(Text)  # the listing's leading right kind, or the need's kind
    right_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    deal_types: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    exclusivity: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    sectors: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    sdgs: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list)
    territories: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # targeted, or where it will be used
    in_force: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    pending: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    unchecked: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    exclusively_taken: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    ended: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")  # lapsed, expired, refused
    lapsed: Mapped[bool] = mapped_column(default=False, server_default="false")  # no right of it lives anywhere
    rights_until: Mapped[date | None]  # the last day of the right that lives longest, where each one's is known
    partner_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    excluded_countries: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    owner_languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    trl: Mapped[int | None] = mapped_column(SmallInteger)
    stage: Mapped[str | None] = mapped_column(Text)
    ipc: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # full symbols of IPC and CPC
    ipc_sections: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    ipc_classes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    nice: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list)
    green: Mapped[bool] = mapped_column(default=False)
    posted_terms: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime | None]
    head: Mapped[bytes] = mapped_column(default=b"")  # id, dates and number of codes in 34 bytes: see counting.py
    codes: Mapped[bytes] = mapped_column(default=b"")  # its facet values, two bytes each: FacetValue.code
    # a few of the text's word triples as numbers: what shares many of them is a copy, see copies.py
    sketch: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")
    content_hash: Mapped[bytes]  # of the whole document: equal means nothing to do
    embedding_hash: Mapped[bytes] = mapped_column(index=True)
    vector: Mapped[object | None] = mapped_column(HALFVEC(DIMENSION))


class UnreadText(Base):
    """A record whose text the embedder could not read so far: found and matched by its words meanwhile, tried again."""

    __tablename__ = "unread_text"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # of the listing or need
    kind: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer, default=1)
    since: Mapped[datetime] = mapped_column(default=now)
    tried_at: Mapped[datetime] = mapped_column(default=now)
    retry_at: Mapped[datetime] = mapped_column(index=True)
    error: Mapped[str] = mapped_column(Text)  # a code; see unread.py
    detail: Mapped[str] = mapped_column(Text, default="")  # never an address nor a key


class FacetValue(Base):
    """A short number for each facet value in use ("owner_country:VN"), so that counting is plain arithmetic."""

    __tablename__ = "facet_value"
    __table_args__ = (CheckConstraint("code BETWEEN 1 AND 65535", name="code"),)

    code: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    tag: Mapped[str] = mapped_column(Text, unique=True)


class IndexEntry(Base):
    """What the outside index is known to hold: written only when its task has succeeded."""

    __tablename__ = "index_entry"
    __table_args__ = (
        Index("ix_index_entry_quarantine", "quarantined_at", postgresql_where="quarantined_at IS NOT NULL"),
    )

    index: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    content_hash: Mapped[bytes | None]  # None: known to be absent
    vector_hash: Mapped[bytes | None]
    indexed_at: Mapped[datetime] = mapped_column(default=now)
    quarantined_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


class IndexState(Base):
    """Which settings an outside index was built with; without a row it is not built yet, and is not asked."""

    __tablename__ = "index_state"

    index: Mapped[str] = mapped_column(Text, primary_key=True)
    settings_hash: Mapped[bytes]
    rebuilt_at: Mapped[datetime] = mapped_column(default=now)
