"""Listings over the API: what programs rely on, and what is refused in which words."""

from typing import Any, Literal

import pytest
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.listings.models import Listing
from tests.listings.examples import WHOLE


@pytest.fixture
def bearer(db: Session) -> Any:
    """`bearer(alice)`: the headers of a program acting for alice."""

    def headers(person: Any, scope: Literal["read", "write"] = "write") -> dict[str, str]:
        _row, raw = tokens.create(db, person.actor, "test", scope, person.organisation)
        db.flush()
        return {"authorization": f"Bearer {raw}"}

    return headers


def test_a_draft_is_created_changed_and_submitted(client: Any, db: Session, alice: Any, bearer: Any) -> None:
    headers = bearer(alice)
    created = client.post("/api/v1/listings", json={"title": WHOLE["title"]}, headers=headers)
    assert created.status_code == 201
    body = created.json()
    assert created.headers["location"] == f"/api/v1/listings/{body['id']}"
    assert (body["state"], body["version"], body["language"]) == ("draft", 1, "en")
    assert {"rule": "Q1", "severity": "blocker", "field": "summary"}.items() <= next(
        f for f in body["findings"] if f["field"] == "summary"
    ).items()
    path = f"/api/v1/listings/{body['id']}"
    early = client.post(f"{path}/submission", headers=headers)
    assert early.status_code == 422
    assert early.headers["content-type"] == "application/problem+json"
    assert "summary" in {error["field"] for error in early.json()["errors"]}
    changed = client.patch(path, json=WHOLE, headers=headers)
    assert changed.status_code == 200, changed.json()
    assert changed.json()["findings"] == []
    assert changed.json()["rights"][0]["ipc"] == ["C02F1/28"]
    submitted = client.post(f"{path}/submission", headers=headers)
    assert (submitted.status_code, submitted.json()["state"]) == (200, "submitted")
    assert client.post(f"{path}/submission", headers=headers).status_code == 409


def test_a_change_leaves_what_it_does_not_name(client: Any, listing: Listing, alice: Any, bearer: Any) -> None:
    body = client.patch(f"/api/v1/listings/{listing.id}", json={"trl": 8}, headers=bearer(alice)).json()
    assert (body["trl"], body["title"], len(body["rights"])) == (8, WHOLE["title"], 1)


def test_a_change_of_what_was_read_long_ago_is_a_conflict(
    client: Any, listing: Listing, alice: Any, bearer: Any
) -> None:
    path, headers = f"/api/v1/listings/{listing.id}", bearer(alice)
    assert client.patch(path, json={"trl": 8}, headers={**headers, "if-match": '"1"'}).status_code == 200
    assert client.patch(path, json={"trl": 6}, headers={**headers, "if-match": '"1"'}).status_code == 409
    assert client.patch(path, json={"trl": 6}, headers={**headers, "if-match": "soon"}).status_code == 422


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"colour": "red"}, "colour", "extra_forbidden"),
        ({"title": "x" * 257}, "title", "string_too_long"),
        ({"trl": "eleven"}, "trl", "int_parsing"),
        ({"rights": [{"office": "VN", "registration_date": "2999-01-01"}]}, "rights.0.registration_date",
         "date_out_of_range"),
        ({"rights": [{"office": "VN", "state": "granted"}]}, "rights.0.state", "extra_forbidden"),
        ({"terms": {"running_royalty_percent": "250"}}, "terms.running_royalty_percent", "percent_out_of_range"),
    ],
)
def test_what_cannot_be_is_refused_field_by_field(
    client: Any, listing: Listing, alice: Any, bearer: Any, body: dict[str, Any], field: str, code: str
) -> None:
    for answer in (
        client.post("/api/v1/listings", json=body, headers=bearer(alice)),
        client.patch(f"/api/v1/listings/{listing.id}", json=body, headers=bearer(alice)),
    ):
        assert answer.status_code == 422
        errors = answer.json()["errors"]
        assert [(error["field"], error["code"]) for error in errors] == [(field, code)]
        assert "Input should" not in errors[0]["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"title": "\xff"}', b'{"trl": NaN}', b"null"])
def test_a_broken_body_is_answered_calmly(client: Any, alice: Any, bearer: Any, body: bytes) -> None:
    headers = {**bearer(alice), "content-type": "application/json"}
    assert client.post("/api/v1/listings", content=body, headers=headers).status_code in (400, 422)


def test_strangers_do_not_learn_of_drafts_nor_change_what_is_public(
    client: Any, listing: Listing, charlie: Any, bearer: Any
) -> None:
    path = f"/api/v1/listings/{listing.id}"
    assert client.get(path).status_code == 404
    assert client.get(path, headers=bearer(charlie)).status_code == 404
    assert client.patch(path, json={"trl": 1}, headers=bearer(charlie)).status_code == 404


def test_a_published_listing_is_read_by_anyone_without_its_findings(
    client: Any, published: Listing, charlie: Any, bearer: Any
) -> None:
    path = f"/api/v1/listings/{published.id}"
    body = client.get(path).json()
    assert (body["state"], body["organisation"]["country"], body["findings"]) == ("published", "VN", None)
    assert body["rights"][0]["checked_at"] is None
    assert client.patch(path, json={"trl": 1}, headers=bearer(charlie)).status_code == 403


def test_a_token_that_reads_does_not_write(client: Any, listing: Listing, alice: Any, bearer: Any) -> None:
    headers = bearer(alice, "read")
    assert client.get(f"/api/v1/listings/{listing.id}", headers=headers).status_code == 200
    assert client.patch(f"/api/v1/listings/{listing.id}", json={"trl": 1}, headers=headers).status_code == 403
    assert client.post("/api/v1/listings", json={}, headers=headers).status_code in (401, 403)


def test_countries_that_are_not_wanted_are_kept_and_an_unknown_one_is_refused(
    client: Any, alice: Any, bearer: Any
) -> None:
    headers = bearer(alice)
    created = client.post("/api/v1/listings", json={"title": "X", "excluded_countries": ["sg", "SG"]}, headers=headers)
    assert created.json()["excluded_countries"] == ["SG"]
    refused = client.post("/api/v1/listings", json={"excluded_countries": ["ASEAN"]}, headers=headers)
    assert refused.status_code == 422
