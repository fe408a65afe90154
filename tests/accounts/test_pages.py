"""The door as a browser meets it: what a stranger can learn, what a form keeps, what a cookie says."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from backend.accounts import sessions, tokens
from backend.accounts.models import LoginSession, Organisation, User
from backend.core.clock import now
from backend.core.settings import settings
from sqlalchemy import func, select
from sqlalchemy.orm import Session

NEW = "river lamp cobalt seven"
Letters = Callable[[], list[EmailMessage]]
PathIn = Callable[[EmailMessage, str], str]


def joining(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Dara", "email": "dara@dara.example", "password": NEW, "organisation_name": "Dara Works",
        "organisation_kind": "msme_micro", "organisation_country": "KH", "organisation_registration_number": "",
        **changed,
    }  # fmt: skip


def without_tokens(html: str) -> str:
    """Two pages are the same when they differ in nothing but the browser's own tokens."""
    return re.sub(r'nonce="[^"]*"|value="[0-9a-f]{64}"', "", html)


# Sign in and out


def test_signing_in_leads_where_one_was_going(client: Any, alice: Any, submit: Any) -> None:
    answer = submit(client, "/login", email=alice.user.email, password=alice.password, next="/needs/new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/needs/new")


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\r\nX: y", ""]
)
def test_signing_in_leads_to_no_other_site(client: Any, alice: Any, submit: Any, target: str) -> None:
    answer = submit(client, "/login", email=alice.user.email, password=alice.password, next=target)
    assert answer.headers["location"] == "/dashboard"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Any, alice: Any, submit: Any) -> None:
    answer = submit(client, "/login", email=alice.user.email, password=alice.password)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("padan="))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/" in cookie
    assert "domain" not in cookie.lower()


def test_with_tls_the_cookie_is_secure_and_bound_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.web.session import set_session_cookie
    from fastapi.responses import Response

    monkeypatch.setattr(settings(), "base_url", "https://padan.example")
    response = Response()
    set_session_cookie(response, "secret")
    assert response.headers["set-cookie"].startswith("__Host-padan=secret;")
    assert "Secure" in response.headers["set-cookie"]


def test_a_wrong_password_keeps_the_address_and_never_the_password(client: Any, alice: Any, submit: Any) -> None:
    answer = submit(client, "/login", email=alice.user.email, password="wrong horse battery")
    assert answer.status_code == 422
    assert alice.user.email in answer.text
    assert "wrong horse battery" not in answer.text


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Any, alice: Any, submit: Any) -> None:
    known = submit(client, "/login", email=alice.user.email, password="wrong horse battery")
    unknown = submit(client, "/login", email="nobody@nobod.example", password="wrong horse battery")
    assert known.status_code == unknown.status_code
    known_body = without_tokens(known.text).replace(alice.user.email, "")
    assert known_body == without_tokens(unknown.text).replace("nobody@nobod.example", "")


def test_signing_in_gives_a_new_cookie_and_ends_the_old_session(
    client: Any, db: Session, alice: Any, submit: Any
) -> None:
    submit(client, "/login", email=alice.user.email, password=alice.password)
    before = client.cookies["padan"]
    submit(client, "/login", email=alice.user.email, password=alice.password)
    assert client.cookies["padan"] != before
    assert sessions.find(db, before, now()) is None


def test_the_eleventh_wrong_password_is_told_to_wait(client: Any, alice: Any, submit: Any) -> None:
    for _attempt in range(10):
        assert submit(client, "/login", email=alice.user.email, password="wrong horse battery").status_code == 422
    answer = submit(client, "/login", email=alice.user.email, password=alice.password)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_an_unknown_address_is_told_to_wait_just_as_soon(client: Any, alice: Any, submit: Any) -> None:
    for _attempt in range(10):
        submit(client, "/login", email="nobody@nobody.example", password="wrong horse battery")
    assert submit(client, "/login", email="nobody@nobody.example", password="x").status_code == 429


