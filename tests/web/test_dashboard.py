"""The dashboard says what to do next."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.listings.models import Listing
from backend.matching.models import Match
from backend.needs import service as needs
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.notifications import service as notifications
from backend.publication import service as publication
from tests.needs.examples import BRIEF


def page_of(client: Any, person: Any, sign_in: Any) -> str:
    person.user.locale = "en"
    sign_in(client, person)
    answer = client.get("/dashboard")
    assert answer.status_code == 200
    return str(answer.text)


def test_a_newcomer_is_shown_where_to_begin(client: Any, charlie: Any, sign_in: Any) -> None:
    page = page_of(client, charlie, sign_in)
    assert "Welcome to Padan" in page
    assert 'href="/needs/new"' in page


def test_who_is_not_signed_in_is_asked_to(client: Any) -> None:
    assert client.get("/dashboard").headers["location"] == "/login?next=%2Fdashboard"


def test_a_draft_says_how_many_answers_are_missing(db: Session, client: Any, bob: Any, sign_in: Any) -> None:
    needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))
    assert "A draft: 11 more answers before it can be published." in page_of(client, bob, sign_in)


def test_a_complete_draft_is_to_be_handed_in(client: Any, need: Need, bob: Any, sign_in: Any) -> None:
    assert "A draft that is complete." in page_of(client, bob, sign_in)


def test_what_came_back_from_review_stands_first(
    db: Session, client: Any, need: Need, bob: Any, olga: Any, sign_in: Any
) -> None:
    publication.submit(db, need, actor=bob.actor)
    publication.take_up(db, need, actor=olga.actor)
    publication.give_back(db, need, actor=olga.actor, reason="unclear")
    needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))
    page = page_of(client, bob, sign_in)
    assert page.index("A reviewer gave it back") < page.index("A draft: 11")


def test_what_ends_soon_can_be_extended(db: Session, client: Any, listing: Listing, alice: Any, sign_in: Any) -> None:
    listing.expires_at = now() + timedelta(days=20)
    db.flush()
    assert "You can extend it now." in page_of(client, alice, sign_in)


def test_matches_stand_on_both_dashboards(
    db: Session, client: Any, match: Match, alice: Any, bob: Any, sign_in: Any, publish: Any
) -> None:
    publish(match.need, bob)
    notifications.tell_match(db, match)
    assert match.listing.title in page_of(client, bob, sign_in)
    owners = page_of(client, alice, sign_in)
    assert "New matches for my listings" in owners
    assert match.need.title in owners
