"""What any engine must do: run against PostgreSQL and the stand-in always, against a real server when there is one."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.search import meilisearch, service
from backend.search.query import SearchQuery, parse

Ask = Callable[..., service.Found]


@pytest.fixture(params=["postgres", "meilisearch"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(engine_name: str, db: Session, request: pytest.FixtureRequest) -> Ask:
    """`ask("water", owner_country="VN")`; the outside index is built from what is projected at the first question."""
    build = request.getfixturevalue("build") if engine_name == "meilisearch" else lambda: None
    built: list[bool] = []

    def run(q: str = "", kind: Any = "listing", **filters: Any) -> service.Found:
        if not built:
            build()
            built.append(True)
        pairs = [("q", q)]
        for name, values in filters.items():
            pairs += [(name, str(value)) for value in (values if isinstance(values, list) else [values])]
        query, problems = parse(kind, pairs)
        assert not problems
        found = service.search(db, query)
        assert found.results.engine == engine_name
        return found

    return run


def titles(found: service.Found) -> list[str]:
    return [hit.document.title for hit in found.hits]


def test_words_find_what_holds_them(ask: Ask, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane"), make_listing(alice, "Bamboo loom"))

    assert titles(ask("membrane")) == ["Ceramic membrane"]


def test_a_question_in_one_language_finds_a_listing_in_another(
    ask: Ask, make_listing: Any, index: Any, alice: Any
) -> None:
    index(
        make_listing(alice, "lọc nước", summary="", description="", language="vi"), make_listing(alice, "Bamboo loom")
    )

    assert titles(ask("pansala tubig")) == ["lọc nước"]


@pytest.mark.parametrize("typed", ["membarne", "membran", "menbrane", "membrrane"])
def test_typos_are_forgiven(typed: str, ask: Ask, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane"), make_listing(alice, "Bamboo loom"))

    assert "Ceramic membrane" in titles(ask(typed))


def test_nonsense_finds_nothing(ask: Ask, make_listing: Any, index: Any, alice: Any) -> None:
    index(make_listing(alice, "Ceramic membrane"), make_listing(alice, "Bamboo loom"))

    assert ask("qqxzv wqzzk").total == 0


@pytest.mark.parametrize(
    ("text", "asked"),
    [("เครื่องกรองน้ำเซรามิก", "เซรามิก"), ("ເຄື່ອງກອງນ້ຳ", "ເຄື່ອງ"), ("ម៉ាស៊ីនច្រោះទឹក", "ទឹក"), ("ရေစစ်စက်", "စက်")],
)
def test_scripts_without_spaces_are_found_by_a_word_inside(
    text: str, asked: str, ask: Ask, make_listing: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice, text, language="th", summary="", description=""), embed_them=False)

    assert titles(ask(asked)) == [text]


FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"right_kind": "trade_mark"}, {"kind": "trade_mark"}),
    ({"territory": "KH"}, {"rights": [{"office": "KH", "kind": "patent", "status": "granted"}]}),
    ({"deal_type": "assignment"}, {"deal_types": ["assignment"]}),
    ({"exclusivity": "exclusive"}, {"deal_types": ["exclusive_licence"]}),
    ({"sector": "blue"}, {"sectors": ["blue"]}),
    ({"sdg": "14"}, {"sdgs": [14]}),
    ({"trl_min": "7"}, {"trl": 8}),
    ({"trl_max": "2"}, {"trl": 2}),
    ({"trl_min": "4", "trl_max": "6"}, {"trl": 5}),
    ({"ipc": "H"}, {"rights": [{"office": "LA", "kind": "patent", "status": "pending", "ipc": ["H01L31/04"]}]}),
    ({"ipc": "H01"}, {"rights": [{"office": "LA", "kind": "patent", "status": "pending", "ipc": ["H01L31/04"]}]}),
    ({"nice": "30"}, {"rights": [{"office": "LA", "kind": "trade_mark", "status": "granted", "nice": [30]}]}),
    ({"green": "yes"}, {"green": True}),
    ({"posted_terms": "yes"}, {"terms": {"exclusivity": "sole"}, "terms_visibility": "public"}),
    ({"language": "th"}, {"language": "th"}),
]


@pytest.mark.parametrize(
    ("asked", "held"), FILTERS, ids=["-".join(f"{k}={v}" for k, v in a.items()) for a, _h in FILTERS]
)
def test_each_filter_keeps_what_holds_it_and_counts_it(
    asked: dict[str, Any], held: dict[str, Any], ask: Ask, make_listing: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice, "The one", **held), make_listing(alice, "Another"), embed_them=False)

    found = ask("", **asked)

    assert titles(found) == ["The one"]
    (name, value), *_rest = asked.items()
    if name in found.results.facets:
        assert (value, 1) in found.results.facets[name]


def test_owner_country_and_verification_filter_by_the_owner(
    ask: Ask, make_listing: Any, index: Any, alice: Any, bob: Any, db: Session
) -> None:
    from backend.core.clock import today

    bob.organisation.verification_level, bob.organisation.verified_on = 3, today()
    index(make_listing(alice, "From Viet Nam"), make_listing(bob, "From Thailand"), embed_them=False)

    assert titles(ask("", owner_country="TH")) == ["From Thailand"]
    assert titles(ask("", verification="2")) == ["From Thailand"]
    assert ask("", verification="4").total == 0


def test_values_of_one_filter_are_alternatives_and_its_counts_ignore_it(
    ask: Ask, make_listing: Any, index: Any, alice: Any, bob: Any, tita: Any
) -> None:
    index(
        *(make_listing(who, f"From {who.organisation.country}", sectors=["blue"]) for who in (alice, bob, tita)),
        embed_them=False,
    )

    found = ask("", owner_country=["VN", "TH"], sector="blue")

    assert sorted(titles(found)) == ["From TH", "From VN"]
    assert found.results.facets["owner_country"] == [("PH", 1), ("TH", 1), ("VN", 1)]
    assert found.results.facets["sector"] == [("blue", 2)]


def test_orders_are_kept(ask: Ask, make_listing: Any, index: Any, alice: Any) -> None:
    from datetime import timedelta

    from backend.core.clock import now

    index(
        make_listing(alice, "Beta", published_at=now() - timedelta(days=1), expires_at=now() + timedelta(days=90)),
        make_listing(alice, "alpha", published_at=now() - timedelta(days=2), expires_at=now() + timedelta(days=5)),
        embed_them=False,
    )

    assert titles(ask("", sort="newest")) == ["Beta", "alpha"]
    assert titles(ask("", sort="expiring")) == ["alpha", "Beta"]
    assert titles(ask("", sort="title")) == ["alpha", "Beta"]


def test_pages_follow_each_other_without_gap_or_repeat(ask: Ask, make_listing: Any, index: Any, alice: Any) -> None:
    index(*(make_listing(alice, f"Number {n}") for n in range(7)), embed_them=False)

    pages = [titles(ask("", size=3, page=page)) for page in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({title for page in pages for title in page}) == 7


def test_what_has_expired_is_not_found_even_before_its_state_changes(
    ask: Ask, make_listing: Any, index: Any, alice: Any
) -> None:
    from datetime import timedelta

    from backend.core.clock import now

    index(
        make_listing(alice, "Over", expires_at=now() - timedelta(minutes=1)),
        make_listing(alice, "Open"),
        embed_them=False,
    )

    assert titles(ask()) == ["Open"]


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        '" OR owner_country = "VN',
        "\\",
        "'); DROP TABLE search_document; --",
        "_geoRadius(1,2,3)",
        "((((",
        "a & | ! b",
        "\x00",
        "\ud800",
        "%",
        "*:*",
        "-water",
        "x" * 5000,
        "word " * 10_000,
        "🌊" * 300,
        "<->",
        "NaN",
        "'''''",
        "\u200b\u202e",
    ],
)
def test_no_text_is_syntax_and_none_breaks_the_search(
    text: str, ask: Ask, make_listing: Any, index: Any, alice: Any, db: Session
) -> None:
    index(make_listing(alice, "Bamboo loom"), embed_them=False)
    ask("")
    query, _problems = parse("listing", [("q", text), ("owner_country", "TH")])

    found = service.search(db, query)

    assert not found.hits


def test_needs_are_searched_as_listings_are(ask: Ask, make_need: Any, index: Any, bob: Any) -> None:
    index(make_need(bob, "Rice dryer", kind="challenge"), make_need(bob, "Boat paint"), embed_them=False)

    found = ask("dryer", "need", record_kind="challenge", used_in="TH")

    assert titles(found) == ["Rice dryer"]


@pytest.mark.live
def test_a_real_server_takes_our_settings_and_our_filters() -> None:
    import os

    url = os.environ.get("LIVE_MEILI_URL")
    if not url:
        pytest.skip("LIVE_MEILI_URL is not set")
    meili = meilisearch.Meili(url, os.environ.get("LIVE_MEILI_KEY", ""), 2.0)
    for kind in ("listing", "need"):
        name = f"padan_check_{kind}"
        meili.outcome(meili.drop(name))
        assert meili.outcome(meili.create(name)).succeeded
        assert meili.outcome(meili.configure(name, meilisearch.config(kind))).succeeded  # type: ignore[arg-type]
        asked = meilisearch.MeiliEngine(meili)._asked(
            SearchQuery(kind=kind), {"sector": frozenset({"blue"})}, ["sector"], "ms"
        )  # type: ignore[arg-type]
        assert meili.multi_search([asked | {"indexUid": name}])[0]["totalHits"] == 0
        meili.outcome(meili.drop(name))
