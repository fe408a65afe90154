"""What a listing alone does not say and its quality gate asks: other listings like it, and what day it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

# A text is a copy when this share of it stands in the other, or of the other in it, and no less than so many rows of
# three words. Two honest texts on one subject share under a tenth.
COPIED, VERBATIM, LEAST = 0.4, 0.8, 8


@dataclass(frozen=True)
class Copy:
    """A published listing with much of the same text. `share` of this one stands there, `share_back` of that one here;
    `own`: it belongs to the same organisation."""

    id: UUID
    reference: str
    title: str
    own: bool
    share: float
    share_back: float
    published_at: datetime | None = None
    owner: str = ""  # for the review desk; never shown to the author
    country: str = ""


@dataclass(frozen=True)
class Surroundings:
    today: date
    twins: Sequence[str] = ()  # references of listings in nearly the same words
    same_right_own: Sequence[str] = ()  # other listings of the same organisation with one of its rights
    same_right_others: Sequence[str] = ()  # listings of other organisations with one of its rights
    copies: Sequence[Copy] = ()


# How copies are found is known to the search, which stands above this package and enters its way here.
FINDERS: list[Callable[[Any, Any], list[Copy]]] = []
