"""Events are the spine: one row beside every write, in the same transaction.

The row is the audit trail, the activity feed, the source of notifications and (through its job) the outbox.
"""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.core.clock import now
from backend.core.db import Base
from backend.core.ids import new_id
from backend.core.jobs import enqueue


class Event(Base):
    """Who did what to what, when and why. Rows are only ever inserted."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_kind", "subject_id", "at"),
        Index("ix_event_actor", "actor_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    verb: Mapped[str] = mapped_column(Text, index=True)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    actor_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=now)


class HasId(Protocol):
    @property
    def id(self) -> Any: ...


def record(
    session: Session,
    verb: str,
    subject: HasId,
    *,
    actor: HasId | None = None,
    organisation_id: UUID | None = None,
    data: dict[str, Any] | None = None,
    react: bool = True,
) -> Event:
    """Write the event and, unless `react` is off (bulk work that enqueues its own batch), the job that reacts to it."""
    event = Event(
        id=new_id(),
        verb=verb,
        subject_kind=subject.__tablename__ if isinstance(subject, Base) else type(subject).__name__.lower(),
        subject_id=subject.id,
        actor_id=actor.id if actor else None,
        organisation_id=organisation_id,
        data=data or {},
        at=now(),
    )
    session.add(event)
    session.flush()
    if react:
        enqueue(session, "react", event_id=str(event.id))
    return event


def history(session: Session, subject: HasId) -> list[Event]:
    """All that happened to one thing, oldest first."""
    return list(session.scalars(select(Event).where(Event.subject_id == subject.id).order_by(Event.at, Event.id)))
