"""The page of notifications, and marking them as read."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.matching.models import Match
from backend.notifications import service as notifications
from backend.notifications.models import Notification


def test_one_reads_what_one_was_told(db: Session, client: Any, match: Match, bob: Any, sign_in: Any) -> None:
    bob.user.locale = "en"
    notifications.tell_match(db, match)
    sign_in(client, bob)
    page = client.get("/notifications").text
    assert "A listing from Viet Nam may fit your need" in page
    assert match.listing.title in page


def test_the_number_of_unread_ones_stands_in_the_menu(
    db: Session, client: Any, match: Match, bob: Any, sign_in: Any
) -> None:
    notifications.tell_match(db, match)
    sign_in(client, bob)
    assert '<span class="unread">1' in client.get("/notifications").text


def test_all_are_marked_as_read(db: Session, client: Any, match: Match, bob: Any, sign_in: Any, submit: Any) -> None:
    notifications.tell_match(db, match)
    sign_in(client, bob)
    assert submit(client, "/notifications/reading").status_code == 303
    assert notifications.unread_count(db, bob.user.id) == 0


def test_nobody_marks_what_another_was_told(
    db: Session, client: Any, match: Match, bob: Any, charlie: Any, sign_in: Any, submit: Any
) -> None:
    notifications.tell_match(db, match)
    told = db.scalars(select(Notification)).one()
    sign_in(client, charlie)
    assert submit(client, f"/notifications/{told.id}/reading").status_code == 404
    sign_in(client, bob)
    assert submit(client, f"/notifications/{told.id}/reading").status_code == 303
    assert told.read_at is not None


def test_an_empty_page_says_what_will_stand_here(client: Any, charlie: Any, sign_in: Any) -> None:
    sign_in(client, charlie)
    assert "Nothing yet" in client.get("/notifications").text


def test_a_page_number_that_makes_no_sense_is_the_first(client: Any, charlie: Any, sign_in: Any) -> None:
    sign_in(client, charlie)
    for page in ("0", "-1", "x", "99999999999999"):
        assert client.get("/notifications", params={"page": page}).status_code == 200
