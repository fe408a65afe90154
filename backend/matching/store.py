"""Writing matches so that the table equals what was just found; each pair worth telling is announced once, ever."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from backend.core.clock import now
from backend.core.events import Event, record
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.matching.candidates import Refusal
from backend.matching.exposure import Standing, fair_cut
from backend.matching.models import Match, MatchFeedback, MatchRun
from backend.matching.score import Score
from backend.needs.models import Need

KEPT = 50
# Where "a good fit" begins. Below it most pairs merely share a field: they are shown to whoever looks, folded, but a
# letter about each would teach people to ignore the letters that matter.
WORTH_TELLING = 0.5
# The best few of a need are told sooner: two short texts that fit perfectly say too little to come above 0.3.
BEST, BEST_TELLING = 3, 0.15
# Names match ids: the same pair has the same id for ever, so one that comes back after a while is not told again.
_SPACE = UUID("6a1f0f4e-8a52-5d1c-9d0a-7d1a6c2c51aa")

Pair = tuple[UUID, UUID, Score]  # need, listing, score


_KEEP = text(
    """
    INSERT INTO match (id, need_id, listing_id, score, reasons, found_at, updated_at)
    SELECT id, need_id, listing_id, score, reasons, CAST(:at AS timestamptz), CAST(:at AS timestamptz)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS row (id uuid, need_id uuid, listing_id uuid, score numeric, reasons jsonb)
    ON CONFLICT ON CONSTRAINT uq_match_pair DO UPDATE
    SET score = excluded.score, reasons = excluded.reasons, updated_at = excluded.updated_at
    WHERE match.score <> excluded.score OR match.reasons <> excluded.reasons
    """
)
_ANNOUNCE = text(
    """
    INSERT INTO event (id, verb, subject_kind, subject_id, organisation_id, data, at)
    SELECT id, 'match.found', 'match', match_id, CAST(:organisation AS uuid),
           jsonb_build_object('need_id', CAST(:need AS text)), CAST(:at AS timestamptz)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (id uuid, match_id uuid)
    """
)


def worth_telling() -> ColumnElement[bool]:
    """Whether a match is good enough, or good enough for one of the best of its need, to be told to anybody."""
    better = aliased(Match)
    place = select(func.count()).where(better.need_id == Match.need_id, better.score > Match.score).scalar_subquery()
    return or_(Match.score >= WORTH_TELLING, and_(Match.score >= BEST_TELLING, place < BEST))


def match_id(need_id: UUID, listing_id: UUID) -> UUID:
    return uuid5(_SPACE, f"{need_id}:{listing_id}")


def keep(session: Session, pairs: Sequence[Pair]) -> list[tuple[UUID, UUID]]:
    """Write the pairs with their reasons; returns those worth telling and never announced, as (need, match)."""
    if not pairs:
        return []
    at = now()
    # One statement with one parameter: fifty rows by themselves cost more than finding them.
    rows = [
        {
            "id": str(match_id(need_id, listing_id)),
            "need_id": str(need_id),
            "listing_id": str(listing_id),
            "score": round(value.value, 5),
            "reasons": [reason.as_dict() for reason in value.reasons],
        }
        for need_id, listing_id, value in sorted(pairs, key=lambda pair: pair[:2])  # one order of locks: no deadlock
    ]
    session.execute(_KEEP, {"rows": json.dumps(rows, default=str), "at": at})
    announced = set(
        session.scalars(
            select(Event.subject_id).where(
                Event.subject_kind == "match",
                Event.verb == "match.found",
                Event.subject_id.in_([UUID(str(row["id"])) for row in rows]),
            )
        )
    )
    ids = [match_id(need_id, listing_id) for need_id, listing_id, _ in pairs]
    telling = set(session.scalars(select(Match.id).where(Match.id.in_(ids), worth_telling()))) - announced
    return [(pair[0], key) for pair, key in zip(pairs, ids, strict=True) if key in telling]


def announce(session: Session, need: Need, fresh: Sequence[tuple[UUID, UUID]]) -> None:
    """One `match.found` for each new pair, and one `need.matched` by which both sides are told of all of them."""
    if not fresh:
        return
    at = now()
    rows = [{"id": str(new_id()), "match_id": str(found)} for _, found in fresh]
    session.execute(
        _ANNOUNCE, {"rows": json.dumps(rows), "organisation": need.organisation_id, "need": str(need.id), "at": at}
    )
    record(session, "need.matched", need, organisation_id=need.organisation_id, data={"new": len(fresh)})


def forget(session: Session, *conditions: Any) -> None:
    """Delete matches; a pair that somebody judged keeps its row, at the bottom: the verdict is worth keeping."""
    judged = select(MatchFeedback.match_id).where(MatchFeedback.match_id == Match.id).exists()
    found = {"synchronize_session": "fetch"}
    session.execute(delete(Match).where(*conditions, ~judged), execution_options=found)
    session.execute(
        update(Match).where(and_(*conditions), Match.score > 0, judged).values(score=0, updated_at=now()),
        execution_options=found,
    )


def trim(session: Session, need_ids: Iterable[UUID]) -> None:
    """Keep the best of each need, as matching the need itself would."""
    ids = list(need_ids)
    if not ids:
        return
    # Asked for first, since as one query the planner reads every match there is.
    counted = select(Match.need_id).where(Match.need_id.in_(ids)).group_by(Match.need_id).having(func.count() > KEPT)
    long = list(session.scalars(counted))
    if not long:
        return
    rows = session.execute(
        select(Match.need_id, Match.id, Match.listing_id, Listing.organisation_id, Match.score)
        .join(Listing, Listing.id == Match.listing_id)
        .where(Match.need_id.in_(long))
        .order_by(Match.need_id)
    )
    over: list[UUID] = []
    for _need, mine in groupby(rows, key=lambda row: row.need_id):
        by_listing = {row.listing_id: row for row in mine}
        standing = [Standing(row.listing_id, row.organisation_id, float(row.score)) for row in by_listing.values()]
        stay = fair_cut(standing, KEPT)
        over += [row.id for row in by_listing.values() if row.listing_id not in stay]
    if over:
        forget(session, Match.id.in_(over))


def ask(session: Session, need_ids: Sequence[UUID]) -> None:
    """Mark needs as waiting to be matched; their pages say so until `finish`."""
    at = now()
    if need_ids:
        session.execute(
            insert(MatchRun).on_conflict_do_update(index_elements=["need_id"], set_={"requested_at": at}),
            [{"need_id": need_id, "requested_at": at, "refused": []} for need_id in need_ids],
        )


def finish(session: Session, need_id: UUID, refused: Sequence[Refusal]) -> None:
    """The need, as it stands now, has been matched."""
    at = now()
    found = [one.as_dict() for one in refused]
    session.execute(
        insert(MatchRun)
        .values(need_id=need_id, requested_at=at, finished_at=at, refused=found)
        .on_conflict_do_update(index_elements=["need_id"], set_={"finished_at": at, "refused": found})
    )
