"""A match as both sides read and answer it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.listings.models import Listing
from backend.matching.models import Match, MatchFeedback
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.publication import service as publication


def answers(db: Session) -> list[tuple[str, bool, str | None]]:
    return [(row.side, row.useful, row.reason) for row in db.scalars(select(MatchFeedback))]


def test_the_owner_sees_a_match_only_once_told(
    db: Session, client: Any, match: Match, alice: Any, bob: Any, sign_in: Any, publish: Any
) -> None:
    sign_in(client, alice)
    assert client.get(f"/matches/{match.id}").status_code == 404
    publish(match.need, bob)
    notifications.tell_match(db, match)
    page = client.get(f"/matches/{match.id}")
    assert page.status_code == 200
    assert match.need.title in page.text


def test_an_anonymous_seekers_name_is_not_shown_to_the_owner(
    db: Session, client: Any, match: Match, alice: Any, bob: Any, sign_in: Any, publish: Any
) -> None:
    match.need.anonymous = True
    publish(match.need, bob)
    notifications.tell_match(db, match)
    sign_in(client, alice)
    assert bob.organisation.name not in client.get(f"/matches/{match.id}").text


def test_a_stranger_does_not_learn_of_a_match(client: Any, match: Match, charlie: Any, sign_in: Any) -> None:
    sign_in(client, charlie)
    assert client.get(f"/matches/{match.id}").status_code == 404


def test_a_match_is_called_useful_in_one_step(
    db: Session, client: Any, match: Match, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    answer = submit(client, f"/matches/{match.id}/feedback", useful="yes", _back=f"/needs/{match.need_id}")
    assert answer.headers["location"] == f"/needs/{match.need_id}"
    assert answers(db) == [("seeker", True, None)]


def test_not_useful_asks_for_a_reason_and_answering_again_replaces_it(
    db: Session, client: Any, match: Match, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    assert submit(client, f"/matches/{match.id}/feedback", useful="no").status_code == 422
    submit(client, f"/matches/{match.id}/feedback", useful="no", reason="already_have")
    submit(client, f"/matches/{match.id}/feedback", useful="no", reason="too_early", note="Come back in a year")
    assert answers(db) == [("seeker", False, "too_early")]


def test_a_listing_that_left_the_market_leaves_the_list(
    db: Session, client: Any, match: Match, listing: Listing, alice: Any, bob: Any, sign_in: Any
) -> None:
    bob.user.locale = "en"
    sign_in(client, bob)
    assert listing.title in client.get("/matches").text
    publication.hold(db, listing, actor=alice.actor)
    assert listing.title not in client.get("/matches").text


def test_looking_at_a_match_marks_its_notification_as_read(
    db: Session, client: Any, match: Match, bob: Any, sign_in: Any
) -> None:
    notifications.tell_match(db, match)
    sign_in(client, bob)
    client.get(f"/matches/{match.id}")
    assert notifications.unread_count(db, bob.user.id) == 0


def test_every_reason_has_words_of_its_own(
    client: Any, match: Match, need: Need, bob: Any, db: Session, sign_in: Any
) -> None:
    codes = [
        "text_similarity", "shared_words", "class", "territory", "deal_type", "exclusivity", "terms", "stage",
        "requirement", "right_kind", "sector", "sdg", "language", "green",
    ]
    facts = {
        "need": "x", "listing": "y", "state": "TH", "status": "not_checked", "words": ["husk"], "fields": [],
        "asked": {"parameter": "Heat", "operator": "at_most", "value": "5", "unit": "K"},
    }
    match.reasons = [
        {"code": code, "verdict": verdict, "weight": 0.1, "data": facts, "evidence": {}}
        for code in codes
        for verdict in ("MATCH", "GAP", "UNKNOWN")
    ]
    db.flush()
    bob.user.locale = "en"
    sign_in(client, bob)
    page = client.get(f"/matches/{match.id}")
    assert page.status_code == 200
    assert "Another point that was compared" not in page.text
