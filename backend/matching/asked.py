"""What needs speak of, kept between matchings: reading a need costs milliseconds, and a new listing meets hundreds.

A row is good for the text it was made of and for the lexicon and the model it was read with. Weights follow how rare
words are, which moves slowly: they are good until there are twice or half as many listings, and in a small market only
for that many.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.language.embed import content_hash
from backend.language.embedder import embedder
from backend.matching.profile import need_text
from backend.matching.words import Vocabulary, WantedWords, restored
from backend.needs.models import Need

SMALL = 1_000
VERSION = 1  # raised when the same text gives other entries or weights, so that no row from before is used

# What `profile_of_need` reads of a need's text, hashed where the text lies.
TEXT_HASH = r"""sha256(convert_to(concat_ws(E'\x1f', CAST(:reader AS text), n.language, n.title,
    array_to_string(n.technology_keywords, E'\x1e'), array_to_string(n.market_keywords, E'\x1e'), n.summary,
    n.description, n.why_needed, n.site_conditions), 'UTF8'))"""

_KEEP = text(
    f"""
    INSERT INTO need_words AS w (need_id, text_hash, vector_hash, listings, length, entries, weights, words, worth)
    SELECT n.id, {TEXT_HASH}, :vector_hash, :listings, :length, CAST(:entries AS jsonb), CAST(:weights AS jsonb),
           :words, :worth
      FROM need n WHERE n.id = :id
        ON CONFLICT (need_id) DO UPDATE SET text_hash = excluded.text_hash, vector_hash = excluded.vector_hash,
           listings = excluded.listings, length = excluded.length, entries = excluded.entries,
           weights = excluded.weights, words = excluded.words, worth = excluded.worth
     WHERE (w.text_hash, w.vector_hash, w.words, w.worth)
           IS DISTINCT FROM (excluded.text_hash, excluded.vector_hash, excluded.words, excluded.worth)
    """  # noqa: S608 - a constant of this file
)
_KEPT = text(
    "SELECT need_id, length, entries, weights FROM need_words WHERE need_id = ANY(CAST(:ids AS uuid[]))"
)


def keep_words(session: Session, need: Need, words: WantedWords) -> None:
    body = need_text(need)
    session.execute(
        _KEEP,
        {
            "id": need.id,
            "reader": reader(),
            "vector_hash": content_hash(embedder().model_id, body, "query") if body else None,
            "listings": words.vocabulary.total,
            "length": words.length,
            "entries": json.dumps([[one.native, one.english, one.often] for one in words.entries]),
            "weights": json.dumps(words.weights),
            "words": " ".join(words.places),
            "worth": array("f", [words.weights.get(word, 0.0) * sum(words.entries[at].often for at in places)
                                 for word, places in words.places.items()]).tobytes(),
        },
    )  # fmt: skip


def kept_words(session: Session, needs: Collection[UUID], counted: Vocabulary) -> dict[UUID, WantedWords]:
    """The words of these needs, with how many listings there are now."""
    rows = session.execute(_KEPT, {"ids": list(needs)})
    return {row.need_id: restored(row.entries, row.weights, row.length, counted) for row in rows}


@dataclass(frozen=True, slots=True)
class Gist:
    """A need's words in short, where they are known and still good."""

    words: tuple[str, ...]
    worth: array[float]
    length: float

    @classmethod
    def of(cls, words: str, worth: bytes, length: float, then: int, now: int) -> Gist | None:
        if not words or not good(then, now):
            return None
        held = array("f")
        held.frombytes(worth)
        return cls(tuple(words.split(" ")), held, length)

    def at_most(self, gains: Mapping[str, float]) -> float:
        """What words that gain so much for one unit of weight could at most make the signal."""
        found = [self.worth[at] * gains[word] for at, word in enumerate(self.words) if word in gains]
        return sum(found) / self.length if self.length else 0.0


def good(then: int, now: int) -> bool:
    return then == now or (then > SMALL and now // 2 <= then <= now * 2)


def reader() -> str:
    return f"{VERSION} {embedder().model_id} {_lexicon_hash()}"


@lru_cache(maxsize=1)
def _lexicon_hash() -> str:
    found = hashlib.sha256()
    folder: Any = files("backend.language").joinpath("lexicon")
    for one in sorted(folder.iterdir(), key=lambda file: str(file.name)):
        found.update(one.read_bytes())
    return found.hexdigest()[:16]
