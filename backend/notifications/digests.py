"""Mails that gather what one person has not been told by mail yet: soon after it happened, or once a day.

The job names the person only; what to send is read when it is sent, so what they read in the meantime is left out.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.mail import queue_mail
from backend.accounts.models import User
from backend.core.clock import now
from backend.core.jobs import enqueue, task
from backend.matching.exposure import BAND
from backend.notifications.models import Notification
from backend.notifications.service import MAIL_PRIORITY, unmailed
from backend.publication.reasons import HOLD_REASONS, RETURN_REASONS, WITHDRAW_REASONS

# A letter nobody reads to its end helps nobody; the rest is counted and waits on the page.
MOST = 12
REASONS = {**RETURN_REASONS, **HOLD_REASONS, **WITHDRAW_REASONS}


@task("notifications.mail")
def mail_user(session: Session, user_id: str) -> None:
    """One letter to one person about everything waiting; none when they chose none or have read it all."""
    user = session.get(User, UUID(user_id))
    if user is None or user.disabled_at or user.email_verified_at is None or user.notify == "never":
        return
    waiting = unmailed(session, user.id)
    if not waiting:
        return
    shown = sorted(waiting, key=_most_telling)[:MOST]
    items = [item_of(notification) for notification in shown]
    queue_mail(session, user.email, "news", user.locale, name=user.name, items=items, more=len(waiting) - len(shown))
    for notification in waiting:
        notification.mailed_at = now()


def send_digests(session: Session, at: datetime) -> int:
    """Every day: a letter for each who chose a daily one. Also gathers what a letter sent at once left behind."""
    due = session.scalars(
        select(User.id)
        .join(Notification, Notification.user_id == User.id)
        .where(
            User.notify != "never",
            Notification.mailed_at.is_(None),
            Notification.read_at.is_(None),
            Notification.created_at > at - timedelta(days=7),
        )
        .distinct()
    ).all()
    for user_id in due:
        enqueue(
            session, "notifications.mail", queueing_lock=f"notifications.mail:{user_id}", priority=MAIL_PRIORITY,
            user_id=str(user_id),
        )
    return len(due)


def _most_telling(notification: Notification) -> tuple[bool, float]:
    """What happened to one's own records first, then the best matches; equals stay in the order they were told in."""
    return notification.verb == "match.found", -round(float(notification.data.get("score", 0)) / BAND)


def item_of(notification: Notification) -> dict[str, Any]:
    """Plain values for a page or for the mail's job; `why` is a message id, worded for whoever reads it."""
    code = str(notification.data.get("reason", ""))
    return {
        "id": str(notification.id),
        "verb": notification.verb,
        "url": notification.url,
        "data": notification.data,
        "why": REASONS.get(code, code),
    }
