"""Invitations: an admin asks an address to join; only the person who has that address can accept, and only once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import passwords, service
from backend.accounts.actor import Actor
from backend.accounts.mail import queue_invitation
from backend.accounts.models import Invitation, Membership, Organisation, User
from backend.accounts.organisations import add_member
from backend.accounts.schemas import Registration
from backend.accounts.sessions import digest
from backend.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.core.events import record
from backend.core.ids import new_id
from backend.i18n import _

VALID = timedelta(days=14)


def invite(
    session: Session, organisation: Organisation, email: str, role: str, *, actor: Actor, now: datetime
) -> Invitation:
    """Ask `email` to join, or ask again: an open invitation is renewed with the new role and a new link."""
    member = select(Membership.id).join(User).where(
        Membership.organisation_id == organisation.id, User.email == email
    )
    if session.scalar(member):
        raise Invalid(FieldError("email", "already_member", _("This person belongs to your organisation already.")))
    invitation = _open_for(session, organisation, email)
    if invitation is None:
        # The link's secret is made when the mail is sent; until then no link opens this.
        invitation = Invitation(
            id=new_id(), organisation=organisation, email=email, role=role, token_hash=digest(str(new_id())),
            invited_by_id=actor.id, expires_at=now + VALID,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(invitation)
        except IntegrityError:
            raise Conflict(_("Somebody invited this person at the same moment.")) from None
    invitation.role, invitation.expires_at = role, now + VALID
    record(
        session, "invitation.sent", invitation, actor=actor, organisation_id=organisation.id,
        data={"role": role}, react=False,
    )  # fmt: skip
    queue_invitation(session, invitation, actor.locale, actor.user.name)
    return invitation


def _open_for(session: Session, organisation: Organisation, email: str) -> Invitation | None:
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.organisation_id == organisation.id,
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .with_for_update(of=Invitation)
    )


def open_of(session: Session, organisation: Organisation) -> Sequence[Invitation]:
    """Invitations nobody has answered yet, also those whose time is over (they can be sent again)."""
    query = select(Invitation).where(
        Invitation.organisation_id == organisation.id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    return session.scalars(query.order_by(Invitation.created_at)).all()


def find(session: Session, raw: str, now: datetime, *, lock: bool = False) -> Invitation:
    """The invitation behind a link; raises NotFound when it is unknown, answered, withdrawn or too old."""
    query = select(Invitation).where(Invitation.token_hash == digest(raw))
    if lock:
        query = query.with_for_update(of=Invitation).execution_options(populate_existing=True)
    invitation = session.scalar(query)
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= now:
        raise NotFound(_("This invitation is no longer open. Ask for a new one."), code="link_expired")
    return invitation


def accept(session: Session, raw: str, *, actor: Actor, now: datetime) -> Membership:
    """Join as the signed-in person; raises Forbidden when the invitation went to another address.

    The row is locked first, so of two clicks at the same moment the second finds it answered.
    """
    invitation = find(session, raw, now, lock=True)
    if invitation.email != actor.user.email:
        raise Forbidden(
            _("This invitation was sent to another address. Sign in with the account of that address."),
            code="other_address",
        )
    return _join(session, invitation, actor.user, now)


def register_invited(session: Session, raw: str, given: Registration, *, locale: str, now: datetime) -> User:
    """A new person who joins by the link. The link reached their address, so the address is confirmed with it."""
    invitation = find(session, raw, now, lock=True)
    if given.email != invitation.email:
        raise Forbidden(_("This invitation was sent to another address."), code="other_address")
    password_hash = passwords.make_hash(given.password)
    user = service.add_user(session, given.name, given.email, password_hash, locale=locale, verified_at=now)
    if user is None:
        message = _("You have an account with this address. Sign in and open the link again.")
        raise Invalid(FieldError("email", "known", message))
    _join(session, invitation, user, now)
    return user


def _join(session: Session, invitation: Invitation, user: User, now: datetime) -> Membership:
    invitation.accepted_at = now
    record(
        session, "invitation.accepted", invitation, actor=user, organisation_id=invitation.organisation_id, react=False
    )
    present = session.scalar(
        select(Membership).where(
            Membership.organisation_id == invitation.organisation_id, Membership.user_id == user.id
        )
    )
    return present or add_member(session, invitation.organisation, user, invitation.role, actor=user)


def withdraw(session: Session, invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    if invitation.accepted_at or invitation.withdrawn_at:
        return
    invitation.withdrawn_at = now
    there = invitation.organisation_id
    record(session, "invitation.withdrawn", invitation, actor=actor, organisation_id=there, react=False)
