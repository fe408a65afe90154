"""An embedding server that fails costs a record nothing but its meaning, for a while, and staff see it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.http import post_json
from backend.language import embed
from backend.language import embedder as embedder_module
from backend.language.embed import EmbeddingError, RemoteEmbedder
from backend.language.embedder import start_with_embedder
from backend.matching import service as matching
from backend.matching import vectors
from backend.search import embedding, meaning, projection, unread
from backend.search.models import SearchDocument, UnreadText
from backend.search.query import SearchQuery
from backend.search.service import search
from tests.search.embeddings.server import Standin, serve

SECRET = "sk-very-secret"
FAULTS = {
    "timeout": "timeout", "busy": "busy", "error": "refused", "moved": "refused", "html": "not_json",
    "deep": "not_json", "other form": "not_embeddings", "dimension": "wrong_dimension", "count": "wrong_count",
    "nan": "not_a_number", "words": "not_embeddings",
}  # fmt: skip


@pytest.fixture(scope="session")
def embedding_server() -> Iterator[Standin]:
    state = Standin()
    stop = serve(state)
    yield state
    stop()


@pytest.fixture
def server(embedding_server: Standin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """Padan is set to embed with the stand-in, and gives it a fifth of a second."""
    embedding_server.reset()
    use(embedding_server.url, monkeypatch)
    yield embedding_server
    embedding_server.reset()


def use(url: str, monkeypatch: pytest.MonkeyPatch) -> RemoteEmbedder:
    remote = RemoteEmbedder(url, "bge-small", SECRET, 384, partial(post_json, timeout=0.2))
    for module in (meaning, embedding, projection, embedder_module, vectors):
        monkeypatch.setattr(module, "embedder", lambda: remote)
    monkeypatch.setattr(meaning, "_background", {})
    meaning._vector.cache_clear()
    return remote


def marked(db: Session) -> dict[Any, UnreadText]:
    return {row.id: row for row in db.scalars(select(UnreadText).execution_options(populate_existing=True))}


def make_due(db: Session) -> None:
    db.execute(text("UPDATE unread_text SET retry_at = now() - interval '1 second'"))


def vector_of(db: Session, key: Any) -> object:
    return db.scalar(select(SearchDocument.vector).where(SearchDocument.id == key))


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_whatever_the_server_does_wrong_is_marked_by_its_cause(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any, fault: str, code: str
) -> None:
    listing = make_listing(alice)
    server.fault = fault
    index(listing)
    assert marked(db)[listing.id].error == code
    assert vector_of(db, listing.id) is None


def test_a_server_that_refuses_connections_is_marked(
    db: Session, alice: Any, make_listing: Any, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("http://user:hunter2@127.0.0.1:1", monkeypatch)
    listing = make_listing(alice)
    index(listing)
    assert marked(db)[listing.id].error == "unreachable"


def test_no_address_password_or_key_is_kept(
    db: Session, alice: Any, make_listing: Any, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("http://user:hunter2@127.0.0.1:1", monkeypatch)
    index(make_listing(alice))
    assert not [row.detail for row in marked(db).values() if "hunter2" in row.detail or "127.0.0.1" in row.detail]
    assert unread._detail(EmbeddingError("failed at http://u:p@h/ with k@x")) == "failed at with"


def test_a_listing_that_is_not_read_is_found_by_its_words(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    listing = make_listing(alice, "Water filter of rice husk")
    server.fault = "error"
    index(listing)
    assert [hit.id for hit in search(db, SearchQuery(kind="listing", q="husk")).hits] == [listing.id]


def test_what_failed_is_put_off_and_not_asked_again_before_its_time(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    server.fault = "error"
    index(make_listing(alice))
    asked = len(server.asked)
    assert embedding.embed_batch(db) == 0
    assert len(server.asked) == asked


def test_the_wait_doubles_with_each_try(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    listing = make_listing(alice)
    server.fault = "error"
    index(listing)
    waits = []
    for _ in range(10):
        make_due(db)
        embedding.embed_batch(db)
        row = marked(db)[listing.id]
        waits.append(round((row.retry_at - row.tried_at).total_seconds()))
    assert waits[:3] == [60, 120, 240]
    assert waits[-1] == 3600
    assert row.tries == 11


def test_a_server_that_asks_for_two_minutes_gets_them(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    server.fault = "busy"
    listing = make_listing(alice)
    index(listing)
    row = marked(db)[listing.id]
    assert row.retry_at - row.tried_at == timedelta(seconds=120)


def test_what_was_put_off_is_read_when_the_server_is_well_again(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    listing = make_listing(alice)
    server.fault = "error"
    index(listing)
    server.fault = ""
    make_due(db)
    embedding.embed_batch(db)
    assert vector_of(db, listing.id) is not None
    assert not marked(db)


def test_one_text_that_cannot_be_read_holds_up_no_other(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    listings = [make_listing(alice, f"Filter number {n}") for n in range(9)]
    bad = make_listing(alice, "Filter POISON")
    server.poison = "POISON"
    index(*listings, bad)
    assert set(marked(db)) == {bad.id}
    assert all(vector_of(db, one.id) is not None for one in listings)


def test_a_server_that_answers_nonsense_to_all_is_soon_left_alone(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    server.fault = "nan"
    index(*[make_listing(alice, f"Filter number {n}") for n in range(32)], embed_them=False)
    embedding.embed_batch(db)
    assert len(server.asked) <= embedding.MOST_CALLS + 1


def test_the_first_success_makes_all_that_waited_for_the_server_due(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    first, second = make_listing(alice), make_listing(alice, "Another")
    server.fault = "error"
    index(first, second)
    server.fault = ""
    db.execute(text("UPDATE unread_text SET retry_at = now() WHERE id = :id"), {"id": first.id})
    embedding.embed_batch(db)
    embedding.embed_batch(db)
    assert vector_of(db, second.id) is not None


def test_the_job_is_waiting_for_the_next_try_after_a_failure(
    db: Session, server: Standin, alice: Any, make_listing: Any, index: Any
) -> None:
    index(make_listing(alice), embed_them=False)
    db.execute(text("DELETE FROM procrastinate_jobs"))
    server.fault = "error"
    embedding.embed_pending(db)
    later = text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'search.embed_pending'")
    assert [at > now() for at in db.scalars(later)] == [True]


def test_the_same_text_is_read_once(db: Session, server: Standin, alice: Any, make_listing: Any, index: Any) -> None:
    index(make_listing(alice, "Same", summary="s"), make_listing(alice, "Same", summary="s"))
    index(make_listing(alice, "Same", summary="s"))
    assert sum(len(texts) for texts in server.asked) == 1


def test_a_need_whose_text_cannot_be_read_is_matched_by_words_and_marked(
    db: Session, server: Standin, bob: Any, make_need: Any
) -> None:
    server.fault = "error"
    need = make_need(bob, state="draft")
    matching.match_need(db, need)
    assert marked(db)[need.id].kind == "need"


def test_a_search_does_not_wait_again_for_a_server_that_just_failed(server: Standin, db: Session) -> None:
    server.fault = "error"
    for q in ("water", "rice", "solar"):
        assert meaning.meaning_of(db, q) is None
    assert len(server.asked) == 1


def test_padan_starts_although_the_server_does_not_answer(server: Standin) -> None:
    server.fault = "error"
    start_with_embedder()


def test_padan_does_not_start_with_a_model_of_another_dimension(server: Standin) -> None:
    server.fault = "dimension"
    with pytest.raises(embed.WrongDimension):
        start_with_embedder()


# For staff and owners ------------------------------------------------------------------------------------------------


@pytest.fixture
def troubled(server: Standin, alice: Any, make_listing: Any, index: Callable[..., None]) -> Any:
    listing = make_listing(alice, "Husk filter")
    server.fault = "busy"
    index(listing)
    return listing


def test_staff_see_what_waits_and_why(client: Any, sign_in: Any, olga: Any, troubled: Any) -> None:
    page = sign_in(client, olga).get("/review/reading").text
    assert "Husk filter" in page
    assert "busy and asked us to wait" in page
    assert "HTTP 429" in page
    assert SECRET not in page


def test_nobody_else_sees_it(client: Any, sign_in: Any, alice: Any) -> None:
    assert sign_in(client, alice).get("/review/reading").status_code == 403


def test_staff_may_have_it_tried_now(
    client: Any, sign_in: Any, submit: Any, olga: Any, troubled: Any, server: Standin, db: Session, run_jobs: Any
) -> None:
    server.fault = ""
    sign_in(client, olga).get("/review/reading")
    assert submit(client, "/review/reading/tries").status_code == 303
    run_jobs()
    assert vector_of(db, troubled.id) is not None


def test_the_owner_sees_that_it_is_still_being_read(client: Any, sign_in: Any, alice: Any, troubled: Any) -> None:
    assert "Still being read" in sign_in(client, alice).get(f"/listings/{troubled.id}").text


def test_others_are_not_told(client: Any, troubled: Any) -> None:
    assert "Still being read" not in client.get(f"/listings/{troubled.id}").text


def test_a_mark_of_a_record_that_is_gone_is_swept(db: Session, troubled: Any) -> None:
    db.execute(text("DELETE FROM search_document"))
    unread.sweep(db)
    assert not marked(db)
