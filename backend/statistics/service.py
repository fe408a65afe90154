"""The public figures: counted by a job a few times a day, read by everybody at the cost of one row.

Nothing is entered by hand. No group of fewer than five organisations or people is told of: it is joined with the next
smallest, or left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from backend.accounts.models import Organisation
from backend.core.clock import now
from backend.core.jobs import enqueue, task
from backend.ip.parties import OrganisationKind as Kind
from backend.listings.models import Listing
from backend.matching import turns
from backend.matching.exposure import Share, Tally, shares
from backend.matching.models import Match, MatchFeedback
from backend.needs.models import Need
from backend.publication.states import State
from backend.search.models import SearchDocument
from backend.statistics.models import PublicFigures

LEAST = 5  # of organisations or people behind any figure about a part of them
OTHER = "other"
KEPT = timedelta(days=400)
SIZE_OF_KIND: dict[str, str] = {
    Kind.MSME_MICRO: "micro", Kind.INDIVIDUAL_INVENTOR: "micro", Kind.MSME_SMALL: "small", Kind.MSME_MEDIUM: "medium",
    Kind.LARGE_COMPANY: "large", Kind.UNIVERSITY: "research", Kind.RESEARCH_INSTITUTE: "research", Kind.TTO: "research",
}


def latest(session: Session) -> PublicFigures | None:
    """None until they have been computed for the first time."""
    return session.scalars(select(PublicFigures).order_by(PublicFigures.day.desc()).limit(1)).one_or_none()


def compute(session: Session, at: datetime) -> PublicFigures:
    """Count everything and keep it as the figures of that day, in place of what was counted earlier in it."""
    day = at.date()
    figures = {
        **_totals(session),
        "by_state": _parts(session, SearchDocument.owner_country),
        "by_language": _parts(session, SearchDocument.language),
        "exposure": _exposure(session, turns.measure(session, day)),
        "answers": _answers(session),
        "hours_to_answer": _hours_to_answer(session),
        "hours_to_review": _hours_to_review(session),
    }
    values = {"figures": figures, "computed_at": now()}
    row = insert(PublicFigures).values(day=day, **values)
    session.execute(row.on_conflict_do_update(index_elements=["day"], set_=values))
    session.query(PublicFigures).filter(PublicFigures.day < day - KEPT).delete()
    return session.get_one(PublicFigures, day, populate_existing=True)


def compute_soon(session: Session, *, after: timedelta = timedelta(0)) -> None:
    """Ask for it once, behind whatever else waits then."""
    lock = f"statistics.compute:{after.total_seconds():.0f}"
    enqueue(session, "statistics.compute", queueing_lock=lock, priority=-20, schedule_at=now() + after)


@task("statistics.compute")
def _compute(session: Session) -> None:
    compute(session, now())


# Counting ----------------------------------------------------------------------------------------------------------


def _totals(session: Session) -> dict[str, int]:
    per_kind = select(SearchDocument.kind, func.count()).group_by(SearchDocument.kind)
    kinds: dict[str, int] = {row[0]: row[1] for row in session.execute(per_kind)}
    states, languages = session.execute(
        select(func.count(SearchDocument.owner_country.distinct()), func.count(SearchDocument.language.distinct()))
    ).one()
    seeker, owner = aliased(Organisation), aliased(Organisation)
    matches, crossing = session.execute(
        select(func.count(), func.count().filter(seeker.country != owner.country))
        .select_from(Match)
        .join(Need, Need.id == Match.need_id)
        .join(Listing, Listing.id == Match.listing_id)
        .join(seeker, seeker.id == Need.organisation_id)
        .join(owner, owner.id == Listing.organisation_id)
        .where(
            Match.score > 0, Need.state == State.PUBLISHED.value, Listing.state == State.PUBLISHED.value,
            Listing.open_for_interest.is_(True),
        )
    ).one()
    return {
        "listings": kinds.get("listing", 0), "needs": kinds.get("need", 0), "matches": matches,
        "matches_across_borders": crossing, "member_states": states, "languages": languages,
    }


def _parts(session: Session, column: Any) -> list[dict[str, Any]]:
    """Listings and needs by a code, the most first; codes with few organisations behind them are counted together."""
    rows = session.execute(
        select(
            column,
            func.count().filter(SearchDocument.kind == "listing"),
            func.count().filter(SearchDocument.kind == "need"),
            func.count(SearchDocument.organisation_id.distinct()),
        ).group_by(column)
    ).all()
    return joined({row[0]: (row[1], row[2], row[3]) for row in rows})


def joined(counts: Mapping[str, tuple[int, int, int]]) -> list[dict[str, Any]]:
    """Each code's (listings, needs, organisations) as rows. "other" holds what is too small, and grows until it is
    large enough itself, so that taking the rest from a total tells nothing either."""
    rows = sorted(counts.items(), key=lambda item: (-item[1][2], -item[1][0] - item[1][1], item[0]))
    rest = (0, 0, 0)
    while rows and (rows[-1][1][2] < LEAST or 0 < rest[2] < LEAST):
        _code, last = rows.pop()
        rest = (rest[0] + last[0], rest[1] + last[1], rest[2] + last[2])
    rows.sort(key=lambda item: (-item[1][0] - item[1][1], item[0]))
    if rest[2] >= LEAST:
        rows.append((OTHER, rest))
    return [{"code": code, "listings": part[0], "needs": part[1]} for code, part in rows]


def _exposure(session: Session, found: Mapping[UUID, Tally]) -> dict[str, Any]:
    """Shares of exposure beside shares of merit, by kind of organisation and by how much it lists."""
    kinds: dict[UUID, str] = {row[0]: row[1] for row in session.execute(select(Organisation.id, Organisation.kind))}
    listed = (
        select(SearchDocument.organisation_id, func.count())
        .where(SearchDocument.kind == "listing")
        .group_by(SearchDocument.organisation_id)
    )
    offered: dict[UUID, int] = {row[0]: row[1] for row in session.execute(listed)}

    def by(group_of: Callable[[UUID], str]) -> list[dict[str, Any]]:
        return [_share(one) for one in shares(found, group_of, least=LEAST, rest=OTHER)]

    return {
        "by_size": by(lambda owner: SIZE_OF_KIND.get(kinds.get(owner, ""), OTHER)),
        "by_listings": by(lambda owner: _how_many(offered.get(owner, 0))),
    }


def _share(one: Share) -> dict[str, Any]:
    return {
        "group": one.group, "organisations": one.owners, "exposure": round(one.exposure, 4),
        "by_score_alone": round(one.by_score, 4), "merit": round(one.merit, 4),
        "ratio": None if one.ratio is None else round(one.ratio, 3),
    }


def _how_many(listings: int) -> str:
    return "1-4" if listings < 5 else "5-49" if listings < 50 else "50+"


def _answers(session: Session) -> dict[str, Any] | None:
    """What people say of their matches: None until enough of them did, and no reason that few gave."""
    people, useful = session.execute(
        select(
            func.count(MatchFeedback.user_id.distinct()), func.avg(case((MatchFeedback.useful, 1.0), else_=0.0))
        )
    ).one()
    if people < LEAST:
        return None
    reasons = session.execute(
        select(MatchFeedback.reason, func.count())
        .where(MatchFeedback.useful.is_(False), MatchFeedback.reason.is_not(None))
        .group_by(MatchFeedback.reason)
        .having(func.count(MatchFeedback.user_id.distinct()) >= LEAST)
        .order_by(func.count().desc(), MatchFeedback.reason)
    )
    return {
        "useful": round(float(useful), 2),
        "reasons": [{"code": code, "answers": count} for code, count in reasons],
    }


def _hours_to_answer(session: Session) -> float | None:
    """From being told of a match to saying whether it is useful."""
    told = case((MatchFeedback.side == "seeker", Match.seeker_told_at), else_=Match.owner_told_at)
    return _median(
        session,
        MatchFeedback.at - told,
        MatchFeedback.user_id,
        select(1).select_from(MatchFeedback).join(Match, Match.id == MatchFeedback.match_id).where(
            told.is_not(None), MatchFeedback.at >= told
        ),
    )


def _hours_to_review(session: Session) -> float | None:
    """From handing in a listing to its publication."""
    return _median(
        session,
        Listing.published_at - Listing.submitted_at,
        Listing.organisation_id,
        select(1).select_from(Listing).where(
            Listing.submitted_at.is_not(None), Listing.published_at > Listing.submitted_at
        ),
    )


def _median(session: Session, span: ColumnElement[Any], who: Any, rows: Any) -> float | None:
    seconds = func.percentile_cont(0.5).within_group(func.extract("epoch", span))
    people, median = session.execute(rows.with_only_columns(func.count(who.distinct()), seconds)).one()
    return None if people < LEAST or median is None else round(float(median) / 3600, 1)
