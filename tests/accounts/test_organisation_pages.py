"""What everybody sees of an organisation, what its admins may change, and what nobody else may."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.accounts import sessions
from backend.core.clock import now


def test_the_public_page_says_how_the_organisation_was_checked(client: Any, alice: Any, olga: Any, db: Session) -> None:
    from datetime import date

    from backend.accounts import organisations

    page = client.get(f"/organisations/{alice.organisation.id}").text
    assert "Nobody has checked it yet" in page
    organisations.verify(
        db, alice.organisation, level=2, on=date(2026, 11, 2), source="Register of Viet Nam", actor=olga.actor
    )
    page = client.get(f"/organisations/{alice.organisation.id}").text
    assert "Register of Viet Nam" in page
    assert "2026" in page


def test_the_public_page_names_no_person(client: Any, alice: Any) -> None:
    assert alice.user.email not in client.get(f"/organisations/{alice.organisation.id}").text


def test_an_organisation_that_is_not_there_is_not_found(client: Any, alice: Any) -> None:
    assert client.get("/organisations/00000000-0000-7000-8000-000000000000").status_code == 404
    assert client.get("/organisations/nonsense").status_code == 404


def test_staff_record_a_check_and_others_cannot(client: Any, alice: Any, olga: Any, sign_in: Any, submit: Any) -> None:
    path = f"/organisations/{alice.organisation.id}/verification"
    fields = {"level": "2", "verified_on": "2026-11-02", "source": "Register of Viet Nam"}
    sign_in(client, alice)
    assert submit(client, path, fields).status_code == 403
    client.cookies.delete("padan")
    sign_in(client, olga)
    assert submit(client, path, fields).status_code == 303
    assert alice.organisation.verification_level == 2


@pytest.mark.parametrize(
    "changed", [{"level": "9"}, {"verified_on": "yesterday"}, {"source": ""}, {"verified_on": "9999-01-01"}]
)
def test_a_check_that_makes_no_sense_is_shown_again(
    client: Any, alice: Any, olga: Any, sign_in: Any, submit: Any, changed: dict[str, str]
) -> None:
    sign_in(client, olga)
    fields = {"level": "2", "verified_on": "2026-11-02", "source": "Register of Viet Nam", **changed}
    assert submit(client, f"/organisations/{alice.organisation.id}/verification", fields).status_code == 422
    assert alice.organisation.verification_level == 0


def test_an_admin_edits_the_organisation(client: Any, alice: Any, sign_in: Any, submit: Any) -> None:
    sign_in(client, alice)
    fields = {"name": "Alice Works", "kind": "msme_small", "country": "VN", "city": "Hue", "languages": ["vi", "en"]}
    assert submit(client, "/organisation", fields).status_code == 303
    assert (alice.organisation.city, alice.organisation.languages) == ("Hue", ["vi", "en"])


def test_a_viewer_changes_nothing(client: Any, db: Session, alice: Any, bob: Any, sign_in: Any, submit: Any) -> None:
    from backend.accounts import organisations

    organisations.add_member(db, alice.organisation, bob.user, "viewer", actor=alice.actor)
    bob.organisation = alice.organisation
    sign_in(client, bob)
    fields = {"name": "Mine now", "kind": "msme_small", "country": "VN"}
    assert submit(client, "/organisation", fields).status_code == 403
    assert submit(client, "/organisation/members", email="eve@eve.example", role="admin").status_code == 403


def test_a_stranger_cannot_change_or_even_see_a_membership(
    client: Any, db: Session, alice: Any, charlie: Any, sign_in: Any, submit: Any
) -> None:
    from backend.accounts import organisations

    membership = organisations.members(db, alice.organisation)[0]
    sign_in(client, charlie)
    for end in ("role", "removal", "departure"):
        assert submit(client, f"/memberships/{membership.id}/{end}", role="viewer").status_code == 404


def test_the_last_admin_is_told_why_they_cannot_leave(
    client: Any, db: Session, alice: Any, sign_in: Any, submit: Any
) -> None:
    from backend.accounts import organisations

    membership = organisations.members(db, alice.organisation)[0]
    sign_in(client, alice)
    answer = submit(client, f"/memberships/{membership.id}/departure")
    assert answer.status_code == 409
    assert "needs an admin" in answer.text


def test_a_person_chooses_for_whom_they_act(
    client: Any, db: Session, alice: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    from backend.accounts import organisations

    organisations.add_member(db, alice.organisation, bob.user, "editor", actor=alice.actor)
    sign_in(client, bob)
    submit(client, f"/organisations/{alice.organisation.id}/choice")
    login = sessions.find(db, client.cookies["padan"], now())
    assert login is not None
    assert login.organisation_id == alice.organisation.id


def test_nobody_acts_for_an_organisation_they_do_not_belong_to(
    client: Any, alice: Any, charlie: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, charlie)
    assert submit(client, f"/organisations/{alice.organisation.id}/choice").status_code == 403


def test_a_second_organisation_can_be_added(client: Any, alice: Any, sign_in: Any, submit: Any, db: Session) -> None:
    sign_in(client, alice)
    answer = submit(client, "/organisations", name="Alice Institute", kind="research_institute", country="VN")
    assert answer.headers["location"] == "/organisation/members"
    assert "Alice Institute" in client.get("/organisation/members").text


def test_a_control_character_in_a_checks_source_is_shown_again(
    client: Any, alice: Any, olga: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, olga)
    fields = {"level": "2", "verified_on": "2026-11-02", "source": "a\x00b"}
    assert submit(client, f"/organisations/{alice.organisation.id}/verification", fields).status_code == 422


def test_an_organisation_cannot_flood_strangers_with_invitations(
    client: Any, alice: Any, sign_in: Any, submit: Any
) -> None:
    from backend.accounts import ratelimit

    for _attempt in range(30):
        ratelimit.check_invitations(alice.organisation.id)
    sign_in(client, alice)
    assert submit(client, "/organisation/members", email="eve@eve.example", role="viewer").status_code == 429
