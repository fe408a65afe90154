"""Once a day: forget what has served its time, because what is not kept cannot leak."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.accounts import ratelimit, sessions
from backend.accounts.models import LoginSession, MailToken

# Spent links stay a while, so that a complaint about one can be looked into.
LINKS_KEPT = timedelta(days=30)


def sweep(session: Session, now: datetime) -> None:
    idle = LoginSession.last_seen_at < now - sessions.IDLE
    session.execute(delete(LoginSession).where((LoginSession.expires_at < now) | idle))
    session.execute(delete(MailToken).where(MailToken.expires_at < now - LINKS_KEPT))
    ratelimit.sweep(session, now)
