"""The life of anything published: every legal move stands in this table, and nowhere else."""

from enum import StrEnum

from backend.core.errors import Conflict
from backend.core.marking import N_


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    PUBLISHED = "published"
    ON_HOLD = "on_hold"
    EXPIRED = "expired"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


STATES = tuple(state.value for state in State)

# verb -> (from which states, to which state)
MOVES: dict[str, tuple[frozenset[State], State]] = {
    "submit": (frozenset({State.DRAFT, State.RETURNED}), State.SUBMITTED),
    "recall": (frozenset({State.SUBMITTED}), State.DRAFT),
    "take_up": (frozenset({State.SUBMITTED}), State.IN_REVIEW),
    "give_back": (frozenset({State.IN_REVIEW}), State.RETURNED),
    "publish": (frozenset({State.IN_REVIEW}), State.PUBLISHED),
    "hold": (frozenset({State.PUBLISHED}), State.ON_HOLD),
    "resume": (frozenset({State.ON_HOLD}), State.PUBLISHED),
    "expire": (frozenset({State.PUBLISHED, State.ON_HOLD}), State.EXPIRED),
    "revive": (frozenset({State.EXPIRED}), State.PUBLISHED),
    "withdraw": (
        frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.PUBLISHED, State.ON_HOLD}),
        State.WITHDRAWN,
    ),
    "archive": (frozenset({State.EXPIRED, State.WITHDRAWN}), State.ARCHIVED),
}

EDITABLE = frozenset({State.DRAFT, State.RETURNED, State.PUBLISHED, State.ON_HOLD})


class IllegalMove(Conflict):
    code = "illegal_move"


def destination(verb: str, state: str) -> State:
    """The state `verb` leads to from `state`; raises IllegalMove when the table has no such move."""
    sources, target = MOVES[verb]
    if State(state) not in sources:
        raise IllegalMove(N_("That is not possible in its present state. Please reload the page."))
    return target


def can(verb: str, state: str) -> bool:
    return State(state) in MOVES[verb][0]
