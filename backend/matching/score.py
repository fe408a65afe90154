"""How well a need and a listing suit each other, and why. Pure: no clock, no database, the same answer both ways.

The score is a chance: log-odds of a start value plus what each reason adds (MATCH) or takes (GAP). What is not known
(UNKNOWN) adds nothing, so silence never helps and every reason's weight is exactly its effect.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backend.ip import classes
from backend.matching.profile import Profile


class Verdict(StrEnum):
    MATCH = "MATCH"
    GAP = "GAP"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reason:
    """`weight` is in log-odds, never negative: what a MATCH adds, a GAP takes, an UNKNOWN would add if it were met."""

    code: str
    verdict: Verdict
    weight: float
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def effect(self) -> float:
        return {Verdict.MATCH: self.weight, Verdict.GAP: -self.weight, Verdict.UNKNOWN: 0.0}[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """As stored with the match. `evidence` = {"need": ..., "listing": ...}, quoted in the original language."""
        data = dict(self.data)
        return {
            "code": self.code,
            "verdict": self.verdict.value,
            "weight": round(self.weight, 3),
            "evidence": data.pop("evidence", {}),
            "data": data,
        }


@dataclass(frozen=True, slots=True)
class Signals:
    """What the texts say about each other: the cosine of their vectors (None: one side has none yet) and the need's
    words that the listing holds, each weighed by its rarity, over the weight of all of the need's words."""

    cosine: float | None = None
    words: float | None = None
    shared: tuple[str, ...] = ()
    class_similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    value: float
    reasons: tuple[Reason, ...]


# A logistic fit of "this pair is relevant" on published needs and on cross-lingual passages gave a cosine some ten to
# fourteen times the weight of the words, at about twice these slopes; they are halved because those sets know one right
# answer among thousands, where a reader would accept several.
START = -4.0
COSINE_FLOOR, COSINE_WEIGHT, COSINE_TELLS = 0.74, 26.0, 0.83
WORDS_WEIGHT = 2.5
CLASS_WEIGHT = 2.0
TEXT_CAP = 40.0

WEIGHTS = {
    "territory": 0.35,
    "cross_border": 0.1,
    "deal_type": 0.3,
    "exclusivity": 0.25,
    "terms": 0.3,
    "stage": 0.25,
    "requirement": 0.5,
    "requirement_desirable": 0.2,
    "right_kind": 0.2,
    "sector": 0.15,
    "sdg": 0.1,
    "language": 0.05,
    "green": 0.1,
}
# Which deal types, and which exclusivity in the terms, meet what a need expects of the right.
GRANTS_EXCLUSIVITY = {
    "own": ({"assignment"}, set()),
    "exclusive": ({"assignment", "exclusive_licence", "sole_licence"}, {"exclusive", "sole"}),
    "non_exclusive": (
        {"non_exclusive_licence", "licence_of_right", "frand_licence", "pool_licence", "royalty_free_pledge"},
        {"non_exclusive"},
    ),
}


def score(need: Profile, listing: Profile, signals: Signals, *, extra: Iterable[Reason] = ()) -> Score:
    """The chance in [0, 1] that the two suit each other, with every reason. `extra` are reasons from the whole texts
    (requirements, terms); they count like the others."""
    reasons = [*text_reasons(signals), *fit_reasons(need, listing), *extra]
    return Score(chance(reasons), tuple(reasons))


def chance(reasons: Iterable[Reason]) -> float:
    odds = START + sum(reason.effect for reason in reasons)
    return 1 / (1 + math.exp(-odds)) if odds > -500 else 0.0


def text_reasons(signals: Signals) -> list[Reason]:
    """What the listing does against what the need asks. A weak likeness adds its little; none at all is a GAP."""
    reasons = []
    if signals.cosine is None:
        reasons.append(Reason("text_similarity", Verdict.UNKNOWN, 0.0, {"cause": "not_read_yet"}))
    else:
        weight = min(TEXT_CAP, COSINE_WEIGHT * max(0.0, _finite(signals.cosine) - COSINE_FLOOR))
        strength = "strong" if signals.cosine >= COSINE_TELLS else "weak"
        reasons.append(
            Reason("text_similarity", Verdict.MATCH, weight, {"strength": strength})
            if weight > 0
            else Reason("text_similarity", Verdict.GAP, 0.0, {"strength": "none"})
        )
    if signals.words:
        weight = min(TEXT_CAP, WORDS_WEIGHT * max(0.0, _finite(signals.words)))
        reasons.append(Reason("shared_words", Verdict.MATCH, weight, {"words": list(signals.shared[:8])}))
    if signals.class_similarity is not None:
        alike = min(1.0, max(0.0, _finite(signals.class_similarity)))
        if alike > 0:
            reasons.append(Reason("class", Verdict.MATCH, CLASS_WEIGHT * alike, {"similarity": round(alike, 2)}))
        else:
            reasons.append(Reason("class", Verdict.GAP, 0.0, {}))
    return reasons


