"""A query's vector, and how far above chance a similarity is.

The bundled model's cosines crowd between 0.75 and 0.90, differently for each query: nonsense reaches 0.84 where a good
Filipino query reaches 0.83. Measured against unrelated background texts they part: nonsense lies at most 0.05 above its
background, queries that mean something 0.06 to 0.10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.language.embed import Vectors, content_hash, embedder, query_text
from backend.search.models import Embedding

log = structlog.get_logger("padan.search")

# Similarity above background from which a document counts as found by meaning, and at which it fits fully.
FLOOR, FULL = 0.058, 0.14

# Everyday subjects far from each other, so that no query is near them all.
BACKGROUND = (
    "A brass band plays in the town square on Sunday afternoon",
    "Quarterly report on municipal library opening hours",
    "Recipe for lemon cake with almonds",
    "History of medieval coinage in northern Europe",
    "Rules of a children's card game",
    "Tram timetable for the eastern districts",
    "Method for fastening roof tiles",
    "Digital circuit for clock recovery",
    "Treatment of chronic joint pain in older patients",
    "Soil survey of a highland valley",
    "Software for arranging school lessons",
    "Alloy for the casting of machine parts",
)


@dataclass(frozen=True)
class Meaning:
    """A query's unit vector and its mean similarity to the background."""

    vector: Vectors
    background: float

    def fit(self, similarity: float) -> float:
        """0 at chance, 1 where nothing could fit better."""
        return float(np.clip((similarity - self.background - 0.02) / (FULL - 0.02), 0.0, 1.0))

    def is_found(self, similarity: float) -> bool:
        return similarity - self.background >= FLOOR

    @property
    def literal(self) -> str:
        return "[" + ",".join(f"{value:.5f}" for value in self.vector.tolist()) + "]"


def meaning_of(session: Session, text: str) -> Meaning | None:
    """What a query means, or None where the embedder does not answer: words alone then have to do."""
    try:
        vector = _vector(embedder().model_id, query_text(text))
        return Meaning(vector, float((background(session) @ vector).mean()))
    except Exception as error:
        log.warning("query not embedded", error=str(error)[:200])
        return None


@lru_cache(maxsize=2_000)
def _vector(model: str, text: str) -> Vectors:  # noqa: ARG001 - the model is part of the key
    vector: Vectors = embedder().query([text])[0]
    return vector


_background: dict[str, Vectors] = {}


def background(session: Session) -> Vectors:
    """Vectors of the background texts, once per process; kept in the database so that one process computes them."""
    model = embedder().model_id
    if model not in _background:
        keys = [content_hash(model, text) for text in BACKGROUND]
        held = dict(
            session.execute(
                select(Embedding.content_hash, Embedding.vector).where(Embedding.content_hash.in_(keys))
            ).all()
        )
        if len(held) == len(keys):
            vectors = np.stack([_floats(held[key]) for key in keys])
        else:
            vectors = embedder().passage(BACKGROUND)
        _background[model] = vectors
    return _background[model]


def keep_background(session: Session) -> None:
    """Store the background vectors; called by the embedding job, so that searches only ever read them."""
    model = embedder().model_id
    remember(
        session,
        model,
        [(content_hash(model, text), v) for text, v in zip(BACKGROUND, background(session), strict=True)],
    )


def remember(session: Session, model: str, vectors: Sequence[tuple[bytes, Vectors]]) -> None:
    if vectors:
        rows = [{"content_hash": key, "model": model, "vector": vector} for key, vector in vectors]
        session.execute(insert(Embedding).values(rows).on_conflict_do_nothing())


def _floats(value: object) -> Vectors:
    to_numpy = getattr(value, "to_numpy", None)
    return np.asarray(to_numpy() if to_numpy else value, dtype=np.float32)
