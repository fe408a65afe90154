"""A match pairs one need with one listing, with the reasons both sides can check."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.clock import now
from backend.core.db import Base
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.needs.models import Need


class Match(Base):
    """`score` in [0, 1]. `reasons` as `score.Reason` gives them; worded per reader, per code, in the templates."""

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("need_id", "listing_id", name="uq_match_pair"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        Index("ix_match_need_score", "need_id", "score"),
        Index("ix_match_listing_score", "listing_id", "score"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"))
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"))
    score: Mapped[Decimal] = mapped_column(Numeric(6, 5))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    found_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    seeker_told_at: Mapped[datetime | None]
    owner_told_at: Mapped[datetime | None]  # stays empty until the need is complete, reviewed and published

    need: Mapped[Need] = relationship()
    listing: Mapped[Listing] = relationship()


class MatchRun(Base):
    """When a need was last matched (its page says pending or ready), and which listings were refused and why."""

    __tablename__ = "match_run"

    need_id: Mapped[UUID] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    refused: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # [{"listing_id", "code", "data"}]


class MatchFeedback(Base):
    """What one side says of a match: useful or not, with a coded reason (`marketplaces` decline codes)."""

    __tablename__ = "match_feedback"
    __table_args__ = (UniqueConstraint("match_id", "user_id", name="uq_match_feedback_user"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    match_id: Mapped[UUID] = mapped_column(ForeignKey("match.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(Text)
    useful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)

    match: Mapped[Match] = relationship()


class WordFrequency(Base):
    """In how many published listings a word stands: how telling it is. Recounted from the index at will."""

    __tablename__ = "word_frequency"

    word: Mapped[str] = mapped_column(Text, primary_key=True)
    documents: Mapped[int]


class NeedWords(Base):
    """What a need speaks of, as `words.wanted` found it when the need was last matched: a new listing meets all needs
    without taking their texts apart again. Good for one text, one lexicon and about as many listings: see asked.py."""

    __tablename__ = "need_words"

    need_id: Mapped[UUID] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    text_hash: Mapped[bytes]
    vector_hash: Mapped[bytes | None]  # the key in `embedding` of what is embedded of it
    listings: Mapped[int]  # how many were counted when the weights were made
    length: Mapped[float]
    entries: Mapped[list[Any]] = mapped_column(JSONB)  # [[native words, English words, how much repeats count]]
    weights: Mapped[dict[str, Any]]
    # The same in short, to see at a glance what a listing's words could at most be worth: words with a space between,
    # and four bytes of each one's worth.
    words: Mapped[str] = mapped_column(Text, server_default="")
    worth: Mapped[bytes] = mapped_column(server_default="")


class ExposureDay(Base):
    """What one owner was shown on one day: the attention of its places in the lists of published needs."""

    __tablename__ = "exposure_day"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    exposure: Mapped[float]
