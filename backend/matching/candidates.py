"""Which listings are worth scoring for a need, and which are refused whatever their text says.

One statement: the nearest by meaning, by rare words and by class, each under the hard constraints, plus the nearest of
all, so that what was refused can be told with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
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

NEAREST = 220
WORDED = 160
CLASSED = 120
# Listings that share the chosen rare words; ranking more of them costs milliseconds and finds little.
WORD_BUDGET = 1_200
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

_NEAR = f"""
    near AS (SELECT d.id FROM search_document d WHERE d.kind = 'listing' AND d.vector IS NOT NULL AND {_HARD}
             ORDER BY d.vector <=> CAST(:vector AS halfvec) LIMIT {NEAREST}),
    nearest_of_all AS (SELECT d.id FROM search_document d WHERE d.kind = 'listing' AND d.vector IS NOT NULL
             ORDER BY d.vector <=> CAST(:vector AS halfvec) LIMIT 40)"""  # noqa: S608 - constants of this file
_WORDED = f"""
    worded AS (SELECT d.id FROM search_document d
               WHERE d.kind = 'listing' AND d.words @@ CAST(:query AS tsquery) AND {_HARD}
               ORDER BY ts_rank(d.words, CAST(:query AS tsquery)) DESC, d.id LIMIT {WORDED})"""  # noqa: S608
_CLASSED = f"""
    classed AS (SELECT d.id FROM search_document d
                WHERE d.kind = 'listing' AND d.ipc && CAST(:classes AS text[]) AND {_HARD}
                ORDER BY (SELECT count(*) FROM unnest(d.ipc) AS one WHERE one = ANY(CAST(:classes AS text[]))) DESC,
                         d.id LIMIT {CLASSED})"""  # noqa: S608


def candidates(session: Session, need: Profile, words: WantedWords, *, at: datetime) -> Candidates:
    """The listings to score for a need, best by each way of looking, and the refusals among the nearest."""
    ways: list[str] = []
    sources: list[str] = []
    parameters: dict[str, Any] = {
        **hard(need, at),
        "words": list(words.weights),
        "any_word": tsquery(list(words.weights)),
    }
    cosine = "CAST(NULL AS real)"
    if need.vector is not None:
        ways.append(_NEAR)
        sources += ["near", "nearest_of_all"]
        parameters["vector"] = halfvec(need.vector)
        cosine = "1 - (d.vector <=> CAST(:vector AS halfvec))"
        # Constraints are applied while the graph is walked, so it is walked until enough pass.
        session.execute(
            text(
                "SELECT set_config('hnsw.ef_search', :breadth, true),"
                " set_config('hnsw.iterative_scan', 'relaxed_order', true)"
            ),
            {"breadth": str(NEAREST)},
        )
    if telling := words.telling(WORD_BUDGET):
        ways.append(_WORDED)
        sources.append("worded")
        parameters["query"] = tsquery(telling)
    if need.classes:
        ways.append(_CLASSED)
        sources.append("classed")
        parameters["classes"] = sorted(need.classes)
    if not ways:
        return Candidates([], [])
    found = session.execute(
        text(
            f"WITH {', '.join(ways)}, chosen AS ({' UNION '.join(f'SELECT id FROM {name}' for name in sources)})"  # noqa: S608
            f" SELECT {_COLUMNS}, {cosine} AS cosine, length(d.words) AS size,"
            # Taking a document's words apart is dear, and most that are near share none with the need.
            " CASE WHEN d.words @@ CAST(:any_word AS tsquery) THEN"
            f" (SELECT jsonb_object_agg(u.lexeme, {COUNTED}) FROM unnest(d.words) AS u"
            "  WHERE u.lexeme = ANY(CAST(:words AS text[])) AND u.positions IS NOT NULL) END AS hits"
            " FROM chosen JOIN search_document d USING (id)"
        ),
        parameters,
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
