"""Equally good matches take turns, and nothing else changes places."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.clock import now, today
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.matching import reading, store, turns
from backend.matching.exposure import BAND, Standing, Tally, attention, fair_cut, shares, take_turns
from backend.matching.models import ExposureDay, Match
from backend.needs.models import Need

OWNERS = [UUID(int=number) for number in range(1, 6)]
BIG, SMALL, OTHER = OWNERS[:3]


def standing(*rows: tuple[UUID, float]) -> list[Standing]:
    return [Standing(UUID(int=100 + at), owner, score) for at, (owner, score) in enumerate(rows)]


lists = st.lists(
    st.tuples(st.sampled_from(OWNERS), st.integers(0, 100_000).map(lambda number: number / 100_000)), max_size=50
).map(lambda rows: standing(*rows))
close_lists = st.lists(
    st.tuples(st.sampled_from(OWNERS), st.integers(70_000, 76_000).map(lambda number: number / 100_000)), max_size=50
).map(lambda rows: standing(*rows))
exposures = st.dictionaries(st.sampled_from(OWNERS), st.floats(0, 1_000))


@given(lists | close_lists, exposures)
def test_no_match_passes_one_that_is_better_by_more_than_the_band(
    matches: list[Standing], shown: dict[UUID, float]
) -> None:
    ordered = take_turns(matches, shown)
    for at, one in enumerate(ordered):
        assert all(later.score - one.score <= BAND + 1e-6 for later in ordered[at + 1 :])


@given(lists | close_lists, exposures)
def test_turns_only_change_places(matches: list[Standing], shown: dict[UUID, float]) -> None:
    assert sorted(take_turns(matches, shown), key=str) == sorted(matches, key=str)


@given(close_lists.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), exposures)
def test_the_order_does_not_depend_on_how_the_matches_came(
    rows: tuple[list[Standing], list[Standing]], shown: dict[UUID, float]
) -> None:
    assert take_turns(rows[0], shown) == take_turns(rows[1], shown)


@given(close_lists, exposures)
def test_ordering_an_ordered_list_changes_nothing(matches: list[Standing], shown: dict[UUID, float]) -> None:
    ordered = take_turns(matches, shown)
    assert take_turns(ordered, shown) == ordered


@given(close_lists, exposures)
def test_no_owner_takes_another_place_while_an_equal_with_fewer_waits(
    matches: list[Standing], shown: dict[UUID, float]
) -> None:
    best = max((one.score for one in matches), default=0)
    equals = [one for one in matches if best - one.score <= BAND]
    ordered = take_turns(equals, shown)
    for at, one in enumerate(ordered):
        places = [each.owner for each in ordered[:at]]
        waiting = {each.owner for each in ordered[at:]}
        assert all(places.count(one.owner) <= places.count(owner) for owner in waiting)


@given(lists | close_lists, st.integers(1, 20))
def test_what_is_left_out_of_a_list_is_not_clearly_better_than_what_is_in_it(
    matches: list[Standing], most: int
) -> None:
    chosen = fair_cut(matches, most)
    assert len(chosen) == min(most, len(matches))
    least = min((one.score for one in matches if one.id in chosen), default=0)
    assert all(one.score - least <= BAND + 1e-6 for one in matches if one.id not in chosen)


def test_at_the_end_of_a_list_too_many_listings_of_one_owner_push_out_nobody() -> None:
    matches = standing(*[(BIG, 0.81)] * 60, (SMALL, 0.80))
    assert matches[-1].id in fair_cut(matches, 50)


def test_an_owner_with_many_equal_listings_does_not_crowd_out_one_with_a_single_one() -> None:
    ordered = take_turns(standing(*[(BIG, 0.81)] * 20, (SMALL, 0.80), (OTHER, 0.795)), {})
    assert [one.owner for one in ordered[:4]] == [BIG, SMALL, OTHER, BIG]


def test_of_equals_the_owner_shown_least_of_late_comes_first() -> None:
    ordered = take_turns(standing((BIG, 0.81), (SMALL, 0.80), (OTHER, 0.60)), {BIG: 30.0, SMALL: 0.4})
    assert [one.owner for one in ordered] == [SMALL, BIG, OTHER]


def test_a_clearly_better_match_stays_first_however_often_its_owner_was_shown() -> None:
    ordered = take_turns(standing((BIG, 0.83), (SMALL, 0.80)), {BIG: 900.0})
    assert [one.owner for one in ordered] == [BIG, SMALL]


def test_small_groups_are_joined_until_no_share_speaks_of_fewer_than_five() -> None:
    sizes = {"large": 2, "medium": 5, "micro": 9, "other": 1}
    owners = {UUID(int=at): size for at, size in enumerate(size for size, n in sizes.items() for _ in range(n))}
    found = shares({owner: Tally(1, 1, 1) for owner in owners}, owners.__getitem__, least=5, rest="other")
    assert [(one.group, one.owners) for one in found] == [("micro", 9), ("other", 8)]
    assert sum(one.exposure for one in found) == pytest.approx(1)


# On the database ---------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(db: Session, alice: Any, tita: Any, bob: Any) -> Callable[..., Match]:
    """`pair(need, owner, 0.8)`: a match of a need with a new published listing of the owner."""

    def make(need: Need, owner: Any, score: float) -> Match:
        listing = Listing(
            id=new_id(), reference=new_id().hex, organisation=owner.organisation, state="published",
            organisation_id=owner.organisation.id, published_at=now(), title="A dryer",
            expires_at=now() + timedelta(days=90),
        )
        match = Match(need=need, listing=listing, score=Decimal(str(score)), reasons=[])
        db.add_all([listing, match])
        db.flush()
        return match

    return make


@pytest.fixture
def wanted(db: Session, bob: Any) -> Callable[..., Need]:
    def make(state: str = "published", who: Any = bob) -> Need:
        need = Need(
            id=new_id(), reference=new_id().hex, organisation=who.organisation, title="Dry rice", state=state,
            organisation_id=who.organisation.id, published_at=now(), expires_at=now() + timedelta(days=90),
        )
        db.add(need)
        db.flush()
        return need

    return make


def owners(db: Session, need: Need) -> list[UUID]:
    return [match.listing.organisation_id for match in reading.matches_for(db, need)]


def rows(db: Session) -> dict[tuple[UUID, int], float]:
    return {
        (row.organisation_id, (today() - row.day).days): row.exposure
        for row in db.scalars(select(ExposureDay).execution_options(populate_existing=True))
    }


def test_an_owner_shown_often_on_earlier_days_lets_an_equal_go_first(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    need = wanted()
    pair(need, alice, 0.81)
    pair(need, tita, 0.80)
    assert owners(db, need) == [alice.organisation.id, tita.organisation.id]
    db.add(ExposureDay(organisation_id=alice.organisation.id, day=today() - timedelta(days=3), exposure=12.0))
    db.flush()
    assert owners(db, need) == [tita.organisation.id, alice.organisation.id]


def test_taking_turns_leaves_the_scores_as_they_are(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    need = wanted()
    pair(need, alice, 0.81)
    pair(need, tita, 0.80)
    db.add(ExposureDay(organisation_id=alice.organisation.id, day=today() - timedelta(days=3), exposure=12.0))
    db.flush()
    assert [float(match.score) for match in reading.matches_for(db, need)] == [0.80, 0.81]


def test_what_is_shown_today_changes_no_order_today(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    need = wanted()
    pair(need, alice, 0.81)
    pair(need, tita, 0.80)
    db.add(ExposureDay(organisation_id=tita.organisation.id, day=today() - timedelta(days=1), exposure=0.1))
    turns.measure(db, today())
    assert owners(db, need) == [alice.organisation.id, tita.organisation.id]


def test_measuring_a_day_twice_gives_the_same_rows(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    for _ in range(3):
        need = wanted()
        pair(need, alice, 0.81)
        pair(need, tita, 0.80)
    turns.measure(db, today())
    once = rows(db)
    turns.measure(db, today())
    assert rows(db) == once
    assert {ago for _, ago in once} == {0, 1}


def test_over_days_equals_are_shown_alike(db: Session, alice: Any, tita: Any, pair: Any, wanted: Any) -> None:
    need = wanted()
    pair(need, alice, 0.81)
    pair(need, tita, 0.80)
    first = today()
    for days in range(11):
        turns.measure(db, first + timedelta(days=days))
    found = turns.shown_before(db, first + timedelta(days=11))
    assert found[alice.organisation.id] == pytest.approx(found[tita.organisation.id])


def test_only_published_needs_of_others_count_as_showing(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    pair(wanted(state="draft"), alice, 0.8)
    pair(wanted(who=alice), alice, 0.8)
    pair(wanted(), tita, 0.8)
    assert list(turns.measure(db, today())) == [tita.organisation.id]


def test_a_place_counts_as_much_as_readers_look_at_it(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    need = wanted()
    pair(need, alice, 0.9)
    pair(need, tita, 0.5)
    found = turns.measure(db, today())
    assert (found[alice.organisation.id].exposure, found[tita.organisation.id].exposure) == (1, attention(2))
    assert found[tita.organisation.id].merit == pytest.approx((1 + attention(2)) * 0.5 / 1.4)


def test_a_list_grown_too_long_keeps_the_small_owners_equal(
    db: Session, alice: Any, tita: Any, pair: Any, wanted: Any
) -> None:
    need = wanted()
    for _ in range(store.KEPT + 1):
        pair(need, alice, 0.81)
    small = pair(need, tita, 0.80)
    store.trim(db, [need.id])
    left = set(db.scalars(select(Match.id).where(Match.need_id == need.id)))
    assert len(left) == store.KEPT
    assert small.id in left


def test_days_before_the_window_are_forgotten(db: Session, alice: Any, tita: Any, pair: Any, wanted: Any) -> None:
    pair(wanted(), alice, 0.8)
    db.add(ExposureDay(organisation_id=tita.organisation.id, day=today() - timedelta(days=31), exposure=9.0))
    db.flush()
    turns.measure(db, today())
    assert {owner for owner, _ in rows(db)} == {alice.organisation.id}
