"""Signed-in browsers. A session is a row, so it can be listed, ended from elsewhere and ended for all at once.

The cookie carries 256 random bits; the row keeps their SHA-256, so reading the table signs nobody in.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.accounts.actor import Actor
from backend.accounts.actor import actor_of as _actor_of
from backend.accounts.models import LoginSession, Membership, Organisation, User
from backend.core.settings import settings

# Staff can publish for others: their unattended browser is signed out over night (OWASP ASVS 5.0, 7.3).
IDLE = timedelta(days=14)
IDLE_STAFF = timedelta(hours=12)
ABSOLUTE = timedelta(days=30)
# Once a minute is exact enough to show, and spares a write on every request.
SEEN_EVERY = timedelta(minutes=1)


def cookie_name() -> str:
    """With TLS the name itself makes browsers refuse a cookie set by a sibling host or over plain HTTP."""
    return "__Host-padan" if settings().secure_cookies else "padan"


def digest(token: str) -> bytes:
    """What is stored of a random token. No salt and no slow hash: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


def start(
    session: Session,
    user: User,
    *,
    organisation: Organisation | None = None,
    address: str | None = None,
    user_agent: str | None = None,
    now: datetime,
) -> tuple[LoginSession, str]:
    """A new session and the token for its cookie. It acts for the given organisation, else for the one joined first."""
    token = secrets.token_urlsafe(32)
    organisation_id = organisation.id if organisation else _first_organisation(session, user)
    login = LoginSession(
        user=user,
        organisation_id=organisation_id,
        token_hash=digest(token),
        address=address,
        user_agent=(user_agent or "")[:300] or None,
        created_at=now,
        last_seen_at=now,
        expires_at=now + ABSOLUTE,
    )
    session.add(login)
    session.flush()
    return login, token


def _first_organisation(session: Session, user: User) -> UUID | None:
    mine = select(Membership.organisation_id).where(Membership.user_id == user.id)
    return session.scalar(mine.order_by(Membership.created_at, Membership.id).limit(1))


def is_alive(login: LoginSession, now: datetime) -> bool:
    idle = IDLE_STAFF if login.user.is_staff else IDLE
    return login.user.disabled_at is None and now < login.expires_at and now < login.last_seen_at + idle


def find(session: Session, token: str, now: datetime) -> LoginSession | None:
    """The living session of this cookie, marked as seen."""
    login = session.scalar(select(LoginSession).where(LoginSession.token_hash == digest(token)))
    if login is None or not is_alive(login, now):
        return None
    if now - login.last_seen_at >= SEEN_EVERY:
        # A page's parallel requests must not queue behind one another for this row.
        free = select(LoginSession.id).where(LoginSession.id == login.id).with_for_update(skip_locked=True)
        session.execute(update(LoginSession).where(LoginSession.id.in_(free)).values(last_seen_at=now))
    return login


def actor_of(session: Session, login: LoginSession) -> Actor:
    return _actor_of(session, login.user, login.organisation_id, session_id=login.id)


def alive_of(session: Session, user: User, now: datetime) -> Sequence[LoginSession]:
    """Where a person is signed in, the last used first."""
    mine = select(LoginSession).where(LoginSession.user_id == user.id).order_by(LoginSession.last_seen_at.desc())
    return [login for login in session.scalars(mine) if is_alive(login, now)]


def choose(session: Session, login: LoginSession, organisation: Organisation | None) -> None:
    """From now on this browser acts for that organisation; the caller has checked the membership."""
    login.organisation_id = organisation.id if organisation else None
    session.flush()


def end(session: Session, login: LoginSession) -> None:
    session.execute(delete(LoginSession).where(LoginSession.id == login.id))


def end_all(session: Session, user: User, except_id: UUID | None = None) -> None:
    """Sign a person out everywhere, or everywhere but here."""
    ended = delete(LoginSession).where(LoginSession.user_id == user.id)
    session.execute(ended if except_id is None else ended.where(LoginSession.id != except_id))
