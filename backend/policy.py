"""Every permission, as small predicates: who may do what to which row.

`view` of a model decides whether a refused person hears 404 (existence is not disclosed) or 403.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.accounts.actor import Actor
from backend.publication.states import EDITABLE, State, can

Test = Callable[[Actor | None, Any], bool]


@dataclass(frozen=True)
class Permission:
    """`write` permissions are what unsafe methods must declare; a read-only token has none of them."""

    test: Test
    write: bool = False


def anyone(_actor: Actor | None, _row: Any) -> bool:
    return True


def signed_in(actor: Actor | None, _row: Any) -> bool:
    return actor is not None


def staff(actor: Actor | None, _row: Any) -> bool:
    return actor is not None and actor.is_staff


def has_organisation(actor: Actor | None, _row: Any) -> bool:
    return actor is not None and actor.organisation is not None and actor.edits_for(actor.organisation.id)


def administers_current(actor: Actor | None, _row: Any) -> bool:
    return actor is not None and actor.organisation is not None and actor.administers(actor.organisation.id)


# Publications: listings and needs ----------------------------------------------------------------------------------

# What the public saw once stays as a tombstone; what it never saw does not exist for it.
SEEN = frozenset({State.PUBLISHED, State.ON_HOLD, State.EXPIRED, State.ARCHIVED, State.WITHDRAWN})


def sees(actor: Actor | None, row: Any) -> bool:
    if State(row.state) in SEEN and row.published_at is not None:
        return True
    return actor is not None and (actor.belongs_to(row.organisation_id) or actor.is_staff)


def owns(actor: Actor | None, row: Any) -> bool:
    return actor is not None and actor.belongs_to(row.organisation_id)


def edits(actor: Actor | None, row: Any) -> bool:
    return actor is not None and actor.edits_for(row.organisation_id) and State(row.state) in EDITABLE


def manages(actor: Actor | None, row: Any) -> bool:
    return actor is not None and actor.edits_for(row.organisation_id)


def reviews(actor: Actor | None, row: Any) -> bool:
    """The verb itself refuses a reviewer of the author's own organisation, with words that say so."""
    return staff(actor, row)


def holds(actor: Actor | None, row: Any) -> bool:
    return manages(actor, row) or (staff(actor, row) and (can("hold", row.state) or can("resume", row.state)))


# Matches -----------------------------------------------------------------------------------------------------------


def sees_match(actor: Actor | None, row: Any) -> bool:
    """The seeker at once; the owner of the listing once the need is public, and from then on if told of it."""
    if actor is None:
        return False
    if actor.is_staff or actor.belongs_to(row.need.organisation_id):
        return True
    need_is_public = row.need.state == State.PUBLISHED and row.need.open_for_interest
    return (row.owner_told_at is not None or need_is_public) and actor.belongs_to(row.listing.organisation_id)


def answers_match(actor: Actor | None, row: Any) -> bool:
    if actor is None or not sees_match(actor, row):
        return False
    return actor.belongs_to(row.need.organisation_id) or actor.belongs_to(row.listing.organisation_id)


# Accounts ----------------------------------------------------------------------------------------------------------


def is_own(actor: Actor | None, row: Any) -> bool:
    return actor is not None and row.user_id == actor.id


def belongs(actor: Actor | None, row: Any) -> bool:
    return actor is not None and actor.belongs_to(getattr(row, "organisation_id", None) or row.id)


def administers(actor: Actor | None, row: Any) -> bool:
    return actor is not None and actor.administers(getattr(row, "organisation_id", None) or row.id)


PERMISSIONS: dict[str, Permission] = {
    "page.view": Permission(anyone),
    "account.enter": Permission(anyone, write=True),  # register, sign in, reset: for those who cannot be signed in yet
    "account.view": Permission(signed_in),
    "account.edit": Permission(signed_in, write=True),
    "staff.view": Permission(staff),
    "staff.act": Permission(staff, write=True),
    "api_token.view": Permission(is_own),
    "api_token.revoke": Permission(is_own, write=True),
    "login_session.view": Permission(is_own),
    "login_session.end": Permission(is_own, write=True),
    "organisation.view": Permission(anyone),
    "organisation.edit_current": Permission(administers_current, write=True),
    "organisation.choose": Permission(belongs, write=True),
    "organisation.verify": Permission(staff, write=True),
    "membership.view": Permission(belongs),
    "membership.change": Permission(administers, write=True),
    "membership.leave": Permission(is_own, write=True),
    "invitation.view": Permission(administers),
    "invitation.withdraw": Permission(administers, write=True),
    "notification.view": Permission(is_own),
    "notification.read": Permission(is_own, write=True),
    "listing.view": Permission(sees),
    "listing.own": Permission(owns),
    "listing.create": Permission(has_organisation, write=True),
    "listing.edit": Permission(edits, write=True),
    "listing.delete": Permission(manages, write=True),
    "listing.submit": Permission(manages, write=True),
    "listing.manage": Permission(manages, write=True),
    "listing.hold": Permission(holds, write=True),
    "listing.review": Permission(reviews, write=True),
    "need.view": Permission(sees),
    "need.own": Permission(owns),
    "need.create": Permission(has_organisation, write=True),
    "need.edit": Permission(edits, write=True),
    "need.delete": Permission(manages, write=True),
    "need.submit": Permission(manages, write=True),
    "need.manage": Permission(manages, write=True),
    "need.hold": Permission(holds, write=True),
    "need.review": Permission(reviews, write=True),
    "match.view": Permission(sees_match),
    "match.answer": Permission(answers_match, write=True),
    "match_feedback.view": Permission(is_own),
    "match_feedback.withdraw": Permission(is_own, write=True),
}


def allows(actor: Actor | None, permission: str, row: Any = None) -> bool:
    rule = PERMISSIONS[permission]
    if rule.write and actor is not None and not actor.may_write:
        return False
    return rule.test(actor, row)
