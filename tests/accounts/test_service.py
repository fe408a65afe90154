"""Joining, proving an address, signing in, and getting a lost account back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import passwords, service, sessions
from backend.accounts.models import LoginSession, MailToken, Organisation, User
from backend.accounts.schemas import OrganisationInput, Registration
from backend.core.clock import now
from backend.core.errors import Invalid, NotFound
from backend.core.events import Event

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NEW = "river lamp cobalt seven"
Letters = Callable[[], list[EmailMessage]]
PathIn = Callable[[EmailMessage, str], str]


def registration(email: str = "dara@dara.example", number: str | None = None) -> Registration:
    organisation = OrganisationInput("Dara Works", "msme_micro", "KH", registration_number=number)
    return Registration("Dara", email, NEW, organisation)


def verbs(db: Session) -> list[str]:
    return list(db.scalars(select(Event.verb).order_by(Event.at, Event.id)))


def sign_in(db: Session, who: Any, password: str | None = None, **more: Any) -> tuple[LoginSession, str]:
    return service.sign_in(
        db, who.user.email, password or who.password, address="192.0.2.1", user_agent="test", now=NOON, **more
    )


# Register and verify


def test_who_registers_becomes_admin_of_their_organisation(db: Session) -> None:
    user = service.register(db, registration(), locale="km")
    assert user is not None
    assert [(m.organisation.name, m.role) for m in user.memberships] == [("Dara Works", "admin")]


def test_a_new_organisation_is_declared_only(db: Session) -> None:
    service.register(db, registration(), locale="km")
    assert db.scalars(select(Organisation.verification_level)).all() == [0]


def test_registering_writes_what_happened(db: Session) -> None:
    service.register(db, registration(), locale="km")
    assert verbs(db) == ["user.registered", "organisation.created", "membership.added"]


def test_the_link_in_the_mail_confirms_the_address(db: Session, letters: Letters, path_in: PathIn) -> None:
    user = service.register(db, registration(), locale="en")
    raw = path_in(letters()[0], "/verify/").removeprefix("/verify/")
    assert service.verify_email(db, raw, now()) is user
    assert user is not None
    assert user.email_verified_at is not None


def test_the_link_is_good_once(db: Session, letters: Letters, path_in: PathIn) -> None:
    service.register(db, registration(), locale="en")
    raw = path_in(letters()[0], "/verify/").removeprefix("/verify/")
    service.verify_email(db, raw, now())
    with pytest.raises(NotFound):
        service.verify_email(db, raw, now())


def test_the_link_is_good_for_a_day(db: Session, letters: Letters, path_in: PathIn) -> None:
    service.register(db, registration(), locale="en")
    raw = path_in(letters()[0], "/verify/").removeprefix("/verify/")
    with pytest.raises(NotFound):
        service.verify_email(db, raw, now() + timedelta(hours=24))


def test_a_known_address_registers_nobody(db: Session, alice: Any) -> None:
    assert service.register(db, registration(alice.user.email), locale="en") is None
    assert db.scalar(select(func.count()).select_from(User)) == 1
    assert db.scalar(select(func.count()).select_from(Organisation)) == 1


def test_the_owner_of_a_known_address_is_told(db: Session, alice: Any, letters: Letters) -> None:
    service.register(db, registration(alice.user.email), locale="en")
    assert [letter["to"] for letter in letters()] == [alice.user.email]


def test_a_known_address_costs_the_same_hash(db: Session, alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "make_hash", lambda password: hashed.append(password) or "hash")
    service.register(db, registration(alice.user.email), locale="en")
    service.register(db, registration(), locale="en")
    assert hashed == [NEW, NEW]


def test_two_organisations_of_a_country_cannot_hold_one_number(db: Session) -> None:
    service.register(db, registration(number="KH-1"), locale="en")
    with pytest.raises(Invalid) as refused:
        service.register(db, registration("other@dara.example", number="KH-1"), locale="en")
    assert [(f.field, f.code) for f in refused.value.findings] == [
        ("organisation_registration_number", "duplicate_registration")
    ]


def test_a_taken_number_is_refused_for_known_addresses_alike(db: Session, alice: Any) -> None:
    service.register(db, registration(number="KH-1"), locale="en")
    with pytest.raises(Invalid):
        service.register(db, registration(alice.user.email, number="KH-1"), locale="en")


# Sign in


def test_the_right_password_signs_in(db: Session, alice: Any) -> None:
    login, token = sign_in(db, alice)
    assert sessions.find(db, token, NOON) is login
    assert "user.signed_in" in verbs(db)


def test_an_address_is_found_whatever_its_capitals(db: Session, alice: Any) -> None:
    service.sign_in(
        db, " Alice@ALICE.example ", alice.password, address=None, user_agent=None, now=NOON
    )


def test_a_failed_sign_in_is_on_record(db: Session, alice: Any) -> None:
    with pytest.raises(service.WrongCredentials):
        sign_in(db, alice, "wrong horse battery")
    assert verbs(db) == ["user.sign_in_failed"]


def test_wrong_unknown_and_disabled_sound_the_same(db: Session, alice: Any, bob: Any) -> None:
    bob.user.disabled_at = NOON
    said = set()
    for email, password in [
        (alice.user.email, "wrong horse battery"),
        ("nobody@nowhere.example", alice.password),
        (bob.user.email, bob.password),
    ]:
        with pytest.raises(Invalid) as refused:
            service.sign_in(db, email, password, address=None, user_agent=None, now=NOON)
        said.add((type(refused.value), str(refused.value.message)))
    assert len(said) == 1


def test_an_unconfirmed_address_cannot_sign_in_and_gets_a_new_link(db: Session, letters: Letters) -> None:
    service.register(db, registration(), locale="en")
    with pytest.raises(service.Unverified):
        service.sign_in(db, "dara@dara.example", NEW, address=None, user_agent=None, now=now())
    assert len(letters()) == 2


def test_an_unconfirmed_address_with_a_wrong_password_is_just_wrong(db: Session) -> None:
    service.register(db, registration(), locale="en")
    with pytest.raises(service.WrongCredentials):
        service.sign_in(db, "dara@dara.example", "wrong horse battery", address=None, user_agent=None, now=NOON)


def test_signing_in_ends_the_session_the_browser_had(db: Session, alice: Any) -> None:
    before, old = sign_in(db, alice)
    _after, new = sign_in(db, alice, replaces=before)
    assert new != old
    assert sessions.find(db, old, NOON) is None


def test_an_old_hash_is_renewed_at_sign_in(db: Session, alice: Any) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    alice.user.password_hash = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(alice.password)
    sign_in(db, alice)
    assert "m=65536" in alice.user.password_hash


# Reset and change


def reset_path(letters: Letters, path_in: PathIn) -> str:
    return path_in(letters()[-1], "/password/reset/").removeprefix("/password/reset/")


def test_the_link_sets_a_new_password(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    service.request_reset(db, alice.user.email, "en")
    service.reset_password(db, reset_path(letters, path_in), NEW, now())
    sign_in(db, alice, NEW)


def test_a_reset_ends_every_session(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    _login, token = sign_in(db, alice)
    service.request_reset(db, alice.user.email, "en")
    service.reset_password(db, reset_path(letters, path_in), NEW, now())
    assert sessions.find(db, token, NOON) is None


def test_a_reset_link_is_good_once(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    service.request_reset(db, alice.user.email, "en")
    raw = reset_path(letters, path_in)
    service.reset_password(db, raw, NEW, now())
    with pytest.raises(NotFound):
        service.reset_password(db, raw, "another river lamp cobalt", now())


def test_a_reset_link_is_good_for_an_hour(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    service.request_reset(db, alice.user.email, "en")
    raw = reset_path(letters, path_in)
    with pytest.raises(NotFound):
        service.reset_password(db, raw, NEW, now() + timedelta(minutes=60))


def test_using_one_reset_link_spends_the_others(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    service.request_reset(db, alice.user.email, "en")
    first = reset_path(letters, path_in)
    service.request_reset(db, alice.user.email, "en")
    second = reset_path(letters, path_in)
    assert first != second
    service.reset_password(db, second, NEW, now())
    with pytest.raises(NotFound):
        service.mail_token(db, first, "reset", now())


def test_a_reset_link_is_no_verification_link(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    service.request_reset(db, alice.user.email, "en")
    with pytest.raises(NotFound):
        service.verify_email(db, reset_path(letters, path_in), now())


def test_an_unknown_address_gets_no_mail(db: Session, letters: Letters) -> None:
    service.request_reset(db, "nobody@nowhere.example", "en")
    assert letters() == []
    assert db.scalars(select(MailToken)).all() == []


def test_known_and_unknown_addresses_queue_the_same_work(db: Session, alice: Any) -> None:
    from sqlalchemy import text

    service.request_reset(db, alice.user.email, "en")
    service.request_reset(db, "nobody@nowhere.example", "en")
    jobs = db.execute(text("SELECT task_name, priority, queue_name FROM procrastinate_jobs ORDER BY id")).all()
    assert len(jobs) == 2
    assert jobs[0] == jobs[1]


def test_the_secret_of_a_link_is_nowhere_in_the_database(
    db: Session, alice: Any, letters: Letters, path_in: PathIn
) -> None:
    from sqlalchemy import text

    service.request_reset(db, alice.user.email, "en")
    raw = reset_path(letters, path_in)
    stored = db.execute(
        text("SELECT (SELECT string_agg(j::text, '') FROM procrastinate_jobs j) || (SELECT m::text FROM mail_token m)")
    ).scalar_one()
    assert raw not in stored


def test_a_changed_password_ends_the_other_sessions_and_renews_this_one(db: Session, alice: Any) -> None:
    _here, token_here = sign_in(db, alice)
    _there, token_there = sign_in(db, alice)
    _new, token = service.change_password(db, alice.actor, NEW, address=None, user_agent=None, now=NOON)
    assert sessions.find(db, token_here, NOON) is None
    assert sessions.find(db, token_there, NOON) is None
    assert sessions.find(db, token, NOON) is not None


def test_a_changed_password_is_told_by_mail(db: Session, alice: Any, letters: Letters) -> None:
    service.change_password(db, alice.actor, NEW, address=None, user_agent=None, now=NOON)
    assert [letter["to"] for letter in letters()] == [alice.user.email]


def test_a_new_address_counts_only_when_its_link_is_followed(
    db: Session, alice: Any, letters: Letters, path_in: PathIn
) -> None:
    service.change_email(db, alice.actor, "alice@new.example")
    letter = letters()[0]
    assert letter["to"] == "alice@new.example"
    assert alice.user.email == "alice@alice.example"
    service.verify_email(db, path_in(letter, "/verify/").removeprefix("/verify/"), now())
    assert alice.user.email == "alice@new.example"


def test_the_old_address_is_told_of_the_new_one(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> None:
    service.change_email(db, alice.actor, "alice@new.example")
    service.verify_email(db, path_in(letters()[0], "/verify/").removeprefix("/verify/"), now())
    assert "alice@alice.example" in [letter["to"] for letter in letters()]


def test_somebody_elses_address_cannot_become_mine(db: Session, alice: Any, bob: Any, letters: Letters) -> None:
    service.change_email(db, alice.actor, bob.user.email)
    letter = letters()[0]
    assert letter["to"] == bob.user.email
    assert "/verify/" not in letter.as_string()
