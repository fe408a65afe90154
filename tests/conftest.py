"""One PostgreSQL for the run, migrated once into a template; each worker copies it, each test rolls back.

Cast: alice owns (an MSME in Viet Nam), bob needs (a university in Thailand), tita is a technology transfer officer in
Manila, charlie is a stranger, olga is staff.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN = Path(os.environ.get("PADAN_TEST_DIR") or tempfile.gettempdir()) / f"padan-tests-{os.getuid()}"
os.environ["PADAN_ENVIRONMENT"] = "test"
os.environ["PADAN_BASE_URL"] = "http://testserver"
os.environ["PADAN_VAR_DIR"] = str(RUN / "var")
for name in ("DATABASE_URL", "MEILI_URL", "MEILI_KEY"):
    os.environ.pop(name, None)

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from sqlalchemy import Connection, Engine, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

import backend.tables  # noqa: E402, F401
from backend.accounts.models import Membership, Organisation, User  # noqa: E402
from backend.core import db as core_db  # noqa: E402
from backend.core import jobs  # noqa: E402
from backend.core.embedded import embedded_url  # noqa: E402
from backend.core.migrations import migrate  # noqa: E402
from backend.core.settings import settings  # noqa: E402

# A busy machine must not fail a test (nothing here is timed), and the same code gives the same result twice.
hypothesis.settings.register_profile(
    "padan", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("padan")

SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--benchmarks", action="store_true", help="measure speed (tests/benchmarks); skipped otherwise")
    parser.addoption("--whole", action="store_true", help="evaluate whole folders of judgements (tests/quality)")


def pytest_configure(config: pytest.Config) -> None:
    """Outside xdist's workers: start the server and migrate the template before any worker asks for it."""
    if not any((hasattr(config, "workerinput"), config.option.collectonly, config.option.benchmarks)):
        template = f"template_{os.getpid()}"
        admin = core_db.new_engine(_url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {template}"))
        admin.dispose()
        migrate(_url(template))
        os.environ["PADAN_TEST_TEMPLATE"] = template


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and "PADAN_TEST_TEMPLATE" in os.environ:
        template = os.environ.pop("PADAN_TEST_TEMPLATE")
        admin = core_db.new_engine(_url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            query = text("SELECT datname FROM pg_database WHERE datname LIKE :pattern")
            for name in connection.scalars(query, {"pattern": f"{template}%"}).all():
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """All browser tests go to one worker, which alone starts the live site; the others go where there is room."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith("tests/browser/") else nodeid

    return Scheduling(config, log)


def _url(database: str) -> str:
    return embedded_url(RUN / "postgres", database).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of this worker's own database, empty but for the schema."""
    template = os.environ["PADAN_TEST_TEMPLATE"]
    name = f"{template}_{getattr(request.config, 'workerinput', {}).get('workerid', 'main')}"
    admin = core_db.new_engine(_url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    admin.dispose()
    os.environ["DATABASE_URL"] = _url(name)
    settings.cache_clear()
    core_db.engine.cache_clear()
    yield _url(name)
    core_db.engine().dispose()


@pytest.fixture(scope="session")
def test_engine(database: str) -> Engine:
    return core_db.engine()


@pytest.fixture
def connection(test_engine: Engine) -> Iterator[Connection]:
    with test_engine.connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


@pytest.fixture
def db(connection: Connection) -> Iterator[Session]:
    """A session whose commits are savepoints inside a transaction that never commits."""
    with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def clean_database(test_engine: Engine) -> Iterator[Engine]:
    """For tests that need real commits (races, the worker, the browser): all rows are removed afterwards."""
    yield test_engine
    with test_engine.begin() as connection:
        tables = ", ".join(f'"{table.name}"' for table in core_db.Base.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {tables}, procrastinate_jobs, procrastinate_events CASCADE"))


@pytest.fixture
def run_jobs(db: Session) -> Callable[[], int]:
    """Drain the queue as a worker would, in this test's transaction; returns how many jobs ran."""
    import backend.worker  # noqa: F401 - registers every task

    def drain() -> int:
        done = 0
        while True:
            db.flush()
            row = db.execute(
                text(
                    "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' "
                    "AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY priority DESC, id LIMIT 1"
                )
            ).one_or_none()
            if row is None:
                return done
            with db.begin_nested():
                jobs.TASKS[row.task_name](db, **row.args)
            db.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id"), {"id": row.id})
            done += 1
            assert done < 2_000, "jobs keep enqueueing jobs"

    return drain


# The cast ----------------------------------------------------------------------------------------------------------

PASSWORD = "correct horse battery staple"


@dataclass
class Person:
    user: User
    organisation: Organisation
    password: str = PASSWORD

    @property
    def actor(self) -> Any:
        """Freshly read, so that a change of role is seen."""
        from backend.accounts.actor import Actor

        role = "admin"
        return Actor(user=self.user, roles={self.organisation.id: role}, organisation=self.organisation)


@pytest.fixture(scope="session")
def password_hash() -> str:
    from backend.accounts.passwords import make_hash

    return make_hash(PASSWORD)


@pytest.fixture
def person(db: Session, password_hash: str) -> Callable[..., Person]:
    """Make a verified person with an organisation: `person("alice", "VN", "msme_small", locale="vi")`."""
    return lambda *args, **kwargs: make_person(db, password_hash, *args, **kwargs)


def make_person(
    session: Session, hashed: str, name: str, country: str, kind: str, *, locale: str = "en", is_staff: bool = False
) -> Person:
    from backend.core.clock import now

    organisation = Organisation(
        name=f"{name.title()} {kind.replace('_', ' ').title()}", kind=kind, country=country, languages=[locale]
    )
    user = User(
        email=f"{name}@{name}.example", name=name.title(), password_hash=hashed, locale=locale, is_staff=is_staff,
        email_verified_at=now(),
    )
    session.add_all([organisation, user])
    session.flush()
    session.add(Membership(user_id=user.id, organisation_id=organisation.id, role="admin"))
    session.flush()
    return Person(user, organisation)


@pytest.fixture
def alice(person: Callable[..., Person]) -> Person:
    return person("alice", "VN", "msme_small", locale="vi")


@pytest.fixture
def bob(person: Callable[..., Person]) -> Person:
    return person("bob", "TH", "university", locale="th")


@pytest.fixture
def tita(person: Callable[..., Person]) -> Person:
    return person("tita", "PH", "tto")


@pytest.fixture
def charlie(person: Callable[..., Person]) -> Person:
    return person("charlie", "MY", "msme_micro")


@pytest.fixture
def olga(person: Callable[..., Person]) -> Person:
    return person("olga", "SG", "public_agency", is_staff=True)


# The application ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def application(database: str) -> Any:
    from backend.app import create

    return create()


@pytest.fixture
def client(application: Any, db: Session) -> Iterator[Any]:
    """A browser without scripts, talking to the application on this test's own connection."""
    from fastapi.testclient import TestClient

    from backend.deps import db_session

    def same_session() -> Iterator[Session]:
        with db.begin_nested():
            yield db
        db.expire_all()

    application.dependency_overrides[db_session] = same_session
    with TestClient(application, follow_redirects=False) as browser:
        browser.cookies.set("lang", "en")  # the tests read English, whatever language an account prefers
        yield browser
    application.dependency_overrides.clear()


@pytest.fixture
def sign_in(db: Session) -> Callable[..., Any]:
    """`sign_in(client, alice)`: give the client alice's session cookie, without the sign-in form."""

    def enter(client: Any, who: Person) -> Any:
        from backend.accounts import sessions
        from backend.core.clock import now

        _login, token = sessions.start(
            db, who.user, organisation=who.organisation, address="127.0.0.1", user_agent="test", now=now()
        )
        db.flush()
        client.cookies.set(sessions.cookie_name(), token)
        return client

    return enter


@pytest.fixture
def submit() -> Callable[..., Any]:
    """`submit(client, "/login", email=…)`: post a form as the page would, with its CSRF token."""
    from tests.browserless import post

    return post
