from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.accounts.actor import Actor
from backend.core.clock import now
from backend.core.errors import Invalid
from backend.core.events import history
from backend.listings import service as listings
from backend.listings.models import Listing
from backend.publication import service
from backend.publication.references import new_references
from tests.listings.examples import whole


def test_a_publication_lasts_a_year(published: Listing) -> None:
    assert published.published_at is not None
    assert published.expires_at == published.published_at + timedelta(days=365)


def test_a_reviewer_of_the_authors_organisation_is_refused(
    db: Session, listing: Listing, alice: Any, olga: Any
) -> None:
    colleague = Actor(user=olga.user, roles={alice.organisation.id: "viewer"}, organisation=alice.organisation)
    service.submit(db, listing, actor=alice.actor)
    with pytest.raises(service.OwnReview):
        service.take_up(db, listing, actor=colleague)
    service.take_up(db, listing, actor=olga.actor)
    for verb in (service.publish, service.give_back):
        with pytest.raises(service.OwnReview):
            verb(db, listing, actor=colleague, **({"reason": "unclear"} if verb is service.give_back else {}))
    assert listing.state == "in_review"


def test_an_author_who_became_staff_may_not_review_their_own(db: Session, listing: Listing, alice: Any) -> None:
    alice.user.is_staff = True
    service.submit(db, listing, actor=alice.actor)
    with pytest.raises(service.OwnReview):
        service.take_up(db, listing, actor=Actor(user=alice.user))


def test_nothing_is_submitted_while_a_blocker_stands(db: Session, listing: Listing, alice: Any) -> None:
    listing.deal_types = []
    with pytest.raises(service.NotReady) as refused:
        service.submit(db, listing, actor=alice.actor)
    assert "deal_types" in [error.field for error in refused.value.findings]
    assert listing.state == "draft"


def test_a_suspicion_goes_to_the_reviewer_who_may_accept_it(
    db: Session, listing: Listing, alice: Any, olga: Any
) -> None:
    listing.description += " Ask for our price list."
    service.submit(db, listing, actor=alice.actor)
    service.take_up(db, listing, actor=olga.actor)
    with pytest.raises(service.NotReady):
        service.publish(db, listing, actor=olga.actor)
    service.publish(db, listing, actor=olga.actor, accepted=["Q14:direct_sale:description"])
    assert history(db, listing)[-1].data["accepted"] == ["Q14:direct_sale:description"]


def test_a_return_needs_a_reason_from_the_list_and_keeps_the_note(
    db: Session, listing: Listing, alice: Any, olga: Any
) -> None:
    service.submit(db, listing, actor=alice.actor)
    service.take_up(db, listing, actor=olga.actor)
    with pytest.raises(Invalid):
        service.give_back(db, listing, actor=olga.actor, reason="i do not like it")
    service.give_back(db, listing, actor=olga.actor, reason="unclear", note="Which wells?")
    event = history(db, listing)[-1]
    assert (event.verb, event.data, event.actor_id) == (
        "listing.returned", {"reason": "unclear", "note": "Which wells?"}, olga.user.id
    )


def test_an_extension_is_possible_once_from_thirty_days_before_the_end(
    db: Session, published: Listing, alice: Any
) -> None:
    assert published.expires_at is not None
    with pytest.raises(service.OutOfTime) as early:
        service.extend(db, published, actor=alice.actor)
    assert early.value.code == "too_early"
    published.expires_at = now() + timedelta(days=29)
    published.published_at = published.expires_at - timedelta(days=365)
    end = published.expires_at
    service.extend(db, published, actor=alice.actor)
    assert published.expires_at == end + timedelta(days=365)
    published.expires_at = now() + timedelta(days=5)
    with pytest.raises(service.OutOfTime) as again:
        service.extend(db, published, actor=alice.actor)
    assert again.value.code == "already_extended"


def test_an_extension_never_goes_beyond_two_years(db: Session, published: Listing, alice: Any) -> None:
    published.published_at = now() - timedelta(days=400)
    published.expires_at = now() + timedelta(days=10)
    service.extend(db, published, actor=alice.actor)
    assert published.expires_at == published.published_at + timedelta(days=730)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_an_extension_is_of_one_to_365_days(db: Session, published: Listing, alice: Any, days: int) -> None:
    published.expires_at = now() + timedelta(days=10)
    with pytest.raises(service.OutOfTime):
        service.extend(db, published, actor=alice.actor, days=days)


def test_reminders_come_at_60_30_and_14_days_each_once(db: Session, published: Listing) -> None:
    assert published.expires_at is not None
    sent = []
    for left in range(70, -1, -1):
        at = published.expires_at - timedelta(days=left, hours=-1)
        for _run in range(2):
            if service.remind_due(db, at):
                sent.append(left)
    days = [event.data["days"] for event in history(db, published) if event.verb == "listing.expiring"]
    assert days == [60, 30, 14]
    assert sent == [60, 30, 14]


