"""No stranger reads or changes what is another's: every route with a row in its path, for everybody who may ask."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend import api, web
from backend.accounts import invitations, sessions, tokens
from backend.accounts.models import Membership
from backend.app import routes_of
from backend.core.clock import now
from backend.core.ids import new_id
from backend.listings import service as listings
from backend.matching.models import Match, MatchFeedback
from backend.needs import service as needs
from backend.notifications.models import Notification
from backend.policy import PERMISSIONS
from tests.listings.examples import whole
from tests.needs.examples import need_input
from tests.test_permissions import declared

CANARY = "kenari-7f3a"
# What everybody may see of an organisation is its page; what one may not do there is refused with 403.
PUBLIC = {"organisation"}


def table() -> list[tuple[str, str, str, str]]:
    """(method, path, noun of the row, permission) of every route that has a row in its path."""
    found = []
    for prefix, rooms in (("", web.routers()), (api.PREFIX, api.routers())):
        for route in routes_of(rooms):
            if "{id}" in route.path_format:
                permission = next(iter(declared(route.dependant)))
                for method in sorted(route.methods or ()):
                    found.append((method, prefix + route.path_format, permission.partition(".")[0], permission))
    return found


TABLE = table()
IDS = [f"{method} {path}" for method, path, _noun, _permission in TABLE]
each_route = pytest.mark.parametrize(("method", "path", "noun", "permission"), TABLE, ids=IDS)


@pytest.fixture
def rows(db: Session, alice: Any, bob: Any) -> dict[str, Any]:
    """One private row of each noun with the canary in it: of bob what has to do with needs, else of alice."""
    listing = listings.create(
        db, alice.actor, alice.organisation,
        whole(title=f"Husk filter {CANARY}", terms={"notes": CANARY, "upfront_fee": 1, "currency": "USD"}),
    )
    wanted = need_input(title=f"Wanted {CANARY}", description=f"Wanted for {CANARY}")
    need = needs.create(db, bob.actor, bob.organisation, wanted)
    match = Match(need=need, listing=listing, score=0.8, reasons=[])
    login, _token = sessions.start(
        db, alice.user, organisation=alice.organisation, address="127.0.0.1", user_agent=CANARY, now=now()
    )
    token, _raw = tokens.create(db, alice.actor, CANARY, "read", alice.organisation)
    guest = f"{CANARY}@guest.example"
    invitation = invitations.invite(db, alice.organisation, guest, "viewer", actor=alice.actor, now=now())
    membership = db.query(Membership).filter_by(user_id=alice.user.id).one()
    notification = Notification(user_id=bob.user.id, verb="match.found", key="k", data={"title": CANARY}, url="/")
    answer = MatchFeedback(match=match, user_id=bob.user.id, side="seeker", useful=True, note=CANARY)
    db.add_all([match, notification, answer])
    db.flush()
    db.expire_all()
    return {
        "listing": listing, "need": need, "match": match, "login_session": login, "api_token": token,
        "invitation": invitation, "membership": membership, "notification": notification,
        "match_feedback": answer,
        "organisation": alice.organisation,
    }


@pytest.fixture
def ask(
    client: Any, db: Session, rows: dict[str, Any], sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> Callable[..., Any]:
    """`ask(who, method, path, noun)` as a signed-in browser, or under /api as a program with a token that writes."""

    def run(who: Any, method: str, path: str, noun: str) -> Any:
        address = path.replace("{id}", str(rows[noun].id)).replace("{step}", "2")
        if path.startswith(api.PREFIX):
            headers = {}
            if who is not None:
                _row, raw = tokens.create(db, who.actor, "test", "write", who.organisation)
                headers = {"authorization": f"Bearer {raw}"}
            body = {"title": "Taken over", "description": "x"} if method in ("POST", "PATCH") else None
            return client.request(method, address, json=body, headers=headers)
        if who is not None:
            sign_in(client, who)
        fields = {"title": "Taken over", "reason": "spam", "role": "admin", "useful": "yes", "level": "4"}
        return client.get(address) if method == "GET" else submit(client, address, fields)

    return run


def snapshot(rows: dict[str, Any]) -> dict[str, Any]:
    return {
        noun: {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "last_used_at"}
        for noun, row in rows.items()
    }


@each_route
def test_a_stranger_is_told_nothing_and_changes_nothing(
    ask: Any, rows: dict[str, Any], charlie: Any, db: Session, method: str, path: str, noun: str, permission: str
) -> None:
    before = snapshot(rows)
    answer = ask(charlie, method, path, noun)
    if permission == "organisation.view":
        assert answer.status_code == 200
    else:
        assert answer.status_code == (403 if noun in PUBLIC else 404)
    assert CANARY not in answer.text + str(answer.headers)
    db.expire_all()
    assert snapshot(rows) == before


@each_route
def test_nobody_in_particular_is_sent_to_sign_in_or_told_nothing(
    ask: Any, rows: dict[str, Any], db: Session, method: str, path: str, noun: str, permission: str
) -> None:
    before = snapshot(rows)
    answer = ask(None, method, path, noun)
    if permission == "organisation.view":
        assert answer.status_code == 200
    elif answer.status_code == 303:
        assert answer.headers["location"].startswith("/login")
    else:
        assert answer.status_code == (401 if PERMISSIONS[permission].write else 404)
    assert CANARY not in answer.text + str(answer.headers)
    db.expire_all()
    assert snapshot(rows) == before


@each_route
def test_what_is_private_is_answered_like_what_does_not_exist(
    ask: Any, rows: dict[str, Any], charlie: Any, method: str, path: str, noun: str, permission: str
) -> None:
    if noun in PUBLIC:
        return
    for who in (None, charlie):
        there = ask(who, method, path, noun)
        missing = ask(who, method, path.replace("{id}", str(new_id())), noun)
        assert there.status_code == missing.status_code


@each_route
def test_a_member_who_only_views_changes_nothing(
    ask: Any, rows: dict[str, Any], person: Any, db: Session, alice: Any, bob: Any,
    method: str, path: str, noun: str, permission: str,
) -> None:  # fmt: skip
    viewer = person("vera", "VN", "msme_small")
    viewer.organisation = bob.organisation if noun in ("need", "match", "notification") else alice.organisation
    db.query(Membership).filter_by(user_id=viewer.user.id).delete()
    db.add(Membership(user_id=viewer.user.id, organisation_id=viewer.organisation.id, role="viewer"))
    db.flush()
    before = snapshot(rows)
    answer = ask(viewer, method, path, noun)
    allowed = {"organisation.view", "organisation.choose", "match.answer", f"{noun}.view", "need.own", "listing.own"}
    if permission in allowed and noun not in ("api_token", "login_session", "invitation", "notification"):
        assert answer.status_code in (200, 303, 422)  # 422: nothing was chosen to compare
    else:
        assert answer.status_code in (403, 404)
    db.expire_all()
    assert snapshot(rows) == before


@each_route
def test_staff_neither_edit_nor_speak_for_others(
    ask: Any, rows: dict[str, Any], olga: Any, db: Session, method: str, path: str, noun: str, permission: str
) -> None:
    before = snapshot(rows)
    answer = ask(olga, method, path, noun)
    db.expire_all()
    if permission == "organisation.verify":
        assert answer.status_code in (303, 422)
        return
    if method != "GET" and not permission.endswith(".review"):
        assert answer.status_code in (403, 404)
    assert answer.status_code != 500
    assert snapshot(rows) == before


@pytest.mark.parametrize("path", ["/listings/{id}", "/listings/{id}/edit", api.PREFIX + "/listings/{id}"])
def test_the_owner_does_see_the_canary(ask: Any, alice: Any, path: str) -> None:
    """The control: the tests above look for something that is there."""
    answer = ask(alice, "GET", path, "listing")
    assert (answer.status_code, CANARY in answer.text) == (200, True)


@pytest.mark.parametrize("path", ["/needs/{id}", "/needs/{id}/edit", api.PREFIX + "/needs/{id}"])
def test_the_seeker_does_see_the_canary(ask: Any, bob: Any, path: str) -> None:
    answer = ask(bob, "GET", path, "need")
    assert (answer.status_code, CANARY in answer.text) == (200, True)


def test_lists_and_searches_never_hold_what_is_private(
    client: Any, rows: dict[str, Any], run_jobs: Callable[[], int], charlie: Any, sign_in: Callable[..., Any]
) -> None:
    run_jobs()
    for who in (None, charlie):
        if who is not None:
            sign_in(client, who)
        for path in ("/", "/listings", "/needs", "/dashboard", "/matches", "/notifications", "/sitemap.xml",
                     "/listings/suggestions?q=kenari", "/needs/suggestions?q=kenari", f"/listings?q={CANARY[:6]}",
                     f"{api.PREFIX}/listings?q=husk", f"{api.PREFIX}/needs?q=wanted"):
            answer = client.get(path)
            assert answer.status_code in (200, 303), path
            assert CANARY not in answer.text, path


def test_a_member_who_has_left_is_a_stranger(
    ask: Any, db: Session, alice: Any, tita: Any, rows: dict[str, Any]
) -> None:
    membership = Membership(user_id=tita.user.id, organisation_id=alice.organisation.id, role="admin")
    db.add(membership)
    db.flush()
    tita.organisation = alice.organisation
    assert ask(tita, "GET", "/listings/{id}", "listing").status_code == 200
    db.delete(membership)
    db.flush()
    db.expire_all()
    for path in ("/listings/{id}", "/listings/{id}/edit"):
        assert ask(tita, "GET", path, "listing").status_code == 404