def class_similarity(need: Profile, listing: Profile) -> float | None:
    """Likeness along the IPC and CPC tree, or None where one side names no class."""
    if not need.classes or not listing.classes:
        return None
    return classes.similarity(need.classes, listing.classes)


def fit_reasons(need: Profile, listing: Profile) -> list[Reason]:
    """Everything beside the text: where, on which terms, how far developed."""
    reasons: list[Reason] = []
    reasons += _territory(need, listing)
    if need.country and listing.country and need.country != listing.country:
        reasons.append(_reason("cross_border", Verdict.MATCH, need=need.country, listing=listing.country))
    reasons += _overlap("deal_type", need.deal_types, listing.deal_types)
    reasons += _exclusivity(need, listing)
    reasons += _stage(need, listing)
    reasons += _overlap("right_kind", need.right_kinds, listing.right_kinds)
    reasons += _overlap("sector", need.sectors, listing.sectors)
    reasons += _overlap("sdg", need.sdgs, listing.sdgs)
    if need.green:
        reasons.append(_reason("green", Verdict.MATCH if listing.green else Verdict.UNKNOWN))
    same = need.language == listing.language
    reasons.append(
        _reason("language", Verdict.MATCH if same else Verdict.UNKNOWN, need=need.language, listing=listing.language)
    )
    return reasons


def _territory(need: Profile, listing: Profile) -> list[Reason]:
    """One reason per state of use. Only a right in force is a MATCH: a pending one may be refused, an unchecked one may
    have lapsed, and no record is no proof; those are UNKNOWN. A state where the right is exclusively taken is a GAP."""
    reasons = []
    share = WEIGHTS["territory"] / max(1, len(need.states))
    for state in sorted(need.states)[:11]:
        if state in listing.taken:
            verdict, status = Verdict.GAP, "exclusively_taken"
        elif state in listing.in_force:
            verdict, status = Verdict.MATCH, "in_force"
        elif state in listing.pending:
            verdict, status = Verdict.UNKNOWN, "pending"
        elif state in listing.unchecked:
            verdict, status = Verdict.UNKNOWN, "not_checked"
        else:
            verdict, status = Verdict.UNKNOWN, "not_recorded"
        reasons.append(Reason("territory", verdict, share, {"state": state, "status": status}))
    return reasons


def _exclusivity(need: Profile, listing: Profile) -> list[Reason]:
    if not need.exclusivity:
        return []
    wanted = next(iter(need.exclusivity))
    deal_types, exclusivities = GRANTS_EXCLUSIVITY.get(wanted, (set(), set()))
    if not listing.deal_types and not listing.exclusivity:
        verdict = Verdict.UNKNOWN
    elif listing.deal_types & deal_types or listing.exclusivity & exclusivities:
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.GAP
    offered = sorted(listing.exclusivity or listing.deal_types)
    return [_reason("exclusivity", verdict, need=wanted, listing=offered)]


def _stage(need: Profile, listing: Profile) -> list[Reason]:
    if need.trl is None:
        return []
    if listing.trl is None:
        return [_reason("stage", Verdict.UNKNOWN, need=need.trl)]
    verdict = Verdict.MATCH if listing.trl >= need.trl else Verdict.GAP
    return [_reason("stage", verdict, need=need.trl, listing=listing.trl)]


def _overlap(code: str, wanted: frozenset[Any], offered: frozenset[Any]) -> list[Reason]:
    """MATCH on anything in common, GAP on nothing in common, UNKNOWN where the listing is silent."""
    if not wanted:
        return []
    if not offered:
        return [_reason(code, Verdict.UNKNOWN, need=sorted(wanted))]
    common = wanted & offered
    verdict = Verdict.MATCH if common else Verdict.GAP
    return [_reason(code, verdict, need=sorted(wanted), listing=sorted(offered), common=sorted(common))]


def _reason(code: str, verdict: Verdict, **data: Any) -> Reason:
    return Reason(code, verdict, WEIGHTS[code], data)


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0
