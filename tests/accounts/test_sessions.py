"""A session lives as long as it is used, ends where told, and its cookie is worth nothing in the table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.accounts import sessions, sweeping
from backend.accounts.models import LoginSession

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def start(db: Session, who: Any, now: datetime = NOON) -> tuple[LoginSession, str]:
    return sessions.start(db, who.user, address="192.0.2.1", user_agent="test", now=now)


def test_the_cookies_token_finds_the_session(db: Session, alice: Any) -> None:
    login, token = start(db, alice)
    assert sessions.find(db, token, NOON) is login


def test_the_token_itself_is_not_stored(db: Session, alice: Any) -> None:
    _login, token = start(db, alice)
    row = db.execute(text("SELECT login_session::text FROM login_session")).scalar_one()
    assert token not in row
    assert len(token) >= 43


def test_a_session_acts_for_the_organisation_joined_first(db: Session, alice: Any) -> None:
    login, _token = start(db, alice)
    assert sessions.actor_of(db, login).organisation is alice.organisation


def test_a_session_unused_for_fourteen_days_is_over(db: Session, alice: Any) -> None:
    _login, token = start(db, alice)
    assert sessions.find(db, token, NOON + timedelta(days=14)) is None


def test_a_session_of_staff_is_over_after_a_night(db: Session, olga: Any) -> None:
    _login, token = start(db, olga)
    assert sessions.find(db, token, NOON + timedelta(hours=12)) is None


def test_a_session_in_daily_use_is_over_after_thirty_days(db: Session, alice: Any) -> None:
    _login, token = start(db, alice)
    for day in range(1, 30):
        assert sessions.find(db, token, NOON + timedelta(days=day)) is not None
        db.expire_all()
    assert sessions.find(db, token, NOON + timedelta(days=30)) is None


def test_being_seen_is_written_at_most_once_a_minute(db: Session, alice: Any) -> None:
    login, token = start(db, alice)
    sessions.find(db, token, NOON + timedelta(seconds=59))
    db.refresh(login)
    assert login.last_seen_at == NOON
    sessions.find(db, token, NOON + timedelta(seconds=60))
    db.refresh(login)
    assert login.last_seen_at == NOON + timedelta(seconds=60)


def test_a_disabled_person_is_signed_out_at_once(db: Session, alice: Any) -> None:
    _login, token = start(db, alice)
    alice.user.disabled_at = NOON
    assert sessions.find(db, token, NOON) is None


def test_an_ended_session_is_not_found(db: Session, alice: Any) -> None:
    login, token = start(db, alice)
    sessions.end(db, login)
    assert sessions.find(db, token, NOON) is None


def test_all_but_this_one_can_be_ended(db: Session, alice: Any) -> None:
    here, token_here = start(db, alice)
    _there, token_there = start(db, alice)
    sessions.end_all(db, alice.user, except_id=here.id)
    assert sessions.find(db, token_here, NOON) is here
    assert sessions.find(db, token_there, NOON) is None


def test_ending_all_of_one_person_leaves_others_signed_in(db: Session, alice: Any, bob: Any) -> None:
    start(db, alice)
    _bobs, token = start(db, bob)
    sessions.end_all(db, alice.user)
    assert sessions.find(db, token, NOON) is not None


def test_dead_sessions_are_swept_and_living_ones_stay(db: Session, alice: Any) -> None:
    start(db, alice, NOON - timedelta(days=15))
    _living, token = start(db, alice)
    sweeping.sweep(db, NOON)
    assert len(sessions.alive_of(db, alice.user, NOON)) == 1
    assert sessions.find(db, token, NOON) is not None


@pytest.mark.parametrize(
    ("base_url", "name"), [("https://padan.example", "__Host-padan"), ("http://127.0.0.1:8000", "padan")]
)
def test_with_tls_the_cookies_name_binds_it_to_the_host(
    base_url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.core.settings import settings

    monkeypatch.setattr(settings(), "base_url", base_url)
    assert sessions.cookie_name() == name
