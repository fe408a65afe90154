"""How much of a need's vocabulary a listing answers. Rare words tell more (BM25); the sum is divided by the length of
the need's own word vector, so that words the listings cannot know (another language) lower the weight of words by
themselves and leave the verdict to the embeddings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from backend.matching.models import WordFrequency
from backend.matching.profile import MAX_WORDS

# The usual constants of BM25.
SATURATION, LENGTH_SHARE = 1.2, 0.75
# Rows of `word_frequency` that are no words: how many listings were counted, and how many different words they hold.
_TOTAL, _LENGTHS = "", " "


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How rare words are among the published listings."""

    total: int = 0
    mean_length: float = 100.0
    documents: Mapping[str, int] = field(default_factory=dict)

    def rarity(self, word: str) -> float:
        count = min(self.documents.get(word, 0), self.total)
        return math.log(1 + (self.total - count + 0.5) / (count + 0.5))


@dataclass(frozen=True, slots=True)
class WantedWords:
    """A need's words ready to be met: the rarest, their weights, and the length of that vector."""

    weights: Mapping[str, float]
    length: float
    vocabulary: Vocabulary

    def answered(self, hits: Mapping[str, int], size: int) -> tuple[float, tuple[str, ...]]:
        """(signal, shared words by weight) for a listing that holds `hits` (word -> count) among `size` words."""
        if not hits or not self.length:
            return 0.0, ()
        norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * size / self.vocabulary.mean_length)
        gains = {
            word: self.weights[word] * count * (SATURATION + 1) / (count + norm)
            for word, count in hits.items()
            if word in self.weights
        }
        return sum(gains.values()) / self.length, tuple(sorted(gains, key=lambda word: (-gains[word], word)))

    def telling(self, budget: int, most: int = 40) -> list[str]:
        """The rarest known words whose listings together are few enough to rank while somebody waits."""
        known = [word for word in self.weights if self.vocabulary.documents.get(word)]
        chosen: list[str] = []
        for word in sorted(known, key=lambda word: self.vocabulary.documents[word]):
            budget -= self.vocabulary.documents[word]
            if chosen and (budget < 0 or len(chosen) >= most):
                break
            chosen.append(word)
        return chosen


def wanted(words: Mapping[str, int], vocabulary: Vocabulary) -> WantedWords:
    """The need's rarest words with their weights."""
    weights = {word: vocabulary.rarity(word) for word in words}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    kept = sorted(weights, key=lambda word: (-weights[word], word))[:MAX_WORDS]
    if vocabulary.documents:  # words no listing holds count in the length and are not looked up
        kept = [word for word in sorted(weights, key=lambda w: (-weights[w], w)) if word in vocabulary.documents]
        kept = kept[:MAX_WORDS]
    return WantedWords({word: weights[word] for word in kept}, length, vocabulary)


def vocabulary_of(session: Session, words: Mapping[str, int]) -> Vocabulary:
    """The frequencies of these words in one query. With nothing counted yet, all words are equally rare."""
    asked = text("SELECT word, documents FROM word_frequency WHERE word = ANY(CAST(:words AS text[]))")
    found = session.execute(asked, {"words": [*words, _TOTAL, _LENGTHS]})
    rows: dict[str, int] = {row.word: row.documents for row in found}
    total = rows.pop(_TOTAL, 0)
    lengths = rows.pop(_LENGTHS, 0)
    return Vocabulary(total, max(1.0, lengths / total) if total else 100.0, rows)


def count_words(session: Session) -> int:
    """Count anew in how many published listings each word stands; returns how many words. Run after an import."""
    # One count at a time; a large collection may take longer than a page is allowed to.
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('word_frequency')), set_config('statement_timeout', '0', true)")
    )
    session.execute(delete(WordFrequency))
    counted = session.execute(
        text(
            "INSERT INTO word_frequency (word, documents) SELECT word, ndoc FROM"
            " ts_stat('SELECT words FROM search_document WHERE kind = ''listing''') WHERE length(word) <= 64"
        )
    )
    session.execute(
        text(
            "INSERT INTO word_frequency (word, documents)"
            " SELECT :total, count(*) FROM search_document WHERE kind = 'listing' UNION ALL"
            " SELECT :lengths, coalesce(sum(length(words)), 0)::bigint FROM search_document WHERE kind = 'listing'"
        ),
        {"total": _TOTAL, "lengths": _LENGTHS},
    )
    return int(getattr(counted, "rowcount", 0))
