"""People: how they join, prove their address, sign in, and keep their account theirs.

Nothing here tells a stranger whether an address has an account: the answer is the same, and the mail goes to its owner.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import organisations, passwords, ratelimit, sessions
from backend.accounts.actor import Actor
from backend.accounts.mail import queue_mail, queue_reset, queue_verification
from backend.accounts.models import LoginSession, MailToken, User
from backend.accounts.schemas import ProfileInput, Registration
from backend.core.errors import FieldError, Invalid, NotFound
from backend.core.events import record
from backend.core.ids import new_id
from backend.i18n import _


class WrongCredentials(Invalid):
    """Unknown address, wrong password or a disabled account: nobody is told which."""

    def __init__(self) -> None:
        message = _("This address and password do not fit together.")
        super().__init__(FieldError("password", "wrong_credentials", message))


class Unverified(Invalid):
    """The password is right, but the address was never confirmed; a new link is on its way."""

    def __init__(self) -> None:
        message = _("Please confirm your e-mail address first. We have sent you a new link.")
        super().__init__(FieldError("email", "unverified", message))


def register(session: Session, given: Registration, *, locale: str) -> User | None:
    """A person and their organisation, of which they are the admin; a link to confirm the address is sent.

    None when the address has an account already: its owner gets a mail instead, and the page must not differ.
    """
    password_hash = passwords.make_hash(given.password)  # before the look-up: the same work for everyone
    if given.organisation:
        organisations.refuse_taken_number(session, given.organisation, field="organisation_registration_number")
    known = session.scalar(select(User).where(User.email == given.email))
    user = None if known else add_user(session, given.name, given.email, password_hash, locale=locale)
    if user is None:
        known = known or session.scalars(select(User).where(User.email == given.email)).one()
        queue_mail(session, known.email, "already_registered", known.locale, person=known.name)
        return None
    if given.organisation:
        organisations.create(session, user, given.organisation, field="organisation_registration_number")
    queue_verification(session, user, user.email, locale)
    return user


def add_user(
    session: Session, name: str, email: str, password_hash: str, *, locale: str, verified_at: datetime | None = None
) -> User | None:
    """A new person; None when somebody with this address came first, even a moment ago."""
    user = User(
        id=new_id(), name=name, email=email, password_hash=password_hash, locale=locale, email_verified_at=verified_at
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        return None
    record(session, "user.registered", user, actor=user, react=False)
    return user


def mail_token(session: Session, raw: str, purpose: str, now: datetime, *, lock: bool = False) -> MailToken:
    """The link, if it is still good; raises NotFound when it is unknown, used or too old."""
    query = select(MailToken).where(MailToken.token_hash == sessions.digest(raw), MailToken.purpose == purpose)
    token = session.scalar(query.with_for_update(of=MailToken) if lock else query)
    if token is None or token.used_at or token.expires_at <= now or token.user.disabled_at:
        raise NotFound(_("This link is no longer good. Please ask for a new one."), code="link_expired")
    return token


def verify_email(session: Session, raw: str, now: datetime) -> User:
    """The address the link went to is from now on the person's own."""
    token = mail_token(session, raw, "verify", now, lock=True)
    user, before = token.user, token.user.email
    token.used_at = now
    if token.address != before:
        if session.scalar(select(User.id).where(User.email == token.address)):
            raise NotFound(_("This link is no longer good. Please ask for a new one."), code="link_expired")
        user.email = token.address
        _spend_links(session, user, now)
        queue_mail(session, before, "email_changed", user.locale, person=user.name)
    user.email_verified_at = now
    record(session, "user.verified_email", user, actor=user, react=False, data={"changed": token.address != before})
    return user


