"""The few numbers of the score, learnt from judgements: its start value and how much each reading of the texts counts.

A logistic regression of "this pair is relevant" on what each reason adds today, over the first ten found for a query.
Every folder counts the same, whatever its size. No reason may count against a match (no slope below zero), and what the
criteria beside the text add is taken as it stands. Each folder is also judged by numbers learnt from the others alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.matching import score
from backend.matching.evaluation.calibration import SHOWN, Pair, reliability
from backend.matching.evaluation.evaluate import Evaluation
from backend.matching.evaluation.measures import measured
from backend.matching.evaluation.pipeline import Shown
from backend.matching.service import WORTH_SHOWING

# Reason -> the constant of score.py that scales it.
CONSTANTS = {"text_similarity": "COSINE_WEIGHT", "shared_words": "WORDS_WEIGHT", "class": "CLASS_WEIGHT"}
# Of the squared slopes, a pair; just enough to keep a slope finite where one reason tells everything.
RIDGE = 1e-3
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """`factors`: what each constant is to be multiplied with; 1.0 where the judgements say nothing about it."""

    start: float
    factors: Mapping[str, float]

    def constants(self) -> dict[str, float]:
        """As they are written in score.py."""
        scaled = {name: getattr(score, name) * self.factors[code] for code, name in CONSTANTS.items()}
        return {name: round(value, 3) for name, value in {"START": self.start, **scaled}.items()}

    def chance(self, shown: Shown) -> float:
        odds = self.start + sum(effect * self.factors.get(code, 1.0) for code, effect in shown.effects.items())
        return 1 / (1 + math.exp(-odds)) if odds > -500 else 0.0


def fitted(evaluations: Sequence[Evaluation], *, keep_order: bool = False) -> Fitted:
    """Learnt from all of these. With `keep_order` the readings of the texts keep their proportions, so that only the
    scores move and no text overtakes another."""
    features, offsets, relevant, weights = [], [], [], []
    for one in evaluations:
        pairs = _pairs(one)
        weights += [1 / len(pairs)] * len(pairs)
        for shown, answer in pairs:
            effects = [shown.effects.get(code, 0.0) for code in CONSTANTS]
            features.append([sum(effects)] if keep_order else effects)
            offsets.append(sum(effect for code, effect in shown.effects.items() if code not in CONSTANTS))
            relevant.append(float(answer))
    start, slopes = regression(
        np.array(features), np.array(relevant), offsets=np.array(offsets), weights=np.array(weights)
    )
    each = slopes * len(CONSTANTS) if keep_order else slopes
    return Fitted(start, {code: 1.0 if slope is None else slope for code, slope in zip(CONSTANTS, each, strict=True)})


def report(evaluations: Sequence[Evaluation], *, keep_order: bool = False) -> dict[str, Any]:
    """The constants as they are and as fitted to all folders, and what those fitted to the others give for each."""
    held_out = {}
    for one in evaluations if len(evaluations) > 1 else []:
        others = [other for other in evaluations if other is not one]
        learnt = fitted(others, keep_order=keep_order)
        held_out[one.judgements.name] = {
            "constants": learnt.constants(),
            "ndcg@10": _ndcg(one, learnt),
            "ndcg@10_now": _ndcg(one, None),
            **{key: value for key, value in reliability(_shown(one, learnt)).items() if key != "bins"},
        }
    whole = fitted(evaluations, keep_order=keep_order)
    names = ["START", *CONSTANTS.values()]
    return {
        "now": {name: getattr(score, name) for name in names},
        "fitted": whole.constants(),
        "calibration": reliability([pair for one in evaluations for pair in _shown(one, whole)]),
        "held_out": held_out,
    }


def regression(
    features: Numbers, relevant: Numbers, *, offsets: Numbers, weights: Numbers, ridge: float = RIDGE
) -> tuple[float, list[float | None]]:
    """(start, slopes) of a logistic regression with slopes of zero or more; None for a feature that never varies."""
    weights = weights / weights.sum()
    means = weights @ features
    spreads = np.sqrt(weights @ (features - means) ** 2)
    used = [at for at, spread in enumerate(spreads) if spread > 1e-9]
    known = list(used)
    while True:
        scaled = (features[:, used] - means[used]) / spreads[used]
        found = _newton(np.column_stack([np.ones(len(features)), scaled]), relevant, offsets, weights, ridge)
        slopes = found[1:]
        if not used or slopes.min() >= 0:
            break
        used.pop(int(np.argmin(slopes)))  # the one that is most against the others does not count at all
    by_feature = {at: float(slope / spreads[at]) for at, slope in zip(used, slopes, strict=True)}
    start = float(found[0]) - sum(slope * float(means[at]) for at, slope in by_feature.items())
    return start, [by_feature.get(at, 0.0) if at in known else None for at in range(features.shape[1])]


def _newton(rows: Numbers, relevant: Numbers, offsets: Numbers, weights: Numbers, ridge: float) -> Numbers:
    """The weighted maximum of the likelihood, by steps that are halved until they help."""
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 0.0

    def loss(at: Numbers) -> float:
        odds = rows @ at + offsets
        return float(weights @ (np.logaddexp(0, odds) - relevant * odds) + penalty @ at**2 / 2)

    found: Numbers = np.zeros(rows.shape[1])
    for _ in range(100):
        chances = 1 / (1 + np.exp(-np.clip(rows @ found + offsets, -500, 500)))
        gradient = rows.T @ (weights * (chances - relevant)) + penalty * found
        curvature = (rows.T * (weights * chances * (1 - chances))) @ rows + np.diag(penalty + 1e-12)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while loss(found - size * step) > loss(found) and size > 1e-8:
            size /= 2
        found = found - size * step
        if float(np.abs(size * step).max()) < 1e-9:
            break
    return found


def _pairs(one: Evaluation) -> list[tuple[Shown, bool]]:
    grades = one.judgements.grades
    return [
        (shown, grades[query["id"]].get(shown.document, 0) > 0)
        for query, ranking in zip(one.judgements.queries, one.shown, strict=True)
        for shown in ranking[:SHOWN]
    ]


def _reordered(ranking: Sequence[Shown], by: Fitted | None) -> list[Shown]:
    return list(ranking) if by is None else sorted(ranking, key=lambda shown: -by.chance(shown))


def _shown(one: Evaluation, by: Fitted) -> list[Pair]:
    """What would be shown with these numbers, among what was found with today's."""
    pairs: list[Pair] = []
    for query, ranking in zip(one.judgements.queries, one.shown, strict=True):
        grades = one.judgements.grades[query["id"]]
        chances = [(by.chance(shown), grades.get(shown.document, 0) > 0) for shown in _reordered(ranking, by)[:SHOWN]]
        pairs += [pair for pair in chances if pair[0] >= WORTH_SHOWING]
    return pairs


def _ndcg(one: Evaluation, by: Fitted | None) -> float:
    figures = [
        measured([shown.document for shown in _reordered(ranking, by)], one.judgements.grades[query["id"]])[0]
        for query, ranking in zip(one.judgements.queries, one.shown, strict=True)
    ]
    return round(sum(figures) / max(1, len(figures)), 4)
