"""What one person's own answers change in the order that person sees, and why. Pure; the score everybody sees stays.

Each answer speaks of offers like the one it was given for: "too early" of those no further developed, "we have this" of
those near in meaning or class, "useful" likewise. What it moves is counted in log-odds, as reasons are, and bounded, so
that one click puts nothing out of sight: whatever was said, a match is never passed by one that fits far less well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np

from backend.ip import classes
from backend.language.embed import Vectors

# In log-odds: what one answer moves, what each further answer of the same kind adds, and how far all of them can go.
ONE_ANSWER, FURTHER, LOWEST, HIGHEST = 0.4, 0.15, -1.0, 0.5
REFUSED_ITSELF = -0.8
# Cosines of the bundled model. Unrelated texts in one rare script come up to 0.91, so meaning alone must say more than
# that; of one owner a little less will do, and much less where the classes are related too.
NEAR, NEAR_OF_ONE_OWNER, NEAR_IN_RELATED_CLASSES = 0.93, 0.90, 0.85
SAME_CLASSES, RELATED_CLASSES = 0.9, 0.5
RIPE = 9  # the highest technology readiness level

Direction = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an answer can be compared on. `right` is the best status of a right: 2 in force, 1 pending, 0 neither."""

    listing_id: UUID
    owner: UUID
    trl: int | None = None
    right: int = 0
    protected: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    vector: Vectors | None = None
    fee: tuple[str, int] | None = None
    royalty: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: of which offer, in which match, and where the need it was given for would use it."""

    match_id: UUID
    offer: Offer
    useful: bool
    reason: str | None = None
    states: frozenset[str] = frozenset()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`code` is the reason given, "useful", or "refused" for the very offer; `because` the newest answer behind it."""

    code: str
    direction: Direction
    shift: float
    because: Said


def personal(offer: Offer, history: Sequence[Said]) -> list[Adjustment]:
    """The adjustments to one offer, the strongest first. `history` is the person's answers, the newest first."""
    found: list[Adjustment] = []
    refusals = [said for said in history if not said.useful]
    itself = next((said for said in refusals if said.offer.listing_id == offer.listing_id), None)
    if itself is not None:
        found.append(Adjustment(itself.reason or "other", "lower", REFUSED_ITSELF, itself))
    speaking: dict[str, list[Said]] = {}
    for said in refusals:
        alike = ALIKE.get(said.reason or "")
        if alike and said.offer.listing_id != offer.listing_id and alike(offer, said):
            speaking.setdefault(str(said.reason), []).append(said)
    found += [Adjustment(code, "lower", -_weight(of), of[0]) for code, of in speaking.items()]
    praised = [said for said in history if said.useful and near(offer, said.offer)]
    if praised and itself is None:
        found.append(Adjustment("useful", "higher", _weight(praised), praised[0]))
    return sorted(found, key=lambda one: (-abs(one.shift), one.code))


def adjusted(score: float, adjustments: Iterable[Adjustment]) -> float:
    """The value by which the match takes its place for this person; the score itself where nothing was said."""
    shift = max(LOWEST, min(HIGHEST, sum(one.shift for one in adjustments)))
    if not shift:
        return score
    kept = min(1 - 1e-6, max(1e-6, score))
    return 1 / (1 + math.exp(-(math.log(kept / (1 - kept)) + shift)))


def near(one: Offer, other: Offer) -> bool:
    """Very near: the same classes, or so alike in meaning that neither language nor script explains it."""
    if one.listing_id == other.listing_id:
        return True
    related = classes.similarity(one.classes, other.classes)
    if related >= SAME_CLASSES:
        return True
    same_owner = one.owner == other.owner
    if one.vector is None or other.vector is None:
        return same_owner
    enough = NEAR_OF_ONE_OWNER if same_owner else NEAR
    if related >= RELATED_CLASSES:
        enough = NEAR_IN_RELATED_CLASSES
    cosine = float(one.vector @ other.vector / (np.linalg.norm(one.vector) * np.linalg.norm(other.vector)))
    return cosine >= enough


def _weight(said: Sequence[Said]) -> float:
    return ONE_ANSWER + FURTHER * (min(len(said), 3) - 1)


def _no_further_developed(offer: Offer, said: Said) -> bool:
    """Of an offer as ripe as can be, "too early" was not about its level."""
    refused = said.offer.trl
    if refused is None or refused >= RIPE:
        return near(offer, said.offer)
    return offer.trl is not None and offer.trl <= refused


def _no_better_protected(offer: Offer, said: Said) -> bool:
    return near(offer, said.offer) if said.offer.right == 2 else offer.right <= said.offer.right


def _no_more_available(offer: Offer, said: Said) -> bool:
    """Where the need would use it, the refused one had nothing and this one has nothing either."""
    lacking = said.states - said.offer.protected
    return (bool(lacking) and not lacking & offer.protected) or near(offer, said.offer)


def _no_cheaper(offer: Offer, said: Said) -> bool:
    """Only terms that can be compared are: a fee in the same currency, a running royalty."""
    if offer.fee and said.offer.fee and offer.fee[0] == said.offer.fee[0]:
        return offer.fee[1] >= said.offer.fee[1]
    if offer.royalty is not None and said.offer.royalty is not None:
        return offer.royalty >= said.offer.royalty
    return False


def _near(offer: Offer, said: Said) -> bool:
    return near(offer, said.offer)


# Which other offers a refusal speaks of. The reasons that are not here are about one text, or about the reader's own
# moment: they lower the very offer and no other.
ALIKE: dict[str, Callable[[Offer, Said], bool]] = {
    "too_early": _no_further_developed,
    "scientific_objection": _near,
    "not_in_strategy": _near,
    "already_have": _near,
    "ip_position_weak": _no_better_protected,
    "territory_not_available": _no_more_available,
    "terms_too_high": _no_cheaper,
}