def test_a_form_without_its_token_does_nothing(client: Any, alice: Any) -> None:
    answer = client.post("/login", data={"email": alice.user.email, "password": alice.password})
    assert answer.status_code == 403
    assert "padan" not in client.cookies


def test_signing_out_ends_the_session_and_not_just_the_cookie(
    client: Any, db: Session, alice: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, alice)
    token = client.cookies["padan"]
    answer = submit(client, "/logout")
    assert answer.headers["location"] == "/"
    assert answer.headers["clear-site-data"] == '"cache"'
    assert sessions.find(db, token, now()) is None


def test_signing_out_by_a_link_is_not_possible(client: Any, alice: Any, sign_in: Any) -> None:
    assert sign_in(client, alice).get("/logout").status_code in (404, 405)


# Join


def test_joining_leads_from_the_form_over_the_mail_to_the_first_sign_in(
    client: Any, db: Session, submit: Any, letters: Letters, path_in: PathIn
) -> None:
    answer = submit(client, "/register", joining())
    assert answer.headers["location"] == "/register/sent"
    path = path_in(letters()[0], "/verify/")
    assert client.get(path).status_code == 200
    assert db.scalars(select(User.email_verified_at)).all() == [None]
    assert submit(client, path).headers["location"] == "/login"
    answer = submit(client, "/login", email="dara@dara.example", password=NEW)
    assert answer.headers["location"] == "/dashboard"


