from collections.abc import Callable
from typing import Any, Literal

import pytest
from sqlalchemy.orm import Session

from backend.accounts import tokens
from tests.needs.conftest import need, publish  # noqa: F401
from tests.publication.conftest import listing, published  # noqa: F401

PREFIX = "/api/v1"


@pytest.fixture
def bearer(db: Session) -> Callable[..., dict[str, str]]:
    """`bearer(alice)`: the headers of a program acting for alice."""

    def headers(person: Any, scope: Literal["read", "write"] = "write") -> dict[str, str]:
        _row, raw = tokens.create(db, person.actor, "test", scope, person.organisation)
        db.flush()
        return {"authorization": f"Bearer {raw}"}

    return headers
