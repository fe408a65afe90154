"""Vectors of needs: kept by content in the database, made when missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.language.embed import Role, Vectors, content_hash
from backend.language.embedder import embedder
from backend.matching.candidates import halfvec
from backend.search.models import Embedding


def query_vector(session: Session, body: str) -> Vectors | None:
    """The vector of a need's text, from the store or the embedder. Raises EmbeddingError; None for an empty text."""
    if not body:
        return None
    known = stored_vectors(session, [body], "query")
    if body in known:
        return known[body]
    chosen = embedder()
    # Rounded as the column rounds, so that the first run and the next give the same score.
    vector: Vectors = chosen.query([body])[0].astype(np.float16).astype(np.float32)
    session.execute(
        text(
            "INSERT INTO embedding (content_hash, model, vector, created_at)"
            " VALUES (:key, :model, CAST(:vector AS halfvec), :at) ON CONFLICT DO NOTHING"
        ),
        {
            "key": content_hash(chosen.model_id, body, "query"),
            "model": chosen.model_id,
            "vector": halfvec(vector),
            "at": now(),
        },
    )
    return vector


def stored_vectors(session: Session, texts: Sequence[str], role: Role) -> dict[str, Vectors]:
    """Vectors already kept for these texts, in one query."""
    model = embedder().model_id
    by_key = {content_hash(model, body, role): body for body in texts if body}
    if not by_key:
        return {}
    rows = session.execute(select(Embedding.content_hash, Embedding.vector).where(Embedding.content_hash.in_(by_key)))
    return {by_key[key]: as_vector(vector) for key, vector in rows}


def as_vector(stored: Any) -> Vectors:
    values = stored.to_numpy() if hasattr(stored, "to_numpy") else stored
    return np.asarray(values, dtype=np.float32)


def cosine(one: Vectors | None, other: Vectors | None) -> float | None:
    if one is None or other is None:
        return None
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
