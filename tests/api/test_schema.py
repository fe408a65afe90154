"""Whatever the description of the API allows, and much that it does not, is sent; the answers must be as described."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from sqlalchemy.orm import Session

from backend.accounts import ratelimit
from backend.app import create
from backend.deps import db_session
from backend.listings.models import Listing
from backend.needs.models import Need

APPLICATION = create()


def described(*phases: str) -> Any:
    chosen = {name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")}
    config = SchemathesisConfig.from_dict({"phases": chosen})
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", APPLICATION, config=config)


thorough, quick = described("examples", "coverage", "fuzzing"), described("fuzzing")


@pytest.fixture(autouse=True)
def same_session(db: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On this test's own connection. The API's limits are tested elsewhere; here they would end every run."""

    def session() -> Iterator[Session]:
        with db.begin_nested():
            yield db
        db.expire_all()

    monkeypatch.setattr(ratelimit, "check", lambda *_args, **_kwargs: None)
    APPLICATION.dependency_overrides[db_session] = session
    yield
    APPLICATION.dependency_overrides.clear()


# What a business rule refuses is valid to the description; that tokens are asked for is tested beside this.
NOT_HERE = [positive_data_acceptance, ignored_auth]
few = settings(
    max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def tokens(alice: Any, bob: Any, bearer: Callable[..., dict[str, str]]) -> dict[str, dict[str, str]]:
    return {"listings": bearer(alice), "needs": bearer(bob)}


def aim(case: Any, rows: list[Any]) -> None:
    """Let half of the well-formed identifiers be those of rows that exist."""
    try:
        key = UUID(str((case.path_parameters or {}).get("id")))
    except ValueError:
        return
    row = next((row for row in rows if f"/{row.__tablename__}s/" in case.operation.path), None)
    if row is not None and key.int % 2 == 0:
        case.path_parameters["id"] = str(row.id)


@thorough.parametrize()
@few
def test_a_program_with_a_token_is_answered_as_described(
    case: Any, listing: Listing, need: Need, tokens: dict[str, dict[str, str]]
) -> None:
    aim(case, [listing, need])
    headers = tokens["needs" if "/needs" in case.operation.path else "listings"]

    case.call_and_validate(headers=headers, excluded_checks=NOT_HERE)


@quick.parametrize()
@few
def test_a_stranger_is_answered_as_described(case: Any, published: Listing, need: Need) -> None:
    aim(case, [published, need])

    case.call_and_validate(excluded_checks=NOT_HERE)
