"""What of a record is embedded, by which model, and what happens when the model misbehaves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.language.embed import (
    DIMENSION,
    PASSAGE_WINDOW,
    EmbeddingError,
    LocalEmbedder,
    RemoteEmbedder,
    Vectors,
    WrongDimension,
    content_hash,
    passage_text,
    query_text,
)
from backend.language.embedder import check_dimension, embed_texts

anything = st.text(alphabet=st.characters(exclude_categories=[]), max_size=900)


@pytest.fixture(scope="module")
def local() -> LocalEmbedder:
    return LocalEmbedder()


class Server:
    """Answers as an embedding server would, and remembers what it was asked."""

    def __init__(self, vectors: Any = None) -> None:
        self.vectors = vectors
        self.asked: list[list[str]] = []

    def __call__(self, url: str, body: dict[str, Any], *, headers: dict[str, str]) -> Any:
        self.url, self.headers = url, headers
        self.asked.append(body["input"])
        vectors = self.vectors or [[1.0] + [0.0] * (DIMENSION - 1) for _ in body["input"]]
        rows = [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]
        return {"data": rows[::-1]}


def remote(server: Any, model: str = "bge-small") -> RemoteEmbedder:
    return RemoteEmbedder("http://embeddings.test", model, "key", DIMENSION, server, batch=2)


def test_a_need_in_thai_is_nearer_to_its_answer_than_to_another(local: LocalEmbedder) -> None:
    need = local.query(["ต้องการเครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์"])[0]
    near, far = local.passage(["Solar dryer for paddy rice", "Trade mark for a brand of fruit juice"])
    assert need @ near > need @ far


def test_vectors_have_unit_length(local: LocalEmbedder) -> None:
    found = local.passage(["water", "", "\x00", "\ud800"])
    assert found.shape == (4, DIMENSION)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_many_texts_come_back_in_order(local: LocalEmbedder) -> None:
    texts = ["a long text about drying rice with the sun", "dye", "filter for water"]
    done: list[int] = []
    found = embed_texts(texts, using=local, batch=2, progress=done.append)
    assert np.allclose(found[1], local.passage(["dye"])[0], atol=1e-4)
    assert done == [2, 3]


@given(anything, anything)
def test_what_is_embedded_is_short_and_clean(title: str, body: str) -> None:
    text = passage_text(title, body)
    assert len(text) <= PASSAGE_WINDOW
    text.encode("utf-8")
    assert "\x00" not in text


def test_a_summary_cut_from_the_description_is_read_once() -> None:
    assert passage_text("Dryer", "Dries paddy with…", "Dries paddy with the sun.") == "Dryer\nDries paddy with the sun."


def test_a_change_beyond_the_window_changes_nothing() -> None:
    assert query_text("T", "word " * 100) == query_text("T", "word " * 100 + "other")


def test_the_hash_tells_model_role_and_text_apart() -> None:
    hashes = {
        content_hash("a", "text"),
        content_hash("b", "text"),
        content_hash("a", "text", "query"),
        content_hash("a", "other"),
    }
    assert len(hashes) == 4


def test_a_server_is_asked_in_batches_and_sorted_by_index() -> None:
    server = Server()
    assert remote(server).passage(["a", "b", "c"]).shape == (3, DIMENSION)
    assert server.asked == [["a", "b"], ["c"]]
    assert server.url == "http://embeddings.test/v1/embeddings"
    assert server.headers == {"Authorization": "Bearer key"}


def test_only_a_model_of_the_e5_family_gets_its_prefixes() -> None:
    server = Server()
    remote(server, "intfloat/multilingual-e5-small").query(["a"])
    remote(server, "bge-small").query(["a"])
    assert server.asked == [["query: a"], ["a"]]


def test_another_dimension_is_named() -> None:
    with pytest.raises(WrongDimension, match="768"):
        check_dimension(remote(Server([[0.1] * 768])))


@pytest.mark.parametrize(
    "vectors", [[[float("nan")] * DIMENSION], [[0.0] * DIMENSION], [], [[1.0] * DIMENSION] * 2, ["x"]]
)
def test_a_useless_answer_is_an_error(vectors: Any) -> None:
    class Answer(Server):
        def __call__(self, url: str, body: dict[str, Any], *, headers: dict[str, str]) -> Any:
            return {"data": [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]}

    with pytest.raises(EmbeddingError):
        remote(Answer()).query(["a"])


def test_a_server_that_fails_is_an_error_of_the_embedder() -> None:
    def fails(url: str, body: Any, *, headers: Any) -> Any:
        raise TimeoutError("too slow")

    with pytest.raises(EmbeddingError, match="too slow"):
        remote(fails).query(["a"])


def test_a_model_of_another_dimension_is_refused_at_start() -> None:
    class Wide:
        model_id = "wide"
        dimension = 768

        def query(self, texts: Sequence[str]) -> Vectors:
            return np.ones((len(texts), 768), dtype=np.float32)

        passage = query

    with pytest.raises(WrongDimension):
        check_dimension(Wide())
