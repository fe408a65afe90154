"""Licence terms: exact, refused with a code beside the field, the same after a round trip, and compared honestly."""

import contextlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Invalid
from backend.core.money import EXPONENTS, Money
from backend.ip.terms import TERM_PROBLEMS, LicenceTerms, Verdict, compare, read_terms, warnings
from backend.ip.vocabularies import DealType, GrantBack, RightKind, Sublicensing, Support

MATCH, GAP, UNKNOWN = Verdict.MATCH, Verdict.GAP, Verdict.UNKNOWN

minor = st.integers(0, 10**12)
words = st.text(st.characters(categories=["L", "M", "N", "P", "Zs"]), min_size=1, max_size=60).filter(str.strip)


@st.composite
def licence_terms(draw: st.DrawFn) -> LicenceTerms:
    low, high = sorted([draw(minor), draw(minor)])
    choices: dict[str, st.SearchStrategy[Any]] = {
        "deal_type": st.sampled_from(list(DealType)),
        "field_of_use": words,
        "ipc": st.lists(st.sampled_from(["C02F1/44", "C02F", "A01B 1/02", "H01M8/04"]), min_size=1, max_size=4),
        "nice": st.lists(st.integers(1, 45), min_size=1, max_size=4),
        "territories": st.lists(st.sampled_from(["ASEAN", "VN", "TH", "JP"]), min_size=1, max_size=4),
        "start_on": st.dates(date(2020, 1, 1), date(2060, 1, 1)),
        "term_years": st.integers(1, 100),
        "until_last_expiry": st.booleans(),
        "upfront_fee": minor,
        "running_royalty_percent": st.decimals(0, 100, places=4),
        "minimum_royalty": st.just(low),
        "annual_cap": st.just(high),
        "milestones": st.lists(st.fixed_dictionaries({"event": words, "amount": minor}), min_size=1, max_size=3),
        "sublicensing": st.sampled_from(list(Sublicensing)),
        "grant_back": st.sampled_from(list(GrantBack)),
        "support": st.lists(st.sampled_from(list(Support)), min_size=1, max_size=4),
        "governing_law": st.sampled_from(["SG", "vn"]),
        "notes": words,
    }
    stated = draw(st.sets(st.sampled_from(sorted(choices))))
    values = {name: draw(choices[name]) for name in sorted(stated)}
    return LicenceTerms.model_validate({"currency": draw(st.sampled_from(sorted(EXPONENTS))), **values})


