"""What must be mended before a need is reviewed, beside the field that has to be mended."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.clock import today
from backend.needs import service as needs
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication.quality import blockers
from tests.needs.examples import BRIEF, need_input

SOON = today() + timedelta(days=13)


def found(db: Session, bob: Any, **changes: Any) -> set[tuple[str, str, str]]:
    need = needs.create(db, bob.actor, bob.organisation, need_input(**changes))
    return {(finding.rule, finding.field, finding.code) for finding in needs.findings(db, need)}


def test_a_complete_need_has_nothing_to_mend(db: Session, need: Need) -> None:
    assert needs.findings(db, need) == []


def test_title_and_description_alone_are_not_ready_for_review(db: Session, bob: Any) -> None:
    need = needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))
    assert {finding.field for finding in blockers(needs.findings(db, need))} == {
        "summary", "why_needed", "requirements", "used_in", "deal_types", "sectors", "deadline", "decision_on",
        "min_trl", "technology_keywords", "market_keywords",
    }


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"market_keywords": []}, ("Q2", "market_keywords", "missing")),
        ({"kind": "challenge"}, ("Q1", "award", "missing")),
        ({"kind": "licence_request"}, ("Q1", "right_kinds", "missing")),
        ({"anonymous": True, "why_needed": "Write to us: bob@bob.example"}, ("Q5", "why_needed", "email")),
        ({"anonymous": True, "summary": "Bob University looks for filters."}, ("Q5", "summary", "owner_name")),
        ({"description": "Order now, see our price list."}, ("Q14", "description", "direct_sale")),
        ({"requirements": [{"parameter": "Colour"}]}, ("Q20", "requirements.0.value", "no_value")),
        ({"requirements": [{"parameter": "Colour", "operator": "free_text", "value": "blue"}]},
         ("Q20", "requirements", "not_measurable")),
        ({"deadline": SOON.isoformat()}, ("Q21", "deadline", "deadline_too_soon")),
        ({"deadline": (SOON + timedelta(days=9)).isoformat(), "decision_on": (SOON + timedelta(days=22)).isoformat()},
         ("Q21", "decision_on", "decision_too_soon")),
        ({"summary": "Arsenic out of village well water without electricity."}, ("Q23", "summary", "repeats_itself")),
    ],
)
def test_a_gap_is_named_beside_its_field(
    db: Session, bob: Any, changes: dict[str, Any], finding: tuple[str, str, str]
) -> None:
    assert finding in found(db, bob, **changes)


def test_the_second_need_in_the_same_words_is_a_duplicate(
    db: Session, need: Need, bob: Any, tita: Any, publish: Any
) -> None:
    publish(need, bob)
    again = needs.create(db, tita.actor, tita.organisation, need_input())
    assert [finding.code for finding in needs.findings(db, again)] == ["duplicate"]


def test_a_published_need_is_measured_by_the_day_it_was_published(
    db: Session, need: Need, bob: Any, publish: Any
) -> None:
    publish(need, bob)
    assert need.published_at is not None
    need.published_at -= timedelta(days=100)
    need.deadline = today() + timedelta(days=3)
    assert needs.findings(db, need) == []
