"""A token works for one person in one organisation, until revoked or until they leave."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.accounts import organisations, tokens
from backend.core.errors import Forbidden

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_token_is_found_by_its_text(db: Session, alice: Any) -> None:
    token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    assert tokens.find(db, raw, NOON) is token


def test_its_text_shows_what_it_is_and_which(db: Session, alice: Any) -> None:
    token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    assert tokens.SHAPE.fullmatch(raw)
    assert raw.startswith(f"padan_{token.prefix}_")


def test_the_text_is_not_stored(db: Session, alice: Any) -> None:
    _token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    row = db.execute(text("SELECT api_token::text FROM api_token")).scalar_one()
    assert raw not in row
    assert raw[15:] not in row


@pytest.mark.parametrize("raw", ["", "padan_abcdefgh_", "x" * 5000, "padan_abcdefgh_" + "a" * 43, "é" * 57, "\x00"])
def test_what_is_no_token_finds_nothing(db: Session, raw: str) -> None:
    assert tokens.find(db, raw, NOON) is None


def test_a_read_token_may_not_write(db: Session, alice: Any) -> None:
    token, _raw = tokens.create(db, alice.actor, "look", "read", alice.organisation)
    assert tokens.actor_of(db, token).may_write is False


def test_a_write_token_may_write(db: Session, alice: Any) -> None:
    token, _raw = tokens.create(db, alice.actor, "work", "write", alice.organisation)
    assert tokens.actor_of(db, token).may_write is True


def test_a_token_has_no_role_outside_its_organisation(db: Session, alice: Any, bob: Any) -> None:
    organisations.add_member(db, bob.organisation, alice.user, "editor", actor=bob.actor)
    token, _raw = tokens.create(db, alice.actor, "work", "write", alice.organisation)
    actor = tokens.actor_of(db, token)
    assert actor.edits_for(alice.organisation.id)
    assert not actor.belongs_to(bob.organisation.id)


def test_a_token_for_somebody_elses_organisation_is_refused(db: Session, alice: Any, bob: Any) -> None:
    with pytest.raises(Forbidden):
        tokens.create(db, alice.actor, "work", "write", bob.organisation)


def test_a_revoked_token_is_refused(db: Session, alice: Any) -> None:
    token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    tokens.revoke(db, alice.actor, token)
    assert tokens.find(db, raw, NOON) is None


def test_a_disabled_persons_token_is_refused(db: Session, alice: Any) -> None:
    _token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    alice.user.disabled_at = NOON
    assert tokens.find(db, raw, NOON) is None


def test_a_removed_members_token_is_refused(db: Session, alice: Any, bob: Any) -> None:
    membership = organisations.add_member(db, alice.organisation, bob.user, "editor", actor=alice.actor)
    actor = bob.actor
    actor.roles[alice.organisation.id] = "editor"
    token, raw = tokens.create(db, actor, "import", "write", alice.organisation)
    assert tokens.find(db, raw, NOON) is token
    organisations.remove(db, membership, actor=alice.actor)
    assert tokens.find(db, raw, NOON) is None


def test_the_last_use_is_written_at_most_once_a_minute(db: Session, alice: Any) -> None:
    token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    for second in (0, 59, 60):
        tokens.find(db, raw, NOON + timedelta(seconds=second))
        db.refresh(token)
        assert token.last_used_at == NOON + timedelta(seconds=second // 60 * 60)
