"""Finds listings whose text is for the most part another's: exact copies, copies with small edits, copies with more
text before or after.

A text is a set of word triples. A few of them, chosen by their own value alone, are kept beside the document: the same
triples are chosen in a copy wherever they stand, so candidates come from an index, and only a few are compared in full.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import ARRAY, Integer, bindparam, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from backend.listings.models import Listing
from backend.listings.surroundings import COPIED, FINDERS, LEAST, Copy
from backend.search.lexemes import tokens

# One triple in eight, at least eight and at most so many; of them the rarest-valued are looked up.
KEPT_BELOW = 2**31 // 8
FEWEST, MOST, ASKED = 8, 160, 48
# A triple that stands in more listings is a phrase of the trade and tells nothing.
COMMON = 25
COMPARED = 6
SKETCHED = ("summary", "problem", "description", "advantages")

_CANDIDATES = sql(
    """
    SELECT found.id FROM unnest(:asked) AS one
    CROSS JOIN LATERAL (
        SELECT d.id FROM search_document d
        WHERE d.sketch @> ARRAY[one] AND d.kind = 'listing' AND d.id <> :own LIMIT :common
    ) AS found
    GROUP BY found.id ORDER BY count(*) DESC, found.id LIMIT :compared
    """
).bindparams(bindparam("asked", type_=ARRAY(Integer)))

_SCANS = sql("SELECT set_config('enable_seqscan', :allowed, true), set_config('enable_indexscan', :allowed, true)")

# Pairs that share rare triples; and, where one text stands many times so that its triples are no longer rare, each of
# them with the first.
_PAIRS = sql(
    """
    WITH triple AS (
        SELECT d.id, one FROM search_document d, unnest(d.sketch) AS one WHERE d.kind = 'listing'
    ), rare AS (
        SELECT one FROM triple GROUP BY one HAVING count(*) BETWEEN 2 AND :common
    ), held AS (
        SELECT id, one FROM triple JOIN rare USING (one)
    ), alike AS (
        SELECT unnest(ids) AS id, ids[1] AS other, cardinality(ids) AS shared FROM (
            SELECT array_agg(id ORDER BY id) AS ids FROM search_document
            WHERE kind = 'listing' AND cardinality(sketch) > 0 GROUP BY sketch HAVING count(*) > :common
        ) AS same
    )
    SELECT fresh.id AS id, other.id AS other, count(*) AS shared
    FROM held AS fresh JOIN held AS other ON other.one = fresh.one AND other.id <> fresh.id
    WHERE fresh.id = ANY(:ids)
    GROUP BY fresh.id, other.id HAVING count(*) >= 2
    UNION ALL
    SELECT id, other, shared FROM alike WHERE id <> other AND id = ANY(:ids)
    ORDER BY shared DESC, id, other LIMIT :most
    """
)


def triples(text: Sequence[str]) -> set[int]:
    """The rows of three words of a text, as numbers below 2**31."""
    return {
        crc32(f"{a} {b} {c}".encode("utf-8", "surrogatepass")) >> 1
        for a, b, c in zip(text, text[1:], text[2:], strict=False)
    }


def sketch(text: Sequence[str]) -> list[int]:
    """The triples kept beside a document. Too short a text has none: a few words are nobody's."""
    found = sorted(triples(text))
    if len(found) < LEAST:
        return []
    chosen = sum(1 for one in found if one < KEPT_BELOW)
    return found[: min(max(chosen, FEWEST), MOST)]


def listing_tokens(listing: Listing) -> list[str]:
    """The words of a listing in the order its document has them."""
    return [word for name in SKETCHED for word in tokens(getattr(listing, name) or "", listing.language)]


def copies_of(session: Session, listing: Listing) -> list[Copy]:
    """Published listings that share most of their text with this one, the nearest first; at most three."""
    own = listing_tokens(listing)
    asked = sketch(own)[:ASKED]
    if not asked:
        return []
    values = {"asked": asked, "own": listing.id, "common": COMMON, "compared": COMPARED}
    # For each triple the planner expects hundreds of listings and would read the table until it has met 25; there are
    # mostly none, and the index says so at once: 3 ms in all at 100,000 listings, where it was 0.8 s.
    session.execute(_SCANS, {"allowed": "off"})
    ids = session.scalars(_CANDIDATES, values).all()
    session.execute(_SCANS, {"allowed": "on"})
    return compared(session, listing.organisation_id, own, ids)


def compared(session: Session, organisation_id: UUID, own: Sequence[str], ids: Iterable[UUID]) -> list[Copy]:
    """Which of these listings are copies of a text, word by word."""
    mine = triples(own)
    found: list[Copy] = []
    rows: Any = session.scalars(select(Listing).where(Listing.id.in_(list(ids)))).unique()
    for other in rows:
        theirs = triples(listing_tokens(other))
        shared = len(mine & theirs)
        if shared < LEAST:
            continue
        share, back = shared / len(mine), shared / len(theirs)
        if max(share, back) >= COPIED:
            is_own = other.organisation_id == organisation_id
            owner = other.organisation
            found.append(
                Copy(
                    other.id, other.reference, other.title, is_own, share, back, other.published_at, owner.name,
                    owner.country,
                )
            )  # fmt: skip
    return sorted(found, key=lambda copy: (-max(copy.share, copy.share_back), copy.reference))[:3]


def copies_among(session: Session, ids: Sequence[UUID], most: int = 1_000) -> list[tuple[UUID, Copy]]:
    """For an import: which of these published listings repeat another one. One pass over all sketches, however many;
    phrases of the trade are left out, and of the pairs at most `most` are compared in full."""
    session.execute(sql("SELECT set_config('statement_timeout', '0', true)"))
    values = {"ids": list(ids), "common": COMMON, "most": most}
    pairs = session.execute(_PAIRS, values).all()
    around: dict[UUID, list[UUID]] = {}
    for pair in pairs:
        around.setdefault(pair.id, []).append(pair.other)
    found = []
    for key, others in around.items():
        listing = session.get(Listing, key)
        if listing is not None:
            near = compared(session, listing.organisation_id, listing_tokens(listing), others[:COMPARED])
            found += [(key, copy) for copy in near[:1]]
    return found


FINDERS[:] = [copies_of]  # the quality gate of listings asks here
