from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.listings import service as listings
from backend.listings.models import Listing
from backend.publication import service as publication
from tests.listings.examples import whole


@pytest.fixture
def listing(db: Session, alice: Any) -> Listing:
    """Alice's complete draft."""
    return listings.create(db, alice.actor, alice.organisation, whole())


@pytest.fixture
def published(db: Session, listing: Listing, alice: Any, olga: Any) -> Listing:
    publication.submit(db, listing, actor=alice.actor)
    publication.take_up(db, listing, actor=olga.actor)
    publication.publish(db, listing, actor=olga.actor)
    return listing


@pytest.fixture
def verbs_of(db: Session) -> Callable[[Any], list[str]]:
    from backend.core.events import history

    return lambda record: [event.verb for event in history(db, record)]
