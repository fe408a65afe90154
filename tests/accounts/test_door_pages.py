"""The door as a browser meets it: what a stranger can learn, what a form keeps, what a cookie says."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import sessions
from backend.accounts.models import Organisation, User
from backend.core.clock import now
from backend.core.settings import settings

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
    from fastapi.responses import Response

    from backend.web.session import set_session_cookie

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
    answer = submit(client, "/register", joining(email="eve@eve.example", organisation_registration_number="kh-1"))
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


# Bad input and what is left behind


@pytest.mark.parametrize("email", ["\x00", "a\x00b@x.example", "x" * 100_000, "' OR 1=1 --", "alice@alice.example\n"])
def test_no_address_breaks_the_door(client: Any, submit: Any, email: str) -> None:
    assert submit(client, "/login", email=email, password="x").status_code == 422


@pytest.mark.parametrize("path", ["/verify/%00", "/verify/%ff", "/invitations/' OR 1=1", "/profile/sessions/1/end"])
def test_no_link_breaks_the_door(client: Any, path: str) -> None:
    assert client.get(path).status_code in (404, 405)


def test_the_secret_of_a_link_is_not_logged(
    client: Any, alice: Any, submit: Any, letters: Letters, path_in: PathIn, capfd: pytest.CaptureFixture[str]
) -> None:
    submit(client, "/password/forgotten", email=alice.user.email)
    path = path_in(letters()[0], "/password/reset/")
    client.get(path)
    captured = capfd.readouterr()
    assert path not in captured.out + captured.err
