"""Which listings are worth scoring for a need, and which are refused whatever their text says.

The nearest by meaning, by rare words and by class, each under the hard constraints, plus the nearest of all, so that
what was refused can be told with its reason. Each way looks at no more than so many, however large the market is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from backend.ip.territories import ASEAN, MEMBER_STATES
from backend.language.embed import Vectors
from backend.matching.profile import Profile
from backend.matching.words import COUNTED, WantedWords

NEAREST, NEAREST_OF_ALL = 220, 40
# How many are walked for these, and how broadly. Recall of the nearest 200 of 100,000 under constraints that 60, 40 and
# 12 % pass: 95, 93 and 87 % with 220 and 220; 99, 98 and 98 % with 1,000 and 700, for 10 ms more.
BREADTH, WALKED = 1_000, 700
WORDED = 160
CLASSED = 120
# Listings that share the chosen rare words; ranking more of them costs milliseconds and finds little. A word that is
# rare in nothing, or a class that thousands have, is looked at no longer than that either.
WORD_BUDGET = 1_200
CLASS_BUDGET = 800
REFUSED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """A listing left out by a hard constraint: code and the facts it rests on."""

    listing_id: UUID
    code: str
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"listing_id": str(self.listing_id), "code": self.code, "data": dict(self.data)}


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the search document (without its long text) beside what its text shares with the need."""

    row: Row[Any]
    cosine: float | None
    hits: Mapping[str, int]
    size: int


@dataclass(frozen=True, slots=True)
class Candidates:
    rows: list[Found]
    refused: list[Refusal]


# The same rules as `refusal`, for the database. An empty list on either side excludes nothing, and what is not known
# (a listing without a TRL) passes.
_HARD = """
    d.open_for_interest AND d.organisation_id <> :organisation AND (d.expires_at IS NULL OR d.expires_at > :now)
    AND (CAST(:trl AS smallint) IS NULL OR d.trl IS NULL OR d.trl >= :trl)
    AND (CAST(:deal_types AS text[]) = '{}' OR d.deal_types = '{}' OR d.deal_types && CAST(:deal_types AS text[]))
    AND NOT d.lapsed AND (CAST(:deadline AS date) IS NULL OR CAST(:deadline AS date) >= CAST(:today AS date))
    AND (CAST(:country AS text) IS NULL OR CAST(:country AS text) <> ALL(d.excluded_countries))
    AND (CAST(:states AS text[]) = '{}'
         OR NOT CAST(:states AS text[]) <@ (d.exclusively_taken || d.ended || d.excluded_countries))
    AND (CAST(:states AS text[]) = '{}' OR d.territories = '{}' OR d.territories && CAST(:regions AS text[]))
"""

_COLUMNS = """
    d.id, d.organisation_id, d.language, d.title, d.owner_country, d.owner_kind, d.open_for_interest, d.right_kinds,
    d.deal_types, d.exclusivity, d.sectors, d.sdgs, d.territories, d.in_force, d.pending, d.unchecked,
    d.exclusively_taken, d.ended, d.lapsed, d.rights_until, d.partner_kinds, d.excluded_countries, d.owner_languages,
    d.trl, d.ipc, d.nice, d.green, d.expires_at
"""

# The walk gives what passes nearly in order, so more are taken and sorted; by a sum, because the planner would trust
# the walk's own order.
_NEAR = f"""
    SELECT id FROM (
        SELECT d.id, d.vector <=> CAST(:vector AS halfvec) AS far FROM search_document d
         WHERE d.kind = 'listing' AND d.vector IS NOT NULL AND {_HARD}
         ORDER BY d.vector <=> CAST(:vector AS halfvec) LIMIT :walked) AS d
     ORDER BY far + 0 LIMIT :most"""  # noqa: S608 - constants of this file
