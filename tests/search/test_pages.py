"""The results pages and the search API, as a browser without scripts and a program see them."""

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", page.text)


def test_a_search_shows_cards_with_the_words_marked(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane <b>"), make_listing(alice, "Bamboo loom"))

    page = client.get("/listings?q=membrane")

    assert page.status_code == 200
    assert "Ceramic <mark>membrane</mark> &lt;b&gt;" in page.text
    assert "Bamboo" not in page.text
    assert "1 result" in text_of(page)


def test_filters_are_links_that_can_be_taken_away(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane", sectors=["blue"]))

    page = client.get("/listings?q=membrane&sector=blue&owner_country=VN&verification=0&trl_min=")

    assert 'href="/listings?q=membrane&amp;owner_country=VN"' in page.text
    assert re.search(r'value="blue"\s+checked', page.text)


def test_what_makes_no_sense_is_said_and_left_out(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane"))

    page = client.get("/listings?owner_country=XX&trl_min=77&page=99999999999&utm_source=mail")

    assert page.status_code == 200
    assert "made no sense" in page.text
    assert "Ceramic membrane" in page.text


def test_a_question_without_answer_says_what_to_loosen_and_offers_to_post_a_need(
    client: Any, make_listing: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice, "Ceramic membrane", sectors=["blue"]))

    page = client.get("/listings?q=membrane&sector=blue&right_kind=software")

    assert "Nothing fits all of this" in page.text
    assert 'href="/needs/new?title=membrane"' in page.text
    assert 'href="/listings?q=membrane&amp;sector=blue"' in page.text


def test_a_mended_typo_is_told(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane"))

    assert "membrane" in client.get("/listings?q=membarne").text


def test_new_texts_are_found_by_words_and_the_page_says_they_are_still_being_read(
    client: Any, make_listing: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice, "Ceramic membrane"), embed_them=False)

    page = client.get("/listings?q=membrane")

    assert "still reading 1 new text" in page.text
    assert "/listings/" in page.text


def test_htmx_gets_the_results_alone(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice))

    part = client.get(
        "/listings?q=water&sort=relevance&trl_min=", headers={"hx-request": "true", "hx-target": "results"}
    )

    assert part.text.lstrip().startswith('<div class="row g-4 results" id="results"')
    assert part.headers["hx-push-url"] == "/listings?q=water"


def test_suggestions_continue_what_is_typed(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(
        make_listing(alice, "Ceramic membrane"), make_listing(alice, "Ceramic <i>tile</i>"), make_listing(alice, "Loom")
    )

    rows = client.get("/listings/suggestions?q=cera").text

    assert rows.count('role="option"') == 2
    assert "<i>" not in rows
    assert client.get("/listings/suggestions?q=%00").status_code == 200


def test_needs_have_the_same_page(client: Any, make_need: Any, index: Any, bob: Any) -> None:
    index(make_need(bob, "Rice dryer"))

    page = client.get("/needs?q=dryer&used_in=TH")

    assert page.status_code == 200
    assert "Rice <mark>dryer</mark>" in page.text


@pytest.mark.parametrize("lang", ["en", "id", "th", "vi"])
def test_the_page_renders_in_every_language(lang: str, client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, green=True, sectors=["blue"], sdgs=[6], trl=5))

    assert client.get(f"/listings?q=water&lang={lang}&verification=1").status_code == 200
    assert client.get(f"/listings?lang={lang}&sort=title").status_code == 200


def test_the_api_answers_hits_facets_and_the_engine(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(
        make_listing(alice, "Ceramic membrane", sectors=["blue"]),
        make_listing(alice, "Membrane two", sectors=["green"]),
    )

    answer = client.get("/api/v1/listings?q=membrane&sector=blue").json()

    assert [hit["title"] for hit in answer["items"]] == ["Ceramic membrane"]
    assert answer["items"][0]["highlights"]["title"] == "Ceramic <mark>membrane</mark>"
    assert {row["value"]: row["count"] for row in answer["facets"]["sector"]} == {"blue": 1, "green": 1}
    assert (answer["engine"], answer["degraded"], answer["total"]) == ("postgres", False, 1)
    assert "organisation_id" not in answer["items"][0]


def test_the_api_walks_all_results_by_cursor(client: Any, make_listing: Any, index: Any, alice: Any) -> None:
    index(*(make_listing(alice, f"Number {n}") for n in range(5)))
    seen: list[str] = []
    cursor = None
    while True:
        answer = client.get("/api/v1/listings", params={"size": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [hit["id"] for hit in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "asked",
    [
        "owner_country=XX",
        "colour=red",
        "trl_min=0",
        "trl_min=8&trl_max=2",
        "sort=best",
        "page=0",
        "page=100000000000000000000",
        "size=51",
        "sector=blue&sector=purple",
        "cursor=nonsense",
        "cursor=W251bGxd",
        "q=" + "x" * 501,
        "territory=ASEANX",
        "verification=9",
        "q=a&q=b",
    ],
)
def test_the_api_refuses_what_it_does_not_know(asked: str, client: Any, db: Session) -> None:
    answer = client.get(f"/api/v1/listings?{asked}")

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["errors"]


def test_the_api_searches_needs(client: Any, make_need: Any, index: Any, bob: Any) -> None:
    index(make_need(bob, "Rice dryer", kind="challenge"))

    answer = client.get("/api/v1/needs?record_kind=challenge&used_in=TH").json()

    assert [(hit["title"], hit["kind"]) for hit in answer["items"]] == [("Rice dryer", "challenge")]


def test_a_question_has_one_address() -> None:
    from backend.search.query import parse

    one, _ = parse("listing", [("sector", "green"), ("q", " water  filter "), ("sector", "blue"), ("page", "1")])
    other, _ = parse("listing", [("q", "water filter"), ("sector", "blue"), ("sector", "green"), ("sort", "relevance")])

    assert one.url("/listings") == other.url("/listings") == "/listings?q=water+filter&sector=blue&sector=green"


def test_staff_see_what_the_index_refused_and_nobody_else_does(
    client: Any, sign_in: Any, db: Session, make_listing: Any, alice: Any, olga: Any
) -> None:
    from backend.core.clock import now
    from backend.search.models import IndexEntry

    listing = make_listing(alice)
    db.add(IndexEntry(index="listings", id=listing.id, quarantined_at=now(), error="invalid_document_fields: too long"))
    db.flush()
    assert client.get("/review/search-index").status_code == 303

    page = sign_in(client, olga).get("/review/search-index")

    assert page.status_code == 200
    assert "invalid_document_fields" in page.text
    assert str(listing.id) in page.text
    assert sign_in(client, alice).get("/review/search-index").status_code == 403
