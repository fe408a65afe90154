"""What the texts of a pair say about each other, from words and vectors that were looked up before. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from backend.matching.profile import Profile
from backend.matching.score import Signals, class_similarity
from backend.matching.words import WantedWords


def signals_of(
    need: Profile,
    listing: Profile | None,
    language: str,
    words: WantedWords,
    hits: Mapping[str, int],
    size: int,
    likeness: float | None,
) -> Signals:
    amount, shared = words.answered(hits, size, same_language=need.language == language)
    alike = class_similarity(need, listing) if listing is not None else None
    return Signals(cosine=likeness, words=amount, shared=shared, class_similarity=alike)
