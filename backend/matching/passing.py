"""Matches that change though neither record did: a deadline passes, a right ends or is free again, an organisation
becomes another partner than it was. Their matching is enqueued, so that they are made equal again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.jobs import enqueue
from backend.listings.models import IpRight, Listing
from backend.matching.reverse import MATCHED_STATES
from backend.needs.models import Need
from backend.publication.states import State
from backend.search import service as search

BACK = timedelta(days=3)  # so that a worker that slept for a day or two misses nothing


def rematch_passed(session: Session, at: datetime) -> int:
    """Enqueue the matching of records of which something ended in the last days; returns how many."""
    last = at.date() - timedelta(days=1)
    first = last - BACK
    needs = session.scalars(
        select(Need.id).where(Need.state == State.PUBLISHED.value, Need.deadline.between(first, last))
    ).all()
    listings = _with_rights_that_ended(session, [(first + timedelta(days=n)).isoformat() for n in range(BACK.days + 1)])
    for listing_id in listings:
        search.sync(session, "listing", listing_id)
    return _enqueued(session, needs, listings)


def rematch_organisation(session: Session, organisation_id: UUID) -> int:
    """Enqueue the matching of all that an organisation offers and needs; returns how many that are."""
    needs = select(Need.id).where(
        Need.organisation_id == organisation_id, Need.state.in_([state.value for state in MATCHED_STATES])
    )
    listings = select(Listing.id).where(
        Listing.organisation_id == organisation_id, Listing.state == State.PUBLISHED.value
    )
    return _enqueued(session, session.scalars(needs).all(), session.scalars(listings).all())


def _enqueued(session: Session, needs: Sequence[UUID], listings: Sequence[UUID]) -> int:
    for need_id in needs:
        enqueue(session, "matching.match_need", queueing_lock=f"match-need-{need_id}", need_id=str(need_id))
    for listing_id in listings:
        key = str(listing_id)
        enqueue(session, "matching.match_listing", queueing_lock=f"match-listing-{key}", listing_id=key)
    return len(needs) + len(listings)


def _with_rights_that_ended(session: Session, days: list[str]) -> list[UUID]:
    burden = func.jsonb_array_elements(IpRight.encumbrances).table_valued("value").alias("burden")
    freed = (
        select(1).select_from(burden).where(burden.c.value.op("->>")("until").in_(days)).correlate(IpRight).exists()
    )
    ended = func.to_char(IpRight.expires_on, "YYYY-MM-DD").in_(days)
    found = select(Listing.id).join(IpRight).where(Listing.state == State.PUBLISHED.value, ended | freed).distinct()
    return list(session.scalars(found.order_by(Listing.id)))
