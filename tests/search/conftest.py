from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.ids import new_id
from backend.core.settings import settings
from backend.language import embedder as embedder_module
from backend.listings.models import IpRight, Listing
from backend.needs.models import Need
from backend.search import embedding, meaning, outside, projection, service
from tests.search.meili.server import Standin, serve

# Words of several languages for the same thing lie in the same direction; all vectors share one, as the real ones do.
CONCEPTS = {
    "water": 1,
    "tubig": 1,
    "nước": 1,
    "air": 1,
    "น้ำ": 1,
    "filter": 1,
    "lọc": 1,
    "pansala": 1,
    "solar": 2,
    "surya": 2,
    "araw": 2,
    "sấy": 2,
    "dryer": 2,
    "rice": 3,
    "palay": 3,
    "lúa": 3,
    "ข้าว": 3,
}


class ConceptEmbedder:
    """A tiny embedder with known answers."""

    model_id = "concepts"
    dimension = 384

    def __init__(self) -> None:
        self.read: list[str] = []

    def query(self, texts: Sequence[str]) -> Any:
        return self._vectors(texts)

    def passage(self, texts: Sequence[str]) -> Any:
        self.read += texts
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            meant = {CONCEPTS[word] for word in text.lower().replace(".", " ").split() if word in CONCEPTS}
            for one in meant:
                row[one] = 0.45
            if not meant:
                row[10 + sum(text.encode()) % 370] = 0.45
            row[0] = 0.88
            row /= np.linalg.norm(row)
        return rows


@pytest.fixture(autouse=True)
def embedder(monkeypatch: pytest.MonkeyPatch) -> ConceptEmbedder:
    own = ConceptEmbedder()
    for module in (meaning, embedding, projection, embedder_module):
        monkeypatch.setattr(module, "embedder", lambda: own)
    meaning._vector.cache_clear()
    return own


@pytest.fixture
def make_listing(db: Session) -> Callable[..., Listing]:
    """A published listing with one Vietnamese patent, unless told otherwise."""
    numbers = iter(range(1, 1000))

    def make(
        owner: Any, title: str = "Water filter", *, rights: list[dict[str, Any]] | None = None, **fields: Any
    ) -> Listing:
        n = next(numbers)
        values: dict[str, Any] = {
            "id": new_id(),
            "reference": f"T-{n}",
            "state": "published",
            "language": "en",
            "summary": f"About {title}.",
            "description": "A longer description.",
            "published_at": now() - timedelta(minutes=n),
            "expires_at": now() + timedelta(days=300),
            "deal_types": ["non_exclusive_licence"],
        }
        listing = Listing(**{**values, **fields}, title=title, organisation_id=owner.organisation.id)
        default = [{"office": "VN", "kind": "patent", "status": "granted", "ipc": ["C02F1/44"]}]
        listing.rights = [
            IpRight(id=new_id(), position=i, **right) for i, right in enumerate(default if rights is None else rights)
        ]
        db.add(listing)
        db.flush()
        return listing

    return make


@pytest.fixture
def make_need(db: Session) -> Callable[..., Need]:
    numbers = iter(range(1, 1000))

    def make(owner: Any, title: str = "Clean water", **fields: Any) -> Need:
        n = next(numbers)
        values: dict[str, Any] = {
            "id": new_id(),
            "reference": f"N-{n}",
            "state": "published",
            "language": "en",
            "summary": f"About {title}.",
            "description": "What we need.",
            "published_at": now() - timedelta(minutes=n),
            "expires_at": now() + timedelta(days=90),
            "used_in": ["TH"],
        }
        need = Need(**{**values, **fields}, title=title, organisation_id=owner.organisation.id)
        db.add(need)
        db.flush()
        return need

    return make


@pytest.fixture
def index(db: Session) -> Callable[..., None]:
    """Sync these records and embed what waits."""

    def run(*records: Any, embed_them: bool = True) -> None:
        for record in records:
            service.sync(db, "listing" if isinstance(record, Listing) else "need", record.id)
        while embed_them and embedding.embed_batch(db):
            pass
        db.flush()

    return run


@pytest.fixture(scope="session")
def standin_server() -> Iterator[Standin]:
    state = Standin()
    stop = serve(state)
    yield state
    stop()


@pytest.fixture
def standin(standin_server: Standin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """Meilisearch is configured, and is the stand-in."""
    standin_server.reset()
    monkeypatch.setattr(settings(), "meili_url", standin_server.url)
    monkeypatch.setattr(settings(), "meili_timeout", 0.4)
    monkeypatch.setattr(service, "breaker", service.Breaker())
    yield standin_server
    standin_server.reset()


@pytest.fixture
def build(db: Session, standin: Standin) -> Callable[[], None]:
    """Build both outside indexes, inside this test's transaction."""
    from contextlib import contextmanager

    @contextmanager
    def scope() -> Iterator[Session]:
        with db.begin_nested():
            yield db

    def run() -> None:
        for kind in outside.KINDS:
            outside.reindex(kind, scope=scope)

    return run
