"""The stand-in itself. A task moves on each time somebody asks about tasks, so tests need not wait."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.search.meili import grammar

LOCALES = {"eng", "ind", "tha", "vie", "tgl", "khm", "tam", "cmn", "por", "mya"}
ID = re.compile(r"[A-Za-z0-9_-]{1,511}")
MAX_VALUE = 468


@dataclass
class Plan:
    """What goes wrong. `fail` answers (code, type) for a task that is to fail, or None."""

    down: bool = False
    slow: float = 0.0
    queue_full: bool = False
    stuck: bool = False
    fail: Callable[[dict[str, Any]], tuple[str, str] | None] = lambda _task: None
    before: Callable[[dict[str, Any]], None] = lambda _task: None


@dataclass
class Index:
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


class Standin:
    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.plan = Plan()
        self.indexes: dict[str, Index] = {}
        self.tasks: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, Any]] = []

    # Tasks -----------------------------------------------------------------------------------------------------------

    def enqueue(self, kind: str, index: str | None, **payload: Any) -> Response:
        if self.plan.queue_full:
            return error(500, "no_space_left_on_device", "system", "the task queue is full")
        task = {
            "uid": len(self.tasks),
            "indexUid": index,
            "status": "enqueued",
            "type": kind,
            "error": None,
            "enqueuedAt": now(),
            "details": {},
            "canceledBy": None,
            "duration": None,
            "payload": payload,
        }
        self.tasks.append(task)
        summary = {"taskUid": task["uid"], "indexUid": index, "status": "enqueued", "type": kind, "enqueuedAt": now()}
        return JSONResponse(summary, 202)

    def advance(self) -> None:
        if self.plan.stuck:
            return
        for task in self.tasks:
            if task["status"] == "enqueued":
                self.plan.before(task)
                wrong = self.plan.fail(task) or self.run(task)
                task["status"] = "failed" if wrong else "succeeded"
                task["error"] = wrong and {"code": wrong[0], "type": wrong[1], "message": wrong[0], "link": ""}
                return

    def run(self, task: dict[str, Any]) -> tuple[str, str] | None:
        """A failed task changes nothing."""
        index, payload = task["indexUid"], task["payload"]
        match task["type"]:
            case "indexCreation":
                if index in self.indexes:
                    return "index_already_exists", "invalid_request"
                self.indexes[index] = Index()
            case "indexDeletion":
                if self.indexes.pop(index, None) is None:
                    return "index_not_found", "invalid_request"
            case "settingsUpdate":
                self.indexes.setdefault(index, Index()).settings = payload["settings"]
            case "documentAdditionOrUpdate":
                held = self.indexes.setdefault(index, Index())
                for one in payload["documents"]:
                    wrong = self.wrong(one, held)
                    if wrong:
                        return wrong, "invalid_request"
                held.documents |= {one["id"]: one for one in payload["documents"]}
            case "documentDeletion":
                if index not in self.indexes:
                    return "index_not_found", "invalid_request"
                held = self.indexes[index]
                if "id" not in held.settings.get("filterableAttributes", []):
                    return "invalid_document_filter", "invalid_request"
                condition = grammar.read(payload["filter"])
                held.documents = {key: row for key, row in held.documents.items() if not condition(row)}
            case "indexSwap":
                one, other = payload["indexes"]
                if one not in self.indexes or other not in self.indexes:
                    return "index_not_found", "invalid_request"
                self.indexes[one], self.indexes[other] = self.indexes[other], self.indexes[one]
        return None

    def wrong(self, one: dict[str, Any], held: Index) -> str | None:
        if not ID.fullmatch(str(one.get("id", ""))):
            return "invalid_document_id"
        for name in held.settings.get("filterableAttributes", []):
            values = one.get(name)
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, str) and len(value.encode()) > MAX_VALUE:
                    return "invalid_document_fields"
        if held.settings.get("embedders"):
            vectors = one.get("_vectors", {})
            if "default" not in vectors:
                return "vector_embedding_error"
            given = vectors["default"]
            wanted = held.settings["embedders"]["default"]["dimensions"]
            if given is not None and any(len(each) != wanted for each in given["embeddings"]):
                return "invalid_vector_dimensions"
        return None

    # Searching -------------------------------------------------------------------------------------------------------

    def search(self, asked: dict[str, Any]) -> dict[str, Any] | Response:
        index = self.indexes.get(asked["indexUid"])
        if index is None:
            return error(404, "index_not_found", "invalid_request", "no such index")
        if set(asked.get("locales", [])) - LOCALES:
            return error(400, "invalid_search_locales", "invalid_request", "unknown locale")
        try:
            condition = grammar.read(asked["filter"]) if asked.get("filter") else lambda _row: True
        except grammar.FilterError as wrong:
            return error(400, "invalid_search_filter", "invalid_request", str(wrong))
        attributes = re.findall(
            r"([a-z_]+) (?:IN|=|>|<)", re.sub(r'"(?:[^"\\]|\\.)*"', '""', asked.get("filter") or "")
        )
        allowed = set(index.settings.get("filterableAttributes", []))
        if set(attributes) - allowed or set(asked.get("facets", [])) - allowed:
            return error(400, "invalid_search_filter", "invalid_request", "attribute is not filterable")
        scored = []
        for row in index.documents.values():
            score = self.score(row, asked, index)
            if condition(row) and score > asked.get("rankingScoreThreshold", 0):
                scored.append((score, row))
        order = asked.get("sort", [None])[0]
        scored.sort(key=lambda pair: -pair[0])
        if order:
            name, direction = order.split(":")
            scored.sort(key=lambda pair: pair[1][name], reverse=direction == "desc")
        facets: dict[str, dict[str, int]] = {}
        for name in asked.get("facets", []):
            counts: dict[str, int] = {}
            for _score, row in scored:
                for value in row.get(name) or []:
                    counts[str(value)] = counts.get(str(value), 0) + 1
            facets[name] = counts
        size, page = asked["hitsPerPage"], asked["page"]
        hits = [{"id": row["id"], "_rankingScore": score} for score, row in scored[(page - 1) * size : page * size]]
        return {
            "hits": hits,
            "query": asked.get("q", ""),
            "processingTimeMs": 1,
            "facetDistribution": facets,
            "hitsPerPage": size,
            "page": page,
            "totalHits": len(scored),
            "totalPages": -(-len(scored) // size),
            "indexUid": asked["indexUid"],
        }

    def score(self, row: dict[str, Any], asked: dict[str, Any], index: Index) -> float:
        words = (asked.get("q") or "").lower().split()
        if not words:
            return 1.0
        text = " ".join(str(row.get(name) or "") for name in index.settings.get("searchableAttributes", [])).lower()
        held = set(re.findall(r"\w+", text))
        met = sum(any(_alike(word, other) for other in held) or word in text for word in words)
        score = 0.6 + 0.4 * met / len(words) if met else 0.0
        vector, given = asked.get("vector"), (row.get("_vectors") or {}).get("default")
        if vector and given:
            near = sum(a * b for a, b in zip(vector, given["embeddings"][0], strict=True))
            score = max(score, near if near > 0.9 else 0.0)
        return score


def _alike(word: str, other: str) -> bool:
    return other.startswith(word) or (len(word) > 3 and SequenceMatcher(None, word, other).ratio() > 0.82)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def error(status: int, code: str, kind: str, message: str) -> JSONResponse:
    return JSONResponse(
        {"message": message, "code": code, "type": kind, "link": f"https://docs.meilisearch.com/errors#{code}"}, status
    )


def application(state: Standin) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def planned(request: Request, go_on: Any) -> Response:
        body = await request.body()
        state.requests.append((request.method, request.url.path, body))
        if state.plan.slow:
            time.sleep(state.plan.slow)
        if state.plan.down:
            return error(503, "too_many_search_requests", "system", "later")
        return await go_on(request)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "available"}

    @app.post("/indexes")
    def create(body: dict[str, Any]) -> Response:
        assert body["primaryKey"] == "id"
        return state.enqueue("indexCreation", body["uid"])

    @app.delete("/indexes/{uid}")
    def drop(uid: str) -> Response:
        return state.enqueue("indexDeletion", uid)

    @app.patch("/indexes/{uid}/settings")
    def configure(uid: str, body: dict[str, Any]) -> Response:
        return state.enqueue("settingsUpdate", uid, settings=body)

    @app.post("/indexes/{uid}/documents")
    def add(uid: str, body: list[dict[str, Any]], primaryKey: str) -> Response:
        assert primaryKey == "id"
        assert len(body) <= 1000
        return state.enqueue("documentAdditionOrUpdate", uid, documents=body)

    @app.post("/indexes/{uid}/documents/delete")
    def remove(uid: str, body: dict[str, Any]) -> Response:
        return state.enqueue("documentDeletion", uid, filter=body["filter"])

    @app.post("/indexes/{uid}/documents/fetch")
    def fetch(uid: str, body: dict[str, Any]) -> Any:
        if uid not in state.indexes:
            return error(404, "index_not_found", "invalid_request", "no such index")
        rows = list(state.indexes[uid].documents.values())
        start, size = body.get("offset", 0), body.get("limit", 20)
        shown = [{name: row.get(name) for name in body["fields"]} for row in rows[start : start + size]]
        return {"results": shown, "offset": start, "limit": size, "total": len(rows)}

    @app.get("/tasks/{uid}")
    def task(uid: int) -> Any:
        state.advance()
        return {name: value for name, value in state.tasks[uid].items() if name != "payload"}

    @app.get("/tasks")
    def tasks(request: Request) -> Any:
        state.advance()
        wanted = request.query_params
        rows = [
            {name: value for name, value in one.items() if name != "payload"}
            for one in state.tasks
            if one["indexUid"] in wanted["indexUids"].split(",") and one["status"] in wanted["statuses"].split(",")
        ]
        return {"results": rows[: int(wanted["limit"])], "total": len(rows), "limit": 1, "from": 0, "next": None}

    @app.post("/swap-indexes")
    def swap(body: list[dict[str, Any]]) -> Response:
        return state.enqueue("indexSwap", None, indexes=body[0]["indexes"])

    @app.post("/multi-search")
    def multi_search(body: dict[str, Any]) -> Any:
        results = []
        for one in body["queries"]:
            answer = state.search(one)
            if isinstance(answer, Response):
                return answer
            results.append(answer)
        return {"results": results}

    return app


def serve(state: Standin) -> Callable[[], None]:
    """Run on a free port of the loopback in a thread; returns how to stop it."""
    server = uvicorn.Server(
        uvicorn.Config(application(state), host="127.0.0.1", port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    state.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    def stop() -> None:
        server.should_exit = True
        thread.join(5)

    return stop
