"""Only the invited address joins, once, and while the invitation is open."""

import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from backend.accounts import invitations, organisations
from backend.accounts.actor import actor_of
from backend.accounts.models import Invitation, Membership, User
from backend.accounts.schemas import Registration
from backend.accounts.sessions import digest
from backend.core.clock import now
from backend.core.errors import DomainError, Forbidden, Invalid, NotFound
from backend.core.events import Event

Letters = Callable[[], list[EmailMessage]]
PathIn = Callable[[EmailMessage, str], str]


@pytest.fixture
def invite(db: Session, alice: Any, letters: Letters, path_in: PathIn) -> Callable[..., str]:
    """Alice invites an address; returns the secret of the link in the mail."""

    def send(email: str, role: str = "editor") -> str:
        invitations.invite(db, alice.organisation, email, role, actor=alice.actor, now=now())
        return path_in(letters()[-1], "/invitations/").removeprefix("/invitations/")

    return send


def test_the_invited_person_joins_in_the_role_offered(db: Session, alice: Any, bob: Any, invite: Any) -> None:
    membership = invitations.accept(db, invite(bob.user.email, "viewer"), actor=bob.actor, now=now())
    assert (membership.user, membership.organisation, membership.role) == (bob.user, alice.organisation, "viewer")


def test_somebody_else_with_the_link_does_not_join(db: Session, bob: Any, charlie: Any, invite: Any) -> None:
    with pytest.raises(Forbidden) as refused:
        invitations.accept(db, invite(bob.user.email), actor=charlie.actor, now=now())
    assert refused.value.code == "other_address"


def test_a_link_is_good_once(db: Session, bob: Any, invite: Any) -> None:
    raw = invite(bob.user.email)
    invitations.accept(db, raw, actor=bob.actor, now=now())
    with pytest.raises(NotFound):
        invitations.accept(db, raw, actor=bob.actor, now=now())


def test_a_link_is_good_for_fourteen_days(db: Session, bob: Any, invite: Any) -> None:
    raw = invite(bob.user.email)
    with pytest.raises(NotFound):
        invitations.accept(db, raw, actor=bob.actor, now=now() + timedelta(days=14))


def test_a_withdrawn_invitation_opens_nothing(db: Session, alice: Any, bob: Any, invite: Any) -> None:
    raw = invite(bob.user.email)
    invitations.withdraw(db, invitations.open_of(db, alice.organisation)[0], actor=alice.actor, now=now())
    with pytest.raises(NotFound):
        invitations.accept(db, raw, actor=bob.actor, now=now())


def test_inviting_again_renews_the_one_invitation_and_its_link(db: Session, alice: Any, bob: Any, invite: Any) -> None:
    first = invite(bob.user.email, "viewer")
    second = invite(bob.user.email, "admin")
    assert [(i.email, i.role) for i in invitations.open_of(db, alice.organisation)] == [(bob.user.email, "admin")]
    with pytest.raises(NotFound):
        invitations.find(db, first, now())
    assert invitations.find(db, second, now()).role == "admin"


def test_a_member_is_not_invited(db: Session, alice: Any) -> None:
    with pytest.raises(Invalid):
        invitations.invite(db, alice.organisation, alice.user.email, "viewer", actor=alice.actor, now=now())


def test_a_new_person_joins_by_registering_and_their_address_is_confirmed(db: Session, alice: Any, invite: Any) -> None:
    given = Registration("Dara", "dara@dara.example", "river lamp cobalt seven", None)
    user = invitations.register_invited(db, invite("dara@dara.example"), given, locale="en", now=now())
    assert user.email_verified_at is not None
    assert [m.organisation for m in user.memberships] == [alice.organisation]


def test_a_new_person_with_another_address_does_not_join(db: Session, invite: Any) -> None:
    given = Registration("Eve", "eve@eve.example", "river lamp cobalt seven", None)
    with pytest.raises(Forbidden):
        invitations.register_invited(db, invite("dara@dara.example"), given, locale="en", now=now())
    assert db.scalar(select(User).where(User.email == "eve@eve.example")) is None


