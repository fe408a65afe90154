"""One's own page: what to do next, and where one's listings, needs and matches stand."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select

from backend.accounts.actor import Actor
from backend.core.clock import now
from backend.deps import CurrentUser, Db, permit
from backend.listings.models import Listing
from backend.matching import reading
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.publication import service as publication
from backend.publication.quality import blockers
from backend.publication.states import State
from backend.search.service import embedding_progress
from backend.templating import page
from backend.web.matches import ShownMatch, shown_all

router = APIRouter()
ROWS = 10
ENDS_SOON = timedelta(days=60)


@dataclass
class Step:
    """One thing to do next: `code` is worded by the template; `count` says how many answers are missing."""

    code: str
    noun: str
    record: Listing | Need
    count: int = 0


@router.get("/dashboard", dependencies=[permit("account.view")])
def show(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    mine = list(actor.roles)
    listings, needs = _latest(db, Listing, mine), _latest(db, Need, mine)
    done, total = embedding_progress(db)
    return page(
        request,
        "dashboard/page.html",
        steps=_steps(db, [*listings, *needs]),
        listings=listings,
        listing_states=_states(db, Listing, mine),
        needs=needs,
        need_states=_states(db, Need, mine),
        match_counts=reading.counts_by_need(db, [need.id for need in needs]),
        match_status={need.id: reading.status_of(db, need) for need in needs},
        for_needs=_newest_matches(db, actor, "seeker"),
        for_listings=_newest_matches(db, actor, "owner"),
        unread=notifications.unread_count(db, actor.id),
        embedded=done,
        documents=total,
    )


def _newest_matches(db: Db, actor: Actor, side: reading.Side) -> list[ShownMatch]:
    return shown_all(db, actor, reading.matches_of(db, actor.roles, side=side, telling=True, limit=3), side)


def _latest(db: Db, model: type[Any], organisations: list[UUID]) -> list[Any]:
    query = select(model).where(model.organisation_id.in_(organisations), model.state != State.ARCHIVED.value)
    return list(db.scalars(query.order_by(model.updated_at.desc(), model.id).limit(ROWS)).unique())


def _states(db: Db, model: type[Any], organisations: list[UUID]) -> dict[str, int]:
    """How many of them are in which state, in the order of life."""
    rows = db.execute(
        select(model.state, func.count()).where(model.organisation_id.in_(organisations)).group_by(model.state)
    )
    counts: dict[str, int] = dict(rows.all())
    return {state.value: counts[state.value] for state in State if state.value in counts}


def _steps(db: Db, records: list[Any]) -> list[Step]:
    """What waits for its owner, the most pressing first."""
    steps: list[tuple[int, Step]] = []
    for record in records:
        noun, state = publication.noun(record), State(record.state)
        if state is State.RETURNED:
            steps.append((0, Step("returned", noun, record)))
        elif state is State.DRAFT:
            missing = len(blockers(publication.GATES[type(record)](db, record)))
            steps.append((2, Step("complete" if missing else "submit", noun, record, missing)))
        elif state in (State.PUBLISHED, State.ON_HOLD) and record.expires_at and record.expires_at < now() + ENDS_SOON:
            steps.append((1, Step("extend" if publication.may_extend(record, now()) else "ends_soon", noun, record)))
        elif publication.may_revive(record, now()):
            steps.append((3, Step("revive", noun, record)))
    return [step for _rank, step in sorted(steps, key=lambda pair: pair[0])][:8]