def sign_in(
    session: Session,
    email: str,
    password: str,
    *,
    address: str | None,
    user_agent: str | None,
    now: datetime,
    replaces: LoginSession | None = None,
) -> tuple[LoginSession, str]:
    """A new session, never the one the browser had before; raises WrongCredentials or Unverified.

    The caller catches these and answers normally, so that the failed attempt stays on record.
    """
    # PostgreSQL refuses to compare with NUL, and no address holds one.
    user = session.scalar(select(User).where(User.email == email.replace("\x00", "").strip().lower()))
    fits, better = passwords.verify(password, user.password_hash if user else None)
    if user is None or not fits or user.disabled_at:
        if user:
            record(session, "user.sign_in_failed", user, react=False, data={"address": address})
        raise WrongCredentials
    if better:
        user.password_hash = better
    if user.email_verified_at is None:
        ratelimit.check_mail_request(user.email, address, now)
        queue_verification(session, user, user.email, user.locale)
        raise Unverified
    if replaces:
        sessions.end(session, replaces)
    login, token = sessions.start(session, user, address=address, user_agent=user_agent, now=now)
    record(session, "user.signed_in", user, actor=user, react=False, data={"address": address})
    return login, token


def sign_out(session: Session, actor: Actor, login: LoginSession) -> None:
    sessions.end(session, login)
    record(session, "user.signed_out", actor.user, actor=actor, react=False)


def sign_out_everywhere(session: Session, actor: Actor) -> None:
    sessions.end_all(session, actor.user)
    record(session, "user.signed_out", actor.user, actor=actor, react=False, data={"everywhere": True})


def request_reset(session: Session, email: str, locale: str) -> None:
    """One job, whoever asks: what is done for a known address and what for an unknown one cannot be told apart."""
    queue_reset(session, email, locale)


def reset_password(session: Session, raw: str, password: str, now: datetime) -> User:
    """Set a new password by the link; every session ends and every other link is spent.

    The link reached the address, so it confirms the address too.
    """
    token = mail_token(session, raw, "reset", now, lock=True)
    user = token.user
    if token.address != user.email:
        raise NotFound(_("This link is no longer good. Please ask for a new one."), code="link_expired")
    user.email_verified_at = user.email_verified_at or now
    _set_password(session, user, password, now)
    sessions.end_all(session, user)
    return user


def change_password(
    session: Session,
    actor: Actor,
    new: str,
    *,
    address: str | None,
    user_agent: str | None,
    now: datetime,
) -> tuple[LoginSession, str]:
    """All sessions end, and this browser gets a new one. The caller has confirmed the present password."""
    _set_password(session, actor.user, new, now)
    sessions.end_all(session, actor.user)
    return sessions.start(
        session, actor.user, organisation=actor.organisation, address=address, user_agent=user_agent, now=now
    )


def change_email(session: Session, actor: Actor, email: str) -> None:
    """Send a link to the new address; the old one stays until it is followed. The caller has confirmed the password."""
    if email != actor.user.email:
        queue_verification(session, actor.user, email, actor.user.locale)


def confirm_password(session: Session, user: User, password: str) -> None:
    """Before anything that could take the account over: is this still its owner? Count the attempts before asking."""
    fits, better = passwords.verify(password, user.password_hash)
    if not fits:
        record(session, "user.sign_in_failed", user, actor=user, react=False, data={"confirming": True})
        raise Invalid(FieldError("current_password", "wrong_password", _("This is not your present password.")))
    if better:
        user.password_hash = better


def _set_password(session: Session, user: User, password: str, now: datetime) -> None:
    user.password_hash = passwords.make_hash(password)
    _spend_links(session, user, now)
    queue_mail(session, user.email, "password_changed", user.locale, person=user.name)
    record(session, "user.password_changed", user, actor=user, react=False)


def _spend_links(session: Session, user: User, now: datetime) -> None:
    unused = update(MailToken).where(MailToken.user_id == user.id, MailToken.used_at.is_(None))
    session.execute(unused.values(used_at=now))


def edit_profile(session: Session, actor: Actor, given: ProfileInput) -> None:
    user = actor.user
    user.name, user.locale, user.notify = given.name, given.locale, given.notify
    session.flush()