def test_a_missed_night_sends_only_the_nearest_reminder(db: Session, published: Listing) -> None:
    assert published.expires_at is not None
    service.remind_due(db, published.expires_at - timedelta(days=10))
    days = [event.data["days"] for event in history(db, published) if event.verb == "listing.expiring"]
    assert days == [14]


def test_reminders_begin_again_after_an_extension(db: Session, published: Listing, alice: Any) -> None:
    published.expires_at = now() + timedelta(days=20)
    service.remind_due(db, now())
    service.extend(db, published, actor=alice.actor)
    assert service.remind_due(db, published.expires_at - timedelta(days=59)) == 1


def test_what_is_past_its_end_expires_also_when_on_hold(db: Session, published: Listing, alice: Any) -> None:
    assert published.expires_at is not None
    service.hold(db, published, actor=alice.actor)
    assert service.expire_due(db, published.expires_at - timedelta(seconds=1)) == 0
    assert service.expire_due(db, published.expires_at) == 1
    assert published.state == "expired"
    assert service.expire_due(db, published.expires_at) == 0


def test_an_expired_one_is_revived_within_a_year_with_new_dates(db: Session, published: Listing, alice: Any) -> None:
    published.state, published.expires_at = "expired", now() - timedelta(days=364)
    published.reminded_days, published.extended_at = 14, now()
    service.revive(db, published, actor=alice.actor)
    assert published.state == "published"
    assert published.expires_at > now() + timedelta(days=364)
    assert (published.reminded_days, published.extended_at) == (None, None)


def test_after_a_year_it_is_not_revived_but_archived(db: Session, published: Listing, alice: Any) -> None:
    published.state, published.expires_at = "expired", now() - timedelta(days=366)
    with pytest.raises(service.OutOfTime):
        service.revive(db, published, actor=alice.actor)
    assert service.archive_due(db, now()) == 1
    assert published.state == "archived"
    assert published.open_for_interest is False


def test_what_no_longer_passes_the_gate_is_not_revived(db: Session, published: Listing, alice: Any) -> None:
    published.state, published.expires_at, published.summary = "expired", now() - timedelta(days=1), ""
    with pytest.raises(service.NotReady):
        service.revive(db, published, actor=alice.actor)


def test_interest_is_closed_and_opened_apart_from_publication(
    db: Session, published: Listing, alice: Any, verbs_of: Callable[[Any], list[str]]
) -> None:
    service.close_for_interest(db, published, actor=alice.actor)
    service.close_for_interest(db, published, actor=alice.actor)
    assert (published.state, published.open_for_interest) == ("published", False)
    service.open_for_interest(db, published, actor=alice.actor)
    assert verbs_of(published)[-2:] == ["listing.closed", "listing.opened"]


def test_a_hold_by_staff_is_not_lifted_by_the_owner(db: Session, published: Listing, alice: Any, olga: Any) -> None:
    service.hold(db, published, actor=olga.actor, reason="complaint")
    with pytest.raises(Exception, match="only staff"):
        service.resume(db, published, actor=alice.actor)
    service.resume(db, published, actor=olga.actor)
    assert published.state == "published"


def test_every_change_says_who_and_when(db: Session, published: Listing, alice: Any, olga: Any) -> None:
    told = [(event.verb.split(".")[1], event.actor_id) for event in history(db, published)]
    assert told == [
        ("created", alice.user.id), ("submitted", alice.user.id),
        ("taken_up", olga.user.id), ("published", olga.user.id),
    ]
    assert all(event.at.tzinfo and event.organisation_id == alice.organisation.id for event in history(db, published))


def test_references_name_kind_state_and_day_and_count_up(db: Session, alice: Any) -> None:
    first, second = (listings.create(db, alice.actor, alice.organisation, whole()) for _time in range(2))
    stem = f"TO-VN-{now():%Y%m%d}-"
    assert (first.reference, second.reference) == (stem + "001", stem + "002")
    mark = listings.create(db, alice.actor, alice.organisation, whole(kind="trade_mark"))
    assert mark.reference == f"TM-VN-{now():%Y%m%d}-001"


def test_a_block_of_references_goes_on_beyond_999(db: Session) -> None:
    at = datetime(2026, 4, 12, tzinfo=UTC)
    block = new_references(db, Listing, "patent", "VN", at, 1200)
    assert (block[0], block[998], block[1199]) == ("TO-VN-20260412-001", "TO-VN-20260412-999", "TO-VN-20260412-1200")


def test_the_review_is_due_after_three_working_days() -> None:
    friday = datetime(2026, 4, 10, 9, tzinfo=UTC)
    assert service.review_due(friday).date() == date(2026, 4, 15)


def test_two_who_create_at_the_same_moment_wait_for_each_other(clean_database: Any) -> None:
    at = datetime(2026, 4, 12, tzinfo=UTC)
    with Session(clean_database) as first, Session(clean_database) as second:
        assert new_references(first, Listing, "patent", "VN", at) == ["TO-VN-20260412-001"]
        second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        assert new_references(second, Listing, "trade_mark", "VN", at) == ["TM-VN-20260412-001"]  # others go on
        with pytest.raises(OperationalError, match="lock timeout"):
            new_references(second, Listing, "patent", "VN", at)
