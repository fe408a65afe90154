"""Every page, for everybody who may see it: accessible, whole on a phone, and silent in the console."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import NARROW, WIDE, Site

pytestmark = pytest.mark.browser

PUBLISHED = "SELECT id FROM listing WHERE state = 'published' ORDER BY published_at DESC, id LIMIT 1"
OPEN_NEED = "SELECT id FROM need WHERE state = 'published' ORDER BY published_at DESC, id LIMIT 1"
OWN = (
    "SELECT {noun}.id FROM {noun} JOIN membership m ON m.organisation_id = {noun}.organisation_id"
    " JOIN user_account u ON u.id = m.user_id WHERE u.email = :email AND {noun}.state = :state ORDER BY 1 LIMIT 1"
)
FOR_ALL = [
    "/", "/about", "/components", "/listings", "/listings?q=beras&right_kind=patent&trl_min=4", "/listings?q=qqzzxxvv",
    "/needs", "/needs?q=air", "/statistics", "/listings/{listing}", "/needs/{need}",
]
STRANGER = ["/login", "/register", "/register/sent", "/password/forgotten", "/password/forgotten/sent", "/no/such/page"]
OWNER = [
    "/dashboard", "/matches", "/matches?side=owner", "/matches/answers", "/notifications", "/listings/new",
    "/needs/new",
    "/listings/{draft}", "/listings/{draft}/edit", *[f"/listings/{{draft}}/guide/{step}" for step in (1, 2, 8, 9, 12)],
    "/listings/{draft}/guide/check", "/listings/{own}", "/profile", "/profile/email", "/profile/sessions",
    "/profile/tokens", "/organisation", "/organisation/members", "/organisation/choice", "/organisations/new",
]
SEEKER = [
    "/needs/{own_need}", "/needs/{own_need}/edit", "/needs/{own_need}/compare",
    "/needs/{own_need}/compare?match={match}", "/matches/{match}", "/dashboard",
]
STAFF = ["/review", "/review/listings/{waiting}", "/review/search-index", "/review/reading", "/dashboard"]
# Colours do not change with the width, and measuring them is nearly all of axe's work: once is enough.
RUN_AXE = """(width) => axe.run(document, {
  resultTypes: ["violations"], preload: false, rules: {"color-contrast": {enabled: width > 1000}},
}).then((found) => found.violations.map((one) =>
  `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`))"""


@pytest.fixture(scope="module")
def places(site: Site, until: Callable[..., Any]) -> dict[str, Any]:
    def own(noun: str, name: str, state: str) -> Any:
        return site.one(OWN.format(noun=noun), email=site.accounts[name]["email"], state=state)

    need = own("need", "bob", "published")
    best = "SELECT id FROM match WHERE need_id = :need ORDER BY score DESC LIMIT 1"
    return {
        "listing": site.one(PUBLISHED), "need": site.one(OPEN_NEED), "draft": own("listing", "alice", "draft"),
        "own": own("listing", "alice", "published"), "own_need": need,
        "match": until(lambda: site.one(best, need=need), "a match of Bob's"),
        "waiting": site.one("SELECT id FROM listing WHERE state IN ('submitted', 'in_review') ORDER BY id LIMIT 1"),
    }


@pytest.mark.parametrize(
    ("name", "language", "paths"),
    [
        (None, "id", FOR_ALL + STRANGER), ("alice", "vi", OWNER), ("bob", "th", SEEKER),
        ("olga", "en", [*STAFF, "/listings/{listing}", "/needs/{need}"]),
    ],
    ids=["a stranger", "an owner", "a seeker", "staff"],
)
def test_every_page_is_accessible_and_fits_a_phone(
    visit: Callable[..., Any], places: dict[str, Any], name: str | None, language: str, paths: list[str]
) -> None:
    visitor = visit(name)
    visitor.go(f"/about?lang={language}")
    wrong: list[str] = []
    for path in paths:
        page = visitor.go(path.format(**places))
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            if size is WIDE:
                page.evaluate(AXE_SCRIPT)
            wrong += [f"{path} at {size['width']}: {found}" for found in page.evaluate(RUN_AXE, size["width"])]
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beyond:
                wrong.append(f"{path} at {size['width']}: {beyond} pixels beyond the edge")
        wrong += [f"{path}: {found}" for found in visitor.violations()]
        assert page.locator("html").get_attribute("lang") == language
    assert wrong == []
