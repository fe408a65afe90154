"""Every refusal of the API has one shape, whatever was wrong, and nothing is stored by halves."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.api.description import OPEN, Problem, permissions, routes
from backend.core.events import Event
from backend.listings.models import Listing
from backend.needs.models import Need

Bearer = Callable[..., dict[str, str]]
ROUTES = [(method, route) for route in routes() for method in sorted(route.methods or ())]
ABSENT = "01a20a02-4ca2-7fa8-8952-8dd644831864"
OPERATIONS = [(method, route.path) for method, route in ROUTES]
WITH_BODY = [(method, route.path) for method, route in ROUTES if route.body_field]
CLOSED = [(method, route.path) for method, route in ROUTES if not set(permissions(route.dependant)) <= OPEN]


def is_problem(answer: Any, status: int) -> Any:
    """The one shape, checked strictly; returns its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    problem = Problem.model_validate(body)
    assert (problem.status, problem.type.rpartition("#")[2]) == (status, problem.code)
    assert problem.title
    assert problem.detail
    assert problem.request_id == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return body


@pytest.fixture
def at(listing: Listing, need: Need) -> Callable[[str], str]:
    """An address with the id of a row of alice or bob in it."""
    return lambda path: "/api/v1" + path.replace("{id}", str((need if "/needs" in path else listing).id))


@pytest.fixture
def owner(alice: Any, bob: Any, bearer: Bearer) -> Callable[[str], dict[str, str]]:
    return lambda path: bearer(bob if "/needs" in path else alice)


@pytest.fixture
def unchanged(db: Session, listing: Listing, need: Need, alice: Any, bob: Any) -> Iterator[None]:
    """Fails the test if anything was stored by it."""

    def rows() -> list[Any]:
        counts = [db.scalar(select(func.count()).select_from(table)) for table in (Listing, Need)]
        verbs = db.scalar(select(func.count()).select_from(Event).where(Event.verb != "token.created"))
        return [*counts, verbs, listing.version, listing.title, need.version, need.title]

    before = rows()
    yield
    db.expire_all()
    assert rows() == before


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_without_a_token_one_is_asked_for(client: Any, at: Any, method: str, path: str) -> None:
    answer = client.request(method, at(path), json={} if (method, path) in WITH_BODY else None)
    if method == "GET" and "{id}" in path:
        assert is_problem(answer, 404)["code"] == "not_found"  # a private row: that it exists is not said
    else:
        is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("token", ["Bearer nonsense", "Basic YTpi", "Bearer", "Bearer padan_abcdefgh_" + "x" * 43])
def test_a_token_that_is_not_valid_is_said_to_be_none(
    client: Any, at: Any, method: str, path: str, token: str
) -> None:
    body = {"title": "x", "description": "y"} if (method, path) in WITH_BODY else None
    answer = client.request(method, at(path), json=body, headers={"authorization": token})
    assert is_problem(answer, 401)["code"] == "invalid_token"


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{id}" in one[1]])
@pytest.mark.parametrize("key", ["1", "x", "%00", "..%2f..%2fetc", ABSENT, "' OR 1=1 --", "๑"])
def test_a_record_that_is_not_there_is_not_found(
    client: Any, owner: Any, method: str, path: str, key: str
) -> None:
    body = {"title": "x"} if (method, path) in WITH_BODY else None
    address = "/api/v1" + path.replace("{id}", key)
    is_problem(client.request(method, address, json=body, headers=owner(path)), 404)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_parameter_nobody_knows_is_refused(
    client: Any, at: Any, owner: Any, unchanged: None, method: str, path: str
) -> None:
    body = {"title": "x", "description": "y"} if (method, path) in WITH_BODY else None
    answer = client.request(method, at(path), params={"colour": "red"}, json=body, headers=owner(path))
    errors = is_problem(answer, 422)["errors"]
    assert [(error["field"], error["code"]) for error in errors] == [("colour", "unknown_parameter")]


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/listings", "q", ["rice", "husk"]), ("/listings", "page", ["1", "2"]),
        ("/needs", "sort", ["newest", "title"]),
        ("/matches", "limit", ["1", "2"]),
        ("/listings", "lang", ["th", "vi"]),
    ],
)  # fmt: skip
def test_what_can_be_said_once_is_refused_when_said_twice(
    client: Any, alice: Any, bearer: Bearer, path: str, name: str, values: list[str]
) -> None:
    answer = client.get(f"/api/v1{path}", params={name: values}, headers=bearer(alice))
    assert (name, "repeated") in [(e["field"], e["code"]) for e in is_problem(answer, 422)["errors"]]


