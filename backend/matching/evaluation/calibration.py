"""Whether a score means what it says: of the pairs shown at 0.8, about eight in ten should be relevant.

A pair is shown when it is among a query's first ten and scores enough to be kept. Pairs that nobody judged count as not
relevant. That is hard on the score: most sets know one right answer among thousands, where a reader would accept
several, so the true share lies above the one found here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.matching.evaluation.folder import Judgements
from backend.matching.evaluation.pipeline import Shown
from backend.matching.service import WORTH_SHOWING

SHOWN = 10
BINS = 10
# The scores that a reader takes for "0.8".
NEAR_EIGHT_TENTHS = (0.75, 0.85)
Pair = tuple[float, bool]  # score, relevant


def shown_pairs(judgements: Judgements, rankings: Sequence[Sequence[Shown]]) -> list[Pair]:
    return [
        (one.score, judgements.grades[query["id"]].get(one.document, 0) > 0)
        for query, ranking in zip(judgements.queries, rankings, strict=True)
        for one in ranking[:SHOWN]
        if one.score >= WORTH_SHOWING
    ]


def reliability(pairs: Sequence[Pair]) -> dict[str, Any]:
    """`bins` of a tenth each; the expected calibration error is the mean distance of score and share over all pairs."""
    bins: list[dict[str, Any]] = []
    error = 0.0
    for at in range(BINS):
        held = [pair for pair in pairs if min(BINS - 1, int(pair[0] * BINS)) == at]
        bins.append({"from": at / BINS, "to": (at + 1) / BINS, **_share(held)})
        if held:
            error += abs(sum(score - relevant for score, relevant in held)) / len(pairs)
    low, high = NEAR_EIGHT_TENTHS
    near = [pair for pair in pairs if low <= pair[0] < high]
    return {
        "pairs": len(pairs),
        "expected_calibration_error": round(error, 4) if pairs else None,
        "near_0.8": _share(near),
        "bins": bins,
    }


def _share(pairs: Sequence[Pair]) -> dict[str, Any]:
    count = len(pairs)
    return {
        "count": count,
        "mean_score": round(sum(score for score, _ in pairs) / count, 4) if count else None,
        "share_relevant": round(sum(relevant for _, relevant in pairs) / count, 4) if count else None,
    }