_NEAREST_OF_ALL = text(
    f"""
    SELECT d.id FROM search_document d WHERE d.kind = 'listing' AND d.vector IS NOT NULL
     ORDER BY d.vector <=> CAST(:vector AS halfvec) LIMIT {NEAREST_OF_ALL}"""  # noqa: S608
)
# `kind || ''`: nearly all documents are listings, and walking the index of kinds for that takes longer than the rest.
_WORDED = f"""
    SELECT id FROM (
        SELECT d.id, d.words FROM search_document d
         WHERE d.kind || '' = 'listing' AND d.words @@ CAST(:query AS tsquery) AND {_HARD} LIMIT {WORD_BUDGET}) AS d
     ORDER BY ts_rank(d.words, CAST(:query AS tsquery)) DESC, id LIMIT {WORDED}"""  # noqa: S608
_CLASSED = f"""
    SELECT id FROM (
        SELECT d.id, d.ipc FROM search_document d
         WHERE d.kind || '' = 'listing' AND d.ipc && CAST(:classes AS text[]) AND {_HARD} LIMIT {CLASS_BUDGET}) AS d
     ORDER BY (SELECT count(*) FROM unnest(d.ipc) AS one WHERE one = ANY(CAST(:classes AS text[]))) DESC, id
     LIMIT {CLASSED}"""  # noqa: S608


# The entries of a word vector that are among the words: taking all others away takes a third of the time of taking the
# vector apart and looking at each.
_SHARED = "unnest(ts_delete(d.words, tsvector_to_array(ts_delete(d.words, CAST(:words AS text[])))))"


def candidates(session: Session, need: Profile, words: WantedWords, *, at: datetime) -> Candidates:
    """The listings to score for a need, best by each way of looking, and the refusals among the nearest."""
    parameters: dict[str, Any] = {
        **hard(need, at),
        "words": list(words.weights),
        "any_word": tsquery(list(words.weights)),
        "query": tsquery(words.telling(WORD_BUDGET)),
        "classes": sorted(need.classes),
        "most": NEAREST,
        "walked": WALKED,
    }
    ways = [way for way, asked in ((_WORDED, parameters["query"]), (_CLASSED, need.classes)) if asked]
    chosen = by_lists(session, ways, parameters)
    cosine = "CAST(NULL AS real)"
    if need.vector is not None:
        parameters["vector"] = halfvec(need.vector)
        cosine = "1 - (d.vector <=> CAST(:vector AS halfvec))"
        _walk(session, NEAREST_OF_ALL)
        chosen |= set(session.scalars(_NEAREST_OF_ALL, parameters))
        _walk(session, BREADTH)
        chosen |= set(session.scalars(text(_NEAR), parameters))
    if not chosen:
        return Candidates([], [])
    found = session.execute(
        text(
            f"SELECT {_COLUMNS}, {cosine} AS cosine, length(d.words) AS size,"  # noqa: S608 - constants of this file
            # Taking a document's words apart is dear, and most that are near share none with the need.
            " CASE WHEN d.words @@ CAST(:any_word AS tsquery) THEN"
            f" (SELECT jsonb_object_agg(u.lexeme, {COUNTED}) FROM {_SHARED} AS u"
            "  WHERE u.positions IS NOT NULL) END AS hits"
            " FROM search_document d WHERE d.id = ANY(CAST(:chosen AS uuid[]))"
        ),
        {**parameters, "chosen": sorted(chosen)},
    ).all()
    kept: list[Found] = []
    refused: list[tuple[float, Refusal]] = []
    for row in found:
        code = refusal(need, row, at=at)
        if code is None:
            kept.append(Found(row, row.cosine, row.hits or {}, row.size))
        elif code.code != "own":
            refused.append((-(row.cosine or 0.0), code))
    refused.sort(key=lambda pair: (pair[0], str(pair[1].listing_id)))
    return Candidates(kept, [code for _, code in refused[:REFUSED_SHOWN]])


def by_lists(session: Session, ways: Sequence[str], parameters: Mapping[str, Any]) -> set[UUID]:
    """What these queries find in the indexes of words and of classes. The planner takes reading a long word vector for
    nothing and would rather read them all; so it may do nothing but ask these indexes."""
    if not ways:
        return set()
    session.execute(_LISTS, {"other": "off"})
    found = set(session.scalars(text(" UNION ".join(f"({way})" for way in ways)), parameters))
    session.execute(_LISTS, {"other": "on"})
    return found


_LISTS = text("SELECT set_config('enable_seqscan', :other, true), set_config('enable_indexscan', :other, true)")


