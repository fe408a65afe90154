"""The order in which a list of matches is shown: best first, equals in turn, and what the reader said of similar ones.

Nothing is written and no score changes; every move is told with its reason. Whoever said nothing sees the common order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from backend.core.clock import today
from backend.ip.territories import expand, is_territory
from backend.language.embed import Vectors
from backend.listings.models import Listing
from backend.matching.exposure import Standing, by_merit, groups, take_turns
from backend.matching.models import Match, MatchFeedback
from backend.matching.personal import Adjustment, Offer, Said, adjusted, personal
from backend.matching.turns import shown_before
from backend.matching.vectors import as_vector
from backend.needs.models import Need
from backend.search.models import SearchDocument

# Answers that count: older ones are of offers and plans long past.
REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Placed:
    """A match in its place. `moved`: equals taking turns put it elsewhere than its score alone would have."""

    match: Match
    adjustments: tuple[Adjustment, ...] = ()
    moved: bool = False


def placed(
    session: Session, matches: Sequence[Match], *, reader: UUID | None = None, on: date | None = None
) -> list[Placed]:
    """These matches of one need in the order in which the reader, or anybody, sees them."""
    said = history(session, reader, {match.need.organisation_id for match in matches}) if reader and matches else []
    moves = _adjustments(session, matches, said) if said else {}
    by_id = {match.id: match for match in matches}
    standing = [
        Standing(match.id, match.listing.organisation_id, adjusted(float(match.score), moves.get(match.id, ())))
        for match in matches
    ]
    ranked = by_merit(standing)
    in_turn = take_turns(standing, _shown(session, ranked, on or today()))
    return [
        Placed(by_id[one.id], tuple(moves.get(one.id, ())), moved=one.id != plain.id)
        for one, plain in zip(in_turn, ranked, strict=True)
    ]


def in_turn(session: Session, matches: Iterable[Match]) -> list[Match]:
    """The common order, of matches of one need."""
    return [one.match for one in placed(session, list(matches))]


def history(session: Session, reader: UUID, seekers: Collection[UUID]) -> list[Said]:
    """What a person said for these organisations as seekers, the newest first. What somebody said for one organisation
    speaks of its plans and its rights, and follows nobody to another one."""
    rows = session.execute(
        select(MatchFeedback, Match)
        .join(Match, Match.id == MatchFeedback.match_id)
        .join(Match.need)
        .join(Match.listing)
        .where(
            MatchFeedback.user_id == reader, MatchFeedback.side == "seeker", Need.organisation_id.in_(list(seekers))
        )
        .options(
            contains_eager(Match.need).joinedload(Need.organisation),
            contains_eager(Match.listing).options(joinedload(Listing.organisation), selectinload(Listing.rights)),
        )
        .order_by(MatchFeedback.at.desc(), MatchFeedback.id)
        .limit(REMEMBERED)
    ).unique().all()
    vectors = _vectors(session, {match.listing_id for _, match in rows})
    return [
        Said(
            match_id=match.id,
            offer=offer_of(match.listing, vectors.get(match.listing_id)),
            useful=answer.useful,
            reason=answer.reason,
            states=_states_of_use(match.need),
            title=match.listing.title,
        )
        for answer, match in rows
    ]


def offer_of(listing: Listing, vector: Vectors | None = None) -> Offer:
    """What of a listing an answer can be compared on; terms only where a seeker may read them."""
    granted = frozenset(right.office for right in listing.rights if right.status == "granted")
    terms: dict[str, Any] = (listing.terms or {}) if listing.terms_visibility in ("public", "registered") else {}
    fee, currency, royalty = (terms.get(name) for name in ("upfront_fee", "currency", "running_royalty_percent"))
    return Offer(
        listing_id=listing.id,
        owner=listing.organisation_id,
        trl=listing.trl,
        right=2 if granted else 1 if any(right.status == "pending" for right in listing.rights) else 0,
        protected=granted,
        classes=frozenset(symbol for right in listing.rights for symbol in (*(right.ipc or ()), *(right.cpc or ()))),
        vector=vector,
        fee=(str(currency), int(fee)) if fee is not None and currency else None,
        royalty=_number(royalty),
    )


def _adjustments(session: Session, matches: Sequence[Match], said: Sequence[Said]) -> dict[UUID, list[Adjustment]]:
    vectors = _vectors(session, {match.listing_id for match in matches})
    return {
        match.id: personal(offer_of(match.listing, vectors.get(match.listing_id)), said) for match in matches
    }


def _vectors(session: Session, listings: Collection[UUID]) -> dict[UUID, Vectors]:
    rows = session.execute(
        select(SearchDocument.id, SearchDocument.vector).where(
            SearchDocument.id.in_(listings), SearchDocument.vector.is_not(None)
        )
    )
    return {row.id: as_vector(row.vector) for row in rows}


def _shown(session: Session, ranked: Sequence[Standing], on: date) -> dict[UUID, float]:
    """Asked only where equals of several owners stand together."""
    rivals = {one.owner for equals in groups(ranked) for one in equals if len({each.owner for each in equals}) > 1}
    return shown_before(session, on, rivals) if rivals else {}


def _states_of_use(need: Need) -> frozenset[str]:
    named = need.used_in or ([need.organisation.country] if need.organisation else [])
    return frozenset(state for code in named if is_territory(code) for state in expand([code]))


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
