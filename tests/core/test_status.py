"""What machines read, and what every answer carries."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import Request
from sqlalchemy import Engine, text

from backend.core.clock import now
from backend.deps import Db, db_session
from backend.web import status
from tests.needs.conftest import publish  # noqa: F401
from tests.publication.conftest import listing, published  # noqa: F401

PAGES = ("/", "/listings", "/needs", "/about", "/login", "/register", "/developers", "/nothing", "/review")


@pytest.fixture
def worker(clean_database: Engine) -> Iterator[Any]:
    """`worker(seconds)`: a worker was last heard that long ago."""

    def beat(seconds: int) -> None:
        with clean_database.begin() as connection:
            connection.execute(
                text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:at)"),
                {"at": now() - timedelta(seconds=seconds)},
            )

    yield beat
    with clean_database.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))


def test_health_is_well_when_all_answer(client: Any, worker: Any) -> None:
    worker(5)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["checks"] == {"database": True, "worker": True, "search": True}


def test_health_names_a_worker_that_is_silent(client: Any, worker: Any) -> None:
    worker(300)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "worker": False, "search": True}


def test_health_names_a_database_that_is_away(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "is_reachable", lambda: False)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, False)


def test_health_names_a_search_engine_that_is_away(client: Any, worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    worker(1)
    monkeypatch.setattr(status, "engine_health", lambda _session: False)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["checks"]["search"]) == (503, False)


def test_metrics_count_requests_by_route_and_never_by_id(client: Any, published: Any) -> None:  # noqa: F811
    client.get(f"/listings/{published.id}")
    client.get("/listings?q=kenari-word")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    for name in ("padan_requests_total", "padan_request_seconds", "padan_jobs", "padan_queue_age_seconds"):
        assert name in answer.text
    assert str(published.id) not in answer.text
    assert "kenari-word" not in answer.text


def test_metrics_in_production_ask_for_the_operators_token(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.core.settings import Settings

    production = Settings(environment="production", metrics_token="m" * 20)
    monkeypatch.setattr(status, "settings", lambda: production)
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer " + "m" * 20}).status_code == 200


def test_robots_are_told_where_the_site_map_is(client: Any) -> None:
    answer = client.get("/robots.txt")
    assert "Sitemap: http://testserver/sitemap.xml" in answer.text
    assert "Disallow: /dashboard" in answer.text


def test_the_site_map_holds_what_is_public(client: Any, published: Any, run_jobs: Any) -> None:  # noqa: F811
    run_jobs()
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    assert f"<loc>http://testserver/listings/{published.id}</loc>" in answer.text


def test_the_site_map_holds_no_draft(client: Any, listing: Any, run_jobs: Any) -> None:  # noqa: F811
    run_jobs()
    assert str(listing.id) not in client.get("/sitemap.xml").text


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/listings", "/api/v1/nothing", "/healthz", "/robots.txt"])
def test_every_answer_carries_the_headers_that_protect_it(client: Any, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert rule in policy
    assert "unsafe-inline" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert {"permissions-policy", "cross-origin-opener-policy", "x-request-id"} <= set(headers)


def test_a_fault_of_ours_carries_them_too(application: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi.testclient import TestClient

    from backend.web import search

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(search, "parse", broken)
    with TestClient(application, raise_server_exceptions=False) as browser:
        answer = browser.get("/listings")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "<h1" in answer.text
    assert {"content-security-policy", "x-content-type-options", "x-request-id"} <= set(answer.headers)


def test_the_nonce_of_scripts_differs_in_every_answer(client: Any) -> None:
    nonces = [re.search(r"nonce-([^']+)'", client.get("/").headers["content-security-policy"]) for _ in range(3)]
    assert len({found.group(1) for found in nonces if found}) == 3


def test_what_a_person_sees_signed_in_is_not_kept_by_caches(client: Any, alice: Any, sign_in: Any) -> None:
    sign_in(client, alice)
    for path in ("/dashboard", "/", "/review"):
        assert client.get(path).headers["cache-control"] == "no-store"


def test_a_request_keeps_the_id_it_came_with_only_if_it_is_one(client: Any) -> None:
    given = "5f0b7c1e9d6a4f2b8c3d1e0f9a8b7c6d"
    assert client.get("/robots.txt", headers={"x-request-id": given}).headers["x-request-id"] == given
    forged = client.get("/robots.txt", headers={"x-request-id": 'a" onload="x'}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f-]{32,36}", forged)


def test_a_commit_that_fails_is_an_error_and_never_a_success(application: Any) -> None:
    """The answer is sent after the commit, not before it."""
    from fastapi.testclient import TestClient

    def failing_commit() -> Iterator[None]:
        yield None
        raise RuntimeError("the commit failed")

    @application.get("/commit-test")
    def write(request: Request, db: Db) -> dict[str, str]:
        return {"status": "done"}

    application.dependency_overrides[db_session] = failing_commit
    try:
        with TestClient(application, raise_server_exceptions=False) as browser:
            assert browser.get("/commit-test").status_code == 500
    finally:
        application.dependency_overrides.clear()
        application.router.routes[:] = [r for r in application.routes if getattr(r, "path", "") != "/commit-test"]

