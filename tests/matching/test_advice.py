"""What would make a match fit better, held to its word: who follows the advice gains what it promised."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from backend.matching.advice import Change, advice
from backend.matching.profile import Profile
from backend.matching.reason import Reason, Verdict
from backend.matching.reasons import explained
from backend.matching.score import Score, Signals, chance, score

Both = tuple[Profile, Profile]


def need(**fields: Any) -> Profile:
    return Profile(id=uuid4(), side="need", country="TH", **{"languages": {"en"}, **fields})


def listing(**fields: Any) -> Profile:
    return Profile(id=uuid4(), side="listing", country="VN", **{"languages": {"en"}, **fields})


def weighed(asked: Profile, offered: Profile) -> Score:
    return explained(score(asked, offered, Signals(0.9, 2.0)), asked, offered, {})


def only(*codes: str) -> frozenset[str]:
    return frozenset(codes)


NON_EXCLUSIVE = only("non_exclusive_licence")
MOISTURE = {"parameter": "Moisture", "operator": "at_most", "value": "14", "unit": "%", "importance": "must"}
TERMS = {"deal_type": "exclusive_licence", "upfront_fee": 5_000_00, "currency": "USD"}

# Code, move and side of a change; a pair that lacks it; the same pair when it was made.
CASES: list[tuple[str, str, str, Both, Callable[[Profile, Profile], Both]]] = [
    ("stage", "state", "owner", (need(trl=6), listing()), lambda n, o: (n, replace(o, trl=6))),
    ("stage", "reach", "owner", (need(trl=6), listing(trl=4)), lambda n, o: (n, replace(o, trl=6))),
    ("stage", "accept", "seeker", (need(trl=6), listing(trl=4)), lambda n, o: (replace(n, trl=4), o)),
    ("territory", "record", "owner", (need(states=only("TH")), listing()),
     lambda n, o: (n, replace(o, in_force=only("TH")))),
    ("territory", "prove", "owner", (need(states=only("TH", "LA")), listing(unchecked=only("TH"))),
     lambda n, o: (n, replace(o, in_force=only("TH"), unchecked=only()))),
    ("territory", "await_grant", "owner", (need(states=only("TH")), listing(pending=only("TH"))),
     lambda n, o: (n, replace(o, in_force=only("TH")))),
    ("deal_type", "offer", "owner", (need(deal_types=only("assignment")), listing(deal_types=only("franchise"))),
     lambda n, o: (n, replace(o, deal_types=only("assignment", "franchise")))),
    ("deal_type", "accept", "seeker", (need(deal_types=only("assignment")), listing(deal_types=only("franchise"))),
     lambda n, o: (replace(n, deal_types=only("assignment", "franchise")), o)),
    ("deal_type", "state", "seeker", (need(), listing(deal_types=only("franchise"))),
     lambda n, o: (replace(n, deal_types=only("franchise")), o)),
    ("exclusivity", "offer", "owner", (need(exclusivity=only("own")), listing(deal_types=NON_EXCLUSIVE)),
     lambda n, o: (n, replace(o, deal_types=only("assignment")))),
    ("exclusivity", "accept", "seeker", (need(exclusivity=only("own")), listing(deal_types=NON_EXCLUSIVE)),
     lambda n, o: (replace(n, exclusivity=only("non_exclusive")), o)),
    ("right_kind", "accept", "seeker", (need(right_kinds=only("patent")), listing(right_kinds=only("design"))),
     lambda n, o: (replace(n, right_kinds=only("patent", "design")), o)),
    ("requirement", "state", "owner", (need(requirements=(MOISTURE,)), listing(text="It dries.")),
     lambda n, o: (n, replace(o, text="It dries. Moisture is 12 %."))),
    ("requirement", "reach", "owner", (need(requirements=(MOISTURE,)), listing(text="Moisture is 18 %.")),
     lambda n, o: (n, replace(o, text="Moisture is 12 %."))),
    ("requirement", "make_desirable", "seeker", (need(requirements=(MOISTURE,)), listing(text="Moisture is 18 %.")),
     lambda n, o: (replace(n, requirements=({**MOISTURE, "importance": "desirable"},)), o)),
    ("sector", "state", "owner", (need(sectors=only("green")), listing()),
     lambda n, o: (n, replace(o, sectors=only("green")))),
    ("sector", "name", "seeker", (need(sectors=only("green")), listing(sectors=only("blue"))),
     lambda n, o: (replace(n, sectors=only("green", "blue")), o)),
    ("green", "state", "owner", (need(green=True), listing()), lambda n, o: (n, replace(o, green=True))),
    ("language", "speak", "owner", (need(language="th", languages=only("th")), listing()),
     lambda n, o: (n, replace(o, languages=only("en", "th")))),
    ("deadline", "extend", "owner", (need(deadline=date(2027, 5, 1)), listing(open_until=date(2027, 4, 1))),
     lambda n, o: (n, replace(o, open_until=date(2027, 6, 1)))),
    ("deadline", "accept", "seeker", (need(deadline=date(2027, 5, 1)), listing(open_until=date(2027, 4, 1))),
     lambda n, o: (replace(n, deadline=date(2027, 3, 1)), o)),
    ("partner_kind", "accept", "owner", (need(kind="university"), listing(partner_kinds=only("msme_small"))),
     lambda n, o: (n, replace(o, partner_kinds=only("msme_small", "university")))),
    ("partner_country", "accept", "owner", (need(), listing(partner_countries=only("PH"))),
     lambda n, o: (n, replace(o, partner_countries=only("PH", "TH")))),
    ("terms", "state", "owner", (need(licence_terms={"deal_type": "exclusive_licence"}), listing()),
     lambda n, o: (n, replace(o, licence_terms={"deal_type": "exclusive_licence"}))),
    ("terms", "move", "owner",
     (need(licence_terms={"deal_type": "exclusive_licence"}), listing(licence_terms={"deal_type": "assignment"})),
     lambda n, o: (n, replace(o, licence_terms={"deal_type": "exclusive_licence"}))),
    ("budget", "lower", "owner", (need(budget_max=1_000_00, currency="USD"), listing(licence_terms=TERMS)),
     lambda n, o: (n, replace(o, licence_terms={**TERMS, "upfront_fee": 1_000_00}))),
    ("budget", "raise", "seeker", (need(budget_max=1_000_00, currency="USD"), listing(licence_terms=TERMS)),
     lambda n, o: (replace(n, budget_max=5_000_00), o)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "move", "side", "pair", "followed"), CASES, ids=[" ".join(case[:3]) for case in CASES]
)
def test_who_follows_the_advice_gains_what_it_promised(
    code: str, move: str, side: str, pair: Both, followed: Callable[[Profile, Profile], Both]
) -> None:
    before = weighed(*pair)
    found = advice(before.reasons, most=20)
    (change,) = [one for one in getattr(found, side) if (one.code, one.move) == (code, move)][:1]

    gained = weighed(*followed(*pair)).value - before.value

    assert change.effect > 0
    # Another reason may gain by the same change (a kind of deal also settles exclusivity); none is promised too much.
    if code in ("deal_type", "exclusivity"):
        assert gained >= change.effect - 1e-4
    else:
        assert gained == pytest.approx(change.effect, abs=1e-4)


def test_the_largest_gain_stands_first_and_few_are_named() -> None:
    asked = need(trl=6, states=only("TH"), requirements=(MOISTURE,), sectors=only("green"), green=True)
    found = advice(weighed(asked, listing()).reasons)

    effects = [change.effect for change in found.owner]
    assert effects == sorted(effects, reverse=True)
    assert len(effects) == 3
    assert found.owner[0].code == "requirement"


def test_what_is_in_nobodys_hands_is_not_advised() -> None:
    taken = weighed(need(states=only("TH")), listing(in_force=only("TH"), taken=only("TH")))

    assert [change for change in (*advice(taken.reasons).owner, *advice(taken.reasons).seeker)
            if change.code == "territory"] == []  # fmt: skip


def test_a_perfect_fit_needs_no_advice() -> None:
    assert advice([Reason("stage", Verdict.MATCH, 1.0)]).owner == ()


def test_a_reason_that_is_new_is_advised_on_by_its_verdict() -> None:
    unknown, missing = Reason("new", Verdict.UNKNOWN, 3.0), Reason("newer", Verdict.GAP, 3.0, {"wish_of": "listing"})

    found = advice([Reason("class", Verdict.MATCH, 8.0), unknown, missing])

    assert [(one.code, one.move) for one in found.owner] == [("newer", "accept"), ("new", "state")]


def test_stored_reasons_give_the_same_advice_as_fresh_ones() -> None:
    found = weighed(need(trl=6, states=only("TH"), deal_types=only("assignment")), listing(trl=4)).reasons
    stored = advice([reason.as_dict() for reason in found])

    for kept, fresh in zip(stored.owner, advice(found).owner, strict=True):
        assert (kept.code, kept.move) == (fresh.code, fresh.move)
        assert kept.effect == pytest.approx(fresh.effect, abs=1e-3)


def test_an_effect_is_the_difference_of_two_chances() -> None:
    missing = Reason("stage", Verdict.GAP, 1.0, {"need": 6, "listing": 4})
    reasons = [Reason("text_similarity", Verdict.MATCH, 4.0), missing]
    change: Change = advice(reasons).owner[0]

    met = [reasons[0], Reason("stage", Verdict.MATCH, 1.0)]
    assert change.effect == pytest.approx(chance(met) - chance(reasons), abs=1e-4)
