from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core import mail as post
from backend.listings import service as listings
from backend.listings.models import Listing
from backend.matching.models import Match
from backend.needs.models import Need
from tests.listings.examples import whole
from tests.needs.conftest import need, publish  # noqa: F401


@pytest.fixture
def listing(db: Session, alice: Any, publish: Any) -> Listing:  # noqa: F811
    """Alice's published listing."""
    listing = listings.create(db, alice.actor, alice.organisation, whole())
    publish(listing, alice)
    return listing


@pytest.fixture
def match(db: Session, need: Need, listing: Listing) -> Match:  # noqa: F811
    match = Match(need=need, listing=listing, score=0.8, reasons=[])
    db.add(match)
    db.flush()
    return match


@pytest.fixture
def forget_jobs(db: Session) -> Callable[[], None]:
    """Leave undone what the preparation enqueued, so that a test sees only its own jobs."""

    def forget() -> None:
        db.flush()
        db.execute(text("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'"))

    return forget


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """(to, subject, text) of every mail sent."""
    sent: list[tuple[str, str, str]] = []
    monkeypatch.setattr(post, "send", lambda to, subject, text, html: sent.append((to, subject, text)))
    return sent


@pytest.fixture
def keys_of(db: Session) -> Callable[[Any], list[str]]:
    from sqlalchemy import select

    from backend.notifications.models import Notification

    def read(person: Any) -> list[str]:
        mine = select(Notification.key).where(Notification.user_id == person.user.id)
        return list(db.scalars(mine.order_by(Notification.created_at, Notification.id)))

    return read
