"""Matches kept equal to what the records say now: of a need with listings, and of a listing with needs.

Both ways end in `score` and `explained` with the same signals, so a pair has one score whichever side moved last.
Running any verb twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.jobs import enqueue, task
from backend.language.embed import EmbeddingError, Vectors
from backend.listings.models import Listing
from backend.matching import store
from backend.matching.asked import keep_words
from backend.matching.candidates import Candidates, Refusal, candidates
from backend.matching.exposure import Standing, fair_cut
from backend.matching.models import Match, WordFrequency
from backend.matching.profile import Profile, need_text, profile_of_document, profile_of_need
from backend.matching.quotes import READ
from backend.matching.reasons import explained
from backend.matching.reverse import MATCHED_STATES, needs_for
from backend.matching.score import Score, Signals, score, text_reasons
from backend.matching.signals import signals_of
from backend.matching.store import KEPT
from backend.matching.vectors import query_vector
from backend.matching.words import WantedWords, count_words, vocabulary_of, wanted, words_of
from backend.needs.models import Need
from backend.publication.states import State
from backend.search import unread
from backend.search.models import SearchDocument

log = structlog.get_logger()

# Below this a pair is not worth anybody's time; most pairs of a large collection lie here.
WORTH_SHOWING = 0.02
# How many candidates by text alone are weighed in full; the criteria beside the text can lift a pair only so far.
WEIGHED = 90
Scored = tuple[UUID, Score]  # listing, score


def match_need(session: Session, need: Need) -> int:
    """Bring one need's matches up to date; returns how many it has. `need.matched` lets both sides be told."""
    if State(need.state) not in MATCHED_STATES:
        sync_visibility(session, "need", need.id)
        return 0
    if not session.scalar(select(WordFrequency.documents).limit(1)):
        enqueue(session, "matching.count_words", queueing_lock="matching.count_words")  # a new installation
    profile = profile_of_need(need, _vector_of(session, need))
    words = wanted(profile.concepts, vocabulary_of(session, words_of(profile.concepts)))
    keep_words(session, need, words)
    scored, refused = ranked(session, profile, at=now(), words=words)
    kept = [(listing_id, value) for listing_id, value in scored if value.value >= WORTH_SHOWING]
    fresh = store.keep(session, [(need.id, listing_id, value) for listing_id, value in kept])
    store.forget(session, Match.need_id == need.id, Match.listing_id.not_in([listing_id for listing_id, _ in kept]))
    store.finish(session, need.id, refused)
    store.announce(session, need, fresh)
    return len(kept)


def ranked(
    session: Session, need: Profile, *, at: datetime, most: int = KEPT, explain: bool = True,
    words: WantedWords | None = None,
) -> tuple[list[Scored], list[Refusal]]:
    """The best `most` listings for a need with their scores, and the refusals: the whole pipeline, nothing written."""
    words = words or wanted(need.concepts, vocabulary_of(session, words_of(need.concepts)))
    found = candidates(session, need, words, at=at)
    spare = 10 if need.requirements or need.licence_terms else 0  # what the long texts say can change the order
    best = _cut(_weighed(need, found, words, max(WEIGHED, 2 * most)), most + spare)
    texts = _texts(session, [listing.id for listing, _ in best]) if explain else {}
    scored = []
    for listing, value in best:
        if listing.id in texts:
            body, terms = texts[listing.id]
            value = explained(value, need, replace(listing, text=body, licence_terms=terms), words.weights)
        scored.append((listing, value))
    scored.sort(key=lambda item: (-item[1].value, str(item[0].id)))
    return [(listing.id, value) for listing, value in _cut(scored, most)], found.refused


def match_listing(session: Session, listing: Listing) -> int:
    """Bring one listing's matches with all needs up to date; returns how many it has."""
    document = session.get(SearchDocument, listing.id)
    if document is None or State(listing.state) is not State.PUBLISHED or not listing.open_for_interest:
        sync_visibility(session, "listing", listing.id)
        return 0
    found = needs_for(session, listing, document, at=now(), least=WORTH_SHOWING)
    needs = {need.id: need for need, _ in found}
    pairs = [(need.id, listing.id, value) for need, value in found]
    fresh = store.keep(session, pairs)
    store.forget(session, Match.listing_id == listing.id, Match.need_id.not_in([pair[0] for pair in pairs]))
    store.trim(session, [pair[0] for pair in pairs])
    for need_id in sorted({need_id for need_id, _ in fresh}):
        store.announce(session, needs[need_id], [pair for pair in fresh if pair[0] == need_id])
    return len(pairs)


