"""Matching every need anew, by as many processes as there are cores. Each need is a transaction of its own and stands
as asked for until it is done, so that a run that was stopped, however rudely, is gone on with.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from uuid import UUID

import structlog
from sqlalchemy import or_, select, text
from sqlalchemy.exc import OperationalError

from backend.core.db import session_scope
from backend.core.memory import settle
from backend.matching import store
from backend.matching.models import MatchRun
from backend.matching.reverse import OPEN
from backend.matching.service import match_need
from backend.matching.words import count_words
from backend.needs.models import Need

log = structlog.get_logger("padan.matching")
HANDED_OUT = 5  # needs a process takes at a time
TRIES = 3  # where another transaction holds the same matches


def rematch_all(*, restart: bool = False, processes: int | None = None) -> Iterator[tuple[int, int]]:
    """Match every open need anew, yielding (done, total). Those that an earlier run left are gone on with; `restart`
    asks for all of them again. A need that cannot be matched stays asked for, and the others go on."""
    waiting = _waiting() if not restart else []
    if not waiting:
        with session_scope() as session:
            count_words(session)
            store.ask(session, list(session.scalars(select(Need.id).where(Need.state.in_(OPEN)))))
        waiting = _waiting()
    yield 0, len(waiting)
    if not waiting:
        return
    count = max(1, min(processes or os.cpu_count() or 1, len(waiting)))
    # Spawned, since a forked process would share its parent's connections. When the parent dies, so do they: their
    # pipe ends.
    with multiprocessing.get_context("spawn").Pool(count, _begin) as pool:
        for done, _ in enumerate(pool.imap_unordered(_match, waiting, chunksize=HANDED_OUT), 1):
            yield done, len(waiting)


def _waiting() -> list[UUID]:
    query = (
        select(Need.id)
        .outerjoin(MatchRun, MatchRun.need_id == Need.id)
        .where(Need.state.in_(OPEN), or_(MatchRun.finished_at.is_(None), MatchRun.finished_at < MatchRun.requested_at))
        .order_by(Need.id)
    )
    with session_scope() as session:
        return list(session.scalars(query))


def _begin() -> None:
    """Once in each process, which was sent here by name and has loaded nothing else."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends them
    settle()


def _match(need_id: UUID) -> bool:
    for _ in range(TRIES):
        try:
            with session_scope() as session:
                # What a crash of the server would lose is only done again: no need to wait for its disk.
                session.execute(text("SET LOCAL synchronous_commit = off"))
                need = session.get(Need, need_id)
                if need is not None:
                    match_need(session, need)
            return True
        except OperationalError as error:  # a deadlock or a lock that is long in coming
            problem: Exception = error
        except Exception as error:
            problem = error
            break
    log.warning("need_not_matched", need=str(need_id), error=str(problem)[:200])
    return False
