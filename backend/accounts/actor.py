"""Who is acting: a signed-in person or a program with their token, in one of their organisations."""

from dataclasses import dataclass, field
from uuid import UUID

from backend.accounts.models import Organisation, User


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