def _walk(session: Session, breadth: int) -> None:
    """How broadly the graph is walked. Constraints are applied on the way, so it is walked until enough pass; what it
    has seen must fit into memory until then, or it stops (four times 4 MB hold what one listing in eight passes)."""
    session.execute(
        text(
            "SELECT set_config('hnsw.ef_search', :breadth, true),"
            " set_config('hnsw.iterative_scan', 'relaxed_order', true),"
            " set_config('hnsw.scan_mem_multiplier', '4', true)"
        ),
        {"breadth": str(breadth)},
    )


def exact_nearest(session: Session, need: Profile, *, at: datetime, most: int) -> list[UUID]:
    """What the walk should find, by looking at every listing: what its recall is measured against."""
    if need.vector is None:
        return []
    asked = {**hard(need, at), "vector": halfvec(need.vector), "most": most, "walked": most}
    order = "ORDER BY d.vector <=> CAST(:vector AS halfvec)"
    exact = _NEAR.replace(order, "ORDER BY 0 + (d.vector <=> CAST(:vector AS halfvec))")  # no index has that order
    return list(session.scalars(text(exact), asked))


def refusal(need: Profile, row: Any, *, at: datetime) -> Refusal | None:
    """Why a listing cannot suit this need at all, or None. `row` has the columns of a search document."""
    code: str | None = None
    data: dict[str, Any] = {}
    if need.organisation_id is not None and row.organisation_id == need.organisation_id:
        code = "own"
    elif not row.open_for_interest or (row.expires_at is not None and row.expires_at <= at):
        code = "closed"
    elif need.trl is not None and row.trl is not None and row.trl < need.trl:
        code, data = "stage_below", {"need": need.trl, "listing": row.trl}
    elif need.deal_types and row.deal_types and not need.deal_types & set(row.deal_types):
        code, data = "deal_type", {"need": sorted(need.deal_types), "listing": sorted(row.deal_types)}
    elif need.deadline is not None and need.deadline < at.date():
        code, data = "deadline_passed", {"need": need.deadline.isoformat()}
    elif row.lapsed:
        code = "right_lapsed"
    elif need.country is not None and need.country in (row.excluded_countries or ()):
        code, data = "owner_excludes", {"states": [need.country]}
    elif need.states and (cause := _closed_everywhere(need.states, row)):
        code, data = cause, {"states": sorted(need.states)}
    elif need.states and row.territories and not regions(need.states) & set(row.territories):
        code, data = "not_offered_there", {"states": sorted(need.states), "listing": sorted(row.territories)}
    return Refusal(row.id, code, data) if code else None


def _closed_everywhere(states: frozenset[str], row: Any) -> str | None:
    """What closes every state of use, each for a reason of its own perhaps; the one named is what the owner could
    change first."""
    closed = {
        "owner_excludes": set(row.excluded_countries or ()),
        "exclusively_taken": set(row.exclusively_taken or ()),
        "right_lapsed": set(row.ended or ()),
    }
    if not states <= set().union(*closed.values()):
        return None
    return next(code for code, codes in closed.items() if codes & states)


def hard(need: Profile, at: datetime) -> dict[str, Any]:
    """What `_HARD` asks of a need."""
    return {
        "organisation": need.organisation_id or UUID(int=0),
        "now": at,
        "today": at.date(),
        "trl": need.trl,
        "deal_types": sorted(need.deal_types),
        "states": sorted(need.states),
        "regions": sorted(regions(need.states)),
        "country": need.country,
        "deadline": need.deadline,
    }


def regions(states: frozenset[str]) -> frozenset[str]:
    """The states and the names of the regions that hold any of them: how a listing may name where it is offered."""
    return states | {ASEAN} if states & MEMBER_STATES.keys() else states


def halfvec(vector: Vectors) -> str:
    """A vector as PostgreSQL reads it."""
    return "[" + ",".join(f"{number:.9g}" for number in np.asarray(vector, dtype=np.float32).tolist()) + "]"


def tsquery(words: list[str]) -> str:
    """Any of these words, as a tsquery literal."""
    return " | ".join("'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words)
