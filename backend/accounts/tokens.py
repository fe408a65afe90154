"""API tokens: a program acts for one person in one organisation, to read or to write, until revoked.

The visible form `padan_<prefix>_<secret>` lets a person recognise a token and a scanner find a leaked one.
"""

import re
import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from backend.accounts.actor import Actor
from backend.accounts.actor import actor_of as _actor_of
from backend.accounts.models import ApiToken, Membership, Organisation
from backend.accounts.sessions import digest
from backend.core import clock
from backend.core.errors import Forbidden
from backend.core.events import record
from backend.i18n import _

SHAPE = re.compile(r"padan_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")
SEEN_EVERY = timedelta(minutes=1)
_ALPHABET = string.ascii_lowercase + string.digits


def create(
    session: Session, actor: Actor, name: str, scope: Literal["read", "write"], organisation: Organisation | None
) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown once and cannot be had again."""
    if organisation and not actor.belongs_to(organisation.id):
        raise Forbidden(_("You are not a member of this organisation."))
    prefix = "".join(secrets.choice(_ALPHABET) for _place in range(8))
    raw = f"padan_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        user=actor.user,
        organisation_id=organisation.id if organisation else None,
        name=name,
        prefix=prefix,
        token_hash=digest(raw),
        scope=scope,
    )
    session.add(token)
    session.flush()
    record(session, "token.created", token, actor=actor, organisation_id=token.organisation_id, data={"scope": scope})
    return token, raw


def find(session: Session, raw: str, now: datetime) -> ApiToken | None:
    """The token, marked as used, if it is in force and its owner still belongs where it acts."""
    if not SHAPE.fullmatch(raw):
        return None
    still_member = exists().where(
        Membership.user_id == ApiToken.user_id, Membership.organisation_id == ApiToken.organisation_id
    )
    token = session.scalar(
        select(ApiToken).where(
            ApiToken.token_hash == digest(raw),
            ApiToken.revoked_at.is_(None),
            ApiToken.organisation_id.is_(None) | still_member,
        )
    )
    if token is None or token.user.disabled_at:
        return None
    if token.last_used_at is None or now - token.last_used_at >= SEEN_EVERY:
        free = select(ApiToken.id).where(ApiToken.id == token.id).with_for_update(skip_locked=True)
        session.execute(update(ApiToken).where(ApiToken.id.in_(free)).values(last_used_at=now))
    return token


def actor_of(session: Session, token: ApiToken) -> Actor:
    """The token's person, with no role outside the token's organisation."""
    return _actor_of(session, token.user, token.organisation_id, may_write=token.scope == "write", confined=True)


def of(session: Session, actor: Actor) -> Sequence[ApiToken]:
    """A person's tokens, those in force first, then the newest."""
    mine = select(ApiToken).where(ApiToken.user_id == actor.id)
    return session.scalars(mine.order_by(ApiToken.revoked_at.isnot(None), ApiToken.created_at.desc())).all()


def revoke(session: Session, actor: Actor, token: ApiToken) -> None:
    """Revoking twice is revoking once."""
    if token.revoked_at:
        return
    token.revoked_at = clock.now()
    record(session, "token.revoked", token, actor=actor, organisation_id=token.organisation_id)
