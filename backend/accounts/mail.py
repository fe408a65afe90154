"""Mails to people. A mail is a job in the transaction of what it tells, so nothing is told that did not happen.

A mail with a secret link makes its secret when it is sent: the job holds only an id, and the table only a hash.
"""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import Invitation, MailToken, User
from backend.accounts.sessions import digest
from backend.core import clock
from backend.core import mail as post
from backend.core.events import record
from backend.core.jobs import enqueue, task
from backend.core.settings import settings
from backend.templating import mail

VERIFY_FOR = timedelta(hours=24)
RESET_FOR = timedelta(minutes=60)


def link(path: str) -> str:
    """Links come from the settings, never from a request's Host header, which anyone can write."""
    return settings().base_url.rstrip("/") + path


def queue_mail(session: Session, to: str, template: str, locale: str, **context: Any) -> None:
    """Send `mails/<template>` when this transaction has committed. The context is stored: plain JSON, no secrets."""
    enqueue(session, "mail.send", to=to, template=template, locale=locale, context=context)


@task("mail.send")
def send(session: Session, *, to: str, template: str, locale: str, context: dict[str, Any]) -> None:  # noqa: ARG001
    post.send(to, *mail(template, locale, link=link, **context))


def queue_verification(session: Session, user: User, address: str, locale: str) -> None:
    enqueue(session, "mail.verify", user_id=str(user.id), address=address, locale=locale)


@task("mail.verify")
def send_verification(session: Session, *, user_id: str, address: str, locale: str) -> None:
    """The link that makes `address` the person's own; its present owner, if another, is told instead."""
    user = session.get(User, UUID(user_id))
    if user is None or user.disabled_at:
        return
    owner = session.scalar(select(User).where(User.email == address))
    if owner and owner.id != user.id:
        post.send(address, *mail("already_registered", owner.locale, link=link, person=owner.name))
        return
    raw = _new_token(session, user, "verify", address, VERIFY_FOR)
    post.send(address, *mail("verify", locale, link=link, person=user.name, href=link(f"/verify/{raw}")))


def queue_reset(session: Session, email: str, locale: str) -> None:
    """The same job for known and unknown addresses: only the job finds out which it is."""
    enqueue(session, "mail.reset", email=email, locale=locale)


@task("mail.reset")
def send_reset(session: Session, *, email: str, locale: str) -> None:
    user = session.scalar(select(User).where(User.email == email, User.disabled_at.is_(None)))
    if user is None:
        return
    record(session, "user.password_reset_requested", user, react=False)
    raw = _new_token(session, user, "reset", user.email, RESET_FOR)
    post.send(user.email, *mail("reset", locale, link=link, person=user.name, href=link(f"/password/reset/{raw}")))


def _new_token(session: Session, user: User, purpose: str, address: str, valid: timedelta) -> str:
    raw = secrets.token_urlsafe(32)
    session.add(
        MailToken(
            user=user, purpose=purpose, address=address, token_hash=digest(raw), expires_at=clock.now() + valid
        )
    )
    session.flush()
    return raw


def queue_invitation(session: Session, invitation: Invitation, locale: str, invited_by: str) -> None:
    enqueue(
        session, "mail.invitation", invitation_id=str(invitation.id), locale=locale, invited_by=invited_by
    )


@task("mail.invitation")
def send_invitation(session: Session, *, invitation_id: str, locale: str, invited_by: str) -> None:
    """A second sending replaces the first one's link."""
    invitation = session.get(Invitation, UUID(invitation_id))
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at:
        return
    raw = secrets.token_urlsafe(32)
    invitation.token_hash = digest(raw)
    session.flush()
    known = session.scalar(select(User).where(User.email == invitation.email))
    words = mail(
        "invitation",
        known.locale if known else locale,
        link=link,
        href=link(f"/invitations/{raw}"),
        organisation=invitation.organisation.name,
        invited_by=invited_by,
        role=invitation.role,
        expires_at=invitation.expires_at,
    )
    post.send(invitation.email, *words)
