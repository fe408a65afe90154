"""What somebody said of a match moves similar ones in their own lists: explained and bounded."""

import math
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.matching.personal import ALIKE, HIGHEST, LOWEST, Offer, Said, adjusted, personal
from backend.matching.reading import DECLINE_CODES

ALIKE_VECTOR = np.array([1.0, 0.0], dtype=np.float32)
OTHER_VECTOR = np.array([0.0, 1.0], dtype=np.float32)


def offer(number: int, owner: int = 1, **fields: Any) -> Offer:
    return Offer(listing_id=UUID(int=number), owner=UUID(int=owner), **fields)


def said(of: Offer, reason: str | None = None, states: tuple[str, ...] = (), match: int = 900) -> Said:
    return Said(UUID(int=match), of, reason is None, reason, frozenset(states))


def codes(of: Offer, *history: Said) -> list[tuple[str, str]]:
    return [(one.code, one.direction) for one in personal(of, list(history))]


REFUSED = offer(1, vector=ALIKE_VECTOR, trl=4)
NEAR = offer(2, owner=2, vector=ALIKE_VECTOR)
FAR = offer(3, owner=3, vector=OTHER_VECTOR)


def test_whoever_said_nothing_sees_the_common_order() -> None:
    assert personal(NEAR, []) == []
    assert adjusted(0.73519, []) == 0.73519


def test_too_early_lowers_what_is_no_further_developed_and_nothing_else() -> None:
    said_so = said(REFUSED, "too_early")
    assert codes(offer(5, owner=5, trl=4), said_so) == [("too_early", "lower")]
    assert codes(offer(6, owner=6, trl=5), said_so) == []
    assert codes(offer(7, owner=7), said_so) == []


def test_too_early_of_what_is_as_ripe_as_can_be_is_not_about_its_level() -> None:
    ripe = offer(1, vector=ALIKE_VECTOR, trl=9)
    assert codes(offer(5, owner=5, trl=3, vector=OTHER_VECTOR), said(ripe, "too_early")) == []
    assert codes(NEAR, said(ripe, "too_early")) == [("too_early", "lower")]


@pytest.mark.parametrize("reason", ["already_have", "not_in_strategy", "scientific_objection"])
def test_what_one_has_or_does_not_want_lowers_what_is_very_near(reason: str) -> None:
    assert codes(NEAR, said(REFUSED, reason)) == [(reason, "lower")]
    assert codes(FAR, said(REFUSED, reason)) == []


def test_equal_classes_are_near_too() -> None:
    refused = offer(1, classes=frozenset({"C02F1/28"}))
    assert codes(offer(2, owner=2, classes=frozenset({"C02F1/28"})), said(refused, "already_have"))
    assert not codes(offer(3, owner=3, classes=frozenset({"A61K9/00"})), said(refused, "already_have"))


def test_terms_too_high_lowers_what_asks_as_much_in_the_same_currency() -> None:
    refused = said(offer(1, fee=("SGD", 1_000)), "terms_too_high")
    assert codes(offer(2, owner=2, fee=("SGD", 1_000)), refused) == [("terms_too_high", "lower")]
    assert codes(offer(3, owner=3, fee=("SGD", 999)), refused) == []
    assert codes(offer(4, owner=4, fee=("VND", 5_000)), refused) == []
    assert codes(offer(5, owner=5), refused) == []


def test_not_available_there_lowers_what_has_no_right_there_either() -> None:
    refused = said(offer(1, protected=frozenset({"VN"})), "territory_not_available", states=("TH",))
    assert codes(offer(2, owner=2, protected=frozenset({"VN", "SG"})), refused) == [
        ("territory_not_available", "lower")
    ]
    assert codes(offer(3, owner=3, protected=frozenset({"TH"})), refused) == []


def test_rights_too_weak_lowers_what_is_no_better_protected() -> None:
    refused = said(offer(1, right=1), "ip_position_weak")
    assert codes(offer(2, owner=2, right=1), refused) == [("ip_position_weak", "lower")]
    assert codes(offer(3, owner=3, right=2), refused) == []


@pytest.mark.parametrize("reason", sorted(set(DECLINE_CODES) - set(ALIKE)))
def test_what_is_about_one_text_or_ones_own_moment_lowers_that_offer_alone(reason: str) -> None:
    assert codes(NEAR, said(REFUSED, reason)) == []
    assert codes(REFUSED, said(REFUSED, reason)) == [(reason, "lower")]


def test_a_useful_match_lifts_what_is_very_near() -> None:
    assert codes(NEAR, said(REFUSED)) == [("useful", "higher")]
    assert codes(FAR, said(REFUSED)) == []


def test_the_newest_answer_is_the_one_named() -> None:
    newest = said(REFUSED, "already_have", match=2)
    (one,) = personal(NEAR, [newest, said(REFUSED, "already_have", match=1)])
    assert one.because is newest


def test_saying_it_again_weighs_more_but_less_each_time() -> None:
    shifts = [personal(NEAR, [said(REFUSED, "already_have")] * times)[0].shift for times in (1, 2, 3, 4)]
    assert shifts[0] > shifts[1] > shifts[2] == shifts[3]
    assert shifts[0] - shifts[1] < abs(shifts[0])


histories = st.lists(
    st.builds(
        said,
        st.builds(
            offer, st.integers(1, 4), st.integers(1, 3), trl=st.integers(1, 9), right=st.integers(0, 2),
            vector=st.sampled_from([ALIKE_VECTOR, OTHER_VECTOR, None]),
            fee=st.sampled_from([None, ("SGD", 5)]), royalty=st.sampled_from([None, 3.0]),
        ),
        st.sampled_from([None, *DECLINE_CODES]),
        st.just(("TH",)),
    ),
    max_size=100,
)


@given(histories, st.floats(0, 1), st.floats(0, 1))
def test_no_amount_of_answers_lets_what_fits_far_less_well_pass(
    history: list[Said], better: float, worse: float
) -> None:
    def odds(score: float) -> float:
        kept = min(1 - 1e-6, max(1e-6, score))
        return math.log(kept / (1 - kept))

    if odds(better) - odds(worse) > HIGHEST - LOWEST:
        moved = adjusted(better, personal(REFUSED, history)), adjusted(worse, personal(NEAR, history))
        assert moved[0] > moved[1]


@given(histories, st.floats(0, 1))
def test_whatever_was_said_a_value_stays_a_chance(history: list[Said], score: float) -> None:
    assert 0 <= adjusted(score, personal(NEAR, history)) <= 1
