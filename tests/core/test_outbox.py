"""An event, its row and its job live or die together; one waiting job under a lock is enough."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from backend.core import jobs
from backend.core.db import session_scope
from backend.core.events import Event, history, record
from backend.core.jobs import enqueue
from tests.conftest import make_person

WAITING = text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo'")


def test_an_event_says_who_did_what_and_leaves_one_job(db: Session, alice: Any) -> None:
    event = record(db, "organisation.changed", alice.organisation, actor=alice.user, data={"name": "x"})
    assert [(e.verb, e.subject_kind, e.actor_id, e.data) for e in history(db, alice.organisation)] == [
        ("organisation.changed", "organisation", alice.user.id, {"name": "x"})
    ]
    assert [tuple(row) for row in db.execute(WAITING)] == [("react", {"event_id": str(event.id)})]


def test_bulk_work_leaves_no_job_of_its_own(db: Session, alice: Any) -> None:
    record(db, "organisation.changed", alice.organisation, react=False)
    assert db.execute(WAITING).all() == []


def test_what_is_rolled_back_leaves_neither_event_nor_job(clean_database: Engine, password_hash: str) -> None:
    def half_way() -> None:
        with session_scope() as session:
            who = make_person(session, password_hash, "rolf", "SG", "msme_small")
            record(session, "organisation.changed", who.organisation, actor=who.user)
            enqueue(session, "react", event_id="x")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        half_way()
    with session_scope() as session:
        assert session.query(Event).count() == 0
        assert session.execute(WAITING).all() == []
        assert session.scalar(text("SELECT count(*) FROM organisation")) == 0


def test_what_is_committed_leaves_both(clean_database: Engine, password_hash: str) -> None:
    with session_scope() as session:
        who = make_person(session, password_hash, "rolf", "SG", "msme_small")
        record(session, "organisation.changed", who.organisation, actor=who.user)
    with session_scope() as session:
        assert (session.query(Event).count(), len(session.execute(WAITING).all())) == (1, 1)


def test_a_second_job_under_a_lock_leaves_the_transaction_usable(db: Session, alice: Any) -> None:
    enqueue(db, "react", queueing_lock="one", event_id="a")
    alice.user.name = "Renamed"
    enqueue(db, "react", queueing_lock="one", event_id="b")
    db.flush()
    assert [row.args for row in db.execute(WAITING)] == [{"event_id": "a"}]
    assert db.scalar(text("SELECT name FROM user_account WHERE id = :id"), {"id": alice.user.id}) == "Renamed"


def race(work: Callable[[Session, threading.Barrier], None], runners: int = 4) -> list[BaseException]:
    barrier, failures = threading.Barrier(runners), list[BaseException]()

    def run() -> None:
        try:
            with session_scope() as session:
                work(session, barrier)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failures


def test_of_many_who_enqueue_at_once_under_a_lock_one_does(clean_database: Engine) -> None:
    def work(session: Session, barrier: threading.Barrier) -> None:
        session.connection()
        barrier.wait(20)
        enqueue(session, "react", queueing_lock="race", event_id="x")

    assert race(work) == []
    with session_scope() as session:
        assert len(session.execute(WAITING).all()) == 1


def test_control_without_the_lock_each_of_them_does(clean_database: Engine) -> None:
    """The race is real: looking first and adding then lets every one of them through."""

    def work(session: Session, barrier: threading.Barrier) -> None:
        waiting = session.execute(WAITING).all()
        barrier.wait(20)
        if not waiting:
            enqueue(session, "react", event_id="x")

    assert race(work) == []
    with session_scope() as session:
        assert len(session.execute(WAITING).all()) == 4


def test_every_task_that_is_enqueued_by_name_is_registered() -> None:
    import re
    from pathlib import Path

    import backend.worker  # noqa: F401 - registers every task

    sources = [path.read_text() for path in (Path(__file__).parent.parent.parent / "backend").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r"\benqueue\(\s*\w+,\s*\"([a-z_.]+)\"", source)}
    assert named
    assert named <= set(jobs.TASKS)
