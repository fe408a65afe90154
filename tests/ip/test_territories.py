"""States, offices and the longest life of a right."""

from datetime import date

import pytest

from backend.core.money import EXPONENTS
from backend.ip.facts import Confidence
from backend.ip.territories import (
    COUNTRIES,
    MEMBER_STATES,
    expand,
    has_utility_model,
    is_member_state,
    is_office,
    latest_expiry,
    protection_term,
)
from backend.ip.vocabularies import RightKind


def test_asean_has_eleven_member_states_with_a_known_currency_each() -> None:
    assert len(MEMBER_STATES) == 11
    assert all(state.currency in EXPONENTS and state.languages for state in MEMBER_STATES.values())


def test_every_iso_country_is_an_office_code() -> None:
    assert len(COUNTRIES) == 249
    assert all(is_office(code) for code in ["WO", "EP", "EA", "US", "CN", "JP", "KR", *MEMBER_STATES])


def test_a_made_up_code_is_no_office() -> None:
    assert not is_office("ZZ")
    assert not is_office("vn")


def test_asean_expands_to_its_member_states() -> None:
    assert expand(["ASEAN", "JP"]) == {*MEMBER_STATES, "JP"}


def test_an_unknown_territory_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown territory"):
        expand(["Atlantis"])


def test_a_patent_ends_twenty_years_after_filing_at_most() -> None:
    day, rule = latest_expiry(RightKind.PATENT, "TH", date(2004, 2, 29))
    assert day == date(2024, 2, 29)
    assert rule.confidence is Confidence.VERIFIED


def test_a_leap_day_becomes_the_last_of_february() -> None:
    assert latest_expiry(RightKind.UTILITY_MODEL, "ID", date(2024, 2, 29))[0] == date(2034, 2, 28)


def test_where_sources_disagree_the_longer_term_bounds_and_the_doubt_is_kept() -> None:
    day, rule = latest_expiry(RightKind.UTILITY_MODEL, "LA", date(2020, 1, 1))
    assert (day, rule.confidence) == (date(2030, 1, 1), Confidence.CONFLICTING)


@pytest.mark.parametrize(
    ("kind", "office"),
    [(RightKind.TRADE_MARK, "VN"), (RightKind.PATENT, "WO"), (RightKind.PATENT, "TL"), (RightKind.KNOW_HOW, "SG")],
)
def test_no_end_is_invented_where_none_follows_from_filing(kind: RightKind, office: str) -> None:
    assert latest_expiry(kind, office, date(2020, 1, 1))[0] is None


def test_a_mark_is_renewable() -> None:
    assert protection_term(RightKind.TRADE_MARK, "VN").code == "renewable"


def test_a_date_near_the_end_of_the_calendar_has_no_expiry() -> None:
    assert latest_expiry(RightKind.PATENT, "VN", date(9999, 1, 1))[0] is None


def test_singapore_has_no_utility_model_and_viet_nam_has_one() -> None:
    assert has_utility_model("SG").value is False
    assert has_utility_model("VN").value is True
    assert has_utility_model("AR").value is None


def test_brunei_is_a_member_state_and_japan_is_not() -> None:
    assert is_member_state("BN")
    assert not is_member_state("JP")
