"""One test for each rule: the whole listing is clean, and one thing spoilt is found where it stands."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.clock import today
from backend.listings import service
from backend.listings.models import Listing
from backend.listings.schemas import ListingInput
from backend.publication import service as publication
from backend.publication.quality import Finding, Severity
from tests.listings.examples import WHOLE, whole

Gate = Callable[..., list[Finding]]
RIGHT = WHOLE["rights"][0]


@pytest.fixture
def gate(db: Session, alice: Any) -> Gate:
    """What is found on the whole listing with some answers changed."""

    def run(**changes: Any) -> list[Finding]:
        listing = service.create(db, alice.actor, alice.organisation, whole(**changes))
        return service.findings(db, listing)

    return run


def told(found: list[Finding]) -> set[tuple[str, str, str]]:
    return {(finding.rule, finding.field, finding.code) for finding in found}


def test_a_whole_listing_has_nothing_to_mend_and_the_full_score(db: Session, alice: Any) -> None:
    listing = service.create(db, alice.actor, alice.organisation, whole())
    assert service.findings(db, listing) == []
    assert listing.quality == 100


@pytest.mark.parametrize(
    "field",
    ["title", "summary", "description", "problem", "advantages", "stage", "ipr_status", "deal_types", "partner_role",
     "territories", "sectors"],
)
def test_q1_what_is_missing_blocks(gate: Gate, field: str) -> None:
    found = gate(**{field: None})
    assert ("Q1", field, "missing") in told(found)
    assert [f.severity for f in found if f.field == field and f.code == "missing"] == [Severity.BLOCKER]


def test_q1_a_name_needs_no_stage_and_no_figures(gate: Gate) -> None:
    found = gate(kind="trade_mark", problem=None, advantages=None, stage=None, trl=None)
    assert not {"problem", "advantages", "stage"} & {f.field for f in found}


def test_q1_the_author_confirms_that_nothing_is_confidential(gate: Gate) -> None:
    assert ("Q1", "nothing_confidential", "not_confirmed") in told(gate(nothing_confidential=False))


@pytest.mark.parametrize("title", ["Innovative solution", "Patent for sale", "เทคโนโลยีใหม่", "A filter"])
def test_q1_a_title_says_what_it_is_about(gate: Gate, title: str) -> None:
    assert ("Q1", "title", "generic_title") in told(gate(title=title))


@pytest.mark.parametrize("field", ["technology_keywords", "market_keywords"])
def test_q2_keywords_are_needed(gate: Gate, field: str) -> None:
    assert ("Q2", field, "one_to_five") in told(gate(**{field: []}))


def test_q3_more_than_three_deals_look_undecided(gate: Gate) -> None:
    deals = ["non_exclusive_licence", "exclusive_licence", "assignment", "joint_venture"]
    assert ("Q3", "deal_types", "too_many") in told(gate(deal_types=deals))


@pytest.mark.parametrize(
    ("summary", "named"),
    [
        ("A filter cartridge of burnt rice husk for wells.", False),
        ("Công ty cấp phép sử dụng lõi lọc từ tro trấu cho các nhà sản xuất thiết bị lọc nước.", True),
        ("บริษัทให้สิทธิอนุญาตใช้ไส้กรองจากแกลบเผา", True),
        ("Perusahaan menawarkan lisensi atas penyaring dari sekam padi.", True),
    ],
)
def test_q3_the_summary_names_the_deal_in_any_language(gate: Gate, summary: str, named: bool) -> None:
    assert (("Q3", "summary", "deal_not_named") not in told(gate(summary=summary))) == named


def test_q3_the_partners_role_is_explained(gate: Gate) -> None:
    assert ("Q3", "partner_role", "thin") in told(gate(partner_role="A good partner."))


def test_q4_an_advantage_has_a_figure(gate: Gate) -> None:
    assert ("Q4", "advantages", "no_figure") in told(gate(advantages="Takes out far more arsenic than sand."))
    assert ("Q4", "advantages", "no_figure") not in told(gate(advantages="กรองสารหนูได้ร้อยละ ๙๗ ดีกว่าทราย"))


def test_q4_praise_needs_evidence(gate: Gate) -> None:
    assert ("Q4", "description", "praise") in told(gate(description="This is a unique filter for wells. It is small."))
    assert ("Q4", "description", "praise") not in told(gate(description="The best of 12 filters in a test of 2024."))


@pytest.mark.parametrize(
    ("leak", "code"),
    [
        ("Write to hello@filter.example.vn for more.", "email"),
        ("See www.filter-of-ours.com for more.", "url"),
        ("Call +84 24 3825 1234 for more.", "phone"),
        ("Alice MSME Small has made filters for years.", "owner_name"),
        ("It is protected by patent 1-0031234.", "right_number"),
    ],
)
def test_q5_nothing_in_an_anonymous_listing_tells_who_owns_it(gate: Gate, leak: str, code: str) -> None:
    text = WHOLE["description"] + " " + leak
    assert ("Q5", "description", code) in told(gate(anonymous=True, description=text))
    assert not [f for f in gate(anonymous=False, description=text) if f.rule == "Q5"]


def test_q6_a_granted_right_is_named_with_its_number(gate: Gate) -> None:
    assert ("Q6", "rights", "granted_without_number") in told(gate(rights=[]))
    assert ("Q6", "rights", "granted_without_number") in told(gate(rights=[{"office": "VN", "status": "granted"}]))


def test_q7_a_number_the_office_does_not_write_is_for_the_reviewer(gate: Gate) -> None:
    found = gate(rights=[{**RIGHT, "application_number": "12"}])
    finding = next(f for f in found if f.code == "number_malformed")
    assert (finding.field, finding.severity, finding.person_decides) == (
        "rights.0.application_number", Severity.BLOCKER, True
    )


def test_q7_a_right_that_has_ended_is_not_in_force(gate: Gate) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert ("Q7", "rights.0.expires_on", "ended") in told(gate(rights=[{**RIGHT, "expires_on": yesterday}]))


def test_q8_the_lister_is_the_recorded_owner_or_acts_for_it(gate: Gate) -> None:
    rights = [{**RIGHT, "owners": ["Somebody Quite Different"]}]
    assert ("Q8", "rights.0.owners", "not_the_recorded_owner") in told(gate(rights=rights))
    assert not [f for f in gate(rights=rights, lister_role="authorised_agent") if f.rule == "Q8"]


def test_q9_co_owners_agree_to_a_deal_that_binds_them(gate: Gate) -> None:
    rights = [{**RIGHT, "owners": ["Alice Msme Small", "University of Cần Thơ"]}]
    assert ("Q9", "rights.0.owners", "co_owners") in told(gate(rights=rights, deal_types=["exclusive_licence"]))
    assert not [f for f in gate(rights=rights) if f.rule == "Q9"]


def test_q10_what_is_taken_is_not_offered_again(gate: Gate) -> None:
    def offer(territories: list[str], until: str | None = None) -> set[tuple[str, str, str]]:
        burden = {"kind": "exclusive_licence", "territories": territories, "until": until}
        return told(gate(rights=[{**RIGHT, "encumbrances": [burden]}]))

    taken = ("Q10", "rights.0.encumbrances.0.territories", "taken")
    assert taken in offer(["TH"])
    assert taken in offer(["ASEAN"])
    assert taken not in offer(["VN"])
    assert taken not in offer(["TH"], until="2020-01-01")


def test_q10_another_field_of_use_is_free(gate: Gate) -> None:
    burden = {"kind": "exclusive_licence", "territories": ["TH"], "field": "aquaculture ponds"}
    rights = [{**RIGHT, "encumbrances": [burden]}]
    free = gate(rights=rights, terms={"field_of_use": "drinking water", "deal_type": "non_exclusive_licence"})
    assert not [f for f in free if f.rule == "Q10"]


def test_q11_an_unfiled_invention_is_only_a_teaser_and_the_danger_is_known(gate: Gate) -> None:
    found = told(gate(ipr_status="none_applied", rights=[], description="word " * 400))
    assert {("Q11", "novelty_acknowledged", "novelty_at_risk"), ("Q11", "description", "more_than_a_teaser")} <= found
    assert not [f for f in gate(ipr_status="none_applied", rights=[], novelty_acknowledged=True) if f.rule == "Q11"]


def test_q12_an_unfiled_recipe_is_warned_of(gate: Gate) -> None:
    text = "The husk is burnt at 650 °C and mixed 3:1 with clay."
    found = gate(ipr_status="none_applied", rights=[], novelty_acknowledged=True, description=text)
    assert [f.severity for f in found if f.rule == "Q12"] == [Severity.WARNING]
    assert not [f for f in gate(description=text) if f.rule == "Q12"]


def test_q13_the_same_words_twice_are_found(db: Session, published: Listing, gate: Gate) -> None:
    assert ("Q13", "title", "near_duplicate") in told(gate(rights=[]))
    slightly = WHOLE["title"].replace("takes", "removes")
    assert ("Q13", "title", "near_duplicate") in told(gate(title=slightly, rights=[]))


def test_q13_the_same_right_twice_is_found_whoever_lists_it(
    db: Session, published: Listing, gate: Gate, bob: Any
) -> None:
    other = {**RIGHT, "publication_number": "VN 1 2019 04567 A", "registration_number": None, "owners": []}
    new_words = {"title": "Cartridge of burnt husk for village wells with arsenic", "rights": [other]}
    assert ("Q13", "rights", "right_listed_already") in told(gate(**new_words))
    theirs = service.create(db, bob.actor, bob.organisation, whole(**new_words))
    assert ("Q13", "rights", "right_listed_elsewhere") in told(service.findings(db, theirs))


@pytest.mark.parametrize("words", ["Order now from our shop.", "Xem bảng giá của chúng tôi.", "สั่งซื้อได้ทันที"])
def test_q14_selling_products_is_for_the_reviewer_to_decide(gate: Gate, words: str) -> None:
    finding = next(f for f in gate(description=WHOLE["description"] + " " + words) if f.rule == "Q14")
    assert (finding.severity, finding.person_decides) == (Severity.BLOCKER, True)


def test_q15_weapons_are_for_the_reviewer_to_refuse(gate: Gate) -> None:
    assert [f.field for f in gate(applications="Parts of a firearm.") if f.rule == "Q15"] == ["applications"]


def test_q18_a_mark_has_classes_goods_use_and_control_of_quality(gate: Gate) -> None:
    mark = {"kind": "trade_mark", "office": "VN", "registration_number": "4-0312345", "status": "granted"}
    found = told(gate(kind="trade_mark", rights=[mark]))
    assert {f[2] for f in found if f[0] == "Q18"} == {"no_classes", "no_goods", "no_use", "naked_licence"}
    whole_mark = {**mark, "nice": [11], "goods_services": "Water filters", "last_use_on": "2026-01-05"}
    terms = {"deal_type": "non_exclusive_licence", "quality_control": "Samples twice a year."}
    assert not [f for f in gate(kind="trade_mark", rights=[whole_mark], terms=terms) if f.rule == "Q18"]


def test_q19_a_green_claim_has_metric_baseline_and_evidence(gate: Gate) -> None:
    assert ("Q19", "environmental_benefits", "green_without_benefit") in told(gate(green=True))
    bare = [{"benefit": "energy_saving", "metric": "No electricity at all"}]
    assert ("Q19", "environmental_benefits.0.baseline", "unsubstantiated") in told(
        gate(green=True, environmental_benefits=bare)
    )
    shown = [{**bare[0], "baseline": "Reverse osmosis, 1.2 kWh per m3", "evidence": "independent_test"}]
    assert not [f for f in gate(green=True, environmental_benefits=shown) if f.rule == "Q19"]


def test_q23_a_summary_does_not_repeat_the_title(gate: Gate) -> None:
    title = "Licence for a rice husk filter that takes arsenic out of well water"
    assert ("Q23", "summary", "repeats_itself") in told(gate(title=title, summary=title + "."))


def test_every_finding_says_how_to_mend_it(db: Session, alice: Any) -> None:
    empty = service.create(db, alice.actor, alice.organisation, ListingInput(green=True, anonymous=True))
    found = service.findings(db, empty)
    assert all(str(f.mend) and str(f.message) and f.field for f in found)
    assert publication.findings(db, empty)
    assert empty.quality == 0


def test_a_country_both_wanted_and_not_wanted_is_a_contradiction(gate: Gate) -> None:
    contradiction = ("Q1", "excluded_countries", "contradiction")
    assert contradiction in told(gate(territories=["KH", "LA"], excluded_countries=["LA"]))
    assert contradiction in told(gate(territories=["ASEAN"], excluded_countries=["LA"]))
    assert contradiction not in told(gate(territories=["KH", "LA"], excluded_countries=["SG"]))
