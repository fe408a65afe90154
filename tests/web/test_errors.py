"""An error page still knows who is asking, though the transaction it came from is gone."""

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.accounts import sessions
from backend.core.clock import now
from tests.conftest import make_person


def test_a_refusal_is_answered_in_the_readers_language(
    application: Any, clean_database: Engine, password_hash: str
) -> None:
    with Session(clean_database, expire_on_commit=False) as session, session.begin():
        who = make_person(session, password_hash, "dewi", "ID", "msme_small", locale="id")
        _login, token = sessions.start(
            session, who.user, organisation=who.organisation, address="127.0.0.1", user_agent="test", now=now()
        )
    with TestClient(application, follow_redirects=False) as browser:
        browser.cookies.set(sessions.cookie_name(), token)
        answer = browser.get("/review")
    assert answer.status_code == 403
    assert '<html lang="id"' in answer.text
