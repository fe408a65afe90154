"""Matching every need anew, in transactions of its own so that a run that is stopped is gone on with."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from backend.core.db import session_scope
from backend.matching import store
from backend.matching.models import MatchRun
from backend.matching.reverse import OPEN
from backend.matching.service import match_need
from backend.matching.words import count_words
from backend.needs.models import Need


def rematch_all(*, restart: bool = False, batch: int = 20) -> Iterator[tuple[int, int]]:
    """Match every open need anew in transactions of its own, yielding (done, total). A run that was stopped is gone on
    with: its needs still stand as asked for."""
    waiting = (
        select(Need.id)
        .outerjoin(MatchRun, MatchRun.need_id == Need.id)
        .where(Need.state.in_(OPEN), or_(MatchRun.finished_at.is_(None), MatchRun.finished_at < MatchRun.requested_at))
        .order_by(Need.id)
    )
    with session_scope() as session:
        ids = [] if restart else list(session.scalars(waiting))
        if not ids:
            count_words(session)
            store.ask(session, list(session.scalars(select(Need.id).where(Need.state.in_(OPEN)))))
            session.flush()
            ids = list(session.scalars(waiting))
    yield 0, len(ids)
    for at in range(0, len(ids), batch):
        with session_scope() as session:
            for need_id in ids[at : at + batch]:
                need = session.get(Need, need_id)
                if need is not None:
                    match_need(session, need)
        yield min(at + batch, len(ids)), len(ids)