def test_a_filter_may_have_several_values(client: Any) -> None:
    assert client.get("/api/v1/listings", params={"owner_country": ["VN", "TH"]}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"), ("page", "-1"), ("page", "99999999999999999999"), ("page", "1e9"), ("page", "๑"),
        ("size", "1000"),
        ("owner_country", "XX"), ("owner_country", "VN' OR '1'='1"), ("right_kind", 'patent" OR id EXISTS'),
        ("ipc", "%"), ("sdg", "18"), ("trl_min", "NaN"), ("sort", "title; DROP TABLE listing"), ("cursor", "x"),
        ("cursor", "W" * 5_000), ("cursor", "W1tbW1tb" * 30), ("cursor", "WzFlOTldCg"), ("q", "ก" * 501),
        ("verification", "5"), ("language", "_geoRadius(1,1,1)"), ("territory", "["), ("deal_type", "\\"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_field_by_field(client: Any, name: str, value: str) -> None:
    answer = client.get("/api/v1/listings", params={name: value})
    assert name in [error["field"] for error in is_problem(answer, 422)["errors"]]


@pytest.mark.parametrize("words", ["\x00", "a\u202eb", "%_\\", "'; --", "\"\"", "((((", "a & | ! b", "<->", "x" * 500])
def test_odd_words_are_searched_for_like_any_others(client: Any, words: str) -> None:
    assert client.get("/api/v1/listings", params={"q": words}).status_code == 200


BROKEN = {
    "cut short": (b'{"title": "x"', 400),
    "nothing": (b"", 422),
    "two values": (b'{"title": "x"} {}', 400),
    "a name twice": (b'{"title": "x", "title": "y", "description": "z"}', 400),
    "a name twice below": (b'{"title": "x", "terms": {"notes": "a", "notes": "b"}}', 400),
    "not a number": (b'{"title": "x", "description": "y", "trl": NaN}', 400),
    "endless": (b'{"title": "x", "description": "y", "trl": Infinity}', 400),
    "endless in digits": (b'{"title": "x", "description": "y", "trl": 1e999}', 400),
    "many digits": (b'{"title": "x", "trl": ' + b"9" * 5000 + b"}", 400),
    "broken UTF-8": (b'{"title": "\xff\xfe"}', 400),
    "UTF-16": ('{"title": "x"}'.encode("utf-16"), 400),
    "a surrogate alone": (b'{"title": "\\ud800", "description": "y"}', 422),
    "a NUL": (b'{"title": "a\\u0000b", "description": "y"}', 422),
    "an override of direction": ('{"title": "a\u202eb", "description": "y"}'.encode(), 422),
    "nested": (b'{"title": ' + b"[" * 900 + b"]" * 900 + b"}", 422),
    "nested deeply": (b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "a text": (b'"x"', 422),
    "an unknown field": (b'{"title": "x", "description": "y", "state": "published"}', 422),
    "ten megabytes": (b'{"title": "' + b"x" * 10_000_000 + b'"}', 413),
}


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_body_is_refused_and_nothing_is_stored(
    client: Any, at: Any, owner: Any, unchanged: None, method: str, path: str, how: str
) -> None:
    raw, status = BROKEN[how]
    headers = owner(path) | {"content-type": "application/json"}
    body = is_problem(client.request(method, at(path), content=raw, headers=headers), status)
    assert {400: "bad_json", 413: "too_large", 422: "invalid"}[status] == body["code"]
    assert bool(body.get("errors")) == (status == 422)


def test_a_body_without_a_declared_length_is_cut_off_too(
    client: Any, alice: Any, bearer: Bearer, unchanged: None
) -> None:
    def drops() -> Iterator[bytes]:
        yield b'{"title": "'
        for _drop in range(30):
            yield b"x" * 100_000

    headers = bearer(alice) | {"content-type": "application/json"}
    is_problem(client.post("/api/v1/listings", content=drops(), headers=headers), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "nonsense"])
def test_a_body_of_another_kind_is_refused(client: Any, alice: Any, bearer: Bearer, unchanged: None, kind: str) -> None:
    headers = bearer(alice) | {"content-type": kind}
    is_problem(client.post("/api/v1/listings", content=b'{"title": "x"}', headers=headers), 422)


def test_a_good_field_beside_a_bad_one_is_not_stored(
    client: Any, at: Any, owner: Any, unchanged: None
) -> None:
    for path in ("/listings/{id}", "/needs/{id}"):
        answer = client.patch(at(path), json={"title": "A new title", "sdgs": [99]}, headers=owner(path))
        assert "sdgs.0" in [error["field"] for error in is_problem(answer, 422)["errors"]]


@pytest.mark.parametrize("path", sorted({path for _method, path in OPERATIONS}))
@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_nobody_offers_is_answered_with_those_that_are(client: Any, at: Any, method: str, path: str) -> None:
    answer = client.request(method, at(path))
    is_problem(answer, 405)
    offered = {m for m, p in OPERATIONS if p == path}
    assert set(answer.headers["allow"].split(", ")) == offered | ({"HEAD"} if "GET" in offered else set())


def test_an_address_that_is_none_is_a_problem_too(client: Any) -> None:
    is_problem(client.get("/api/v1/nothing"), 404)
    is_problem(client.get("/api/v2/listings"), 404)


def test_a_fault_of_ours_is_a_problem_without_its_cause(
    application: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi.testclient import TestClient

    from backend.search import service

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(service, "search", broken)
    with TestClient(application, raise_server_exceptions=False) as browser:
        answer = browser.get("/api/v1/listings")
    assert is_problem(answer, 500)["code"] == "internal"
    assert "secret" not in answer.text


def test_a_problem_is_told_in_the_readers_language(client: Any) -> None:
    client.cookies.clear()  # only the header speaks
    told = {
        locale: client.get("/api/v1/nothing", headers={"accept-language": locale}).json()["detail"]
        for locale in ("en", "th", "vi", "id")
    }
    assert len(set(told.values())) == 4, json.dumps(told, ensure_ascii=False)
