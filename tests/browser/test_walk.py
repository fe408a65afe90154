"""The main job in four languages: list, review, publish, search, post a need, see the explained match, be told."""

import email
import email.policy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.i18n import country_name, gettext, use_locale
from tests.browser.conftest import PATIENCE, Site

pytestmark = pytest.mark.browser

TITLE = "Máy làm đá vảy chạy bằng điện mặt trời cho tàu cá nhỏ"
NEED = "ต้องการเครื่องทำน้ำแข็งพลังงานแสงอาทิตย์สำหรับเรือประมงขนาดเล็ก"
ASKED_IN_FILIPINO = "makinang gumagawa ng yelo gamit ang enerhiya ng araw para sa maliit na bangkang pangisda"
ANSWERS: list[dict[str, Any]] = [
    {"kind": "patent", "lister_role": "owner"},
    {"title": TITLE, "language": "vi"},
    {"problem": "Tàu cá nhỏ mua đá ở bờ; sau hai ngày đá tan và cá mất giá. Máy đá dùng dầu đi-ê-zen quá đắt."},
    {"description": "Tấm pin mặt trời trên mái tàu chạy máy nén và làm nước đá vảy từ nước biển để giữ cá tươi. Đá "
     "được chứa trong khoang cách nhiệt. Khi trời nhiều mây, máy dùng khối trữ lạnh đã đông từ hôm trước."},
    {"advantages": "Làm 120 kg đá mỗi ngày mà không tốn dầu; cá giữ được 5 ngày, so với 2 ngày khi mang đá từ bờ."},
    {"stage": "on_market"},
    {"ipr_status": "granted"},
    {"rights-0-office": "VN", "rights-0-status": "granted", "rights-0-registration_number": "1-0047712",
     "rights-0-registration_date": "2023-03-14", "rights-0-application_number": "1-2020-05121",
     "rights-0-application_date": "2020-09-08"},
    {"deal_types": ["non_exclusive_licence"]},
    {"partner_role": "Xưởng đóng tàu hoặc nhà sản xuất máy lạnh làm và bán máy tại nước mình; chúng tôi "
     "đào tạo hai tuần.",
     "partner_kinds": ["msme_small", "university"], "territories": ["TH", "PH"]},
    {"sectors": ["blue"], "technology_keywords": "máy làm đá, điện mặt trời", "market_keywords": "tàu cá, hải sản"},
    {"summary": "Doanh nghiệp nhỏ tại Việt Nam cấp li-xăng không độc quyền cho máy làm đá vảy chạy bằng điện mặt trời "
     "trên tàu cá nhỏ, giữ cá tươi 5 ngày mà không tốn dầu.", "nothing_confidential": True},
]
PROBLEM = (
    "ชาวประมงพื้นบ้านต้องซื้อน้ำแข็งจากฝั่ง น้ำแข็งละลายในสองวันและปลาเสียราคา เราต้องการเครื่องทำน้ำแข็งเกล็ดที่ใช้แผงโซลาร์เซลล์บนหลังคาเรือ "
    "ทำน้ำแข็งจากน้ำทะเลเพื่อรักษาความสดของปลาโดยไม่ใช้น้ำมันดีเซล"
)
COMPLETION: dict[str, Any] = {
    "summary": "มหาวิทยาลัยในประเทศไทยหาสิทธิใช้เครื่องทำน้ำแข็งพลังงานแสงอาทิตย์บนเรือประมงขนาดเล็กเพื่อรักษาความสดของปลา",
    "why_needed": "ปลาที่ขึ้นฝั่งหนึ่งในสี่เสียราคา ชาวประมงเสียรายได้ราวเดือนละ 4,000 บาทต่อลำ",
    "requirements-0-parameter": "น้ำแข็งต่อวัน", "requirements-0-operator": "at_least", "requirements-0-value": "100",
    "requirements-0-unit": "kg", "requirements-0-importance": "must",
    "used_in": ["TH"], "min_trl": "7", "deal_types": ["non_exclusive_licence"], "sectors": ["blue"],
    "deadline": (date.today() + timedelta(days=40)).isoformat(),  # noqa: DTZ011 - the site's own day is near enough
    "decision_on": (date.today() + timedelta(days=80)).isoformat(),  # noqa: DTZ011
    "technology_keywords": "เครื่องทำน้ำแข็ง, โซลาร์เซลล์", "market_keywords": "เรือประมง",
}


def fill(page: Page, answers: dict[str, Any]) -> None:
    """Fill in controls by name, whatever kind they are; a list or True ticks boxes."""
    for name, answer in answers.items():
        for one in answer if isinstance(answer, list) else [answer]:
            box = page.locator(f'main [name="{name}"]')
            kind = box.first.evaluate("control => control.type")
            if kind in ("radio", "checkbox"):
                (box.first if one is True else page.locator(f'main [name="{name}"][value="{one}"]')).check()
            elif kind == "select-one":
                box.select_option(one)
            else:
                box.fill(one)


def review_and_publish(page: Page, title: str) -> None:
    page.goto("/review")
    page.get_by_role("link", name=title).click()
    page.click('main form[action$="/review"] button')
    for box in page.locator('main [name="accepted"]').all():
        box.check()
    page.click('main form[action$="/publication"] button')
    expect(page.locator('main form[action$="/publication"]')).to_have_count(0)


