"""How long matching one need takes, embedding and writing included, beside the bare embedding of the same text."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core import db as core_db
from backend.core.ids import new_id
from backend.core.memory import settle
from backend.language.embedder import embedder
from backend.matching.profile import need_text
from backend.matching.service import match_need
from backend.needs.models import Need
from tests.benchmarks.asked import mixed
from tests.benchmarks.conftest import Bench
from tests.benchmarks.measuring import Figure, Report, Spread, timed

NEEDS = 60
COUNTRY = "TH"


def test_matching_one_need_takes_150_ms(bench: Bench, report: Report) -> None:
    took: list[float] = []
    bare: list[float] = []
    used = embedding = 0.0
    embedder().query(["warm"])
    settle()  # as a worker does at its start
    texts = mixed(NEEDS)
    for number, (title, description) in enumerate([*texts[:4], *texts]):
        with Session(core_db.engine(), expire_on_commit=False) as session:
            seeker = Organisation(id=new_id(), name=f"Seeker {number}", kind="university", country=COUNTRY)
            need = Need(
                id=new_id(), reference=new_id().hex, organisation=seeker, title=title, description=description,
                language="en", used_in=[COUNTRY],
            )
            session.add_all([seeker, need])
            session.flush()
            began, start = time.perf_counter(), time.process_time()
            matches = match_need(session, need)
            session.flush()
            whole, mine = (time.perf_counter() - began) * 1000, time.process_time() - start
            assert matches
            start = time.process_time()
            alone = timed(lambda need=need: embedder().query([need_text(need) + " "]))
            if number >= 4:  # the first few warm the database's memory and the embedder's
                took.append(whole)
                bare.append(alone)
                used += mine
                embedding += time.process_time() - start
            session.rollback()
    rest = Spread.of([whole - alone for whole, alone in zip(took, bare, strict=True)])
    report.add(
        Figure(
            "matching one need, embedding included", "ms", Spread.of(took), 150, "bare embedding", Spread.of(bare),
            note=f"the rest {rest} ms, {(used - embedding) / NEEDS * 1000:.0f} of them this process's own work",
        )
    )  # fmt: skip
