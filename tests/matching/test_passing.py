"""Matches follow what changed though neither record did: the calendar, and the organisation behind it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import organisations
from backend.accounts.schemas import OrganisationInput
from backend.core.clock import now, today
from backend.matching.models import Match, MatchRun
from backend.matching.passing import rematch_passed
from backend.matching.service import match_need

Make = Callable[..., Any]
TITLE, TEXT = "Solar dryer for paddy rice", "Dries paddy rice by the sun, without husk."


def test_a_need_whose_deadline_has_passed_loses_its_matches(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, run_jobs: Any
) -> None:
    offer(alice, TITLE, TEXT)
    posted = ask(bob, "Dry paddy rice by the sun", TEXT, state="published", deadline=today())
    match_need(db, posted)
    assert len(db.scalars(select(Match)).all()) == 1
    assert rematch_passed(db, now()) == 0
    posted.deadline = today() - timedelta(days=1)
    assert rematch_passed(db, now()) == 1
    run_jobs()
    assert db.scalars(select(Match)).all() == []
    assert db.get_one(MatchRun, posted.id, populate_existing=True).refused[0]["code"] == "deadline_passed"


def test_a_right_that_has_ended_is_refused_and_one_that_is_free_again_is_not(
    db: Session, alice: Any, tita: Any, bob: Any, offer: Make, ask: Make, run_jobs: Any
) -> None:
    yesterday = today() - timedelta(days=1)
    ending = offer(alice, TITLE, TEXT, rights={"TH": "granted"})
    taken = [{"kind": "exclusive_licence", "territories": ["TH"], "until": today().isoformat()}]
    freed = offer(tita, TITLE, TEXT, rights={"TH": "granted"}, encumbrances=taken)
    match_need(db, ask(bob, "Dry paddy rice by the sun", TEXT, state="published"))
    assert [match.listing_id for match in db.scalars(select(Match))] == [ending.id]
    ending.rights[0].expires_on = yesterday
    freed.rights[0].encumbrances = [{**taken[0], "until": yesterday.isoformat()}]
    db.flush()
    assert rematch_passed(db, now()) == 2
    run_jobs()
    assert [match.listing_id for match in db.scalars(select(Match).execution_options(populate_existing=True))] == [
        freed.id
    ]


def verdict_on_kind(db: Session) -> str:
    match = db.scalars(select(Match).execution_options(populate_existing=True)).one()
    return next(reason["verdict"] for reason in match.reasons if reason["code"] == "partner_kind")


def test_an_organisation_that_becomes_another_partner_is_matched_again(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, run_jobs: Any
) -> None:
    offer(alice, TITLE, TEXT, partner_kinds=["university"])
    match_need(db, ask(bob, "Dry paddy rice by the sun", TEXT, state="published"))
    assert verdict_on_kind(db) == "MATCH"
    now_is = OrganisationInput(name=bob.organisation.name, kind="investor", country=bob.organisation.country)
    organisations.edit(db, bob.organisation, now_is, actor=bob.actor)
    run_jobs()
    assert verdict_on_kind(db) == "GAP"
