"""Reading matches: those of one need, those of one person, and whether they are ready. Nothing here is written.

What a side may not see yet is left out here, in the query, so that pages and the API cannot differ.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from backend.core.events import Event
from backend.core.paging import BadCursor, decode_cursor, encode_cursor
from backend.i18n import _
from backend.listings.models import Listing
from backend.matching.models import Match, MatchFeedback, MatchRun
from backend.matching.order import Placed, placed
from backend.matching.store import worth_telling
from backend.needs.models import Need
from backend.publication.states import State

Status = Literal["pending", "ready"]
Side = Literal["seeker", "owner"]

DECLINE_CODES = (
    "too_early", "benefit_unclear", "commercial_route_unclear", "description_unclear", "scientific_objection",
    "not_in_strategy", "already_have", "ip_position_weak", "territory_not_available", "terms_too_high", "capacity",
    "other",
)


@dataclass
class Refused:
    """A listing that looked near and was not taken, with the reason's code and facts."""

    listing: Listing
    code: str
    data: dict[str, Any] = field(default_factory=dict)


def status_of(session: Session, need: Need) -> Status:
    """Ready when the need, as it now stands, has been matched; what it says may have changed since the last run."""
    run = session.get(MatchRun, need.id)
    if run is None or run.finished_at is None or run.finished_at < run.requested_at:
        return "pending"
    changed_at = session.scalar(
        select(func.max(Event.at)).where(
            Event.subject_kind == "need", Event.subject_id == need.id, Event.verb.in_(("need.created", "need.changed"))
        )
    )
    return "ready" if changed_at is None or run.finished_at >= changed_at else "pending"


def matches_for(session: Session, need: Need, limit: int = 50) -> Sequence[Match]:
    """Best first, equals in turn; a listing that is public no longer is left out."""
    return [one.match for one in placed_for(session, need, limit=limit)]


def placed_for(session: Session, need: Need, *, reader: UUID | None = None, limit: int = 50) -> list[Placed]:
    """The same as one person sees them, each with what that person's own answers changed."""
    found = session.scalars(
        _matches()
        .where(Match.need_id == need.id, *_on_offer())
        .order_by(Match.score.desc(), Match.id)
        .limit(limit)
    ).unique().all()
    return placed(session, found, reader=reader)


def refused_for(session: Session, need: Need, limit: int = 20) -> list[Refused]:
    run = session.get(MatchRun, need.id)
    rows = [(UUID(str(row["listing_id"])), row) for row in (run.refused if run else [])[:limit]]
    listings = {
        listing.id: listing
        for listing in session.scalars(
            select(Listing).where(
                Listing.id.in_([key for key, _row in rows]), Listing.state == State.PUBLISHED.value
            )
        ).unique()
    }
    return [
        Refused(listings[key], str(row.get("code", "")), dict(row.get("data") or {}))
        for key, row in rows
        if key in listings
    ]


def matches_of(
    session: Session,
    organisations: Collection[UUID],
    *,
    side: Side | None = None,
    after: tuple[datetime, Decimal, UUID] | None = None,
    telling: bool = False,
    limit: int = 30,
) -> Sequence[Match]:
    """Matches of the needs and of the listings of these organisations, the newest first.

    An owner sees a match once its need is public. `telling` leaves out the weak ones. `after` is (found_at, score,
    id) of the last row seen.
    """
    query = _matches().where(_seen_by(organisations, side), worth_telling() if telling else true()).order_by(
        Match.found_at.desc(), Match.score.desc(), Match.id.desc()
    )
    if after is not None:
        query = query.where(tuple_(Match.found_at, Match.score, Match.id) < after)
    return session.scalars(query.limit(limit)).unique().all()


def matches_for_listing(session: Session, listing: Listing, limit: int = 20) -> Sequence[Match]:
    """For the listing's owner: those whose need is public."""
    return session.scalars(
        _matches()
        .where(
            Match.listing_id == listing.id,
            Match.score > 0,
            _owner_may_see(),
        )
        .order_by(Match.score.desc(), Match.id)
        .limit(limit)
    ).unique().all()


def counts_by_need(session: Session, needs: Collection[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(Match.need_id, func.count())
        .join(Listing, Listing.id == Match.listing_id)
        .where(Match.need_id.in_(needs), *_on_offer())
        .group_by(Match.need_id)
    )
    return {row[0]: row[1] for row in rows}


def cursor_of(match: Match) -> str:
    return encode_cursor([match.found_at.isoformat(), str(match.score), str(match.id)])


def read_cursor(cursor: str) -> tuple[datetime, Decimal, UUID]:
    """Where the last page ended; BadCursor for what `cursor_of` did not write."""
    found_at, score, key = decode_cursor(cursor, 3)
    try:
        at, value = datetime.fromisoformat(found_at), Decimal(score)
        if at.tzinfo is None or not 0 <= value <= 1:
            raise ValueError
        return at, value, UUID(key)
    except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise BadCursor(_("This is not the end of any page of ours.")) from error


def side_of(match: Match, organisations: Collection[UUID]) -> Side:
    """Whose eyes read it; the seeker's where somebody stands on both sides."""
    return "seeker" if match.need.organisation_id in organisations else "owner"


def feedback_of(session: Session, user_id: UUID, matches: Collection[Match]) -> dict[UUID, MatchFeedback]:
    rows = session.scalars(
        select(MatchFeedback).where(
            MatchFeedback.user_id == user_id, MatchFeedback.match_id.in_([match.id for match in matches])
        )
    )
    return {row.match_id: row for row in rows}


def right_at(listing: Listing, country: str) -> str:
    """Whether a right of the listing is in force, pending or not checked in a country, or not recorded there."""
    statuses = {right.status for right in listing.rights if right.office == country}
    if "granted" in statuses:
        return "in_force"
    if "pending" in statuses:
        return "pending"
    return "not_checked" if "not_checked" in statuses or not listing.rights else "not_recorded"


def _matches() -> Any:
    return (
        select(Match)
        .join(Match.need)
        .join(Match.listing)
        .options(
            contains_eager(Match.need).joinedload(Need.organisation),
            contains_eager(Match.listing).options(joinedload(Listing.organisation), selectinload(Listing.rights)),
        )
    )


def _on_offer() -> tuple[ColumnElement[bool], ...]:
    """A pair that fits no more is kept at score 0 where somebody judged it; it is a record, not a match."""
    return (Match.score > 0, Listing.state == State.PUBLISHED.value, Listing.open_for_interest.is_(True))


def _owner_may_see() -> ColumnElement[bool]:
    """The need is public, and either takes answers or was told of while it did."""
    told = or_(Match.owner_told_at.is_not(None), Need.open_for_interest.is_(True))
    return and_(Need.state == State.PUBLISHED.value, told)


def _seen_by(organisations: Collection[UUID], side: Side | None) -> ColumnElement[bool]:
    mine = list(organisations)
    as_seeker = and_(Need.organisation_id.in_(mine), *_on_offer())
    as_owner = and_(
        Listing.organisation_id.in_(mine),
        Match.score > 0,
        _owner_may_see(),
    )
    if side == "seeker":
        return as_seeker
    return as_owner if side == "owner" else or_(as_seeker, as_owner)
