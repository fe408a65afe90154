"""Every move in the table works, every other one is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.listings.models import Listing
from backend.publication import service
from backend.publication.states import MOVES, IllegalMove, State, can

BY_STAFF = {"take_up", "give_back", "publish"}
REASONS = {"give_back": {"reason": "unclear"}, "hold": {"reason": "in_negotiation"}, "withdraw": {"reason": "mistake"}}
EVENTS = {
    "submit": "submitted", "recall": "recalled", "take_up": "taken_up", "give_back": "returned", "publish": "published",
    "hold": "held", "resume": "resumed", "revive": "revived", "withdraw": "withdrawn", "archive": "archived",
}
VERBS = sorted(set(MOVES) - {"expire"})


def put(listing: Listing, state: State) -> None:
    listing.state = state.value
    listing.published_at = now() - timedelta(days=100)
    listing.expires_at = now() + timedelta(days=-1 if state is State.EXPIRED else 100)


def do(session: Session, verb: str, listing: Listing, alice: Any, olga: Any) -> None:
    actor = (olga if verb in BY_STAFF else alice).actor
    getattr(service, verb)(session, listing, actor=actor, **REASONS.get(verb, {}))


@pytest.mark.parametrize(("verb", "state"), [(v, s) for v in VERBS for s in State if can(v, s)])
def test_a_move_in_the_table_leads_where_it_says_and_is_recorded(
    db: Session, listing: Listing, alice: Any, olga: Any, verb: str, state: State, verbs_of: Callable[[Any], list[str]]
) -> None:
    put(listing, state)
    do(db, verb, listing, alice, olga)
    assert listing.state == MOVES[verb][1]
    assert verbs_of(listing)[-1] == f"listing.{EVENTS[verb]}"


@pytest.mark.parametrize(("verb", "state"), [(v, s) for v in VERBS for s in State if not can(v, s)])
def test_a_move_not_in_the_table_is_refused_and_changes_nothing(
    db: Session, listing: Listing, alice: Any, olga: Any, verb: str, state: State, verbs_of: Callable[[Any], list[str]]
) -> None:
    put(listing, state)
    before = verbs_of(listing)
    with pytest.raises(IllegalMove):
        do(db, verb, listing, alice, olga)
    assert listing.state == state
    assert verbs_of(listing) == before


@pytest.mark.parametrize("state", [s for s in State if s is not State.PUBLISHED])
def test_only_what_is_published_can_be_opened(db: Session, listing: Listing, alice: Any, state: State) -> None:
    put(listing, state)
    with pytest.raises(Exception, match="Only what is published"):
        service.open_for_interest(db, listing, actor=alice.actor)
