"""What a search engine is: it answers ids and counts, nothing that could leak; records are read afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from backend.search.query import Kind, SearchQuery

Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class Results:
    """Ids with their score, best first. `facets` counts each facet as if its own filter were not set."""

    hits: Sequence[tuple[UUID, float]]
    total: int
    facets: Facets
    engine: str
    took_ms: float = 0.0
    estimated: bool = False
    by_meaning: bool = False  # whether vectors took part, so that a page can say why words are not all there
    extra: Mapping[str, Any] = field(default_factory=dict)


class EngineDown(Exception):
    """The engine did not answer in time, or answered that it cannot."""


class Engine(Protocol):
    name: str

    def search(self, query: SearchQuery, locale: str = "en") -> Results: ...

    def suggest(self, kind: Kind, prefix: str, locale: str = "en") -> list[str]: ...

    def upsert(self, kind: Kind, documents: Sequence[Mapping[str, Any]]) -> None: ...

    def delete(self, kind: Kind, ids: Iterable[UUID]) -> None: ...
