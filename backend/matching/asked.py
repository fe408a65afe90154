"""What needs speak of, kept between matchings: reading a need costs milliseconds, and a new listing meets hundreds.

A row is good for the text it was made of and for the lexicon and the model it was read with. Weights follow how rare
words are, which moves slowly: they are good until there are twice or half as many listings, and in a small market only
for that many.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
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

# What `profile_of_need` reads of a need's text, hashed where the text lies.
TEXT_HASH = r"""sha256(convert_to(concat_ws(E'\x1f', CAST(:reader AS text), n.language, n.title,
    array_to_string(n.technology_keywords, E'\x1e'), array_to_string(n.market_keywords, E'\x1e'), n.summary,
    n.description, n.why_needed, n.site_conditions), 'UTF8'))"""

_KEEP = text(
    f"""
    INSERT INTO need_words AS w (need_id, text_hash, vector_hash, listings, length, entries, weights)
    SELECT n.id, {TEXT_HASH}, :vector_hash, :listings, :length, CAST(:entries AS jsonb), CAST(:weights AS jsonb)
      FROM need n WHERE n.id = :id
        ON CONFLICT (need_id) DO UPDATE SET text_hash = excluded.text_hash, vector_hash = excluded.vector_hash,
           listings = excluded.listings, length = excluded.length, entries = excluded.entries,
           weights = excluded.weights
     WHERE (w.text_hash, w.vector_hash, w.weights)
           IS DISTINCT FROM (excluded.text_hash, excluded.vector_hash, excluded.weights)
    """  # noqa: S608 - a constant of this file
)
_KEPT = text(
    f"""
    SELECT w.need_id, w.listings, w.length, w.entries, w.weights
      FROM need_words w JOIN need n ON n.id = w.need_id
     WHERE w.need_id = ANY(CAST(:ids AS uuid[])) AND w.text_hash = {TEXT_HASH}
    """  # noqa: S608
)


def keep_words(session: Session, need: Need, words: WantedWords) -> None:
    body = need_text(need)
    session.execute(
        _KEEP,
        {
            "id": need.id,
            "reader": _reader(),
            "vector_hash": content_hash(embedder().model_id, body, "query") if body else None,
            "listings": words.vocabulary.total,
            "length": words.length,
            "entries": json.dumps([[one.native, one.english, one.often] for one in words.entries]),
            "weights": json.dumps(words.weights),
        },
    )


def kept_words(session: Session, needs: Collection[UUID], counted: Vocabulary) -> dict[UUID, WantedWords]:
    """Those of these needs whose words are known and still good. `counted` says how many listings there are now."""
    rows = session.execute(_KEPT, {"ids": list(needs), "reader": _reader()})
    return {
        row.need_id: restored(row.entries, row.weights, row.length, counted)
        for row in rows
        if _good(row.listings, counted.total)
    }


def _good(then: int, now: int) -> bool:
    return then == now or (then > SMALL and now // 2 <= then <= now * 2)


def _reader() -> str:
    return f"{embedder().model_id} {_lexicon_hash()}"


@lru_cache(maxsize=1)
def _lexicon_hash() -> str:
    found = hashlib.sha256()
    folder: Any = files("backend.language").joinpath("lexicon")
    for one in sorted(folder.iterdir(), key=lambda file: str(file.name)):
        found.update(one.read_bytes())
    return found.hexdigest()[:16]
