"""Two workers tell the same person the same fact at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.core.ids import new_id
from backend.notifications import service as notifications
from backend.notifications.models import Notification


def at_the_same_moment(engine: Engine, act: Callable[[Session, User, threading.Barrier], None]) -> list[Exception]:
    """Run `act` in two transactions at once; returns what went wrong."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        user = User(id=new_id(), email=f"{new_id()}@race.example", name="Race", password_hash="-", notify="at_once")
        session.add(user)
    barrier, wrong = threading.Barrier(2, timeout=20), []

    def run() -> None:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                act(session, user, barrier)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return wrong


def how_many(engine: Engine) -> Any:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Notification))


def test_they_are_told_once(clean_database: Engine) -> None:
    def tell(session: Session, user: User, barrier: threading.Barrier) -> None:
        barrier.wait()
        notifications.tell(session, user, "fact:1", "need.published", {}, "/")

    assert at_the_same_moment(clean_database, tell) == []
    assert how_many(clean_database) == 1


def test_control_looking_first_and_writing_then_fails(clean_database: Engine) -> None:
    def tell(session: Session, user: User, barrier: threading.Barrier) -> None:
        known = session.scalar(select(Notification).where(Notification.user_id == user.id))
        barrier.wait()
        if known is None:
            session.add(Notification(user_id=user.id, key="fact:1", verb="need.published", data={}, url="/"))

    assert [type(error) for error in at_the_same_moment(clean_database, tell)] == [IntegrityError]
