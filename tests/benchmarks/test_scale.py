"""Matching in markets of 10,000 and 100,000 listings and 20,000 needs (PADAN_SCALE=10000,100000,300000 for one more).

Wall-clock figures stand beside the bare work of the same run; notes give the processor's own time, this process's and
the database's, which a busy machine does not stretch.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core import db as core_db
from backend.core.clock import now
from backend.core.ids import new_id
from backend.core.memory import settle
from backend.language.detect import detect
from backend.language.embedder import embedder
from backend.listings.models import Listing
from backend.matching.candidates import candidates, exact_nearest
from backend.matching.profile import Profile, need_text, profile_of_need
from backend.matching.rematch import rematch_all
from backend.matching.service import match_listing, match_need
from backend.matching.words import Vocabulary, WantedWords, count_words
from backend.needs.models import Need
from tests.benchmarks import curve, markets
from tests.benchmarks.asked import mixed
from tests.benchmarks.conftest import BENCH
from tests.benchmarks.measuring import Figure, Report, Spread, timed
from tests.benchmarks.processes import processor_seconds

LARGE = max((size for size in markets.SIZES if size <= 100_000), default=0)
WARM, RUNS, LISTINGS = 5, 60, 40
NOTHING = WantedWords((), {}, 0.0, Vocabulary())
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "one state": {"states": frozenset({"LA"})},
    "TRL of 8": {"trl": 8},
    "one deal type": {"deal_types": frozenset({"joint_venture"})},
    "all three": {"states": frozenset({"LA"}), "trl": 8, "deal_types": frozenset({"joint_venture"})},
}


@dataclass
class Cost:
    """What each run took, in milliseconds by the clock, and the processor's own time of all of them."""

    clock: list[float]
    mine: float = 0.0
    database: float = 0.0

    @property
    def processor(self) -> float:
        """Milliseconds of either processor a run."""
        return (self.mine + self.database) * 1000 / len(self.clock)

    def note(self) -> str:
        each = 1000 / len(self.clock)
        return f"processor time {self.mine * each:.0f} ms here, {self.database * each:.0f} ms in the database"


NEED_COSTS: dict[int, Cost] = {}
LISTING_COSTS: dict[int, Cost] = {}


@pytest.fixture(scope="module", params=markets.SIZES)
def size(request: pytest.FixtureRequest, report: Report) -> int:
    markets.ready(request.param, report)
    embedder().query(["warm"])
    settle()
    return int(request.param)


def test_one_need_is_matched_in_200_ms(size: int, report: Report) -> None:
    cost, bare = Cost([]), Cost([])
    for number, (title, description) in enumerate(mixed(RUNS + WARM + 1)[: RUNS + WARM]):
        with _session() as (session, backend):
            need = _need(session, title, description)
            counted = number >= WARM
            _run(cost if counted else Cost([]), backend, partial(match_need, session, need))
            _run(bare if counted else Cost([]), backend, partial(embedder().query, [need_text(need) + " "]))
    NEED_COSTS[size] = cost
    report.add(
        Figure(
            f"one need among {size:,} listings, embedding included", "ms", Spread.of(cost.clock), 200,
            "bare embedding", Spread.of(bare.clock), note=f"{cost.note()}; embedding alone {bare.processor:.0f} ms",
        )
    )  # fmt: skip


def test_a_new_listing_meets_20_000_needs_in_300_ms(size: int, report: Report) -> None:
    cost, bare = Cost([]), Cost([])
    with core_db.session_scope() as session:
        ids = list(session.scalars(text("SELECT id FROM listing ORDER BY md5(id::text) LIMIT :most"),
                                   {"most": LISTINGS + WARM}))  # fmt: skip
    nearest = text(
        "SELECT id FROM search_document WHERE kind = 'need' ORDER BY vector <=>"
        " (SELECT vector FROM search_document WHERE id = :id) LIMIT 200"
    )
    for number, key in enumerate(ids):
        with _session() as (session, backend):
            # As new: nothing has been matched with it.
            session.execute(text("DELETE FROM match WHERE listing_id = :id"), {"id": key})
            listing = session.get_one(Listing, key)
            counted = number >= WARM
            _run(cost if counted else Cost([]), backend, partial(match_listing, session, listing))
            _run(bare if counted else Cost([]), backend, partial(session.execute, nearest, {"id": key}))
    LISTING_COSTS[size] = cost
    report.add(
        Figure(
            f"one of {size:,} listings with 20,000 needs", "ms", Spread.of(cost.clock), 300, "the nearest 200 in SQL",
            Spread.of(bare.clock), note=cost.note(),
        )
    )  # fmt: skip


def test_the_nearest_candidates_are_those_of_an_exact_search(size: int, report: Report) -> None:
    with _session() as (session, _):
        needs = session.query(Need).order_by(Need.reference).limit(24).all()
        vectors = embedder().query([f"{title}\n{text_}"[:360] for title, text_ in mixed(24)])
        asking = [profile_of_need(need, vector, read=False) for need, vector in zip(needs[:12], vectors, strict=False)]
        stored = text("SELECT CAST(vector AS text) FROM search_document WHERE id = :id")
        for need in needs[12:]:
            asking.append(profile_of_need(need, _numbers(session.scalar(stored, {"id": need.id})), read=False))
        for name, fields in FILTERS.items():
            found, took, exact_took = [], [], []
            for one in asking:
                profile = _only(one, fields)
                began = perf_counter()
                rows = candidates(session, profile, NOTHING, at=now()).rows
                took.append((perf_counter() - began) * 1000)
                near = sorted(rows, key=lambda row: -(row.cosine or 0.0))[:200]
                began = perf_counter()
                exact = exact_nearest(session, profile, at=now(), most=200)
                exact_took.append((perf_counter() - began) * 1000)
                found.append(len({row.row.id for row in near} & set(exact)) / max(1, len(exact)))
            report.add(
                Figure(
                    f"recall of 200 among {size:,}, {name}", "%", Spread(100 * sum(found) / len(found), 0, 1), 98,
                    "", None, at_least=True,
                    note=f"least {100 * min(found):.0f} %; {Spread.of(took)} ms, exact {Spread.of(exact_took)} ms",
                )
            )  # fmt: skip