def test_a_letter_speaks_the_language_of_who_gets_it(db: Session, bob: Any, invite: Any, letters: Letters) -> None:
    bob.user.locale = "th"
    invite(bob.user.email)
    html = letters()[0].get_body(("html",))
    assert html is not None
    assert '<html lang="th">' in html.get_content()


# Two clicks at the same moment, on real connections


@pytest.fixture
def waiting(clean_database: Engine, password_hash: str) -> tuple[Engine, str, Any]:
    """An open invitation for bob, committed."""
    from tests.conftest import make_person

    with Session(clean_database) as session, session.begin():
        alice = make_person(session, password_hash, "alice", "VN", "msme_small")
        bob = make_person(session, password_hash, "bob", "TH", "university")
        session.add(
            Invitation(
                organisation=alice.organisation, email=bob.user.email, role="editor", token_hash=digest("raw"),
                invited_by_id=alice.user.id, expires_at=now() + timedelta(days=1),
            )
        )
        session.flush()
        return clean_database, "raw", (bob.user.id, alice.organisation.id)


def accept_twice(engine: Engine, raw: str, user_id: Any) -> list[str]:
    """Both have opened the invitation before either accepts."""
    both = threading.Barrier(2)
    said: list[str] = []

    def click() -> None:
        with Session(engine) as session:
            user = session.get_one(User, user_id)
            invitations.find(session, raw, now())
            actor = actor_of(session, user)
            both.wait(timeout=10)
            try:
                invitations.accept(session, raw, actor=actor, now=now())
                session.commit()
                said.append("joined")
            except DomainError as error:
                said.append(error.code)
            except Exception as error:
                said.append(type(error).__name__)

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def members(engine: Engine, organisation_id: Any) -> int:
    with Session(engine) as session:
        return len(session.scalars(select(Membership).where(Membership.organisation_id == organisation_id)).all())


def acceptances(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.scalars(select(Event).where(Event.verb == "invitation.accepted")).all())


def test_of_two_acceptances_at_once_one_joins_and_one_is_told(waiting: tuple[Engine, str, Any]) -> None:
    engine, raw, (user_id, organisation_id) = waiting
    assert accept_twice(engine, raw, user_id) == ["joined", "link_expired"]
    assert acceptances(engine) == 1
    assert members(engine, organisation_id) == 2


def test_control_without_the_lock_one_invitation_is_accepted_twice(
    waiting: tuple[Engine, str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, raw, (user_id, _organisation_id) = waiting
    find = invitations.find
    found = threading.Barrier(2)

    def unlocked(session: Session, raw: str, at: Any, *, lock: bool = False) -> Invitation:
        invitation = find(session, raw, at)
        if lock:
            found.wait(timeout=10)
        return invitation

    monkeypatch.setattr(invitations, "find", unlocked)
    assert accept_twice(engine, raw, user_id) == ["joined", "joined"]
    assert acceptances(engine) == 2


def test_of_two_admins_who_leave_at_once_one_stays(clean_database: Engine, password_hash: str) -> None:
    from tests.conftest import make_person

    with Session(clean_database) as session, session.begin():
        alice = make_person(session, password_hash, "alice", "VN", "msme_small")
        bob = make_person(session, password_hash, "bob", "TH", "university")
        organisations.add_member(session, alice.organisation, bob.user, "admin", actor=alice.actor)
        there, ids = alice.organisation.id, (alice.user.id, bob.user.id)
    ready = threading.Barrier(2)
    said: list[str] = []

    def leave(user_id: Any) -> None:
        with Session(clean_database) as session:
            mine = session.scalars(
                select(Membership).where(Membership.user_id == user_id, Membership.organisation_id == there)
            ).one()
            actor = actor_of(session, session.get_one(User, user_id))
            ready.wait(timeout=10)
            try:
                organisations.remove(session, mine, actor=actor)
                session.commit()
                said.append("left")
            except DomainError as error:
                said.append(error.code)

    threads = [threading.Thread(target=leave, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["last_admin", "left"]
