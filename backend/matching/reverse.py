"""Which needs are worth scoring for a listing: the way back of `candidates`."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.matching.candidates import halfvec, tsquery
from backend.matching.models import Match
from backend.matching.profile import Profile
from backend.matching.words import vocabulary_of, wanted
from backend.needs.models import Need
from backend.publication.states import State

MATCHED_STATES = frozenset(
    {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.PUBLISHED, State.ON_HOLD}
)
OPEN = sorted(state.value for state in MATCHED_STATES)


def needs_near(session: Session, listing: Profile, lexemes: Mapping[str, int]) -> list[Need]:
    """Needs worth scoring for a listing: published ones near by meaning or rare words, those matched with it already,
    and the newest that only their authors see yet."""
    ids: set[UUID] = set(session.scalars(select(Match.need_id).where(Match.listing_id == listing.id)))
    if listing.vector is not None:
        session.execute(text("SELECT set_config('hnsw.ef_search', '200', true)"))
        near = text(
            "SELECT id FROM search_document WHERE kind = 'need' AND vector IS NOT NULL"
            " ORDER BY vector <=> CAST(:vector AS halfvec) LIMIT 200"
        )
        ids |= set(session.scalars(near, {"vector": halfvec(listing.vector)}))
    if telling := wanted(lexemes, vocabulary_of(session, lexemes)).telling(2_000):
        worded = text(
            "SELECT id FROM search_document WHERE kind = 'need' AND words @@ CAST(:query AS tsquery)"
            " ORDER BY ts_rank(words, CAST(:query AS tsquery)) DESC, id LIMIT 100"
        )
        ids |= set(session.scalars(worded, {"query": tsquery(telling)}))
    unseen = select(Need.id).where(Need.state.in_([state for state in OPEN if state != State.PUBLISHED]))
    ids |= set(session.scalars(unseen.order_by(Need.created_at.desc()).limit(200)))
    return list(session.scalars(select(Need).where(Need.id.in_(ids), Need.state.in_(OPEN)).order_by(Need.id)))