def test_matching_all_anew_does_20_needs_a_second(size: int, report: Report) -> None:
    if size != LARGE:
        pytest.skip("measured at one size")
    rates = {}
    for processes, count in ((1, 100), (None, 400)):
        with core_db.session_scope() as session:
            session.execute(
                text(
                    "INSERT INTO match_run (need_id, requested_at, finished_at, refused)"
                    " SELECT id, now(),"
                    " CASE WHEN row_number() OVER (ORDER BY md5(id::text || :salt)) > :count THEN now() END, '[]'"
                    " FROM need ON CONFLICT (need_id) DO UPDATE SET requested_at = excluded.requested_at,"
                    " finished_at = excluded.finished_at"
                ),
                {"count": count, "salt": str(now())},
            )
        began, first = perf_counter(), 0.0
        for done, total in rematch_all(processes=processes):
            assert total == count
            first = perf_counter() if done == 1 else first
        rates[processes] = (count - 1) / (perf_counter() - first)
        report.note(f"{processes or 'all'} processes: {count} needs, {first - began:.1f} s until the first was done.")
    report.add(
        Figure(
            f"padan rematch among {size:,} listings", "needs/s", Spread(rates[None], 0, 1), 20, "one process",
            Spread(rates[1], 0, 1), at_least=True,
        )
    )  # fmt: skip


def test_counting_words_leaves_others_alone(size: int, report: Report) -> None:
    before, during = Cost([]), Cost([])
    counted: list[float] = []

    def count() -> None:
        with Session(core_db.engine()) as session:
            counted.append(timed(lambda: count_words(session)))
            session.rollback()

    with core_db.session_scope() as session:
        ids = list(session.scalars(text("SELECT id FROM listing ORDER BY md5(id::text) LIMIT 12")))
    for cost in (before, during):
        counting = threading.Thread(target=count)
        if cost is during:
            counting.start()
        for key in ids:
            with _session() as (session, backend):
                listing = session.get_one(Listing, key)
                _run(cost, backend, partial(match_listing, session, listing))
        if cost is during:
            counting.join()
    report.add(
        Figure(
            f"a listing matched while the words of {size:,} are counted", "ms", Spread.of(during.clock), None,
            "while they are not", Spread.of(before.clock), note=f"counting took {counted[0] / 1000:.1f} s",
        )
    )  # fmt: skip


def test_the_cost_grows_no_faster_than_the_logarithm(report: Report) -> None:
    sizes = sorted(NEED_COSTS)
    if len(sizes) < 2:
        pytest.skip("needs more than one size")
    for name, costs in (("one need", NEED_COSTS), ("one listing", LISTING_COSTS)):
        first, last = sizes[0], sizes[-1]
        allowed = math.log(last) / math.log(first)
        grown = costs[last].processor / costs[first].processor
        report.add(
            Figure(
                f"growth of {name} from {first:,} to {last:,}", "x", Spread(grown, grown, 1), None,
                "the logarithm's", Spread(allowed, allowed, 1),
                note=", ".join(f"{size:,}: {costs[size].processor:.0f} ms" for size in sizes) + " of processor time",
            )
        )  # fmt: skip
    lines = {
        "one need": [(size, NEED_COSTS[size].processor) for size in sizes],
        "one listing, 20,000 needs": [(size, LISTING_COSTS[size].processor) for size in sizes if size in LISTING_COSTS],
    }
    into = Path(BENCH) / "growth.svg"
    into.write_text(curve.svg("Processor time of a matching, ms, by listings", lines), encoding="utf-8")
    report.note(f"The curve is {into}.")


@contextmanager
def _session() -> Iterator[tuple[Session, int]]:
    """A transaction that leaves nothing, and the process of the database that serves it."""
    with Session(core_db.engine(), expire_on_commit=False) as session:
        yield session, int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
        session.rollback()


def _run(cost: Cost, backend: int, work: Callable[[], Any]) -> None:
    mine, database, began = process_time(), processor_seconds(backend), perf_counter()
    work()
    cost.clock.append((perf_counter() - began) * 1000)
    cost.mine += process_time() - mine
    cost.database += processor_seconds(backend) - database


def _need(session: Session, title: str, description: str) -> Need:
    seeker = Organisation(id=new_id(), name="Seeker", kind="university", country="TH")
    need = Need(
        id=new_id(), reference=new_id().hex, organisation=seeker, title=title, description=description,
        language=detect(description)[0], used_in=["TH"],
    )  # fmt: skip
    session.add_all([seeker, need])
    session.flush()
    return need


def _only(one: Profile, fields: dict[str, Any]) -> Profile:
    """With these wishes and no other."""
    none: dict[str, Any] = {"states": frozenset(), "trl": None, "deal_types": frozenset(), "classes": frozenset()}
    return replace(one, deadline=None, country=None, **{**none, **fields})


def _numbers(vector: str | None) -> Any:
    import numpy as np

    return np.array((vector or "").strip("[]").split(","), dtype=np.float32)
