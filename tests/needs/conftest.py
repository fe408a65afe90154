from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.needs import service as needs
from backend.needs.models import Need
from backend.publication import service as publication
from tests.needs.examples import need_input


@pytest.fixture
def need(db: Session, bob: Any) -> Need:
    """Bob's complete draft."""
    return needs.create(db, bob.actor, bob.organisation, need_input())


@pytest.fixture
def publish(db: Session, olga: Any) -> Callable[[Any, Any], None]:
    """`publish(record, its_owner)`: through submission and review, as in life."""

    def run(record: Any, who: Any) -> None:
        publication.submit(db, record, actor=who.actor)
        publication.take_up(db, record, actor=olga.actor)
        publication.publish(db, record, actor=olga.actor)

    return run
