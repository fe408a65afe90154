"""Who is told what, and that nobody is told twice."""

from typing import Any

from sqlalchemy.orm import Session

from backend.core.events import record
from backend.listings.models import Listing
from backend.matching.models import Match
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.publication import service as publication


def test_a_fact_is_told_once(db: Session, bob: Any, keys_of: Any) -> None:
    first = notifications.tell(db, bob.user, "a:1", "need.published", {}, "/")
    second = notifications.tell(db, bob.user, "a:1", "need.published", {}, "/")
    assert first is not None
    assert second is None
    assert keys_of(bob) == ["a:1"]


def test_a_match_with_a_draft_is_told_to_its_seeker_alone(
    db: Session, match: Match, alice: Any, bob: Any, keys_of: Any
) -> None:
    notifications.tell_match(db, match)
    assert keys_of(bob) == [f"match.found:{match.id}"]
    assert keys_of(alice) == []
    assert match.owner_told_at is None


def test_the_owner_is_told_once_the_need_is_published(
    db: Session, match: Match, need: Need, alice: Any, bob: Any, publish: Any, keys_of: Any
) -> None:
    notifications.tell_match(db, match)
    publish(need, bob)
    notifications.tell_matches_of(db, need)
    assert keys_of(alice) == [f"match.found:{match.id}"]
    assert match.owner_told_at is not None


def test_a_pair_is_never_told_twice_even_when_it_is_found_anew(
    db: Session, match: Match, need: Need, bob: Any, publish: Any, keys_of: Any
) -> None:
    publish(need, bob)
    notifications.tell_match(db, match)
    match.seeker_told_at = match.owner_told_at = None
    notifications.tell_match(db, match)
    assert keys_of(bob) == [f"match.found:{match.id}"]


def test_a_listing_that_is_not_public_is_told_to_nobody(
    db: Session, match: Match, listing: Listing, alice: Any, bob: Any, keys_of: Any
) -> None:
    publication.hold(db, listing, actor=alice.actor)
    notifications.tell_match(db, match)
    assert keys_of(bob) == []


def test_the_name_of_an_anonymous_seeker_is_not_in_what_is_told(
    db: Session, match: Match, need: Need, alice: Any, bob: Any, publish: Any
) -> None:
    need.anonymous = True
    publish(need, bob)
    told = notifications.tell_match(db, match)
    assert all(bob.organisation.name not in str(notification.data) for notification in told)


def test_a_viewer_is_not_told(db: Session, match: Match, bob: Any, charlie: Any, keys_of: Any) -> None:
    from backend.accounts.models import Membership

    db.add(Membership(user_id=charlie.user.id, organisation_id=bob.organisation.id, role="viewer"))
    notifications.tell_match(db, match)
    assert keys_of(charlie) == []


def test_a_returned_need_is_told_with_its_reason(db: Session, need: Need, bob: Any, olga: Any) -> None:
    publication.submit(db, need, actor=bob.actor)
    publication.take_up(db, need, actor=olga.actor)
    publication.give_back(db, need, actor=olga.actor, reason="unclear", note="Which wells?")
    event = record(db, "need.returned", need, actor=olga.actor, data={"reason": "unclear", "note": "Which wells?"})
    [told] = notifications.tell_owner(db, event, need)
    assert (told.verb, told.data["reason"], told.data["note"]) == ("need.returned", "unclear", "Which wells?")


def test_whoever_did_it_is_not_told(db: Session, need: Need, bob: Any) -> None:
    event = record(db, "need.held", need, actor=bob.actor, data={"reason": "owner_pause"})
    assert notifications.tell_owner(db, event, need) == []


def test_reading_all_leaves_what_came_later_unread(db: Session, bob: Any) -> None:
    early = notifications.tell(db, bob.user, "a:1", "need.published", {}, "/")
    late = notifications.tell(db, bob.user, "a:2", "need.published", {}, "/")
    assert early is not None
    assert late is not None
    notifications.mark_all_read(db, bob.user.id, early.created_at)
    assert notifications.unread_count(db, bob.user.id) == 1
