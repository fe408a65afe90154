"""The columns that anything published shares: who owns it, in which state of life it is, and since when.

Columns only; the moves stand in `states.py`, the verbs in `service.py`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from backend.accounts.models import Organisation, User
from backend.core.clock import now
from backend.core.ids import new_id


class Publishable:
    """`draft` holds what was typed and could not be taken over yet, so that nothing typed is lost."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text, default="draft", index=True)
    open_for_interest: Mapped[bool] = mapped_column(default=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(Text, default="en")
    title: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    sectors: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    sdgs: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list)
    technology_keywords: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    market_keywords: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    deal_types: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    terms: Mapped[dict[str, Any] | None]
    draft: Mapped[dict[str, Any] | None]
    quality: Mapped[int | None] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(default=1)
    source: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    external_hash: Mapped[bytes | None]  # of the imported row: equal means nothing to do
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    extended_at: Mapped[datetime | None]
    reminded_days: Mapped[int | None] = mapped_column(SmallInteger)

    @declared_attr
    def organisation_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("organisation.id"), index=True)

    @declared_attr
    def created_by_id(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    @declared_attr
    def reviewer_id(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    @declared_attr
    def organisation(cls) -> Mapped[Organisation]:
        return relationship(Organisation, lazy="joined")

    @declared_attr
    def created_by(cls) -> Mapped[User | None]:
        return relationship(User, foreign_keys=[cls.created_by_id])  # type: ignore[list-item]
