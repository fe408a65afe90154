"""Two lives through the application: a listing is published and found, a need is posted, matched and told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.matching.models import Match
from backend.notifications.models import Notification
from backend.publication import service as publication
from tests.listings.examples import WHOLE
from tests.needs.examples import BRIEF, complete


@pytest.fixture
def api(client: Any, db: Session) -> Callable[..., Any]:
    """`api("POST", "/needs", bob, {...})`: call the API as a program of that person."""
    keys: dict[Any, str] = {}

    def call(method: str, path: str, who: Any, body: dict[str, Any] | None = None) -> Any:
        if who.user.id not in keys:
            keys[who.user.id] = tokens.create(db, who.actor, "test", "write", who.organisation)[1]
        headers = {"authorization": f"Bearer {keys[who.user.id]}"}
        return client.request(method, f"/api/v1{path}", json=body, headers=headers)

    return call


@pytest.fixture
def listed(api: Callable[..., Any], db: Session, alice: Any, olga: Any, run_jobs: Callable[[], int]) -> dict[str, Any]:
    """Alice's listing, written and submitted by API, reviewed and published by olga, indexed by the worker."""
    from backend.listings.models import Listing

    made = api("POST", "/listings", alice, WHOLE).json()
    assert api("POST", f"/listings/{made['id']}/submission", alice).json()["state"] == "submitted"
    row = db.scalars(select(Listing)).one()
    publication.take_up(db, row, actor=olga.actor)
    publication.publish(db, row, actor=olga.actor)
    run_jobs()
    return dict(made)


def test_a_published_listing_is_found_by_its_words(
    api: Callable[..., Any], client: Any, listed: dict[str, Any], tita: Any
) -> None:
    found = api("GET", "/listings?q=arsenic+filter", tita).json()

    assert [item["id"] for item in found["items"]] == [listed["id"]]
    assert listed["title"] in client.get(f"/listings/{listed['id']}").text


def test_a_need_in_thai_is_matched_at_once_for_its_author_with_reasons(
    api: Callable[..., Any], listed: dict[str, Any], bob: Any, run_jobs: Callable[[], int]
) -> None:
    need = api("POST", "/needs", bob, BRIEF).json()
    assert api("GET", f"/needs/{need['id']}/matches", bob).json()["status"] == "pending"

    run_jobs()

    answer = api("GET", f"/needs/{need['id']}/matches", bob).json()
    assert answer["status"] == "ready"
    assert answer["items"][0]["listing"] == {"id": listed["id"], "title": listed["title"], "owner_country": "VN"}
    verdicts = {reason["verdict"] for reason in answer["items"][0]["reasons"]}
    assert verdicts >= {"MATCH", "UNKNOWN"}


def test_the_owner_hears_of_a_match_only_once_the_need_is_published_and_only_once(
    api: Callable[..., Any], db: Session, listed: dict[str, Any], alice: Any, bob: Any, olga: Any,
    run_jobs: Callable[[], int],
) -> None:
    from backend.needs.models import Need

    made = api("POST", "/needs", bob, complete()).json()
    run_jobs()
    assert told(db, alice) == []

    assert api("POST", f"/needs/{made['id']}/submission", bob).json()["state"] == "submitted"
    need = db.scalars(select(Need)).one()
    publication.take_up(db, need, actor=olga.actor)
    publication.publish(db, need, actor=olga.actor)
    run_jobs()
    publication.hold(db, need, actor=bob.actor)
    publication.resume(db, need, actor=bob.actor)
    run_jobs()

    assert len(told(db, alice)) == len(told(db, bob)) == 1
    assert db.scalars(select(Match)).one().owner_told_at is not None


def told(db: Session, who: Any) -> list[str]:
    query = select(Notification.key).where(Notification.user_id == who.user.id, Notification.verb.like("match.%"))
    return list(db.scalars(query))
