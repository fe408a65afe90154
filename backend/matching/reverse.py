"""Which needs suit a listing: the way back of `candidates`.

Needs near by meaning or by rare words are compared by what is known of their texts; only a need for which the listing
could be among the matches it keeps is read and scored in full. What is left out would not have been kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.language.embed import Vectors
from backend.listings.models import Listing
from backend.matching.asked import TEXT_HASH, Gist, keep_words, kept_words, reader
from backend.matching.candidates import by_lists, halfvec, refusal, tsquery
from backend.matching.criteria import WEIGHTS
from backend.matching.exposure import BAND
from backend.matching.profile import Profile, need_text, profile_of_document, profile_of_need
from backend.matching.reasons import explained
from backend.matching.score import START, Score, Signals, class_similarity, score, text_reasons
from backend.matching.signals import signals_of
from backend.matching.store import KEPT
from backend.matching.vectors import cosine, stored_vectors
from backend.matching.words import COUNTED, WantedWords, gains_of, vocabulary_of, wanted, words_of
from backend.needs.models import Need
from backend.publication.states import State
from backend.search.models import SearchDocument

MATCHED_STATES = frozenset(
    {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.PUBLISHED, State.ON_HOLD}
)
OPEN = sorted(state.value for state in MATCHED_STATES)

NEAREST = 200
WORDED, WORD_BUDGET = 100, 600
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
    """A need that may suit: what is known of its text, and the least score it would keep."""

    id: UUID
    language: str
    classes: frozenset[str]
    requirements: int
    cosine: float | None
    gist: Gist | None
    least: float


def needs_for(
    session: Session, listing: Listing, document: SearchDocument, *, at: datetime, least: float
) -> list[tuple[Need, Score]]:
    """Needs that the listing suits with at least `least`, and better than what they keep already, with the scores."""
    offered = _offered(session, listing, document)
    counted = vocabulary_of(session, ())
    gains = gains_of(offered.lexemes, offered.size, counted)
    near = {one.id: one for one in _near(session, offered, counted.total, least) if _may_suit(one, offered, gains)}
    worth: list[tuple[Need, Profile]] = []
    for need in session.scalars(select(Need).where(Need.id.in_(near)).order_by(Need.id)):
        asking = profile_of_need(need, read=False)
        if refusal(asking, document, at=at) is None and _suits_at_best(asking, near[need.id], offered, gains):
            worth.append((need, asking))
    known = kept_words(session, [need.id for need, _ in worth if near[need.id].gist], counted)
    unread = {need.id: need_text(need) for need, _ in worth if need.id not in known or near[need.id].cosine is None}
    vectors = stored_vectors(session, list(unread.values()), "query")
    found: list[tuple[Need, Score]] = []
    for need, asking in worth:
        words, likeness, bar = known.get(need.id), near[need.id].cosine, near[need.id].least
        if need.id in unread:
            asking = profile_of_need(need, vectors.get(unread[need.id]), read=words is None)
            likeness = cosine(asking.vector, offered.profile.vector)
        if words is None:
            words = wanted(asking.concepts, vocabulary_of(session, words_of(asking.concepts)))
            keep_words(session, need, words)
        value = score(asking, offered.profile, _signals(asking, offered, words, likeness))
        if _log_odds(value.value) + _from_long_texts(asking) >= _log_odds(bar):
            value = explained(value, asking, offered.profile, words.weights)
            if value.value >= bar:
                found.append((need, value))
    return found


def _may_suit(one: _Near, offered: _Offered, gains: Mapping[str, float]) -> bool:
    """Whether the score could reach the least if all that is not looked at here were as it could best be."""
    if one.cosine is None or one.gist is None:
        return True
    asking = Profile(id=one.id, side="need", language=one.language, classes=one.classes)
    alike = class_similarity(asking, offered.profile)
    signals = Signals(cosine=one.cosine, words=one.gist.at_most(gains), class_similarity=alike)
    most = START + sum(reason.effect for reason in text_reasons(signals)) + _MOST_BESIDE
    return most + WEIGHTS["requirement"] * one.requirements >= _log_odds(one.least)


def _suits_at_best(asking: Profile, one: _Near, offered: _Offered, gains: Mapping[str, float]) -> bool:
    """The same with all that the need says beside its text."""
    if one.cosine is None or one.gist is None:
        return True
    alike = class_similarity(asking, offered.profile)
    signals = Signals(cosine=one.cosine, words=one.gist.at_most(gains), class_similarity=alike)
    most = _log_odds(score(asking, offered.profile, signals).value)
    return most + _from_long_texts(asking) >= _log_odds(one.least)


def _from_long_texts(asking: Profile) -> float:
    """The most that `explained` could add, besides what rounding may."""
    terms = WEIGHTS["terms"] if asking.licence_terms else 0.0
    return WEIGHTS["requirement"] * len(asking.requirements) + terms + 1e-6


def _log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance)) if 0 < chance < 1 else math.copysign(500, chance - 0.5)


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
# Ranked among a bounded number: words rare among listings can be common among needs.
_BY_WORDS = f"""
    SELECT id FROM (
        SELECT d.id, d.words FROM search_document d
         WHERE d.kind || '' = 'need' AND d.words @@ CAST(:query AS tsquery) LIMIT {WORD_BUDGET}) AS d
     ORDER BY ts_rank(d.words, CAST(:query AS tsquery)) DESC, d.id LIMIT {WORDED}"""  # noqa: S608
_MATCHED = "(SELECT need_id FROM match WHERE listing_id = :listing)"
_UNSEEN = f"""
    (SELECT n.id FROM need n WHERE n.state = ANY(CAST(:unseen AS text[])) ORDER BY n.created_at DESC LIMIT {UNSEEN})
