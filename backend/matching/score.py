"""How well a need and a listing suit each other, and why. Pure: no clock, no database, the same answer both ways.

The score is a chance: log-odds of a start value plus what each reason adds (MATCH) or takes (GAP). What is not known
(UNKNOWN) adds nothing, so silence never helps and every reason's weight is exactly its effect.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from backend.ip import classes
from backend.matching.criteria import fit_reasons
from backend.matching.profile import Profile
from backend.matching.reason import Reason, Verdict


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


# A cosine and the words beside it are weighed for the best order: 0.25 of the logarithm of what the words answer,
# beside a cosine, is within 0.005 (nDCG@10) of the best for needs, health texts, patents and development goals alike.
# Start and slope are then the logistic fit of "this pair is relevant" over the first ten of each query (`padan
# calibrate`), which leaves that order as it is.
START = -6.8
# Two texts drawn by chance have a cosine of 0.80; what is less alike than that speaks against a match, down to a limit.
COSINE_LEAST, COSINE_CHANCE, COSINE_TELLS = 0.74, 0.80, 0.87
COSINE_WEIGHT = 20.6
WORDS_WEIGHT = 5.2
CLASS_WEIGHT = 2.0
TEXT_CAP = 40.0


def score(need: Profile, listing: Profile, signals: Signals, *, extra: Iterable[Reason] = ()) -> Score:
    """The chance in [0, 1] that the two suit each other, with every reason. `extra` are reasons from the whole texts
    (requirements, terms); they count like the others."""
    reasons = [*text_reasons(signals), *fit_reasons(need, listing), *extra]
    return Score(chance(reasons), tuple(reasons))


def chance(reasons: Iterable[Reason]) -> float:
    odds = START + sum(reason.effect for reason in reasons)
    return 1 / (1 + math.exp(-odds)) if odds > -500 else 0.0


def text_reasons(signals: Signals) -> list[Reason]:
    """What the listing does against what the need asks. A weak likeness adds its little; less than chance is a GAP."""
    reasons = []
    if signals.cosine is None:
        reasons.append(Reason("text_similarity", Verdict.UNKNOWN, 0.0, {"cause": "not_read_yet"}))
    else:
        beyond = COSINE_WEIGHT * (max(_finite(signals.cosine), COSINE_LEAST) - COSINE_CHANCE)
        strength = "strong" if signals.cosine >= COSINE_TELLS else "weak"
        reasons.append(
            Reason("text_similarity", Verdict.MATCH, min(TEXT_CAP, beyond), {"strength": strength})
            if beyond > 0
            else Reason("text_similarity", Verdict.GAP, -beyond, {"strength": "none"})
        )
    if signals.words:
        weight = min(TEXT_CAP, WORDS_WEIGHT * math.log1p(max(0.0, _finite(signals.words))))
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


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0
