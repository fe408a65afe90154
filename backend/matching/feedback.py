"""What each side says of a match: useful, or not and why. One answer per person, changed by answering
again, or taken back.

What an answer changes in its giver's own lists is decided in `personal`; nobody else's change.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager

from backend.accounts.actor import Actor
from backend.core import events
from backend.core.clock import now
from backend.core.errors import FieldError, Invalid
from backend.core.ids import new_id
from backend.core.text import BadText, clean
from backend.i18n import _
from backend.listings.models import Listing
from backend.matching.models import Match, MatchFeedback
from backend.matching.reading import DECLINE_CODES, side_of
from backend.needs.models import Need

NOTE_MAX = 600


def answer(
    session: Session, match: Match, *, actor: Actor, useful: bool, reason: str | None = None, note: str = ""
) -> MatchFeedback:
    """Invalid when "not useful" comes without one of the coded reasons."""
    if not useful and reason not in DECLINE_CODES:
        raise Invalid(FieldError("reason", "unknown_reason", _("Please choose a reason.")))
    try:
        note = clean(note)
    except BadText as error:
        found = FieldError("note", "control_character", _("This text holds a character that cannot be shown."))
        raise Invalid(found) from error
    if len(note) > NOTE_MAX:
        raise Invalid(FieldError("note", "string_too_long", _("At most %(most)s characters.", most=NOTE_MAX)))
    said = {"useful": useful, "reason": None if useful else reason, "note": note or None, "at": now()}
    side = side_of(match, actor.roles)
    session.execute(
        insert(MatchFeedback)
        .values(id=new_id(), match_id=match.id, user_id=actor.id, side=side, **said)
        .on_conflict_do_update(constraint="uq_match_feedback_user", set_={"side": side, **said})
    )
    events.record(
        session, "match.answered", match, actor=actor, data={"side": side, "useful": useful, "reason": said["reason"]},
        react=False,
    )
    return session.scalars(
        select(MatchFeedback)
        .where(MatchFeedback.match_id == match.id, MatchFeedback.user_id == actor.id)
        .execution_options(populate_existing=True)
    ).one()


def withdraw(session: Session, answer: MatchFeedback, *, actor: Actor) -> None:
    """Take one's answer back, with all it changed. Also of a match that one may not see any more."""
    match = answer.match
    session.delete(answer)
    session.flush()
    events.record(session, "match.answer_withdrawn", match, actor=actor, react=False)
    judged = select(MatchFeedback.id).where(MatchFeedback.match_id == match.id).exists()
    # A pair that fits no more was kept for the verdict alone.
    session.execute(delete(Match).where(Match.id == match.id, Match.score == 0, ~judged))


def answers_of(session: Session, actor: Actor, limit: int = 100) -> Sequence[MatchFeedback]:
    """What one person said, the newest first, each with its match."""
    return session.scalars(
        select(MatchFeedback)
        .join(MatchFeedback.match)
        .join(Match.need)
        .join(Match.listing)
        .where(MatchFeedback.user_id == actor.id)
        .options(
            contains_eager(MatchFeedback.match).options(
                contains_eager(Match.need).joinedload(Need.organisation),
                contains_eager(Match.listing).joinedload(Listing.organisation),
            )
        )
        .order_by(MatchFeedback.at.desc(), MatchFeedback.id)
        .limit(limit)
    ).unique().all()
