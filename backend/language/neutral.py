"""Directions of language in a space of vectors, and vectors without them. Pure but for the file they are kept in.

A multilingual model places every language a little apart, so an answer in another language is farther than a worse one
in the question's own. Sentences that say the same in thirteen languages (`parallel/`) show in which directions; these
are taken out of every vector, of questions and passages alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# How many are taken out. nDCG@10 of the vectors alone, 0 / 9: development goals in four languages 0.86 / 0.95, health
# texts in seven languages mixed 0.86 / 0.97, one language on both sides the same. With 5 some stay apart, from 12 on
# meaning is lost.
TAKEN_OUT = 9


def taken_out(directions: Vectors, vectors: Vectors) -> Vectors:
    """(n, dimension) vectors without these orthonormal directions, of unit length again."""
    bare = vectors - (vectors @ directions.T) @ directions
    lengths = np.maximum(np.linalg.norm(bare, axis=1, keepdims=True), 1e-9)
    return np.ascontiguousarray(bare / lengths, dtype=np.float32)


def directions(read: Sequence[Callable[[Sequence[str]], Vectors]]) -> Vectors:
    """(TAKEN_OUT, dimension), orthonormal: where the sentences of the other languages lie beside the English ones.

    `read` are the ways a model reads texts (as questions, as passages), which are apart in different ways.
    """
    folder = files("backend.language").joinpath("parallel")
    sentences = {
        Path(file.name).stem: file.read_text(encoding="utf-8").splitlines()
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".txt")
    }
    apart = []
    for vectors_of in read:
        means = {language: vectors_of(lines).mean(axis=0) for language, lines in sentences.items()}
        apart += [mean - means["en"] for language, mean in means.items() if language != "en"]
    found: Vectors = np.linalg.svd(np.stack(apart), full_matrices=False)[2][:TAKEN_OUT]
    return np.ascontiguousarray(found, dtype=np.float32)


def shipped(model_id: str, dimension: int) -> Vectors | None:
    """The directions kept for this model, or None."""
    file = files("backend.language").joinpath("directions", _name(model_id))
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        held: Vectors = np.load(opened, allow_pickle=False).astype(np.float32)
    return held if held.shape[1] == dimension else None


def keep(model_id: str, found: Vectors) -> Path:
    """Store directions beside this file. All vectors have to be made anew afterwards."""
    folder = Path(str(files("backend.language").joinpath("directions")))
    folder.mkdir(exist_ok=True)
    path = folder / _name(model_id)
    np.save(path, found)
    return path


def _name(model_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "_" for c in model_id) + ".npy"
