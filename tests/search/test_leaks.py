"""What must never be found: private texts carry a canary, and no canary may reach a projection, index or answer."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.search import service
from backend.search.models import SearchDocument
from tests.search.meili.server import Standin


def everything(db: Session, standin: Standin | None = None) -> str:
    rows = db.execute(text("SELECT row_to_json(d)::text FROM search_document d")).scalars().all()
    sent = [repr(body) for _method, _path, body in standin.requests] if standin else []
    return "\n".join([*rows, *sent])


@pytest.mark.parametrize(
    "state", ["draft", "submitted", "in_review", "returned", "on_hold", "expired", "archived", "withdrawn"]
)
def test_only_published_records_are_projected(
    state: str,
    db: Session,
    standin: Standin,
    build: Callable[[], None],
    make_listing: Any,
    make_need: Any,
    index: Any,
    alice: Any,
) -> None:
    index(make_listing(alice, "Canary7261", state=state), make_need(alice, "Canary7261", state=state))
    build()

    assert "anary7261" not in everything(db, standin)


def test_terms_shown_to_some_only_reach_no_index(
    db: Session, standin: Standin, build: Callable[[], None], make_listing: Any, index: Any, alice: Any
) -> None:
    terms = {
        "exclusivity": "sole",
        "upfront_fee": {"amount_minor": 987654321, "currency": "VND"},
        "field_of_use": "canary",
    }
    index(
        *(
            make_listing(alice, visibility, terms=terms, terms_visibility=visibility)
            for visibility in ("registered", "on_request")
        )
    )
    build()

    assert "987654321" not in everything(db, standin)
    assert "canary" not in everything(db, standin)
    assert all(
        row.exclusivity == ["non_exclusive"] and not row.posted_terms for row in db.scalars(select(SearchDocument))
    )


def test_public_terms_show_that_they_exist_and_their_exclusivity_only(
    db: Session, make_listing: Any, index: Any, alice: Any
) -> None:
    terms = {"exclusivity": "sole", "upfront_fee": {"amount_minor": 987654321, "currency": "VND"}}
    index(make_listing(alice, terms=terms, terms_visibility="public"))

    row = db.scalars(select(SearchDocument)).one()

    assert (row.posted_terms, row.exclusivity) == (True, ["non_exclusive", "sole"])
    assert "987654321" not in everything(db)


def test_an_anonymous_owner_is_named_nowhere(
    db: Session, standin: Standin, build: Callable[[], None], make_listing: Any, index: Any, alice: Any
) -> None:
    alice.organisation.name = "Canary Foundry 55"
    rights = [
        {
            "office": "VN",
            "kind": "patent",
            "status": "granted",
            "owners": ["Canary Foundry 55"],
            "publication_number": "VN 1-2021-05555 A",
        }
    ]
    index(make_listing(alice, "A quiet listing", anonymous=True, rights=rights))
    build()

    found = everything(db, standin).lower()

    assert "canary" not in found
    assert "05555" not in found


def test_a_withdrawn_listing_leaves_results_before_the_index_knows(
    db: Session, standin: Standin, build: Callable[[], None], make_listing: Any, index: Any, alice: Any
) -> None:
    listing = make_listing(alice, "Bamboo loom")
    index(listing)
    build()
    listing.state = "withdrawn"
    index(listing)

    found = service.search(db, service.SearchQuery(q="bamboo"))

    assert found.results.engine == "meilisearch"
    assert found.hits == []


def test_a_changed_text_changes_the_document_and_an_untouched_one_is_left_alone(
    db: Session, make_listing: Any, index: Any, alice: Any
) -> None:
    listing = make_listing(alice, "Bamboo loom")
    index(listing)
    before = db.scalars(select(SearchDocument.content_hash)).one()
    index(listing)
    same = db.scalars(select(SearchDocument.content_hash)).one()
    listing.title = "Bamboo loom with two shafts"
    index(listing)
    after = db.scalars(select(SearchDocument.content_hash)).one()

    assert before == same != after


def test_no_text_is_embedded_twice(db: Session, make_listing: Any, index: Any, alice: Any, embedder: Any) -> None:
    listing = make_listing(alice, "Bamboo loom")
    index(listing)
    read = len(embedder.read)
    listing.trl = 7
    index(listing)
    listing.state = "on_hold"
    index(listing)
    listing.state = "published"
    index(listing)

    assert len(embedder.read) == read
    assert db.scalars(select(SearchDocument.vector)).one() is not None


def test_an_owner_renamed_or_verified_changes_all_their_documents(
    db: Session, make_listing: Any, make_need: Any, index: Any, alice: Any
) -> None:
    index(make_listing(alice), make_need(alice))
    alice.organisation.name = "Alice Green Works"
    service.sync_organisation(db, alice.organisation.id)

    assert set(db.scalars(select(SearchDocument.owner_name))) == {"Alice Green Works"}


def test_reconciling_mends_whatever_drifted(db: Session, make_listing: Any, index: Any, alice: Any) -> None:
    kept, gone, missed = make_listing(alice, "Kept"), make_listing(alice, "Gone"), make_listing(alice, "Missed")
    index(kept, gone)
    gone.state = "withdrawn"
    db.execute(text("UPDATE search_document SET title = 'Spoilt', content_hash = '' WHERE id = :id"), {"id": kept.id})
    db.flush()

    service.reconcile(db)

    assert sorted(db.scalars(select(SearchDocument.title))) == ["Kept", "Missed"]
    assert missed.state == "published"
