"""The arithmetic of a match: a chance, with reasons that add up to it."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.matching.criteria import WEIGHTS
from backend.matching.profile import Profile
from backend.matching.quotes import shortened
from backend.matching.reason import Reason, Verdict
from backend.matching.reasons import explained
from backend.matching.score import Score, Signals, chance, score

STATES = ["TH", "VN", "ID", "PH"]
FEWER = settings(max_examples=40, deadline=None)
few_states = st.frozensets(st.sampled_from(STATES), max_size=4)


@st.composite
def profiles(draw: st.DrawFn, side: str) -> Profile:
    return Profile(
        id=uuid4(),
        side=side,
        country=draw(st.sampled_from([None, *STATES])),
        language=draw(st.sampled_from(["en", "th", "vi"])),
        title=draw(st.text(max_size=30)),
        text=draw(st.text(max_size=120)),
        states=draw(few_states),
        right_kinds=draw(st.frozensets(st.sampled_from(["patent", "trade_mark"]))),
        classes=draw(st.frozensets(st.sampled_from(["A01B1/00", "F26B3/28", "C02F1/44"]))),
        deal_types=draw(st.frozensets(st.sampled_from(["assignment", "non_exclusive_licence"]))),
        exclusivity=draw(st.frozensets(st.sampled_from(["own", "exclusive", "non_exclusive"]), max_size=1)),
        trl=draw(st.none() | st.integers(1, 9)),
        sectors=draw(st.frozensets(st.sampled_from(["green", "blue"]))),
        sdgs=draw(st.frozensets(st.integers(1, 17), max_size=3)),
        green=draw(st.booleans()),
        in_force=draw(few_states),
        pending=draw(few_states),
        unchecked=draw(few_states),
        taken=draw(few_states),
    )


chances = st.floats(0, 1) | st.just(float("nan"))
signals = st.builds(
    Signals,
    cosine=st.none() | st.floats(-1, 1),
    words=st.none() | st.floats(0, 20),
    class_similarity=st.none() | chances,
)
reasons = st.builds(
    Reason, st.just("x"), st.sampled_from(Verdict), st.floats(0, 5, allow_nan=False), st.just({"state": "TH"})
)


def need(**fields: Any) -> Profile:
    return Profile(id=uuid4(), side="need", **fields)


def listing(**fields: Any) -> Profile:
    return Profile(id=uuid4(), side="listing", **fields)


def verdicts(asked: Profile, offered: Profile) -> dict[str, Verdict]:
    return {reason.code: reason.verdict for reason in score(asked, offered, Signals()).reasons}


@FEWER
@given(profiles("need"), profiles("listing"), signals)
def test_a_score_is_a_chance_and_follows_from_its_reasons(asked: Profile, offered: Profile, texts: Signals) -> None:
    found = score(asked, offered, texts)
    assert 0 <= found.value <= 1
    assert found.value == chance(found.reasons)
    assert score(asked, offered, texts) == found


@given(st.lists(reasons), st.floats(0, 5))
def test_what_is_not_known_never_changes_the_value(known: list[Reason], weight: float) -> None:
    assert chance([*known, Reason("y", Verdict.UNKNOWN, weight)]) == pytest.approx(chance(known), abs=1e-12)


@given(st.lists(reasons), st.floats(0, 5))
def test_a_match_never_lowers_and_a_gap_never_raises(known: list[Reason], weight: float) -> None:
    assert chance([*known, Reason("y", Verdict.MATCH, weight)]) >= chance(known) - 1e-12
    assert chance([*known, Reason("y", Verdict.GAP, weight)]) <= chance(known) + 1e-12


@FEWER
@given(profiles("need"), profiles("listing"), signals, st.floats(0, 1), st.floats(0, 5))
def test_more_likeness_never_lowers(
    asked: Profile, offered: Profile, texts: Signals, closer: float, more: float
) -> None:
    better = replace(
        texts,
        cosine=None if texts.cosine is None else max(texts.cosine, closer),
        words=(texts.words or 0) + more,
    )
    assert score(asked, offered, better).value >= score(asked, offered, texts).value - 1e-12


@FEWER
@given(profiles("need"), profiles("listing"), signals, st.sampled_from(STATES))
def test_a_right_in_force_where_it_is_needed_never_lowers(
    asked: Profile, offered: Profile, texts: Signals, state: str
) -> None:
    protected = replace(offered, in_force=offered.in_force | {state})
    assert score(asked, protected, texts).value >= score(asked, offered, texts).value - 1e-12


@FEWER
@given(profiles("need"), profiles("listing"), signals)
def test_a_listing_that_says_nothing_gains_nothing_by_it(asked: Profile, offered: Profile, texts: Signals) -> None:
    silent = replace(offered, trl=None, deal_types=frozenset(), exclusivity=frozenset(), right_kinds=frozenset())
    for reason in score(asked, silent, texts).reasons:
        if reason.code in ("stage", "deal_type", "exclusivity", "right_kind"):
            assert reason.verdict is Verdict.UNKNOWN
            assert reason.effect == 0


@FEWER
@given(profiles("need"), profiles("listing"), signals)
def test_explaining_keeps_the_value_equal_to_its_reasons(asked: Profile, offered: Profile, texts: Signals) -> None:
    found = explained(score(asked, offered, texts), asked, offered, {})
    assert found.value == chance(found.reasons)
    for reason in found.reasons:
        assert set(reason.as_dict()) == {"code", "verdict", "weight", "evidence", "data"}


@pytest.mark.parametrize(
    ("standing", "verdict", "status"),
    [
        ({"in_force": {"TH"}}, Verdict.MATCH, "in_force"),
        ({"pending": {"TH"}}, Verdict.UNKNOWN, "pending"),
        ({"unchecked": {"TH"}}, Verdict.UNKNOWN, "not_checked"),
        ({"in_force": {"VN"}}, Verdict.UNKNOWN, "not_recorded"),
        ({"in_force": {"TH"}, "taken": {"TH"}}, Verdict.GAP, "exclusively_taken"),
    ],
)
def test_only_a_right_in_force_in_the_seekers_state_is_a_match(
    standing: dict[str, set[str]], verdict: Verdict, status: str
) -> None:
    offered = listing(**{name: frozenset(codes) for name, codes in standing.items()})
    found = score(need(states=frozenset({"TH"})), offered, Signals())
    (reason,) = [reason for reason in found.reasons if reason.code == "territory"]
    assert (reason.verdict, reason.data["status"], reason.data["state"]) == (verdict, status, "TH")


def test_the_two_member_states_are_named_when_a_border_lies_between() -> None:
    assert verdicts(need(country="TH"), listing(country="VN"))["cross_border"] is Verdict.MATCH
    assert "cross_border" not in verdicts(need(country="TH"), listing(country="TH"))


@pytest.mark.parametrize(
    ("wanted", "deal_types", "verdict"),
    [
        ("own", {"assignment"}, Verdict.MATCH),
        ("own", {"non_exclusive_licence"}, Verdict.GAP),
        ("exclusive", {"exclusive_licence"}, Verdict.MATCH),
        ("non_exclusive", {"exclusive_licence"}, Verdict.GAP),
        ("exclusive", set(), Verdict.UNKNOWN),
    ],
)
def test_what_is_expected_of_the_right_is_held_against_what_is_offered(
    wanted: str, deal_types: set[str], verdict: Verdict
) -> None:
    found = verdicts(need(exclusivity=frozenset({wanted})), listing(deal_types=frozenset(deal_types)))
    assert found["exclusivity"] is verdict


@pytest.mark.parametrize(("trl", "verdict"), [(7, Verdict.MATCH), (3, Verdict.GAP), (None, Verdict.UNKNOWN)])
def test_the_stage_is_compared_where_it_is_stated(trl: int | None, verdict: Verdict) -> None:
    assert verdicts(need(trl=6), listing(trl=trl))["stage"] is verdict


MOISTURE = {"parameter": "Final moisture", "operator": "at_most", "value": "14", "unit": "%", "importance": "must"}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Dries paddy with the sun. Final moisture is 12 %.", Verdict.MATCH),
        ("Final moisture is 18 %.", Verdict.GAP),
        ("Uses 12 % less fuel.", Verdict.UNKNOWN),
        ("Final moisture is low.", Verdict.UNKNOWN),
        ("", Verdict.UNKNOWN),
    ],
)
def test_a_must_have_is_met_only_by_a_figure_for_it(text: str, verdict: Verdict) -> None:
    asked, offered = need(requirements=(MOISTURE,)), listing(text=text)
    found = explained(Score(0, ()), asked, offered, {})
    (reason,) = [reason for reason in found.reasons if reason.code == "requirement"]
    assert reason.verdict is verdict
    assert reason.weight == WEIGHTS["requirement"]
    if verdict is not Verdict.UNKNOWN:
        assert "Final moisture" in reason.data["evidence"]["listing"]


@pytest.mark.parametrize(
    ("posted", "verdict"),
    [
        ({"deal_type": "exclusive_licence"}, Verdict.MATCH),
        ({"deal_type": "assignment"}, Verdict.GAP),
        (None, Verdict.UNKNOWN),
        ({"deal_type": "nonsense"}, Verdict.UNKNOWN),
    ],
)
def test_posted_terms_are_compared_and_private_ones_are_not_known(
    posted: dict[str, str] | None, verdict: Verdict
) -> None:
    asked = need(licence_terms={"deal_type": "exclusive_licence"})
    found = explained(Score(0, ()), asked, listing(licence_terms=posted), {})
    assert [reason.verdict for reason in found.reasons if reason.code == "terms"] == [verdict]


def test_a_long_quote_is_cut_at_a_space() -> None:
    assert shortened("word " * 100).endswith("word …")
