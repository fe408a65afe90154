"""Whatever is sent to a page is answered calmly: a clear message, what was typed kept, and never a fault of ours."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import web
from backend.app import routes_of
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.needs.models import Need
from tests.browserless import token_of

ROUTES = [(method, route) for route in routes_of(web.routers()) for method in sorted(route.methods or ())]
GETS = sorted({route.path_format for method, route in ROUTES if method == "GET"})
POSTS = sorted({route.path_format for method, route in ROUTES if method == "POST"})
HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>{{7*7}}"
ODD = {
    "empty": "",
    "over-long": "x" * 100_000,
    "control characters": "a\x00b\x07c",
    "direction overrides": "safe\u202egnp.exe\u2066",
    "hostile": HOSTILE,
    "quotes": "' OR 1=1; DROP TABLE listing; --",
    "another script": "๑๒๓ ကခဂ 中文 ಠ",
    "a surrogate pair": "🧪" * 300,
    "a number": "99999999999999999999999999",
    "not a number": "NaN",
    "a date that is none": "2026-02-31",
}


@pytest.fixture
def filled(client: Any, listing: Listing, need: Need) -> Any:
    """`filled(path)`: an address with ids of rows that exist, of alice or bob."""
    client.cookies.set("lang", "en")

    def address(path: str) -> str:
        row = need.id if "/needs" in path else listing.id if "/listings" in path else new_id()
        return path.replace("{id}", str(row)).replace("{step}", "2").replace("{token}", "x" * 43)

    return address


@pytest.fixture
def enter(client: Any, request: pytest.FixtureRequest, sign_in: Any) -> Any:
    def run(name: str) -> None:
        if name != "anonymous":
            sign_in(client, request.getfixturevalue(name))

    return run


def is_calm(answer: Any, *statuses: int) -> None:
    assert answer.status_code < 500 or answer.headers["content-type"] == "application/json", answer.text[:500]
    if statuses:
        assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert "<script>alert(1)" not in answer.text
    assert "onerror=alert(2)>" not in answer.text.replace("onerror=alert(2)&gt;", "")
    assert "{{7*7}}" in answer.text or "49{" not in answer.text


@pytest.mark.parametrize("path", GETS)
def test_odd_questions_are_answered_calmly(client: Any, filled: Any, enter: Any, path: str) -> None:
    enter("olga" if path.startswith("/review") else "bob" if "/needs" in path else "alice")
    for value in ODD.values():
        value = value[:5_000]
        names = ("q", "page", "size", "sort", "next", "lang", "add", "owner_country", "side", "state", "kind", "need")
        is_calm(client.get(filled(path), params=dict.fromkeys(names, value)))
    for page in ("0", "-1", "501", "1e9", "9" * 40, "๓", "1.5", " 2"):
        is_calm(client.get(filled(path), params={"page": page}))
    is_calm(client.get(filled(path) + "?page=1&page=2&q=a&q=b&sort=newest&sort=title&lang=th&lang=en"))
    is_calm(client.get(filled(path) + "?q=%ff%fe&%00=%00&=&&&;a=b&q=%C0%80&lang=%ff"))
    is_calm(client.get(filled(path) + "?" + "&".join(f"f{n}=1" for n in range(1500))))


@pytest.mark.parametrize("path", [path for path in GETS if "{id}" in path])
def test_an_identifier_that_is_none_is_not_found(client: Any, enter: Any, path: str) -> None:
    enter("olga")
    for key in ("1", "%00", "..%2f..%2fetc%2fpasswd", "' OR 1=1", "ก", "x" * 3000):
        is_calm(client.get(path.replace("{id}", key).replace("{step}", "2")), 404)


@pytest.mark.parametrize("step", ["0", "13", "-1", "99999999999999999999", "x"])
def test_a_question_of_the_guide_that_is_none_is_not_found(
    client: Any, listing: Listing, enter: Any, step: str
) -> None:
    enter("alice")
    assert client.get(f"/listings/{listing.id}/guide/{step}").status_code in (303, 404)


def fields_of(client: Any, address: str) -> set[str]:
    page = client.get(address)
    if page.status_code != 200:
        return set()
    return set(re.findall(r'<(?:input|textarea|select)[^>]*\sname="([^"]+)"', page.text))


ANY_FIELD = (
    "email", "password", "name", "title", "description", "summary", "kind", "role", "reason", "note", "useful", "level",
    "country", "language", "languages", "locale", "next", "scope", "current_password", "new_password",
    "rights-0-office",
    "rights-0-registration_date", "rights-0-ipc", "terms-upfront_fee", "terms-currency", "requirements-0-value",
    "deadline", "budget_min", "currency", "territories", "sdgs", "trl", "_version", "_action", "_back", "website",
    "registration_number", "organisation_kind", "organisation_name", "accepted", "source", "digest",
)  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_odd_answers_in_every_field_of_every_form_are_taken_calmly(
    client: Any, filled: Any, enter: Any, db: Session, path: str
) -> None:
    who = "olga" if path.startswith("/review") else "bob" if "/needs" in path else "alice"
    enter(who)
    address = filled(path)
    names = set(ANY_FIELD) | fields_of(client, address) | fields_of(client, address.rpartition("/")[0] or "/")
    token = token_of(client)
    for value in ODD.values():
        data = dict.fromkeys(names, value[:20000]) | {"csrf_token": token}
        before = db.begin_nested()
        answer = client.post(address, data=data)
        is_calm(answer, 200, 204, 303, 401, 403, 404, 409, 422)
        if before.is_active:
            before.rollback()
        db.expire_all()


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_its_token_or_from_elsewhere_is_refused(
    client: Any, filled: Any, enter: Any, db: Session, path: str
) -> None:
    enter("alice")
    address, token = filled(path), token_of(client)
    before = db.scalar(select(func.count()).select_from(Listing))
    for data, headers in (
        ({}, {}),
        ({"csrf_token": "0" * 64}, {}),
        ({"csrf_token": "กขค"}, {}),
        ({"csrf_token": [token, token]}, {"origin": "https://evil.example"}),
        ({"csrf_token": token}, {"origin": "http://testserver.evil.example"}),
        ({"csrf_token": token}, {"sec-fetch-site": "cross-site"}),
        ({"csrf_token": token}, {"sec-fetch-site": "same-site"}),
    ):
        is_calm(client.post(address, data={"title": "x", **data}, headers=headers), 403)
    assert db.scalar(select(func.count()).select_from(Listing)) == before


def test_a_token_of_another_browser_does_not_fit(client: Any, application: Any) -> None:
    with TestClient(application, follow_redirects=False) as other:
        stolen = token_of(other)
    client.get("/login")
    is_calm(client.post("/login", data={"csrf_token": stolen, "email": "a@b.example"}), 403)


URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
BODIES: dict[str, tuple[bytes, dict[str, str], tuple[int, ...]]] = {
    "ten megabytes": (b"title=" + b"x" * 10_000_000, URLENCODED, (413,)),
    "too many fields": (b"&".join(b"f%d=1" % n for n in range(3000)), URLENCODED, (403, 413)),
    "broken UTF-8": (b"title=\xff\xfe%ff%fe&csrf_token=\xff", URLENCODED, (400, 403)),
    "a broken multipart": (b"--x\r\nnothing", {"content-type": "multipart/form-data; boundary=x"}, (400, 403)),
    "a multipart without a boundary": (b"x", {"content-type": "multipart/form-data"}, (400, 403)),
    "JSON": (b'{"title": "x"}', {"content-type": "application/json"}, (403,)),
    "no type": (b"title=x", {}, (403,)),
}


@pytest.mark.parametrize("how", BODIES)
@pytest.mark.parametrize("path", ["/login", "/register", "/listings", "/needs", "/profile", "/organisations"])
def test_a_broken_body_is_refused_with_a_page(client: Any, enter: Any, alice: Any, path: str, how: str) -> None:
    enter("alice")
    raw, headers, statuses = BODIES[how]
    answer = client.post(path, content=raw, headers=headers)
    is_calm(answer, *statuses)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1" in answer.text


def test_an_endless_body_is_cut_off(client: Any) -> None:
    def drops() -> Iterator[bytes]:
        for _drop in range(40):
            yield b"x" * 100_000

    is_calm(client.post("/login", content=drops(), headers=URLENCODED), 413)


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\n/evil.example",
     "///evil.example", "http:evil.example", " //evil.example", "%2f%2fevil.example", "evil.example",
     "/\t/evil.example"],
)  # fmt: skip
def test_signing_in_never_leads_to_another_site(client: Any, submit: Any, alice: Any, target: str) -> None:
    answer = submit(client, "/login", {"email": alice.user.email, "password": alice.password, "next": target})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where == "/dashboard" or where.startswith("/dashboard?")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/x"])
def test_going_back_never_leads_to_another_site(
    client: Any, filled: Any, enter: Any, submit: Any, bob: Any, target: str
) -> None:
    enter("bob")
    for path in ("/notifications/reading", "/profile/sessions/end", "/logout"):
        answer = submit(client, path, {"_back": target, "next": target, "back": target})
        assert "evil.example" not in answer.headers.get("location", "")


@pytest.mark.parametrize("path", ["/", "/login", "/listings", "/sitemap.xml", "/robots.txt", "/register", "/nothing"])
def test_the_host_header_is_never_believed(client: Any, path: str) -> None:
    answer = client.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    assert "evil.example" not in answer.text
    assert "evil.example" not in answer.headers.get("location", "")


def test_a_mails_link_does_not_follow_the_host_header(
    client: Any, submit: Any, alice: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.core import mail

    sent: list[str] = []
    monkeypatch.setattr(mail, "send", lambda _to, _subject, text, html: sent.append(text + html))
    token = token_of(client)
    client.post(
        "/password/forgotten", data={"email": alice.user.email, "csrf_token": token},
        headers={"x-forwarded-host": "evil.example"},
    )
    run_jobs()
    assert sent
    assert "http://testserver/password/reset/" in sent[0]
    assert "evil.example" not in sent[0]


def test_what_was_typed_is_kept_when_it_cannot_be_taken(client: Any, submit: Any, charlie: Any, sign_in: Any) -> None:
    client.cookies.set("lang", "en")
    answer = submit(client, "/register", {"email": "not an address", "name": "Dewi <b>", "password": "short"})
    assert answer.status_code == 422
    assert "not an address" in answer.text
    assert "Dewi &lt;b&gt;" in answer.text
    assert "short" not in re.sub(r"too short|shorter", "", answer.text).split("<main")[1].split("</main>")[0]


def test_bad_text_is_said_beside_its_field(client: Any, need: Need, submit: Any, bob: Any, sign_in: Any) -> None:
    client.cookies.set("lang", "en")
    sign_in(client, bob)
    data = {"title": "a\u202eb", "description": "fine", "deadline": "2026-02-31", "_action": "save"}
    answer = submit(client, f"/needs/{need.id}/edit", data)
    assert answer.status_code == 422
    assert "characters that cannot be shown" in answer.text
    assert "There is no such date" in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_a_method_that_no_page_takes_is_refused(client: Any, method: str) -> None:
    answer = client.request(method, "/listings")
    is_calm(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/", "/listings", "/healthz", "/robots.txt", "/nothing"])
def test_head_is_get_without_a_body(client: Any, path: str) -> None:
    head = client.head(path)
    assert head.status_code == client.get(path).status_code
    assert head.content == b""