def test_a_known_address_gets_the_same_answer_as_a_new_one(
    client: Any, alice: Any, submit: Any, letters: Letters
) -> None:
    known = submit(client, "/register", joining(email=alice.user.email))
    new = submit(client, "/register", joining())
    assert (known.status_code, known.text, known.headers["location"]) == (
        new.status_code, new.text, new.headers["location"],
    )  # fmt: skip
    assert sorted(letter["to"] for letter in letters()) == [alice.user.email, "dara@dara.example"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "not an address"}, "Write an e-mail address"),
        ({"password": "short"}, "Use at least 12 characters"),
        ({"password": "password12345"}, "easy to guess"),
        ({"name": ""}, "Please fill this in"),
        ({"organisation_kind": "club"}, "choose one from the list"),
        ({"organisation_country": ""}, "Please choose one"),
        ({"name": "x" * 10_000}, "Use at most 120 characters"),
        ({"name": "a\u202eb"}, "control characters"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_stores_nothing(
    client: Any, db: Session, submit: Any, changed: dict[str, str], words: str
) -> None:
    answer = submit(client, "/register", joining(**changed))
    assert answer.status_code == 422
    assert words in answer.text
    assert NEW not in answer.text
    assert "Dara Works" in answer.text
    assert db.scalar(select(func.count()).select_from(User)) == 0


def test_a_number_that_is_taken_stores_no_half_of_the_registration(client: Any, db: Session, submit: Any) -> None:
    submit(client, "/register", joining(organisation_registration_number="KH-1"))
    answer = submit(
        client, "/register", joining(email="eve@eve.example", organisation_registration_number="kh-1")
    )
    assert answer.status_code == 422
    assert "registration number is on Padan already" in answer.text
    assert db.scalar(select(User).where(User.email == "eve@eve.example")) is None
    assert db.scalar(select(func.count()).select_from(Organisation)) == 1


def test_markup_in_a_name_is_shown_as_text(client: Any, submit: Any) -> None:
    answer = submit(client, "/register", joining(name="<script>alert(1)</script>", email=""))
    assert "<script>alert(1)</script>" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_a_link_that_is_no_longer_good_is_not_found(client: Any, submit: Any) -> None:
    for path in ("/verify/nonsense", "/password/reset/nonsense", "/invitations/nonsense"):
        assert client.get(path).status_code == 404


# Forgotten password


def test_a_reset_leads_from_the_form_over_the_mail_to_a_new_password(
    client: Any, alice: Any, submit: Any, letters: Letters, path_in: PathIn
) -> None:
    submit(client, "/password/forgotten", email=alice.user.email)
    path = path_in(letters()[0], "/password/reset/")
    assert client.get(path).status_code == 200
    assert submit(client, path, new_password=NEW).headers["location"] == "/login"
    assert client.get(path).status_code == 404
    assert submit(client, "/login", email=alice.user.email, password=NEW).status_code == 303


def test_a_reset_for_an_unknown_address_gets_the_same_answer(
    client: Any, alice: Any, submit: Any, letters: Letters
) -> None:
    known = submit(client, "/password/forgotten", email=alice.user.email)
    unknown = submit(client, "/password/forgotten", email="nobody@nobody.example")
    assert (known.status_code, known.text, known.headers["location"]) == (
        unknown.status_code, unknown.text, unknown.headers["location"],
    )  # fmt: skip
    assert [letter["to"] for letter in letters()] == [alice.user.email]


def test_the_sixth_reset_of_a_day_is_told_to_wait(client: Any, submit: Any) -> None:
    for _attempt in range(5):
        assert submit(client, "/password/forgotten", email="nobody@nobody.example").status_code == 303
    assert submit(client, "/password/forgotten", email="nobody@nobody.example").status_code == 429


def test_a_bad_new_password_does_not_spend_the_link(
    client: Any, alice: Any, submit: Any, letters: Letters, path_in: PathIn
) -> None:
    submit(client, "/password/forgotten", email=alice.user.email)
    path = path_in(letters()[0], "/password/reset/")
    assert submit(client, path, new_password="short").status_code == 422
    assert submit(client, path, new_password=NEW).status_code == 303


def test_links_in_mails_never_follow_the_requests_host(client: Any, alice: Any, letters: Letters) -> None:
    from tests.browserless import token_of

    fields = {"email": alice.user.email, "csrf_token": token_of(client)}
    client.post("/password/forgotten", data=fields, headers={"host": "evil.example"})
    assert "evil.example" not in letters()[0].as_string()
    assert settings().base_url in letters()[0].as_string().replace("=\n", "")


# Invitation


def test_an_invited_person_signs_in_and_joins(
    client: Any, db: Session, alice: Any, bob: Any, sign_in: Any, submit: Any, letters: Letters, path_in: PathIn
) -> None:
    sign_in(client, alice)
    submit(client, "/organisation/members", email=bob.user.email, role="viewer")
    path = path_in(letters()[0], "/invitations/")
    client.cookies.delete("padan")
    sign_in(client, bob)
    assert submit(client, f"{path}/acceptance").headers["location"] == "/dashboard"
    login = sessions.find(db, client.cookies["padan"], now())
    assert login is not None
    assert sessions.actor_of(db, login).organisation == alice.organisation


def test_a_new_person_joins_by_the_link_and_is_signed_in(
    client: Any, db: Session, alice: Any, sign_in: Any, submit: Any, letters: Letters, path_in: PathIn
) -> None:
    sign_in(client, alice)
    submit(client, "/organisation/members", email="dara@dara.example", role="editor")
    path = path_in(letters()[0], "/invitations/")
    client.cookies.delete("padan")
    assert client.get(path).status_code == 200
    answer = submit(client, f"{path}/registration", name="Dara", password=NEW)
    assert answer.headers["location"] == "/dashboard"
    login = sessions.find(db, client.cookies["padan"], now())
    assert login is not None
    assert login.user.email == "dara@dara.example"


def test_an_invitation_for_another_address_is_refused(
    client: Any, alice: Any, charlie: Any, sign_in: Any, submit: Any, letters: Letters, path_in: PathIn
) -> None:
    sign_in(client, alice)
    submit(client, "/organisation/members", email="dara@dara.example", role="admin")
    path = path_in(letters()[0], "/invitations/")
    client.cookies.delete("padan")
    sign_in(client, charlie)
    assert "another address" in client.get(path).text
    assert submit(client, f"{path}/acceptance").status_code == 403


# Profile


def test_the_profile_can_be_changed(client: Any, alice: Any, sign_in: Any, submit: Any) -> None:
    sign_in(client, alice)
    submit(client, "/profile", name="Alice Tran", locale="th", notify="daily")
    assert (alice.user.name, alice.user.locale, alice.user.notify) == ("Alice Tran", "th", "daily")


def test_changing_the_password_renews_this_browser_and_ends_the_others(
    client: Any, db: Session, alice: Any, sign_in: Any, submit: Any
) -> None:
    _login, elsewhere = sessions.start(db, alice.user, now=now())
    sign_in(client, alice)
    before = client.cookies["padan"]
    answer = submit(client, "/profile/password", current_password=alice.password, new_password=NEW)
    assert answer.headers["location"] == "/profile"
    assert sessions.find(db, before, now()) is None
    assert sessions.find(db, elsewhere, now()) is None
    after = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("padan="))
    assert sessions.find(db, after.split("=")[1].split(";")[0], now()) is not None


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/profile/password", {"new_password": NEW}),
        ("/profile/email", {"email": "new@new.example"}),
        ("/profile/tokens", {"name": "import", "scope": "write"}),
    ],
)
def test_what_could_take_an_account_over_asks_for_the_password(
    client: Any, alice: Any, sign_in: Any, submit: Any, letters: Letters, path: str, fields: dict[str, str]
) -> None:
    sign_in(client, alice)
    answer = submit(client, path, fields, current_password="wrong horse battery")
    assert answer.status_code == 422
    assert letters() == []
    assert "padan_" not in answer.text


