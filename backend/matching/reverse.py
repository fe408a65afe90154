"""Which needs suit a listing: the way back of `candidates`.

Needs near by meaning or by rare words are compared by what is known of their texts; only a need for which the listing
could be among the matches it keeps is read and scored in full. What is left out would not have been kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.language.embed import Vectors
from backend.listings.models import Listing
from backend.matching.asked import keep_words, kept_words
from backend.matching.candidates import halfvec, refusal, tsquery
from backend.matching.criteria import WEIGHTS
from backend.matching.exposure import BAND
from backend.matching.profile import Profile, need_text, profile_of_document, profile_of_need
from backend.matching.reasons import explained
from backend.matching.score import START, Score, Signals, score, text_reasons
from backend.matching.signals import signals_of
from backend.matching.store import KEPT
from backend.matching.vectors import cosine, stored_vectors
from backend.matching.words import COUNTED, WantedWords, vocabulary_of, wanted, words_of
from backend.needs.models import Need
from backend.publication.states import State
from backend.search.models import SearchDocument

MATCHED_STATES = frozenset(
    {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.PUBLISHED, State.ON_HOLD}
)
OPEN = sorted(state.value for state in MATCHED_STATES)

NEAREST = 200
WORDED = 100
UNSEEN = 200
# All that the criteria beside the text could add, both sides' wishes met.
_MOST_BESIDE = sum(WEIGHTS.values()) + WEIGHTS["partner_kind"] + WEIGHTS["partner_country"]


@dataclass(frozen=True, slots=True)
class _Offered:
    """The listing with its indexed words."""

    profile: Profile
    lexemes: Mapping[str, int]
    size: int


@dataclass(frozen=True, slots=True)
class _Near:
    """A need that may suit: how alike the vectors are (None: not known), and the least score it would keep."""

    id: UUID
    language: str
    classes: frozenset[str]
    requirements: int
    cosine: float | None
    least: float


def needs_for(
    session: Session, listing: Listing, document: SearchDocument, *, at: datetime, least: float
) -> list[tuple[Need, Score]]:
    """Needs that the listing suits with at least `least`, and better than what they keep already, with the scores."""
    offered = _offered(session, listing, document)
    near = _near(session, offered, least)
    known = kept_words(session, near, vocabulary_of(session, ()))
    worth = [one for one in near.values() if one.id not in known or _may_suit(one, offered, known[one.id])]
    needs = {need.id: need for need in session.query(Need).where(Need.id.in_([one.id for one in worth]))}
    unknown = {key: need_text(need) for key, need in needs.items() if key not in known or near[key].cosine is None}
    vectors = stored_vectors(session, list(unknown.values()), "query")
    found: list[tuple[Need, Score]] = []
    for one in worth:
        need, words = needs[one.id], known.get(one.id)
        asking = profile_of_need(need, vectors.get(unknown.get(one.id, "")), read=words is None)
        if refusal(asking, document, at=at):
            continue
        if words is None:
            words = wanted(asking.concepts, vocabulary_of(session, words_of(asking.concepts)))
            keep_words(session, need, words)
        likeness = cosine(asking.vector, offered.profile.vector) if one.id in unknown else one.cosine
        signals = _signals(asking, offered, words, likeness)
        value = score(asking, offered.profile, signals)
        changes = bool(asking.requirements or asking.licence_terms)  # what the long texts say counts too
        if changes or value.value >= one.least:
            value = explained(value, asking, offered.profile, words.weights)
            if value.value >= one.least:
                found.append((need, value))
    return sorted(found, key=lambda pair: pair[0].id)


def _may_suit(one: _Near, offered: _Offered, words: WantedWords) -> bool:
    """Whether the score could reach the least if all beside the text were as it could best be."""
    if one.cosine is None:
        return True
    asking = Profile(id=one.id, side="need", language=one.language, classes=one.classes)
    effects = [reason.effect for reason in text_reasons(_signals(asking, offered, words, one.cosine))]
    most = START + sum(effects) + _MOST_BESIDE
    most += WEIGHTS["requirement"] * one.requirements
    return most >= math.log(one.least / (1 - one.least))


def _signals(asking: Profile, offered: _Offered, words: WantedWords, likeness: float | None) -> Signals:
    hits = {word: offered.lexemes[word] for word in words.weights.keys() & offered.lexemes.keys()}
    return signals_of(asking, offered.profile, offered.profile.language, words, hits, offered.size, likeness)


_WORDS_OF = text(
    f"""
    SELECT length(d.words) AS size, CAST(d.vector AS text) AS vector,
           (SELECT jsonb_object_agg(u.lexeme, {COUNTED}) FROM unnest(d.words) AS u WHERE u.positions IS NOT NULL)
           AS lexemes
      FROM search_document d WHERE d.id = :id
    """  # noqa: S608 - a constant of ours
)


def _offered(session: Session, listing: Listing, document: SearchDocument) -> _Offered:
    row = session.execute(_WORDS_OF, {"id": listing.id}).one()
    vector: Vectors | None = None
    if row.vector:
        vector = np.array(row.vector.strip("[]").split(","), dtype=np.float32)
    terms = listing.terms if listing.terms_visibility in ("public", "registered") else None
    return _Offered(profile_of_document(document, vector=vector, licence_terms=terms), row.lexemes or {}, row.size)


_BY_MEANING = f"""
    (SELECT d.id FROM search_document d WHERE d.kind = 'need' AND d.vector IS NOT NULL
     ORDER BY d.vector <=> CAST(:vector AS halfvec) LIMIT {NEAREST})"""  # noqa: S608
_BY_WORDS = f"""
    (SELECT d.id FROM search_document d WHERE d.kind = 'need' AND d.words @@ CAST(:query AS tsquery)
     ORDER BY ts_rank(d.words, CAST(:query AS tsquery)) DESC, d.id LIMIT {WORDED})"""  # noqa: S608
_MATCHED = "(SELECT need_id FROM match WHERE listing_id = :listing)"
_UNSEEN = f"""
    (SELECT n.id FROM need n WHERE n.state = ANY(CAST(:unseen AS text[])) ORDER BY n.created_at DESC LIMIT {UNSEEN})
