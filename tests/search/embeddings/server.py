"""The stand-in itself: it answers in the OpenAI form, with one wrong answer after another when asked to."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import Response

DIMENSION = 384


@dataclass
class Standin:
    """`fault` names what goes wrong: see `application`. `poison`: a word whose text alone cannot be embedded."""

    url: str = ""
    fault: str = ""
    poison: str = ""
    asked: list[list[str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def reset(self) -> None:
        self.released.set()
        self.fault, self.poison, self.asked, self.released = "", "", [], threading.Event()


def vector(text: str) -> list[float]:
    row = [0.0] * DIMENSION
    row[0], row[1 + sum(text.encode()) % (DIMENSION - 1)] = 0.8, 0.6
    return row


def application(state: Standin) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/embeddings")
    def embeddings(body: dict[str, Any]) -> Response:
        texts = body["input"]
        state.asked.append(texts)
        rows: list[Any] = [vector(text) for text in texts]
        match state.fault:
            case "timeout":
                state.released.wait(10)
            case "busy":
                return Response("slow down", 429, {"retry-after": "120"})
            case "error":
                return Response("<h1>502 Bad Gateway</h1>", 502, media_type="text/html")
            case "moved":
                return Response("", 302, {"location": "http://elsewhere.example/"})
            case "html":
                return Response("<!doctype html><title>Sign in</title>", media_type="text/html")
            case "deep":
                return Response("[" * 100_000, media_type="application/json")
            case "other form":
                return Response('{"embeddings": []}', media_type="application/json")
            case "dimension":
                rows = [[0.5] * 768 for _ in texts]
            case "lengths":
                rows = [[0.5] * (DIMENSION - at) for at in range(len(texts))]
            case "count":
                rows = rows[:-1]
            case "nan":
                rows = [[float("nan")] * DIMENSION for _ in texts]
            case "words":
                rows = [["x"] * DIMENSION for _ in texts]
        for at, text in enumerate(texts):
            if state.poison and state.poison in text:
                rows[at] = [float("nan")] * DIMENSION
        data = [{"index": at, "embedding": row} for at, row in enumerate(rows)]
        return Response(json.dumps({"data": data}), media_type="application/json")

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
        state.released.set()
        server.should_exit = True
        thread.join(5)

    return stop
