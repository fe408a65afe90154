"""The embedder of this process: the configured model, with the language of a text taken out of its vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np
import structlog

from backend.core.http import post_json
from backend.core.settings import settings
from backend.language import neutral
from backend.language.embed import (
    DIMENSION,
    PASSAGES_TIMEOUT,
    QUERY_TIMEOUT,
    Embedder,
    EmbeddingError,
    LocalEmbedder,
    RemoteEmbedder,
    Role,
    Vectors,
    WrongDimension,
)


class NeutralEmbedder:
    """A model whose vectors do not tell the language. The id names what was taken out, since vectors of different
    spaces cannot be compared."""

    def __init__(self, plain: Embedder, directions: Vectors | None) -> None:
        self.plain = plain
        self.dimension = plain.dimension
        self._directions = directions
        self.model_id = plain.model_id
        if directions is not None:
            self.model_id += "-neutral-" + hashlib.sha256(directions.tobytes()).hexdigest()[:8]

    def query(self, texts: Sequence[str]) -> Vectors:
        return self.neutral(self.plain.query(texts))

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self.neutral(self.plain.passage(texts))

    def neutral(self, vectors: Vectors) -> Vectors:
        """(n, dimension) plain vectors as this embedder gives them."""
        return vectors if self._directions is None else neutral.taken_out(self._directions, vectors)


@lru_cache(maxsize=1)
def embedder() -> NeutralEmbedder:
    """The embedder of this process, by the settings. A model without shipped directions is used as it is."""
    plain = _model()
    return NeutralEmbedder(plain, neutral.shipped(plain.model_id, plain.dimension))


def _model() -> Embedder:
    chosen = settings()
    if not chosen.embeddings_url:
        return LocalEmbedder()
    return RemoteEmbedder(
        chosen.embeddings_url,
        chosen.embeddings_model or "text-embedding",
        chosen.embeddings_key.get_secret_value(),
        chosen.embeddings_dimension,
        partial(post_json, timeout=PASSAGES_TIMEOUT),
        post_query=partial(post_json, timeout=QUERY_TIMEOUT),
    )


def check_dimension(candidate: Embedder | None = None) -> None:
    """At start-up: refuse a model whose vectors do not fit, before anything is stored. Raises EmbeddingError."""
    chosen = candidate or embedder()
    if chosen.dimension != DIMENSION:
        raise WrongDimension(f"The database keeps vectors of {DIMENSION} numbers, not {chosen.dimension}.")
    chosen.query(["padan"])


def start_with_embedder() -> None:
    """The same for a process that serves: a server that merely does not answer now is waited for, not died of."""
    try:
        check_dimension()
    except WrongDimension:
        raise
    except EmbeddingError as error:
        structlog.get_logger("padan.embed").warning("embedder does not answer", code=error.code, error=str(error))


def embed_texts(
    texts: Sequence[str],
    role: Role = "passage",
    *,
    using: Embedder | None = None,
    batch: int = 16,
    progress: Callable[[int], None] | None = None,
) -> Vectors:
    """Vectors of many texts, in order; shortest first inside, so a batch holds texts of like length.

    `progress` is told how many texts are done after each batch.
    """
    chosen = using or embedder()
    out = np.zeros((len(texts), chosen.dimension), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    encode = chosen.query if role == "query" else chosen.passage
    for at in range(0, len(order), batch):
        rows = order[at : at + batch]
        out[rows] = encode([texts[index] for index in rows])
        if progress:
            progress(at + len(rows))
    return out
