"""Vectors that do not tell the language of their text, and the words by which languages meet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.language import neutral
from backend.language.embed import DIMENSION, LocalEmbedder
from backend.language.embedder import NeutralEmbedder, embedder
from backend.language.lexicon import LANGUAGES, concepts, english, names_in_english

AXES = np.eye(4, dtype=np.float32)[:2]


class Fixed:
    """A model that knows three texts of four numbers."""

    model_id, dimension = "fixed", 4

    def query(self, texts: object) -> np.ndarray:
        return np.array([[0.6, 0.0, 0.8, 0.0]], dtype=np.float32)

    passage = query


@given(arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=32)))
def test_what_is_left_has_nothing_of_the_directions_and_unit_length(vectors: np.ndarray) -> None:
    left = neutral.taken_out(AXES, vectors)
    assert np.abs(left @ AXES.T).max() < 1e-5
    long_enough = np.linalg.norm(vectors[:, 2:], axis=1) > 1e-3
    assert np.linalg.norm(left, axis=1)[long_enough] == pytest.approx(1.0, abs=1e-4)


def test_a_model_with_other_directions_has_another_name_so_its_vectors_are_never_compared() -> None:
    plain = Fixed()
    names = {NeutralEmbedder(plain, one).model_id for one in (None, AXES, AXES[:1])}
    assert len(names) == 3
    assert NeutralEmbedder(plain, None).model_id == plain.model_id


def test_a_model_without_directions_is_used_as_it_is() -> None:
    assert NeutralEmbedder(Fixed(), None).query(["a"]) == pytest.approx(Fixed().query(["a"]))
    assert neutral.shipped("some-other-model", DIMENSION) is None


def test_directions_of_another_dimension_are_not_taken() -> None:
    assert neutral.shipped(LocalEmbedder.model_id, DIMENSION + 1) is None


def test_shipped_directions_stand_at_right_angles() -> None:
    found = neutral.shipped(LocalEmbedder.model_id, DIMENSION)
    assert found is not None
    assert found @ found.T == pytest.approx(np.eye(neutral.TAKEN_OUT), abs=1e-4)


def test_the_same_meaning_in_another_language_is_nearer_than_another_meaning_in_the_same() -> None:
    asked = embedder().query(["ต้องการเครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์"])[0]
    same, other = embedder().passage(["A solar dryer for paddy rice", "ซอฟต์แวร์จัดการห้องสมุดโรงเรียน"])
    assert asked @ same > asked @ other


@pytest.mark.parametrize(
    ("language", "text", "means"),
    [
        ("id", "pengolahan air limbah", "wastewater"), ("ms", "air sisa", "wastewater"), ("fil", "palay", "paddy"),
        ("vi", "lúa", "rice"), ("th", "ข้าวเปลือก", "paddy"), ("lo", "ເຂົ້າ", "rice"), ("km", "ស្រូវ", "rice"),
        ("my", "စပါး", "paddy"), ("ta", "நெல்", "paddy"), ("zh", "稻谷", "paddy"), ("pt", "arroz", "rice"),
    ],
)  # fmt: skip
def test_each_list_leads_to_english(language: str, text: str, means: str) -> None:
    assert means in english(text, language)


def test_every_list_is_held_to_the_languages_that_have_one() -> None:
    assert english("rice", "en") == []
    assert names_in_english("rice", "xx") == {}
    assert len(LANGUAGES) == len(set(LANGUAGES)) == 11


def test_a_phrase_means_another_thing_than_its_words() -> None:
    (one,) = concepts("air limbah", "id")
    assert one.native == ("air", "limbah")
    assert "wastewater" in one.english
    assert names_in_english("air limbah", "id")["air"] == one.english


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_read_without_a_fault(text: str, language: str) -> None:
    for concept in concepts(text, language):
        assert concept.native or concept.english
