"""Attempts are counted whatever becomes of the request, and refused when they cannot be counted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.accounts import ratelimit
from backend.accounts.models import RateCount
from backend.core.errors import TooMany, Unavailable
from backend.core.settings import settings

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_the_eleventh_sign_in_of_an_account_in_five_minutes_is_refused() -> None:
    for _attempt in range(10):
        ratelimit.check_login("alice@alice.example", "192.0.2.1", NOON)
    with pytest.raises(TooMany) as refused:
        ratelimit.check_login("alice@alice.example", "198.51.100.7", NOON)
    assert 0 < refused.value.retry_after <= 301


def test_another_account_is_not_concerned() -> None:
    for _attempt in range(10):
        ratelimit.check_login("alice@alice.example", "192.0.2.1", NOON)
    ratelimit.check_login("bob@bob.example", "192.0.2.1", NOON)


def test_the_next_window_counts_anew() -> None:
    for _attempt in range(10):
        ratelimit.check_login("alice@alice.example", "192.0.2.1", NOON)
    ratelimit.check_login("alice@alice.example", "192.0.2.1", NOON + timedelta(minutes=5))


def test_the_twenty_first_sign_in_from_one_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "address_limit_scale", 1)
    for number in range(20):
        ratelimit.check_login(f"person{number}@x.example", "192.0.2.1", NOON)
    with pytest.raises(TooMany):
        ratelimit.check_login("somebody@x.example", "192.0.2.1", NOON)


def test_a_sign_in_that_succeeded_is_given_back() -> None:
    for _attempt in range(30):
        ratelimit.check_login("alice@alice.example", "192.0.2.1", NOON)
        ratelimit.forgive_login("alice@alice.example", "192.0.2.1", NOON)


def test_the_sixth_mail_to_one_address_in_a_day_is_refused() -> None:
    for _attempt in range(5):
        ratelimit.check_mail_request("alice@alice.example", "192.0.2.1", NOON)
    with pytest.raises(TooMany):
        ratelimit.check_mail_request("alice@alice.example", "192.0.2.1", NOON + timedelta(hours=2))


def test_the_sixth_registration_from_one_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "address_limit_scale", 1)
    for _attempt in range(5):
        ratelimit.check_registration("192.0.2.1", NOON)
    with pytest.raises(TooMany):
        ratelimit.check_registration("192.0.2.1", NOON)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("nonsense", None, True),
    ],
)
def test_an_ipv6_customer_is_one_network(one: str, other: str | None, same: bool) -> None:
    assert (ratelimit.network(one) == ratelimit.network(other)) is same


def test_a_request_that_rolls_back_still_counts(db: Session) -> None:
    savepoint = db.begin_nested()
    ratelimit.check("door", limit=2, seconds=300, now=NOON)
    savepoint.rollback()
    savepoint = db.begin_nested()
    ratelimit.check("door", limit=2, seconds=300, now=NOON)
    savepoint.rollback()
    with pytest.raises(TooMany):
        ratelimit.check("door", limit=2, seconds=300, now=NOON)


def test_control_a_count_in_the_requests_own_transaction_is_lost_with_it(db: Session) -> None:
    savepoint = db.begin_nested()
    db.add(RateCount(key="door", window_start=NOON, count=1))
    db.flush()
    savepoint.rollback()
    assert db.get(RateCount, ("door", NOON)) is None


def test_when_counting_fails_the_attempt_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def connect(self) -> Any:
            raise OperationalError("INSERT", {}, Exception("gone"))

    monkeypatch.setattr(ratelimit, "_engine", lambda _url: Broken())
    with pytest.raises(Unavailable):
        ratelimit.check("door", limit=2, seconds=300, now=NOON)


def test_the_table_of_counts_names_nobody(db: Session) -> None:
    ratelimit.check_login("alice@alice.example", "192.0.2.1", NOON)
    keys = [row.key for row in db.query(RateCount)]
    assert keys
    assert not any("alice" in key for key in keys)


def test_old_windows_are_forgotten(db: Session, fresh_limits: Callable[[], None]) -> None:
    ratelimit.check("door", limit=2, seconds=300, now=NOON)
    ratelimit.sweep(db, NOON + timedelta(days=3))
    assert db.get(RateCount, ("door", NOON)) is None
