"""A person's own rooms: nobody else gets in, and what matters asks for the password."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import sessions, tokens
from backend.accounts.models import LoginSession
from backend.core.clock import now

NEW = "river lamp cobalt seven"
Letters = Callable[[], list[EmailMessage]]


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
