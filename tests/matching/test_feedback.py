"""What somebody said of a match changes that person's next list, says why, and changes nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.accounts.actor import Actor
from backend.accounts.models import Membership, User
from backend.core.clock import now
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.matching import feedback, reading
from backend.matching.models import Match, MatchFeedback
from backend.needs.models import Need


@pytest.fixture
def need(db: Session, bob: Any) -> Need:
    made = Need(
        id=new_id(), reference=new_id().hex, organisation=bob.organisation, title="Dry rice", state="draft",
        organisation_id=bob.organisation.id,
    )
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def pair(db: Session, need: Need) -> Callable[..., Match]:
    """`pair(alice, 0.8, trl=4)`: a match of the need with a new listing."""

    def make(owner: Any, score: float, of: Need = need, **fields: Any) -> Match:
        listing = Listing(
            id=new_id(), reference=new_id().hex, organisation=owner.organisation, state="published",
            organisation_id=owner.organisation.id, published_at=now(), title=f"A dryer at {score}",
            expires_at=now() + timedelta(days=90), **fields,
        )
        match = Match(need=of, listing=listing, score=Decimal(str(score)), reasons=[])
        db.add_all([listing, match])
        db.flush()
        return match

    return make


@pytest.fixture
def colleague(db: Session, bob: Any) -> Actor:
    user = User(email="boon@bob.example", name="Boon", password_hash="x", email_verified_at=now())
    db.add(user)
    db.flush()
    db.add(Membership(user_id=user.id, organisation_id=bob.organisation.id, role="editor"))
    db.flush()
    return Actor(user=user, roles={bob.organisation.id: "editor"}, organisation=bob.organisation)


def order(db: Session, need: Need, reader: UUID | None = None) -> list[UUID]:
    return [one.match.id for one in reading.placed_for(db, need, reader=reader)]


def test_too_early_moves_what_is_as_early_behind_what_is_further_developed(
    db: Session, need: Need, alice: Any, tita: Any, charlie: Any, bob: Any, pair: Any
) -> None:
    refused, early, ready = pair(alice, 0.85, trl=3), pair(tita, 0.75, trl=3), pair(charlie, 0.70, trl=8)
    assert order(db, need, bob.user.id) == [refused.id, early.id, ready.id]
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    placed = reading.placed_for(db, need, reader=bob.user.id)
    assert [one.match.id for one in placed] == [refused.id, ready.id, early.id]
    (why,) = placed[2].adjustments
    assert (why.code, why.direction, why.because.match_id) == ("too_early", "lower", refused.id)


def test_a_colleagues_list_stays_as_it_is(
    db: Session, need: Need, alice: Any, tita: Any, bob: Any, colleague: Actor, pair: Any
) -> None:
    refused, other = pair(alice, 0.75, trl=3), pair(tita, 0.70, trl=8)
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    assert order(db, need, bob.user.id) == [other.id, refused.id]
    assert order(db, need, colleague.id) == [refused.id, other.id] == order(db, need)
    assert not any(one.adjustments for one in reading.placed_for(db, need, reader=colleague.id))


def test_an_answer_leaves_every_score_as_it_is(
    db: Session, need: Need, alice: Any, tita: Any, bob: Any, pair: Any
) -> None:
    refused, _ = pair(alice, 0.75, trl=3), pair(tita, 0.70, trl=8)
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    assert [float(match.score) for match in reading.matches_for(db, need)] == [0.75, 0.70]


def test_no_answer_takes_a_match_out_of_the_list(
    db: Session, need: Need, alice: Any, bob: Any, pair: Any
) -> None:
    made = [pair(alice, 0.75, trl=3) for _ in range(5)]
    feedback.answer(db, made[0], actor=bob.actor, useful=False, reason="not_in_strategy")
    assert set(order(db, need, bob.user.id)) == {match.id for match in made}


def test_taking_an_answer_back_brings_the_order_back(
    db: Session, need: Need, alice: Any, tita: Any, bob: Any, pair: Any
) -> None:
    refused, other = pair(alice, 0.75, trl=3), pair(tita, 0.70, trl=8)
    said = feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    feedback.withdraw(db, said, actor=bob.actor)
    assert order(db, need, bob.user.id) == [refused.id, other.id]


def test_what_was_said_for_one_organisation_does_not_follow_a_person_to_another(
    db: Session, need: Need, alice: Any, tita: Any, bob: Any, charlie: Any, pair: Any
) -> None:
    refused = pair(alice, 0.75, trl=3)
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    elsewhere = Need(
        id=new_id(), reference=new_id().hex, organisation=charlie.organisation, title="Dry fish", state="draft",
        organisation_id=charlie.organisation.id,
    )
    db.add(elsewhere)
    db.flush()
    early, ready = pair(tita, 0.75, of=elsewhere, trl=3), pair(tita, 0.70, of=elsewhere, trl=8)
    assert order(db, elsewhere, bob.user.id) == [early.id, ready.id]


def test_terms_that_the_seeker_may_not_read_do_not_move_anything(
    db: Session, need: Need, alice: Any, tita: Any, charlie: Any, bob: Any, pair: Any
) -> None:
    asked = {"terms": {"upfront_fee": 1_000, "currency": "SGD"}}
    refused = pair(alice, 0.9, terms_visibility="public", **asked)
    hidden, seen = pair(tita, 0.7, terms_visibility="on_request", **asked), pair(
        charlie, 0.6, terms_visibility="public", **asked
    )
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="terms_too_high")
    moved = {one.match.id for one in reading.placed_for(db, need, reader=bob.user.id) if one.adjustments}
    assert moved == {refused.id, seen.id}
    assert hidden.id not in moved


def test_a_pair_kept_for_its_verdict_alone_goes_with_the_verdict(
    db: Session, alice: Any, bob: Any, pair: Any
) -> None:
    match = pair(alice, 0.0)
    said = feedback.answer(db, match, actor=bob.actor, useful=True)
    feedback.withdraw(db, said, actor=bob.actor)
    assert db.scalar(select(func.count()).select_from(Match).where(Match.id == match.id)) == 0


# On pages ----------------------------------------------------------------------------------------------------------


def test_the_list_says_why_a_match_stands_lower_and_for_whom(
    db: Session, client: Any, need: Need, alice: Any, tita: Any, bob: Any, pair: Any, sign_in: Any
) -> None:
    refused, _ = pair(alice, 0.85, trl=3), pair(tita, 0.75, trl=3)
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    sign_in(client, bob)
    page = client.get(f"/needs/{need.id}").text
    assert "no further developed than an offer of which you said “It is too early for us”" in page
    assert f"/matches/answers#answer-{refused.id}" in page


def test_the_same_list_over_the_api_names_what_moved(
    db: Session, client: Any, need: Need, alice: Any, tita: Any, bob: Any, pair: Any
) -> None:
    refused, early = pair(alice, 0.85, trl=3), pair(tita, 0.75, trl=3)
    feedback.answer(db, refused, actor=bob.actor, useful=False, reason="too_early")
    _token, raw = tokens.create(db, bob.actor, "test", "read", bob.organisation)
    found = client.get(f"/api/v1/needs/{need.id}/matches", headers={"authorization": f"Bearer {raw}"})
    items = {row["id"]: row.get("moved") for row in found.json()["items"]}
    assert items[str(early.id)] == [
        {"code": "too_early", "direction": "lower", "because_of": str(refused.id)}
    ]


def test_an_answer_is_seen_and_taken_back_on_the_page_of_all_answers(
    db: Session, client: Any, alice: Any, bob: Any, pair: Any, sign_in: Any, submit: Any
) -> None:
    match = pair(alice, 0.85, trl=3)
    said = feedback.answer(db, match, actor=bob.actor, useful=False, reason="too_early", note="Next year")
    sign_in(client, bob)
    page = client.get("/matches/answers").text
    assert match.listing.title in page
    assert "Next year" in page
    assert submit(client, f"/matches/answers/{said.id}/withdrawal").headers["location"] == "/matches/answers"
    assert db.scalar(select(func.count()).select_from(MatchFeedback)) == 0


def test_nobody_takes_back_what_another_said(
    db: Session, client: Any, alice: Any, bob: Any, charlie: Any, pair: Any, sign_in: Any, submit: Any
) -> None:
    said = feedback.answer(db, pair(alice, 0.85), actor=bob.actor, useful=True)
    sign_in(client, charlie)
    assert submit(client, f"/matches/answers/{said.id}/withdrawal").status_code == 404


def test_an_answer_to_a_match_one_may_not_see_any_more_can_still_be_taken_back(
    db: Session, client: Any, alice: Any, bob: Any, pair: Any, sign_in: Any, submit: Any
) -> None:
    match = pair(alice, 0.85)
    said = feedback.answer(db, match, actor=bob.actor, useful=True)
    db.query(Membership).filter_by(user_id=bob.user.id).delete()
    sign_in(client, bob)
    page = client.get("/matches/answers").text
    assert "A match that you cannot see any more" in page
    assert match.listing.title not in page
    assert submit(client, f"/matches/answers/{said.id}/withdrawal").status_code == 303
