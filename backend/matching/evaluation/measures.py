"""The figures of a ranking: nDCG@10, recall@100 and MRR@10, over all queries and by language."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

TAKEN = 100
Figures = tuple[float, float, float]


def measured(found: Sequence[str], grades: Mapping[str, int]) -> Figures:
    """nDCG@10 (gain 2^grade - 1), recall among the first 100, reciprocal rank among the first 10."""
    good = {name for name, grade in grades.items() if grade > 0}
    gained = sum((2 ** grades.get(name, 0) - 1) / math.log2(place + 2) for place, name in enumerate(found[:10]))
    best = sorted(grades.values(), reverse=True)[:10]
    ideal = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))
    first = next((1 / (place + 1) for place, name in enumerate(found[:10]) if name in good), 0.0)
    return gained / ideal, len(good & set(found[:TAKEN])) / len(good), first


def means(rows: Sequence[Figures]) -> dict[str, Any]:
    count = max(1, len(rows))
    ndcg, recall, rank = (round(sum(row[at] for row in rows) / count, 4) for at in range(3))
    return {"ndcg@10": ndcg, "recall@100": recall, "mrr@10": rank, "queries": len(rows)}


def summary(rows: Iterable[tuple[str, Figures]]) -> dict[str, Any]:
    """The means of (language, figures), with `by_lang`: {language: the same}."""
    held = list(rows)
    by_language: dict[str, list[Figures]] = defaultdict(list)
    for language, figures in held:
        by_language[language].append(figures)
    languages = {language: means(figures) for language, figures in sorted(by_language.items())}
    return {**means([figures for _, figures in held]), "by_lang": languages}
