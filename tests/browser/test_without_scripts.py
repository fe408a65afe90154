"""The whole site with JavaScript switched off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def test_search_with_facets_works_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit(scripts=False).go("/listings?lang=en")
    page.fill("#q", "air")
    page.click("#search-form button[type=submit] >> nth=0")
    page.wait_for_url("**/listings?q=air*")
    total = int(page.locator("#results-count").inner_text().split()[0])
    box = page.locator(".facets input[type=checkbox]").first
    box.check()
    name = box.get_attribute("name")
    page.click(".facets button[type=submit]")
    page.wait_for_url(f"**{name}=*")
    assert 0 < int(page.locator("#results-count").inner_text().split()[0]) <= total
    page.click(".chips .chip >> nth=0")
    assert f"{name}=" not in page.url


def test_the_guided_way_to_list_works_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit("alice", scripts=False).go("/listings/new")
    page.select_option("[name=kind]", "know_how")
    page.click('button[name="_way"][value="guided"]')
    page.goto(page.url.rpartition("/")[0] + "/2")
    page.fill("input[name=title]", "Ghi chép không cần kịch bản")
    page.locator('button[name="_action"][value="leave"]').click()
    page.goto(page.url if "/listings/" in page.url else "/dashboard")
    assert "Ghi chép không cần kịch bản" in page.content()


def test_the_full_form_grows_a_row_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit("alice", scripts=False).go("/listings/new")
    page.select_option("[name=kind]", "patent")
    page.click('button[name="_way"][value="full"]')
    page.fill("input[name=title]", "Hai quyền trong một mẫu đơn")
    rows = page.locator('[name$="-office"]').count()
    page.locator('button[name="_add"][value="rights"]').click()
    assert page.locator('[name$="-office"]').count() == rows + 1
    assert page.input_value("input[name=title]") == "Hai quyền trong một mẫu đơn"


def test_a_need_shows_its_matches_by_reloading_and_takes_an_answer(
    site: Site, visit: Callable[..., Any], until: Callable[..., Any]
) -> None:
    page = visit("bob", scripts=False).go("/needs/new")
    page.fill("input[name=title]", "ต้องการวิธีกำจัดสีในน้ำเสียจากการย้อมผ้า")
    page.fill("textarea[name=description]", "โรงย้อมผ้าขนาดเล็กต้องการกำจัดสีในน้ำเสียโดยไม่ใช้สารเคมีและไม่เกิดตะกอนมาก")
    page.click("main form[action$='/needs'] button[type=submit]")
    page.wait_for_url("**/needs/*-*")

    def shown() -> bool:
        page.goto(page.url)
        return bool(page.locator("#matches article").count())

    until(shown, "a match on the page")
    page.locator('#matches button[name="useful"][value="yes"]').first.click()
    expect(page.locator("[role=status] .notice")).to_be_visible()


def test_the_language_is_switched_by_a_link(visit: Callable[..., Any]) -> None:
    page = visit(scripts=False).go("/needs?lang=en")
    page.locator('.site-foot a[hreflang="th"]').click()
    assert page.locator("html").get_attribute("lang") == "th"
    page.goto("/about")
    assert page.locator("html").get_attribute("lang") == "th"


def test_the_menu_opens_on_a_phone_without_scripts(visit: Callable[..., Any]) -> None:
    page = visit(scripts=False, narrow=True).go("/")
    page.locator(".bar-narrow > summary").click()
    expect(page.locator(".narrow-panel a[href='/login']")).to_be_visible()