def test_a_token_is_shown_once(client: Any, db: Session, alice: Any, sign_in: Any, submit: Any) -> None:
    sign_in(client, alice)
    answer = submit(client, "/profile/tokens", name="import", scope="write", current_password=alice.password)
    raw = tokens.SHAPE.search(answer.text)
    assert raw is not None
    assert answer.headers["cache-control"] == "no-store"
    assert tokens.find(db, raw.group(0), now()) is not None
    assert tokens.SHAPE.search(client.get("/profile/tokens").text) is None


def test_a_token_can_be_revoked(client: Any, db: Session, alice: Any, sign_in: Any, submit: Any) -> None:
    token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    sign_in(client, alice)
    submit(client, f"/profile/tokens/{token.id}/revocation")
    assert tokens.find(db, raw, now()) is None


def test_somebody_elses_token_does_not_exist_for_me(
    client: Any, db: Session, alice: Any, charlie: Any, sign_in: Any, submit: Any
) -> None:
    token, raw = tokens.create(db, alice.actor, "import", "read", alice.organisation)
    sign_in(client, charlie)
    assert submit(client, f"/profile/tokens/{token.id}/revocation").status_code == 404
    assert tokens.find(db, raw, now()) is not None


def test_another_browser_can_be_signed_out(client: Any, db: Session, alice: Any, sign_in: Any, submit: Any) -> None:
    login, token = sessions.start(db, alice.user, user_agent="Old phone", now=now())
    sign_in(client, alice)
    assert "Old phone" in client.get("/profile/sessions").text
    submit(client, f"/profile/sessions/{login.id}/end")
    assert sessions.find(db, token, now()) is None


def test_signing_out_everywhere_signs_out_here_too(
    client: Any, db: Session, alice: Any, sign_in: Any, submit: Any
) -> None:
    sessions.start(db, alice.user, now=now())
    sign_in(client, alice)
    submit(client, "/profile/sessions/end")
    assert db.scalar(select(func.count()).select_from(LoginSession)) == 0


@pytest.mark.parametrize(
    "path", ["/profile", "/profile/sessions", "/profile/tokens", "/profile/email", "/organisation",
             "/organisation/members", "/organisation/choice", "/organisations/new"],
)  # fmt: skip
def test_rooms_of_ones_own_ask_strangers_to_sign_in_and_show_members_a_page(
    client: Any, alice: Any, sign_in: Any, path: str
) -> None:
    assert client.get(path).headers["location"] == f"/login?next={path.replace('/', '%2F')}"
    assert sign_in(client, alice).get(path).status_code == 200


# Organisations


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


def test_staff_record_a_check_and_others_cannot(
    client: Any, alice: Any, olga: Any, sign_in: Any, submit: Any
) -> None:
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
