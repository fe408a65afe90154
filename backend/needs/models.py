"""A need is a problem somebody wants solved: what it must do, where, by when and on which terms."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.publication.models import Publishable
from backend.publication.states import STATES


class Need(Publishable, Base):
    """Title and description suffice to be matched for its own author; the rest makes it complete enough to publish."""

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        CheckConstraint(
            "state <> 'published' OR (published_at IS NOT NULL AND expires_at IS NOT NULL)", name="published"
        ),
        CheckConstraint("min_trl IS NULL OR min_trl BETWEEN 1 AND 9", name="min_trl"),
        CheckConstraint(
            "decision_on IS NULL OR deadline IS NULL OR decision_on > deadline", name="decision_after_deadline"
        ),
        CheckConstraint("budget_max IS NULL OR budget_min IS NULL OR budget_max >= budget_min", name="budget"),
        CheckConstraint(
            "(budget_min IS NULL AND budget_max IS NULL AND award IS NULL) OR currency IS NOT NULL", name="currency"
        ),
        UniqueConstraint("source", "external_id", name="uq_need_external"),
    )

    kind: Mapped[str] = mapped_column(Text, default="technology_request")
    why_needed: Mapped[str] = mapped_column(Text, default="")
    present_solution: Mapped[str] = mapped_column(Text, default="")
    # [{"parameter", "operator", "value", "value_to", "unit", "test_method", "importance": "must"|"desirable"}]
    requirements: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    out_of_scope: Mapped[str] = mapped_column(Text, default="")
    used_in: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    site_conditions: Mapped[str] = mapped_column(Text, default="")
    right_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    ipc: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    min_trl: Mapped[int | None] = mapped_column(SmallInteger)
    partner_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    partner_countries: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    ip_expectation: Mapped[str] = mapped_column(Text, default="no_preference")
    budget_min: Mapped[int | None]
    budget_max: Mapped[int | None]
    award: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(Text)
    deadline: Mapped[date | None]
    decision_on: Mapped[date | None]
