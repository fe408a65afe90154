"""A forgotten password and an invitation, from the form over the letter to the end."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import sessions
from backend.core.clock import now
from backend.core.settings import settings

NEW = "river lamp cobalt seven"
Letters = Callable[[], list[EmailMessage]]
PathIn = Callable[[EmailMessage, str], str]


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
