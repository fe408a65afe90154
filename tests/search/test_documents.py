"""What of a listing's rights and of its owner's wishes matching may read."""

from datetime import date
from typing import Any

import pytest

from backend.accounts.models import Organisation
from backend.core.clock import now
from backend.core.ids import new_id
from backend.listings.models import IpRight, Listing
from backend.search.documents import project

TODAY = date(2026, 6, 1)
OWNER = Organisation(
    id=new_id(), name="Sông Hậu", kind="msme_small", country="VN", languages=["vi", "en"], verification_level=0
)


def document(*rights: dict[str, Any], **fields: Any) -> dict[str, Any]:
    listing = Listing(
        id=new_id(), reference="X", organisation=OWNER, organisation_id=OWNER.id, state="published", language="vi",
        title="X", summary="", description="", problem="", advantages="", economic_comparison="", applications="",
        partner_role="", published_at=now(), terms_visibility="on_request", **{"kind": "patent", **fields},
    )
    listing.rights = [IpRight(**{"kind": "patent", "encumbrances": [], **right}) for right in rights]
    return project(listing, TODAY, "model")


@pytest.mark.parametrize("status", ["lapsed", "expired", "withdrawn", "refused", "revoked"])
def test_a_right_that_is_over_leaves_nothing_to_license_there(status: str) -> None:
    found = document({"office": "TH", "status": status}, {"office": "VN", "status": "granted"})
    assert (found["ended"], found["lapsed"], found["in_force"]) == (["TH"], False, ["VN"])


def test_a_right_past_its_last_day_is_over_whatever_its_status_says() -> None:
    found = document({"office": "TH", "status": "granted", "expires_on": date(2026, 5, 31)})
    assert (found["ended"], found["lapsed"]) == (["TH"], True)
    last_day = document({"office": "TH", "status": "granted", "expires_on": TODAY})
    assert (last_day["ended"], last_day["lapsed"]) == ([], False)


def test_another_right_that_lives_there_keeps_the_state() -> None:
    found = document({"office": "TH", "status": "lapsed"}, {"office": "TH", "status": "pending"})
    assert (found["ended"], found["lapsed"]) == ([], False)


def test_a_regional_right_in_force_keeps_the_listing_alive() -> None:
    found = document({"office": "TH", "status": "lapsed"}, {"office": "EP", "status": "granted"})
    assert (found["ended"], found["lapsed"]) == (["TH"], False)


def test_know_how_is_licensed_after_the_patent_has_lapsed() -> None:
    found = document({"office": "TH", "status": "lapsed"}, kind="know_how")
    assert (found["ended"], found["lapsed"]) == ([], False)


def test_without_rights_nothing_has_lapsed() -> None:
    assert document()["lapsed"] is False


@pytest.mark.parametrize(
    ("days", "until"),
    [([date(2030, 1, 1), date(2035, 1, 1)], date(2035, 1, 1)), ([date(2030, 1, 1), None], None), ([], None)],
)
def test_how_long_the_rights_last_is_known_where_each_one_says(days: list[date | None], until: date | None) -> None:
    rights = [{"office": "TH", "status": "granted", "expires_on": day} for day in days]
    assert document(*rights)["rights_until"] == until


def test_the_owners_wishes_and_languages_come_along() -> None:
    found = document(partner_kinds=["university"], excluded_countries=["SG"])
    assert found["partner_kinds"] == ["university"]
    assert found["excluded_countries"] == ["SG"]
    assert found["owner_languages"] == ["vi", "en"]
