"""The outside index becomes equal to the projection whatever fails on the way, and searches go on meanwhile."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.search import meilisearch, outside, service
from backend.search.engine import EngineDown
from backend.search.filters import Above, Every, OneOf, written
from backend.search.models import IndexEntry, IndexState, SearchDocument
from backend.search.query import SearchQuery
from tests.search.meili import grammar
from tests.search.meili.server import Standin

Build = Callable[[], None]


def held(standin: Standin, index: str = "listings") -> dict[str, str]:
    return {key: row["content_hash"] for key, row in standin.indexes[index].documents.items()}


def projected(db: Session, kind: str = "listing") -> dict[str, str]:
    rows = db.execute(select(SearchDocument.id, SearchDocument.content_hash).where(SearchDocument.kind == kind))
    return {str(key): value.hex() for key, value in rows}


def drain(db: Session) -> None:
    outside.push(db, kind="listing")
    db.flush()


def test_an_index_is_built_with_its_settings_before_it_is_asked(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice))
    assert service.search(db, SearchQuery(q="water")).results.engine == "postgres"

    build()

    assert service.search(db, SearchQuery(q="water")).results.engine == "meilisearch"
    assert standin.indexes["listings"].settings["embedders"]["default"]["source"] == "userProvided"
    assert held(standin) == projected(db)


def test_settings_that_have_not_changed_are_never_applied_again(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    build()
    before = sum(task["type"] == "settingsUpdate" for task in standin.tasks)
    index(make_listing(alice))
    drain(db)

    assert sum(task["type"] == "settingsUpdate" for task in standin.tasks) == before
    assert held(standin) == projected(db)


def test_changed_settings_ask_for_a_rebuild(db: Session, standin: Standin, build: Build) -> None:
    from sqlalchemy import text

    build()
    state = db.get(IndexState, "listings")
    assert state is not None
    state.settings_hash = b"old"
    drain(db)

    names = db.scalars(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'")).all()
    assert "search.reindex" in names


def test_a_row_counts_as_indexed_only_when_its_task_has_succeeded(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    build()
    index(make_listing(alice))
    standin.plan.stuck = True
    with pytest.MonkeyPatch.context() as patch:
        wait = meilisearch.Meili.outcome
        patch.setattr(meilisearch.Meili, "outcome", lambda self, task: wait(self, task, seconds=0.05))
        with pytest.raises(EngineDown):
            drain(db)

    assert db.scalars(select(IndexEntry)).all() == []


@pytest.mark.parametrize("trouble", ["down", "queue_full", "system"])
def test_trouble_of_the_engine_leaves_a_difference_that_the_next_push_closes(
    trouble: str, db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    build()
    index(*(make_listing(alice, f"Number {n}") for n in range(5)))
    if trouble == "system":
        standin.plan.fail = lambda task: ("no_space_left_on_device", "system")
    else:
        setattr(standin.plan, trouble, True)
    with pytest.raises(EngineDown):
        drain(db)
    assert db.scalars(select(IndexEntry)).all() == []

    standin.plan = type(standin.plan)()
    drain(db)

    assert held(standin) == projected(db)
    assert len(held(standin)) == 5


def test_a_worker_killed_after_the_engine_took_the_batch_does_no_harm(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    build()
    listing = make_listing(alice)
    index(listing)
    savepoint = db.begin_nested()
    drain(db)
    savepoint.rollback()  # what was written dies with the worker; the index keeps what it took
    assert len(held(standin)) == 1
    listing.state = "withdrawn"
    index(listing)

    drain(db)

    assert held(standin) == {} == projected(db)


def test_one_bad_document_is_quarantined_and_the_rest_are_indexed(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    build()
    listings = [make_listing(alice, f"Number {n}") for n in range(9)]
    bad = listings[4]
    index(*listings)

    def fail(task: dict[str, Any]) -> tuple[str, str] | None:
        sent = [one["id"] for one in task["payload"].get("documents", [])]
        return ("invalid_document_fields", "invalid_request") if str(bad.id) in sent else None

    standin.plan.fail = fail
    drain(db)

    assert len(held(standin)) == 8
    (entry,) = outside.quarantined(db)
    assert entry.id == bad.id
    assert "invalid_document_fields" in (entry.error or "")

    standin.plan.fail = lambda _task: None
    bad.title = "Mended"
    index(bad)
    drain(db)

    assert outside.quarantined(db) == []
    assert held(standin) == projected(db)


def test_an_internal_error_that_hits_every_document_is_the_engines_and_quarantines_none(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    build()
    index(*(make_listing(alice, f"Number {n}") for n in range(4)))
    standin.plan.fail = lambda _task: ("internal", "internal")

    with pytest.raises(EngineDown):
        drain(db)

    assert outside.quarantined(db) == []


def test_a_rebuild_loses_no_write_that_happens_meanwhile(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    listings = [make_listing(alice, f"Number {n}") for n in range(6)]
    index(*listings)
    build()
    seen: list[int] = []
    done: set[str] = set()

    def meanwhile(task: dict[str, Any]) -> None:
        """While the new index fills and again just before the swap: one change, one withdrawal, one new listing."""
        seen.append(len(standin.indexes["listings"].documents) if "listings" in standin.indexes else -1)
        at = task["type"]
        if at in ("documentAdditionOrUpdate", "indexSwap") and at not in done:
            done.add(at)
            n = len(done)
            listings[n].title = f"Changed {at}"
            listings[-n].state = "withdrawn"
            for record in (listings[n], listings[-n], make_listing(alice, f"New at {at}")):
                service.sync(db, "listing", record.id)
            db.flush()

    standin.plan.before = meanwhile
    build()
    standin.plan.before = lambda _task: None
    drain(db)

    assert done == {"documentAdditionOrUpdate", "indexSwap"}
    assert held(standin) == projected(db)
    assert len(held(standin)) == 6
    assert min(seen) >= 1  # the live index was never empty
    assert set(standin.indexes) == {"listings", "needs"}


def test_reconciling_takes_the_indexs_own_word(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    index(*(make_listing(alice, f"Number {n}") for n in range(4)))
    build()
    documents = standin.indexes["listings"].documents
    lost, spoilt, *_rest = list(documents)
    del documents[lost]
    documents[spoilt] = documents[spoilt] | {"content_hash": "00"}
    documents["0190f3a0-0000-7000-8000-000000000000"] = {
        "id": "0190f3a0-0000-7000-8000-000000000000",
        "content_hash": "01",
    }

    outside.reconcile_outside(db, "listing")
    drain(db)

    assert held(standin) == projected(db)


@pytest.mark.parametrize("trouble", [{"down": True}, {"slow": 0.7}])
def test_when_the_engine_is_down_or_slow_postgres_answers_and_says_so_then_it_returns(
    trouble: dict[str, Any],
    db: Session,
    standin: Standin,
    build: Build,
    make_listing: Any,
    index: Any,
    alice: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(service, "breaker", service.Breaker(lambda: clock[0]))
    index(make_listing(alice, "Bamboo loom"))
    build()
    for name, value in trouble.items():
        setattr(standin.plan, name, value)

    first = service.search(db, SearchQuery(q="bamboo"))
    asked = len(standin.requests)
    second = service.search(db, SearchQuery(q="bamboo"))

    assert [(found.results.engine, found.degraded, found.total) for found in (first, second)] == [
        ("postgres", True, 1)
    ] * 2
    assert len(standin.requests) == asked  # while it rests, it is not asked

    standin.plan = type(standin.plan)()
    clock[0] += 10
    third = service.search(db, SearchQuery(q="bamboo"))

    assert (third.results.engine, third.degraded, third.total) == ("meilisearch", False, 1)


def test_rests_grow_while_the_engine_stays_down_and_one_search_at_a_time_probes_it() -> None:
    clock = [0.0]
    breaker = service.Breaker(lambda: clock[0])
    breaker.failed()
    assert not breaker.allows()
    clock[0] = 2.0
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    clock[0] = 5.0
    assert not breaker.allows()
    clock[0] = 6.0
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
    assert not breaker.is_open


@pytest.mark.parametrize(
    "value", ['"', "\\", '\\"', "a OR b", "] OR id EXISTS", "x" * 2000, "ล" * 300, "\n", "' OR 1=1"]
)
def test_a_value_in_a_filter_is_only_ever_a_value(value: str) -> None:
    condition = grammar.read(written(Every([OneOf("sector", (value,)), Above("expires_at", 5)])))

    kept = value.encode()[:468].decode("utf-8", "ignore")
    assert condition({"sector": [kept], "expires_at": 6})
    assert not condition({"sector": ["other"], "expires_at": 6})
    assert not condition({"sector": [kept], "expires_at": 5})


def test_a_filter_without_values_holds_for_nothing_and_odd_attributes_are_refused() -> None:
    assert not grammar.read(written(OneOf("sector", ())))({"sector": ["blue"]})
    with pytest.raises(ValueError, match="not an attribute"):
        written(OneOf("sector = 1 OR x", ("a",)))


def test_documents_go_in_batches_within_the_engines_limits() -> None:
    batches = list(meilisearch.batches({"id": str(n), "text": "ข" * 5_000} for n in range(1_200)))

    assert all(len(batch) <= 1_000 for batch in batches)
    assert all(
        len(json.dumps(batch, ensure_ascii=False).encode()) <= meilisearch.MAX_BYTES + 20_000 for batch in batches
    )
    assert sum(map(len, batches)) == 1_200


def test_malay_is_searched_as_indonesian_and_lao_without_a_language() -> None:
    assert meilisearch.LOCALES["ms"] == "ind"
    assert "lo" not in meilisearch.LOCALES
    assert "tet" not in meilisearch.LOCALES


def test_every_request_the_client_made_is_in_the_published_description(
    db: Session, standin: Standin, build: Build, make_listing: Any, index: Any, alice: Any
) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / "meilisearch-openapi.json"
    if not path.exists():
        pytest.skip("the published API description is not here")
    described = json.loads(path.read_text("utf-8"))
    listing = make_listing(alice)
    index(listing)
    build()
    service.search(db, SearchQuery(q="water", chosen={"sector": ("blue",)}), "ms")
    outside.reconcile_outside(db, "listing")
    listing.state = "withdrawn"
    index(listing)
    drain(db)
    locales = set(described["components"]["schemas"]["Locale"]["enum"])
    known = described["components"]["schemas"]["SearchQueryWithIndex"]["properties"]

    def matches(method: str, asked: str) -> bool:
        for template, methods in described["paths"].items():
            parts, own = template.strip("/").split("/"), asked.strip("/").split("/")
            if method.lower() in methods and len(parts) == len(own):
                fits = [part.startswith("{") or part == one for part, one in zip(parts, own, strict=True)]
                if all(fits):
                    return True
        return False

    assert {(m, p) for m, p, _body in standin.requests if not matches(m, p)} == set()
    searches = [json.loads(body) for _m, p, body in standin.requests if p == "/multi-search"]
    assert searches
    for search in searches:
        for one in search["queries"]:
            assert set(one) <= set(known)
            assert set(one.get("locales", [])) <= locales
    assert set(meilisearch.LOCALES.values()) <= locales
