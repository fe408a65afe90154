"""How much of a need's vocabulary a listing answers. Rare words tell more (BM25); the sum is divided by the length of
the need's own word vector, so that words the listings cannot know (another language) lower the weight of words by
themselves and leave the verdict to the embeddings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from backend.language.lexicon import Concept
from backend.matching.models import WordFrequency
from backend.matching.profile import MAX_WORDS

# BM25, with longer texts held back more than usual and a need's repeats counting up to a limit: on published needs 0.79
# with the usual 1.2, 0.75 and no repeats, 0.85 with these (nDCG@10), no difference on the other judgements.
SATURATION, LENGTH_SHARE, REPEATS = 2.0, 0.95, 3.0
# What two texts of one language share whatever they are about. In a collection of seven languages 0.97 with it, 0.83
# without; collections of one language do not feel it.
ONE_LANGUAGE = 0.4
# How often a word counts that stands in an entry `u` of a tsvector: four times where it is in the title (weight A).
COUNTED = "cardinality(u.positions) + 3 * coalesce(cardinality(array_positions(u.weights, 'A')), 0)"
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
class _Wanted:
    """One thing a need speaks of: the words it may be met by, and how much saying it again and again counts."""

    native: tuple[str, ...]
    english: tuple[str, ...]
    often: float


@dataclass(frozen=True, slots=True)
class WantedWords:
    """What a need speaks of, ready to be met: the rarest of it, each word's weight, and the length of that vector."""

    entries: tuple[_Wanted, ...]
    weights: Mapping[str, float]
    length: float
    vocabulary: Vocabulary
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)  # word -> the entries it may meet

    def answered(
        self, hits: Mapping[str, int], size: int, *, same_language: bool = False
    ) -> tuple[float, tuple[str, ...]]:
        """(signal, shared words by weight) for a listing that holds `hits` (word -> count) among `size` words.

        A thing named in both languages counts once, by the better of its names. Texts of one language share some words
        whatever they are about, so `same_language` takes off what that is worth: else a listing in the need's own
        language would stand before a better one in another.
        """
        if not hits or not self.length:
            return 0.0, ()
        gains = gains_of(hits, size, self.vocabulary)

        def gain(word: str) -> float:
            return self.weights.get(word, 0.0) * gains.get(word, 0.0)

        shared: dict[str, float] = {}
        total = 0.0
        # A listing holds a few of a need's words, so the entries are found from them.
        for at in sorted({at for word in hits for at in self.places.get(word, ())}):
            entry = self.entries[at]
            native = [(word, gain(word)) for word in entry.native]
            english = [(word, gain(word)) for word in entry.english]
            own = sum(value for _, value in native) / max(1, len(native))
            other = max((value for _, value in english), default=0.0)
            if own or other:
                total += entry.often * max(own, other)
                # Of several English words for one thing the best stands for all.
                for word, value in native if own >= other else [max(english, key=lambda pair: pair[1])]:
                    if value:
                        shared[word] = max(shared.get(word, 0.0), entry.often * value)
        signal = max(0.0, total / self.length - (ONE_LANGUAGE if same_language else 0.0))
        return signal, tuple(sorted(shared, key=lambda word: (-shared[word], word)))

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


def wanted(words: Mapping[str, int] | Mapping[Concept, int], vocabulary: Vocabulary) -> WantedWords:
    """The rarest of what a need speaks of, with weights. Plain words are concepts that have no other name.

    The length lies half-way to that of as many words that no listing holds: to answer every word of a need tells less
    where half the collection could. Over the judgements that leaves the order, and makes twice as many of the pairs
    shown above 0.8 right in the collection where everything is alike.
    """
    ranked: list[tuple[float, _Wanted]] = []
    square, rarest = 0.0, vocabulary.rarity("")
    for one, count in words.items():
        native, english = ((one,), ()) if isinstance(one, str) else (one.native, one.english)
        names = [name for name in (*native, *english) if not vocabulary.documents or name in vocabulary.documents]
        # Words no listing holds count in the length, and are not looked up.
        rarity = min((vocabulary.rarity(name) for name in names), default=vocabulary.rarity(""))
        often = count * (REPEATS + 1) / (count + REPEATS)
        square += (often * (rarity + rarest) / 2) ** 2
        if names:
            ranked.append((rarity, _Wanted(native, english, often)))
    ranked.sort(key=lambda item: (-item[0], item[1].native, item[1].english))
    entries = tuple(entry for _, entry in ranked[:MAX_WORDS])
    weights = {
        word: vocabulary.rarity(word)
        for entry in entries
        for word in (*entry.native, *entry.english)
        if not vocabulary.documents or word in vocabulary.documents
    }
    return WantedWords(entries, weights, math.sqrt(square), vocabulary, _places(entries))


def restored(
    entries: Iterable[tuple[list[str], list[str], float]],
    weights: Mapping[str, float],
    length: float,
    counted: Vocabulary,
) -> WantedWords:
    """What `wanted` found before, from where it was kept."""
    held = tuple(_Wanted(tuple(native), tuple(english), often) for native, english, often in entries)
    return WantedWords(held, weights, length, counted, _places(held))


def gains_of(hits: Mapping[str, int], size: int, vocabulary: Vocabulary) -> dict[str, float]:
    """What each of a listing's words gains for one unit of its weight (BM25); `size` holds back those of long ones."""
    norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * size / vocabulary.mean_length)
    return {word: count * (SATURATION + 1) / (count + norm) for word, count in hits.items()}


def _places(entries: Sequence[_Wanted]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, entry in enumerate(entries):
        for word in (*entry.native, *entry.english):
            places.setdefault(word, []).append(at)
    return places


def words_of(concepts: Iterable[Concept]) -> list[str]:
    """Every word by which any of these may be met."""
    return list(dict.fromkeys(word for one in concepts for word in (*one.native, *one.english)))


def vocabulary_of(session: Session, words: Iterable[str]) -> Vocabulary:
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
