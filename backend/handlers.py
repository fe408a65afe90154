"""What follows from what: one table from event verb to reactions.

A reaction reads the row as it is now and makes the other side equal, so running it twice, late or out of order does no
harm. Each runs in its own transaction, from the job that was written beside the event.
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.events import Event
from backend.core.jobs import enqueue, task
from backend.listings.models import Listing
from backend.matching import service as matching
from backend.matching.models import Match
from backend.matching.passing import rematch_organisation
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.publication.states import State
from backend.search import service as search

Reaction = Callable[[Session, Event], None]


def sync_search(session: Session, event: Event) -> None:
    search.sync(session, "listing" if event.subject_kind == "listing" else "need", event.subject_id)


def match_listing(session: Session, event: Event) -> None:
    listing = session.get(Listing, event.subject_id)
    if listing is not None and listing.state == State.PUBLISHED:
        key = str(listing.id)
        enqueue(session, "matching.match_listing", queueing_lock=f"match-listing-{key}", listing_id=key)


def match_need(session: Session, event: Event) -> None:
    need = session.get(Need, event.subject_id)
    if need is not None:
        matching.match_need(session, need)


def drop_matches(session: Session, event: Event) -> None:
    matching.sync_visibility(session, event.subject_kind, event.subject_id)


def tell_match(session: Session, event: Event) -> None:
    match = session.get(Match, event.subject_id)
    if match is not None:
        notifications.tell_match(session, match)


def tell_owner(session: Session, event: Event) -> None:
    record: Listing | Need | None = session.get(Listing, event.subject_id) or session.get(Need, event.subject_id)
    if record is not None:
        notifications.tell_owner(session, event, record)


def tell_matches(session: Session, event: Event) -> None:
    need = session.get(Need, event.subject_id)
    if need is not None:
        notifications.tell_matches_of(session, need)


def sync_owner(session: Session, event: Event) -> None:
    """An organisation's name, state and verification level stand in every document it owns."""
    search.sync_organisation(session, event.subject_id)


def match_owner(session: Session, event: Event) -> None:
    """Its kind, state and languages are held against what others wish of a partner."""
    if event.data.get("as_partner"):
        rematch_organisation(session, event.subject_id)


_AFTER_LISTING: dict[str, list[Reaction]] = {
    "changed": [sync_search, match_listing],
    "published": [sync_search, match_listing, tell_owner],
    "resumed": [sync_search, match_listing, tell_owner],
    "revived": [sync_search, match_listing],
    "opened": [sync_search, match_listing],
    "closed": [sync_search, drop_matches],
    "held": [sync_search, drop_matches, tell_owner],
    "withdrawn": [sync_search, drop_matches, tell_owner],
    "expired": [sync_search, drop_matches, tell_owner],
    "archived": [sync_search, drop_matches],
    "extended": [sync_search],
    "returned": [tell_owner],
    "expiring": [tell_owner],
}
_AFTER_NEED: dict[str, list[Reaction]] = {
    "created": [match_need],
    "changed": [sync_search, match_need],
    "published": [sync_search, match_need, tell_matches, tell_owner],
    "resumed": [sync_search, match_need, tell_matches, tell_owner],
    "revived": [sync_search, match_need, tell_matches],
    "opened": [sync_search, match_need, tell_matches],
    "closed": [sync_search],
    "held": [sync_search, drop_matches, tell_owner],
    "withdrawn": [sync_search, drop_matches, tell_owner],
    "expired": [sync_search, drop_matches, tell_owner],
    "archived": [sync_search, drop_matches],
    "extended": [sync_search],
    "returned": [tell_owner],
    "expiring": [tell_owner],
}
ON_EVENT: dict[str, list[Reaction]] = {
    **{f"listing.{verb}": reactions for verb, reactions in _AFTER_LISTING.items()},
    **{f"need.{verb}": reactions for verb, reactions in _AFTER_NEED.items()},
    "match.found": [tell_match],
    "need.matched": [tell_matches],
    "organisation.changed": [sync_owner, match_owner],
    "organisation.verified": [sync_owner],
}


@task("react")
def react(session: Session, event_id: str) -> None:
    """Run every reaction to one event. An event that is gone was rolled back, and needs none."""
    event = session.get(Event, UUID(event_id))
    if event is not None:
        for reaction in ON_EVENT.get(event.verb, []):
            reaction(session, event)
