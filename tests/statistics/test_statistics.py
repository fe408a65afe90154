"""The public figures: computed by a job, never of fewer than five, read by page and program alike."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.matching.models import Match, MatchFeedback
from backend.needs.models import Need
from backend.search.projection import converge
from backend.statistics import service
from backend.statistics.models import PublicFigures

counts = st.dictionaries(
    st.sampled_from(["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"]),
    st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(1, 12)),
)


@pytest.fixture
def record(db: Session) -> Callable[..., Any]:
    """`record(Listing, alice)`: a published and indexed one."""

    def make(model: type[Listing] | type[Need], who: Any, **fields: Any) -> Any:
        row = model(
            id=new_id(), reference=new_id().hex, organisation=who.organisation, organisation_id=who.organisation.id,
            state="published", title="A solar dryer for rice", published_at=now(),
            expires_at=now() + timedelta(days=90), **fields,
        )
        db.add(row)
        db.flush()
        converge(db, "listing" if model is Listing else "need", [row.id])
        return row

    return make


@pytest.fixture
def pair(db: Session, record: Callable[..., Any]) -> Callable[..., Match]:
    def make(owner: Any, seeker: Any, score: str = "0.8", **fields: Any) -> Match:
        match = Match(
            need=record(Need, seeker), listing=record(Listing, owner), score=Decimal(score), reasons=[], **fields
        )
        db.add(match)
        db.flush()
        return match

    return make


@pytest.fixture
def five(person: Callable[..., Any]) -> list[Any]:
    """Five owners, of five member states."""
    return [
        person(name, country, "msme_small")
        for name, country in zip(("ana", "ben", "cam", "dao", "eko"), ("PH", "MY", "VN", "LA", "ID"), strict=True)
    ]


def test_the_page_and_the_api_work_before_anything_was_counted(client: Any) -> None:
    page = client.get("/statistics")
    assert page.status_code == 200
    assert "Nothing has been counted yet" in page.text
    assert client.get("/api/v1/statistics").json() == {"day": None, "computed_at": None, "figures": None}


def test_an_empty_padan_can_be_counted(db: Session, client: Any) -> None:
    figures = service.compute(db, now()).figures
    assert (figures["listings"], figures["matches"], figures["by_state"]) == (0, 0, [])
    assert client.get("/statistics").status_code == 200


def test_what_is_on_offer_and_what_met_is_counted(
    db: Session, client: Any, alice: Any, bob: Any, charlie: Any, pair: Any, record: Any
) -> None:
    pair(alice, bob)
    pair(bob, bob)
    record(Listing, charlie)
    service.compute(db, now())
    figures = client.get("/api/v1/statistics").json()["figures"]
    names = ("listings", "needs", "matches", "matches_across_borders", "member_states")
    assert tuple(figures[name] for name in names) == (3, 2, 2, 1, 3)


def test_the_page_reads_one_row_and_counts_nothing(db: Session, client: Any, alice: Any, record: Any) -> None:
    service.compute(db, now())
    record(Listing, alice)
    assert client.get("/api/v1/statistics").json()["figures"]["listings"] == 0


def test_counting_twice_in_a_day_replaces_the_figures_of_that_day(
    db: Session, alice: Any, record: Any
) -> None:
    at = now()
    service.compute(db, at)
    record(Listing, alice)
    assert service.compute(db, at).figures["listings"] == 1
    assert db.scalar(select(func.count()).select_from(PublicFigures)) == 1


def test_exposure_is_told_of_five_owners_and_not_of_four(
    db: Session, bob: Any, five: list[Any], pair: Any
) -> None:
    for owner in five[:4]:
        pair(owner, bob)
    assert service.compute(db, now()).figures["exposure"]["by_size"] == []
    pair(five[4], bob)
    (row,) = service.compute(db, now()).figures["exposure"]["by_size"]
    assert (row["group"], row["organisations"], row["exposure"], row["merit"]) == ("small", 5, 1, 1)


def test_the_shares_of_exposure_are_shown_on_the_page(
    db: Session, client: Any, bob: Any, five: list[Any], pair: Any
) -> None:
    for owner in five:
        pair(owner, bob)
    service.compute(db, now())
    page = client.get("/statistics").text
    assert "Small businesses" in page
    assert "1 to 4 listings" in page


def test_answers_are_told_once_five_people_gave_them(
    db: Session, alice: Any, bob: Any, five: list[Any], pair: Any
) -> None:
    match = pair(alice, bob, seeker_told_at=now() - timedelta(hours=6))
    for number, who in enumerate(five, 1):
        db.add(
            MatchFeedback(
                match_id=match.id, user_id=who.user.id, side="seeker", useful=False, reason="too_early", at=now()
            )
        )
        db.flush()
        figures = service.compute(db, now()).figures
        assert (figures["answers"] is None, figures["hours_to_answer"] is None) == (number < 5, number < 5)
    assert figures["answers"] == {"useful": 0.0, "reasons": [{"code": "too_early", "answers": 5}]}
    assert figures["hours_to_answer"] == 6.0


def test_a_reason_that_few_gave_is_not_told(db: Session, alice: Any, bob: Any, five: list[Any], pair: Any) -> None:
    match = pair(alice, bob)
    for at, who in enumerate(five):
        said = {"useful": at > 0, "reason": None if at else "too_early"}
        db.add(MatchFeedback(match_id=match.id, user_id=who.user.id, side="seeker", **said))
    db.flush()
    assert service.compute(db, now()).figures["answers"] == {"useful": 0.8, "reasons": []}


@given(counts)
def test_no_row_of_a_table_speaks_of_fewer_than_five_organisations(counts: dict[str, tuple[int, int, int]]) -> None:
    rows = service.joined(counts)
    named = [row["code"] for row in rows if row["code"] != service.OTHER]
    assert all(counts[code][2] >= service.LEAST for code in named)
    left = sum(part[2] for code, part in counts.items() if code not in named)
    assert left == 0 or left >= service.LEAST or not named


def test_the_job_counts(db: Session, run_jobs: Callable[[], int]) -> None:
    service.compute_soon(db)
    service.compute_soon(db)
    assert run_jobs() == 1
    assert service.latest(db) is not None


def test_the_footer_and_the_site_map_lead_to_the_figures(client: Any) -> None:
    assert 'href="/statistics"' in client.get("/").text
    assert "/statistics</loc>" in client.get("/sitemap.xml").text
