"""Runs everything on one machine: the embedded PostgreSQL, the website and a worker, and stops them together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from types import FrameType

from backend.core.db import database_url, engine, session_scope
from backend.core.migrations import migrate
from backend.core.settings import settings

READY_SECONDS = 60


def run(host: str, port: int) -> int:
    """Start, print where to look and who may sign in, and wait for Ctrl-C. Returns the exit status."""
    if settings().is_production:
        print("`padan demo` is not for production; run `padan serve` and `padan worker`.", file=sys.stderr)
        return 2
    address = f"http://{host}:{port}"
    if _taken(host, port):
        print(f"Port {port} is in use. Choose another one: make demo PORT={port + 1}", file=sys.stderr)
        return 2
    print("Padan: starting PostgreSQL and preparing the data ...", flush=True)
    os.environ["DATABASE_URL"] = database_url()
    os.environ.setdefault("PADAN_BASE_URL", address)
    settings.cache_clear()
    migrate()
    with session_scope() as session:
        from backend.demo.load import load

        load(session)
    engine().dispose()
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    children = [_start("serve", "--host", host, "--port", str(port)), _start("worker")]
    try:
        if not _ready(address, children, stopping):
            print("Padan did not become ready; see the lines above.", file=sys.stderr)
            return 1
        _welcome(address)
        while not stopping and all(child.poll() is None for child in children):
            time.sleep(0.2)
        return 0 if stopping else 1
    finally:
        _end(children)


def _taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "backend", *arguments])  # noqa: S603 - our own program


def _ready(address: str, children: list[subprocess.Popen[bytes]], stopping: list[int]) -> bool:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and not stopping:
        if any(child.poll() is not None for child in children):
            return False
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.2)
    return bool(stopping)


def _welcome(address: str) -> None:
    from backend.demo.load import credentials

    print(f"\nPadan is ready: {address}\n")
    for name, account in credentials().items():
        print(f"  {name:<8} {account['email']:<34} {account['password']}")
    var = settings().var_dir
    print(f"\nAlso in {var / 'demo-credentials.json'}, with API tokens. Mail goes to {var / 'mail'}.")
    print("Ctrl-C stops everything.", flush=True)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
