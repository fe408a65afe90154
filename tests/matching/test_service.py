"""Matches on a real database: found both ways, kept equal to the records, announced once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.core.events import Event
from backend.language.embed import EmbeddingError
from backend.listings.models import Listing
from backend.matching import reading, store, vectors
from backend.matching.candidates import candidates
from backend.matching.models import Match, MatchFeedback, MatchRun
from backend.matching.profile import profile_of_need
from backend.matching.service import match_listing, match_need, request_matching, sync_visibility
from backend.matching.vectors import query_vector
from backend.matching.words import count_words, vocabulary_of, wanted
from backend.needs.models import Need

Make = Callable[..., Any]

DRYER = ("Solar dryer for paddy rice", "A solar cabinet dries paddy rice to 14 % moisture without burning husk.")
DRYER_WANTED = ("ต้องการเครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์", "สหกรณ์ต้องการลดความชื้นข้าวเปลือกโดยไม่เผาแกลบ")


def scores(db: Session, need: Need) -> dict[UUID, float]:
    db.expire_all()
    return {match.listing_id: float(match.score) for match in reading.matches_for(db, need)}


def verdicts(db: Session, need: Need, listing: Listing) -> dict[str, str]:
    match = db.scalars(select(Match).where(Match.need_id == need.id, Match.listing_id == listing.id)).one()
    return {reason["code"]: reason["verdict"] for reason in match.reasons}


def refused(db: Session, need: Need) -> dict[str, str]:
    return {row["listing_id"]: row["code"] for row in db.get_one(MatchRun, need.id, populate_existing=True).refused}


def test_a_need_in_thai_finds_the_english_listing_that_fits_before_another(
    db: Session, alice: Any, tita: Any, bob: Any, offer: Make, ask: Make
) -> None:
    dryer = offer(alice, *DRYER, rights={"VN": "granted"})
    offer(tita, "Trade mark for mango juice", "A registered mark for fruit juice with a franchise concept.")
    need = ask(bob, *DRYER_WANTED, language="th")
    match_need(db, need)
    assert next(iter(scores(db, need))) == dryer.id
    found = verdicts(db, need, dryer)
    assert (found["text_similarity"], found["cross_border"], found["territory"]) == ("MATCH", "MATCH", "UNKNOWN")


def test_a_pair_has_the_same_score_whichever_side_is_matched(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make
) -> None:
    need = ask(bob, "Dry paddy rice by solar heat", "We must dry paddy rice in the rainy season.", state="published")
    dryer = offer(alice, *DRYER, rights={"TH": "granted"})
    count_words(db)
    match_need(db, need)
    from_need = scores(db, need)
    from_need_reasons = db.scalars(select(Match)).one().reasons
    db.execute(Match.__table__.delete())
    match_listing(db, dryer)
    assert scores(db, need) == from_need
    assert db.scalars(select(Match)).one().reasons == from_need_reasons


def test_matching_twice_changes_and_announces_nothing_more(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WORTH_TELLING", 0.1)
    offer(alice, *DRYER)
    need = ask(bob, *DRYER_WANTED, language="th")
    match_need(db, need)
    before = db.execute(select(Match.id, Match.score, Match.updated_at)).all()
    match_need(db, need)
    assert db.execute(select(Match.id, Match.score, Match.updated_at)).all() == before
    assert db.scalar(select(func.count()).where(Event.verb == "match.found")) == len(before) == 1
    assert db.scalar(select(func.count()).where(Event.verb == "need.matched")) == 1


def test_a_pair_that_comes_back_is_not_announced_again(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WORTH_TELLING", 0.1)
    dryer = offer(alice, *DRYER)
    need = ask(bob, *DRYER_WANTED, language="th")
    match_need(db, need)
    dryer.state = "on_hold"
    sync_visibility(db, "listing", dryer.id)
    assert db.scalar(select(func.count()).select_from(Match)) == 0
    dryer.state = "published"
    match_listing(db, dryer)
    assert list(scores(db, need)) == [dryer.id]
    assert db.scalar(select(func.count()).where(Event.verb == "match.found")) == 1


def test_a_weak_pair_is_kept_and_announced_only_when_it_gets_better(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(alice, *DRYER)
    need = ask(bob, *DRYER_WANTED, language="th")
    monkeypatch.setattr(store, "BEST", 0)
    monkeypatch.setattr(store, "WORTH_TELLING", 1.1)
    match_need(db, need)
    assert len(scores(db, need)) == 1
    assert db.scalar(select(func.count()).where(Event.verb.in_(("match.found", "need.matched")))) == 0
    monkeypatch.setattr(store, "WORTH_TELLING", 0.1)
    match_need(db, need)
    assert db.scalar(select(func.count()).where(Event.verb == "match.found")) == 1


def test_a_verdict_outlives_the_match_it_was_given_on(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make
) -> None:
    dryer = offer(alice, *DRYER)
    need = ask(bob, *DRYER_WANTED, language="th")
    match_need(db, need)
    match = db.scalars(select(Match)).one()
    db.add(MatchFeedback(match_id=match.id, user_id=bob.user.id, side="seeker", useful=True))
    dryer.state = "withdrawn"
    db.flush()
    sync_visibility(db, "listing", dryer.id)
    assert db.scalar(select(func.count()).select_from(MatchFeedback)) == 1
    assert scores(db, need) == {}


EXCLUSIVE_IN_THAILAND = [{"kind": "exclusive_licence", "territories": ["TH"]}]


@pytest.mark.parametrize(
    ("need_says", "listing_says", "code"),
    [
        ({"min_trl": 7}, {"trl": 4}, "stage_below"),
        ({"deal_types": ["assignment"]}, {"deal_types": ["non_exclusive_licence"]}, "deal_type"),
        ({}, {"rights": {"TH": "granted"}, "encumbrances": EXCLUSIVE_IN_THAILAND}, "exclusively_taken"),
        ({"used_in": ["TH"]}, {"territories": ["PH", "VN"]}, "not_offered_there"),
        ({}, {"open_for_interest": False}, "closed"),
    ],
)
def test_a_hard_constraint_refuses_with_its_reason(
    db: Session,
    alice: Any,
    bob: Any,
    offer: Make,
    ask: Make,
    need_says: dict[str, Any],
    listing_says: dict[str, Any],
    code: str,
) -> None:
    dryer = offer(alice, *DRYER, **listing_says)
    need = ask(bob, *DRYER_WANTED, language="th", **need_says)
    match_need(db, need)
    assert scores(db, need) == {}
    assert refused(db, need) == {str(dryer.id): code}


@pytest.mark.parametrize(
    ("need_says", "listing_says"),
    [
        ({"min_trl": 7}, {"trl": None}),
        ({"min_trl": 7}, {"trl": 7}),
        ({"deal_types": ["assignment"]}, {"deal_types": []}),
        ({"used_in": ["TH", "VN"]}, {"rights": {"TH": "granted"}, "encumbrances": EXCLUSIVE_IN_THAILAND}),
        ({"used_in": ["TH"]}, {"territories": ["ASEAN"]}),
        ({"used_in": ["ASEAN"]}, {"territories": ["LA"]}),
    ],
)
def test_what_is_not_known_or_partly_fits_is_not_refused(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, need_says: dict[str, Any], listing_says: dict[str, Any]
) -> None:
    dryer = offer(alice, *DRYER, **listing_says)
    need = ask(bob, *DRYER_WANTED, language="th", **need_says)
    match_need(db, need)
    assert list(scores(db, need)) == [dryer.id]
    assert refused(db, need) == {}


def test_an_organisation_is_not_matched_with_itself(db: Session, alice: Any, offer: Make, ask: Make) -> None:
    offer(alice, *DRYER)
    need = ask(alice, *DRYER)
    match_need(db, need)
    assert scores(db, need) == {}
    assert refused(db, need) == {}


def test_the_database_refuses_exactly_what_the_rules_refuse(
    db: Session, alice: Any, tita: Any, bob: Any, offer: Make, ask: Make
) -> None:
    kinds: list[dict[str, Any]] = [
        {}, {"trl": 2}, {"trl": 8}, {"deal_types": ["assignment"]}, {"territories": ["TH"]}, {"territories": ["PH"]},
        {"open_for_interest": False}, {"rights": {"TH": "granted"}, "encumbrances": EXCLUSIVE_IN_THAILAND},
    ]
    for at, fields in enumerate(kinds):
        offer(alice if at % 2 else tita, *DRYER, **fields)
    need = ask(bob, *DRYER, min_trl=5, deal_types=["non_exclusive_licence"])
    profile = profile_of_need(need, query_vector(db, "Solar dryer"))
    everything = candidates(db, profile, wanted({}, vocabulary_of(db, {})), at=need.created_at)
    near_only = db.scalar(text("SELECT count(*) FROM search_document WHERE kind = 'listing'"))
    assert len(everything.rows) + len(everything.refused) == near_only
    assert {one.code for one in everything.refused} == {
        "stage_below", "deal_type", "not_offered_there", "closed", "exclusively_taken"
    }


def test_rare_words_find_a_listing_that_has_no_vector_yet(
    db: Session, alice: Any, tita: Any, bob: Any, offer: Make, ask: Make
) -> None:
    dryer = offer(alice, "Fluidised paddy dehumidifier PX-9000", "dehumidifier for paddy")
    offer(tita, "Mango juice", "Sweet juice of ripe mangoes.")
    need = ask(bob, "Paddy dehumidifier", "A dehumidifier for wet paddy is wanted.")
    db.execute(text("UPDATE search_document SET vector = NULL"))
    count_words(db)
    match_need(db, need)
    assert list(scores(db, need)) == [dryer.id]
    assert verdicts(db, need, dryer)["text_similarity"] == "UNKNOWN"


def test_a_failing_embedder_leaves_the_words_and_is_tried_again(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    dryer = offer(alice, *DRYER)
    count_words(db)
    need = ask(bob, *DRYER)

    def fails(*_: Any) -> Any:
        raise EmbeddingError("no answer")

    monkeypatch.setattr("backend.matching.service.query_vector", fails)
    match_need(db, need)
    waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'matching.match_need'")
    assert db.scalar(waiting) == 1
    assert list(scores(db, need)) == [dryer.id]


def test_a_vector_is_made_once_for_a_text(
    db: Session, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = query_vector(db, "a need nobody else has")

    class Broken:
        model_id = vectors.embedder().model_id

        def query(self, texts: Any) -> Any:
            raise AssertionError("asked twice")

    monkeypatch.setattr(vectors, "embedder", Broken)
    again = query_vector(db, "a need nobody else has")
    assert first is not None
    assert again is not None
    assert (first == again).all()


def test_a_need_that_is_over_keeps_no_matches(db: Session, alice: Any, bob: Any, offer: Make, ask: Make) -> None:
    offer(alice, *DRYER)
    need = ask(bob, *DRYER_WANTED, language="th")
    match_need(db, need)
    need.state = "withdrawn"
    assert match_need(db, need) == 0
    assert scores(db, need) == {}


def test_a_new_listing_finds_a_need_that_only_its_author_sees(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make
) -> None:
    need = ask(bob, *DRYER_WANTED, language="th")
    match_need(db, need)
    dryer = offer(alice, *DRYER)
    match_listing(db, dryer)
    assert list(scores(db, need)) == [dryer.id]


def test_a_need_waits_until_it_has_been_matched(db: Session, bob: Any, ask: Make, run_jobs: Callable[[], int]) -> None:
    need = ask(bob, *DRYER_WANTED)
    assert reading.status_of(db, need) == "pending"
    request_matching(db, need)
    assert reading.status_of(db, need) == "pending"
    run_jobs()
    db.expire_all()
    assert reading.status_of(db, need) == "ready"


@pytest.mark.parametrize("words", ["", "x", "\u200b\u202e", "1 2 3", "paddy " * 5_000, "'; DROP TABLE match; --"])
def test_odd_texts_are_matched_without_complaint(
    db: Session, alice: Any, bob: Any, offer: Make, ask: Make, words: str
) -> None:
    offer(alice, *DRYER)
    count_words(db)
    need = ask(bob, words, words)
    match_need(db, need)
    assert reading.status_of(db, need) == "ready"


def test_repeating_a_word_hardly_pays(db: Session, alice: Any, tita: Any, bob: Any, offer: Make, ask: Make) -> None:
    honest = offer(alice, *DRYER)
    stuffed = offer(tita, "Paddy dryer", "paddy dryer " * 300)
    count_words(db)
    need = ask(bob, "Solar paddy dryer without husk", "It must dry paddy rice to 14 % moisture by solar heat.")
    match_need(db, need)
    found = scores(db, need)
    assert found[honest.id] > found.get(stuffed.id, 0.0)
