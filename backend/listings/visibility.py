"""What of a listing whom may see: its terms, its owner's name, the numbers that would tell the owner."""

from typing import Any

from backend.accounts.actor import Actor
from backend.ip.vocabularies import TermsVisibility
from backend.listings.models import Listing
from backend.publication.states import State

ENDED = frozenset({State.EXPIRED, State.WITHDRAWN, State.ARCHIVED})


def is_insider(listing: Listing, actor: Actor | None) -> bool:
    """Its own people and staff see all of it, in every state."""
    return actor is not None and (actor.is_staff or actor.belongs_to(listing.organisation_id))


def sees_terms(listing: Listing, actor: Actor | None) -> bool:
    if not listing.terms:
        return False
    if is_insider(listing, actor) or listing.terms_visibility == TermsVisibility.PUBLIC:
        return True
    return listing.terms_visibility == TermsVisibility.REGISTERED and actor is not None


def sees_owner(listing: Listing, actor: Actor | None) -> bool:
    """An anonymous owner's name, and the numbers of its rights, from which the name could be looked up."""
    return not listing.anonymous or is_insider(listing, actor)


def sees_page(listing: Listing, actor: Actor | None) -> bool:
    return listing.state == State.PUBLISHED or is_insider(listing, actor)


def owner_name(listing: Listing, actor: Actor | None) -> str | None:
    return listing.organisation.name if sees_owner(listing, actor) else None


def rights_shown(listing: Listing, actor: Actor | None) -> list[dict[str, Any]]:
    """The rights as the reader may see them; an anonymous owner's without names and numbers."""
    hidden = set() if sees_owner(listing, actor) else {
        "application_number", "publication_number", "registration_number", "owners", "title", "goods_services"
    }
    names = (
        "kind", "office", "title", "application_number", "application_date", "publication_number", "publication_date",
        "registration_number", "registration_date", "status", "expires_on", "owners", "ipc", "cpc", "nice", "locarno",
        "goods_services", "last_use_on", "encumbrances", "checked_at", "check_source", "check_result",
    )
    rows = []
    for right in listing.rights:
        row = {name: None if name in hidden else getattr(right, name) for name in names}
        row["id"] = right.id
        row["owners"] = row["owners"] or []
        if "owners" in hidden:
            row["encumbrances"] = [{**burden, "holder": ""} for burden in right.encumbrances]
        rows.append(row)
    return rows
