"""The one file that speaks to Meilisearch. Each call has a timeout; each write answers a task, which is not success.

The client keeps its headers in one changing dictionary, so each thread has a client of its own.
"""

import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import requests
from meilisearch import Client
from meilisearch.errors import MeilisearchApiError, MeilisearchError

from backend.core.clock import now
from backend.core.settings import settings
from backend.language.segment import segmented, visible
from backend.search import filters
from backend.search.engine import EngineDown, Facets, Results
from backend.search.facets import facets_of, values_of
from backend.search.lexemes import query_words
from backend.search.meaning import Meaning
from backend.search.models import SearchDocument
from backend.search.query import Kind, SearchQuery

CONFIG = Path(__file__).parents[2] / "search_config"
INDEXES: dict[Kind, str] = {"listing": "listings", "need": "needs"}
WRITE_TIMEOUT = 20
MAX_BATCH, MAX_BYTES = 1_000, 5_000_000
TEXT_MAX = 8_000
SEMANTIC_RATIO = 0.5
# With the embedder's distribution setting, chance lies at 0.5.
SCORE_THRESHOLD = 0.6
NEVER = 253_402_300_799  # the last second of the year 9999, for what does not expire
UNSPACED = frozenset({"th", "lo", "km", "my"})
# Its own codes. It has none for Malay, which Indonesian serves, nor for Lao and Tetum; Burmese it cannot split.
LOCALES = {
    "en": "eng", "id": "ind", "ms": "ind", "th": "tha", "vi": "vie", "fil": "tgl", "km": "khm", "ta": "tam",
    "zh": "cmn", "pt": "por",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How a task ended. `at_fault`: the documents or the request were wrong, not the engine."""

    succeeded: bool
    code: str = ""
    message: str = ""
    at_fault: bool = False


class Meili:
    """One server. Methods raise EngineDown when it is unreachable, slow, overloaded or refuses."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self._url, self._key, self._timeout = url, key, timeout
        self._local = threading.local()

    def _client(self, timeout: float) -> Client:
        held: dict[float, Client] = self._local.__dict__.setdefault("clients", {})
        if timeout not in held:
            held[timeout] = Client(self._url, self._key or None, timeout=timeout)  # type: ignore[arg-type]
        return held[timeout]

    def _call(
        self, name: str, *arguments: Any, timeout: float = WRITE_TIMEOUT, index: str | None = None, **named: Any
    ) -> Any:
        client = self._client(timeout)
        try:
            return getattr(client.index(index) if index else client, name)(*arguments, **named)
        except (MeilisearchError, requests.RequestException, ValueError) as error:
            code = error.code if isinstance(error, MeilisearchApiError) else ""
            raise EngineDown(f"{name}: {code or type(error).__name__}: {str(error)[:300]}") from error

    # Searching -------------------------------------------------------------------------------------------------------

    def multi_search(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        answer = self._call("multi_search", list(queries), timeout=self._timeout)
        try:
            results: list[dict[str, Any]] = answer["results"]
        except (KeyError, TypeError) as error:
            raise EngineDown("multi_search: not an answer") from error
        return results

    def is_well(self) -> bool:
        try:
            answer = self._call("health", timeout=self._timeout)
        except EngineDown:
            return False
        return isinstance(answer, dict) and answer.get("status") == "available"

    # Writing ---------------------------------------------------------------------------------------------------------

    def add(self, index: str, documents: Sequence[Mapping[str, Any]]) -> int:
        return int(self._call("add_documents", [dict(one) for one in documents], "id", index=index).task_uid)

    def remove(self, index: str, ids: Iterable[UUID]) -> int:
        condition = filters.OneOf("id", tuple(map(str, ids)))
        return int(self._call("delete_documents", filter=filters.written(condition), index=index).task_uid)

    def create(self, index: str) -> int:
        return int(self._call("create_index", index, {"primaryKey": "id"}).task_uid)

    def configure(self, index: str, config: Mapping[str, Any]) -> int:
        return int(self._call("update_settings", dict(config), index=index).task_uid)

    def swap(self, one: str, other: str) -> int:
        return int(self._call("swap_indexes", [{"indexes": [one, other]}]).task_uid)

    def drop(self, index: str) -> int:
        return int(self._call("delete_index", index).task_uid)

    def unfinished(self, index: str) -> int:
        """How many tasks of this index wait or run."""
        answer = self._call("get_tasks", {"indexUids": [index], "statuses": ["enqueued", "processing"], "limit": 1})
        return int(answer.total)

    def outcome(self, task: int, seconds: float = 60, poll: float = 0.02) -> Outcome:
        """Wait for a task's end; EngineDown when it does not end in time. The client's own wait hides failures."""
        deadline = time.monotonic() + seconds
        while True:
            state = self._call("get_task", task)
            if state.status == "succeeded":
                return Outcome(True)
            if state.status in ("failed", "canceled"):
                error = dict(state.error or {})
                return Outcome(
                    False, str(error.get("code", state.status)), str(error.get("message", ""))[:500],
                    error.get("type") == "invalid_request",
                )  # fmt: skip
            if time.monotonic() > deadline:
                raise EngineDown(f"task {task} of the search engine has not ended after {seconds:.0f} s")
            time.sleep(poll)
            poll = min(poll * 1.5, 1.0)

    def held(self, index: str) -> dict[UUID, bytes]:
        """Every document the index really holds, with the hash it was sent with."""
        found: dict[UUID, bytes] = {}
        while True:
            page = self._call(
                "get_documents", {"limit": 1_000, "offset": len(found), "fields": ["id", "content_hash"]}, index=index
            )
            for one in page.results:
                found[UUID(one.id)] = bytes.fromhex(getattr(one, "content_hash", "") or "")
            if not page.results or len(found) >= page.total:
                return found


@lru_cache(maxsize=4)
def _server(url: str, key: str, timeout: float) -> Meili:
    return Meili(url.rstrip("/"), key, timeout)


def server() -> Meili:
    chosen = settings()
    return _server(chosen.meili_url, chosen.meili_key.get_secret_value(), chosen.meili_timeout)


# Settings and documents ----------------------------------------------------------------------------------------------


def config(kind: Kind) -> dict[str, Any]:
    """The index settings from `search_config`, with every synonym list merged in."""
    held: dict[str, Any] = json.loads((CONFIG / f"{INDEXES[kind]}.json").read_text("utf-8"))
    synonyms: dict[str, list[str]] = {}
    for path in sorted((CONFIG / "synonyms").glob("*.json")):
        for word, others in json.loads(path.read_text("utf-8")).items():
            synonyms.setdefault(word, []).extend(others)
    return held | {"synonyms": synonyms}


def config_hash(kind: Kind) -> bytes:
    """Changes when the index must be rebuilt. Settings are applied only then: each time, everything is read anew."""
    return sha256(json.dumps(config(kind), sort_keys=True).encode()).digest()


def document(row: SearchDocument) -> dict[str, Any]:
    """What is sent of a document: public already, within the engine's limits, without any sum of money."""
    fields: dict[str, Any] = {
        "id": str(row.id),
        "content_hash": row.content_hash.hex(),
        "title": row.title,
        "summary": row.summary,
        "text": row.text[:TEXT_MAX],
        "plain": row.plain,
        "owner_name": row.owner_name,
        "title_sort": visible(row.title).casefold()[:100],
        "published_at": int(row.published_at.timestamp()),
        "expires_at": int(row.expires_at.timestamp()) if row.expires_at else NEVER,
        **values_of({name: getattr(row, name) for name in row.__mapper__.columns.keys()}),  # noqa: SIM118
    }
    if row.language in UNSPACED:
        fields |= {f"{name}_seg": segmented(fields[name]) for name in ("title", "summary", "text")}
    vector: Any = row.vector
    if vector is None:
        fields["_vectors"] = {"default": None}
    else:
        numbers = vector.to_list() if hasattr(vector, "to_list") else [float(one) for one in vector]
        fields["_vectors"] = {"default": {"embeddings": [numbers], "regenerate": False}}
    return fields


def batches(documents: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """At most 1,000 documents or 5 MB each."""
    batch: list[dict[str, Any]] = []
    size = 0
    for one in documents:
        weight = len(json.dumps(one, ensure_ascii=False).encode("utf-8", "replace"))
        if batch and (len(batch) >= MAX_BATCH or size + weight > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += weight
    if batch:
        yield batch


# The engine ----------------------------------------------------------------------------------------------------------


class MeiliEngine:
    name = "meilisearch"

    def __init__(self, meili: Meili, meaning: Meaning | None = None) -> None:
        self._meili, self._meaning = meili, meaning

    def search(self, query: SearchQuery, locale: str = "en") -> Results:
        started = time.perf_counter()
        groups = query.groups
        facets = [facet.name for facet in facets_of(query.kind)]
        asked = [self._asked(query, groups, facets, locale)]
        # A facet's own counts are of what would be found without its filter: one more search for each that is set.
        for name in groups:
            others = {other: values for other, values in groups.items() if other != name}
            asked.append(self._asked(replace(query, page=1, size=1), others, [name], locale))
        answers = self._meili.multi_search(asked)
        try:
            counts: dict[str, Mapping[str, int]] = dict(answers[0].get("facetDistribution") or {})
            for name, answer in zip(groups, answers[1:], strict=True):
                counts[name] = (answer.get("facetDistribution") or {}).get(name, {})
            hits = [(UUID(hit["id"]), float(hit.get("_rankingScore", 0.0))) for hit in answers[0]["hits"]]
            total = int(answers[0].get("totalHits", answers[0].get("estimatedTotalHits", len(hits))))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise EngineDown(f"search: not an answer: {error}") from error
        return Results(
            hits, total, _in_order(query.kind, counts), self.name, (time.perf_counter() - started) * 1000,
            estimated="totalHits" not in answers[0], by_meaning=self._meaning is not None,
        )  # fmt: skip

    def _asked(
        self, query: SearchQuery, groups: Mapping[str, frozenset[str]], facets: Sequence[str], locale: str
    ) -> dict[str, Any]:
        conditions: list[filters.Filter] = [filters.Above("expires_at", int(now().timestamp()))]
        conditions += [filters.OneOf(name, tuple(sorted(values))) for name, values in groups.items()]
        asked: dict[str, Any] = {
            "indexUid": INDEXES[query.kind],
            "q": _words(query.q),
            "filter": filters.written(filters.Every(conditions)),
            "facets": list(facets),
            "page": query.page,
            "hitsPerPage": query.size,
            "attributesToRetrieve": ["id"],
            "showRankingScore": True,
        }
        order = {"newest": "published_at:desc", "expiring": "expires_at:asc", "title": "title_sort:asc"}.get(
            query.order
        )
        if order:
            asked["sort"] = [order]
        if query.q and locale in LOCALES:
            asked["locales"] = [LOCALES[locale]]
        if query.q and self._meaning is not None:
            asked |= {
                "vector": [round(float(value), 5) for value in self._meaning.vector],
                "hybrid": {"embedder": "default", "semanticRatio": SEMANTIC_RATIO},
                "rankingScoreThreshold": SCORE_THRESHOLD,
            }
        return asked

    def suggest(self, kind: Kind, prefix: str, locale: str = "en") -> list[str]:  # noqa: ARG002
        """Titles are read from the projection: this index answers ids only."""
        return []

    def upsert(self, kind: Kind, documents: Sequence[Mapping[str, Any]]) -> None:
        self._finished(self._meili.add(INDEXES[kind], documents))

    def delete(self, kind: Kind, ids: Iterable[UUID]) -> None:
        self._finished(self._meili.remove(INDEXES[kind], ids))

    def _finished(self, task: int) -> None:
        outcome = self._meili.outcome(task)
        if not outcome.succeeded:
            raise EngineDown(f"{outcome.code}: {outcome.message}")


def _words(q: str) -> str:
    """A query in a script without spaces is split as its documents were; quotes and minus signs are not commands."""
    plain = " ".join(part.lstrip("-") for part in q.replace('"', " ").split())
    if any("\u0e00" <= character <= "\u17ff" for character in plain):
        return " ".join(query_words(plain))
    return plain


def _in_order(kind: Kind, counts: Mapping[str, Mapping[str, int]]) -> Facets:
    found: Facets = {}
    for facet in facets_of(kind):
        values = [(value, number) for value, number in counts.get(facet.name, {}).items() if number]
        if values:
            by_value = facet.ordered
            found[facet.name] = sorted(
                values,
                key=lambda pair: (
                    (pair[0].zfill(4) if pair[0].isdecimal() else pair[0],) if by_value else (-pair[1], pair[0])
                ),
            )
    return found
