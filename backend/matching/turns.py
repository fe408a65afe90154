"""How often each owner was shown of late, kept as one row per owner and day.

A day's order rests on the days before it alone. So a list stays as it is through the day however often anything is
matched anew, measuring a day twice gives the same rows, and no match ever waits for another's lock. Only the lists of
published needs of other organisations count: nobody can wear out a rival's turn with needs that no reviewer has read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from backend.listings.models import Listing
from backend.matching.exposure import WINDOW, Standing, Tally, tally
from backend.matching.models import ExposureDay, Match
from backend.needs.models import Need
from backend.publication.states import State

_WRITE = text(
    """
    INSERT INTO exposure_day (organisation_id, day, exposure)
    SELECT organisation_id, CAST(:day AS date), exposure
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (organisation_id uuid, exposure float8)
    """
)


def shown_before(session: Session, day: date, owners: Collection[UUID] | None = None) -> dict[UUID, float]:
    """Each owner's exposure over the window that ends the day before."""
    query = (
        select(ExposureDay.organisation_id, func.sum(ExposureDay.exposure))
        .where(ExposureDay.day < day, ExposureDay.day >= day - WINDOW)
        .group_by(ExposureDay.organisation_id)
    )
    if owners is not None:
        query = query.where(ExposureDay.organisation_id.in_(owners))
    return {row[0]: float(row[1]) for row in session.execute(query)}


def measure(session: Session, day: date) -> dict[UUID, Tally]:
    """Write what each owner is shown on this day, and return it with the merit beside it. Runs twice to the same end.

    A new installation has no yesterday: its first measure stands for that, so that turns are taken from the start.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('matching.turns'))"))
    if session.scalar(select(ExposureDay.day).where(ExposureDay.day < day).limit(1)) is None:
        _write(session, day - timedelta(days=1), tally(_lists(session), {}))
    found = tally(_lists(session), shown_before(session, day))
    session.execute(delete(ExposureDay).where(ExposureDay.day < day - WINDOW))
    _write(session, day, found)
    return found


def _write(session: Session, day: date, found: dict[UUID, Tally]) -> None:
    session.execute(delete(ExposureDay).where(ExposureDay.day == day))
    rows = [{"organisation_id": str(owner), "exposure": round(one.exposure, 6)} for owner, one in found.items()]
    if rows:
        session.execute(_WRITE, {"rows": json.dumps(rows), "day": day})


def _lists(session: Session) -> Iterator[list[Standing]]:
    """The list of each published need, read as a stream: a hundred thousand of them never stand in memory at once."""
    rows = session.execute(
        select(Match.need_id, Match.id, Listing.organisation_id, Match.score)
        .join(Need, Need.id == Match.need_id)
        .join(Listing, Listing.id == Match.listing_id)
        .where(
            Need.state == State.PUBLISHED.value,
            Match.score > 0,
            Listing.state == State.PUBLISHED.value,
            Listing.open_for_interest.is_(True),
            Listing.organisation_id != Need.organisation_id,
        )
        .order_by(Match.need_id),
        execution_options={"yield_per": 5_000},
    )
    for _need, mine in groupby(rows, key=lambda row: row.need_id):
        yield [Standing(row.id, row.organisation_id, float(row.score)) for row in mine]
