"""Needs and matches over the API: the shapes programs rely on, and what is refused."""

from typing import Any, Literal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.listings import service as listings
from backend.matching.models import Match
from backend.needs import service as needs
from backend.needs.models import Need
from backend.notifications import service as notifications
from tests.listings.examples import whole
from tests.needs.examples import BRIEF, complete, need_input

REASON = {"code": "stage", "verdict": "GAP", "weight": 0.25, "data": {"need": 8, "listing": 7}, "evidence": {}}


@pytest.fixture
def bearer(db: Session) -> Any:
    """`bearer(bob)`: the headers of a program acting for bob."""

    def headers(person: Any, scope: Literal["read", "write"] = "write") -> dict[str, str]:
        _row, raw = tokens.create(db, person.actor, "test", scope, person.organisation)
        db.flush()
        return {"authorization": f"Bearer {raw}"}

    return headers


@pytest.fixture
def match(db: Session, need: Need, alice: Any, publish: Any) -> Match:
    listing = listings.create(db, alice.actor, alice.organisation, whole())
    publish(listing, alice)
    match = Match(need=need, listing=listing, score=0.8, reasons=[REASON])
    db.add(match)
    db.flush()
    return match


def test_title_and_description_suffice(client: Any, bob: Any, bearer: Any) -> None:
    answer = client.post("/api/v1/needs", json=BRIEF, headers=bearer(bob))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["language"], body["title"]) == ("draft", "th", BRIEF["title"])
    assert answer.headers["location"] == f"/api/v1/needs/{body['id']}"
    assert "why_needed" in {finding["field"] for finding in body["findings"]}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"colour": "red"}, "colour", "extra_forbidden"),
        ({"title": None}, "title", "string_type"),
        ({"description": ""}, "description", "too_short"),
        ({"used_in": ["ZZ"]}, "used_in.0", "unknown_country"),
        ({"requirements": [{"parameter": "x", "colour": 1}]}, "requirements.0.colour", "extra_forbidden"),
        ({"terms": {"colour": 1}}, "terms.colour", "extra_forbidden"),
    ],
)
def test_a_wrong_answer_is_a_problem_naming_its_field(
    client: Any, bob: Any, bearer: Any, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = client.post("/api/v1/needs", json=BRIEF | changes, headers=bearer(bob))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_nothing_is_posted_without_a_token_or_with_one_that_only_reads(
    db: Session, client: Any, bob: Any, bearer: Any
) -> None:
    assert client.post("/api/v1/needs", json=BRIEF).status_code == 401
    assert client.post("/api/v1/needs", json=BRIEF, headers=bearer(bob, "read")).status_code == 403
    assert db.scalars(select(Need)).unique().all() == []


def test_the_matches_of_a_new_need_are_pending_and_then_ready(
    client: Any, bob: Any, bearer: Any, run_jobs: Any
) -> None:
    headers = bearer(bob)
    need = client.post("/api/v1/needs", json=BRIEF, headers=headers).json()
    path = f"/api/v1/needs/{need['id']}/matches"
    assert client.get(path, headers=headers).json() == {"status": "pending", "items": []}
    run_jobs()
    assert client.get(path, headers=headers).json() == {"status": "ready", "items": []}


def test_a_match_has_exactly_this_shape(client: Any, match: Match, bob: Any, alice: Any, bearer: Any) -> None:
    body = client.get(f"/api/v1/needs/{match.need_id}/matches", headers=bearer(bob)).json()
    assert body["items"] == [
        {
            "id": str(match.id),
            "listing": {"id": str(match.listing_id), "title": match.listing.title, "owner_country": "VN"},
            "score": 0.8,
            "reasons": [
                {"code": "stage", "verdict": "GAP", "weight": 0.25, "evidence": {"need": 8, "listing": 7}}
            ],
            "advice": {"seeker": [], "owner": []},
        }
    ]


def test_nobody_else_reads_the_matches_of_a_need(
    client: Any, match: Match, bob: Any, alice: Any, charlie: Any, bearer: Any, publish: Any
) -> None:
    path = f"/api/v1/needs/{match.need_id}/matches"
    assert client.get(path, headers=bearer(alice)).status_code == 404
    publish(match.need, bob)
    assert client.get(path, headers=bearer(charlie)).status_code == 403


def test_the_owner_of_a_listing_reads_a_match_once_told(
    db: Session, client: Any, match: Match, alice: Any, bob: Any, bearer: Any, publish: Any
) -> None:
    headers = bearer(alice)
    assert client.get("/api/v1/matches", headers=headers).json()["items"] == []
    publish(match.need, bob)
    notifications.tell_match(db, match)
    [item] = client.get("/api/v1/matches", headers=headers).json()["items"]
    assert item["need"] == {"id": str(match.need_id), "title": match.need.title, "seeker_country": "TH"}


def test_matches_come_in_pages(db: Session, client: Any, match: Match, bob: Any, alice: Any, bearer: Any) -> None:
    second = needs.create(db, bob.actor, bob.organisation, need_input(title="Arsenic filters for schools"))
    db.add(Match(need=second, listing=match.listing, score=0.5, reasons=[]))
    db.flush()
    headers = bearer(bob)
    first = client.get("/api/v1/matches?limit=1", headers=headers).json()
    rest = client.get("/api/v1/matches", params={"limit": 1, "cursor": first["next_cursor"]}, headers=headers).json()
    assert {item["need"]["id"] for item in first["items"] + rest["items"]} == {str(match.need_id), str(second.id)}
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIiwiYiJd", "W10"])
def test_a_cursor_of_somebody_elses_making_is_refused(client: Any, bob: Any, bearer: Any, cursor: str) -> None:
    assert client.get("/api/v1/matches", params={"cursor": cursor}, headers=bearer(bob)).status_code == 422


def test_one_field_is_changed_and_the_others_stay(client: Any, need: Need, bob: Any, bearer: Any) -> None:
    answer = client.patch(f"/api/v1/needs/{need.id}", json={"min_trl": 8}, headers=bearer(bob))
    assert answer.status_code == 200
    assert (answer.json()["min_trl"], answer.json()["sdgs"]) == (8, [6])


def test_a_change_to_an_unknown_field_is_refused(client: Any, need: Need, bob: Any, bearer: Any) -> None:
    answer = client.patch(f"/api/v1/needs/{need.id}", json={"state": "published"}, headers=bearer(bob))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "state"


def test_a_complete_need_is_handed_in_and_an_incomplete_one_is_not(
    client: Any, need: Need, bob: Any, bearer: Any
) -> None:
    headers = bearer(bob)
    assert client.post(f"/api/v1/needs/{need.id}/submission", headers=headers).json()["state"] == "submitted"
    brief = client.post("/api/v1/needs", json=BRIEF, headers=headers).json()
    refused = client.post(f"/api/v1/needs/{brief['id']}/submission", headers=headers)
    assert refused.status_code == 422
    assert "why_needed" in {error["field"] for error in refused.json()["errors"]}


def test_the_public_reads_a_published_need_without_the_anonymous_seekers_name(
    client: Any, need: Need, bob: Any, publish: Any
) -> None:
    assert client.get(f"/api/v1/needs/{need.id}").status_code == 404
    need.anonymous = True
    publish(need, bob)
    body = client.get(f"/api/v1/needs/{need.id}").json()
    assert body["organisation"] == {"name": None, "country": "TH", "verification_level": 0}
    assert "findings" not in body or body["findings"] is None


def test_amounts_are_written_in_whole_units(client: Any, bob: Any, bearer: Any) -> None:
    body = complete() | {"currency": "THB", "budget_max": "250000.50"}
    assert client.post("/api/v1/needs", json=body, headers=bearer(bob)).json()["budget_max"] == "250000.50"


def test_whom_a_seeker_wants_as_a_partner_is_taken_and_told(client: Any, bob: Any, bearer: Any) -> None:
    wishes = {"partner_kinds": ["university"], "partner_countries": ["VN", "la"]}
    created = client.post("/api/v1/needs", json=BRIEF | wishes, headers=bearer(bob))
    assert (created.json()["partner_kinds"], created.json()["partner_countries"]) == (["university"], ["VN", "LA"])
    wrong = client.post("/api/v1/needs", json=BRIEF | {"partner_kinds": ["giant"]}, headers=bearer(bob))
    assert wrong.status_code == 422
