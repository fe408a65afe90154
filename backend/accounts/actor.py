"""Who is acting: a signed-in person or a program with their token, in one of their organisations."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import Membership, Organisation, User


@dataclass(frozen=True)
class Actor:
    """`organisation` is the one chosen for this session or fixed by the token; `may_write` is false for read tokens."""

    user: User
    roles: dict[UUID, str] = field(default_factory=dict)
    organisation: Organisation | None = None
    may_write: bool = True
    session_id: UUID | None = None

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def is_staff(self) -> bool:
        return self.user.is_staff

    @property
    def locale(self) -> str:
        return self.user.locale

    def belongs_to(self, organisation_id: UUID | None) -> bool:
        return organisation_id in self.roles

    def edits_for(self, organisation_id: UUID | None) -> bool:
        return self.roles.get(organisation_id) in ("admin", "editor") if organisation_id else False

    def administers(self, organisation_id: UUID | None) -> bool:
        return self.roles.get(organisation_id) == "admin" if organisation_id else False


def actor_of(
    session: Session,
    user: User,
    organisation_id: UUID | None = None,
    *,
    may_write: bool = True,
    session_id: UUID | None = None,
    confined: bool = False,
) -> Actor:
    """The person with their roles of this moment.

    They act for the organisation they chose, else for the one they joined first. `confined` is for tokens: it leaves
    nothing but the one organisation.
    """
    mine = select(Membership).where(Membership.user_id == user.id)
    rows = list(session.scalars(mine.order_by(Membership.created_at, Membership.id)))
    if confined and organisation_id:
        rows = [row for row in rows if row.organisation_id == organisation_id]
    chosen = [row.organisation for row in rows if row.organisation_id == organisation_id]
    others = [] if confined else [row.organisation for row in rows]
    return Actor(
        user=user,
        roles={row.organisation_id: row.role for row in rows},
        organisation=next(iter(chosen + others), None),
        may_write=may_write,
        session_id=session_id,
    )