"""  # noqa: S608


def _near(session: Session, offered: _Offered, least: float) -> dict[UUID, _Near]:
    """Needs worth comparing: published ones near by meaning or rare words, those matched with the listing already, and
    the newest that only their authors see yet."""
    ways = [_MATCHED, _UNSEEN]
    likeness = "CAST(NULL AS real)"
    parameters: dict[str, object] = {
        "listing": offered.profile.id,
        "open": OPEN,
        "unseen": [state for state in OPEN if state != State.PUBLISHED],
    }
    if offered.profile.vector is not None:
        session.execute(text("SELECT set_config('hnsw.ef_search', :breadth, true)"), {"breadth": str(NEAREST)})
        ways.append(_BY_MEANING)
        parameters["vector"] = halfvec(offered.profile.vector)
        likeness = "1 - (e.vector <=> CAST(:vector AS halfvec))"
    if telling := wanted(offered.lexemes, vocabulary_of(session, offered.lexemes)).telling(2_000):
        ways.append(_BY_WORDS)
        parameters["query"] = tsquery(telling)
    rows = session.execute(
        text(
            f"WITH chosen (id) AS ({' UNION '.join(ways)})"  # noqa: S608 - constants of this file
            " SELECT n.id, n.language, n.ipc, jsonb_array_length(n.requirements) AS requirements,"
            f" {likeness} AS cosine, kept.number, kept.lowest, kept.mine"
            " FROM chosen JOIN need n USING (id)"
            " LEFT JOIN need_words w ON w.need_id = n.id LEFT JOIN embedding e ON e.content_hash = w.vector_hash"
            " CROSS JOIN LATERAL (SELECT count(*) AS number, min(m.score) AS lowest,"
            "  coalesce(bool_or(m.listing_id = :listing), false) AS mine FROM match m WHERE m.need_id = n.id) AS kept"
            " WHERE n.state = ANY(CAST(:open AS text[]))"
        ),
        parameters,
    )
    near = {}
    for row in rows:
        # A full list takes nothing that is worse than its last by more than equals may differ.
        full = row.number >= KEPT and not row.mine
        bar = max(least, float(row.lowest) - BAND - 0.001) if full else least
        near[row.id] = _Near(row.id, row.language, frozenset(row.ipc), row.requirements, row.cosine, bar)
    return near