def sync_visibility(session: Session, kind: str, record_id: UUID) -> None:
    """Drop the matches of a listing that is not on offer, or of a need that is over."""
    if kind == "listing":
        listing = session.get(Listing, record_id)
        if listing is None or listing.state != State.PUBLISHED or not listing.open_for_interest:
            store.forget(session, Match.listing_id == record_id)
        return
    need = session.get(Need, record_id)
    if need is None or State(need.state) not in MATCHED_STATES:
        store.forget(session, Match.need_id == record_id)


def request_matching(session: Session, need: Need) -> None:
    """Ask for a need to be matched soon; its page says pending until then."""
    store.ask(session, [need.id])
    enqueue(session, "matching.match_need", queueing_lock=f"match-need-{need.id}", priority=10, need_id=str(need.id))


def _vector_of(session: Session, need: Need) -> Vectors | None:
    """None when the embedder fails: the need keeps its words meanwhile, is marked, and is matched again later."""
    try:
        vector = query_vector(session, need_text(need))
        unread.clear(session, [need.id])
        return vector
    except EmbeddingError as error:
        log.warning("need_not_embedded", need=str(need.id), code=error.code, error=str(error))
        later = unread.mark(session, "need", [need.id], error)
        lock = f"match-need-later-{need.id}"
        enqueue(session, "matching.match_need", queueing_lock=lock, schedule_at=later, need_id=str(need.id))
        return None


def _weighed(need: Profile, found: Candidates, words: WantedWords, most: int) -> list[tuple[Profile, Score]]:
    """Candidates with their scores, best first: by text alone at first, since that is nearly all of a score."""
    rough: list[tuple[float, Any, Signals]] = []
    for one in found.rows:
        listing = profile_of_document(one.row) if need.classes else None
        signals = signals_of(need, listing, one.row.language, words, one.hits, one.size, one.cosine)
        rough.append((sum(reason.effect for reason in text_reasons(signals)), one.row, signals))
    rough.sort(key=lambda item: (-item[0], str(item[1].id)))
    weighed = []
    for _, row, signals in rough[:most]:
        listing = profile_of_document(row)
        weighed.append((listing, score(need, listing, signals)))
    weighed.sort(key=lambda item: (-item[1].value, str(item[0].id)))
    return weighed


def _cut(scored: list[tuple[Profile, Score]], most: int) -> list[tuple[Profile, Score]]:
    """The best ones, in their order; where equals stand at the end, none of an owner's pushes out another owner's."""
    if len(scored) <= most:
        return scored
    chosen = fair_cut([Standing(one.id, one.organisation_id or one.id, value.value) for one, value in scored], most)
    return [pair for pair in scored if pair[0].id in chosen]


def _texts(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, dict[str, Any] | None]]:
    """The long texts, and the terms a seeker may read, of the few listings that will be shown."""
    rows = session.execute(
        select(SearchDocument.id, func.left(SearchDocument.text, READ), Listing.terms, Listing.terms_visibility)
        .join(Listing, Listing.id == SearchDocument.id)
        .where(SearchDocument.id.in_(ids))
    )
    return {
        row_id: (body, terms if visibility in ("public", "registered") else None)
        for row_id, body, terms, visibility in rows
    }


@task("matching.match_need")
def _match_need(session: Session, need_id: str) -> None:
    need = session.get(Need, UUID(need_id))
    if need is not None:
        match_need(session, need)


@task("matching.match_listing")
def _match_listing(session: Session, listing_id: str) -> None:
    listing = session.get(Listing, UUID(listing_id))
    if listing is not None:
        match_listing(session, listing)


@task("matching.count_words")
def _count_words(session: Session) -> None:
    count_words(session)
