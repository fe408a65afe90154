"""What counts beside the text, each for itself; that both sides' wishes count alike; and what is refused outright."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.matching.candidates import _HARD, hard, refusal
from backend.matching.criteria import WEIGHTS, fit_reasons, terms_reasons, wishes
from backend.matching.models import Match, MatchRun
from backend.matching.profile import Profile
from backend.matching.reason import Reason, Verdict
from backend.matching.score import Signals, chance, score
from backend.matching.service import match_need
from backend.search.models import SearchDocument

STATES = ["TH", "VN", "ID", "PH"]
KINDS = ["msme_micro", "msme_small", "large_company", "university"]
DEALS = ["assignment", "non_exclusive_licence", "royalty_free_pledge"]
few_states = st.frozensets(st.sampled_from(STATES), max_size=3)
MATCH, GAP, UNKNOWN = Verdict.MATCH, Verdict.GAP, Verdict.UNKNOWN


def need(**fields: Any) -> Profile:
    return Profile(id=uuid4(), side="need", **fields)


def listing(**fields: Any) -> Profile:
    return Profile(id=uuid4(), side="listing", **fields)


def of(code: str, reasons: Any) -> list[Reason]:
    return [reason for reason in reasons if reason.code == code]


def verdict(code: str, asked: Profile, offered: Profile) -> Verdict:
    (reason,) = of(code, [*fit_reasons(asked, offered), *terms_reasons(asked, offered)])
    return reason.verdict


def odds(asked: Profile, offered: Profile) -> float:
    return sum(reason.effect for reason in [*fit_reasons(asked, offered), *terms_reasons(asked, offered)])


@st.composite
def profiles(draw: st.DrawFn, side: str) -> Profile:
    country = draw(st.sampled_from([None, *STATES]))
    return Profile(
        id=uuid4(),
        side=side,
        country=country,
        language=draw(st.sampled_from(["en", "th"])),
        kind=draw(st.sampled_from([None, *KINDS])),
        languages=draw(st.frozensets(st.sampled_from(["en", "th", "vi"]))),
        partner_kinds=draw(st.frozensets(st.sampled_from(KINDS), max_size=3)),
        partner_countries=draw(few_states),
        excluded_countries=draw(few_states),
        states=draw(few_states),
        deal_types=draw(st.frozensets(st.sampled_from(DEALS))),
        sectors=draw(st.frozensets(st.sampled_from(["green", "blue"]))),
        sdgs=draw(st.frozensets(st.integers(1, 3))),
        in_force=draw(few_states),
        taken=draw(few_states),
        ended=draw(few_states),
        trl=draw(st.none() | st.integers(1, 9)),
        deadline=draw(st.none() | st.just(date(2027, 1, 1))),
        open_until=draw(st.none() | st.just(date(2026, 12, 1))),
        licence_terms=draw(st.none() | st.just({"deal_type": "assignment", "currency": "USD", "upfront_fee": 5})),
        budget_max=draw(st.none() | st.integers(0, 10)),
        currency="USD",
    )


@settings(max_examples=60, deadline=None)
@given(profiles("need"), profiles("listing"), st.floats(0, 1), st.floats(0, 5))
def test_the_score_is_the_same_whichever_side_comes_first(
    asked: Profile, offered: Profile, cosine: float, words: float
) -> None:
    signals = Signals(cosine, words)
    one = score(asked, offered, signals, extra=terms_reasons(asked, offered))
    assert score(offered, asked, signals, extra=terms_reasons(offered, asked)) == one
    assert one.value == chance(one.reasons)


SIDE_FREE = ("country", "kind", "language", "languages", "partner_kinds", "partner_countries", "excluded_countries",
             "deal_types", "sectors", "sdgs")


def plain(profile: Profile) -> Profile:
    """Only what either side can say, at home where it would use it."""
    return Profile(
        id=profile.id, side=profile.side, **{name: getattr(profile, name) for name in SIDE_FREE}
    )


def exchanged(asked: Profile, offered: Profile) -> tuple[Profile, Profile]:
    """Two others, of whom the seeker is and wants all that the owner was and wanted, and the other way round."""
    return replace(plain(offered), side="need"), replace(plain(asked), side="listing")


@settings(max_examples=100, deadline=None)
@given(profiles("need"), profiles("listing"))
def test_exchanging_the_sides_gives_the_same_score(asked: Profile, offered: Profile) -> None:
    asked, offered = plain(asked), plain(offered)
    assert odds(asked, offered) == pytest.approx(odds(*exchanged(asked, offered)))


@settings(max_examples=60, deadline=None)
@given(profiles("need"), profiles("listing"))
def test_a_wish_weighs_the_same_on_either_side_and_says_whose_it_is(asked: Profile, offered: Profile) -> None:
    there, here = exchanged(asked, offered)
    asked, offered = plain(asked), plain(offered)
    of_owner, of_seeker = wishes(offered, asked), wishes(there, here)
    assert [(r.code, r.verdict, r.weight) for r in of_owner] == [(r.code, r.verdict, r.weight) for r in of_seeker]
    assert {r.data["wish_of"] for r in of_owner} <= {"listing"}
    assert {r.data["wish_of"] for r in of_seeker} <= {"need"}


@settings(max_examples=60, deadline=None)
@given(profiles("need"), profiles("listing"))
def test_no_criterion_weighs_more_than_it_is_said_to(asked: Profile, offered: Profile) -> None:
    for reason in [*fit_reasons(asked, offered), *terms_reasons(asked, offered)]:
        assert 0 <= reason.weight <= WEIGHTS[reason.code] + 1e-9


def test_an_owner_who_wants_another_partner_lowers_the_score_as_a_seeker_would() -> None:
    small, large = need(kind="msme_small"), need(kind="large_company")
    offered = listing(partner_kinds=frozenset({"msme_small"}))
    assert odds(small, offered) > odds(large, offered)


@pytest.mark.parametrize(
    ("kind", "found", "differs"),
    [
        ("msme_small", MATCH, None),
        ("large_company", GAP, "size"),
        ("university", GAP, "kind"),
        (None, UNKNOWN, None),
    ],
)
def test_the_kind_and_size_of_the_partner_are_held_against_the_wish(
    kind: str | None, found: Verdict, differs: str | None
) -> None:
    (reason,) = of("partner_kind", fit_reasons(need(kind=kind), listing(partner_kinds=frozenset({"msme_small"}))))
    assert (reason.verdict, reason.data.get("differs"), reason.data["wish_of"]) == (found, differs, "listing")


def test_a_partner_wanted_in_one_state_of_two_is_half_a_match_and_half_a_gap() -> None:
    asked = need(states=frozenset({"TH", "VN"}))
    both = of("partner_country", fit_reasons(asked, listing(partner_countries=frozenset({"TH", "LA"}))))
    assert [(reason.verdict, reason.data["states"]) for reason in both] == [(MATCH, ["TH"]), (GAP, ["VN"])]
    assert sum(reason.effect for reason in both) == pytest.approx(0)


def test_an_excluded_state_is_a_gap_and_the_others_are_no_match_for_it() -> None:
    asked = need(states=frozenset({"TH", "VN"}))
    (reason,) = of("partner_country", fit_reasons(asked, listing(excluded_countries=frozenset({"VN"}))))
    assert (reason.verdict, reason.data["states"]) == (GAP, ["VN"])


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"th", "en"}, {"vi", "en"}, MATCH),
        ({"th"}, {"vi"}, GAP),
        (set(), {"vi"}, UNKNOWN),
    ],
)
def test_a_language_that_both_can_work_in_is_looked_for(ours: set[str], theirs: set[str], found: Verdict) -> None:
    asked = need(language="th", languages=frozenset(ours))
    assert verdict("language", asked, listing(language="vi", languages=frozenset(theirs))) is found


def test_two_texts_in_one_language_need_no_other() -> None:
    assert verdict("language", need(language="th"), listing(language="th")) is MATCH


@pytest.mark.parametrize(
    ("open_until", "rights_until", "found", "cause"),
    [
        (date(2027, 6, 1), None, MATCH, None),
        (date(2027, 3, 1), None, MATCH, None),
        (date(2027, 2, 28), None, GAP, "offer"),
        (date(2027, 6, 1), date(2027, 2, 1), GAP, "right"),
        (None, None, UNKNOWN, None),
    ],
)
def test_the_offer_and_the_right_have_to_outlive_the_deadline(
    open_until: date | None, rights_until: date | None, found: Verdict, cause: str | None
) -> None:
    offered = listing(open_until=open_until, rights_until=rights_until)
    (reason,) = of("deadline", fit_reasons(need(deadline=date(2027, 3, 1)), offered))
    assert (reason.verdict, reason.data.get("cause")) == (found, cause)


@pytest.mark.parametrize(
    ("posted", "purse", "found", "cause"),
    [
        ({"currency": "USD", "upfront_fee": 500_000}, {"budget_max": 500_000}, MATCH, None),
        ({"currency": "USD", "upfront_fee": 500_000}, {"budget_max": 499_999}, GAP, None),
        ({"currency": "USD", "upfront_fee": 3, "minimum_royalty": 3}, {"budget_max": 5}, GAP, None),
        ({"currency": "THB", "upfront_fee": 1}, {"budget_max": 500_000}, UNKNOWN, "currency"),
        ({"currency": "THB", "upfront_fee": 0}, {"budget_max": 500_000}, MATCH, None),
        ({"running_royalty_percent": "3"}, {"budget_max": 500_000}, UNKNOWN, "no_fixed_sum"),
        ({"deal_type": "royalty_free_pledge"}, {"budget_max": 0}, MATCH, None),
        ({"currency": "USD", "upfront_fee": 5}, {"budget_min": 4}, UNKNOWN, "no_upper_end"),
        ({"deal_type": "nonsense"}, {"budget_max": 5}, UNKNOWN, "unreadable"),
        (None, {"budget_max": 5}, UNKNOWN, "not_posted"),
    ],
)
def test_the_budget_is_held_against_the_posted_terms_and_no_currency_is_converted(
    posted: dict[str, Any] | None, purse: dict[str, int], found: Verdict, cause: str | None
) -> None:
    asked, offered = need(currency="USD", **purse), listing(licence_terms=posted)
    (reason,) = of("budget", terms_reasons(asked, offered))
    assert (reason.verdict, reason.data.get("cause"), reason.weight) == (found, cause, WEIGHTS["budget"])


def test_a_need_without_a_budget_is_told_nothing_of_money() -> None:
    assert list(terms_reasons(need(), listing(licence_terms={"currency": "USD", "upfront_fee": 5}))) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "found", "wish_of"),
    [
        ({"assignment"}, {"assignment"}, MATCH, "both"),
        ({"assignment"}, {"option"}, GAP, "both"),
        ({"assignment"}, set(), UNKNOWN, "need"),
        (set(), {"assignment"}, UNKNOWN, "listing"),
    ],
)
def test_a_deal_that_one_side_wishes_for_is_asked_of_the_other(
    ours: set[str], theirs: set[str], found: Verdict, wish_of: str
) -> None:
    both = fit_reasons(need(deal_types=frozenset(ours)), listing(deal_types=frozenset(theirs)))
    (reason,) = of("deal_type", both)
    assert (reason.verdict, reason.data["wish_of"]) == (found, wish_of)


def test_where_the_right_has_ended_nothing_is_left_to_license() -> None:
    (reason,) = of("territory", fit_reasons(need(states=frozenset({"TH"})), listing(ended=frozenset({"TH"}))))
    assert (reason.verdict, reason.data["status"]) == (GAP, "ended")


# Refusals ----------------------------------------------------------------------------------------------------------

AT = datetime(2026, 6, 1, tzinfo=UTC)
OWN = UUID(int=7)


def document(number: int, **said: Any) -> SearchDocument:
    return SearchDocument(
        **{
            "id": UUID(int=number), "kind": "listing", "organisation_id": UUID(int=1), "reference": str(number),
            "language": "en", "title": "", "summary": "", "text": "", "words": "", "plain": "", "owner_country": "VN",
            "owner_kind": "university", "verification_level": 0, "open_for_interest": True, "record_kind": "patent",
            "published_at": AT, "content_hash": b"", "embedding_hash": b"", "lapsed": False, "deal_types": [],
            "territories": [], "exclusively_taken": [], "ended": [], "excluded_countries": [],
            **said,
        }
    )


OFFERS: list[dict[str, Any]] = [
    {"organisation_id": OWN},
    {"open_for_interest": False},
    {"expires_at": AT},
    {"expires_at": AT + timedelta(days=1)},
    {"lapsed": True},
    *({"trl": level} for level in (None, 4, 5, 6)),
    *({"deal_types": deals} for deals in (["assignment"], ["option"], ["assignment", "option"])),
    *({"territories": codes} for codes in (["ASEAN"], ["TH"], ["VN", "PH"], ["US"])),
    *(
        {"exclusively_taken": taken, "ended": ended, "excluded_countries": excluded}
        for taken, ended, excluded in product(([], ["TH"], ["TH", "VN"]), ([], ["VN"]), ([], ["TH"], ["SG"]))
    ),
]
ASKED: list[dict[str, Any]] = [
    {"trl": trl, "deal_types": deals, "states": states, "country": country, "deadline": deadline}
    for trl, deals, states, country, deadline in product(
        (None, 5),
        (frozenset(), frozenset({"assignment"})),
        (frozenset(), frozenset({"TH"}), frozenset({"TH", "VN"}), frozenset({"US"})),
        (None, "TH", "SG"),
        (None, date(2026, 5, 31), date(2026, 6, 1)),
    )
]


def test_the_database_refuses_exactly_what_is_refused_with_a_reason(db: Session) -> None:
    for number, said in enumerate(OFFERS, 1):
        db.add(document(number, **said))
    db.flush()
    rows = db.scalars(select(SearchDocument).where(SearchDocument.published_at == AT)).all()
    assert len(rows) == len(OFFERS)
    for said in ASKED:
        asked = need(organisation_id=OWN, **said)
        kept = set(
            db.scalars(
                text(f"SELECT d.id FROM search_document d WHERE d.published_at = :at AND {_HARD}"),
                {"at": AT, **hard(asked, AT)},
            )
        )
        assert kept == {row.id for row in rows if refusal(asked, row, at=AT) is None}, said


@pytest.mark.parametrize(
    ("asked", "offered", "code"),
    [
        ({}, {"lapsed": True}, "right_lapsed"),
        ({"states": {"TH"}}, {"ended": ["TH"]}, "right_lapsed"),
        ({"states": {"TH"}}, {"excluded_countries": ["TH"]}, "owner_excludes"),
        ({"states": {"VN"}, "country": "TH"}, {"excluded_countries": ["TH"]}, "owner_excludes"),
        ({"states": {"TH", "VN"}}, {"excluded_countries": ["TH"]}, None),
        ({"states": {"TH", "VN"}}, {"exclusively_taken": ["TH"], "ended": ["VN"]}, "exclusively_taken"),
        ({"trl": 5}, {"trl": 4}, "stage_below"),
        ({"deadline": date(2026, 5, 31)}, {}, "deadline_passed"),
        ({"deadline": date(2026, 6, 1)}, {}, None),
    ],
)
def test_what_cannot_suit_is_refused_with_its_code(
    asked: dict[str, Any], offered: dict[str, Any], code: str | None
) -> None:
    asked = {name: frozenset(value) if isinstance(value, set) else value for name, value in asked.items()}
    found = refusal(need(**asked), document(1, **offered), at=AT)
    assert (found.code if found else None) == code


def test_a_refusal_is_not_scored(db: Session, alice: Any, bob: Any, offer: Any, ask: Any) -> None:
    offer(alice, "Solar dryer for paddy rice", "Dries paddy by the sun.", excluded_countries=["TH"])
    offer(alice, "Solar dryer for paddy and maize", "Dries grain by the sun.", rights={"TH": "lapsed"})
    posted = ask(bob, "Dry paddy rice by the sun", "We want to dry paddy by the sun.", deadline=now().date())
    match_need(db, posted)
    assert db.scalars(select(Match)).all() == []
    refused = db.get_one(MatchRun, posted.id).refused
    assert sorted(row["code"] for row in refused) == ["owner_excludes", "right_lapsed"]


def test_the_readme_states_the_weight_of_every_criterion() -> None:
    page = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| `(\w+)` \| ([0-9.]+) \|", page, re.MULTILINE))
    assert {code: float(weight) for code, weight in stated.items()} == WEIGHTS
