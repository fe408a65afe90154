"""Padan as it runs: real processes, spoken to over HTTP with a connection that stays open."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READY_SECONDS = 120


@contextmanager
def running(*arguments: str, environment: dict[str, str] | None = None, log: Path | None = None) -> Iterator[int]:
    """A process of this Python until the block ends; yields its id."""
    out = log.open("wb") if log else subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **(environment or {})}, stdout=out, stderr=subprocess.STDOUT
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if log:
            out.close()  # type: ignore[union-attr]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Browser:
    """One open connection; refuses any answer that is not what was expected."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str, *, token: str = "", expect: int = 200) -> bytes:
        return self._ask("GET", path, None, token, expect)

    def read(self, path: str, *, token: str = "") -> Any:
        return _json(self.get(path, token=token))

    def post(self, path: str, content: Any, *, token: str, expect: int = 201) -> Any:
        return _json(self._ask("POST", path, json.dumps(content).encode(), token, expect))

    def _ask(self, method: str, path: str, body: bytes | None, token: str, expect: int) -> bytes:
        headers = {"accept-encoding": "gzip"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if body is not None:
            headers["content-type"] = "application/json"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        assert response.status == expect, f"{method} {path}: {response.status} {content[:300]!r}"
        return content


def _json(content: bytes) -> Any:
    """Answers are packed, as a browser gets them."""
    return json.loads(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)


def wait_for(port: int, path: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            with Browser(port) as browser:
                browser.get(path)
        except (OSError, http.client.HTTPException):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def processor_seconds(pid: int) -> float:
    """What a process and its threads have used of the processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024
