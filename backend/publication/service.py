"""The verbs in the life of anything published. Each asks the table in `states.py`, sets dates and records one event.

Rules of time: a publication lasts 365 days, is reminded of at 60, 30 and 14 days, may be extended once from 30 days
before its end, lasts two years at most, and can be revived within a year of its expiry.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.actor import Actor
from backend.core import events
from backend.core.clock import now
from backend.core.errors import Conflict, FieldError, Forbidden, Invalid
from backend.i18n import _
from backend.publication.models import Publishable
from backend.publication.quality import Finding, as_errors, blockers, score
from backend.publication.reasons import HOLD_REASONS, RETURN_REASONS, WITHDRAW_REASONS
from backend.publication.states import State, destination

LIFE = timedelta(days=365)
LONGEST_LIFE = 2 * LIFE
EXTENSION_OPENS = timedelta(days=30)
REVIVABLE = timedelta(days=365)
REMINDERS = (60, 30, 14)
REVIEW_WORKING_DAYS = 3

# What a noun's quality gate finds on a record. The nouns stand above this package and enter theirs here; what has a
# gate is what the nightly rounds look at.
Gate = Callable[[Session, Any], list[Finding]]
GATES: dict[type[Publishable], Gate] = {}


class OwnReview(Forbidden):
    code = "own_review"


class NotReady(Invalid):
    code = "not_ready"


class OutOfTime(Conflict):
    code = "out_of_time"


def noun(record: Publishable) -> str:
    return str(getattr(record, "__tablename__", ""))


def findings(session: Session, record: Publishable) -> list[Finding]:
    """What the gate of its noun says now; also keeps the score on the record."""
    found = GATES[type(record)](session, record)
    record.quality = score(found)
    return found


def submit(session: Session, record: Publishable, *, actor: Actor) -> None:
    """Hand it to the review desk. What a machine only suspects is left to the reviewer to decide."""
    target = destination("submit", record.state)
    open_ends = [f for f in blockers(findings(session, record)) if not f.person_decides]
    if open_ends:
        raise NotReady(as_errors(open_ends), _("It is not ready yet: some answers must be mended first."))
    record.state, record.submitted_at, record.reviewer_id = target, now(), None
    _record(session, record, "submitted", actor)


def recall(session: Session, record: Publishable, *, actor: Actor) -> None:
    """Take it back before a reviewer has begun."""
    record.state = destination("recall", record.state)
    record.submitted_at = None
    _record(session, record, "recalled", actor)


def take_up(session: Session, record: Publishable, *, actor: Actor) -> None:
    target = destination("take_up", record.state)
    _not_own(record, actor)
    record.state, record.reviewer_id = target, actor.id
    _record(session, record, "taken_up", actor)


def give_back(session: Session, record: Publishable, *, actor: Actor, reason: str, note: str = "") -> None:
    """Return it to its author with a coded reason; `note` says what to mend."""
    target = destination("give_back", record.state)
    _not_own(record, actor)
    data = _reason(RETURN_REASONS, reason, note)
    record.state, record.reviewer_id = target, actor.id
    _record(session, record, "returned", actor, data)


def publish(session: Session, record: Publishable, *, actor: Actor, accepted: Collection[str] = ()) -> None:
    """Make it public for a year. `accepted`: keys of suspected blockers the reviewer has looked at and lets pass."""
    target = destination("publish", record.state)
    _not_own(record, actor)
    passed = _ready(session, record, accepted)
    at = now()
    record.state, record.reviewer_id = target, actor.id
    _begin(record, at)
    _record(session, record, "published", actor, {"quality": record.quality, "accepted": passed})


def hold(session: Session, record: Publishable, *, actor: Actor, reason: str = "owner_pause", note: str = "") -> None:
    target = destination("hold", record.state)
    data = _reason(HOLD_REASONS, reason, note)
    data["by_staff"] = not actor.belongs_to(record.organisation_id)
    record.state = target
    _record(session, record, "held", actor, data)


def resume(session: Session, record: Publishable, *, actor: Actor) -> None:
    target = destination("resume", record.state)
    if record.expires_at is not None and record.expires_at <= now():
        raise OutOfTime(_("Its time is over. It can be revived once it is marked as expired."))
    if actor.belongs_to(record.organisation_id) and _held_by_staff(session, record):
        raise Forbidden(_("Staff have put this on hold, so only staff can end the hold."), code="held_by_staff")
    record.state = target
    _record(session, record, "resumed", actor)


def withdraw(
    session: Session, record: Publishable, *, actor: Actor, reason: str = "no_longer_offered", note: str = ""
) -> None:
    """Take it down for good. A page that was public leaves a marker behind, without contact."""
    target = destination("withdraw", record.state)
    data = _reason(WITHDRAW_REASONS, reason, note)
    record.state, record.open_for_interest = target, False
    _record(session, record, "withdrawn", actor, data)


def may_extend(record: Publishable, at: datetime) -> bool:
    return (
        record.state in (State.PUBLISHED, State.ON_HOLD)
        and record.extended_at is None
        and record.expires_at is not None
        and at < record.expires_at <= at + EXTENSION_OPENS
    )


def extend(session: Session, record: Publishable, *, actor: Actor, days: int = 365) -> None:
    """Once, in the last 30 days, by up to a year, and never beyond two years after publication."""
    at = now()
    if record.extended_at is not None:
        raise OutOfTime(_("It has been extended once already."), code="already_extended")
    if not may_extend(record, at) or record.expires_at is None or record.published_at is None:
        raise OutOfTime(_("It can be extended in its last 30 days."), code="too_early")
    if not 1 <= days <= LIFE.days:
        raise OutOfTime(_("It can be extended by up to 365 days."), code="too_long")
    before = record.expires_at
    record.expires_at = min(before + timedelta(days=days), record.published_at + LONGEST_LIFE)
    record.extended_at, record.reminded_days = at, None
    _record(session, record, "extended", actor, {"from": before.isoformat(), "to": record.expires_at.isoformat()})


def may_revive(record: Publishable, at: datetime) -> bool:
    return record.state == State.EXPIRED and record.expires_at is not None and at - record.expires_at <= REVIVABLE


def revive(session: Session, record: Publishable, *, actor: Actor) -> None:
    """Publish an expired one anew, within a year and if it still passes the gate; its dates begin again."""
    target = destination("revive", record.state)
    at = now()
    if not may_revive(record, at):
        raise OutOfTime(_("It expired more than a year ago. Please list it anew."))
    _ready(session, record, None)
    record.state = target
    _begin(record, at)
    _record(session, record, "revived", actor)


def archive(session: Session, record: Publishable, *, actor: Actor | None = None) -> None:
    record.state = destination("archive", record.state)
    record.open_for_interest = False
    _record(session, record, "archived", actor)


def open_for_interest(session: Session, record: Publishable, *, actor: Actor) -> None:
    """Let people express interest. Asking twice changes nothing."""
    _set_interest(session, record, True, actor)


def close_for_interest(session: Session, record: Publishable, *, actor: Actor) -> None:
    """Stay public but take no expressions of interest."""
    _set_interest(session, record, False, actor)


# The nightly job -----------------------------------------------------------------------------------------------------


def expire_due(session: Session, at: datetime) -> int:
    """Expire what is past its end; returns how many."""
    count = 0
    for model in GATES:
        due = select(model).where(
            model.state.in_([State.PUBLISHED, State.ON_HOLD]), model.expires_at <= at
        ).with_for_update(of=model, skip_locked=True)
        for record in session.scalars(due).unique():
            record.state = destination("expire", record.state)
            _record(session, record, "expired", None)
            count += 1
    return count


def remind_due(session: Session, at: datetime) -> int:
    """Remind of an end 60, 30 and 14 days off, each once. A night missed is made up for by the next, not twice."""
    count = 0
    for model in GATES:
        due = select(model).where(
            model.state.in_([State.PUBLISHED, State.ON_HOLD]),
            model.expires_at > at,
            model.expires_at <= at + timedelta(days=max(REMINDERS)),
        ).with_for_update(of=model, skip_locked=True)
        for record in session.scalars(due).unique():
            days = reminder_due(record, at)
            if days is not None:
                record.reminded_days = days
                _record(session, record, "expiring", None, {"days": days, "expires_at": _iso(record.expires_at)})
                count += 1
    return count


def reminder_due(record: Publishable, at: datetime) -> int | None:
    """Which reminder is due now: the nearest one reached, unless it or a nearer one was sent."""
    if record.expires_at is None:
        return None
    reached = [days for days in REMINDERS if record.expires_at - at <= timedelta(days=days)]
    if not reached or (record.reminded_days is not None and record.reminded_days <= min(reached)):
        return None
    return min(reached)


def archive_due(session: Session, at: datetime) -> int:
    """Archive what expired more than a year ago and can no longer be revived."""
    count = 0
    for model in GATES:
        due = select(model).where(
            model.state == State.EXPIRED, model.expires_at < at - REVIVABLE
        ).with_for_update(of=model, skip_locked=True)
        for record in session.scalars(due).unique():
            archive(session, record)
            count += 1
    return count


# -----------------------------------------------------------------------------------------------------------------


def review_due(submitted_at: datetime) -> datetime:
    """The end of the third working day after submission; public holidays differ by state and are not counted."""
    day, left = submitted_at.date(), REVIEW_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day, time(23, 59, 59), UTC)


def is_own(record: Publishable, actor: Actor) -> bool:
    """Whether `actor` stands too near to review it: its author, or of the same organisation."""
    return actor.belongs_to(record.organisation_id) or record.created_by_id == actor.id


def _held_by_staff(session: Session, record: Publishable) -> bool:
    held = [event for event in events.history(session, record) if event.verb == f"{noun(record)}.held"]
    return bool(held and held[-1].data.get("by_staff"))


def _not_own(record: Publishable, actor: Actor) -> None:
    if is_own(record, actor):
        raise OwnReview(_("A reviewer is never of the author's own organisation. Somebody else must review this."))


def _ready(session: Session, record: Publishable, accepted: Collection[str] | None) -> list[str]:
    """Raises NotReady unless every blocker is gone or, where a person decides, accepted; returns what was accepted.

    None accepts what a reviewer accepted before: the suspected ones.
    """
    found = blockers(findings(session, record))
    passed = [f for f in found if f.person_decides and (accepted is None or f.key in accepted)]
    left = [f for f in found if f not in passed]
    if left:
        raise NotReady(as_errors(left), _("It cannot be published while something must be mended."))
    return [f.key for f in passed]


def _begin(record: Publishable, at: datetime) -> None:
    record.published_at, record.expires_at = at, at + LIFE
    record.extended_at, record.reminded_days = None, None
    deadline = getattr(record, "deadline", None)
    # A call for partners ends with the call.
    if getattr(record, "kind", "") == "rd_consortium" and deadline is not None:
        record.expires_at = min(record.expires_at, max(datetime.combine(deadline, time(23, 59, 59), UTC), at))


def _set_interest(session: Session, record: Publishable, wanted: bool, actor: Actor) -> None:
    if record.state != State.PUBLISHED:
        raise Conflict(_("Only what is published can be open for interest."), code="illegal_move")
    if record.open_for_interest != wanted:
        record.open_for_interest = wanted
        _record(session, record, "opened" if wanted else "closed", actor)


def _reason(reasons: dict[str, str], reason: str, note: str) -> dict[str, Any]:
    if reason not in reasons:
        raise Invalid(FieldError("reason", "unknown_reason", _("Please choose a reason.")))
    return {"reason": reason, "note": note.strip()}


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _record(
    session: Session, record: Publishable, verb: str, actor: Actor | None, data: dict[str, Any] | None = None
) -> None:
    record.updated_at = now()
    organisation_id: UUID = record.organisation_id
    session.flush()
    events.record(
        session, f"{noun(record)}.{verb}", record, actor=actor, organisation_id=organisation_id, data=data or {}
    )
