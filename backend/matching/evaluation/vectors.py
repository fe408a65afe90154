"""Vectors that an evaluation needs, kept between runs in a file by content: making them takes most of its time."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from backend.language.embed import Embedder, Role, Vectors, content_hash
from backend.language.embedder import embed_texts, embedder

Done = Callable[[int, int], None]


class VectorFile:
    """Vectors of one model: 32 bytes of content hash and as many half floats as the model gives a record, only ever
    appended to, by one process at a time. A record that a killed run left half written is cut off."""

    def __init__(self, folder: Path, model: Embedder) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.model = model
        self._path = folder / f"{''.join(c if c.isalnum() or c in '-.' else '_' for c in model.model_id)}.bin"
        self._size = 32 + 2 * model.dimension
        self._known: dict[bytes, bytes] = {}
        with self._opened() as file:
            held = self._path.read_bytes()
            if torn := len(held) % self._size:
                file.truncate(len(held) - torn)
        for at in range(0, len(held) - torn, self._size):
            self._known[held[at : at + 32]] = held[at + 32 : at + self._size]

    def get(self, key: bytes) -> Vectors | None:
        held = self._known.get(key)
        return None if held is None else np.frombuffer(held, dtype=np.float16).astype(np.float32)

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        with self._opened() as file:
            for key, vector in zip(keys, vectors, strict=True):
                self._known[key] = vector.astype(np.float16).tobytes()
                file.write(key + self._known[key])

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        with self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # freed when the file is closed, which writes it out
            yield file

    def of(self, texts: Iterable[str], role: Role, done: Done) -> dict[str, Vectors]:
        """Vectors of these texts, from the file or the model, kept as they are made. Empty texts have none."""
        keys = {body: content_hash(self.model.model_id, body, role) for body in texts if body}
        missing = sorted((body for body in keys if self.get(keys[body]) is None), key=lambda body: (len(body), body))
        for at in range(0, len(missing), 64):
            batch = missing[at : at + 64]
            self.add([keys[body] for body in batch], embed_texts(batch, role, using=self.model))
            done(at + len(batch), len(missing))
        done(1, 1)
        return {body: vector for body, key in keys.items() if (vector := self.get(key)) is not None}


def plain_vectors(folder: Path) -> VectorFile:
    """Vectors as the model gives them: what "vectors alone" means, and of what matching makes its own."""
    return VectorFile(folder, embedder().plain)


def compared(plain: Mapping[str, Vectors]) -> dict[str, Vectors]:
    """The same as matching compares them."""
    return dict(zip(plain, embedder().neutral(np.stack([*plain.values()])), strict=True)) if plain else {}