def letters(site: Site, to: str, about: str) -> list[tuple[str, str]]:
    """(subject, text) of the mails to one address that have these words in them."""
    found = []
    for path in sorted((site.var / "mail").glob("*")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        part = message.get_body(("plain",))
        body = part.get_content() if part is not None else ""
        if to in str(message["To"]) and about in body:
            found.append((str(message["Subject"]), body))
    return found


def in_language(locale: str, message: str, country: str) -> str:
    """A message as that language has it; English would mean that it is not translated."""
    with use_locale(locale):
        translated = gettext(message) % {"country": country_name(country)}
    assert translated != message % {"country": country_name(country)}
    return translated


def test_from_a_right_in_viet_nam_to_a_match_explained_in_thai(
    site: Site, visit: Callable[..., Any], until: Callable[..., Any]
) -> None:
    alice, bob, olga, tita = (visit(name).page for name in ("alice", "bob", "olga", "tita"))

    # Alice lists a right, one plain question after another, in Vietnamese.
    alice.goto("/listings/new")
    assert alice.locator("html").get_attribute("lang") == "vi"
    alice.select_option("[name=kind]", "patent")
    alice.click('button[name="_way"][value="guided"]')
    alice.wait_for_url("**/guide/*")
    first = int(alice.url.rpartition("/")[2])  # what was answered already is not asked again
    for number, answers in enumerate(ANSWERS[first - 1 :], first):
        alice.wait_for_url(f"**/guide/{number}")
        fill(alice, answers)
        alice.locator('main button[name="_action"][value="next"]').last.click()
    alice.wait_for_url("**/guide/check")
    alice.click('main form[action$="/submission"] button')
    listing = alice.url.rpartition("/")[2]
    expect(alice.locator("main h1")).to_have_text(TITLE)

    # Olga, of another organisation, reads it and publishes it.
    review_and_publish(olga, TITLE)

    # Tita asks in Filipino and finds it.
    def found_by_tita() -> bool:
        tita.goto("/listings")
        tita.fill("#q", ASKED_IN_FILIPINO)
        tita.press("#q", "Enter")
        tita.wait_for_url("**/listings?q=*")
        tita.wait_for_load_state("networkidle")
        return TITLE in tita.locator("#results article").locator("h3").all_inner_texts()[:3]

    until(found_by_tita, "the listing to be found in Filipino, among the first three")

    # Bob posts his problem in Thai, two answers only, and the match comes to him without reloading.
    bob.goto("/needs/new")
    assert bob.locator("html").get_attribute("lang") == "th"
    fill(bob, {"title": NEED, "description": PROBLEM})
    bob.click("main form[action$='/needs'] button[type=submit]")
    bob.wait_for_url("**/needs/*-*")
    bob.evaluate("window.stayed = true")
    card = bob.locator("#matches article", has_text=TITLE)
    expect(card).to_be_visible(timeout=PATIENCE * 1000)
    assert bob.evaluate("window.stayed") is True
    need = bob.url.rpartition("/")[2].partition("?")[0]
    expect(card.locator(".reason-match").first).to_be_visible()
    expect(card.locator(".evidence q").first).to_be_visible()
    card.locator("details.more", has=bob.locator(".reason-unknown")).locator("summary").first.click()
    expect(card.locator(".reason-unknown").first).to_be_visible()
    match = card.get_attribute("id").removeprefix("match-")
    assert site.one("SELECT count(*) FROM notification WHERE key = :key", key=f"match.found:{match}") <= 1

    # He completes it, Olga publishes it.
    bob.click(f'main a[href="/needs/{need}/edit"]:visible >> nth=0')
    fill(bob, COMPLETION)
    bob.click('main button[name="_action"][value="submit"]:visible')
    bob.wait_for_url(f"**/needs/{need}")
    review_and_publish(olga, NEED)

    # Both are told, each in their language, in the app and by mail.
    told = {
        "alice": (alice, in_language("vi", "A need in %(country)s may fit your listing", "TH")),
        "bob": (bob, in_language("th", "A listing from %(country)s may fit your need", "VN")),
    }
    for name, (page, sentence) in told.items():
        until(lambda name=name: letters(site, site.accounts[name]["email"], f"/matches/{match}"), f"a mail to {name}")
        page.goto("/notifications")
        expect(page.locator(f'main a[href="/matches/{match}"]')).to_have_text(sentence)
    until(
        lambda: site.one("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')") == 0,
        "the queue to be empty",
    )
    for name, (_page, sentence) in told.items():
        [(_subject, body)] = letters(site, site.accounts[name]["email"], f"/matches/{match}")
        assert sentence in body
        assert body.count(f"/matches/{match}") == 1

    # What is missing and what is not known stand beside what fits.
    bob.goto(f"/matches/{match}")
    for verdict in ("match", "unknown"):
        expect(bob.locator(f".reason-{verdict}").first).to_be_visible()
    alice.goto(f"/matches/{match}")
    expect(alice.locator("main h1")).to_be_visible()
    assert listing in alice.content()
