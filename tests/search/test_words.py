"""The pure parts: words as stored, typos, marks, and the real embedder once across languages."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.ip.vocabularies import VOCABULARIES
from backend.language.embedder import embed_texts
from backend.language.embedder import embedder as real_embedder
from backend.search import counting, embedding, meaning, postgres, projection, service
from backend.search.facets import FACETS, facets_of
from backend.search.highlight import marked
from backend.search.labels import facet_label, value_label
from backend.search.lexemes import compact_number, query_words, vector_literal
from backend.search.models import SearchDocument
from backend.search.query import SearchQuery
from backend.search.typos import distance, meant


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("form", "from", 1), ("watr", "water", 1), ("a", "a", 0), ("solar", "sonar", 1), ("abc", "xyz", None)],
)
def test_slips_are_counted_with_swaps_as_one(one: str, other: str, slips: int | None) -> None:
    assert distance(one, other, 2) == slips


def test_the_likeliest_word_is_meant_and_nothing_when_none_is_near() -> None:
    assert meant("membarne", ["member", "membrane", "membrane"]) == "membrane"
    assert meant("tubig", ["tube", "tubing", "public"]) is None or meant("tubig", ["tubing"]) == "tubing"
    assert meant("xqzv", ["water"]) is None


@given(st.text(max_size=200), st.text(max_size=20))
def test_marking_never_lets_markup_through(shown: str, asked: str) -> None:
    result = marked(shown, query_words(asked))

    assert isinstance(result, Markup)
    bare = str(result).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert Markup(bare).unescape() == shown


@given(st.text(max_size=300))
def test_any_text_makes_a_tsvector_that_postgres_reads(db_words: Any, written: str) -> None:
    db_words(vector_literal([("A", written), ("C", written)]))


@pytest.fixture(scope="module")
def db_words(test_engine: Any) -> Any:
    with test_engine.connect() as connection:
        yield lambda literal: connection.execute(text("SELECT CAST(:v AS tsvector)"), {"v": literal}).scalar()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("VN 1-2021-00123", "vn1202100123"),
        ("US 2019/0123456 A1", "us20190123456a1"),
        ("water 5", None),
        ("solar", None),
    ],
)
def test_register_numbers_are_compared_without_their_marks(typed: str, kept: str | None) -> None:
    assert compact_number(typed) == kept


def test_a_listing_is_found_by_its_register_number_however_it_is_written(
    db: Session, make_listing: Any, index: Any, alice: Any
) -> None:
    rights = [{"office": "VN", "kind": "patent", "status": "granted", "publication_number": "VN 1-2021-00123 A"}]
    index(make_listing(alice, "The one", rights=rights), make_listing(alice, "Another"))

    for typed in ("VN1202100123A", "vn 1-2021-00123-A", "1-2021-00123 A"):
        found = service.search(db, SearchQuery(q=typed))
        assert [hit.document.title for hit in found.hits] == ["The one"], typed


@given(
    st.lists(st.lists(st.integers(1, 40), max_size=6, unique=True), max_size=30),
    st.sets(st.integers(1, 40), max_size=4),
)
def test_counts_are_what_counting_by_hand_gives(rows: list[list[int]], wanted: set[int]) -> None:
    names = list(FACETS)
    tags = {code: f"{names[code % 3]}:{code}" for code in range(1, 41)}
    flat = [code for row in rows for code in row]
    n = len(rows)
    table = counting.Table(
        np.arange(2 * n, dtype=np.uint64).reshape(-1, 2),
        np.array(flat, dtype=np.uint16),
        np.array([len(row) for row in rows], dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
    )
    groups: dict[str, list[int]] = {}
    for code in wanted:
        groups.setdefault(names[code % 3], []).append(code)
    masks = counting.filtered(table, groups)
    counts = counting.count(table, np.ones(n, dtype=bool), masks, tags)

    for name in names[:3]:
        expected: dict[str, int] = {}
        for row in rows:
            if all(set(row) & set(codes) for other, codes in groups.items() if other != name):
                for code in row:
                    if names[code % 3] == name:
                        expected[str(code)] = expected.get(str(code), 0) + 1
        assert dict(counts.get(name, [])) == expected


def test_every_facet_value_has_words() -> None:
    for kind in ("listing", "need"):
        for facet in facets_of(kind):
            assert facet_label(facet.name, kind)
            for value in sorted(facet.values())[:300]:
                assert value_label(facet.name, value)
    assert VOCABULARIES


def test_the_newest_is_embedded_first_and_progress_is_told(
    db: Session, make_listing: Any, index: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = make_listing(alice, "New"), make_listing(alice, "Old")
    index(old, new, embed_them=False)

    embedding.embed_batch(db, 1)

    assert embedding.embedding_progress(db) == (1, 2)
    assert db.scalars(select(SearchDocument.title).where(SearchDocument.vector.is_not(None))).one() == "New"


def test_a_filipino_question_finds_a_vietnamese_listing_with_the_real_embedder(
    db: Session, make_listing: Any, index: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = real_embedder()
    for module in (meaning, embedding, projection):
        monkeypatch.setattr(module, "embedder", lambda: own)
    monkeypatch.setattr(embedding, "embed_texts", lambda texts, role: embed_texts(texts, role, using=own))
    index(
        make_listing(
            alice,
            "Thiết bị lọc nước nhiễm mặn thành nước uống bằng năng lượng mặt trời",
            summary="",
            description="",
            language="vi",
        ),
        make_listing(alice, "Phần mềm quản lý thư viện trường học", summary="", description="", language="vi"),
        make_listing(alice, "Máy sấy cá bằng năng lượng mặt trời", summary="", description="", language="vi"),
        make_listing(alice, "Giống hoa lan kháng bệnh", summary="", description="", language="vi"),
    )

    for asked, wanted in {
        "paglilinis ng tubig": "Thiết bị lọc nước",  # Filipino
        "patuyuan ng isda gamit ang araw": "Máy sấy cá",
        "pengering surya untuk ikan": "Máy sấy cá",
        "เครื่องกรองน้ำดื่ม": "Thiết bị lọc nước",
    }.items():
        found = service.search(db, SearchQuery(q=asked))
        assert found.hits[0].document.title.startswith(wanted), asked
    assert service.search(db, SearchQuery(q="qwzx vbnk")).total == 0


def test_a_question_in_a_known_language_is_shown_what_comes_nearest(
    db: Session, make_listing: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice, "Bamboo loom"))

    found = service.search(db, SearchQuery(q="mga bagay na walang katulad"))

    assert (found.total, found.distant) == (1, True)


@pytest.mark.parametrize(
    ("asked", "locale"),
    [("pengering padi", "id"), ("rice dryer", "en"), ("เครื่องอบข้าวเปลือก", "en"), ("panunuyo ng palay", "fil")],
)
def test_words_of_two_languages_meet_without_any_vector(
    db: Session, make_listing: Any, index: Any, alice: Any, monkeypatch: pytest.MonkeyPatch, asked: str, locale: str
) -> None:
    monkeypatch.setattr(postgres, "meaning_of", lambda _session, _text: None)
    dryer = make_listing(alice, "Máy sấy lúa", summary="", description="", language="vi")
    index(dryer, make_listing(alice, "Giống hoa lan kháng bệnh", summary="", description="", language="vi"))
    found = service.search(db, SearchQuery(q=asked), locale)
    assert [hit.document.id for hit in found.hits] == [dryer.id]
