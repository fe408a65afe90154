"""Who belongs, who runs it, and how far its claims were checked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.accounts import organisations, sessions
from backend.accounts.schemas import OrganisationInput, read_organisation
from backend.core.clock import today
from backend.core.errors import Conflict, Invalid
from backend.core.events import history

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def as_input(organisation: Any) -> OrganisationInput:
    return OrganisationInput(organisation.name, organisation.kind, organisation.country)


def verified(db: Session, organisation: Any, olga: Any) -> None:
    organisations.verify(
        db, organisation, level=2, on=date(2026, 11, 2), source="Register of Viet Nam", actor=olga.actor
    )


def test_the_last_admin_cannot_leave(db: Session, alice: Any) -> None:
    with pytest.raises(Conflict) as refused:
        organisations.remove(db, organisations.members(db, alice.organisation)[0], actor=alice.actor)
    assert refused.value.code == "last_admin"


def test_the_last_admin_cannot_become_a_viewer(db: Session, alice: Any) -> None:
    with pytest.raises(Conflict):
        organisations.change_role(
            db, organisations.members(db, alice.organisation)[0], "viewer", actor=alice.actor
        )


def test_an_admin_can_leave_when_there_is_another(db: Session, alice: Any, bob: Any) -> None:
    organisations.add_member(db, alice.organisation, bob.user, "admin", actor=alice.actor)
    organisations.remove(db, organisations.members(db, alice.organisation)[0], actor=alice.actor)
    assert [m.user for m in organisations.members(db, alice.organisation)] == [bob.user]


def test_a_removed_members_browser_acts_for_the_organisation_no_longer(db: Session, alice: Any, bob: Any) -> None:
    membership = organisations.add_member(db, alice.organisation, bob.user, "editor", actor=alice.actor)
    _login, token = sessions.start(db, bob.user, organisation=alice.organisation, now=NOON)
    organisations.remove(db, membership, actor=alice.actor)
    db.expire_all()
    login = sessions.find(db, token, NOON)
    assert login is not None
    assert sessions.actor_of(db, login).organisation is bob.organisation
    assert not sessions.actor_of(db, login).belongs_to(alice.organisation.id)


def test_every_change_of_members_is_on_record(db: Session, alice: Any, bob: Any) -> None:
    membership = organisations.add_member(db, alice.organisation, bob.user, "viewer", actor=alice.actor)
    organisations.change_role(db, membership, "editor", actor=alice.actor)
    organisations.remove(db, membership, actor=alice.actor)
    assert [(event.verb, event.data["role"]) for event in history(db, membership)] == [
        ("membership.added", "viewer"), ("membership.changed", "editor"), ("membership.removed", "editor"),
    ]  # fmt: skip


def test_a_check_has_level_date_and_source(db: Session, alice: Any, olga: Any) -> None:
    verified(db, alice.organisation, olga)
    organisation = alice.organisation
    assert (organisation.verification_level, organisation.verified_on, organisation.verification_source) == (
        2, date(2026, 11, 2), "Register of Viet Nam",
    )  # fmt: skip
    assert [event.verb for event in history(db, organisation)] == ["organisation.verified"]


@pytest.mark.parametrize(
    ("level", "days_ahead", "source", "field"),
    [(2, 0, "", "source"), (2, 1, "Paper", "verified_on"), (5, 0, "Paper", "level"), (-1, 0, "Paper", "level")],
)
def test_a_check_without_source_or_from_the_future_is_refused(
    db: Session, alice: Any, olga: Any, level: int, days_ahead: int, source: str, field: str
) -> None:
    on = today() + timedelta(days=days_ahead)
    with pytest.raises(Invalid) as refused:
        organisations.verify(db, alice.organisation, level=level, on=on, source=source, actor=olga.actor)
    assert [finding.field for finding in refused.value.findings] == [field]


def test_going_back_to_v0_forgets_date_and_source(db: Session, alice: Any, olga: Any) -> None:
    verified(db, alice.organisation, olga)
    organisations.verify(db, alice.organisation, level=0, on=date(2026, 11, 3), source="", actor=olga.actor)
    assert alice.organisation.verified_on is None
    assert alice.organisation.verification_source is None


def test_a_new_name_starts_the_check_anew(db: Session, alice: Any, olga: Any) -> None:
    verified(db, alice.organisation, olga)
    organisations.edit(db, alice.organisation, replace(as_input(alice.organisation), name="Other"), actor=alice.actor)
    assert alice.organisation.verification_level == 0


def test_a_new_city_leaves_the_check_alone(db: Session, alice: Any, olga: Any) -> None:
    verified(db, alice.organisation, olga)
    organisations.edit(db, alice.organisation, replace(as_input(alice.organisation), city="Hue"), actor=alice.actor)
    assert alice.organisation.verification_level == 2


def test_a_number_taken_at_the_same_moment_is_refused_by_the_database(
    db: Session, alice: Any, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = OrganisationInput("Works", "msme_micro", "KH", registration_number="KH-1")
    organisations.create(db, alice.user, given)
    monkeypatch.setattr(organisations, "refuse_taken_number", lambda *_args, **_more: None)
    with pytest.raises(Invalid) as refused:
        organisations.create(db, bob.user, given)
    assert refused.value.findings[0].code == "duplicate_registration"


def test_the_same_number_in_another_country_is_another_number(db: Session, alice: Any, bob: Any) -> None:
    given = OrganisationInput("Works", "msme_micro", "KH", registration_number="1")
    organisations.create(db, alice.user, given)
    organisations.create(db, bob.user, replace(given, country="LA"))


def form(**changed: Any) -> dict[str, Any]:
    return {"name": "Works", "kind": "university", "country": "TH", **changed}


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"name": "x" * 201}, "name", "too_long"),
        ({"name": "a\x00b"}, "name", "control_character"),
        ({"name": "win at https://x.example"}, "name", "link"),
        ({"kind": "club"}, "kind", "unknown"),
        ({"country": "XX"}, "country", "unknown"),
        ({"country": ""}, "country", "required"),
        ({"website": "javascript:alert(1)"}, "website", "url"),
        ({"website": "https://a:b@x.example"}, "website", "url"),
        ({"website": "http://[x"}, "website", "url"),
        ({"languages": ["xx"]}, "languages", "unknown"),
    ],
)
def test_bad_answers_are_refused_beside_their_field(changed: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_organisation(form(**changed))
    assert (field, code) in [(finding.field, finding.code) for finding in refused.value.findings]


def test_an_organisation_is_written_to_in_its_countrys_languages_unless_it_says() -> None:
    assert read_organisation(form(country="SG")).languages == ("en", "zh", "ms", "ta")
    assert read_organisation(form(country="SG", languages="en")).languages == ("en",)


def test_a_registration_number_has_one_spelling() -> None:
    assert read_organisation(form(registration_number="  ab  12 ")).registration_number == "AB 12"
