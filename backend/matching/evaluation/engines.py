"""The two single engines that matching must beat: BM25 alone and vectors alone, each over the whole collection.

Both are as plain as they come, on the same words and the same windows of text that matching reads.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.language.embed import Vectors

# As in most engines. https://en.wikipedia.org/wiki/Okapi_BM25
SATURATION, LENGTH_SHARE = 1.2, 0.75


class WordsAlone:
    """BM25 over documents given as their words. A word that a query repeats counts each time."""

    def __init__(self, documents: Iterable[tuple[str, Sequence[str]]]) -> None:
        self.names: list[str] = []
        lengths: list[int] = []
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for at, (name, words) in enumerate(documents):
            self.names.append(name)
            lengths.append(len(words))
            for word, count in Counter(words).items():
                found[word].append((at, count))
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        norms = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * np.array(lengths) / mean)
        self._weights: dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]] = {}
        for word, rows in found.items():
            places, counts = np.array([row[0] for row in rows], dtype=np.intp), np.array([row[1] for row in rows])
            rarity = math.log(1 + (len(lengths) - len(rows) + 0.5) / (len(rows) + 0.5))
            self._weights[word] = places, rarity * counts * (SATURATION + 1) / (counts + norms[places])

    def found(self, words: Iterable[str], most: int) -> list[str]:
        """The best documents that share a word, best first."""
        scores = np.zeros(len(self.names))
        for word, often in Counter(words).items():
            if word in self._weights:
                places, weights = self._weights[word]
                scores[places] += often * weights
        return [self.names[at] for at in best(scores, most) if scores[at] > 0]


class VectorsAlone:
    """Exact cosine; a text without a vector is never found."""

    def __init__(self, documents: Iterable[tuple[str, Vectors | None]]) -> None:
        held = [(name, vector) for name, vector in documents if vector is not None]
        self.names = [name for name, _ in held]
        self._matrix = _unit(np.array([vector for _, vector in held])) if held else None

    def found(self, vector: Vectors | None, most: int) -> list[str]:
        if vector is None or self._matrix is None:
            return []
        return [self.names[at] for at in best(self._matrix @ vector, most)]


def best(scores: NDArray[np.floating], most: int) -> list[int]:
    """The places of the highest scores, highest first; of equals the earlier."""
    return [int(at) for at in np.argsort(-scores, kind="stable")[:most]]


def without(found: Sequence[str], excluded: Iterable[str], most: int) -> list[str]:
    """A ranking without what its query must not count, such as the record it was made of."""
    dropped = set(excluded)
    return [name for name in found if name not in dropped][:most]


def _unit(rows: Vectors) -> Vectors:
    scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled
