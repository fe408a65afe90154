"""What the calendar alone changes: a need's deadline passes, a right ends, an exclusive licence runs out. No event
tells of it, so a day later the matches of those records are made equal again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.jobs import enqueue
from backend.listings.models import IpRight, Listing
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
    for need_id in needs:
        enqueue(session, "matching.match_need", queueing_lock=f"match-need-{need_id}", need_id=str(need_id))
    listings = _with_rights_that_ended(session, [(first + timedelta(days=n)).isoformat() for n in range(BACK.days + 1)])
    for listing_id in listings:
        search.sync(session, "listing", listing_id)
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