def codes(**data: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        read_terms(data)
    return [(finding.field, finding.code) for finding in caught.value.findings]


def verdicts(asked: LicenceTerms | None, accepted: LicenceTerms | None) -> dict[str, Verdict]:
    return {difference.field: difference.verdict for difference in compare(asked, accepted)}


@given(licence_terms())
def test_terms_survive_being_written_and_read(terms: LicenceTerms) -> None:
    assert LicenceTerms.model_validate_json(terms.canonical()) == terms
    assert LicenceTerms.model_validate(json.loads(json.dumps(terms.stated()))) == terms
    assert LicenceTerms.model_validate(terms.model_dump(mode="json")) == terms


@given(licence_terms())
def test_written_terms_hold_no_float(terms: LicenceTerms) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(text)

    json.loads(terms.canonical(), parse_float=refuse)


@given(licence_terms())
def test_terms_never_fall_short_of_themselves(terms: LicenceTerms) -> None:
    assert set(verdicts(terms, terms).values()) <= {MATCH}


@given(licence_terms(), licence_terms())
def test_what_one_side_leaves_out_is_never_a_match(asked: LicenceTerms, accepted: LicenceTerms) -> None:
    for difference in compare(asked, accepted):
        if difference.asked is None or difference.accepted is None:
            assert difference.verdict is UNKNOWN


@given(licence_terms())
def test_no_terms_at_all_leave_everything_unknown(terms: LicenceTerms) -> None:
    assert set(verdicts(terms, None).values()) <= {UNKNOWN}
    assert set(verdicts(None, terms).values()) <= {UNKNOWN}
    assert compare(None, None) == []


@given(
    st.dictionaries(
        st.sampled_from([*LicenceTerms.model_fields, "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_any_json_is_terms_or_coded_findings(data: dict[str, Any]) -> None:
    with contextlib.suppress(Invalid):  # any other exception fails the test
        terms = read_terms(data)
        assert LicenceTerms.model_validate_json(terms.canonical()) == terms


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"running_royalty_percent": 3.5}, "running_royalty_percent", "not_exact"),
        ({"running_royalty_percent": "NaN"}, "running_royalty_percent", "not_a_number"),
        ({"running_royalty_percent": "Infinity"}, "running_royalty_percent", "not_a_number"),
        ({"running_royalty_percent": "100.01"}, "running_royalty_percent", "percent_out_of_range"),
        ({"running_royalty_percent": "-1"}, "running_royalty_percent", "percent_out_of_range"),
        ({"running_royalty_percent": "0.00001"}, "running_royalty_percent", "too_many_decimals"),
        ({"upfront_fee": float("nan")}, "upfront_fee", "not_exact"),
        ({"upfront_fee": float("inf")}, "upfront_fee", "not_exact"),
        ({"upfront_fee": True}, "upfront_fee", "not_exact"),
        ({"upfront_fee": -1}, "upfront_fee", "greater_than_equal"),
        ({"upfront_fee": 2**63}, "upfront_fee", "less_than_equal"),
        ({"upfront_fee": 5}, "currency", "currency_missing"),
        ({"currency": "XXX"}, "currency", "unknown_currency"),
        ({"territories": ["ZZ"]}, "territories", "unknown_territory"),
        ({"governing_law": "ZZ"}, "governing_law", "unknown_territory"),
        ({"ipc": ["Q99Z"]}, "ipc", "unknown_class"),
        ({"nice": [46]}, "nice", "unknown_class"),
        ({"start_on": 0}, "start_on", "date_type"),
        ({"start_on": "2026-02-30"}, "start_on", "date_from_datetime_parsing"),
        ({"start_on": "0001-01-01"}, "start_on", "date_out_of_range"),
        ({"notes": "a\x00b"}, "notes", "control_character"),
        ({"field_of_use": "x" * 501}, "field_of_use", "string_too_long"),
        ({"licence_fee": 5}, "licence_fee", "extra_forbidden"),
        ({"currency": "USD", "annual_cap": 1, "minimum_royalty": 2}, "annual_cap", "cap_below_minimum"),
        (
            {"currency": "USD", "running_royalty_percent": "1", "royalty_per_unit": 1},
            "royalty_per_unit",
            "royalty_mixed",
        ),
        ({"running_royalty_percent": "1", "royalty_base": "unit"}, "royalty_base", "royalty_base_mismatch"),
        ({"deal_type": "sole_licence", "exclusivity": "exclusive"}, "exclusivity", "exclusivity_contradicts_deal"),
        ({"territories": ["VN"], "excluded_territories": ["TH"]}, "excluded_territories", "excluded_not_granted"),
        ({"territories": ["VN"], "excluded_territories": ["VN"]}, "excluded_territories", "nothing_granted"),
    ],
)
def test_terms_that_cannot_be_are_refused_beside_their_field(data: dict[str, Any], field: str, code: str) -> None:
    assert (f"terms.{field}", code) in codes(**data)
    assert code in TERM_PROBLEMS


def test_a_blank_form_field_states_nothing() -> None:
    assert read_terms({"upfront_fee": "", "notes": "  ", "territories": [""], "currency": None}).stated() == {}


def test_equal_terms_have_one_spelling() -> None:
    one = read_terms({"running_royalty_percent": "5.00", "territories": ["th", "VN"], "ipc": ["c02f 1/44"]})
    other = read_terms({"running_royalty_percent": Decimal(5), "territories": ["VN", "TH"], "ipc": ["C02F0001440000"]})
    assert one.canonical() == other.canonical()


def test_terms_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        LicenceTerms().currency = "USD"  # type: ignore[misc]


def test_exclusions_are_taken_off_the_countries() -> None:
    terms = read_terms({"territories": ["ASEAN"], "excluded_territories": ["SG"]})
    assert len(terms.countries) == 10


def test_an_amount_is_money_of_the_terms_currency() -> None:
    assert read_terms({"currency": "VND", "upfront_fee": 5}).money("upfront_fee") == Money(5, "VND")


def test_an_exclusive_grant_back_is_flagged_and_allowed() -> None:
    assert warnings(read_terms({"grant_back": "exclusive"})) == ["grant_back_exclusive"]


def test_a_mark_without_quality_control_is_flagged() -> None:
    bare, kept = read_terms({}), read_terms({"quality_control": "Samples twice a year."})
    assert warnings(bare, [RightKind.TRADE_MARK]) == ["mark_without_quality_control"]
    assert warnings(kept, [RightKind.TRADE_MARK]) == []


@pytest.mark.parametrize(
    ("asked", "accepted", "field", "verdict"),
    [
        ({"currency": "USD", "upfront_fee": 5}, {"currency": "USD", "upfront_fee": 9}, "upfront_fee", MATCH),
        ({"currency": "USD", "upfront_fee": 9}, {"currency": "USD", "upfront_fee": 5}, "upfront_fee", GAP),
        ({"currency": "USD", "upfront_fee": 5}, {"currency": "SGD", "upfront_fee": 9}, "upfront_fee", UNKNOWN),
        ({"running_royalty_percent": "3"}, {"running_royalty_percent": "5"}, "running_royalty_percent", MATCH),
        (
            {"running_royalty_percent": "3", "royalty_base": "gross_sales"},
            {"running_royalty_percent": "5", "royalty_base": "net_sales"},
            "running_royalty_percent",
            UNKNOWN,
        ),
        (
            {"running_royalty_percent": "3"},
            {"currency": "USD", "royalty_per_unit": 5},
            "running_royalty_percent",
            UNKNOWN,
        ),
        ({"territories": ["ASEAN"]}, {"territories": ["VN", "TH"]}, "territories", MATCH),
        ({"territories": ["VN"]}, {"territories": ["VN", "TH"]}, "territories", GAP),
        (
            {"territories": ["ASEAN"], "excluded_territories": ["TH"]},
            {"territories": ["TH"]},
            "territories",
            GAP,
        ),
        ({"deal_type": "exclusive_licence"}, {"deal_type": "non_exclusive_licence"}, "deal_type", MATCH),
        ({"deal_type": "non_exclusive_licence"}, {"deal_type": "exclusive_licence"}, "deal_type", GAP),
        ({"deal_type": "assignment"}, {"deal_type": "exclusive_licence"}, "deal_type", GAP),
        ({"deal_type": "sole_licence"}, {"exclusivity": "exclusive"}, "exclusivity", GAP),
        ({"ipc": ["C02F"]}, {"ipc": ["C02F1/44"]}, "ipc", MATCH),
        ({"ipc": ["C02F1/44"]}, {"ipc": ["C02F"]}, "ipc", GAP),
        ({"term_years": 5}, {"term_years": 10}, "term_years", GAP),
        ({"until_last_expiry": True}, {"term_years": 10}, "term_years", UNKNOWN),
        ({"sublicensing": "free"}, {"sublicensing": "with_consent"}, "sublicensing", MATCH),
        ({"grant_back": "assignment"}, {"grant_back": "none"}, "grant_back", GAP),
        ({"support": ["training"]}, {"support": ["training", "drawings"]}, "support", GAP),
        ({"field_of_use": "Rice mills"}, {"field_of_use": "rice  mills"}, "field_of_use", MATCH),
        ({"field_of_use": "Rice mills"}, {"field_of_use": "Grain"}, "field_of_use", UNKNOWN),
    ],
)
def test_each_term_is_judged_by_its_own_rule(
    asked: dict[str, Any], accepted: dict[str, Any], field: str, verdict: Verdict
) -> None:
    assert verdicts(read_terms(asked), read_terms(accepted))[field] is verdict