"""  # noqa: S608


def _near(session: Session, offered: _Offered, listings: int, least: float) -> Iterator[_Near]:
    """Needs worth comparing: published ones near by meaning or rare words, those matched with the listing already, and
    the newest that only their authors see yet."""
    ways = [_MATCHED, _UNSEEN, "SELECT unnest(CAST(:worded AS uuid[]))"]
    telling = wanted(offered.lexemes, vocabulary_of(session, offered.lexemes)).telling(WORD_BUDGET)
    likeness = "CAST(NULL AS real)"
    parameters: dict[str, object] = {
        "listing": offered.profile.id,
        "open": OPEN,
        "unseen": [state for state in OPEN if state != State.PUBLISHED],
        "reader": reader(),
        "worded": sorted(by_lists(session, [_BY_WORDS] if telling else [], {"query": tsquery(telling)})),
    }
    if offered.profile.vector is not None:
        session.execute(text("SELECT set_config('hnsw.ef_search', :breadth, true)"), {"breadth": str(NEAREST)})
        ways.append(_BY_MEANING)
        parameters["vector"] = halfvec(offered.profile.vector)
        likeness = "1 - (e.vector <=> CAST(:vector AS halfvec))"
    rows = session.execute(
        text(
            f"WITH chosen (id) AS MATERIALIZED ({' UNION '.join(ways)})"  # noqa: S608 - constants of this file
            " SELECT n.id, n.language, n.ipc, jsonb_array_length(n.requirements) AS requirements,"
            f" {likeness} AS cosine, w.words, w.worth, w.length, w.listings,"
            # The last that a full list keeps. A listing that is in the list stays comparable with itself.
            " (SELECT m.score FROM match m WHERE m.need_id = n.id ORDER BY m.score DESC"
            f"  OFFSET {KEPT - 1} LIMIT 1) AS lowest,"
            " EXISTS (SELECT FROM match m WHERE m.need_id = n.id AND m.listing_id = :listing) AS mine"
            " FROM chosen JOIN need n USING (id)"
            f" LEFT JOIN need_words w ON w.need_id = n.id AND w.text_hash = {TEXT_HASH}"
            " LEFT JOIN embedding e ON e.content_hash = w.vector_hash"
            " WHERE n.state = ANY(CAST(:open AS text[]))"
        ),
        parameters,
    )
    for row in rows:
        # A full list takes nothing that is worse than its last by more than equals may differ.
        full = row.lowest is not None and not row.mine
        bar = max(least, float(row.lowest) - BAND - 0.001) if full else least
        gist = None if row.words is None else Gist.of(row.words, row.worth, row.length, row.listings, listings)
        yield _Near(row.id, row.language, frozenset(row.ipc), row.requirements, row.cosine, gist, bar)
