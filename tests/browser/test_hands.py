"""What one does with the keyboard and the back button, and what is kept when a session ends."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, sign_in

pytestmark = pytest.mark.browser
FOCUS = """() => {
  const at = document.activeElement, look = getComputedStyle(at);
  return {name: at.name || at.id || at.className || at.tagName,
          ring: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2};
}"""


def test_the_first_stop_skips_to_the_content(visit: Callable[..., Any]) -> None:
    page = visit().go("/about")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_menu_opens_and_closes_by_keyboard(visit: Callable[..., Any]) -> None:
    page = visit("alice").go("/about")
    summary = page.locator(".bar-wide details.drop > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".bar-wide a[href='/profile']")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".bar-wide a[href='/profile']")).to_be_hidden()
    expect(summary).to_be_focused()


@pytest.mark.parametrize("path", ["/login", "/listings", "/needs/new"])
def test_every_stop_of_the_tab_key_is_seen(visit: Callable[..., Any], path: str) -> None:
    page = visit("bob" if path == "/needs/new" else None).go(path)
    page.evaluate("document.querySelector('main').focus()")
    unseen, reached = [], set()
    for _step in range(30):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        reached.add(found["name"])
        if not found["ring"] and found["name"] != "BODY":
            unseen.append(found["name"])
    assert unseen == []
    assert reached & {"email", "q", "title"}


def test_suggestions_are_walked_by_arrow_keys(visit: Callable[..., Any], until: Callable[..., Any]) -> None:
    page = visit().go("/listings")
    page.locator("#q").press_sequentially("solar")
    until(lambda: page.locator("#q-suggestions [role=option]").count(), "suggestions")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#q-suggestions [aria-selected=true]")
    expect(chosen).to_have_count(1)
    words = chosen.get_attribute("data-value")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value(words)


def test_what_was_typed_is_still_there_after_the_back_button(visit: Callable[..., Any]) -> None:
    page = visit("bob").go("/needs/new")
    page.fill("input[name=title]", "พิมพ์ไว้แล้ว")
    page.fill("textarea[name=description]", "ข้อความที่พิมพ์ต้องไม่หาย")
    page.goto("/about")
    page.go_back()
    assert page.input_value("input[name=title]") == "พิมพ์ไว้แล้ว"
    assert page.input_value("textarea[name=description]") == "ข้อความที่พิมพ์ต้องไม่หาย"


def test_a_draft_is_restored_after_the_session_has_ended(site: Site, visit: Callable[..., Any]) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, site.accounts["alice"])
    page.goto("/listings/new")
    page.select_option("[name=kind]", "software")
    page.click('button[name="_way"][value="guided"]')
    page.wait_for_url("**/guide/*")
    here = page.url.rpartition("/")[0] + "/2"
    page.goto(here)
    visitor.context.clear_cookies()
    with page.expect_response("**/draft"):
        page.fill("input[name=title]", "Phần mềm ghi sổ cho hợp tác xã")
    page.goto(here)
    page.fill("input[name=email]", site.accounts["alice"]["email"])
    page.fill("input[name=password]", site.accounts["alice"]["password"])
    page.click("main form button[type=submit]")
    page.wait_for_url(here)
    assert page.input_value("input[name=title]") == "Phần mềm ghi sổ cho hợp tác xã"


def test_the_search_narrows_without_leaving_the_page(visit: Callable[..., Any]) -> None:
    page = visit().go("/listings")
    page.evaluate("window.stayed = true")
    page.locator(".facets input[type=checkbox]").first.check()
    page.wait_for_url("**/listings?*=*")
    expect(page.locator(".chips .chip")).to_have_count(1)
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator(".chips .chip")).to_have_count(0)
