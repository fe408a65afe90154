"""Telling people: once, in their language, at the pace they chose.

`(user, key)` is unique in the database, so a reaction that runs twice, or two at the same moment, tells once.
A mail gathers all that one person has not been mailed yet: a need with fifty matches is one letter, not fifty.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from backend.accounts.models import Membership, User
from backend.core.clock import now
from backend.core.events import Event
from backend.core.ids import new_id
from backend.core.jobs import enqueue
from backend.listings.models import Listing
from backend.matching.models import Match
from backend.matching.order import in_turn
from backend.matching.store import worth_telling
from backend.needs.models import Need
from backend.notifications.models import Notification
from backend.publication.states import State

# Behind every reaction, so that what one change brings about is gathered before it is mailed.
MAIL_PRIORITY = -10

# What happens to a record that its people did not do themselves, or should not miss.
LIFE = frozenset({"returned", "published", "held", "resumed", "withdrawn", "expiring", "expired", "archived"})


def tell(session: Session, user: User, key: str, verb: str, data: dict[str, Any], url: str) -> Notification | None:
    """Tell one person one fact; None when they were told before. `data` holds ids and plain facts, never sentences."""
    written = session.execute(
        insert(Notification)
        .values(id=new_id(), user_id=user.id, key=key, verb=verb, data=data, url=url, created_at=now())
        .on_conflict_do_nothing(constraint="uq_notification_user_key")
        .returning(Notification.id)
    ).scalar_one_or_none()
    if written is None:
        return None
    if user.notify == "at_once":
        enqueue(
            session,
            "notifications.mail",
            queueing_lock=f"notifications.mail:{user.id}",
            priority=MAIL_PRIORITY,
            user_id=str(user.id),
        )
    return session.get_one(Notification, written)


def tell_match(session: Session, match: Match) -> list[Notification]:
    """Tell the seeker's people, and the owner's once the need is published; each side once per pair, ever."""
    return _tell_both_sides(session, Match.id == match.id)


def tell_matches_of(session: Session, need: Need) -> list[Notification]:
    """Tell both sides of all of a need's matches what they may hear of by now, the best first."""
    return _tell_both_sides(
        session, Match.need_id == need.id, Match.owner_told_at.is_(None) | Match.seeker_told_at.is_(None)
    )


def _tell_both_sides(session: Session, *which: ColumnElement[bool]) -> list[Notification]:
    """Locks the pairs, so that two workers do not tell the same one. A weak one waits on the page till it is better."""
    found = session.scalars(
        select(Match)
        .where(*which, worth_telling())
        .order_by(Match.score.desc(), Match.id)
        .options(
            joinedload(Match.need, innerjoin=True).joinedload(Need.organisation, innerjoin=True),
            joinedload(Match.listing, innerjoin=True).joinedload(Listing.organisation, innerjoin=True),
        )
        .with_for_update(of=Match)
        .execution_options(populate_existing=True)
    )
    people: dict[UUID, Sequence[User]] = {}
    told: list[Notification] = []
    for match in _in_turn(session, found.unique().all()):
        need, listing = match.need, match.listing
        if State(listing.state) is not State.PUBLISHED or not listing.open_for_interest:
            continue
        is_public = State(need.state) is State.PUBLISHED and need.open_for_interest
        sides = []
        if match.seeker_told_at is None:
            sides.append(("seeker", need.organisation_id))
            match.seeker_told_at = now()
        if match.owner_told_at is None and is_public and need.organisation_id != listing.organisation_id:
            sides.append(("owner", listing.organisation_id))
            match.owner_told_at = now()
        for side, organisation_id in sides:
            if organisation_id not in people:
                people[organisation_id] = people_of(session, organisation_id)
            facts = _match_facts(match) | {"side": side}
            for user in people[organisation_id]:
                one = tell(session, user, f"match.found:{match.id}", "match.found", facts, f"/matches/{match.id}")
                told += [one] if one else []
    session.flush()
    return told


