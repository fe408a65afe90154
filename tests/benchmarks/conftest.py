"""The prepared database of the benchmarks. It is kept under `var/bench`, so that only the first run builds it; each run
measures on a copy.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.core import db as core_db
from backend.core.embedded import embedded_url
from backend.core.migrations import ROOT, migrate
from backend.core.settings import settings
from tests.benchmarks import corpus, processes
from tests.benchmarks.measuring import Report
from tests.conftest import SHARED

BENCH = ROOT / "var" / "bench"
REPORT = pytest.StashKey[Report]()


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Nothing is timed unless asked for."""
    return None if config.getoption("--benchmarks") else True


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    report = config.stash.get(REPORT, None)
    if report and report.figures:
        report.save()
        terminalreporter.section("figures")
        for line in report.table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    return request.config.stash.setdefault(REPORT, Report(ROOT / "var" / "benchmarks.json"))


@dataclass
class Bench:
    """A database as it stands after the imports, and the files it was filled from."""

    url: str
    listings: list[Path]
    needs: list[Path]
    real: bool
    environment: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def bench(report: Report) -> Iterator[Bench]:
    listings, needs, real = corpus.files(SHARED, BENCH)
    if not real:
        report.note("Invented texts: the folder of real ones is not here.")
    template = f"bench_{_fingerprint([*listings, *needs])}"
    with _admin() as admin:
        held = set(admin.scalars(text("SELECT datname FROM pg_database")))
        for name in sorted(held):
            if name.startswith(("bench_", "run_", "import_")) and name != template:
                admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    if template not in held:
        _prepare(f"new_{template}", listings, needs, report)
        with _admin() as admin:
            admin.execute(text(f"ALTER DATABASE new_{template} RENAME TO {template}"))
    _fill(template, report)
    run = f"run_{os.getpid()}"
    with _admin() as admin:
        admin.execute(text(f"CREATE DATABASE {run} TEMPLATE {template} STRATEGY file_copy"))
    use(url_of(run))
    try:
        yield Bench(url_of(run), listings, needs, real, environment(url_of(run)))
    finally:
        core_db.engine().dispose()
        with _admin() as admin:
            admin.execute(text(f"DROP DATABASE IF EXISTS {run} WITH (FORCE)"))


@dataclass
class Server:
    port: int
    pid: int


@pytest.fixture
def browser(server: Server) -> Iterator[processes.Browser]:
    with processes.Browser(server.port) as opened:
        yield opened


@pytest.fixture(scope="session")
def server(bench: Bench) -> Iterator[Server]:
    """`padan serve` on the prepared database."""
    port = processes.free_port()
    arguments = ("-m", "backend", "serve", "--port", str(port))
    with processes.running(*arguments, environment=bench.environment, log=BENCH / "serve.log") as pid:
        processes.wait_for(port, "/robots.txt")
        yield Server(port, pid)


@pytest.fixture(scope="session")
def empty_server() -> Iterator[Server]:
    """The same server with an application that does nothing."""
    port = processes.free_port()
    arguments = ("-m", "uvicorn", "tests.benchmarks.empty:app", "--port", str(port), "--no-access-log")
    with processes.running(*arguments, log=BENCH / "empty.log") as pid:
        processes.wait_for(port, "/")
        yield Server(port, pid)


@pytest.fixture
def import_database(bench: Bench) -> Iterator[str]:
    """An empty, migrated database; the one that was in use comes back afterwards."""
    name = f"import_{os.getpid()}"
    with _admin() as admin:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.execute(text(f"CREATE DATABASE {name}"))
    migrate(url_of(name))
    use(url_of(name))
    yield url_of(name)
    use(bench.url)
    with _admin() as admin:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def url_of(database: str) -> str:
    return embedded_url(BENCH / "postgres", database).replace("postgresql://", "postgresql+psycopg://")


def environment(url: str) -> dict[str, str]:
    """What a process of Padan needs to work on this database."""
    return {
        "DATABASE_URL": url, "PADAN_ENVIRONMENT": "demo", "PADAN_VAR_DIR": str(BENCH), "PADAN_LOG_LEVEL": "WARNING",
        "PADAN_BASE_URL": "http://127.0.0.1", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def use(url: str) -> None:
    """Make this process work on a database."""
    if core_db.engine.cache_info().currsize:
        core_db.engine().dispose()
    os.environ["DATABASE_URL"] = url
    settings.cache_clear()
    core_db.engine.cache_clear()


class _admin:
    def __enter__(self) -> Any:
        self._engine = core_db.new_engine(url_of("postgres")).execution_options(isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        self._connection.execute(text("SET statement_timeout = 0"))
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.dispose()


def _fingerprint(files: list[Path]) -> str:
    """Of what decides the content: the files, the schema, and the way documents and texts for vectors are made."""
    from backend.language.embed import PASSAGE_WINDOW, QUERY_WINDOW
    from backend.language.embedder import embedder
    from backend.search.documents import VERSION

    parts: list[Any] = [VERSION, PASSAGE_WINDOW, QUERY_WINDOW, embedder().model_id]
    parts += [(path.name, path.stat().st_size) for path in files]
    parts += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "migrations" / "versions").glob("*.py"))]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _prepare(name: str, listings: list[Path], needs: list[Path], report: Report) -> None:
    from backend.imports.service import Kind, import_file
    from backend.matching.words import count_words
    from backend.search.indexing import help_along

    with _admin() as admin:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.execute(text(f"CREATE DATABASE {name}"))
    migrate(url_of(name))
    use(url_of(name))
    began, stored = time.perf_counter(), 0
    kinds: list[tuple[Kind, list[Path]]] = [("listings", listings), ("needs", needs)]
    for kind, paths in kinds:
        for path in paths:
            stored += import_file(path, kind=kind, source=path.name.split(".")[0]).created
    half = time.perf_counter()
    help_along(lambda _done, _total: None)
    with core_db.session_scope() as session:
        count_words(session)
        session.execute(text("DELETE FROM procrastinate_jobs WHERE status <> 'doing'"))
    done = time.perf_counter()
    report.note(f"Prepared {stored:,} records: stored in {half - began:.0f} s, indexed in {done - half:.0f} s.")
    core_db.engine().dispose()


def _fill(template: str, report: Report) -> None:
    from backend.language.embedder import embedder
    from backend.search.meaning import keep_background

    use(url_of(template))
    folder = Path(os.environ.get("PADAN_VECTORS") or ROOT / "var" / "vectors")
    written, real, total = corpus.fill_vectors(core_db.conninfo(), embedder().model_id, corpus.kept_vectors(folder))
    with core_db.session_scope() as session:
        keep_background(session)
    if written:
        with core_db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
    core_db.engine().dispose()
    report.note(f"{total:,} documents; {real:,} have the embedder's own vector, the others an invented one.")
