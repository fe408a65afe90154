"""Matching everything anew is done by several processes, and goes on after a run that was killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.ids import new_id
from backend.matching.models import MatchRun
from backend.needs.models import Need
from tests.conftest import _url

NEEDS, DONE = 16, 4
# Killed as a machine that loses its power: nothing is tidied up.
RUN = """
import os, signal
from backend.matching.rematch import rematch_all

for done, total in rematch_all(processes=2):
    print(done, total, flush=True)
    if done == int(os.environ["KILLED_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def market() -> Iterator[str]:
    """The address of a database of its own, with needs that nobody has matched yet."""
    template = os.environ["PADAN_TEST_TEMPLATE"]
    name = f"{template}_rematch_{os.getpid()}"
    admin = create_engine(_url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine = create_engine(_url(name))
    with Session(engine) as session, session.begin():
        seeker = Organisation(id=new_id(), name="Seeker", kind="university", country="TH")
        session.add(seeker)
        session.add_all(
            Need(id=new_id(), reference=f"N{number}", organisation=seeker, title=f"Dryer for paddy rice, size {number}")
            for number in range(NEEDS)
        )
    engine.dispose()
    yield _url(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def run(market: str, *, killed_at: int = -1) -> tuple[int, list[tuple[int, int]]]:
    """How a run of its own ended, and what it said of how far it was: (done, total)."""
    environment = {**os.environ, "DATABASE_URL": market, "KILLED_AT": str(killed_at)}
    ended = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    said = [line.split() for line in ended.stdout.splitlines()]
    return ended.returncode, [(int(done), int(total)) for done, total in said]


def finished(market: str) -> dict[object, datetime]:
    engine = create_engine(market)
    with Session(engine) as session:
        done = select(MatchRun.need_id, MatchRun.finished_at).where(MatchRun.finished_at >= MatchRun.requested_at)
        found = {need_id: at for need_id, at in session.execute(done) if at is not None}
    engine.dispose()
    return found


def test_a_run_that_was_killed_is_gone_on_with(market: str) -> None:
    assert run(market, killed_at=DONE)[0] == -signal.SIGKILL
    before = finished(market)
    assert len(before) >= DONE
    code, said = run(market)
    assert code == 0
    assert said[-1][0] == said[-1][1] <= NEEDS - DONE  # what was done is not done again
    after = finished(market)
    assert len(after) == NEEDS
    assert {need_id: after[need_id] for need_id in before} == before


def test_a_run_after_one_that_ended_matches_everything_anew(market: str) -> None:
    assert run(market)[1][-1] == (NEEDS, NEEDS)
    assert run(market)[1][-1] == (NEEDS, NEEDS)