def _in_turn(session: Session, matches: Sequence[Match]) -> list[Match]:
    """Each need's matches in the order of its page, so that a letter's first lines go to equals in turn too."""
    needs: dict[UUID, list[Match]] = {}
    for match in matches:
        needs.setdefault(match.need_id, []).append(match)
    return [match for mine in needs.values() for match in in_turn(session, mine)]


def tell_owner(session: Session, event: Event, record: Listing | Need) -> list[Notification]:
    """Tell the people of a listing or need what happened to it; whoever did it themselves needs no telling."""
    noun, _dot, change = event.verb.partition(".")
    if change not in LIFE:
        return []
    data = {
        "noun": noun,
        "id": str(record.id),
        "title": record.title,
        "language": record.language,
        "reference": record.reference,
        **{name: value for name, value in event.data.items() if name in ("reason", "code", "note", "days")},
    }
    if record.expires_at is not None:
        data["expires_on"] = record.expires_at.date().isoformat()
    return _tell_people(
        session, record.organisation_id, f"{event.verb}:{event.id}", event.verb, data, f"/{noun}s/{record.id}",
        but=event.actor_id,
    )


def people_of(session: Session, organisation_id: UUID) -> Sequence[User]:
    """Those who act for an organisation: its admins and editors, as far as their account is in use."""
    return session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role.in_(("admin", "editor")),
            User.disabled_at.is_(None),
        )
        .order_by(User.id)
    ).all()


def unread_count(session: Session, user_id: UUID) -> int:
    return session.scalar(
        select(func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    ) or 0


def notifications_of(
    session: Session, user_id: UUID, *, page: int = 1, size: int = 30
) -> tuple[list[Notification], int]:
    """One page, newest first, and how many there are in all."""
    mine = select(Notification).where(Notification.user_id == user_id)
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    rows = session.scalars(
        mine.order_by(Notification.created_at.desc(), Notification.id.desc()).offset((page - 1) * size).limit(size)
    )
    return list(rows), total


def mark_read(notification: Notification) -> None:
    notification.read_at = notification.read_at or now()


def mark_all_read(session: Session, user_id: UUID, until: datetime | None = None) -> None:
    """Those that arrived after the page was drawn stay unread."""
    session.execute(
        update(Notification)
        .where(
            Notification.user_id == user_id,
            Notification.read_at.is_(None),
            Notification.created_at <= (until or now()),
        )
        .values(read_at=now())
    )


def mark_read_about(session: Session, user_id: UUID, urls: Iterable[str]) -> None:
    """Whoever looks at the thing itself has read what was told about it."""
    session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None), Notification.url.in_(list(urls)))
        .values(read_at=now())
    )


def unmailed(session: Session, user_id: UUID, *, days: int = 7) -> list[Notification]:
    """What one person has neither been mailed nor read. Old news is not sent after the fact."""
    return list(
        session.scalars(
            select(Notification)
            .where(
                Notification.user_id == user_id,
                Notification.mailed_at.is_(None),
                Notification.read_at.is_(None),
                Notification.created_at > now() - timedelta(days=days),
            )
            .order_by(Notification.created_at, Notification.id)
            .with_for_update(skip_locked=True)
        )
    )


def _tell_people(
    session: Session,
    organisation_id: UUID,
    key: str,
    verb: str,
    data: dict[str, Any],
    url: str,
    but: UUID | None = None,
) -> list[Notification]:
    told = (tell(session, user, key, verb, data, url) for user in people_of(session, organisation_id) if user.id != but)
    return [notification for notification in told if notification is not None]


def _match_facts(match: Match) -> dict[str, Any]:
    """Titles and member states only: the name of an anonymous seeker or owner never leaves its record."""
    need, listing = match.need, match.listing
    return {
        "match_id": str(match.id),
        "score": float(match.score),
        "need_id": str(need.id),
        "need_title": need.title,
        "need_language": need.language,
        "need_country": need.organisation.country,
        "listing_id": str(listing.id),
        "listing_title": listing.title,
        "listing_language": listing.language,
        "listing_country": listing.organisation.country,
    }
