"""Weak matches make no noise: they are on the page for whoever looks, and nobody gets a letter about them."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend.listings import service as listings
from backend.matching import reading
from backend.matching.models import Match
from backend.matching.store import BEST, BEST_TELLING, WORTH_TELLING
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.policy import sees_match
from tests.listings.examples import whole


def test_nobody_is_told_of_a_weak_match(
    db: Session, match: Match, need: Need, alice: Any, bob: Any, publish: Any, keys_of: Any
) -> None:
    match.score = Decimal(str(BEST_TELLING)) - Decimal("0.00001")
    notifications.tell_match(db, match)
    publish(need, bob)
    notifications.tell_matches_of(db, need)
    assert keys_of(bob) == keys_of(alice) == []


def test_a_match_just_good_enough_is_told(db: Session, match: Match, bob: Any, keys_of: Any) -> None:
    match.score = Decimal(str(WORTH_TELLING))
    notifications.tell_match(db, match)
    assert keys_of(bob) == [f"match.found:{match.id}"]


def test_a_weak_match_that_gets_better_is_told_then(
    db: Session, match: Match, bob: Any, keys_of: Any
) -> None:
    match.score = Decimal("0.1")
    notifications.tell_match(db, match)
    match.score = Decimal("0.7")
    notifications.tell_match(db, match)
    assert keys_of(bob) == [f"match.found:{match.id}"]


def test_both_sides_may_still_look_at_a_weak_match(
    db: Session, match: Match, need: Need, alice: Any, bob: Any, publish: Any
) -> None:
    match.score = Decimal("0.1")
    assert not sees_match(alice.actor, match)
    publish(need, bob)
    assert list(reading.matches_for(db, need)) == [match]
    assert list(reading.matches_of(db, [alice.organisation.id], side="owner")) == [match]
    assert sees_match(alice.actor, match)
    assert list(reading.matches_of(db, [alice.organisation.id], side="owner", telling=True)) == []


def test_of_the_weaker_matches_only_the_best_few_are_told(
    db: Session, match: Match, need: Need, alice: Any, bob: Any, publish: Any, keys_of: Any
) -> None:
    match.score = Decimal("0.3")
    for number in range(BEST):
        other = listings.create(db, alice.actor, alice.organisation, whole(title=f"Filter of another kind, {number}"))
        publish(other, alice)
        db.add(Match(need=need, listing=other, score=Decimal("0.4"), reasons=[]))
    db.flush()
    notifications.tell_matches_of(db, need)
    assert len(keys_of(bob)) == BEST
    assert f"match.found:{match.id}" not in keys_of(bob)
