"""A listing offers rights; one row per country right stands beside it, because a right ends at a border."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.db import Base
from backend.core.ids import new_id
from backend.publication.models import Publishable
from backend.publication.states import STATES


class Listing(Publishable, Base):
    """What an owner offers. `kind` is the leading right kind (`bundle` when several lead)."""

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        CheckConstraint(
            "state <> 'published' OR (published_at IS NOT NULL AND expires_at IS NOT NULL)", name="published"
        ),
        CheckConstraint("trl IS NULL OR trl BETWEEN 1 AND 9", name="trl"),
        CheckConstraint("terms_visibility IN ('public', 'registered', 'on_request')", name="terms_visibility"),
        UniqueConstraint("source", "external_id", name="uq_listing_external"),
    )

    kind: Mapped[str] = mapped_column(Text, default="patent")
    lister_role: Mapped[str] = mapped_column(Text, default="owner")
    problem: Mapped[str] = mapped_column(Text, default="")
    advantages: Mapped[str] = mapped_column(Text, default="")
    economic_comparison: Mapped[str] = mapped_column(Text, default="")
    applications: Mapped[str] = mapped_column(Text, default="")
    partner_role: Mapped[str] = mapped_column(Text, default="")
    partner_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    stage: Mapped[str | None] = mapped_column(Text)
    trl: Mapped[int | None] = mapped_column(SmallInteger)
    ipr_status: Mapped[str | None] = mapped_column(Text)
    green: Mapped[bool] = mapped_column(default=False)
    environmental_benefits: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    territories: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    # no partner from there and no use only there: left out before anything is scored
    excluded_countries: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    terms_visibility: Mapped[str] = mapped_column(Text, default="on_request")
    novelty_acknowledged: Mapped[bool] = mapped_column(default=False)
    nothing_confidential: Mapped[bool] = mapped_column(default=False)

    rights: Mapped[list["IpRight"]] = relationship(
        back_populates="listing", order_by="IpRight.position", cascade="all, delete-orphan"
    )


class IpRight(Base):
    """One right in one country (or at one regional office), as its owner states it and, when checked, a register."""

    __tablename__ = "ip_right"
    __table_args__ = (
        Index("ix_ip_right_publication", "office", "publication_number"),
        CheckConstraint("length(office) = 2", name="office"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    kind: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    application_number: Mapped[str | None] = mapped_column(Text)
    application_date: Mapped[date | None]
    publication_number: Mapped[str | None] = mapped_column(Text)
    publication_date: Mapped[date | None]
    registration_number: Mapped[str | None] = mapped_column(Text)
    registration_date: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text, default="not_checked")
    expires_on: Mapped[date | None]
    owners: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    ipc: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    cpc: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    nice: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list)
    locarno: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    goods_services: Mapped[str | None] = mapped_column(Text)
    last_use_on: Mapped[date | None]
    # what already lies on it, each {"kind", "field", "territories", "until", "holder"}; kinds in schemas.ENCUMBRANCES
    encumbrances: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    checked_at: Mapped[datetime | None]
    check_source: Mapped[str | None] = mapped_column(Text)
    check_result: Mapped[str | None] = mapped_column(Text)

    listing: Mapped[Listing] = relationship(back_populates="rights")
